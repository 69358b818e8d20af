import { fetchTrack } from '../../api/vehicles.ts';
import type { TrackPoint } from '../../api/types.ts';
import { clock } from '../../state/clock.svelte.ts';

export const TRACK_HOURS = 3;
export const trackStart = () => new Date(clock.now.getTime() - TRACK_HOURS * 3_600_000);

let points = $state.raw<TrackPoint[] | undefined>();
let failure = $state.raw<unknown>();
let asking: AbortController | undefined;

/** The last hours' track of the vehicle that is open. */
export const track = {
  get points() {
    return points;
  },
  get failure() {
    return failure;
  },
  async load(id: string | null) {
    asking?.abort();
    points = undefined;
    failure = undefined;
    if (!id) return;
    const mine = (asking = new AbortController());
    try {
      const found = await fetchTrack(id, trackStart(), mine.signal);
      if (!mine.signal.aborted) points = found;
    } catch (cause) {
      if (!mine.signal.aborted) failure = cause;
    }
  },
};
