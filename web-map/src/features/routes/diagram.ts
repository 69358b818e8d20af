import type { LineStop, LineVehicle, Pattern } from '../../api/types.ts';

// The order in which stops and vehicles stand along a line. Pure.

/** Closer than this a vehicle stands at the stop and not between two. */
const AT_STOP_M = 40;

export type LineRow =
  { kind: 'stop'; stop: LineStop; here: LineVehicle[] } | { kind: 'between'; vehicle: LineVehicle; next?: LineStop };

/** Stops in order, with vehicles at them or between them; a vehicle off its route is on no place of the line. */
export function lineRows({ stops, vehicles }: Pick<Pattern, 'stops' | 'vehicles'>): LineRow[] {
  const on = vehicles.filter(({ state }) => state !== 'off_route').sort((a, b) => a.along_m - b.along_m);
  const rows: LineRow[] = [];
  let rest = on;
  for (const stop of [...stops].sort((a, b) => a.along_m - b.along_m)) {
    const before = rest.filter(({ along_m }) => along_m < stop.along_m - AT_STOP_M);
    const here = rest.filter(({ along_m }) => Math.abs(along_m - stop.along_m) <= AT_STOP_M);
    rest = rest.filter(({ along_m }) => along_m > stop.along_m + AT_STOP_M);
    rows.push(...before.map((vehicle): LineRow => ({ kind: 'between', vehicle, next: stop })));
    rows.push({ kind: 'stop', stop, here });
  }
  rows.push(...rest.map((vehicle): LineRow => ({ kind: 'between', vehicle })));
  return rows;
}

/** Stops that the vehicle has yet to reach, in order. */
export function stopsAhead({ stops }: Pick<Pattern, 'stops'>, along_m: number): LineStop[] {
  return stops.filter((stop) => stop.along_m > along_m + AT_STOP_M).sort((a, b) => a.along_m - b.along_m);
}

/** Direction of a pattern as one word for the address; patterns of one direction differ by their number. */
export const patternKey = (pattern: Pick<Pattern, 'direction'>, n: number) => `${pattern.direction ?? 'x'}-${n}`;

/** The stop from which a pattern begins, where another one bears the same headsign. */
export function beginning(patterns: Pick<Pattern, 'headsign' | 'stops'>[], n: number): string | undefined {
  const mine = patterns[n];
  const alike = patterns.filter((one) => one.headsign === mine?.headsign);
  return alike.length > 1 ? mine?.stops[0]?.name : undefined;
}
