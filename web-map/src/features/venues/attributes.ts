// What is measured at a place, in the order and the groups in which it is told.

import type { Entrance, Measured, VenueProperties, WayIn } from '../../api/types.ts';
import { longDate, number } from '../../i18n/format.ts';
import { t } from '../../i18n/attributes.messages.ts';
import { locale } from '../../i18n/locale.svelte.ts';
import type { Fact } from '../../ui/facts.ts';

type Valued<T> = Exclude<
  { [K in keyof T]: T[K] extends number | boolean | undefined ? K : never }[keyof T] | 'approach_surface',
  undefined
>;
type OfWayIn = Valued<WayIn>;
type Told = Valued<VenueProperties> | 'staff_languages';
type GroupName =
  | 'group_door'
  | 'group_steps'
  | 'group_ramp'
  | 'group_call'
  | 'group_ground'
  | 'group_parking'
  | 'group_toilet'
  | 'group_audio'
  | 'group_visual'
  | 'group_tactile'
  | 'group_staff';
export interface Group {
  title: GroupName;
  attributes: readonly Told[];
}

const DOOR: readonly OfWayIn[] = [
  'door_width_cm',
  'threshold_height_cm',
  'door_turning_space_cm',
  'door_automatic',
  'door_sliding',
  'door_revolving',
  'door_opens_outward',
];
const RAMP: readonly OfWayIn[] = [
  'has_ramp',
  'ramp_slope_percent',
  'ramp_width_cm',
  'ramp_length_cm',
  'ramp_handrails',
  'ramp_portable',
];
/** From the pavement to the inside of one door. */
export const WAY_IN: readonly Group[] = [
  { title: 'group_door', attributes: DOOR },
  { title: 'group_steps', attributes: ['entrance_steps', 'step_height_cm', 'step_handrail'] },
  { title: 'group_ramp', attributes: RAMP },
  { title: 'group_call', attributes: ['help_can_be_called', 'has_hoist', 'bell_height_cm', 'has_intercom'] },
  { title: 'group_ground', attributes: ['approach_surface'] },
];
/** What is the same whichever door leads in. */
export const INSIDE: readonly Group[] = [
  {
    title: 'group_parking',
    attributes: [
      'accessible_parking_spaces',
      'parking_distance_m',
      'parking_width_cm',
      'parking_length_cm',
      'parking_max_height_cm',
      'parking_signed',
    ],
  },
  {
    title: 'group_toilet',
    attributes: [
      'accessible_toilet',
      'toilet_door_width_cm',
      'toilet_turning_space_cm',
      'toilet_seat_height_cm',
      'toilet_grab_bars',
      'washbasin_height_cm',
      'toilet_emergency_call',
    ],
  },
  { title: 'group_audio', attributes: ['audio_information', 'induction_loop', 'audio_description', 'audio_signs'] },
  {
    title: 'group_visual',
    attributes: [
      'visual_information',
      'large_print',
      'captions',
      'high_contrast_signs',
      'pictograms',
      'visual_announcements',
    ],
  },
  { title: 'group_tactile', attributes: ['tactile_information', 'tactile_strips', 'tactile_signs', 'braille'] },
  { title: 'group_staff', attributes: ['staff_see_visitors', 'staff_assist', 'staff_languages'] },
];

/** Told in their place even when nobody measured them: most people decide by these. */
const ALWAYS: ReadonlySet<string> = new Set(['door_width_cm', 'entrance_steps', 'has_ramp', 'accessible_toilet']);
/** Yes and no of a thing that is there or not; of the others it is a quality. */
const QUALITIES: ReadonlySet<string> = new Set([
  'door_automatic',
  'door_sliding',
  'door_revolving',
  'door_opens_outward',
  'ramp_portable',
  'help_can_be_called',
  'parking_signed',
  'staff_see_visitors',
  'staff_assist',
  'lift_required',
]);
const SURFACES = [
  'asphalt',
  'concrete',
  'paved',
  'paving_stones',
  'wood',
  'metal',
  'rubber',
  'tiles',
  'sett',
  'cobblestone',
  'compacted',
  'fine_gravel',
  'gravel',
  'unpaved',
  'ground',
  'dirt',
  'grass',
  'sand',
  'mud',
] as const;

