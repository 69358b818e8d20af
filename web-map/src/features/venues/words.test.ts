import { afterEach, expect, test } from 'vitest';
import file from '../../../../city/tests/access_cases.json';
import type { Reason } from '../../api/types.ts';
import { CODES } from '../../i18n/reasons.messages.ts';
import { locale } from '../../i18n/locale.svelte.ts';
import { tell, valueWords, WAY_IN, INSIDE } from './attributes.ts';
import { reasonWords } from './words.ts';

afterEach(() => locale.set('uk'));
const examples = file.reasons as unknown as (Reason & { uk: string; en: string })[];

test.each(['uk', 'en'] as const)('reasons are told in the words of the server: %s', (language) => {
  locale.set(language);
  for (const { uk, en, ...reason } of examples) {
    const words = reasonWords(reason);
    const expected = language === 'uk' ? uk : en;
    // The page has a person's word for the attribute that the server names by its id.
    if (reason.code === 'implausible') expect(words.slice(-25)).toBe(expected.slice(-25));
    else expect(words.toLowerCase()).toBe(expected.toLowerCase());
    expect(words).not.toMatch(/[{}?]/);
  }
});

test('every reason of the rule has words, and no other', () => {
  expect([...CODES].sort()).toEqual(examples.map(({ code }) => code).sort());
});

test('values carry their unit, and yes or no fits what is asked', () => {
  expect(valueWords('door_width_cm', 72.5)).toBe('72,5 см');
  expect(valueWords('parking_distance_m', 12)).toBe('12 м');
  expect(valueWords('ramp_slope_percent', 8)).toBe('8 %');
  expect(valueWords('entrance_steps', 0)).toBe('немає');
  expect(valueWords('has_ramp', false)).toBe('немає');
  expect(valueWords('door_automatic', false)).toBe('ні');
  expect(valueWords('approach_surface', 'gravel')).toBe('гравій');
  expect(valueWords('staff_languages', 'uk, en')).toBe('українська, англійська');
  expect(valueWords('door_width_cm', undefined)).toBeUndefined();
});

test('what nobody measured is named apart, and what has no meaning is not', () => {
  const { told, unmeasured } = tell(WAY_IN, { door_width_cm: 90, has_ramp: false, entrance_steps: 0 }, () => undefined);
  expect(told.map(({ title }) => title)).toEqual(['group_door', 'group_steps', 'group_ramp']);
  expect(unmeasured).toContain('Поріг');
  expect(unmeasured).not.toContain('Ухил пандуса');
  const nothing = tell([...WAY_IN, ...INSIDE], {}, () => undefined);
  expect(nothing.told.flatMap(({ facts }) => facts).every(({ unknown }) => unknown)).toBe(true);
  expect(nothing.unmeasured.length).toBeGreaterThan(30);
});
