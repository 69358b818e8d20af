import { fetchRoutes, fetchStops } from '../../api/transit.ts';
import type { StopFeature, TransitRoute } from '../../api/types.ts';
import { city } from '../../state/city.svelte.ts';
import { clock } from '../../state/clock.svelte.ts';
import { keep, kept } from '../../state/kept.ts';

// Stops and routes of the city. They change seldom: without connection the last known ones serve.

interface Network {
  stops: StopFeature[];
  routes: TransitRoute[];
}

let stops = $state.raw<StopFeature[]>([]);
let routes = $state.raw<TransitRoute[]>([]);
let loaded = $state(false);
let failure = $state.raw<unknown>();

function take(network: Network) {
  stops = network.stops;
  routes = network.routes;
}

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
      take({ stops: foundStops.features, routes: foundRoutes });
      keep('network', { stops, routes }, clock.now);
      failure = undefined;
    } catch (cause) {
      const last = kept<Network>('network');
      if (last) take(last.value);
      failure = last ? undefined : cause;
    }
    loaded = true;
  },
  stop: (id: string) => stops.find((one) => one.id === id),
  route: (id: string) => routes.find((one) => one.id === id),
  /** The source names a stop by its id; people know its name. */
  stopName: (id: string | undefined) => stops.find(({ properties }) => properties.stop_id === id)?.properties.name,
  kindOf: (routeId: string) => routes.find(({ id }) => id === routeId)?.kind,
};
