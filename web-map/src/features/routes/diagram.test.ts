import { describe, expect, test } from 'vitest';
import type { LineVehicle } from '../../api/types.ts';
import { lineRows, stopsAhead } from './diagram.ts';

const stops = [
  { stop_id: 'a', name: 'Вокзал', along_m: 0 },
  { stop_id: 'b', name: 'Ринок', along_m: 500 },
  { stop_id: 'c', name: 'Парк', along_m: 1000 },
];
const bus = (id: string, along_m: number, more: Partial<LineVehicle> = {}): LineVehicle => ({
  id,
  along_m,
  state: 'in_service',
  fix_age_s: 3,
  ...more,
});

describe('the line diagram', () => {
  const places = (vehicles: LineVehicle[]) =>
    lineRows({ stops, vehicles }).map((row) =>
      row.kind === 'stop'
        ? row.stop.stop_id + row.here.map(({ id }) => `(${id})`).join('')
        : `${row.vehicle.id}→${row.next?.stop_id ?? ''}`,
    );

  test('a vehicle stands between two stops or at one, in the order of the line', () => {
    expect(places([bus('2', 760), bus('1', 510), bus('3', 700)])).toEqual(['a', 'b(1)', '3→c', '2→c', 'c']);
  });

  test('each vehicle stands once, also before the first and behind the last stop', () => {
    expect(places([bus('1', -90), bus('2', 1200), bus('3', 40)])).toEqual(['1→a', 'a(3)', 'b', 'c', '2→']);
  });

  test('a vehicle off its route is nowhere on the line', () => {
    expect(places([bus('1', 510, { state: 'off_route' })])).toEqual(['a', 'b', 'c']);
  });

  test('the stop at which it stands is not ahead of it', () => {
    expect(stopsAhead({ stops }, 480).map(({ stop_id }) => stop_id)).toEqual(['c']);
    expect(stopsAhead({ stops }, 300).map(({ stop_id }) => stop_id)).toEqual(['b', 'c']);
  });
});
