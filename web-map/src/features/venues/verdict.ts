// Can this person use this place? The rule of `city/src/access` again, in the browser, so that what
// a person needs never leaves the device. Both read the same numbers, and `city/tests/access_cases.json`
// holds both to the same answers.

import rules from '../../../../city/data/access.json';
import ranges from '../../../../city/data/plausible.json';
import { NEEDS } from '../../api/types.ts';
import type { AccessProfile, Need, Reason, VenueProperties, Verdict, WayIn } from '../../api/types.ts';
import { entrancesOf, liftsOf } from './parts.ts';

export interface Answer {
  verdict: Verdict;
  reasons: readonly Reason[];
  /** Of several entrances the one that answers, counted from 1. */
  entrance?: number;
}

const { door_width_cm, hand_clearance_cm, ramp_slope_percent, threshold_height_cm, lifted_step_cm } = rules.thresholds;
const FIRM = new Set(rules.surfaces.firm);
const NOT_FIRM = new Set(rules.surfaces.not_firm);

type Ranged = keyof typeof ranges;
/** An attribute that is measured: its unit, and what a measurement of it can be. */
interface Scale {
  name: Ranged;
  unit: Reason['unit'];
  least: number;
  most: number;
}
const unitOf = (attribute: string): Reason['unit'] =>
  attribute.endsWith('_cm') ? 'cm' : attribute.endsWith('_percent') ? '%' : undefined;
function scale(name: Ranged): Scale {
  const [least = -Infinity, most = Infinity] = ranges[name];
  return { name, unit: unitOf(name), least, most };
}
const DOOR = scale('door_width_cm');
const SILL = scale('threshold_height_cm');
const STEPS = scale('entrance_steps');
const SLOPE = scale('ramp_slope_percent');
const LENGTH = scale('ramp_length_cm');
const RAMP_WIDTH = scale('ramp_width_cm');
const TOILET_DOOR = scale('toilet_door_width_cm');
const SPACES = scale('accessible_parking_spaces');

const outside = ({ least, most }: Scale, value: number) => !(value >= least && value <= most);
/** What no measurement can be: below the least or above the most that the attribute can mean. */
export const isImplausible = (attribute: Ranged, value: number): boolean => outside(scale(attribute), value);

const plain = new Map<string, Reason>();
/** A reason without numbers says the same of every place: one object serves all. */
function same(code: string, attribute: string, blocking: Reason['blocking']): Reason {
  let known = plain.get(code);
  if (!known) plain.set(code, (known = Object.freeze({ code, attribute, unit: unitOf(attribute), blocking })));
  return known;
}
const of = (
  code: string,
  { name: attribute, unit }: Scale,
  blocking: Reason['blocking'],
  measured: number,
  needed: number,
): Reason => ({ code, attribute, measured, needed, unit, blocking });
const doubtful = ({ name: attribute, unit }: Scale, measured: number): Reason => ({
  code: 'implausible',
  attribute,
  measured,
  unit,
  blocking: 'unknown',
});

/** What was measured; a value of another kind is one that nobody can read. */
const measuredIn = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
const countIn = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;

/** A person's needs, ready to be asked of many places. */
interface Person {
  wheelchair: boolean;
  oneStep: boolean;
  chair: number | undefined;
  /** A door that the chair passes when pushed, and one that its user passes alone. */
  pushed: number;
  alone: number;
  slope: number;
  climb: number | undefined;
  needs: Record<Need, boolean>;
}

function personOf(profile: AccessProfile): Person | undefined {
  const { chair_width_cm: chair, clearance_cm, max_slope_percent: slope, max_climb_cm: climb, steps } = profile;
  const needs = Object.fromEntries(NEEDS.map((need) => [need, !!profile.needs?.includes(need)]));
  const wheelchair = chair !== undefined || slope !== undefined || climb !== undefined || steps === 'none';
  if (!wheelchair && steps !== 'one' && !profile.needs?.length) return undefined;
  return {
    wheelchair,
    oneStep: steps === 'one',
    chair,
    pushed: chair ?? door_width_cm.value,
    alone: chair === undefined ? door_width_cm.value : chair + (clearance_cm ?? hand_clearance_cm.value),
    slope: slope ?? ramp_slope_percent.value,
    climb,
    needs: needs as Record<Need, boolean>,
  };
}

function door(way: WayIn, person: Person): Reason | undefined {
  const width = measuredIn(way.door_width_cm);
  if (width === undefined) return same('door_unmeasured', 'door_width_cm', 'unknown');
  if (outside(DOOR, width)) return doubtful(DOOR, width);
  if (width < person.pushed) return of('door_too_narrow', DOOR, 'no', width, person.alone);
  if (width < person.alone) return of('door_tight', DOOR, 'help', width, person.alone);
  return undefined;
}

function threshold(way: WayIn): Reason | undefined {
  const height = measuredIn(way.threshold_height_cm);
  if (height === undefined) return undefined;
  const alone = threshold_height_cm.value;
  if (outside(SILL, height)) return doubtful(SILL, height);
  if (height > lifted_step_cm.value) return of('threshold_too_high', SILL, 'no', height, alone);
  if (height > alone) return of('threshold_high', SILL, 'help', height, alone);
  return undefined;
}

