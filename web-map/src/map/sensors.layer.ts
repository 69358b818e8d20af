import type { LayerSpecification } from 'maplibre-gl';
import type { Palette } from './palette.ts';

export const SENSOR_SOURCE = 'sensors';
export const SENSOR_LAYERS = ['sensor'];

export function sensorLayers(p: Palette): LayerSpecification[] {
  const source = SENSOR_SOURCE;
  return [
    {
      id: 'sensor-halo',
      type: 'circle',
      source,
      filter: ['get', 'selected'],
      paint: {
        'circle-radius': 32,
        'circle-color': p.accent,
        'circle-opacity': 0.16,
        'circle-stroke-color': p.accent,
        'circle-stroke-width': 2,
      },
    },
    {
      id: 'sensor',
      type: 'symbol',
      source,
      layout: { 'icon-image': ['get', 'picture'], 'icon-allow-overlap': true, 'icon-ignore-placement': true },
    },
  ];
}
