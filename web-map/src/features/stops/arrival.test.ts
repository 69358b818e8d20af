import { describe, expect, test } from 'vitest';
import { Problem } from '../../api/http.ts';
import type { Departure } from '../../api/types.ts';
import { Announcer, watchedOf } from './announcement.ts';
import { isLive, lowFloorOnly, stateOf, stillToCome, waitingFor } from './arrival.ts';
import { stateWords, waitingWords } from './words.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const at = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000).toISOString();
const bus = (minutes: number, more: Partial<Departure> = {}): Departure => ({
  time: at(minutes),
  scheduled: false,
  state: 'predicted',
  route: '201',
  route_id: 'B201',
  trip_id: 'a',
  ...more,
});

describe('what stands on a board', () => {
  test('minutes as a range, one number where both ends agree, the clock from an hour on', () => {
    expect(waitingFor(bus(8.2, { earliest: at(7.1), latest: at(9.9) }), NOW)).toEqual({ from: 7, to: 9 });
    expect(waitingFor(bus(8.2), NOW)).toEqual({ from: 8, to: 8 });
    expect(waitingFor(bus(-0.2, { earliest: at(-1), latest: at(1.5) }), NOW)).toEqual({ from: 0, to: 1 });
    expect(waitingFor(bus(60), NOW)).toEqual({ time: at(60) });
  });

  test('a range that does not hold its own middle is widened, never turned around', () => {
    expect(waitingFor(bus(5, { earliest: at(6), latest: at(3) }), NOW)).toEqual({ from: 5, to: 5 });
  });

  test('a timetable without states is a timetable; nothing known is unknown', () => {
    expect(stateOf({ scheduled: true })).toBe('scheduled');
    expect(stateOf({ scheduled: false })).toBe('unknown');
    expect(stateOf({ scheduled: true, state: 'not_running' })).toBe('not_running');
  });

  test('what passed stays a few minutes, what should have come half a minute', () => {
    const kept = stillToCome([bus(-2, { state: 'passed' }), bus(-5, { state: 'passed' }), bus(-0.4), bus(-1)], NOW);
    expect(kept.map(({ time }) => time)).toEqual([at(-2), at(-0.4)]);
  });

  test('what should have come and did not stays as long as the server tells of it', () => {
    const missing = [bus(-7, { state: 'not_running' }), bus(-1, { state: 'lost', time: undefined })];
    expect(stillToCome(missing, NOW)).toEqual(missing);
    expect(waitingFor({}, NOW)).toEqual({ time: undefined });
  });

  test('a vehicle that does not come on is told with since when, and stays on the board', () => {
    const held = [
      bus(-4, { state: 'standing', scheduled: true, held_since: at(-7) }),
      bus(2, { state: 'off_route', scheduled: true, held_since: at(-12.2) }),
    ];
    expect(stillToCome(held, NOW)).toEqual(held);
    expect(held.map((one) => stateWords(one, NOW, true))).toEqual([
      'машина стоїть 7 хв; коли рушить, невідомо',
      'машина 12 хв не на маршруті; чи прибуде, невідомо',
    ]);
    expect(held.map((one) => waitingWords(one, NOW, true).minutes)).toEqual([false, false]);
  });

  test('a board that nobody confirms is not live', () => {
    const now = new Date(NOW.getTime() + 59_000);
    expect(isLive({ at: NOW }, now)).toBe(true);
    expect(isLive({ at: NOW, failure: new Problem(0, 'offline', '') }, NOW)).toBe(false);
    expect(isLive({ at: NOW, failure: new Problem(503, 'busy', '') }, now)).toBe(true);
    expect(isLive({ at: NOW }, new Date(NOW.getTime() + 61_000))).toBe(false);
  });

  test('the low-floor filter counts unknown floors apart from steps', () => {
    const { shown, high, unknown } = lowFloorOnly([{ low_floor: true }, { low_floor: false }, {}, {}]);
    expect([shown.length, high, unknown]).toEqual([1, 1, 2]);
  });
});

describe('what a screen reader is told', () => {
  const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);

  test('a class of minutes that stays is not repeated, one that changes is', () => {
    const announcer = new Announcer();
    expect(announcer.next([bus(9.5)], NOW)).toHaveLength(1);
    expect(announcer.next([bus(9.5)], later(60))).toHaveLength(0);
    expect(announcer.next([bus(9.5)], later(300))).toHaveLength(1);
  });

  test('never twice within half a minute; what changed meanwhile is told after it', () => {
    const announcer = new Announcer();
    announcer.next([bus(2.1)], NOW);
    expect(announcer.next([bus(2.1, { state: 'lost' })], later(20))).toHaveLength(0);
    expect(announcer.next([bus(2.1, { state: 'lost' })], later(31))).toHaveLength(1);
  });

  test('watched routes are told of, without any the very next arrival; none that passed', () => {
    const board = [bus(-1, { state: 'passed' }), bus(3, { route_id: 'T2' }), bus(5), bus(9)];
    expect(watchedOf(board, ['B201']).map(({ time }) => time)).toEqual([at(5)]);
    expect(watchedOf(board, []).map(({ route_id }) => route_id)).toEqual(['T2']);
    expect(watchedOf(board, ['X9']).map(({ route_id }) => route_id)).toEqual(['T2']);
  });
});
