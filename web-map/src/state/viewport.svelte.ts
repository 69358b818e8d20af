import type { Bounds, LonLat } from '../api/types.ts';

// The part of the city that list and map both show.

let bounds = $state.raw<Bounds | undefined>();
let center = $state.raw<LonLat | undefined>();

export const viewport = {
  /** What the reader sees of the map, without what panels cover. */
  get bounds(): Bounds | undefined {
    return bounds;
  },
  get center(): LonLat | undefined {
    return center;
  },
  set(nextBounds: Bounds, nextCenter: LonLat) {
    bounds = nextBounds;
    center = nextCenter;
  },
};
