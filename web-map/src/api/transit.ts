import { getJson, jsonBody, request } from './http.ts';
import type {
  AlertText,
  Bounds,
  Collected,
  Departures,
  Headways,
  MatchedVehicle,
  RouteLine,
  StopFeature,
  TransitAlert,
  TransitRoute,
  VehicleKind,
} from './types.ts';

export const fetchStops = (bounds: Bounds) =>
  getJson<Collected<StopFeature>>(`/transit/stops?bbox=${bounds.join(',')}`);

/** Stops that the server finds by name; it reads apostrophes and Latin letters as people type them. */
export const findStops = (text: string, limit: number, signal?: AbortSignal) =>
  getJson<Collected<StopFeature>>(`/transit/stops?q=${encodeURIComponent(text)}&limit=${limit}`, { signal });

export const fetchDepartures = (stopId: string, limit: number, lowFloor = false) =>
  getJson<Departures>(
    `/transit/stops/${encodeURIComponent(stopId)}/arrivals?limit=${limit}${lowFloor ? '&low_floor=true' : ''}`,
  );

/** The timetable's kinds name transit alone, so that their "other" is the fleet's "other transit". */
const ofFleet = <R extends TransitRoute>(route: R): R => ({
  ...route,
  kind: (route.kind as string) === 'other' ? ('other_transit' satisfies VehicleKind) : route.kind,
});

export const fetchRoutes = async () =>
  (await getJson<{ routes: TransitRoute[] }>('/transit/routes')).routes.map(ofFleet);

export const fetchRoute = async (id: string) =>
  ofFleet(await getJson<RouteLine>(`/transit/routes/${encodeURIComponent(id)}`));

export const fetchHeadways = (routeId: string) =>
  getJson<Headways>(`/transit/routes/${encodeURIComponent(routeId)}/headways`);

export const fetchMatched = () => getJson<{ now: string; vehicles: MatchedVehicle[] }>('/dispatch/transit');

export const fetchAlerts = async () => (await getJson<{ alerts: TransitAlert[] }>('/transit/alerts')).alerts;

/** Every notice that stands, those of the future and the past among them; staff only. */
export const fetchEveryAlert = async () =>
  (await getJson<{ alerts: TransitAlert[] }>('/dispatch/transit/alerts')).alerts;

const standing = ({ id }: TransitAlert) => `/dispatch/transit/alerts/${encodeURIComponent(id)}`;
const over = ({ version }: TransitAlert, init: RequestInit): RequestInit => {
  const headers = new Headers(init.headers);
  if (version !== undefined) headers.set('If-Match', `"${version}"`);
  return { ...init, headers };
};

export const createAlert = async (text: AlertText) =>
  (await request('/dispatch/transit/alerts', jsonBody('POST', text))).json() as Promise<TransitAlert>;

/** Saves over the version that was read; a `Problem` 412 when somebody saved in between. */
export const replaceAlert = async (alert: TransitAlert, text: AlertText) =>
  (await request(standing(alert), over(alert, jsonBody('PUT', text)))).json() as Promise<TransitAlert>;

export async function deleteAlert(alert: TransitAlert): Promise<void> {
  await request(standing(alert), over(alert, { method: 'DELETE' }));
}
