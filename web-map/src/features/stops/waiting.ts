import { clock } from '../../i18n/format.ts';

/** What stands where the minutes stand: minutes up to an hour, then the time of the clock. */
export type Waiting = { minutes: number } | { time: string };

export function waitingFor(departure: string, now: Date): Waiting {
  const moment = new Date(departure);
  const minutes = Math.floor((moment.getTime() - now.getTime()) / 60_000);
  return minutes < 60 ? { minutes: Math.max(0, minutes) } : { time: clock(moment) };
}

/** Departures that have not left yet; one is kept for the minute in which it leaves. */
export function stillToCome<D extends { time: string }>(departures: D[], now: Date): D[] {
  return departures.filter(({ time }) => Date.parse(time) > now.getTime() - 30_000);
}
