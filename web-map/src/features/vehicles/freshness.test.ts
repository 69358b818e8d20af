import { expect, test } from 'vitest';
import { stateAt } from './freshness.ts';

const limits = { stale_after_s: 60, lost_after_s: 300 };
const after = (seconds: number) => new Date(Date.parse('2026-11-22T10:00:00Z') + seconds * 1000);
const fix_time = '2026-11-22T10:00:00Z';

test.each([
  [0, 'live'],
  [60, 'live'],
  [61, 'stale'],
  [300, 'stale'],
  [301, 'lost'],
] as const)('a fix that is %i s old is %s', (age, state) => {
  expect(stateAt({ fix_time }, after(age), limits)).toBe(state);
});

test('the delay of publication makes no fix older', () => {
  expect(stateAt({ fix_time, delayed_by_s: 300 }, after(310), limits)).toBe('live');
});
