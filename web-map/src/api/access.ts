import { getJson } from './http.ts';
import type { Collected, Openings, VenueFeature, VenueProperties, VenueStanding } from './types.ts';

export type Venues = Collected<VenueFeature> & { openings?: Openings };

/** Every place with what was measured there. What a person needs is no part of the question: the page judges. */
export const fetchVenues = (signal?: AbortSignal) => getJson<Venues>('/access/venues', { credentials: 'omit', signal });

/** How a place stands to the norms, which knows no person. */
export const fetchStanding = async (id: string, signal?: AbortSignal): Promise<VenueStanding> => {
  const path = `/access/venues/${encodeURIComponent(id)}`;
  const { properties } = await getJson<{ properties: VenueProperties & VenueStanding }>(path, {
    credentials: 'omit',
    signal,
  });
  const { norms, implausible, unreadable } = properties;
  return { norms, implausible, unreadable };
};
