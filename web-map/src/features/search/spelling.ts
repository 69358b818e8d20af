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

/** What a street is, in every way it is written, by its short name; as `spelled` has it. */
const STREET_WORDS: [short: string, long: RegExp][] = [
  ['vul', /^(vul|vulits\p{L}*|stret|str)$/u],
  ['pl', /^(pl|plosh[aiou]\p{L}*|square)$/u],
  ['prosp', /^(prosp|prospekt\p{L}*|prt|avenue)$/u],
  ['bul', /^(bul|bulv|bulvar\p{L}*|boulevard)$/u],
  ['prov', /^(prov|provul\p{L}*|lane)$/u],
  ['nab', /^(nab|naberezhn\p{L}*|embankment)$/u],
];
/** Words that say where, not what. */
const LITTLE = new Set(['na', 'u', 'v', 'bilia', 'pri', 'do', 'in', 'at', 'near', 'the']);

/** Words of a spelling with streets named shortly and without the little words, unless there are no others. */
export function canonical(words: readonly string[]): string[] {
  const telling = words.filter((word) => !LITTLE.has(word));
  return (telling.length ? telling : words).map(
    (word) => STREET_WORDS.find(([, long]) => long.test(word))?.[0] ?? word,
  );
}

const ENDING = /(?:oho|omu|oiu|imi|ami|iami|oi|im|om|em|iu|ia|ii|ei|a|o|u|i|e)$/;
const LEAST_STEM = 4;

/** A word without its case ending; nothing for a word too short to lose one. */
export function stem(word: string): string | undefined {
  const rest = word.replace(ENDING, '');
  return rest.length >= LEAST_STEM ? rest : undefined;
}
