import type { HeadwayDirection, HeadwayVehicle, Spacing } from '../../api/types.ts';
import { t } from '../../i18n/dispatch.messages.ts';

const minutes = (seconds: number) => Math.round(seconds / 60);

export const headwayWords = (seconds: number | undefined) =>
  seconds === undefined ? '' : t('minutes', { n: minutes(seconds) });

export const spacingWords = (spacing: Spacing | undefined) => t(spacing ?? 'spacing_unknown');

export const labelOf = ({ label, id }: Pick<HeadwayVehicle, 'label' | 'id'>) => label ?? id;

export function wayWords({ direction, headsign }: Pick<HeadwayDirection, 'direction' | 'headsign'>, n: number): string {
  return headsign ? `→ ${headsign}` : t('way_n', { n: (direction ?? n) + 1 });
}

export function planWords({ planned_headway_s, planned_is }: HeadwayDirection): string {
  if (planned_headway_s === undefined) return t('planned_none');
  return t(planned_is === 'timetable' ? 'planned' : 'planned_observed', { n: minutes(planned_headway_s) });
}

export const observedWords = ({ observed_headway_s }: HeadwayDirection) =>
  observed_headway_s === undefined ? t('observed_none') : t('observed', { n: minutes(observed_headway_s) });

export function delayWords(delay_s: number | undefined): string {
  if (delay_s === undefined) return '';
  const n = minutes(Math.abs(delay_s));
  return n === 0 ? t('on_time') : t(delay_s > 0 ? 'late' : 'early', { n });
}

export const ageWords = (seconds: number) =>
  seconds < 60 ? t('age_s', { n: Math.round(seconds) }) : t('age_min', { n: minutes(seconds) });

const STATES = ['unknown', 'at_depot', 'deadhead', 'layover', 'in_service', 'off_route'] as const;
const REASONS = [
  'told',
  'matched',
  'no_timetable',
  'several_trips',
  'no_trip',
  'several_ways',
  'too_few_fixes',
  'standing',
  'far_from_route',
  'unknown_route',
  'silent',
] as const;

/** A word that a newer server says and this page does not know stands as it is. */
export function stateWords(state: string): string {
  const known = STATES.find((one) => one === state);
  return known ? t(`state_${known}`) : state;
}
export function reasonWords(reason: string): string {
  const known = REASONS.find((one) => one === reason);
  return known ? t(`reason_${known}`) : reason;
}
