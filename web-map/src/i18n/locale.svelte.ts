import { readSetting, writeSetting } from '../state/storage.ts';

export const LOCALES = ['uk', 'en'] as const;
export type Locale = (typeof LOCALES)[number];

const stored = readSetting('locale');
let current = $state<Locale>(stored === 'en' ? 'en' : 'uk');

export const locale = {
  get value(): Locale {
    return current;
  },
  set(next: Locale) {
    current = next;
    writeSetting('locale', next);
  },
};

/** The text in the reader's language, or the other one where nobody translated it. */
export function localized(uk: string | undefined, en: string | undefined): string | undefined {
  return current === 'uk' ? uk || en : en || uk;
}
