import type { Reason, VenueProperties } from '../../api/types.ts';
import { localized } from '../../i18n/locale.svelte.ts';
import { number } from '../../i18n/format.ts';
import { t } from '../../i18n/resident.messages.ts';
import { CATEGORY_NAMES } from '../../ui/pictograms.ts';

export const venueName = ({ name, name_en, category }: VenueProperties) =>
  localized(name, name_en) ?? categoryName(category);

export function categoryName(category: string | undefined): string {
  return category && CATEGORY_NAMES.includes(category) ? t(category as 'cafe') : t('other_place');
}

type Measured = Exclude<
  {
    [K in keyof VenueProperties]: VenueProperties[K] extends number | boolean | undefined ? K : never;
  }[keyof VenueProperties],
  undefined
>;
export const GROUPS: readonly {
  title: 'group_entrance' | 'group_ramp' | 'group_inside' | 'group_information';
  attributes: readonly Measured[];
}[] = [
  {
    title: 'group_entrance',
    attributes: ['door_width_cm', 'threshold_height_cm', 'entrance_steps', 'step_height_cm', 'help_can_be_called'],
  },
  { title: 'group_ramp', attributes: ['has_ramp', 'ramp_slope_percent', 'ramp_width_cm', 'ramp_handrails'] },
  { title: 'group_inside', attributes: ['accessible_toilet', 'accessible_parking_spaces'] },
  { title: 'group_information', attributes: ['audio_information', 'visual_information', 'tactile_information'] },
];

/** A measurement with its unit; `undefined` when nobody measured. */
export function measuredWords(attribute: Measured, value: number | boolean | undefined | null): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return t(value ? 'yes' : 'no');
  if (attribute === 'entrance_steps') return value === 0 ? t('steps_none') : t('steps_n', { n: value });
  if (attribute === 'accessible_parking_spaces') return value === 0 ? t('spaces_none') : t('spaces_n', { n: value });
  return `${number(value)} ${attribute.endsWith('_percent') ? '%' : t('cm')}`;
}

/** Attributes that have no meaning here: a step's height without steps, a ramp's slope without a ramp. */
export function isMoot(attribute: Measured, venue: VenueProperties): boolean {
  if (attribute === 'step_height_cm') return venue.entrance_steps === 0;
  return attribute.startsWith('ramp_') && venue.has_ramp === false;
}

const CODES = [
  'door_too_narrow',
  'door_tight',
  'door_unmeasured',
  'threshold_high',
  'threshold_too_high',
  'steps',
  'steps_unmeasured',
  'too_many_steps',
  'ramp_too_steep',
  'ramp_too_narrow',
  'ramp_slope_unmeasured',
  'ramp_unmeasured',
  'help_at_the_door',
  'no_help',
  'help_unknown',
  'no_audio',
  'audio_unknown',
  'no_visual',
  'visual_unknown',
  'no_tactile',
  'tactile_unknown',
  'no_toilet',
  'toilet_unknown',
  'no_parking',
  'parking_unknown',
  'implausible',
] as const;
type Code = (typeof CODES)[number];

export function reasonWords({ code, measured, needed }: Reason): string {
  if (!(CODES as readonly string[]).includes(code)) return code.replaceAll('_', ' ');
  const known = code as Code;
  const withNeeded = known === 'door_unmeasured' && typeof needed === 'number';
  return t(withNeeded ? 'reason_door_unmeasured_needed' : `reason_${known}`, {
    n: typeof measured === 'number' ? measured : 0,
    measured: typeof measured === 'number' ? measured : '?',
    needed: typeof needed === 'number' ? needed : '?',
  });
}
