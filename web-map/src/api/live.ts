import type { Bounds, SensorFeature, Snapshot, TilesChanged, VehicleFeature } from './types.ts';

export interface LiveHandlers {
  open(): void;
  lost(): void;
  snapshot(snapshot: Snapshot): void;
  vehicle(feature: VehicleFeature): void;
  gone(id: string): void;
  reading(feature: SensorFeature): void;
  tiles(change: TilesChanged): void;
  /** Boards of these stops changed. */
  arrivals(stopIds: string[]): void;
  /** A notice for passengers was written, changed or ended. */
  alert(): void;
  reset(): void;
}

const RETRY_FIRST_MS = 1_000;
const RETRY_MOST_MS = 30_000;

/** What is asked for: all of it first, then without what an older server does not know. */
const KINDS = ['vehicles,readings,tiles,arrivals,alerts', 'vehicles,readings,tiles'] as const;
let asking = 0;

/** Opens the one stream of this tab and keeps it open. Returns how to close it. */
export function openLive(bounds: Bounds, handlers: LiveHandlers): () => void {
  let stream: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = RETRY_FIRST_MS;
  let opened = false;

  const connect = () => {
    const query = new URLSearchParams({ bbox: bounds.join(','), kinds: KINDS[asking] ?? KINDS[0] });
    stream = new EventSource(`/live?${query}`);
    const on = <T>(name: string, handle: (data: T) => void) =>
      stream?.addEventListener(name, (event) => handle(JSON.parse((event as MessageEvent<string>).data) as T));
    stream.onopen = () => {
      wait = RETRY_FIRST_MS;
      opened = true;
      handlers.open();
    };
    stream.onerror = () => {
      // Refused, not broken off: a refused question is asked in the other way.
      if (!opened && stream?.readyState === EventSource.CLOSED) asking = (asking + 1) % KINDS.length;
      handlers.lost();
      stream?.close();
      clearTimeout(timer);
      timer = setTimeout(connect, wait);
      wait = Math.min(wait * 2, RETRY_MOST_MS);
    };
    on<Snapshot>('snapshot', handlers.snapshot);
    on<VehicleFeature>('vehicle', handlers.vehicle);
    on<{ id: string }>('gone', ({ id }) => handlers.gone(id));
    on<SensorFeature>('reading', handlers.reading);
    on<TilesChanged>('tiles', handlers.tiles);
    on<{ stop_ids?: string[] }>('arrivals', ({ stop_ids }) => handlers.arrivals(stop_ids ?? []));
    on('alert', handlers.alert);
    on('reset', handlers.reset);
  };
  const hurry = () => {
    if (stream?.readyState === EventSource.CLOSED) {
      clearTimeout(timer);
      connect();
    }
  };
  window.addEventListener('online', hurry);
  connect();
  return () => {
    window.removeEventListener('online', hurry);
    clearTimeout(timer);
    stream?.close();
  };
}
