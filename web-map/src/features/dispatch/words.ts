import type { VehicleProperties } from '../../api/types.ts';
import { t } from '../../i18n/staff.messages.ts';
import { isTransit, kindName, vehicleTitle } from '../vehicles/words.ts';

export const rowTitle = (properties: VehicleProperties) =>
  isTransit(properties.kind)
    ? [kindName(properties.kind), properties.label].filter(Boolean).join(' ')
    : vehicleTitle(properties);

/** The job of a utility vehicle; where a bus is heading. Unknown stays unknown. */
export function jobWords({ kind, job, headsign }: VehicleProperties): string {
  if (job) return t(`job_${job}`);
  return isTransit(kind) ? (headsign ?? '—') : t('jobless');
}

const FLAGS = ['clock_wrong', 'speed_implausible', 'ambiguous_local_time'] as const;
export const flagWords = (flag: string) =>
  (FLAGS as readonly string[]).includes(flag) ? t(`flag_${flag as (typeof FLAGS)[number]}`) : flag.replaceAll('_', ' ');

const REASONS = [
  'too_large',
  'invalid_utf8',
  'invalid_json',
  'invalid_topic',
  'missing_field',
  'invalid_field',
  'no_position',
  'coordinates_swapped',
  'outside_bounds',
  'in_future',
  'unsupported_message',
  'retained',
  'unknown_topic',
] as const;
export const rejectionWords = (reason: string) =>
  (REASONS as readonly string[]).includes(reason)
    ? t(`reason_${reason as (typeof REASONS)[number]}`)
    : reason.replaceAll('_', ' ');
