import type { LayerSpecification } from 'maplibre-gl';
import { FONT_MEDIUM } from './base.layers.ts';
import type { Palette } from './palette.ts';

export const STOP_SOURCE = 'stops';
export const STOP_LAYERS = ['stop'];

export function stopLayers(p: Palette): LayerSpecification[] {
  const source = STOP_SOURCE;
  return [
    {
      id: 'stop-halo',
      type: 'circle',
      source,
      filter: ['get', 'selected'],
      paint: {
        'circle-radius': 18,
        'circle-color': p.accent,
        'circle-opacity': 0.18,
        'circle-stroke-color': p.accent,
        'circle-stroke-width': 2,
      },
    },
    {
      id: 'stop',
      type: 'circle',
      source,
      minzoom: 13,
      paint: {
        'circle-radius': ['interpolate', ['linear'], ['zoom'], 13, 2.4, 15, 4.5, 17, 7],
        'circle-color': p.paper,
        'circle-stroke-color': p.accent,
        'circle-stroke-width': ['interpolate', ['linear'], ['zoom'], 13, 1.2, 16, 2.4],
      },
    },
    {
      id: 'stop-name',
      type: 'symbol',
      source,
      minzoom: 15.2,
      layout: {
        'text-field': ['get', 'name'],
        'text-font': FONT_MEDIUM,
        'text-size': 12.5,
        'text-variable-anchor': ['left', 'right', 'bottom', 'top'],
        'text-radial-offset': 0.9,
        'text-justify': 'auto',
        'text-max-width': 9,
        'text-optional': true,
      },
      paint: { 'text-color': p.label, 'text-halo-color': p.halo, 'text-halo-width': 1.6 },
    },
  ];
}
