import { Problem } from '../../api/http.ts';
import type { Told } from '../../api/reports.ts';

// What was told and has not reached the server yet. It waits on the device, in order; a key that
// was made with it lets the server know it again, so that sending twice counts once.

export interface Waiting {
  key: string;
  venue: string;
  told: Told;
  /** A photo waits with it on the device, under the same key. */
  hasPhoto: boolean;
  /** The photo reached the server under this name. */
  photo?: string;
  /** Why the server will never take it; the reader is told. */
  refused?: string;
}

/** The outside of the queue, so that its rules can be tried without one. */
export interface Post {
  sendPhoto: (photo: Blob) => Promise<string>;
  sendReport: (waiting: Waiting) => Promise<unknown>;
  photoOf: (key: string) => Promise<Blob | undefined>;
  forgetPhoto: (key: string) => Promise<void>;
  /** Writes down what still waits. */
  keep: (waiting: readonly Waiting[]) => void;
}

/** More is not kept: the oldest that was refused goes first, and nothing new is taken after that. */
export const MOST_WAITING = 30;

/** With one more, or the same when there is no room. */
export function withOne(all: readonly Waiting[], one: Waiting): readonly Waiting[] {
  if (all.length < MOST_WAITING) return [...all, one];
  const refused = all.findIndex((waiting) => waiting.refused !== undefined);
  return refused < 0 ? all : [...all.filter((_, index) => index !== refused), one];
}

/** No connection, a busy server, too much in an hour: trying later may help. */
const isLater = (cause: unknown) =>
  !(cause instanceof Problem) || cause.status === 0 || cause.status === 429 || cause.status >= 500;

/** Sends what waits, the oldest first, until something has to wait longer. Gives what still waits. */
export async function sendAll(all: readonly Waiting[], post: Post): Promise<readonly Waiting[]> {
  let left = all;
  const put = (changed: Waiting) => {
    left = left.map((one) => (one.key === changed.key ? changed : one));
    post.keep(left);
  };
  for (const begun of all) {
    if (begun.refused !== undefined) continue;
    try {
      await sendOne(begun, post, put);
      left = left.filter(({ key }) => key !== begun.key);
      post.keep(left);
      await post.forgetPhoto(begun.key);
    } catch (cause) {
      if (isLater(cause)) break;
      const now = left.find(({ key }) => key === begun.key) ?? begun;
      put({ ...now, refused: (cause as Problem).detail || (cause as Problem).title });
    }
  }
  return left;
}

async function sendOne(begun: Waiting, post: Post, put: (changed: Waiting) => void): Promise<void> {
  let waiting = begun;
  const bring = async () => {
    const photo = waiting.hasPhoto ? await post.photoOf(waiting.key) : undefined;
    // A photo that the browser threw away holds up no report.
    waiting = { ...waiting, photo: photo && (await post.sendPhoto(photo)), hasPhoto: photo !== undefined };
    put(waiting);
  };
  if (waiting.hasPhoto && !waiting.photo) await bring();
  try {
    await post.sendReport(waiting);
  } catch (cause) {
    // The photo waited there too long and was removed: once more with a new one.
    const isGone = cause instanceof Problem && cause.field === 'photo' && begun.photo !== undefined;
    if (!isGone) throw cause;
    await bring();
    await post.sendReport(waiting);
  }
}
