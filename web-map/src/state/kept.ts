import { readSetting, writeSetting } from './storage.ts';

// What the server last said, kept on the device for a time without connection. It never stands
// for what is known now: whoever reads it also gets the moment at which it was true.

export interface Kept<T> {
  at: Date;
  value: T;
}

export function keep(name: string, value: unknown, at: Date) {
  writeSetting(`kept.${name}`, JSON.stringify({ at: at.toISOString(), value }));
}

/** What was kept under the name; nothing when it was never kept or cannot be read. */
export function kept<T>(name: string): Kept<T> | undefined {
  try {
    const stored = JSON.parse(readSetting(`kept.${name}`) ?? 'null') as { at: string; value: T } | null;
    const at = new Date(stored?.at ?? NaN);
    return stored && Number.isFinite(at.getTime()) ? { at, value: stored.value } : undefined;
  } catch {
    return undefined;
  }
}

export const forget = (name: string) => writeSetting(`kept.${name}`, null);
