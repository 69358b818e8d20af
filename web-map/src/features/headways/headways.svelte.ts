import { Problem } from '../../api/http.ts';
import { fetchHeadways, fetchMatched } from '../../api/transit.ts';
import type { Headways, MatchedVehicle } from '../../api/types.ts';

import { withoutTrip } from './layout.ts';

// Headways of the route on the screen and the vehicles without a trip, asked again while shown.

let route = $state<string | undefined>();
let answer = $state.raw<Headways | undefined>();
let unmatched = $state.raw<MatchedVehicle[] | undefined>();
let failure = $state.raw<unknown>();
let unsupported = $state(false);

export const headways = {
  REFRESH_MS: 10_000,
  get answer() {
    return answer?.route_id === route ? answer : undefined;
  },
  get unmatched() {
    return unmatched;
  },
  get failure() {
    return failure;
  },
  /** An older server knows no such question. */
  get unsupported() {
    return unsupported;
  },
  async load(id: string | undefined = route) {
    route = id;
    if (!id || document.hidden) return;
    try {
      const [found, all] = await Promise.all([fetchHeadways(id), fetchMatched()]);
      unmatched = withoutTrip(all.vehicles);
      if (route === id) answer = found;
      failure = undefined;
      unsupported = false;
    } catch (cause) {
      unsupported = cause instanceof Problem && cause.status === 404 && !answer;
      failure = cause;
    }
  },
};