/** The number of steps, or why it is not known. */
function stepsOf(way: WayIn): number | Reason {
  const steps = countIn(way.entrance_steps);
  if (steps === undefined) return same('steps_unmeasured', 'entrance_steps', 'unknown');
  return outside(STEPS, steps) ? doubtful(STEPS, steps) : steps;
}

/** What stands on a ramp at present stands in the way whatever else is good there. */
function blocked(way: WayIn): Reason | undefined {
  return way.ramp_blocked === true && way.has_ramp !== false ? same('ramp_blocked', 'ramp_blocked', 'no') : undefined;
}

function overTheSteps(way: WayIn, person: Person, reasons: Reason[]) {
  const steps = stepsOf(way);
  if (typeof steps !== 'number') reasons.push(steps);
  else if (way.has_ramp === true) ramp(way, person, reasons);
  else if (steps === 0) return;
  else if (way.has_hoist === true) reasons.push(same('hoist', 'has_hoist', 'help'));
  else if (way.has_ramp === false) reasons.push(of('steps', STEPS, 'no', steps, 0));
  else reasons.push(same('ramp_unmeasured', 'has_ramp', 'unknown'));
}

function ramp(way: WayIn, person: Person, reasons: Reason[]) {
  const slope = measuredIn(way.ramp_slope_percent);
  if (slope === undefined) reasons.push(same('ramp_slope_unmeasured', 'ramp_slope_percent', 'unknown'));
  else if (outside(SLOPE, slope)) reasons.push(doubtful(SLOPE, slope));
  else {
    if (slope > person.slope) reasons.push(of('ramp_too_steep', SLOPE, 'no', slope, person.slope));
    const tooLong = person.climb === undefined ? undefined : climb(way, slope, person.climb);
    if (tooLong) reasons.push(tooLong);
  }
  const width = measuredIn(way.ramp_width_cm);
  if (width !== undefined && outside(RAMP_WIDTH, width)) reasons.push(doubtful(RAMP_WIDTH, width));
  else if (width !== undefined && person.chair !== undefined && width < person.chair)
    reasons.push(of('ramp_too_narrow', RAMP_WIDTH, 'no', width, person.chair));
  if (way.ramp_portable === true) reasons.push(same('ramp_is_laid', 'ramp_portable', 'help'));
}

/** The rise of the longest run without a landing: its slope times its length. */
function climb(way: WayIn, slope: number, limit: number): Reason | undefined {
  const length = measuredIn(way.ramp_length_cm);
  if (length === undefined)
    return slope === 0 ? undefined : same('ramp_length_unmeasured', 'ramp_length_cm', 'unknown');
  if (outside(LENGTH, length)) return doubtful(LENGTH, length);
  const rise = (length * slope) / 100;
  return rise > limit ? of('ramp_too_long', LENGTH, 'no', rise, limit) : undefined;
}

function oneStep(way: WayIn): Reason | undefined {
  const steps = stepsOf(way);
  if (typeof steps !== 'number') return steps;
  if (steps <= 1) return undefined;
  if (way.has_ramp === true) return blocked(way);
  return way.has_ramp === false
    ? of('too_many_steps', STEPS, 'no', steps, 1)
    : same('ramp_unmeasured', 'has_ramp', 'unknown');
}

function ground({ approach_surface: surface }: WayIn): Reason | undefined {
  if (typeof surface === 'string') {
    if (FIRM.has(surface)) return undefined;
    if (NOT_FIRM.has(surface)) return same('surface_not_firm', 'approach_surface', 'no');
  }
  return same('surface_unknown', 'approach_surface', 'unknown');
}

/** From the pavement to the inside of one door. */
function ofWayIn(way: WayIn, venue: WayIn, person: Person): Reason[] {
  const reasons: Reason[] = [];
  const add = (one: Reason | undefined) => void (one && reasons.push(one));
  if (person.wheelchair) {
    add(door(way, person));
    if (way.door_revolving === true) add(same('revolving_door', 'door_revolving', 'no'));
    add(threshold(way));
    overTheSteps(way, person, reasons);
    add(blocked(way));
  } else if (person.oneStep) add(oneStep(way));
  if (person.needs.surface) add(ground(way));
  // Help that can be called at the venue can be called at an entrance that does not say otherwise.
  if (person.needs.help)
    add(
      told(way.help_can_be_called ?? venue.help_can_be_called, 'help_can_be_called', 'no_help', 'help_unknown', HELP),
    );
  return reasons;
}
const HELP = same('help_at_the_door', 'help_can_be_called', 'help');

/** Told yes is `yes` (mostly nothing to say), told no stands in the way, untold decides and is unknown. */
function told(there: unknown, attribute: string, no: string, unknown: string, yes?: Reason): Reason | undefined {
  if (there === true) return yes;
  return there === false ? same(no, attribute, 'no') : same(unknown, attribute, 'unknown');
}

/** A whole that nobody told is yes where one of its parts is; what is neither yes nor no tells nothing. */
const whole = (told: unknown, ...parts: unknown[]): boolean | undefined =>
  typeof told === 'boolean' ? told : parts.includes(true) || undefined;
