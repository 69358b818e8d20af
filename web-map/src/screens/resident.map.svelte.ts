import type { LonLat } from '../api/types.ts';
import { live } from '../features/live/live.svelte.ts';
import { transit } from '../features/stops/transit.svelte.ts';
import { seen } from '../features/vehicles/seen.svelte.ts';
import { venues } from '../features/venues/venues.svelte.ts';
import type { MapHandle, Selection, VehicleMark } from '../map/handle.ts';

interface Chosen {
  selection: Selection | undefined;
  following: boolean;
  routeId: string | undefined;
  /** The line of that route. */
  lines: LonLat[][];
}

/** Keeps the map showing what the lists show. */
export function feedMap(handle: () => MapHandle | undefined, chosen: () => Chosen) {
  $effect(() => {
    const { routeId, selection } = chosen();
    const marks = seen
      .all()
      .filter(({ feature }) => !routeId || selection || feature.properties.route_id === routeId)
      .map(({ feature, state }): VehicleMark => ({
        id: feature.id,
        position: feature.geometry.coordinates,
        state,
        properties: feature.properties,
      }));
    handle()?.setVehicles(marks);
  });
  $effect(() => handle()?.setStops(transit.stops));
  $effect(() => handle()?.setRouteLines(chosen().lines));
  $effect(() =>
    handle()?.setVenues(venues.shown.map((venue) => ({ venue, verdict: venues.answer(venue.id)?.verdict }))),
  );
  $effect(() => handle()?.setSensors([...live.sensors.values()]));
  $effect(() => {
    const { selection, following } = chosen();
    handle()?.select(selection, following);
  });
}
