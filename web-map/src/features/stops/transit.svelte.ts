import { fetchDepartures, fetchRoutes, fetchStops } from '../../api/transit.ts';
import type { Departures, StopFeature, TransitRoute } from '../../api/types.ts';
import { city } from '../../state/city.svelte.ts';
import { SvelteMap } from 'svelte/reactivity';

// Stops and routes of the city, and departures as the timetable has them.

const FRESH_MS = 30_000;

let stops = $state.raw<StopFeature[]>([]);
let routes = $state.raw<TransitRoute[]>([]);
let loaded = $state(false);
let failure = $state.raw<unknown>();
const departures = new SvelteMap<string, Departures>();
const asked = new Map<string, number>();

export const transit = {
  get stops() {
    return stops;
  },
  get routes() {
    return routes;
  },
  get loaded() {
    return loaded;
  },
  get failure() {
    return failure;
  },
  async load() {
    if (!city.value) return;
    try {
      const [foundStops, foundRoutes] = await Promise.all([fetchStops(city.value.bounds), fetchRoutes()]);
      stops = foundStops.features;
      routes = foundRoutes;
      failure = undefined;
    } catch (cause) {
      failure = cause;
    }
    loaded = true;
  },
  departures(stopId: string): Departures | undefined {
    return departures.get(stopId);
  },
  /** Asks for the departures of a stop unless they are fresh. */
  async refresh(stopId: string, limit: number): Promise<void> {
    const key = `${stopId} ${limit}`;
    if (performance.now() - (asked.get(key) ?? -FRESH_MS) < FRESH_MS) return;
    asked.set(key, performance.now());
    try {
      const answer = await fetchDepartures(stopId, limit);
      // A short answer must not replace a longer one that is as fresh.
      const kept = departures.get(stopId);
      if (!kept || limit >= kept.departures.length || kept.now < answer.now) departures.set(stopId, answer);
    } catch (cause) {
      asked.delete(key);
      throw cause;
    }
  },
  kindOf(routeId: string) {
    return routes.find(({ id }) => id === routeId)?.kind;
  },
};
