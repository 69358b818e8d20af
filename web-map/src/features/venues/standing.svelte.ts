import { SvelteMap } from 'svelte/reactivity';
import { fetchStanding } from '../../api/access.ts';
import type { VenueStanding } from '../../api/types.ts';

// How places stand to the norms: asked when a place is opened, kept as long as the page.

const told = new SvelteMap<string, VenueStanding>();
const failed = new SvelteMap<string, unknown>();

export const standings = {
  of: (id: string): VenueStanding | undefined => told.get(id),
  failure: (id: string): unknown => failed.get(id),
  async ask(id: string, signal?: AbortSignal): Promise<void> {
    try {
      told.set(id, await fetchStanding(id, signal));
      failed.delete(id);
    } catch (cause) {
      if (!signal?.aborted) failed.set(id, cause);
    }
  },
};
