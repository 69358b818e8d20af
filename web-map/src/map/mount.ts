import {
  AttributionControl,
  GeoJSONSource,
  Map as MapLibre,
  ScaleControl,
  setWorkerUrl,
  type MapMouseEvent,
} from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import 'maplibre-gl/dist/maplibre-gl.css';
import './map.css';
import type { Bounds, LonLat } from '../api/types.ts';
import type { HitKind, Insets, MapEvents, MapHandle, MapView, Selection } from './handle.ts';
import { sensorFeatures, stopFeatures, venueFeatures } from './overlays.ts';
import { paletteOf } from './palette.ts';
import { redrawPictures, supplyPictures } from './pictures.ts';
import { SENSOR_LAYERS, SENSOR_SOURCE } from './sensors.layer.ts';
import { STOP_LAYERS, STOP_SOURCE } from './stops.layer.ts';
import { buildStyle, carryOver, sourcesOf } from './style.ts';
import { ROUTE_SOURCE } from './transit.layer.ts';
import { POINT_SOURCE, TRACK_SOURCE } from './track.layer.ts';
import { VEHICLE_LAYERS, VehicleAnimation } from './vehicles.layer.ts';
import { VENUE_LAYERS, VENUE_SOURCE } from './venues.layer.ts';

setWorkerUrl(workerUrl);

export interface MapStart {
  container: HTMLElement;
  center: LonLat;
  zoom: number;
  bounds: Bounds;
  view: MapView;
  label: string;
  events: MapEvents;
}

const HITS: [HitKind, string[]][] = [
  ['vehicle', VEHICLE_LAYERS],
  ['sensor', SENSOR_LAYERS],
  ['venue', VENUE_LAYERS],
  ['stop', STOP_LAYERS],
];
/** A finger is wider than a pixel. */
const TOUCH_RADIUS = 9;
const VIEW_EVERY_MS = 300;

/** The labels' letters are drawn from the page's font: have both alphabets ready. */
const loadLetters = () =>
  Promise.all(
    ['500', '600', '700'].flatMap((weight) =>
      ['Аяїє', 'Az09'].map((text) => document.fonts.load(`${weight} 16px Onest`, text)),
    ),
  );