/** Of lifts; they have no group of their own. */
export const OF_LIFTS = ['lift_door_width_cm', 'car_width_cm', 'car_depth_cm'] as const;
const NAMED: ReadonlySet<string> = new Set<string>([
  ...[...WAY_IN, ...INSIDE].flatMap(({ attributes }) => attributes),
  ...OF_LIFTS,
  'is_working',
  'lift_required',
]);
/** A person's word for an attribute. */
export const attributeName = (attribute: string): string =>
  NAMED.has(attribute) ? t(attribute as 'door_width_cm') : attribute;

function textWords(attribute: string, value: string): string {
  const surface = attribute === 'approach_surface' ? SURFACES.find((known) => known === value) : undefined;
  if (surface) return t(`surface_${surface}`);
  if (attribute !== 'staff_languages') return value.replaceAll('_', ' ');
  const names = new Intl.DisplayNames([locale.value], { type: 'language', fallback: 'code' });
  const named = (code: string) => (/^[a-z]{2,3}$/.test(code) ? (names.of(code) ?? code) : code);
  return value
    .split(/[,;\s]+/)
    .map(named)
    .join(', ');
}

/** A value with its unit; nothing when nobody measured it. */
export function valueWords(attribute: string, value: unknown): string | undefined {
  if (typeof value === 'boolean') {
    if (QUALITIES.has(attribute)) return t(value ? 'yes' : 'no');
    return t(value ? 'there' : 'not_there');
  }
  if (typeof value === 'string') return value.trim() ? textWords(attribute, value.trim()) : undefined;
  if (typeof value !== 'number') return undefined;
  if (attribute === 'entrance_steps') return value === 0 ? t('steps_none') : t('steps_n', { n: value });
  if (attribute === 'accessible_parking_spaces') return value === 0 ? t('spaces_none') : t('spaces_n', { n: value });
  const n = number(value);
  if (attribute.endsWith('_percent')) return t('percent', { n });
  if (attribute.endsWith('_cm')) return t('cm', { n });
  return attribute.endsWith('_m') ? t('m', { n }) : n;
}

/** Attributes that have no meaning here: a step's height without steps, a ramp's slope without a ramp. */
function isMoot(attribute: string, of: VenueProperties): boolean {
  if (attribute === 'step_height_cm' || attribute === 'step_handrail') return of.entrance_steps === 0;
  if (attribute.startsWith('ramp_')) return of.has_ramp === false;
  if (attribute.startsWith('parking_')) return of.accessible_parking_spaces === 0;
  if (attribute.startsWith('toilet_') || attribute === 'washbasin_height_cm') return of.accessible_toilet === false;
  return false;
}

export interface Telling {
  title: GroupName;
  facts: Fact[];
}
/** What is known of each group, and the names of what nobody measured. Moot attributes are neither. */
export function tell(
  groups: readonly Group[],
  of: VenueProperties | Entrance,
  note: (attribute: string) => string | undefined,
): { told: Telling[]; unmeasured: string[] } {
  const unmeasured: string[] = [];
  const told = groups.map(({ title, attributes }) => {
    const facts: Fact[] = [];
    for (const attribute of attributes) {
      const value = valueWords(attribute, (of as VenueProperties)[attribute]);
      if (value !== undefined) facts.push({ label: t(attribute), value, note: note(attribute) });
      else if (isMoot(attribute, of)) continue;
      else if (ALWAYS.has(attribute)) facts.push({ label: t(attribute), value: t('unmeasured'), unknown: true });
      else unmeasured.push(t(attribute));
    }
    return { title, facts };
  });
  return { told: told.filter(({ facts }) => facts.length), unmeasured };
}

/** A date as people say it; what is no date stays as the source wrote it. */
export function dateWords(text: string): string {
  const moment = new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T12:00:00Z` : text);
  return Number.isNaN(moment.getTime()) ? text : longDate(moment);
}

/** Who, when and by what means; nothing when nobody said. */
export function measuredWords({ measured_by, measured_on, measured_how }: Measured): string | undefined {
  const parts = [measured_by, measured_on && dateWords(measured_on), measured_how].filter(Boolean);
  return parts.length ? parts.join(', ') : undefined;
}
