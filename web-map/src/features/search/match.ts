/** Letters and digits only, small, so that "вул. Галицька" is found by "галицька". */
export const plain = (text: string) =>
  text
    .toLocaleLowerCase('uk')
    .replace(/[’'ʼ`]/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/** Every word of the question begins a word of the text. Lower is better; `undefined` is no match. */
export function rankOf(question: string, ...texts: (string | undefined)[]): number | undefined {
  const asked = plain(question).split(' ').filter(Boolean);
  if (!asked.length) return undefined;
  let best: number | undefined;
  for (const text of texts) {
    const words = plain(text ?? '').split(' ');
    const places = asked.map((part) => words.findIndex((word) => word.startsWith(part)));
    if (places.includes(-1)) continue;
    const exact = words.join(' ') === asked.join(' ') ? -1 : 0;
    const rank = exact + places.reduce((sum, place) => sum + place, 0);
    if (best === undefined || rank < best) best = rank;
  }
  return best;
}