export async function mountMap({ container, center, zoom, bounds, view, label, events }: MapStart): Promise<MapHandle> {
  await loadLetters().catch(() => undefined);
  let current = view;
  const map = new MapLibre({
    container,
    style: buildStyle(view),
    center,
    zoom,
    minZoom: 9,
    maxZoom: 19.5,
    maxBounds: around(bounds),
    attributionControl: false,
    dragRotate: true,
    pitchWithRotate: false,
    touchPitch: false,
    maxPitch: 0,
    // Fading would keep the map painting without rest while vehicles move.
    fadeDuration: 0,
    locale: {
      'ScaleControl.Meters': view.locale === 'uk' ? 'м' : 'm',
      'ScaleControl.Kilometers': view.locale === 'uk' ? 'км' : 'km',
      'Map.Title': label,
    },
  });
  map.addControl(new ScaleControl({ maxWidth: 90 }), 'bottom-right');
  map.addControl(new AttributionControl({ compact: false }), 'bottom-right');
  supplyPictures(map, () => paletteOf(current.theme));

  let insets: Insets = { top: 0, right: 0, bottom: 0, left: 0 };
  let follow = false;
  let selection: Selection | undefined;
  let active: string | undefined;
  let drawing = false;
  const animation = new VehicleAnimation(map, (position) => {
    if (follow && !map.isMoving()) map.jumpTo({ center: position, padding: insets });
  });
  let latest: Parameters<MapHandle['setVehicles']>[0] = [];

  // Data that came before the style was ready, or that must be built again when words change.
  const held = new Map<string, GeoJSON.Feature[]>();
  const put = (source: string, features: GeoJSON.Feature[]) => {
    held.set(source, features);
    const target = map.getSource(source);
    if (target instanceof GeoJSONSource) void target.setData({ type: 'FeatureCollection', features });
  };
  const again: Partial<Record<string, () => void>> = {};
  map.on('style.load', () => {
    for (const [source, features] of held) put(source, features);
    animation.redraw();
  });

  let lastView = 0;
  let viewTimer: ReturnType<typeof setTimeout> | undefined;
  const tellView = () => {
    clearTimeout(viewTimer);
    const wait = Math.max(0, lastView + VIEW_EVERY_MS - performance.now());
    viewTimer = setTimeout(() => {
      lastView = performance.now();
      events.view(visibleBounds(map), map.getCenter().toArray() as LonLat, map.getZoom());
    }, wait);
  };
  map.on('moveend', tellView);
  map.on('load', tellView);
  map.on('resize', tellView);
  map.on('dragstart', () => events.grabbed());
  map.on('rotate', () => events.turned(map.getBearing()));
  map.on('mousemove', (event) => {
    events.pointer?.(event.lngLat.toArray() as LonLat);
    if (!drawing) map.getCanvas().style.cursor = hitAt(event) || activeAt(event) !== undefined ? 'pointer' : '';
  });
  map.on('click', (event) => {
    if (drawing) return;
    const feature = activeAt(event);
    if (active && feature !== undefined) events.pickFeature?.(active, feature);
    else events.pick(hitAt(event), event.lngLat.toArray() as LonLat);
  });
  map.on('webglcontextlost', () => events.failed());

  const boxAt = ({ point }: MapMouseEvent): [[number, number], [number, number]] => [
    [point.x - TOUCH_RADIUS, point.y - TOUCH_RADIUS],
    [point.x + TOUCH_RADIUS, point.y + TOUCH_RADIUS],
  ];
  function hitAt(event: MapMouseEvent): Selection | undefined {
    for (const [kind, ids] of HITS) {
      const layers = ids.filter((id) => map.getLayer(id));
      if (!layers.length) continue;
      const [feature] = map.queryRenderedFeatures(boxAt(event), { layers });
      if (feature) return { kind, id: String(feature.properties.id) };
    }
    return undefined;
  }
  function activeAt(event: MapMouseEvent): string | number | undefined {
    if (!active) return undefined;
    const features = map.queryRenderedFeatures(boxAt(event));
    return features.find((feature) => feature.sourceLayer === active && feature.id !== undefined)?.id;
  }

  let fitting: Bounds | undefined;
  map.on('moveend', () => (fitting = undefined));
  function showWhole(bounds: Bounds) {
    const [west, south, east, north] = bounds;
    map.setPadding(insets);
    map.fitBounds(
      [
        [west, south],
        [east, north],
      ],
      { padding: 48, maxZoom: 17, duration: 450 },
    );
    fitting = bounds;
  }

  return {
    setView(next) {
      const repaint = next.theme !== current.theme;
      current = next;
      map.setStyle(buildStyle(next), { diff: true, transformStyle: carryOver });
      if (repaint) redrawPictures(map, paletteOf(next.theme));
      for (const build of Object.values(again)) build?.();
    },
    setInsets(next) {
      insets = next;
      // A new movement would end the one that is on its way.
      if (fitting) showWhole(fitting);
      else map.easeTo({ padding: insets, duration: 250 });
    },
    setVehicles(marks) {
      latest = marks;
      animation.set(marks, selection?.kind === 'vehicle' ? selection.id : undefined);
    },
    setStops: (stops) => {
      again.stops = () => put(STOP_SOURCE, stopFeatures(stops, selection));
      again.stops();
    },
    setVenues: (venues) => {
      again.venues = () => put(VENUE_SOURCE, venueFeatures(venues, selection));
      again.venues();
    },
    setSensors: (sensors) => {
      again.sensors = () => put(SENSOR_SOURCE, sensorFeatures(sensors, selection));
      again.sensors();
    },
    setTrack: (line) =>
      put(
        TRACK_SOURCE,
        line.length < 2
          ? []
          : [{ type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates: line } }],
      ),
    setRouteLines: (lines) =>
      put(
        ROUTE_SOURCE,
        lines.map((coordinates) => ({
          type: 'Feature',
          properties: {},
          geometry: { type: 'LineString', coordinates },
        })),
      ),
    setPoint: (point) =>
      put(
        POINT_SOURCE,
        point ? [{ type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: point } }] : [],
      ),
    select(next, following) {
      selection = next;
      follow = following;
      animation.set(latest, next?.kind === 'vehicle' ? next.id : undefined);
      for (const build of Object.values(again)) build?.();
    },
    setActiveCollection: (collection) => (active = collection),
    flyTo: (target, closer) =>
      map.easeTo({
        center: target,
        padding: insets,
        zoom: closer === undefined ? map.getZoom() : Math.max(map.getZoom(), closer),
        duration: 450,
      }),
    fit: showWhole,
    zoomBy: (step) => map.zoomTo(map.getZoom() + step, { duration: 200 }),
    northUp: () => map.easeTo({ bearing: 0, duration: 250 }),
    refreshTiles(collection, tiles) {
      for (const source of sourcesOf(collection)) {
        if (map.getSource(source)) map.refreshTiles(source, tiles?.flatMap(parseTile));
      }
    },
    async startDrawing() {
      const { startDrawing } = await import('./draw.ts');
      return startDrawing(
        map,
        () => paletteOf(current.theme),
        (busy) => (drawing = busy),
      );
    },
    destroy() {
      clearTimeout(viewTimer);
      animation.destroy();
      map.remove();
    },
  };
}

const around = ([west, south, east, north]: Bounds): [[number, number], [number, number]] => {
  const x = (east - west) * 0.8;
  const y = (north - south) * 0.8;
  return [
    [west - x, south - y],
    [east + x, north + y],
  ];
};

/** The part of the map that no panel covers. */
function visibleBounds(map: MapLibre): Bounds {
  const { top = 0, right = 0, bottom = 0, left = 0 } = map.getPadding();
  const { clientWidth, clientHeight } = map.getContainer();
  const corners = [
    [left, top],
    [clientWidth - right, top],
    [left, clientHeight - bottom],
    [clientWidth - right, clientHeight - bottom],
  ].map(([x = 0, y = 0]) => map.unproject([x, y]));
  const lons = corners.map(({ lng }) => lng);
  const lats = corners.map(({ lat }) => lat);
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}

function parseTile(text: string): { z: number; x: number; y: number }[] {
  const [z, x, y] = text.split('/').map(Number);
  return z !== undefined && x !== undefined && y !== undefined ? [{ z, x, y }] : [];
}
