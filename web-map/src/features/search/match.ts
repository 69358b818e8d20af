import { canonical, readings, spelled, stem } from './spelling.ts';

/** A reading with the other keyboard layout comes behind every one as written. */
const OTHER_LAYOUT = 1000;
/** The same word in another case comes behind the same beginning. */
const OTHER_ENDING = 0.5;

interface Word {
  text: string;
  stem: string | undefined;
}
/** Names are few and asked for at every letter typed. */
const wordsOf = new Map<string, Word[]>();
function words(text: string): Word[] {
  let known = wordsOf.get(text);
  if (!known) wordsOf.set(text, (known = wordsIn(spelled(text))));
  return known;
}
const wordsIn = (spelling: string): Word[] =>
  canonical(spelling.split(' ')).map((text) => ({ text, stem: stem(text) }));

/** The place of the word that is meant, or nothing. */
function placeOf(asked: Word, text: readonly Word[]): number | undefined {
  const begins = text.findIndex((word) => word.text.startsWith(asked.text));
  if (begins !== -1) return begins;
  const sameStem = asked.stem === undefined ? -1 : text.findIndex((word) => word.stem === asked.stem);
  return sameStem === -1 ? undefined : sameStem + OTHER_ENDING;
}

function rankOfReading(asked: readonly Word[], text: readonly Word[]): number | undefined {
  let rank = 0;
  for (const word of asked) {
    const place = placeOf(word, text);
    if (place === undefined) return undefined;
    rank += place;
  }
  const exact = text.length === asked.length && asked.every((word, n) => word.text === text[n]?.text);
  return exact ? rank - 1 : rank;
}

/** Every word of the question begins a word of the text. Lower is better; `undefined` is no match. */
export function rankOf(question: string, ...texts: (string | undefined)[]): number | undefined {
  let best: number | undefined;
  readings(question).forEach((reading, n) => {
    const asked = wordsIn(reading);
    for (const text of texts) {
      const rank = rankOfReading(asked, words(text ?? ''));
      if (rank !== undefined && rank + n * OTHER_LAYOUT < (best ?? Infinity)) best = rank + n * OTHER_LAYOUT;
    }
  });
  return best;
}
