import type { Bounds, LonLat, SensorFeature, StopFeature, VenueFeature, Verdict } from '../api/types.ts';
import type { Draw } from './draw.ts';
import type { MapView } from './style.ts';
import type { VehicleMark } from './vehicles.layer.ts';

export type { MapView } from './style.ts';
export type { VehicleMark } from './vehicles.layer.ts';
export type { Draw, DrawEvents, DrawTool } from './draw.ts';

export type HitKind = 'vehicle' | 'stop' | 'venue' | 'sensor';
export interface Selection {
  kind: HitKind;
  id: string;
}
/** A place and its verdict for the reader, where the reader asked. */
export interface VenueMark {
  venue: VenueFeature;
  verdict: Verdict | undefined;
}
export interface Insets {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

export interface MapEvents {
  /** Something was clicked, or the bare map. */
  pick(hit: Selection | undefined, point: LonLat): void;
  /** The map came to rest. */
  view(bounds: Bounds, center: LonLat, zoom: number): void;
  /** The reader moved the map by hand. */
  grabbed(): void;
  turned(bearing: number): void;
  pointer?(point: LonLat): void;
  /** A feature of the active collection was clicked. */
  pickFeature?(collection: string, id: string | number): void;
  failed(): void;
}

/** A feature found in the tiles under the pointer. */
export interface MapHandle {
  setView(view: MapView): void;
  setInsets(insets: Insets): void;
  setVehicles(marks: VehicleMark[]): void;
  setStops(stops: StopFeature[]): void;
  setVenues(venues: VenueMark[]): void;
  setSensors(sensors: SensorFeature[]): void;
  setTrack(line: LonLat[]): void;
  /** Lines of the route that is open, where they do not come from tiles. */
  setRouteLines(lines: LonLat[][]): void;
  setPoint(point: LonLat | undefined): void;
  select(selection: Selection | undefined, follow: boolean): void;
  /** Collection whose features a click picks. */
  setActiveCollection(collection: string | undefined): void;
  flyTo(center: LonLat, zoom?: number): void;
  fit(bounds: Bounds): void;
  zoomBy(step: number): void;
  northUp(): void;
  refreshTiles(collection: string, tiles: string[] | undefined): void;
  /** Loads the drawing tools; only editors need them. */
  startDrawing(): Promise<Draw>;
  destroy(): void;
}
