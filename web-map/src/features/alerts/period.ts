import type { AlertText } from '../../api/types.ts';

type Period = Pick<AlertText, 'from' | 'until'>;
export type Standing = 'future' | 'now' | 'ended';

/** Where a notice stands; without a beginning it holds from now on, without an end until it is removed. */
export function standingAt({ from, until }: Period, now: Date): Standing {
  if (until && Date.parse(until) <= now.getTime()) return 'ended';
  return from && Date.parse(from) > now.getTime() ? 'future' : 'now';
}

export const holdsAt = (period: Period, now: Date) => standingAt(period, now) === 'now';
