import { Problem } from '../../api/http.ts';
import type { ArrivalState, Departure } from '../../api/types.ts';

// What stands on a board for one arrival, and when it leaves the board. Pure: `now` is an argument.

const MINUTE = 60_000;
/** Beyond an hour the time of the clock says more than minutes. */
const CLOCK_FROM_MIN = 60;
/** One that is expected stays for the half minute in which it leaves; one that passed, while people ask for it. */
const STAYS_MS = 30_000;
const PASSED_STAYS_MS = 4 * MINUTE;
/** A prediction from an older fix is shown with the age of the fix. */
export const OLD_FIX_S = 60;
/** A board not confirmed for so long is no longer live. */
const LIVE_FOR_MS = 60_000;

/** What stands where the minutes stand. */
export type Waiting = { from: number; to: number } | { time: string | undefined };

export const stateOf = ({ state, scheduled }: Pick<Departure, 'state' | 'scheduled'>): ArrivalState =>
  state ?? (scheduled ? 'scheduled' : 'unknown');

/** Whether a vehicle is expected at all. */
export const isComing = (state: ArrivalState) => state === 'predicted' || state === 'scheduled';

const minutesTo = (moment: string, now: Date) => Math.max(0, Math.floor((Date.parse(moment) - now.getTime()) / MINUTE));

/** Minutes up to an hour, as a range where one is known; then the moment itself. */
export function waitingFor(departure: Pick<Departure, 'time' | 'earliest' | 'latest'>, now: Date): Waiting {
  const { time, earliest, latest } = departure;
  if (time === undefined) return { time };
  const middle = minutesTo(time, now);
  if (middle >= CLOCK_FROM_MIN) return { time };
  return {
    from: Math.min(middle, minutesTo(earliest ?? time, now)),
    to: Math.max(middle, minutesTo(latest ?? time, now)),
  };
}

/**
 * Arrivals that still belong on the board. Of what should have come and did not, the server says
 * how long it is worth telling.
 */
export function stillToCome<D extends Pick<Departure, 'time' | 'state' | 'scheduled'>>(
  departures: D[],
  now: Date,
): D[] {
  return departures.filter((one) => {
    const state = stateOf(one);
    if (one.time === undefined || (!isComing(state) && state !== 'passed')) return true;
    const stays = state === 'passed' ? PASSED_STAYS_MS : STAYS_MS;
    return Date.parse(one.time) > now.getTime() - stays;
  });
}

/**
 * A board is live while the server confirms it. Without connection it is at once what was last
 * known; after a hiccup of the server it may stand for a minute.
 */
export const isLive = ({ at, failure }: { at: Date; failure?: unknown }, now: Date) =>
  !isOffline(failure) && now.getTime() - at.getTime() <= LIVE_FOR_MS;

/** Whether there was no answer at all. */
export const isOffline = (failure: unknown) => failure instanceof Problem && failure.status === 0;

/** How many the low-floor filter hides, apart by what is known of them. */
export function lowFloorOnly<D extends Pick<Departure, 'low_floor'>>(departures: D[]) {
  const shown = departures.filter(({ low_floor }) => low_floor === true);
  const high = departures.filter(({ low_floor }) => low_floor === false).length;
  return { shown, high, unknown: departures.length - shown.length - high };
}
