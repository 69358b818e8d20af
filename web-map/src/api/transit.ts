import { getJson } from './http.ts';
import type { Bounds, Collected, Departures, StopFeature, TransitRoute } from './types.ts';

export const fetchStops = (bounds: Bounds) =>
  getJson<Collected<StopFeature>>(`/transit/stops?bbox=${bounds.join(',')}`);

export const fetchDepartures = (stopId: string, limit: number, signal?: AbortSignal) =>
  getJson<Departures>(`/transit/stops/${encodeURIComponent(stopId)}/arrivals?limit=${limit}`, { signal });

export const fetchRoutes = async () => (await getJson<{ routes: TransitRoute[] }>('/transit/routes')).routes;
