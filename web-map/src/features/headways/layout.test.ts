import { expect, test } from 'vitest';
import type { HeadwayVehicle } from '../../api/types.ts';
import { namedStops, places, rowsOf, stretches, within, withoutTrip } from './layout.ts';

const bus = (id: string, along_m: number, more: Partial<HeadwayVehicle> = {}): HeadwayVehicle => ({
  id,
  along_m,
  state: 'in_service',
  fix_age_s: 2,
  ...more,
});

test('a headway reaches from the vehicle to the one ahead of it', () => {
  const vehicles = [
    bus('last', 1000, { headway_s: 900, spacing: 'gap' }),
    bus('first', 9000),
    bus('middle', 8000, { headway_s: 60, spacing: 'bunched' }),
  ];
  expect(stretches({ vehicles, length_m: 10_000 })).toEqual([
    { from: 0.8, to: 0.9, headway_s: 60, spacing: 'bunched' },
    { from: 0.1, to: 0.8, headway_s: 900, spacing: 'gap' },
  ]);
});

test('the foremost has none ahead, and an unknown headway is not drawn', () => {
  expect(stretches({ vehicles: [bus('a', 10), bus('b', 5)], length_m: 20 })).toEqual([]);
  expect(stretches({ vehicles: [bus('a', 10, { headway_s: 60 })], length_m: 20 })).toEqual([]);
});

test('nobody stands beyond the ends of the line', () => {
  expect(places({ vehicles: [bus('a', -30), bus('b', 120)], length_m: 100 }).map(({ at }) => at)).toEqual([1, 0]);
  expect(places({ vehicles: [bus('a', 5)], length_m: 0 })[0]?.at).toBe(0);
});

test('labels that would touch stand on rows of their own', () => {
  expect(rowsOf([100, 120, 300], 50)).toEqual([0, 1, 0]);
  expect(rowsOf([120, 100, 110], 50)).toEqual([2, 0, 1]);
  expect(rowsOf([100, 150], 50)).toEqual([0, 0]);
});

test('both ends are named, between them what fits', () => {
  const stops = [0, 100, 500, 950, 1000].map((along_m) => ({ along_m }));
  expect(namedStops(stops, 1000, 400, 90).map(({ along_m }) => along_m)).toEqual([0, 500, 1000]);
  expect(namedStops(stops.slice(0, 1), 1000, 400, 90)).toHaveLength(1);
});

test('no name covers another, though those of the ends lean inward', () => {
  const width = 100;
  for (const step of [40, 90, 110, 130, 170, 260]) {
    const stops = Array.from({ length: 12 }, (_, n) => ({ along_m: n * step }));
    const line = 11 * step;
    const named = namedStops(stops, line, line, width);
    const spans = named.map(({ along_m: at }, n) => {
      const begin = n === 0 ? at : n === named.length - 1 ? at - width : at - width / 2;
      return [begin, begin + width] as const;
    });
    for (const [n, [begin]] of spans.entries())
      if (n > 0 && line >= 2 * width) expect(begin, `${step}`).toBeGreaterThanOrEqual(spans[n - 1]?.[1] ?? -1);
  }
});

test('a label stays within the diagram', () => {
  expect(within([0, 200, 400], 80, 30, 400)).toEqual([10, 200, 390]);
});

test('vehicles at one place stand on rows of their own, whichever is told first', () => {
  const vehicles = [bus('a', 500), bus('b', 500), bus('c', 498), bus('d', 560)];
  const centres = places({ vehicles, length_m: 1000 }).map(({ at }) => at * 600);
  const rows = rowsOf(centres, 66);
  const touch = (a: number, b: number) => Math.abs((centres[a] ?? 0) - (centres[b] ?? 0)) < 66;
  for (let a = 0; a < rows.length; a += 1)
    for (let b = 0; b < a; b += 1) if (touch(a, b)) expect(rows[a], `${a} ${b}`).not.toBe(rows[b]);
});

test('vehicles without a trip, those first that should have one', () => {
  const one = (id: string, state: string, reason: string, trip_id?: string) => ({
    id,
    state,
    reason,
    trip_id,
    fix_age_s: 1,
  });
  const all = [
    one('depot', 'at_depot', 'standing'),
    one('fine', 'in_service', 'matched', 't1'),
    one('observed', 'in_service', 'no_timetable'),
    one('lost', 'off_route', 'far_from_route'),
    one('new', 'unknown', 'too_few_fixes'),
  ];
  expect(withoutTrip(all).map(({ id }) => id)).toEqual(['lost', 'new', 'depot']);
});
