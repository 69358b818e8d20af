// Is it open now? Evaluated on the device from the intervals that the server worked out for the days
// ahead, so that it stays true without connection; beyond those days nobody knows.

import type { Openings } from '../../api/types.ts';

export type Opening =
  | { state: 'open'; until?: Date }
  | { state: 'closed'; opens?: Date }
  /** The text itself is not sure: by appointment. */
  | { state: 'unclear'; comment?: string }
  /** Nobody said the hours, they cannot be read, or the days that were told are over. */
  | { state: 'unknown' };

const UNKNOWN: Opening = { state: 'unknown' };

/** The state of a place with this text at a moment. */
export function openingAt(text: string | undefined, openings: Openings | undefined, now: Date): Opening {
  const times = text === undefined ? undefined : openings?.by_text[text];
  if (!openings || !times?.open) return UNKNOWN;
  const [from, until] = [Date.parse(openings.from), Date.parse(openings.until)];
  const at = now.getTime();
  if (!(at >= from && at < until)) return UNKNOWN;
  const holds = ([start, end]: readonly [string, string, string?]) => at >= Date.parse(start) && at < Date.parse(end);
  const unclear = times.unclear?.find(holds);
  if (unclear) return { state: 'unclear', comment: unclear[2] };
  const open = times.open.find(holds);
  if (open) {
    const end = Date.parse(open[1]);
    // Cut off where the days that were told end: it may go on.
    return end < until ? { state: 'open', until: new Date(end) } : { state: 'open' };
  }
  const next = times.open.find(([start]) => Date.parse(start) > at);
  const perhaps = times.unclear?.find(([start]) => Date.parse(start) > at);
  const sooner = perhaps && (!next || perhaps[0] < next[0]);
  return next && !sooner ? { state: 'closed', opens: new Date(next[0]) } : { state: 'closed' };
}
