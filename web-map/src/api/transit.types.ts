import type { LonLat, Occupancy, PointFeature, VehicleKind } from './types.ts';

// Passenger transport. An absent member means that nobody knows; times are RFC 3339, delays and
// ages in seconds, a positive delay is late (GTFS-Realtime).

export interface StopProperties {
  stop_id: string;
  name: string;
  code?: string;
  wheelchair_boarding?: 'yes' | 'no';
  routes: string[];
  distance_m?: number;
}
export type StopFeature = PointFeature<StopProperties>;

export const ARRIVAL_STATES = [
  'predicted',
  'scheduled',
  'passed',
  'not_running',
  'lost',
  'standing',
  'off_route',
  'cancelled',
  'unknown',
] as const;
export type ArrivalState = (typeof ARRIVAL_STATES)[number];

export interface Departure {
  /** The likely or planned moment, of what passed when it left; absent for a lost vehicle without a trip. */
  time?: string;
  scheduled: boolean;
  state?: ArrivalState;
  /** The range in which the arrival is expected, p10 to p90. */
  earliest?: string;
  latest?: string;
  planned_time?: string;
  route: string;
  route_id: string;
  headsign?: string;
  direction?: number;
  trip_id?: string;
  vehicle?: string;
  fix_age_s?: number;
  /** Since when a vehicle that does not come on stands or is off its way. */
  held_since?: string;
  stops_away?: number;
  low_floor?: boolean;
  low_floor_source?: 'vehicle' | 'timetable';
  occupancy?: Occupancy;
}
export interface Departures {
  stop: { stop_id: string; name: string };
  now: string;
  time_zone: string;
  based_on: 'predictions' | 'timetable';
  departures: Departure[];
}

export interface TransitRoute {
  id: string;
  short_name: string;
  long_name: string;
  kind: VehicleKind;
  color?: string;
}

export interface LineStop {
  stop_id: string;
  name: string;
  along_m: number;
}
export type LineState = 'in_service' | 'layover' | 'off_route';
export interface LineVehicle {
  id: string;
  along_m: number;
  next_stop?: string;
  state: LineState;
  fix_age_s: number;
  low_floor?: boolean;
  delay_s?: number;
}
export interface Pattern {
  direction?: number;
  headsign?: string;
  has_timetable: boolean;
  length_m: number;
  stops: LineStop[];
  line: LonLat[];
  vehicles: LineVehicle[];
}
export interface RouteLine extends TransitRoute {
  patterns?: Pattern[];
}

export type Spacing = 'bunched' | 'regular' | 'gap';
export interface HeadwayVehicle {
  id: string;
  label?: string;
  along_m: number;
  state: string;
  reason?: string;
  fix_age_s: number;
  delay_s?: number;
  /** Time behind the vehicle in front, and what it should be. */
  headway_s?: number;
  planned_s?: number;
  spacing?: Spacing;
}
export interface HeadwayDirection {
  direction?: number;
  headsign?: string;
  length_m: number;
  stops: LineStop[];
  planned_headway_s?: number;
  observed_headway_s?: number;
  planned_is: 'timetable' | 'observed';
  vehicles: HeadwayVehicle[];
}
export interface Headways {
  route_id: string;
  now: string;
  directions: HeadwayDirection[];
}

/** A vehicle of passenger transport with its trip, or the reason why it has none. */
export interface MatchedVehicle {
  id: string;
  label?: string;
  route?: string;
  state: string;
  reason: string;
  trip_id?: string;
  headsign?: string;
  since?: string;
  fix_age_s: number;
  delay_s?: number;
}

export interface Translated {
  uk?: string;
  en?: string;
}
/** A notice for passengers (GTFS-Realtime Alert). Without routes and stops it is about the whole network. */
export interface AlertText {
  header: Translated;
  description: Translated;
  cause?: string;
  effect?: string;
  routes: string[];
  stops: string[];
  from?: string;
  until?: string;
}
export interface TransitAlert extends AlertText {
  id: string;
  version?: number;
}
