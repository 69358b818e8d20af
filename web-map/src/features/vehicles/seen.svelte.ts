import type { Bounds, FixState, LonLat, VehicleFeature } from '../../api/types.ts';
import { city } from '../../state/city.svelte.ts';
import { clock } from '../../state/clock.svelte.ts';
import { contains, metresBetween } from '../../state/geo.ts';
import { live } from '../live/live.svelte.ts';
import { stateAt } from './freshness.ts';

/** A vehicle with its state at this moment. */
export interface Seen {
  feature: VehicleFeature;
  state: FixState;
}

const DEFAULT_LIMITS = { stale_after_s: 60, lost_after_s: 300 };

export const seen = {
  /** Every vehicle of the stream that has a place. */
  all(): Seen[] {
    const limits = city.value ?? DEFAULT_LIMITS;
    return [...live.vehicles.values()]
      .filter(({ geometry }) => geometry)
      .map((feature) => ({ feature, state: stateAt(feature.properties, clock.now, limits) }));
  },
  /** Those within the bounds, nearest to `origin` first. */
  within(bounds: Bounds | undefined, origin: LonLat | undefined): Seen[] {
    const inside = seen.all().filter(({ feature }) => !bounds || contains(bounds, feature.geometry.coordinates));
    if (!origin) return inside;
    const away = new Map(inside.map((one) => [one, metresBetween(origin, one.feature.geometry.coordinates)]));
    return inside.sort((a, b) => (away.get(a) ?? 0) - (away.get(b) ?? 0));
  },
};
