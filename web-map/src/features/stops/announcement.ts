import type { ArrivalState, Departure } from '../../api/types.ts';
import { isComing, stateOf, waitingFor } from './arrival.ts';

// When a screen reader is told of an arrival: not each minute, but when it becomes another kind of
// waiting or another state, and never more often than every half minute.

export const LEAST_APART_MS = 30_000;

/** Upper ends of the classes, in minutes: "now", 1, 2, up to 5, up to 10, up to 20, more. */
const CLASSES = [0, 1, 2, 5, 10, 20];

export interface Heard {
  state: ArrivalState;
  /** Class of the minutes; absent when no vehicle is expected. */
  minutes?: number;
}

export function heardOf(departure: Departure, now: Date): Heard {
  const state = stateOf(departure);
  if (!isComing(state)) return { state };
  const waiting = waitingFor(departure, now);
  const minutes = 'time' in waiting ? Infinity : waiting.from;
  const place = CLASSES.findIndex((most) => minutes <= most);
  return { state, minutes: place < 0 ? CLASSES.length : place };
}

const keyOf = ({ trip_id, route_id, headsign, planned_time, vehicle }: Departure) =>
  trip_id ?? `${route_id} ${headsign ?? ''} ${planned_time ?? vehicle ?? ''}`;

/** The next arrival of each watched route; without any, the very next one. */
export function watchedOf(departures: Departure[], routes: readonly string[]): Departure[] {
  const known = routes.filter((id) => departures.some(({ route_id }) => route_id === id));
  if (!known.length) return departures.filter((one) => stateOf(one) !== 'passed').slice(0, 1);
  return known.flatMap((id) => departures.find((one) => one.route_id === id && stateOf(one) !== 'passed') ?? []);
}

/** Remembers what was said, and says what is worth saying. */
export class Announcer {
  #heard = new Map<string, Heard>();
  #lastAt = -Infinity;

  /** Arrivals to speak of now; none while it is too early or nothing changed. */
  next(departures: Departure[], now: Date): Departure[] {
    if (now.getTime() - this.#lastAt < LEAST_APART_MS) return [];
    const told = departures.filter((one) => {
      const before = this.#heard.get(keyOf(one));
      const heard = heardOf(one, now);
      return !before || before.state !== heard.state || before.minutes !== heard.minutes;
    });
    this.#heard = new Map(departures.map((one) => [keyOf(one), heardOf(one, now)]));
    if (told.length) this.#lastAt = now.getTime();
    return told;
  }
}