const audio = (v: VenueProperties) => whole(v.audio_information, v.induction_loop, v.audio_description, v.audio_signs);
const visual = (v: VenueProperties) =>
  whole(v.visual_information, v.large_print, v.captions, v.high_contrast_signs, v.pictograms, v.visual_announcements);
const tactile = (v: VenueProperties) => whole(v.tactile_information, v.tactile_strips, v.tactile_signs, v.braille);

/** What a person needs of a place whichever door leads in. */
function inside(venue: VenueProperties, { wheelchair, oneStep, chair, needs }: Person, reasons: Reason[]) {
  const add = (one: Reason | undefined) => void (one && reasons.push(one));
  if ((wheelchair || oneStep) && venue.lift_required === true) add(lift(venue));
  if (needs.audio) add(told(audio(venue), 'audio_information', 'no_audio', 'audio_unknown'));
  if (needs.visual) add(told(visual(venue), 'visual_information', 'no_visual', 'visual_unknown'));
  if (needs.tactile) add(told(tactile(venue), 'tactile_information', 'no_tactile', 'tactile_unknown'));
  if (needs.toilet) add(toilet(venue, chair));
  if (needs.parking) add(parking(venue));
}

/** Only a place that says it is reached by lift depends on one; one that works is enough. */
function lift(venue: VenueProperties): Reason | undefined {
  const lifts = liftsOf(venue);
  if (lifts.some(({ is_working }) => is_working === true)) return undefined;
  return lifts.length === 0 || lifts.some(({ is_working }) => is_working !== false)
    ? same('lift_unknown', 'is_working', 'unknown')
    : same('lift_out_of_order', 'is_working', 'no');
}

function toilet(venue: VenueProperties, chair: number | undefined): Reason | undefined {
  const missing = told(venue.accessible_toilet, 'accessible_toilet', 'no_toilet', 'toilet_unknown');
  const width = measuredIn(venue.toilet_door_width_cm);
  if (missing || chair === undefined || width === undefined) return missing;
  if (outside(TOILET_DOOR, width)) return doubtful(TOILET_DOOR, width);
  return width < chair ? of('toilet_door_too_narrow', TOILET_DOOR, 'no', width, chair) : undefined;
}

function parking(venue: VenueProperties): Reason | undefined {
  const spaces = countIn(venue.accessible_parking_spaces);
  if (spaces !== undefined && outside(SPACES, spaces)) return doubtful(SPACES, spaces);
  return told(spaces === undefined ? undefined : spaces > 0, SPACES.name, 'no_parking', 'parking_unknown');
}

function weigh(reasons: readonly Reason[]): Verdict {
  let verdict: Verdict = 'fits';
  for (const { blocking } of reasons) {
    if (blocking === 'no') return 'does_not_fit';
    if (blocking === 'unknown') verdict = 'unknown';
    else if (verdict === 'fits') verdict = 'fits_with_help';
  }
  return verdict;
}
const FROM_GREEN: Record<Verdict, number> = { fits: 0, fits_with_help: 1, unknown: 2, does_not_fit: 3 };

const numbered = (reasons: Reason[], entrance: number): Reason[] => reasons.map((one) => ({ ...one, entrance }));

/** What the best way in gives, and which of several entrances that is. */
function best(venue: VenueProperties, person: Person): { reasons: Reason[]; entrance?: number } {
  const entrances = entrancesOf(venue);
  const [first] = entrances;
  if (!first) return { reasons: ofWayIn(venue, venue, person) };
  let reasons = ofWayIn(first, venue, person);
  let entrance = 1;
  for (let next = 1; next < entrances.length; next += 1) {
    const others = ofWayIn(entrances[next] ?? {}, venue, person);
    if (FROM_GREEN[weigh(others)] < FROM_GREEN[weigh(reasons)]) [reasons, entrance] = [others, next + 1];
  }
  return { reasons: numbered(reasons, entrance), entrance };
}

function answer(venue: VenueProperties, person: Person): Answer {
  const { reasons, entrance } = best(venue, person);
  inside(venue, person, reasons);
  return { verdict: weigh(reasons), reasons, entrance };
}

/** Judges a venue for a person; nothing when the person asks for nothing. Of several entrances the best answers. */
export function judge(venue: VenueProperties, profile: AccessProfile): Answer | undefined {
  const person = personOf(profile);
  return person && answer(venue, person);
}

/** Judges many venues for one person, in their order. */
export function judgeAll(venues: readonly VenueProperties[], profile: AccessProfile): Answer[] | undefined {
  const person = personOf(profile);
  return person && venues.map((venue) => answer(venue, person));
}

/** Each entrance for itself, in their order; empty where the venue's entrances are not known one by one. */
export function judgeEntrances(venue: VenueProperties, profile: AccessProfile): Answer[] {
  const person = personOf(profile);
  if (!person) return [];
  return entrancesOf(venue).map((entrance, index) => {
    const reasons = numbered(ofWayIn(entrance, venue, person), index + 1);
    return { verdict: weigh(reasons), reasons };
  });
}
