import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl';
import { FONT_MEDIUM, ramp } from './base.layers.ts';
import type { Palette } from './palette.ts';

// Utility networks after the habit of Ukrainian plans: water blue, sewerage brown, heat red, power
// orange-yellow. Dashes tell the parts apart without colour; a casing keeps them readable anywhere.

interface Network {
  color: keyof Palette['networks'];
  /** Drawn wider. */
  main: string[];
  /** Drawn dashed, with this pattern. */
  dashed: string[];
  dash: number[];
  label: ExpressionSpecification;
}

const diameter: ExpressionSpecification = [
  'case',
  ['has', 'diameter_mm'],
  ['concat', 'Ø ', ['to-string', ['get', 'diameter_mm']]],
  '',
];
const NETWORKS: Record<string, Network> = {
  water_network: {
    color: 'water',
    main: ['main'],
    dashed: ['service'],
    dash: [4, 1.5],
    label: ['concat', 'В ', diameter],
  },
  sewer_network: {
    color: 'sewer',
    main: ['collector'],
    dashed: ['branch'],
    dash: [1.5, 1.5],
    label: ['concat', 'К ', diameter],
  },
  heat_network: {
    color: 'heat',
    main: ['supply'],
    dashed: ['return'],
    dash: [6, 2, 1, 2],
    label: ['concat', 'Т ', diameter],
  },
  power_network: {
    color: 'power',
    main: ['line_110kv'],
    dashed: ['cable_04kv'],
    dash: [2.5, 2.5],
    label: ['case', ['has', 'voltage_kv'], ['concat', ['to-string', ['get', 'voltage_kv']], ' кВ'], ''],
  },
};

export const NETWORK_COLLECTIONS = Object.keys(NETWORKS);
export const networkSource = (collection: string) => `network-${collection}`;
export const networkColor = (p: Palette, collection: string) => {
  const network = NETWORKS[collection];
  return network ? p.networks[network.color] : p.ink;
};

export function networkLayers(p: Palette, collection: string): LayerSpecification[] {
  const network = NETWORKS[collection];
  if (!network) return [];
  const color = p.networks[network.color];
  const common = { source: networkSource(collection), 'source-layer': collection } as const;
  const lines: ExpressionSpecification = ['==', ['geometry-type'], 'LineString'];
  const isDashed: ExpressionSpecification = ['in', ['get', 'kind'], ['literal', network.dashed]];
  const isMain: ExpressionSpecification = ['in', ['get', 'kind'], ['literal', network.main]];
  const width = ramp([0.8, 1.4, 2.6, 5]);
  const wide = ramp([1.2, 2.2, 4, 8]);
  return [
    {
      ...common,
      id: `${collection}-casing`,
      type: 'line',
      minzoom: 13,
      filter: lines,
      layout: { 'line-join': 'round', 'line-cap': 'round' },
      paint: { 'line-color': p.halo, 'line-width': ramp([2.5, 4.5, 7, 12]), 'line-opacity': 0.85 },
    },
    {
      ...common,
      id: `${collection}-line`,
      type: 'line',
      minzoom: 10,
      filter: ['all', lines, ['!', isDashed], ['!', isMain]],
      paint: { 'line-color': color, 'line-width': width },
    },
    {
      ...common,
      id: `${collection}-main`,
      type: 'line',
      minzoom: 10,
      filter: ['all', lines, isMain],
      layout: { 'line-join': 'round' },
      paint: { 'line-color': color, 'line-width': wide },
    },
    {
      ...common,
      id: `${collection}-dashed`,
      type: 'line',
      minzoom: 12,
      filter: ['all', lines, isDashed],
      paint: { 'line-color': color, 'line-width': width, 'line-dasharray': network.dash },
    },
    {
      ...common,
      id: `${collection}-area`,
      type: 'fill',
      minzoom: 13,
      filter: ['==', ['geometry-type'], 'Polygon'],
      paint: { 'fill-color': color, 'fill-opacity': 0.25, 'fill-outline-color': color },
    },
    {
      ...common,
      id: `${collection}-node`,
      type: 'circle',
      minzoom: 13.5,
      filter: ['==', ['geometry-type'], 'Point'],
      paint: {
        'circle-color': p.paper,
        'circle-radius': ['interpolate', ['linear'], ['zoom'], 13.5, 2, 17, 5.5],
        'circle-stroke-color': color,
        'circle-stroke-width': ['interpolate', ['linear'], ['zoom'], 13.5, 1.2, 17, 2.4],
      },
    },
    {
      ...common,
      id: `${collection}-label`,
      type: 'symbol',
      minzoom: 15.5,
      filter: lines,
      layout: {
        'symbol-placement': 'line',
        'symbol-spacing': 300,
        'text-field': network.label,
        'text-font': FONT_MEDIUM,
        'text-size': 11,
      },
      paint: { 'text-color': color, 'text-halo-color': p.halo, 'text-halo-width': 1.6 },
    },
  ];
}
