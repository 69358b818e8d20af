// Kept on the device like `kept.ts`, for what is too large for settings: the places of a city.
// A browser that refuses a database does without.

import type { Kept } from './kept.ts';

const DATABASE = 'misto';
const STORE = 'shelf';

const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('refused'));
  });

async function store(mode: IDBTransactionMode): Promise<IDBObjectStore> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  return (await done(opening)).transaction(STORE, mode).objectStore(STORE);
}

/** Keeps a value with the moment at which it was true. */
export async function shelve(name: string, value: unknown, at: Date): Promise<void> {
  try {
    await done((await store('readwrite')).put({ at, value }, name));
  } catch {
    // Refused or full: the page works, but not without connection.
  }
}

/** What was kept under the name; nothing when it never was. */
export async function shelved<T>(name: string): Promise<Kept<T> | undefined> {
  try {
    return await done((await store('readonly')).get(name) as IDBRequest<Kept<T> | undefined>);
  } catch {
    return undefined;
  }
}
