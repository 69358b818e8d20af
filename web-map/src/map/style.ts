import type { LayerSpecification, SourceSpecification, StyleSpecification } from 'maplibre-gl';
import type { Locale } from '../i18n/locale.svelte.ts';
import type { Theme } from '../state/theme.svelte.ts';
import { BASE_COLLECTIONS, BASE_SOURCE, baseLabels, baseLayers, tileSource } from './base.layers.ts';
import { collectionLayers, collectionSource } from './collections.layer.ts';
import { NETWORK_COLLECTIONS, networkLayers, networkSource } from './networks.layer.ts';
import { paletteOf } from './palette.ts';
import { SENSOR_SOURCE, sensorLayers } from './sensors.layer.ts';
import { STOP_SOURCE, stopLayers } from './stops.layer.ts';
import { POINT_SOURCE, TRACK_SOURCE, trackLayers } from './track.layer.ts';
import { ROUTE_SOURCE, TRANSIT_COLLECTIONS, TRANSIT_SOURCE, transitLayers } from './transit.layer.ts';
import { VEHICLE_SOURCE, vehicleLayers } from './vehicles.layer.ts';
import { VENUE_SOURCE, venueLayers } from './venues.layer.ts';

/** What the map shows; the whole style follows from it. */
export interface MapView {
  theme: Theme;
  locale: Locale;
  show: { vehicles?: boolean; stops?: boolean; venues?: boolean; sensors?: boolean; track?: boolean };
  routeId?: string;
  /** Collections drawn from their own tiles, beyond the base. */
  collections: string[];
  attribution: string;
}

const empty = (): SourceSpecification => ({ type: 'geojson', data: { type: 'FeatureCollection', features: [] } });

export function buildStyle({ theme, locale, show, routeId, collections, attribution }: MapView): StyleSpecification {
  const p = paletteOf(theme);
  const networks = NETWORK_COLLECTIONS.filter((id) => collections.includes(id));
  // The base draws its own collections already; the others get a plain drawing.
  const plain = collections.filter((id) => !NETWORK_COLLECTIONS.includes(id) && !BASE_COLLECTIONS.includes(id));
  const sources: Record<string, SourceSpecification> = {
    [BASE_SOURCE]: tileSource(BASE_COLLECTIONS, attribution),
    [TRANSIT_SOURCE]: tileSource(TRANSIT_COLLECTIONS),
    ...Object.fromEntries(networks.map((id) => [networkSource(id), tileSource([id])])),
    ...Object.fromEntries(plain.map((id) => [collectionSource(id), tileSource([id])])),
    ...Object.fromEntries(
      [VEHICLE_SOURCE, STOP_SOURCE, VENUE_SOURCE, SENSOR_SOURCE, TRACK_SOURCE, POINT_SOURCE, ROUTE_SOURCE].map((id) => [
        id,
        empty(),
      ]),
    ),
  };
  const layers: LayerSpecification[] = [
    ...baseLayers(p),
    ...networks.flatMap((id) => networkLayers(p, id)),
    ...plain.flatMap((id) => collectionLayers(p, id, locale)),
    ...transitLayers(p, routeId),
    ...(show.track ? trackLayers(p) : []),
    ...baseLabels(p, locale),
    ...(show.stops ? stopLayers(p) : []),
    ...(show.venues ? venueLayers(p, locale) : []),
    ...(show.sensors ? sensorLayers(p) : []),
    ...(show.vehicles ? vehicleLayers(p) : []),
  ];
  return { version: 8, sources, layers };
}

/** Sources of the style that draw a collection from tiles. */
export function sourcesOf(collection: string): string[] {
  const own = [networkSource(collection), collectionSource(collection)];
  if (BASE_COLLECTIONS.includes(collection)) own.push(BASE_SOURCE);
  if (TRANSIT_COLLECTIONS.includes(collection)) own.push(TRANSIT_SOURCE);
  return own;
}

/** Keeps what lives in the map and not in the style: data of overlays, a drawing in progress. */
export function carryOver(previous: StyleSpecification | undefined, next: StyleSpecification): StyleSpecification {
  if (!previous) return next;
  const sources = { ...next.sources };
  for (const [id, source] of Object.entries(previous.sources)) {
    if (source.type === 'geojson') sources[id] = source;
  }
  const drawing = previous.layers.filter(({ id }) => id.startsWith(DRAWING_PREFIX));
  return { ...next, sources, layers: [...next.layers, ...drawing] };
}
export const DRAWING_PREFIX = 'drawing';
