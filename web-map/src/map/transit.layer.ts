import type { LayerSpecification, LineLayerSpecification } from 'maplibre-gl';
import { ramp } from './base.layers.ts';
import type { Palette } from './palette.ts';

export const TRANSIT_SOURCE = 'transit';
/** Lines that the server laid on the ground from a timetable. */
export const ROUTE_SOURCE = 'route-lines';
export const TRANSIT_COLLECTIONS = ['transit_routes'];

/** The line of the route that is open; none otherwise. */
export function transitLayers(p: Palette, routeId: string | undefined): LayerSpecification[] {
  const fromTiles: LineSource = {
    source: TRANSIT_SOURCE,
    'source-layer': 'transit_routes',
    filter: ['==', ['get', 'route_id'], routeId ?? ''],
  };
  return [...drawn(p, 'route', fromTiles), ...drawn(p, 'route-laid', { source: ROUTE_SOURCE })];
}

type LineSource = Pick<LineLayerSpecification, 'source' | 'source-layer' | 'filter'>;
function drawn(p: Palette, id: string, from: LineSource): LayerSpecification[] {
  const common = { ...from, type: 'line', layout: { 'line-cap': 'round', 'line-join': 'round' } } as const;
  return [
    { ...common, id: `${id}-casing`, paint: { 'line-color': p.halo, 'line-width': ramp([4, 6.5, 9, 16]) } },
    {
      ...common,
      id: `${id}-line`,
      paint: { 'line-color': p.accent, 'line-width': ramp([2, 3.5, 5, 9]), 'line-opacity': 0.8 },
    },
  ];
}
