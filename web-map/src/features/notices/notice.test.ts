import { expect, test } from 'vitest';
import { standingAt } from '../alerts/period.ts';
import { draftOf, textOf, wrongIn } from './notice.ts';

const KYIV = 'Europe/Kyiv';
const alert = {
  id: 'a',
  version: 3,
  header: { uk: 'Об’їзд' },
  description: {},
  effect: 'DETOUR',
  routes: ['B201'],
  stops: [],
  until: '2026-11-30T20:00:00.000Z',
};

test('a notice passes through the form unchanged', () => {
  expect(textOf(draftOf(alert, KYIV), KYIV)).toEqual({
    header: { uk: 'Об’їзд' },
    description: {},
    effect: 'DETOUR',
    routes: ['B201'],
    stops: [],
    until: '2026-11-30T20:00:00.000Z',
  });
});

test('it needs a header in one language, and an end behind its beginning', () => {
  const empty = draftOf(undefined, KYIV);
  expect(wrongIn(empty)).toEqual(['header']);
  expect(wrongIn({ ...empty, headerEn: ' x ' })).toEqual([]);
  const period = { ...empty, headerUk: 'x', from: '2026-11-30T10:00' };
  expect(wrongIn({ ...period, until: '2026-11-30T10:00' })).toEqual(['until']);
  expect(wrongIn({ ...period, until: '2026-11-30T10:01' })).toEqual([]);
});

test('what is empty is not sent', () => {
  const text = textOf({ ...draftOf(undefined, KYIV), headerUk: '  Свято ', headerEn: '  ' }, KYIV);
  expect(text.header).toEqual({ uk: 'Свято' });
  expect(JSON.parse(JSON.stringify(text))).toEqual({ header: { uk: 'Свято' }, description: {}, routes: [], stops: [] });
});

test('a notice is to come, holds, or is over', () => {
  const now = new Date('2026-11-24T12:00:00Z');
  expect(standingAt({}, now)).toBe('now');
  expect(standingAt({ from: '2026-11-24T12:00:01Z' }, now)).toBe('future');
  expect(standingAt({ until: '2026-11-24T12:00:00Z' }, now)).toBe('ended');
});
