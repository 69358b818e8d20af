import { expect, test } from 'vitest';
import { momentOf, wallClock } from './wallClock.ts';

const KYIV = 'Europe/Kyiv';
const moment = (wall: string) => momentOf(wall, KYIV)?.toISOString();

test('winter and summer time of the city, whatever the clock of the computer', () => {
  expect(moment('2026-11-24T08:30')).toBe('2026-11-24T06:30:00.000Z');
  expect(moment('2026-07-01T00:15')).toBe('2026-06-30T21:15:00.000Z');
  expect(wallClock(new Date('2026-06-30T21:15:00Z'), KYIV)).toBe('2026-07-01T00:15');
});

test('on the days of the clock change', () => {
  // 29 March 2026, 03:00 becomes 04:00; 25 October 2026, 04:00 becomes 03:00.
  expect(moment('2026-03-29T02:59')).toBe('2026-03-29T00:59:00.000Z');
  expect(moment('2026-03-29T04:00')).toBe('2026-03-29T01:00:00.000Z');
  expect(moment('2026-03-29T03:30')).toBe('2026-03-29T01:30:00.000Z');
  expect(moment('2026-10-25T03:30')).toBe('2026-10-25T00:30:00.000Z');
  expect(moment('2026-10-25T04:00')).toBe('2026-10-25T02:00:00.000Z');
});

test('what is no time is none', () => {
  expect(moment('')).toBeUndefined();
  expect(moment('2026-13-01T00:00')).toBeUndefined();
});
