import { readSetting, writeSetting } from '../../state/storage.ts';

// Stops and routes that the reader marked. They stay on the device.

export type FavouriteKind = 'stop' | 'route';
export type Favourites = Record<FavouriteKind, string[]>;

/** Reads what was stored; anything that cannot be is left out. */
export function parseFavourites(text: string | null): Favourites {
  const ids = (value: unknown) => [
    ...new Set(Array.isArray(value) ? value.filter((id): id is string => typeof id === 'string' && id !== '') : []),
  ];
  try {
    const stored = JSON.parse(text ?? '{}') as Partial<Record<FavouriteKind, unknown>> | null;
    return { stop: ids(stored?.stop), route: ids(stored?.route) };
  } catch {
    return { stop: [], route: [] };
  }
}

let current = $state.raw<Favourites>(parseFavourites(readSetting('favourites')));

export const favourites = {
  of: (kind: FavouriteKind): string[] => current[kind],
  has: (kind: FavouriteKind, id: string): boolean => current[kind].includes(id),
  toggle(kind: FavouriteKind, id: string) {
    const rest = current[kind].filter((one) => one !== id);
    current = { ...current, [kind]: rest.length === current[kind].length ? [...rest, id] : rest };
    writeSetting('favourites', JSON.stringify(current));
  },
};
