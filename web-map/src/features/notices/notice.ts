import type { AlertText, TransitAlert } from '../../api/types.ts';
import { momentOf, wallClock } from './wallClock.ts';

// A notice as the fields of the form hold it. Pure.

// Names of GTFS-Realtime; unknown is the absence of a word.
export const CAUSES = [
  'CONSTRUCTION',
  'ACCIDENT',
  'WEATHER',
  'TECHNICAL_PROBLEM',
  'MAINTENANCE',
  'DEMONSTRATION',
  'STRIKE',
  'HOLIDAY',
  'POLICE_ACTIVITY',
  'MEDICAL_EMERGENCY',
  'OTHER_CAUSE',
] as const;
export const EFFECTS = [
  'DETOUR',
  'NO_SERVICE',
  'REDUCED_SERVICE',
  'SIGNIFICANT_DELAYS',
  'MODIFIED_SERVICE',
  'ADDITIONAL_SERVICE',
  'STOP_MOVED',
  'ACCESSIBILITY_ISSUE',
  'NO_EFFECT',
  'OTHER_EFFECT',
] as const;

export interface Draft {
  headerUk: string;
  headerEn: string;
  descriptionUk: string;
  descriptionEn: string;
  cause: string;
  effect: string;
  routes: string[];
  stops: string[];
  from: string;
  until: string;
}

export type Wrong = 'header' | 'until';

export function draftOf(alert: TransitAlert | undefined, zone: string): Draft {
  const wall = (time: string | undefined) => (time ? wallClock(new Date(time), zone) : '');
  return {
    headerUk: alert?.header.uk ?? '',
    headerEn: alert?.header.en ?? '',
    descriptionUk: alert?.description?.uk ?? '',
    descriptionEn: alert?.description?.en ?? '',
    cause: alert?.cause ?? '',
    effect: alert?.effect ?? '',
    routes: [...(alert?.routes ?? [])],
    stops: [...(alert?.stops ?? [])],
    from: wall(alert?.from),
    until: wall(alert?.until),
  };
}

export function wrongIn({ headerUk, headerEn, from, until }: Draft): Wrong[] {
  const wrong: Wrong[] = [];
  if (!headerUk.trim() && !headerEn.trim()) wrong.push('header');
  // Both are written alike, so that their order is that of the letters.
  if (from && until && until <= from) wrong.push('until');
  return wrong;
}

const translated = (uk: string, en: string) => ({
  ...(uk.trim() && { uk: uk.trim() }),
  ...(en.trim() && { en: en.trim() }),
});

export function textOf(draft: Draft, zone: string): AlertText {
  const moment = (wall: string) => (wall ? momentOf(wall, zone)?.toISOString() : undefined);
  return {
    header: translated(draft.headerUk, draft.headerEn),
    description: translated(draft.descriptionUk, draft.descriptionEn),
    cause: draft.cause || undefined,
    effect: draft.effect || undefined,
    routes: draft.routes,
    stops: draft.stops,
    from: moment(draft.from),
    until: moment(draft.until),
  };
}
