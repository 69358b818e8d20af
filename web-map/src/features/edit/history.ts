import type { Attribute } from '../../api/types.ts';

// Undo and redo of the draft in hand. What is saved is no longer undone here: the server keeps its history.

export interface DraftState {
  geometry?: GeoJSON.Geometry;
  properties: Record<string, Attribute>;
}

export interface History {
  past: DraftState[];
  present: DraftState;
  future: DraftState[];
  /** What the last change touched: typing in one field is one step. */
  touched?: string;
}

const MOST_STEPS = 200;

export const begin = (present: DraftState): History => ({ past: [], present, future: [] });

export function change(history: History, present: DraftState, touched?: string): History {
  const sameStep = touched !== undefined && touched === history.touched;
  const past = sameStep ? history.past : [...history.past, history.present].slice(-MOST_STEPS);
  return { past, present, future: [], touched };
}

export function undo(history: History): History {
  const present = history.past.at(-1);
  if (!present) return history;
  return { past: history.past.slice(0, -1), present, future: [history.present, ...history.future] };
}

export function redo(history: History): History {
  const [present, ...future] = history.future;
  if (!present) return history;
  return { past: [...history.past, history.present], present, future };
}

/** Names of attributes that differ; an absent one and `null` both mean unknown. */
export function differing(a: Record<string, Attribute>, b: Record<string, Attribute>): string[] {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].filter((name) => (a[name] ?? null) !== (b[name] ?? null));
}

export const sameGeometry = (a: GeoJSON.Geometry | undefined, b: GeoJSON.Geometry | undefined) =>
  JSON.stringify(a) === JSON.stringify(b);
