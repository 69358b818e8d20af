import { createAlert, deleteAlert, fetchAlerts, fetchEveryAlert, replaceAlert } from '../../api/transit.ts';
import { Problem } from '../../api/http.ts';
import type { AlertText, TransitAlert } from '../../api/types.ts';
import { live } from '../live/live.svelte.ts';

// Every notice that stands, as the dispatcher's list shows them.

let list = $state.raw<TransitAlert[] | undefined>();
let failure = $state.raw<unknown>();

export const notices = {
  get list() {
    return list;
  },
  get failure() {
    return failure;
  },
  async load() {
    try {
      list = await fetchEveryAlert().catch((cause: unknown) => {
        if (cause instanceof Problem && (cause.status === 404 || cause.status === 405)) return fetchAlerts();
        throw cause;
      });
      failure = undefined;
    } catch (cause) {
      failure = cause;
    }
  },
  /** Loads, and again at every change that the stream tells of. Returns how to stop. */
  watch(): () => void {
    void notices.load();
    return live.onAlert(() => void notices.load());
  },
  /** Writes a new notice, or over the one that was read; a `Problem` 412 when it has changed since. */
  async save(over: TransitAlert | undefined, text: AlertText) {
    try {
      await (over ? replaceAlert(over, text) : createAlert(text));
    } finally {
      await notices.load();
    }
  },
  async end(alert: TransitAlert) {
    try {
      await deleteAlert(alert);
    } finally {
      await notices.load();
    }
  },
};
