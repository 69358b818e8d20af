import type { ExpressionSpecification, GeoJSONSource, LayerSpecification, Map as MapLibre } from 'maplibre-gl';
import type { FixState, LonLat, VehicleProperties } from '../api/types.ts';
import { atRest, glideTo, poseAt, type Glide } from './glide.ts';
import type { Palette } from './palette.ts';
import { bodyWidth, noseRadius, NOSE_RADII, signId, type Sign } from './vehicles.pictures.ts';

export const VEHICLE_SOURCE = 'vehicles';
export const VEHICLE_LAYERS = ['vehicle-dot', 'vehicle-body'];

/** A vehicle as the map needs it: its last fix, its state now, whether it stands back. */
export interface VehicleMark {
  id: string;
  position: LonLat;
  state: FixState;
  properties: VehicleProperties;
}

/** From this zoom on vehicles carry their number; before, they are dots. */
const BODY_ZOOM = 12.2;
const size: ExpressionSpecification = ['interpolate', ['linear'], ['zoom'], 12.2, 0.72, 14, 0.9, 16, 1.05];

const noseOffset: ExpressionSpecification = [
  'match',
  ['get', 'noseRadius'],
  ...NOSE_RADII.slice(0, -1).flatMap((radius) => [radius, ['literal', [0, -radius]]]),
  ['literal', [0, -(NOSE_RADII.at(-1) ?? 40)]],
] as unknown as ExpressionSpecification;

export function vehicleLayers(p: Palette): LayerSpecification[] {
  const source = VEHICLE_SOURCE;
  const always = { 'icon-allow-overlap': true, 'icon-ignore-placement': true } as const;
  return [
    {
      id: 'vehicle-halo',
      type: 'circle',
      source,
      filter: ['get', 'selected'],
      paint: {
        'circle-radius': 28,
        'circle-color': p.accent,
        'circle-opacity': 0.18,
        'circle-stroke-color': p.accent,
        'circle-stroke-width': 2,
      },
    },
    {
      id: 'vehicle-dot',
      type: 'symbol',
      source,
      maxzoom: BODY_ZOOM,
      layout: { ...always, 'icon-image': ['get', 'dot'], 'symbol-sort-key': ['get', 'order'] },
    },
    {
      id: 'vehicle-nose',
      type: 'symbol',
      source,
      minzoom: BODY_ZOOM,
      filter: ['has', 'bearing'],
      layout: {
        ...always,
        'icon-image': ['get', 'nose'],
        'icon-rotate': ['get', 'bearing'],
        'icon-rotation-alignment': 'map',
        'icon-offset': noseOffset,
        'icon-size': size,
      },
    },
    {
      id: 'vehicle-body',
      type: 'symbol',
      source,
      minzoom: BODY_ZOOM,
      layout: {
        ...always,
        'icon-image': ['get', 'sign'],
        'icon-rotation-alignment': 'viewport',
        'icon-size': size,
        'symbol-sort-key': ['get', 'order'],
      },
    },
  ];
}

const ORDER: Record<FixState, number> = { lost: 0, stale: 1, live: 2 };

function signOf({ properties, state }: VehicleMark): Sign {
  const kind = properties.kind ?? 'other_utility';
  const transit = properties.kind === undefined || ['bus', 'trolleybus', 'tram', 'other_transit'].includes(kind);
  const floor = properties.low_floor === undefined ? 'unknown' : properties.low_floor ? 'low' : 'high';
  return { kind, state, text: transit ? (properties.route ?? '') : '', floor: transit ? floor : '' };
}

/** Moves the markers: new fixes come in at any time, frames go out only while something moves. */
export class VehicleAnimation {
  private readonly glides = new Map<string, Glide>();
  private marks: VehicleMark[] = [];
  private selected: string | undefined;
  private frame = 0;
  private lastDraw = 0;
  /** Milliseconds that a frame with changed data takes here, smoothed: slow devices draw less often. */
  private frameCost = 16;
  /** Frames left until the cost of the last drawing is known. */
  private probe = 0;
  private dirty = false;
  private readonly still = window.matchMedia('(prefers-reduced-motion: reduce)');

  constructor(
    private readonly map: MapLibre,
    private readonly onFollow: (position: LonLat) => void,
  ) {
    document.addEventListener('visibilitychange', this.wake);
  }

  set(marks: VehicleMark[], selected: string | undefined) {
    const now = performance.now();
    const present = new Set<string>();
    for (const mark of marks) {
      const { bearing_deg, fix_time, next_fix_expected_s } = mark.properties;
      const fix = {
        position: mark.position,
        time: Date.parse(fix_time),
        bearing: bearing_deg,
        nextExpectedS: next_fix_expected_s,
      };
      present.add(mark.id);
      this.glides.set(mark.id, glideTo(this.glides.get(mark.id), fix, now, !document.hidden && !this.still.matches));
    }
    for (const id of this.glides.keys()) if (!present.has(id)) this.glides.delete(id);
    this.marks = marks;
    this.selected = selected;
    this.dirty = true;
    this.wake();
  }

  /** After the style changed: everything is drawn anew. */
  redraw() {
    this.dirty = true;
    this.wake();
  }

  destroy() {
    cancelAnimationFrame(this.frame);
    document.removeEventListener('visibilitychange', this.wake);
  }

  private readonly wake = () => {
    if (document.hidden || this.frame) return;
    this.frame = requestAnimationFrame(this.step);
  };

  /** Milliseconds between two drawings: a bus moves less than a pixel in between. */
  private pause(): number {
    const zoom = this.map.getZoom();
    const enough = zoom < 13 ? 400 : zoom < 15 ? 140 : zoom < 16.5 ? 66 : 33;
    return this.frameCost > 40 ? Math.max(enough, this.frameCost * 6) : enough;
  }

  private readonly step = (now: number) => {
    this.frame = 0;
    if (this.probe > 0 && --this.probe === 0) {
      this.frameCost = this.frameCost * 0.6 + Math.min((now - this.lastDraw) / 2, 1000) * 0.4;
    }
    const moving = this.dirty || [...this.glides.values()].some((glide) => !atRest(glide, this.lastDraw));
    if (!moving) return;
    if (now - this.lastDraw >= this.pause()) this.draw(now);
    this.wake();
  };

  private draw(now: number) {
    const source = this.map.getSource<GeoJSONSource>(VEHICLE_SOURCE);
    if (!source) return;
    this.lastDraw = now;
    this.probe = 2;
    this.dirty = false;
    const features = this.marks.map((mark) => {
      const glide = this.glides.get(mark.id);
      const pose = glide ? poseAt(glide, now) : { position: mark.position };
      const selected = mark.id === this.selected;
      if (selected) this.onFollow(pose.position);
      return feature(mark, pose.position, pose.bearing, selected);
    });
    void source.setData({ type: 'FeatureCollection', features });
  }
}

function feature(mark: VehicleMark, position: LonLat, bearing: number | undefined, selected: boolean): GeoJSON.Feature {
  const sign = signOf(mark);
  const heading = mark.state === 'lost' ? undefined : bearing;
  return {
    type: 'Feature',
    geometry: { type: 'Point', coordinates: position },
    properties: {
      id: mark.id,
      selected,
      order: (selected ? 10 : 0) + ORDER[mark.state],
      sign: signId(sign),
      dot: `dot${signId({ ...sign, text: '', floor: '' })}`,
      ...(heading !== undefined && {
        bearing: heading,
        nose: `nose|${sign.kind}`,
        noseRadius: noseRadius(bodyWidth(sign), heading),
      }),
    },
  };
}
