import type { Bounds, SensorFeature, Snapshot, TilesChanged, VehicleFeature } from './types.ts';

export interface LiveHandlers {
  open(): void;
  lost(): void;
  snapshot(snapshot: Snapshot): void;
  vehicle(feature: VehicleFeature): void;
  gone(id: string): void;
  reading(feature: SensorFeature): void;
  tiles(change: TilesChanged): void;
  reset(): void;
}

const RETRY_FIRST_MS = 1_000;
const RETRY_MOST_MS = 30_000;

/** Opens the one stream of this tab and keeps it open. Returns how to close it. */
export function openLive(bounds: Bounds, handlers: LiveHandlers): () => void {
  let stream: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = RETRY_FIRST_MS;

  const connect = () => {
    const query = new URLSearchParams({ bbox: bounds.join(','), kinds: 'vehicles,readings,tiles' });
    stream = new EventSource(`/live?${query}`);
    const on = <T>(name: string, handle: (data: T) => void) =>
      stream?.addEventListener(name, (event) => handle(JSON.parse((event as MessageEvent<string>).data) as T));
    stream.onopen = () => {
      wait = RETRY_FIRST_MS;
      handlers.open();
    };
    stream.onerror = () => {
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
