import { locale, type Locale } from './locale.svelte.ts';

/** Forms of one message by CLDR plural category of `n`. */
export type Plural = { one?: string; few?: string; many?: string; other: string };
type Message = string | Plural;
export type Params = Record<string, string | number>;

const rules: Record<Locale, Intl.PluralRules> = {
  uk: new Intl.PluralRules('uk'),
  en: new Intl.PluralRules('en'),
};

/** Puts the parameters into `{name}` places. */
export function render(language: Locale, message: Message, params: Params = {}): string {
  const n = Number(params.n);
  const text =
    typeof message === 'string' ? message : (message[rules[language].select(n) as keyof Plural] ?? message.other);
  return text.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = params[name];
    if (value === undefined) return place;
    return typeof value === 'number' ? new Intl.NumberFormat(language).format(value) : value;
  });
}

/** A group of messages, complete in both languages, as a function of the key. */
export function defineMessages<Key extends string>(groups: Record<Locale, Record<Key, Message>>) {
  return (key: Key, params?: Params): string => render(locale.value, groups[locale.value][key], params);
}
