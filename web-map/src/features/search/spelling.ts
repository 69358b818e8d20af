// One spelling for all the ways in which people write the same name: Ukrainian with any apostrophe
// or none, и for і, е for є, Latin letters (resolution 55 of the Cabinet of Ministers of 27.01.2010),
// and a text typed with the other keyboard layout.

const LATIN: Record<string, string> = {
  а: 'a',
  б: 'b',
  в: 'v',
  г: 'h',
  ґ: 'g',
  д: 'd',
  е: 'e',
  є: 'ie',
  ж: 'zh',
  з: 'z',
  и: 'y',
  і: 'i',
  ї: 'i',
  й: 'i',
  к: 'k',
  л: 'l',
  м: 'm',
  н: 'n',
  о: 'o',
  п: 'p',
  р: 'r',
  с: 's',
  т: 't',
  у: 'u',
  ф: 'f',
  х: 'kh',
  ц: 'ts',
  ч: 'ch',
  ш: 'sh',
  щ: 'shch',
  ю: 'iu',
  я: 'ia',
  // Russian letters, typed by habit.
  ё: 'e',
  ы: 'y',
  э: 'e',
};

/** Letters and digits only, small, so that "вул. Галицька" is found by "галицька". */
export const plain = (text: string) =>
  text
    .normalize('NFC')
    .toLocaleLowerCase('uk')
    .replace(/(?<=\p{L})[’'ʼ`´‘′"*](?=\p{L})/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/** The one spelling of a text: words of small Latin letters and digits, apart by single spaces. */
export const spelled = (text: string): string =>
  plain(text)
    .replace(/[ьъ]/g, '')
    .replace(/[а-яёєіїґ]/g, (letter) => LATIN[letter] ?? '')
    .replace(/shch|sch/g, 'sh')
    .replace(/kh|g|x/g, 'h')
    .replace(/[yj]/g, 'i')
    .replace(/w/g, 'v')
    // "Ye", "ie" and "e", "Yi" and "i" are one sound each.
    .replace(/i+(?=e)/g, '')
    .replace(/(\p{L})\1+/gu, '$1');

const QWERTY = "`qwertyuiop[]asdfghjkl;'\\zxcvbnm,.";
const YTSUKEN = "'йцукенгшщзхїфівапролджєґячсмитьбю";
const swap = (text: string, from: string, to: string) =>
  [...text.toLocaleLowerCase('uk')].map((key) => to[from.indexOf(key)] ?? key).join('');

/** What the question may mean, likeliest first: as written, then as if the layout had been forgotten. */
export function readings(question: string): string[] {
  const spellings = [spelled(question)];
  if (/[a-z]/i.test(question)) spellings.push(spelled(swap(question, QWERTY, YTSUKEN)));
  else if (/[а-яєіїґ]/i.test(question)) spellings.push(spelled(swap(question, YTSUKEN, QWERTY)));
  return [...new Set(spellings)].filter(Boolean);
}
