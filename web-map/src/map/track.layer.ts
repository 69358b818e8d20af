import type { LayerSpecification } from 'maplibre-gl';
import { ramp } from './base.layers.ts';
import type { Palette } from './palette.ts';

export const TRACK_SOURCE = 'track';
export const POINT_SOURCE = 'picked-point';

/** The way a vehicle came, and the point a dispatcher picked. */
export function trackLayers(p: Palette): LayerSpecification[] {
  const line = { type: 'line', source: TRACK_SOURCE, layout: { 'line-cap': 'round', 'line-join': 'round' } } as const;
  return [
    { ...line, id: 'track-casing', paint: { 'line-color': p.halo, 'line-width': ramp([4, 6, 8, 12]) } },
    { ...line, id: 'track-line', paint: { 'line-color': p.utility, 'line-width': ramp([2, 3, 4, 6]) } },
    {
      id: 'picked-point',
      type: 'circle',
      source: POINT_SOURCE,
      paint: {
        'circle-radius': 8,
        'circle-color': p.accent,
        'circle-stroke-color': p.paper,
        'circle-stroke-width': 3,
      },
    },
    {
      id: 'picked-ring',
      type: 'circle',
      source: POINT_SOURCE,
      paint: { 'circle-radius': 18, 'circle-opacity': 0, 'circle-stroke-color': p.accent, 'circle-stroke-width': 2 },
    },
  ];
}
