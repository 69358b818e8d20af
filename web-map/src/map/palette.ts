import type { Theme } from '../state/theme.svelte.ts';

/** Colours of the map. Two designed sets: the dark one is not the light one inverted. */
export interface Palette {
  land: string;
  water: string;
  waterText: string;
  green: string;
  forest: string;
  greenText: string;
  building: string;
  buildingEdge: string;
  casing: string;
  road: string;
  main: string;
  mainCasing: string;
  path: string;
  rail: string;
  label: string;
  quietLabel: string;
  halo: string;
  paper: string;
  ink: string;
  muted: string;
  accent: string;
  bus: string;
  trolleybus: string;
  utility: string;
  onVehicle: string;
  fits: string;
  help: string;
  no: string;
  unknown: string;
  networks: { water: string; sewer: string; heat: string; power: string };
}

const light: Palette = {
  land: '#f3f2ee',
  water: '#b9d6e6',
  waterText: '#33688a',
  green: '#dbe9d1',
  forest: '#cbe0c1',
  greenText: '#3f6b3c',
  building: '#e6e3dc',
  buildingEdge: '#d6d2c8',
  casing: '#d9d6ce',
  road: '#ffffff',
  main: '#fff4d3',
  mainCasing: '#e2d3a4',
  path: '#cfcabd',
  rail: '#aeb0b4',
  label: '#3a4048',
  quietLabel: '#626a74',
  halo: '#f9f8f5',
  paper: '#ffffff',
  ink: '#191d23',
  muted: '#555c66',
  accent: '#1f4fd0',
  bus: '#1f4fd0',
  trolleybus: '#006e66',
  utility: '#8f4a00',
  onVehicle: '#ffffff',
  fits: '#13683a',
  help: '#825300',
  no: '#b0281f',
  unknown: '#555c66',
  networks: { water: '#1769b5', sewer: '#7a4a21', heat: '#c8281f', power: '#b26a00' },
};

const dark: Palette = {
  land: '#171b20',
  water: '#15303f',
  waterText: '#86b6d0',
  green: '#1b2a22',
  forest: '#1c3024',
  greenText: '#8bb58c',
  building: '#21262d',
  buildingEdge: '#2d333b',
  casing: '#12151a',
  road: '#343b45',
  main: '#4d4938',
  mainCasing: '#14161a',
  path: '#333a43',
  rail: '#5a626d',
  label: '#d3d8df',
  quietLabel: '#a0a8b3',
  halo: '#14181d',
  paper: '#14171c',
  ink: '#eceef1',
  muted: '#a9b1bc',
  accent: '#8fb1ff',
  bus: '#8fb1ff',
  trolleybus: '#5fd0c2',
  utility: '#f0b36b',
  onVehicle: '#0d1118',
  fits: '#6ed49a',
  help: '#f1bb55',
  no: '#ff9187',
  unknown: '#a9b1bc',
  networks: { water: '#5caef0', sewer: '#c79a6b', heat: '#ff7a70', power: '#f3b53f' },
};

export const paletteOf = (theme: Theme): Palette => (theme === 'dark' ? dark : light);
