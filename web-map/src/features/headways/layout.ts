import type { HeadwayDirection, HeadwayVehicle, MatchedVehicle, Spacing } from '../../api/types.ts';

// Where things stand on a horizontal line, and on which row so that none covers another. Pure.

/** The stretch between a vehicle and the one ahead of it, as shares of the line's length. */
export interface Stretch {
  from: number;
  to: number;
  headway_s: number;
  spacing?: Spacing;
}

const share = (along_m: number, length_m: number) => (length_m > 0 ? Math.min(1, Math.max(0, along_m / length_m)) : 0);

/** Vehicles in the order of the line, the foremost first. */
export const foremostFirst = (vehicles: HeadwayVehicle[]) => [...vehicles].sort((a, b) => b.along_m - a.along_m);

export const places = ({ vehicles, length_m }: Pick<HeadwayDirection, 'vehicles' | 'length_m'>) =>
  foremostFirst(vehicles).map((vehicle) => ({ vehicle, at: share(vehicle.along_m, length_m) }));

/** A headway is told of a vehicle that follows another on the line. */
export function stretches({ vehicles, length_m }: Pick<HeadwayDirection, 'vehicles' | 'length_m'>): Stretch[] {
  return foremostFirst(vehicles).flatMap(({ along_m, headway_s, spacing }, n, ordered) => {
    const ahead = ordered[n - 1];
    if (!ahead || headway_s === undefined) return [];
    return [{ from: share(along_m, length_m), to: share(ahead.along_m, length_m), headway_s, spacing }];
  });
}

/**
 * Centres of labels of `width`, moved so that none stands over the left end of a line that begins
 * `room` after the edge, or over its right end.
 */
export const within = (centres: number[], width: number, room: number, line: number) =>
  centres.map((centre) => Math.min(line + room - width / 2, Math.max(width / 2 - room, centre)));

/** The lowest row for each label of `width` centred at its place, so that no two on a row touch. */
export function rowsOf(centres: number[], width: number): number[] {
  const rows = new Array<number>(centres.length).fill(0);
  const ends: number[] = [];
  const order = centres.map((_, n) => n).sort((a, b) => (centres[a] ?? 0) - (centres[b] ?? 0));
  for (const n of order) {
    const centre = centres[n] ?? 0;
    const free = ends.findIndex((end) => end <= centre - width / 2);
    const row = free < 0 ? ends.length : free;
    ends[row] = centre + width / 2;
    rows[n] = row;
  }
  return rows;
}

/**
 * Names that fit: both ends, and of those between as many as keep `width` apart. The names of the
 * ends lean inward, so beside them there must be half a width more.
 */
export function namedStops<S extends { along_m: number }>(
  stops: S[],
  length_m: number,
  line: number,
  width: number,
): S[] {
  const last = stops.at(-1);
  /** Where the name before ends. */
  let end = -Infinity;
  return stops.filter((stop, n) => {
    if (n === 0 || stop === last) {
      if (n === 0) end = width;
      return true;
    }
    const at = share(stop.along_m, length_m) * line;
    const fits = at - width / 2 >= end && at + width / 2 <= line - width;
    if (fits) end = at + width / 2;
    return fits;
  });
}

/**
 * Vehicles without a trip, those first that should have one: off their route or unknown before
 * those that nobody expects on a line. A route without a timetable has no trips to give.
 */
export function withoutTrip(vehicles: MatchedVehicle[]): MatchedVehicle[] {
  const ORDER = ['off_route', 'in_service', 'unknown', 'layover', 'deadhead', 'at_depot'];
  const place = ({ state }: MatchedVehicle) => (ORDER.includes(state) ? ORDER.indexOf(state) : ORDER.length);
  return vehicles
    .filter(({ trip_id, reason }) => !trip_id && reason !== 'no_timetable')
    .sort((a, b) => place(a) - place(b) || a.fix_age_s - b.fix_age_s);
}
