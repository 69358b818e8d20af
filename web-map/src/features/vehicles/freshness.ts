import type { City, FixState, VehicleProperties } from '../../api/types.ts';

type Thresholds = Pick<City, 'stale_after_s' | 'lost_after_s'>;

/**
 * State of a fix now. It grows older between messages, so it is judged here again; a delay that
 * the publication policy added is no age.
 */
export function stateAt(
  fix: Pick<VehicleProperties, 'fix_time' | 'delayed_by_s'>,
  now: Date,
  limits: Thresholds,
): FixState {
  const age = (now.getTime() - Date.parse(fix.fix_time)) / 1000 - (fix.delayed_by_s ?? 0);
  if (age <= limits.stale_after_s) return 'live';
  return age <= limits.lost_after_s ? 'stale' : 'lost';
}
