import type { Departure } from '../../api/types.ts';
import { ago, clock } from '../../i18n/format.ts';
import { t as resident } from '../../i18n/resident.messages.ts';
import { t } from '../../i18n/transit.messages.ts';
import { isComing, OLD_FIX_S, stateOf, waitingFor } from './arrival.ts';

/** A moment on the clock; a sign where nobody knows it. */
const clockOf = (time: string | undefined) => (time === undefined ? '?' : clock(new Date(time)));
const minutesOf = (seconds: number) => Math.max(1, Math.round(seconds / 60));

/** The state of an arrival in words. `live` is false for a board that nobody confirms any more. */
export function stateWords(departure: Departure, now: Date, live: boolean): string {
  const { fix_age_s, time, planned_time, held_since } = departure;
  const held_s = held_since === undefined ? undefined : (now.getTime() - Date.parse(held_since)) / 1000;
  switch (stateOf(departure)) {
    case 'predicted':
      if (!live) return t('predicted_at', { time: clockOf(time) });
      return fix_age_s !== undefined && fix_age_s > OLD_FIX_S
        ? t('fix_age', { n: minutesOf(fix_age_s) })
        : t('predicted');
    case 'scheduled':
      return t('scheduled');
    case 'passed':
      return live && time ? t('passed', { ago: ago(new Date(time), now) }) : t('passed_unknown');
    case 'not_running':
      return t('not_running');
    case 'cancelled':
      return t('cancelled');
    case 'lost':
      return fix_age_s === undefined ? t('lost_unknown') : t('lost', { n: minutesOf(fix_age_s) });
    case 'standing':
      return held_s === undefined ? t('held_standing_unknown') : t('held_standing', { n: minutesOf(held_s) });
    case 'off_route':
      return held_s === undefined ? t('held_off_route_unknown') : t('held_off_route', { n: minutesOf(held_s) });
    case 'unknown':
      return planned_time ? `${t('no_word')}, ${t('planned', { time: clockOf(planned_time) })}` : t('no_word');
  }
}

/** What stands where the minutes stand: text, and whether the unit "min" follows. */
export function waitingWords(departure: Departure, now: Date, live: boolean): { text: string; minutes: boolean } {
  const waiting = waitingFor(departure, now);
  if (!live || 'time' in waiting || !isComing(stateOf(departure)))
    return { text: clockOf(departure.time), minutes: false };
  const { from, to } = waiting;
  if (to === 0) return { text: resident('now'), minutes: false };
  return { text: from === to ? String(from) : t('minutes_range', { from, to }), minutes: true };
}

/** The same for a screen reader, in full words. */
export function spokenWaiting(departure: Departure, now: Date, live: boolean): string {
  if (departure.time === undefined) return t('time_unknown');
  const waiting = waitingFor(departure, now);
  if (!live || 'time' in waiting || !isComing(stateOf(departure)))
    return t('at_clock', { time: clockOf(departure.time) });
  const { from, to } = waiting;
  if (to === 0) return t('spoken_now');
  return from === to ? t('spoken_minutes', { n: from }) : t('spoken_range', { from, to });
}

/** How far the vehicle is, where its position says so. */
export function stopsAwayWords({ stops_away }: Departure): string | undefined {
  if (stops_away === undefined) return undefined;
  return stops_away === 0 ? t('at_stop') : t('stops_away', { n: stops_away });
}
