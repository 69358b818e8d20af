import { SvelteMap } from 'svelte/reactivity';
import { fetchRoute } from '../../api/transit.ts';
import type { Pattern, RouteLine } from '../../api/types.ts';
import { clock } from '../../state/clock.svelte.ts';

// Lines of routes with their vehicles, asked again while somebody looks.

export interface Line {
  route: RouteLine;
  /** When it was asked, by the server's clock. */
  at: Date;
  failure?: unknown;
}

const ASK_AGAIN_MS = 10_000;
const lines = new SvelteMap<string, Line>();
const failures = new SvelteMap<string, unknown>();
const asked = new Map<string, number>();

export const routeLines = {
  of(id: string): Line | undefined {
    const line = lines.get(id);
    const failure = failures.get(id);
    return line && failure ? { ...line, failure } : line;
  },
  failure: (id: string): unknown => failures.get(id),
  /** Asks unless it is fresh. `hiddenToo`: also while the page is in the background, for a reminder. */
  async refresh(id: string, hiddenToo = false): Promise<void> {
    if (document.hidden && !hiddenToo) return;
    if (performance.now() - (asked.get(id) ?? -Infinity) < ASK_AGAIN_MS) return;
    asked.set(id, performance.now());
    try {
      lines.set(id, { route: await fetchRoute(id), at: clock.now });
      failures.delete(id);
    } catch (cause) {
      failures.set(id, cause);
    }
  },
  /** The pattern on which the vehicle is now, and where. */
  find(id: string | undefined, vehicle: string) {
    for (const pattern of (id && lines.get(id)?.route.patterns) || []) {
      const place = pattern.vehicles.find((one) => one.id === vehicle && one.state !== 'off_route');
      if (place) return { pattern, place };
    }
    return undefined;
  },
};

/** How old a vehicle's fix is now: it grows older after the answer. */
export const fixAgeS = (fix_age_s: number, line: Pick<Line, 'at'>, now: Date) =>
  fix_age_s + Math.max(0, (now.getTime() - line.at.getTime()) / 1000);

export const hasLine = ({ line }: Pick<Pattern, 'line'>) => line.length > 1;
