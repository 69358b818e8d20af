import { Problem } from '../../api/http.ts';
import { decideReport, fetchDesk, type DeskReport, type ReportState } from '../../api/reports.ts';

// Residents' reports as staff see them. New ones come without a word: the list asks again and again.

export const SHELVES = {
  waiting: ['open', 'confirmed'],
  accepted: ['accepted'],
  refused: ['refused'],
  expired: ['expired'],
} as const satisfies Record<string, readonly ReportState[]>;
export type Shelf = keyof typeof SHELVES;

const EVERY_MS = 15_000;

let shelf = $state<Shelf>('waiting');
let list = $state.raw<DeskReport[] | undefined>();
let total = $state(0);
let failure = $state.raw<unknown>();

export const desk = {
  get shelf() {
    return shelf;
  },
  get list() {
    return list;
  },
  get total() {
    return total;
  },
  get failure() {
    return failure;
  },
  async show(next: Shelf) {
    shelf = next;
    list = undefined;
    await desk.load();
  },
  async load() {
    const asked = shelf;
    try {
      const answer = await fetchDesk([...SHELVES[asked]]);
      if (asked !== shelf) return;
      ({ reports: list, total } = answer);
      failure = undefined;
    } catch (cause) {
      failure = cause;
    }
  },
  /** Loads, and again and again. Returns how to stop. */
  watch(): () => void {
    void desk.load();
    const timer = setInterval(() => void desk.load(), EVERY_MS);
    return () => clearInterval(timer);
  },
  /** `changed` when somebody told or decided something about it since it was read. */
  async decide(report: DeskReport, how: 'accept' | 'refuse', reason: string): Promise<'done' | 'changed'> {
    try {
      await decideReport(report, how, reason);
      return 'done';
    } catch (cause) {
      if (cause instanceof Problem && cause.status === 412) return 'changed';
      throw cause;
    } finally {
      await desk.load();
    }
  },
};
