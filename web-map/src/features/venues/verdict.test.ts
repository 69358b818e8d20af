import { expect, test } from 'vitest';
import file from '../../../../city/tests/access_cases.json';
import type { AccessProfile, VenueProperties } from '../../api/types.ts';
import { isImplausible, judge, judgeAll, judgeEntrances } from './verdict.ts';

interface Case {
  person: AccessProfile;
  venue: VenueProperties;
  verdict: string;
  reasons: string[];
}
const cases = file.cases as unknown as Case[];

test('every case is judged as the server judges it', () => {
  expect(cases.length).toBeGreaterThan(1_000);
  const wrong = cases.filter(({ person, venue, verdict, reasons }) => {
    const answer = judge(venue, person);
    const codes = answer?.reasons.map(({ code }) => code);
    return answer?.verdict !== verdict || JSON.stringify(codes) !== JSON.stringify(reasons);
  });
  expect(wrong.slice(0, 5)).toEqual([]);
});

test('reasons carry the numbers and units of the server', () => {
  // The file holds the first reason of each code.
  const first = new Map<string, unknown>();
  for (const { person, venue } of cases)
    for (const one of judge(venue, person)?.reasons ?? []) if (!first.has(one.code)) first.set(one.code, one);
  for (const { uk: _uk, en: _en, ...expected } of file.reasons) expect(first.get(expected.code)).toEqual(expected);
  expect(first.size).toBe(file.reasons.length);
});

test('who asks for nothing gets no verdict', () => {
  expect(judge({ door_width_cm: 95 }, {})).toBeUndefined();
  expect(judge({ door_width_cm: 95 }, { steps: 'any', needs: [] })).toBeUndefined();
});

test('a value that cannot be read is one that nobody knows, never a green', () => {
  const chair = { chair_width_cm: 68 };
  const strange = [
    { door_width_cm: 'wide', entrance_steps: 0 },
    { door_width_cm: 95, entrance_steps: 'none' },
    { door_width_cm: 95, entrance_steps: 0.5 },
    { door_width_cm: 95, entrance_steps: -1 },
    { door_width_cm: Number.NaN, entrance_steps: 0 },
  ];
  for (const venue of strange) expect(judge(venue as VenueProperties, chair)?.verdict).toBe('unknown');
});

test('entrances may be text, and each has its own answer', () => {
  const chair = { chair_width_cm: 68 };
  const stairs = { door_width_cm: 95, entrance_steps: 4, has_ramp: false };
  const yard = { door_width_cm: 95, entrance_steps: 0 };
  const venue = { entrances: JSON.stringify([stairs, yard]) };
  expect(judge(venue, chair)).toEqual({ verdict: 'fits', reasons: [], entrance: 2 });
  expect(judgeEntrances(venue, chair).map(({ verdict }) => verdict)).toEqual(['does_not_fit', 'fits']);
  expect(judge({ entrances: [stairs] }, chair)?.reasons).toMatchObject([{ code: 'steps', entrance: 1 }]);
  expect(judge({ entrances: 'no JSON', ...yard }, chair)?.verdict).toBe('fits');
  expect(judgeAll([venue, stairs], chair)?.map(({ verdict }) => verdict)).toEqual(['fits', 'does_not_fit']);
});

test('numbers that cannot be meant are told from bad doors', () => {
  expect(isImplausible('door_width_cm', 70_000)).toBe(true);
  expect(isImplausible('door_width_cm', 40)).toBe(false);
  expect(isImplausible('ramp_slope_percent', Number.NaN)).toBe(true);
});
