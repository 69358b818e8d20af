import { askVenues } from '../../api/access.ts';
import type { VenueFeature, Verdict } from '../../api/types.ts';
import { city } from '../../state/city.svelte.ts';
import { needs, questionOf, type Needs } from './needs.svelte.ts';

let features = $state.raw<VenueFeature[]>([]);
let loaded = $state(false);
let failure = $state.raw<unknown>();
let hidden = $state.raw<ReadonlySet<Verdict>>(new Set());
let asking: AbortController | undefined;

export const VERDICTS: readonly Verdict[] = ['fits', 'fits_with_help', 'unknown', 'does_not_fit'];

export const venues = {
  get all() {
    return features;
  },
  /** What list and map both show: without the verdicts that the reader put away. */
  get shown() {
    return features.filter(({ properties: { verdict } }) => !verdict || !hidden.has(verdict));
  },
  get loaded() {
    return loaded;
  },
  get failure() {
    return failure;
  },
  isHidden: (verdict: Verdict) => hidden.has(verdict),
  toggle(verdict: Verdict) {
    const next = new Set(hidden);
    if (!next.delete(verdict)) next.add(verdict);
    hidden = next;
  },
  /** Asks anew; an answer to an older question is thrown away. */
  async ask(wanted: Needs = needs.value) {
    if (!city.value) return;
    asking?.abort();
    const mine = (asking = new AbortController());
    try {
      const answer = await askVenues({ ...questionOf(wanted), bbox: city.value.bounds }, mine.signal);
      features = answer.features.map((feature) => ({ ...feature, id: String(feature.id) }));
      failure = undefined;
      loaded = true;
    } catch (cause) {
      if (mine.signal.aborted) return;
      failure = cause;
      loaded = true;
    }
  },
};
