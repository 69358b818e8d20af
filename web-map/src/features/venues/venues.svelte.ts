import { fetchVenues, type Venues } from '../../api/access.ts';
import type { Openings, VenueFeature, VenueProperties, Verdict } from '../../api/types.ts';
import { clock } from '../../state/clock.svelte.ts';
import { shelve, shelved } from '../../state/shelf.ts';
import { needs } from './needs.svelte.ts';
import { openingAt } from './opening.ts';
import { judgeAll, type Answer } from './verdict.ts';

// The city's places, asked for once and judged here: a new profile asks nobody. Without connection
// the last known ones serve, with the moment at which they were true.

let features = $state.raw<VenueFeature[]>([]);
let openings = $state.raw<Openings | undefined>();
let loaded = $state(false);
let failure = $state.raw<unknown>();
let keptSince = $state.raw<Date | undefined>();
let hidden = $state.raw<ReadonlySet<Verdict>>(new Set());
let onlyOpen = $state(false);
let asking: AbortController | undefined;

const SHELF = 'venues';
const properties = $derived(features.map((venue) => venue.properties));
const places = $derived(new Map(features.map((venue) => [venue.id, venue])));
const answers = $derived.by(() => {
  const judged = judgeAll(properties, needs.profile);
  return new Map<string, Answer>(judged?.map((answer, n) => [features[n]?.id ?? '', answer]));
});
// Doors open and close on the minute.
const minute = $derived(Math.floor(clock.now.getTime() / 60_000));
const opened = $derived.by(() => {
  const now = new Date(minute * 60_000);
  return onlyOpen ? features.filter(({ properties }) => stateAt(properties, now) === 'open') : features;
});
const shown = $derived(
  hidden.size && needs.any ? opened.filter(({ id }) => !hidden.has(answers.get(id)?.verdict ?? 'fits')) : opened,
);
const stateAt = ({ opening_hours }: VenueProperties, now: Date) => openingAt(opening_hours, openings, now).state;

export const VERDICTS: readonly Verdict[] = ['fits', 'fits_with_help', 'unknown', 'does_not_fit'];

function take(told: Venues) {
  features = told.features.map((feature) => ({ ...feature, id: String(feature.id) }));
  openings = told.openings;
}

export const venues = {
  get all() {
    return features;
  },
  get: (id: string) => places.get(id),
  /** The verdict for this reader; nothing while the reader asks for nothing. */
  answer: (id: string) => answers.get(id),
  /** What list and map both show: without the verdicts that the reader put away, or only what is open. */
  get shown() {
    return shown;
  },
  get onlyOpen() {
    return onlyOpen;
  },
  showOnlyOpen: (only: boolean) => (onlyOpen = only),
  /** Of these, those whose hours nobody knows now. */
  withoutHours: (of: readonly VenueFeature[]) => {
    const now = new Date(minute * 60_000);
    return of.filter(({ properties }) => ['unknown', 'unclear'].includes(stateAt(properties, now)));
  },
  get openings() {
    return openings;
  },
  get loaded() {
    return loaded;
  },
  get failure() {
    return failure;
  },
  /** Since when nobody confirmed what is shown; nothing while it is what the server says. */
  get keptSince() {
    return keptSince;
  },
  isHidden: (verdict: Verdict) => hidden.has(verdict),
  toggle(verdict: Verdict) {
    const next = new Set(hidden);
    if (!next.delete(verdict)) next.add(verdict);
    hidden = next;
  },
  /** Asks anew; an answer to an older question is thrown away. */
  async ask() {
    asking?.abort();
    const mine = (asking = new AbortController());
    try {
      const told = await fetchVenues(mine.signal);
      const at = clock.now;
      take(told);
      failure = keptSince = undefined;
      void shelve(SHELF, told, at);
    } catch (cause) {
      if (mine.signal.aborted) return;
      const last = features.length ? undefined : await shelved<Venues>(SHELF);
      if (last) take(last.value);
      keptSince ??= last?.at ?? (features.length ? clock.now : undefined);
      failure = features.length ? undefined : cause;
    }
    loaded = true;
  },
};
