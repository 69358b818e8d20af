import { getJson } from './http.ts';
import type { Collected, LonLat, Rejected, SensorFeature, TrackPoint, VehicleFeature, VehicleKind } from './types.ts';

export const fetchSensors = () => getJson<Collected<SensorFeature>>('/sensors');

export const fetchVehicles = () => getJson<Collected<VehicleFeature>>('/vehicles');

export const fetchVehicle = (id: string) => getJson<VehicleFeature>(`/vehicles/${encodeURIComponent(id)}`);

/** A track from `from` on, following every `next` link. */
export async function fetchTrack(id: string, from: Date, signal?: AbortSignal): Promise<TrackPoint[]> {
  const points: TrackPoint[] = [];
  let path: string | undefined =
    `/vehicles/${encodeURIComponent(id)}/track?from=${encodeURIComponent(from.toISOString())}&limit=5000`;
  while (path) {
    const page: Collected<TrackPoint> = await getJson(path, { signal });
    points.push(...page.features);
    path = page.links?.find((link) => link.rel === 'next')?.href;
  }
  return points;
}

/** Vehicles nearest first; the distance stands beside the properties in the answer, among them here. */
export async function fetchNearest([lon, lat]: LonLat, kinds: readonly VehicleKind[], limit = 10) {
  const query = new URLSearchParams({
    lon: String(lon),
    lat: String(lat),
    kinds: kinds.join(','),
    limit: String(limit),
  });
  const { features } = await getJson<Collected<VehicleFeature & { distance_m?: number }>>(`/vehicles/nearest?${query}`);
  return features.map(({ distance_m, ...feature }): VehicleFeature => ({
    ...feature,
    properties: { ...feature.properties, distance_m: distance_m ?? feature.properties.distance_m },
  }));
}

export function fetchRejected(limit: number, before?: number) {
  const query = new URLSearchParams({ limit: String(limit) });
  if (before !== undefined) query.set('before', String(before));
  return getJson<Rejected>(`/dispatch/rejected?${query}`);
}
