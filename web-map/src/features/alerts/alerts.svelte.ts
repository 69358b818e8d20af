import { fetchAlerts } from '../../api/transit.ts';
import type { Departure, TransitAlert } from '../../api/types.ts';
import { clock } from '../../state/clock.svelte.ts';
import { live } from '../live/live.svelte.ts';
import { holdsAt } from './period.ts';

// Notices for passengers that hold now. Asked again when the stream says so, and now and then.

const ASK_AGAIN_MS = 60_000;

let list = $state.raw<TransitAlert[]>([]);
let timer: ReturnType<typeof setInterval> | undefined;

async function ask() {
  if (document.hidden) return;
  // An older server has none; what was known stays while there is no connection.
  list = await fetchAlerts().catch(() => list);
}

export const alerts = {
  get now(): TransitAlert[] {
    return list.filter((alert) => holdsAt(alert, clock.now));
  },
  start() {
    if (timer) return;
    void ask();
    timer = setInterval(ask, ASK_AGAIN_MS);
    live.onAlert(() => void ask());
  },
  /** Notices of a stop, of the routes that call there, and of the whole network. */
  ofStop(id: string, stopId: string | undefined, departures: Departure[] = []): TransitAlert[] {
    return alerts.now.filter(
      ({ stops, routes }) =>
        (!stops.length && !routes.length) ||
        stops.some((one) => one === id || one === stopId) ||
        routes.some((one) => departures.some(({ route_id }) => route_id === one)),
    );
  },
  ofRoute(id: string): TransitAlert[] {
    return alerts.now.filter(({ stops, routes }) => (!stops.length && !routes.length) || routes.includes(id));
  },
};
