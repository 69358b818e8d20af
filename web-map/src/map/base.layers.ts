import type { ExpressionSpecification, LayerSpecification, SourceSpecification } from 'maplibre-gl';
import type { Locale } from '../i18n/locale.svelte.ts';
import type { Palette } from './palette.ts';

// The quiet ground: land, green, water, buildings, roads by class, names.

export const BASE_SOURCE = 'base';
export const BASE_COLLECTIONS = ['water_bodies', 'green', 'railway', 'roads', 'buildings', 'places'];
/** Tiles are cut down to this zoom and enlarged beyond it. */
export const TILE_MAX_ZOOM = 16;

export const tileUrl = (collections: string[]) => `${location.origin}/tiles/${collections.join(',')}/{z}/{x}/{y}`;

export const tileSource = (collections: string[], attribution = ''): SourceSpecification => ({
  type: 'vector',
  tiles: [tileUrl(collections)],
  minzoom: 8,
  maxzoom: TILE_MAX_ZOOM,
  ...(attribution && { attribution }),
});

export const FONT = ['Onest', 'sans-serif'];
export const FONT_MEDIUM = ['Onest Medium', 'Onest', 'sans-serif'];
export const FONT_BOLD = ['Onest SemiBold', 'Onest', 'sans-serif'];

/** Width in pixels at zoom 10, 13, 16, 19. */
type Ramp = [number, number, number, number];
export const ramp = ([a, b, c, d]: Ramp): ExpressionSpecification => [
  'interpolate',
  ['exponential', 1.5],
  ['zoom'],
  10,
  a,
  13,
  b,
  16,
  c,
  19,
  d,
];

interface RoadClass {
  classes: string[];
  from: number;
  width: Ramp;
  edge: number;
  main?: boolean;
}
// Drawn in this order: the most important on top.
const ROADS: RoadClass[] = [
  { classes: ['service'], from: 14.5, width: [0, 0.4, 2.5, 14], edge: 1 },
  { classes: ['residential'], from: 12.5, width: [0.2, 0.9, 6, 34], edge: 1.2 },
  { classes: ['tertiary'], from: 11.5, width: [0.4, 1.6, 8, 42], edge: 1.4 },
  { classes: ['secondary'], from: 10, width: [0.8, 2.4, 10, 50], edge: 1.6 },
  { classes: ['primary'], from: 8, width: [1.2, 3.6, 13, 60], edge: 1.8, main: true },
];

const inClass = (classes: string[]): ExpressionSpecification => ['in', ['get', 'class'], ['literal', classes]];
const widened = ([a, b, c, d]: Ramp, by: number): Ramp => [a + by * 0.5, b + by, c + by * 1.4, d + by * 2];
const round = { 'line-cap': 'round', 'line-join': 'round' } as const;

function roadLayers(p: Palette): LayerSpecification[] {
  const casings = ROADS.map(({ classes, from, width, edge, main }): LayerSpecification => ({
    id: `road-casing-${classes[0]}`,
    type: 'line',
    source: BASE_SOURCE,
    'source-layer': 'roads',
    minzoom: Math.max(from, 11),
    filter: inClass(classes),
    layout: round,
    paint: { 'line-color': main ? p.mainCasing : p.casing, 'line-width': ramp(widened(width, edge)) },
  }));
  const fills = ROADS.map(({ classes, from, width, main }): LayerSpecification => ({
    id: `road-${classes[0]}`,
    type: 'line',
    source: BASE_SOURCE,
    'source-layer': 'roads',
    minzoom: from,
    filter: inClass(classes),
    layout: round,
    paint: {
      // Far out there is no room for a casing: the line itself carries the colour.
      'line-color': ['step', ['zoom'], main ? p.mainCasing : p.casing, 11.5, main ? p.main : p.road],
      'line-width': ramp(width),
    },
  }));
  const paths: LayerSpecification = {
    id: 'road-path',
    type: 'line',
    source: BASE_SOURCE,
    'source-layer': 'roads',
    minzoom: 14.5,
    filter: inClass(['footway']),
    layout: { 'line-cap': 'butt', 'line-join': 'round' },
    paint: { 'line-color': p.path, 'line-width': ramp([0.4, 0.8, 1.6, 4]), 'line-dasharray': [3, 1.6] },
  };
  return [paths, ...casings, ...fills];
}

function groundLayers(p: Palette): LayerSpecification[] {
  return [
    { id: 'land', type: 'background', paint: { 'background-color': p.land } },
    {
      id: 'green',
      type: 'fill',
      source: BASE_SOURCE,
      'source-layer': 'green',
      paint: {
        'fill-color': ['match', ['get', 'kind'], ['forest', 'park'], p.forest, p.green],
        'fill-opacity': ['interpolate', ['linear'], ['zoom'], 9, 0.6, 13, 1],
      },
    },
    {
      id: 'water',
      type: 'fill',
      source: BASE_SOURCE,
      'source-layer': 'water_bodies',
      filter: ['==', ['geometry-type'], 'Polygon'],
      paint: { 'fill-color': p.water },
    },
    {
      id: 'stream',
      type: 'line',
      source: BASE_SOURCE,
      'source-layer': 'water_bodies',
      filter: ['==', ['geometry-type'], 'LineString'],
      layout: round,
      paint: { 'line-color': p.water, 'line-width': ramp([0.6, 1.4, 4, 14]) },
    },
    {
      id: 'buildings',
      type: 'fill',
      source: BASE_SOURCE,
      'source-layer': 'buildings',
      minzoom: 13.5,
      paint: {
        'fill-color': p.building,
        'fill-outline-color': p.buildingEdge,
        'fill-opacity': ['interpolate', ['linear'], ['zoom'], 13.5, 0, 14.5, 1],
      },
    },
  ];
}

