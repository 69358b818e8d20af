// What a person needs: presets to begin with, several at once, and what the person changed of them.

import rules from '../../../../city/data/access.json';
import { NEEDS } from '../../api/types.ts';
import type { AccessProfile, Need, Steps } from '../../api/types.ts';

export interface Preset {
  id: string;
  uk: string;
  en: string;
  profile: AccessProfile;
}
export const PRESETS = rules.presets as unknown as readonly Preset[];

/** Numbers of a profile, in the order in which they are asked, with what can be meant. */
export const NUMBERS = {
  chair_width_cm: [30, 150],
  clearance_cm: [0, 50],
  max_slope_percent: [0, 30],
  max_climb_cm: [1, 1000],
} as const;
export type NumberName = keyof typeof NUMBERS;
export const NUMBER_NAMES = Object.keys(NUMBERS) as NumberName[];

/** What the person changed: null takes away what a preset asks. */
export type Changes = Partial<Record<NumberName, number | null>> & {
  steps?: Steps;
  needs?: Partial<Record<Need, boolean>>;
};

export interface Needs {
  presets: readonly string[];
  changes: Changes;
  /** Only vehicles that one boards without a step; says nothing about places. */
  lowFloor?: boolean;
}
export const NOTHING: Needs = { presets: [], changes: {} };

const STRICTEST: readonly Steps[] = ['none', 'one', 'any'];
const stricter = (a: Steps, b: Steps): Steps => (STRICTEST.indexOf(a) < STRICTEST.indexOf(b) ? a : b);
const least = (a: number | undefined, b: number | undefined) => Math.min(a ?? Infinity, b ?? Infinity);
const most = (a: number | undefined, b: number | undefined) => Math.max(a ?? -Infinity, b ?? -Infinity);
const finite = (value: number) => (Number.isFinite(value) ? value : undefined);

/** One person who is two at once needs the wider door, the gentler slope and whatever either needs. */
export function strictest(a: AccessProfile, b: AccessProfile): AccessProfile {
  return {
    chair_width_cm: finite(most(a.chair_width_cm, b.chair_width_cm)),
    clearance_cm: finite(most(a.clearance_cm, b.clearance_cm)),
    max_slope_percent: finite(least(a.max_slope_percent, b.max_slope_percent)),
    max_climb_cm: finite(least(a.max_climb_cm, b.max_climb_cm)),
    steps: stricter(a.steps ?? 'any', b.steps ?? 'any'),
    needs: NEEDS.filter((need) => a.needs?.includes(need) || b.needs?.includes(need)),
  };
}

/** What the chosen presets ask together. */
export const presetProfile = (presets: readonly string[]): AccessProfile =>
  PRESETS.filter(({ id }) => presets.includes(id)).reduce<AccessProfile>(
    (all, { profile }) => strictest(all, profile),
    {
      steps: 'any',
      needs: [],
    },
  );

/** What is asked of places: the presets, and over them what the person changed. */
export function profileOf({ presets, changes }: Needs): AccessProfile {
  const base = presetProfile(presets);
  const numbers = Object.fromEntries(
    NUMBER_NAMES.map((name) => [name, changes[name] === undefined ? base[name] : (changes[name] ?? undefined)]),
  );
  return {
    ...numbers,
    steps: changes.steps ?? base.steps,
    needs: NEEDS.filter((need) => changes.needs?.[need] ?? base.needs?.includes(need)),
  };
}

/** Whether anything is asked of places. */
export function isSet(profile: AccessProfile): boolean {
  const { chair_width_cm, max_slope_percent, max_climb_cm, steps, needs } = profile;
  return (
    [chair_width_cm, max_slope_percent, max_climb_cm].some((value) => value !== undefined) ||
    (steps ?? 'any') !== 'any' ||
    !!needs?.length
  );
}

/** A number that a field holds: nothing when it is empty, `bad` when it cannot be meant. */
export function readNumber(name: NumberName, text: string): number | undefined | 'bad' {
  if (!text.trim()) return undefined;
  const value = Number(text.trim().replace(',', '.'));
  const [from, to] = NUMBERS[name];
  return value >= from && value <= to ? value : 'bad';
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function changesFrom(stored: unknown): Changes {
  const from = isRecord(stored) ? stored : {};
  const changes: Changes = {};
  for (const name of NUMBER_NAMES) {
    const value = from[name];
    if (value === null) changes[name] = null;
    else if (typeof value === 'number' && readNumber(name, String(value)) === value) changes[name] = value;
  }
  const steps = STRICTEST.find((one) => one === from.steps);
  if (steps) changes.steps = steps;
  const wanted = isRecord(from.needs) ? from.needs : {};
  const needs = NEEDS.filter((need) => typeof wanted[need] === 'boolean').map((need) => [need, wanted[need]]);
  if (needs.length) changes.needs = Object.fromEntries(needs) as Partial<Record<Need, boolean>>;
  return changes;
}

/** Needs as they were kept before there were presets. */
function changesFromBefore(stored: Record<string, unknown>): Changes {
  const listed = Array.isArray(stored.needs) ? (stored.needs as unknown[]) : [];
  return changesFrom({
    chair_width_cm: stored.chairWidthCm,
    max_slope_percent: stored.maxSlopePercent,
    steps: stored.level === true ? 'none' : undefined,
    needs: Object.fromEntries(NEEDS.filter((need) => listed.includes(need)).map((need) => [need, true])),
  });
}

/** Reads what was kept; anything that cannot be is left out. */
export function parseNeeds(text: string | null): Needs {
  try {
    const stored: unknown = JSON.parse(text ?? 'null');
    if (!isRecord(stored)) return NOTHING;
    const chosen = Array.isArray(stored.presets) ? (stored.presets as unknown[]) : undefined;
    return {
      presets: PRESETS.map(({ id }) => id).filter((id) => chosen?.includes(id)),
      changes: chosen ? changesFrom(stored.changes) : changesFromBefore(stored),
      ...(stored.lowFloor === true && { lowFloor: true }),
    };
  } catch {
    return NOTHING;
  }
}
