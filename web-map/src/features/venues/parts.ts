// Entrances, lifts and provenance of a venue. A table keeps them as JSON text; text is read once.

import type { Entrance, Lift, Measured, VenueProperties } from '../../api/types.ts';

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
const readLists = new Map<string, readonly object[]>();

/** The objects of a list or of its text; none where it cannot be read. */
function listed<T extends object>(value: T[] | string | undefined | null): readonly T[] {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'string') return [];
  let list = readLists.get(value);
  if (!list) {
    const found = parsed(value);
    list = Array.isArray(found) ? found.filter((one): one is object => typeof one === 'object' && one !== null) : [];
    readLists.set(value, list);
  }
  return list as readonly T[];
}

export const entrancesOf = ({ entrances }: VenueProperties): readonly Entrance[] => listed(entrances);
export const liftsOf = ({ lifts }: VenueProperties): readonly Lift[] => listed(lifts);

function provenanceOf({ provenance }: VenueProperties): Record<string, Measured> {
  const value = typeof provenance === 'string' ? parsed(provenance) : provenance;
  return typeof value === 'object' && value !== null ? (value as Record<string, Measured>) : {};
}

/** Who measured an attribute: as said of it alone, else as said of all. */
export function measuredBy(venue: VenueProperties, attribute: string): Measured {
  const { measured_by, measured_on, measured_how } = venue;
  return provenanceOf(venue)[attribute] ?? { measured_by, measured_on, measured_how };
}
