import { readings, spelled } from './spelling.ts';

/** A reading with the other keyboard layout comes behind every one as written. */
const OTHER_LAYOUT = 1000;

/** Names are few and asked for at every letter typed. */
const wordsOf = new Map<string, string[]>();
function words(text: string): string[] {
  let known = wordsOf.get(text);
  if (!known) wordsOf.set(text, (known = spelled(text).split(' ')));
  return known;
}

function rankOfReading(asked: string[], text: string[]): number | undefined {
  const places = asked.map((part) => text.findIndex((word) => word.startsWith(part)));
  if (places.includes(-1)) return undefined;
  const exact = text.join(' ') === asked.join(' ') ? -1 : 0;
  return exact + places.reduce((sum, place) => sum + place, 0);
}

/** Every word of the question begins a word of the text. Lower is better; `undefined` is no match. */
export function rankOf(question: string, ...texts: (string | undefined)[]): number | undefined {
  let best: number | undefined;
  readings(question).forEach((reading, n) => {
    for (const text of texts) {
      const rank = rankOfReading(reading.split(' '), words(text ?? ''));
      if (rank !== undefined && rank + n * OTHER_LAYOUT < (best ?? Infinity)) best = rank + n * OTHER_LAYOUT;
    }
  });
  return best;
}
