import { UTILITY_KINDS, type FixState } from '../../api/types.ts';
import type { Seen } from '../vehicles/seen.svelte.ts';
import { spelled } from '../search/spelling.ts';

export interface FleetQuestion {
  text: string;
  all: boolean;
  state: FixState | 'any';
}

export const isUtility = ({ feature }: Seen) =>
  (UTILITY_KINDS as readonly string[]).includes(feature.properties.kind ?? '');

/** The rows of the table: utility vehicles, or all, whose words hold the text. */
export function fleetRows(vehicles: Seen[], { text, all, state }: FleetQuestion, words: (one: Seen) => string): Seen[] {
  const wanted = spelled(text);
  return vehicles
    .filter((one) => all || isUtility(one))
    .filter((one) => state === 'any' || one.state === state)
    .filter((one) => !wanted || spelled(words(one)).includes(wanted))
    .sort((a, b) => collator.compare(sortName(a), sortName(b)));
}

const collator = new Intl.Collator('uk', { numeric: true });
const sortName = ({ feature: { id, properties } }: Seen) =>
  `${(UTILITY_KINDS as readonly string[]).indexOf(properties.kind ?? '')} ${properties.kind ?? ''} ${properties.label ?? id}`;

/**
 * Id under which staff know a vehicle that was named by its public one: the two may differ, the
 * number on its side is the same. The given id when nobody else fits, or more than one.
 */
export function staffId({ id, label }: { id: string; label?: string }, everyone: Seen[]): string {
  if (label === undefined || everyone.some(({ feature }) => feature.id === id)) return id;
  const alike = everyone.filter(({ feature }) => feature.properties.label === label);
  return (alike.length === 1 ? alike[0]?.feature.id : undefined) ?? id;
}
