import {
  confirmReport,
  fetchReports,
  sendPhoto,
  sendReport,
  type StandingReport,
  type Told,
} from '../../api/reports.ts';
import { clock } from '../../state/clock.svelte.ts';
import { readSetting, writeSetting } from '../../state/storage.ts';
import { forgetPhoto, keepPhoto, keptPhoto } from './photos.ts';
import { sendAll, withOne, type Waiting } from './queue.ts';

// What this device told and what still waits, and what stands of the place that is open.

const QUEUE = 'reports.waiting';
const DEVICE = 'reports.device';
const AGAIN_MS = 30_000;

function random(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A random number that is this device to the reports of the city and to nobody else. */
function device(): string {
  let known = readSetting(DEVICE);
  if (!known) writeSetting(DEVICE, (known = random()));
  return known;
}

function remembered(): readonly Waiting[] {
  try {
    const read: unknown = JSON.parse(readSetting(QUEUE) ?? '[]');
    return Array.isArray(read) ? (read as Waiting[]) : [];
  } catch {
    return [];
  }
}

let waiting = $state.raw<readonly Waiting[]>(remembered());
let sending = $state(false);
let standing = $state.raw<{ venue: string; reports: StandingReport[] } | undefined>();
let timer: ReturnType<typeof setTimeout> | undefined;

function keep(next: readonly Waiting[]) {
  // What was told while others were sent stays.
  const added = waiting.filter(({ key }) => !known.has(key));
  waiting = [...next, ...added];
  writeSetting(QUEUE, JSON.stringify(waiting));
}
/** Keys of what the running round of sending began with. */
let known: ReadonlySet<string> = new Set();

async function send() {
  if (sending || !waiting.some(({ refused }) => refused === undefined)) return;
  sending = true;
  clearTimeout(timer);
  known = new Set(waiting.map(({ key }) => key));
  try {
    await sendAll(waiting, {
      sendPhoto,
      sendReport: ({ venue, told, key, photo }) => sendReport(venue, { ...told, key, photo, device: device() }),
      photoOf: keptPhoto,
      forgetPhoto,
      keep,
    });
  } finally {
    sending = false;
  }
  const left = waiting.filter(({ refused }) => refused === undefined);
  // What was told meanwhile goes at once; what could not be sent waits.
  if (left.some(({ key }) => !known.has(key))) await send();
  else if (left.length) timer = setTimeout(() => void send(), AGAIN_MS);
}

if (typeof window !== 'undefined') {
  window.addEventListener('online', () => void send());
  void send();
}

export const reports = {
  /** What was told here and did not reach the server yet. */
  get waiting() {
    return waiting;
  },
  /** What stands of the place; nothing while it is not known. */
  of(venue: string): StandingReport[] | undefined {
    return standing?.venue === venue ? standing.reports : undefined;
  },
  async load(venue: string) {
    try {
      standing = { venue, reports: await fetchReports(venue) };
    } catch {
      // Without connection what stood before may still be shown: each says its age.
    }
  },
  /** Tells something; `false` when no more can wait. Resolves when it was sent or has to wait. */
  async tell(
    venue: string,
    told: Omit<Told, 'reported_at'>,
    photo?: Blob,
  ): Promise<'sent' | 'waits' | 'refused' | 'full'> {
    const key = random();
    let hasPhoto = false;
    if (photo)
      hasPhoto = await keepPhoto(key, photo)
        .then(() => true)
        .catch(() => false);
    const one: Waiting = { key, venue, told: { ...told, reported_at: clock.now.toISOString() }, hasPhoto };
    const next = withOne(waiting, one);
    if (next === waiting) return 'full';
    waiting = next;
    writeSetting(QUEUE, JSON.stringify(waiting));
    await send();
    await reports.load(venue);
    const left = waiting.find((still) => still.key === key);
    return left ? (left.refused === undefined ? 'waits' : 'refused') : 'sent';
  },
  async confirm(venue: string, id: string) {
    await confirmReport(id, device());
    await reports.load(venue);
  },
  /** Puts away one that the server refused. */
  forget(key: string) {
    waiting = waiting.filter((one) => one.key !== key);
    writeSetting(QUEUE, JSON.stringify(waiting));
    void forgetPhoto(key);
  },
  send,
};
