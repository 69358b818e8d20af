import type { LayerSpecification } from 'maplibre-gl';
import type { Locale } from '../i18n/locale.svelte.ts';
import { FONT_MEDIUM, nameOf, ramp } from './base.layers.ts';
import type { Palette } from './palette.ts';

// Collections that have no drawing of their own, as a planner sees them.

export const collectionSource = (collection: string) => `collection-${collection}`;

export function collectionLayers(p: Palette, collection: string, locale: Locale): LayerSpecification[] {
  const common = { source: collectionSource(collection), 'source-layer': collection } as const;
  return [
    {
      ...common,
      id: `${collection}-fill`,
      type: 'fill',
      filter: ['==', ['geometry-type'], 'Polygon'],
      paint: { 'fill-color': p.accent, 'fill-opacity': 0.14, 'fill-outline-color': p.accent },
    },
    {
      ...common,
      id: `${collection}-stroke`,
      type: 'line',
      filter: ['==', ['geometry-type'], 'LineString'],
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': p.accent, 'line-width': ramp([1, 1.6, 2.6, 5]), 'line-opacity': 0.85 },
    },
    {
      ...common,
      id: `${collection}-point`,
      type: 'circle',
      filter: ['==', ['geometry-type'], 'Point'],
      paint: {
        'circle-color': p.paper,
        'circle-radius': ['interpolate', ['linear'], ['zoom'], 11, 2.5, 14, 4.5, 17, 7],
        'circle-stroke-color': p.accent,
        'circle-stroke-width': ['interpolate', ['linear'], ['zoom'], 11, 1.2, 15, 2.2],
      },
    },
    {
      ...common,
      id: `${collection}-name`,
      type: 'symbol',
      minzoom: 15,
      filter: ['all', ['==', ['geometry-type'], 'Point'], ['has', 'name']],
      layout: {
        'text-field': nameOf(locale),
        'text-font': FONT_MEDIUM,
        'text-size': 12,
        'text-variable-anchor': ['left', 'right', 'bottom'],
        'text-radial-offset': 0.8,
        'text-optional': true,
        'text-max-width': 9,
      },
      paint: { 'text-color': p.label, 'text-halo-color': p.halo, 'text-halo-width': 1.6 },
    },
  ];
}
