// The shapes of the HTTP API. An absent member means that nobody knows.

export type * from './access.types.ts';
export { NEEDS } from './access.types.ts';
export type * from './transit.types.ts';

export type LonLat = [number, number];
export type Bounds = [west: number, south: number, east: number, north: number];

export interface City {
  name_uk: string;
  name_en: string;
  sample: boolean;
  center: LonLat;
  bounds: Bounds;
  time_zone: string;
  /** Where people write or call who cannot use the map. */
  contact?: string;
  delay_utility_s: number;
  stale_after_s: number;
  lost_after_s: number;
  mqtt: 'connected' | 'connecting' | 'lost';
  version: string;
}

export type Role = 'dispatcher' | 'planner' | 'admin';
export type Session = { signed_in: false } | { signed_in: true; name: string; role: Role };

export const TRANSIT_KINDS = ['bus', 'trolleybus', 'tram', 'other_transit'] as const;
export const UTILITY_KINDS = ['plough', 'spreader', 'waste_truck', 'sweeper', 'repair_crew', 'other_utility'] as const;
export type VehicleKind = (typeof TRANSIT_KINDS)[number] | (typeof UTILITY_KINDS)[number];
export type FixState = 'live' | 'stale' | 'lost';
export type Job =
  'ploughing' | 'spreading' | 'collecting' | 'sweeping' | 'washing' | 'repairing' | 'driving' | 'idle' | 'off';
export type Occupancy =
  | 'EMPTY'
  | 'MANY_SEATS_AVAILABLE'
  | 'FEW_SEATS_AVAILABLE'
  | 'STANDING_ROOM_ONLY'
  | 'CRUSHED_STANDING_ROOM_ONLY'
  | 'FULL';

export interface VehicleProperties {
  kind?: VehicleKind;
  state: FixState;
  age_s: number;
  fix_time: string;
  received_at?: string;
  speed_m_s?: number;
  bearing_deg?: number;
  route?: string;
  route_id?: string;
  direction?: number;
  headsign?: string;
  low_floor?: boolean;
  occupancy?: Occupancy;
  delay_s?: number;
  doors_open?: boolean;
  label?: string;
  next_stop?: string;
  sample?: boolean;
  next_fix_expected_s?: number;
  delayed_by_s?: number;
  // Staff only.
  source?: string;
  operator?: string;
  vehicle?: string;
  plate?: string;
  operator_name?: string;
  job?: Job;
  accuracy_m?: number;
  odometer_m?: number;
  flags?: string[];
  // Only in answers about the nearest.
  distance_m?: number;
}

export interface PointFeature<P> {
  type: 'Feature';
  id: string;
  geometry: { type: 'Point'; coordinates: LonLat };
  properties: P;
}
export interface Collected<F> {
  type: 'FeatureCollection';
  features: F[];
  links?: { rel: string; href: string }[];
}

export type VehicleFeature = PointFeature<VehicleProperties>;

export interface TrackPointProperties {
  fix_time: string;
  speed_m_s?: number;
  bearing_deg?: number;
  event?: string;
}
export type TrackPoint = Omit<PointFeature<TrackPointProperties>, 'id'>;

export type Level = 'good' | 'moderate' | 'bad';
export interface Observation {
  observed_property: string;
  name_uk: string;
  name_en: string;
  value: number | string | boolean;
  unit?: string;
  phenomenon_time: string;
  age_s: number;
  flags?: string[];
  level?: Level;
}
export interface SensorProperties {
  name_uk: string;
  name_en: string;
  state: FixState;
  age_s: number;
  sample?: boolean;
  observations: Observation[];
}
export type SensorFeature = PointFeature<SensorProperties>;

export type GeometryKind = 'point' | 'line' | 'polygon' | 'any';
export interface CollectionInfo {
  id: string;
  title?: string;
  title_uk?: string;
  title_en?: string;
  description?: string;
  audience: 'public' | 'staff';
  geometry: GeometryKind;
  sample?: boolean;
  editable?: boolean;
}
export type Attribute = string | number | boolean | null;
export interface EditableFeature {
  type: 'Feature';
  id: string | number;
  geometry: GeoJSON.Geometry;
  properties: Record<string, Attribute>;
  version?: number;
}
export interface PropertySchema {
  title?: string;
  type?: string | string[];
  format?: string;
  enum?: Attribute[];
  'x-ogc-role'?: string;
}
export interface CollectionSchema {
  properties: Record<string, PropertySchema>;
  required?: string[];
}

export interface RejectedMessage {
  sequence: number;
  received_at: string;
  source: string;
  topic: string;
  reason: string;
  detail: string;
  payload_start: string;
  payload_bytes: number;
}
export interface Rejected {
  total: number;
  by_reason: Record<string, number>;
  entries: RejectedMessage[];
}

export interface TilesChanged {
  collection: string;
  version: number;
  tiles?: string[];
  bbox?: Bounds;
}
export interface Snapshot {
  now: string;
  vehicles?: VehicleFeature[];
  readings?: SensorFeature[];
  mqtt?: City['mqtt'];
}
