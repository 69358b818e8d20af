import type { LayerSpecification } from 'maplibre-gl';
import type { Locale } from '../i18n/locale.svelte.ts';
import { FONT_MEDIUM, nameOf } from './base.layers.ts';
import type { Palette } from './palette.ts';

export const VENUE_SOURCE = 'venues';
export const VENUE_LAYERS = ['venue'];

export function venueLayers(p: Palette, locale: Locale): LayerSpecification[] {
  const source = VENUE_SOURCE;
  return [
    {
      id: 'venue-halo',
      type: 'circle',
      source,
      filter: ['get', 'selected'],
      paint: {
        'circle-radius': 22,
        'circle-color': p.accent,
        'circle-opacity': 0.18,
        'circle-stroke-color': p.accent,
        'circle-stroke-width': 2,
      },
    },
    {
      id: 'venue',
      type: 'symbol',
      source,
      layout: {
        'icon-image': ['get', 'picture'],
        'icon-size': ['interpolate', ['linear'], ['zoom'], 11, 0.5, 13, 0.75, 15, 1],
        'icon-allow-overlap': true,
        'icon-padding': 0,
        'symbol-sort-key': ['get', 'order'],
        'text-field': ['step', ['zoom'], '', 14.6, nameOf(locale)],
        'text-font': FONT_MEDIUM,
        'text-size': 12.5,
        'text-optional': true,
        'text-variable-anchor': ['left', 'right', 'bottom', 'top'],
        'text-radial-offset': 1.15,
        'text-justify': 'auto',
        'text-max-width': 9,
      },
      paint: { 'text-color': p.label, 'text-halo-color': p.halo, 'text-halo-width': 1.6 },
    },
  ];
}
