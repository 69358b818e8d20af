import { expect, test } from 'vitest';
import type { HeadwayVehicle } from '../../api/types.ts';
import { namedStops, places, rowsOf, stretches, withoutTrip } from './layout.ts';

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
  expect(namedStops(stops, 1000, 400, 120).map(({ along_m }) => along_m)).toEqual([0, 500, 1000]);
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
