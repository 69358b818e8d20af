import { SvelteMap } from 'svelte/reactivity';
import { fetchDepartures } from '../../api/transit.ts';
import type { Departures } from '../../api/types.ts';
import { clock } from '../../state/clock.svelte.ts';
import { forget, keep, kept } from '../../state/kept.ts';
import { live } from '../live/live.svelte.ts';

// The boards of the stops that are in view: asked again when the stream says that they changed,
// else every 20 s while the page is visible; the last ones stay on the device.

export interface Board {
  answer: Departures;
  /** When the server said so. */
  at: Date;
  /** Why it could not be asked again; the board is then what was last known. */
  failure?: unknown;
}

const ASK_AGAIN_MS = 20_000;
const AFTER_FAILURE_MS = 8_000;
/** A change told by the stream is asked for at once, but not in a flood. */
const LEAST_APART_MS = 3_000;
const KEPT_BOARDS = 30;
const INDEX = 'boards';

const boards = new SvelteMap<string, Board>();
const failures = new SvelteMap<string, unknown>();
const asked = new Map<string, { at: number; limit: number }>();
const changed = new Set<string>();
live.onBoards((stopIds) => stopIds.forEach((id) => changed.add(id)));

const keyOf = (stopId: string, lowFloor: boolean) => (lowFloor ? `${stopId} low` : stopId);

function remember(stopId: string, board: Board) {
  const index = (kept<string[]>(INDEX)?.value ?? []).filter((id) => id !== stopId);
  for (const old of index.splice(KEPT_BOARDS - 1)) forget(`board.${old}`);
  keep(INDEX, [stopId, ...index], board.at);
  keep(`board.${stopId}`, board.answer, board.at);
}

function recalled(stopId: string): Board | undefined {
  const last = kept<Departures>(`board.${stopId}`);
  return last && { answer: last.value, at: last.at };
}

export const stopBoards = {
  /** What is known of a stop, now or from the last visit. */
  of(stopId: string, lowFloor = false): Board | undefined {
    const key = keyOf(stopId, lowFloor);
    const failure = failures.get(key);
    const board = boards.get(key) ?? (failure && !lowFloor ? recalled(stopId) : undefined);
    return board && failure ? { ...board, failure } : board;
  },
  failure(stopId: string): unknown {
    return failures.get(stopId);
  },
  /** Asks for the board unless it is fresh. Called every second by what shows the stop. */
  async refresh(stopId: string, limit: number, lowFloor = false): Promise<void> {
    if (document.hidden) return;
    const key = keyOf(stopId, lowFloor);
    const last = asked.get(key);
    const age = performance.now() - (last?.at ?? -Infinity);
    const wanted =
      age >= ASK_AGAIN_MS || (changed.has(stopId) && age >= LEAST_APART_MS) || (last && last.limit < limit);
    if (!wanted) return;
    asked.set(key, { at: performance.now(), limit: Math.max(limit, last?.limit ?? 0) });
    changed.delete(stopId);
    await this.ask(stopId, Math.max(limit, last?.limit ?? 0), lowFloor);
  },
  async ask(stopId: string, limit: number, lowFloor = false): Promise<void> {
    const key = keyOf(stopId, lowFloor);
    try {
      const answer = await fetchDepartures(stopId, limit, lowFloor);
      const at = new Date(answer.now);
      if ((boards.get(key)?.at.getTime() ?? 0) > at.getTime()) return;
      clock.learn(answer.now);
      boards.set(key, { answer, at });
      failures.delete(key);
      if (!lowFloor) remember(stopId, { answer, at });
    } catch (cause) {
      failures.set(key, cause);
      // Connection may be back any moment: ask again sooner than a fresh board would.
      asked.set(key, { at: performance.now() - ASK_AGAIN_MS + AFTER_FAILURE_MS, limit });
    }
  },
};
