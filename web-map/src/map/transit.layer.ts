import type { LayerSpecification } from 'maplibre-gl';
import { ramp } from './base.layers.ts';
import type { Palette } from './palette.ts';

export const TRANSIT_SOURCE = 'transit';
export const TRANSIT_COLLECTIONS = ['transit_routes'];

/** The line of the route that is open; none otherwise. */
export function transitLayers(p: Palette, routeId: string | undefined): LayerSpecification[] {
  const common = {
    type: 'line',
    source: TRANSIT_SOURCE,
    'source-layer': 'transit_routes',
    filter: ['==', ['get', 'route_id'], routeId ?? ''],
    layout: { 'line-cap': 'round', 'line-join': 'round' },
  } as const satisfies Partial<LayerSpecification>;
  return [
    { ...common, id: 'route-casing', paint: { 'line-color': p.halo, 'line-width': ramp([4, 6.5, 9, 16]) } },
    {
      ...common,
      id: 'route-line',
      paint: { 'line-color': p.accent, 'line-width': ramp([2, 3.5, 5, 9]), 'line-opacity': 0.8 },
    },
  ];
}
