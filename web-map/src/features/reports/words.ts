import type { DeskReport, StandingReport } from '../../api/reports.ts';
import { number } from '../../i18n/format.ts';
import { t } from '../../i18n/reports.messages.ts';

/** What can be measured from a telephone in a minute, in the order in which it decides. */
export const MEASURES = [
  'door_width_cm',
  'entrance_steps',
  'threshold_height_cm',
  'has_ramp',
  'ramp_slope_percent',
  'ramp_width_cm',
  'help_can_be_called',
  'accessible_toilet',
] as const;
export type Measure = (typeof MEASURES)[number];

export const isTruth = (attribute: string) => !/_(cm|m|percent|steps|spaces)$/.test(attribute);

export const attributeWords = (attribute: string) =>
  (MEASURES as readonly string[]).includes(attribute) ? t(attribute as Measure) : attribute.replaceAll('_', ' ');

export function unitOf(attribute: string): string {
  if (attribute.endsWith('_cm')) return t('cm');
  if (attribute.endsWith('_percent')) return '%';
  return attribute.endsWith('_m') ? t('m') : '';
}

export function valueWords(attribute: string, value: number | boolean | undefined): string {
  if (value === undefined) return t('unknown');
  if (typeof value === 'boolean') return t(value ? 'yes' : 'no');
  return `${number(value)} ${unitOf(attribute)}`.trim();
}

/** What a report says, in one line. */
export function claimWords({ kind, attribute, value }: StandingReport): string {
  if (kind === 'measurement') return `${attributeWords(attribute ?? '')}: ${valueWords(attribute ?? '', value)}`;
  return t(`kind_${kind}`);
}

/** Beside it what the record says now, and the difference of two numbers. */
export function differenceWords({ kind, attribute, present, by }: DeskReport): string | undefined {
  if (kind === 'lift_broken' || kind === 'lift_works')
    return present === undefined ? t('record_nothing') : t(present ? 'record_works' : 'record_broken');
  if (kind !== 'measurement' || !attribute) return undefined;
  if (present === undefined) return t('record_nothing');
  const now = t('record_now', { value: valueWords(attribute, present) });
  if (by === undefined) return now;
  const sign = by > 0 ? '+' : by < 0 ? '−' : '±';
  return `${now}; ${t('difference', { value: `${sign}${valueWords(attribute, Math.abs(by))}` })}`;
}
