import type { Pattern } from '../../api/types.ts';
import { stopsAhead } from '../routes/diagram.ts';

// When somebody in a vehicle is told to get off. Pure: the position and its age are arguments.

/** A position older than this is not trusted: at 25 km/h a bus is 600 m further, a whole stop. */
export const TRUSTED_FOR_S = 90;

export interface Reminder {
  route: string;
  vehicle: string;
  stopId: string;
  stopName: string;
}

export type ReminderState =
  | { state: 'waiting'; stops: number }
  | { state: 'next' }
  | { state: 'here' }
  | { state: 'passed' }
  | { state: 'old'; age_s: number }
  | { state: 'gone' };

interface Where {
  pattern: Pick<Pattern, 'stops'>;
  along_m: number;
  age_s: number;
}

/** `where` is absent when the vehicle is on no line of the route. */
export function reminderState({ stopId }: Pick<Reminder, 'stopId'>, where: Where | undefined): ReminderState {
  if (!where) return { state: 'gone' };
  const wanted = where.pattern.stops.find((stop) => stop.stop_id === stopId);
  if (!wanted) return { state: 'gone' };
  if (where.age_s > TRUSTED_FOR_S) return { state: 'old', age_s: where.age_s };
  const ahead = stopsAhead(where.pattern, where.along_m).findIndex((stop) => stop.stop_id === stopId);
  if (ahead === 0) return { state: 'next' };
  if (ahead > 0) return { state: 'waiting', stops: ahead + 1 };
  return wanted.along_m + 120 >= where.along_m ? { state: 'here' } : { state: 'passed' };
}

/** Whether now is the moment to call for attention, having shown `before`. */
export const calls = (before: ReminderState['state'] | undefined, now: ReminderState['state']) =>
  before !== now && (now === 'next' || (now === 'here' && before !== 'next') || now === 'passed');

/** Reads what was stored; nothing when it cannot be. */
export function parseReminder(text: string | null): Reminder | undefined {
  try {
    const stored = JSON.parse(text ?? 'null') as Partial<Record<keyof Reminder, unknown>> | null;
    const { route, vehicle, stopId, stopName } = stored ?? {};
    return typeof route === 'string' &&
      typeof vehicle === 'string' &&
      typeof stopId === 'string' &&
      typeof stopName === 'string'
      ? { route, vehicle, stopId, stopName }
      : undefined;
  } catch {
    return undefined;
  }
}