function railLayers(p: Palette): LayerSpecification[] {
  const common = { type: 'line', source: BASE_SOURCE, 'source-layer': 'railway' } as const;
  return [
    { ...common, id: 'rail', minzoom: 10, paint: { 'line-color': p.rail, 'line-width': ramp([0.8, 1.4, 2.4, 5]) } },
    {
      ...common,
      id: 'rail-ties',
      minzoom: 14,
      paint: { 'line-color': p.rail, 'line-width': ramp([2, 4, 7, 16]), 'line-dasharray': [0.2, 1.8] },
    },
  ];
}

export const nameOf = (locale: Locale): ExpressionSpecification =>
  locale === 'uk'
    ? ['coalesce', ['get', 'name'], ['get', 'name_en']]
    : ['coalesce', ['get', 'name_en'], ['get', 'name']];

export function baseLayers(p: Palette): LayerSpecification[] {
  return [...groundLayers(p), ...roadLayers(p), ...railLayers(p)];
}

/** Names, drawn above lines of every kind. */
export function baseLabels(p: Palette, locale: Locale): LayerSpecification[] {
  const name = nameOf(locale);
  const halo = { 'text-halo-color': p.halo, 'text-halo-width': 1.4, 'text-halo-blur': 0.3 };
  return [
    {
      id: 'road-name',
      type: 'symbol',
      source: BASE_SOURCE,
      'source-layer': 'roads',
      minzoom: 12.8,
      filter: [
        'step',
        ['zoom'],
        inClass(['primary', 'secondary']),
        14.5,
        inClass(['primary', 'secondary', 'tertiary']),
        15.5,
        true,
      ],
      layout: {
        'symbol-placement': 'line',
        'symbol-spacing': 420,
        'text-field': name,
        'text-font': FONT,
        'text-size': ['interpolate', ['linear'], ['zoom'], 13.5, 11, 17, 13.5],
        'text-max-angle': 30,
        'text-padding': 6,
        'symbol-sort-key': ['match', ['get', 'class'], 'primary', 0, 'secondary', 1, 'tertiary', 2, 3],
      },
      paint: { 'text-color': p.quietLabel, ...halo },
    },
    {
      id: 'water-name',
      type: 'symbol',
      source: BASE_SOURCE,
      'source-layer': 'water_bodies',
      minzoom: 12,
      filter: ['has', 'name'],
      layout: {
        'text-field': name,
        'text-font': FONT,
        'text-size': ['interpolate', ['linear'], ['zoom'], 12, 11, 16, 14],
        'text-letter-spacing': 0.04,
        'text-max-width': 7,
        'text-padding': 20,
      },
      paint: { 'text-color': p.waterText, 'text-halo-color': p.water, 'text-halo-width': 1 },
    },
    {
      id: 'green-name',
      type: 'symbol',
      source: BASE_SOURCE,
      'source-layer': 'green',
      minzoom: 14,
      filter: ['has', 'name'],
      layout: { 'text-field': name, 'text-font': FONT, 'text-size': 12, 'text-max-width': 7, 'text-padding': 12 },
      paint: { 'text-color': p.greenText, 'text-halo-color': p.green, 'text-halo-width': 1.2 },
    },
    {
      id: 'place-name',
      type: 'symbol',
      source: BASE_SOURCE,
      'source-layer': 'places',
      // By rank: the city from afar, squares only when near.
      filter: [
        'step',
        ['zoom'],
        ['<=', ['coalesce', ['get', 'rank'], 4], 1],
        12,
        ['all', ['<=', ['coalesce', ['get', 'rank'], 4], 3], ['!=', ['get', 'kind'], 'city']],
        14.5,
        ['!=', ['get', 'kind'], 'city'],
      ],
      layout: {
        'text-field': name,
        'text-font': [
          'case',
          ['<=', ['coalesce', ['get', 'rank'], 4], 2],
          ['literal', FONT_BOLD],
          ['literal', FONT_MEDIUM],
        ],
        'text-size': [
          'interpolate',
          ['linear'],
          ['zoom'],
          10,
          ['match', ['get', 'kind'], 'city', 18, 12],
          13,
          ['match', ['get', 'kind'], 'city', 22, 'district', 13.5, 12],
          16,
          ['match', ['get', 'kind'], ['district', 'suburb'], 16, 13],
        ],
        'text-max-width': 8,
        'text-padding': 8,
        'symbol-sort-key': ['coalesce', ['get', 'rank'], 9],
      },
      paint: {
        'text-color': ['match', ['get', 'kind'], ['city', 'district', 'suburb'], p.label, p.quietLabel],
        ...halo,
      },
    },
  ];
}
