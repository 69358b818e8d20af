import { getJson, jsonBody } from './http.ts';
import type { AccessQuestion, Collected, VenueFeature } from './types.ts';

/** Asks without credentials, so that needs are never tied to a person who signed in. */
export const askVenues = (question: AccessQuestion, signal?: AbortSignal) =>
  getJson<Collected<VenueFeature>>('/access/venues', {
    ...jsonBody('POST', question),
    credentials: 'omit',
    signal,
  });
