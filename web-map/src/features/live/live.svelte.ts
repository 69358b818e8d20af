import { SvelteMap } from 'svelte/reactivity';
import { openLive } from '../../api/live.ts';
import type { Bounds, City, SensorFeature, TilesChanged, VehicleFeature } from '../../api/types.ts';
import { city } from '../../state/city.svelte.ts';
import { clock } from '../../state/clock.svelte.ts';
import { covers, padded } from '../../state/geo.ts';

// The one stream of this tab, and what it last said.

export type Connection = { state: 'connecting' | 'open' } | { state: 'lost'; since: Date };

/** How far beyond the screen the stream reaches, so that a small pan reconnects nothing. */
const MARGIN = 0.75;

let connection = $state.raw<Connection>({ state: 'connecting' });
let mqtt = $state<City['mqtt'] | undefined>();
let heard = $state(false);
let lastHeard = new Date();
const vehicles = new SvelteMap<string, VehicleFeature>();
const sensors = new SvelteMap<string, SensorFeature>();
const tileListeners = new Set<(change: TilesChanged) => void>();
const boardListeners = new Set<(stopIds: string[]) => void>();
const alertListeners = new Set<() => void>();

const FLUSH_MS = 200;
const arrived = new Map<string, VehicleFeature>();
let flushTimer: ReturnType<typeof setTimeout> | undefined;

let covered: Bounds | undefined;
let close: (() => void) | undefined;

function connect(bounds: Bounds) {
  close?.();
  covered = bounds;
  close = openLive(bounds, {
    open: () => (connection = { state: 'open' }),
    lost: () => {
      if (connection.state !== 'lost') connection = { state: 'lost', since: heard ? lastHeard : clock.now };
    },
    snapshot: (snapshot) => {
      clock.learn(snapshot.now);
      mqtt = snapshot.mqtt;
      touch();
      arrived.clear();
      replace(vehicles, snapshot.vehicles ?? []);
      for (const reading of snapshot.readings ?? []) sensors.set(reading.id, reading);
      // What was told while the stream was away is asked for.
      if (heard) alertListeners.forEach((listener) => listener());
      heard = true;
    },
    vehicle: (feature) => {
      touch();
      arrived.set(feature.id, feature);
      flushTimer ??= setTimeout(flush, FLUSH_MS);
    },
    gone: (id) => {
      arrived.delete(id);
      vehicles.delete(id);
    },
    reading: (feature) => {
      touch();
      sensors.set(feature.id, feature);
    },
    tiles: (change) => tileListeners.forEach((listener) => listener(change)),
    arrivals: (stopIds) => boardListeners.forEach((listener) => listener(stopIds)),
    alert: () => alertListeners.forEach((listener) => listener()),
    reset: () => covered && connect(covered),
  });
}

/** Fixes come one by one; the page takes them together, a few times a second. */
function flush() {
  flushTimer = undefined;
  for (const [id, feature] of arrived) vehicles.set(id, feature);
  arrived.clear();
}

const touch = () => (lastHeard = clock.now);

function replace(map: SvelteMap<string, VehicleFeature>, features: VehicleFeature[]) {
  const present = new Set(features.map(({ id }) => id));
  for (const id of map.keys()) if (!present.has(id)) map.delete(id);
  for (const feature of features) map.set(feature.id, feature);
}

export const live = {
  vehicles,
  sensors,
  get connection(): Connection {
    return connection;
  },
  /** Whether a first snapshot has come. */
  get heard(): boolean {
    return heard;
  },
  get mqtt(): City['mqtt'] | undefined {
    return mqtt ?? city.value?.mqtt;
  },
  /** Watches a part of the city; reconnects only when the reader leaves what is already covered. */
  watch(bounds: Bounds) {
    if (!covered || !covers(covered, bounds)) connect(padded(bounds, MARGIN));
  },
  /** Watches every vehicle wherever it is, for a table that must miss none. */
  watchEverything() {
    connect([-180, -85, 180, 85]);
  },
  /** Begins anew, for example with other rights after signing in. */
  restart() {
    vehicles.clear();
    if (covered) connect(covered);
  },
  onTiles(listener: (change: TilesChanged) => void): () => void {
    tileListeners.add(listener);
    return () => tileListeners.delete(listener);
  },
  onBoards(listener: (stopIds: string[]) => void): () => void {
    boardListeners.add(listener);
    return () => boardListeners.delete(listener);
  },
  onAlert(listener: () => void): () => void {
    alertListeners.add(listener);
    return () => alertListeners.delete(listener);
  },
};
