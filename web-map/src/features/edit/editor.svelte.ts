import { Problem } from '../../api/http.ts';
import { createItem, deleteItem, fetchCollections, fetchItem, fetchSchema, replaceItem } from '../../api/features.ts';
import type { Attribute, CollectionInfo, EditableFeature } from '../../api/types.ts';
import { fieldsOf, type Field } from './fields.ts';
import { begin, change, differing, redo, sameGeometry, undo, type History } from './history.ts';

/** What a planner has in hand: one feature of one collection, with its undo and redo. */
export interface Draft {
  collection: string;
  /** The feature as last read; absent for a new one. */
  base?: EditableFeature;
  history: History;
}
export interface Conflict {
  theirs: EditableFeature;
  version: number;
}

let collections = $state.raw<CollectionInfo[] | undefined>();
let fields = $state.raw<Field[]>([]);
let draft = $state.raw<Draft | undefined>();
let conflict = $state.raw<Conflict | undefined>();
let failure = $state.raw<unknown>();
let saving = $state(false);
/** Counts changes of the shape that did not come from the map, so that the map draws it again. */
let redrawn = $state(0);

function isDirty(): boolean {
  if (!draft) return false;
  const { geometry, properties } = draft.history.present;
  if (!draft.base) return geometry !== undefined || Object.values(properties).some((value) => value !== null);
  return !sameGeometry(geometry, draft.base.geometry) || differing(properties, draft.base.properties).length > 0;
}

function take(collection: string, base: EditableFeature) {
  draft = { collection, base, history: begin({ geometry: base.geometry, properties: base.properties }) };
  conflict = undefined;
  redrawn++;
}

function update(history: History, fromMap = false) {
  if (!draft) return;
  const moved = !sameGeometry(history.present.geometry, draft.history.present.geometry);
  draft = { ...draft, history };
  if (moved && !fromMap) redrawn++;
}

/** Runs a request; keeps what went wrong for the form. */
async function attempt(run: () => Promise<void>) {
  saving = true;
  failure = undefined;
  try {
    await run();
  } catch (cause) {
    failure = cause;
  } finally {
    saving = false;
  }
}

export const editor = {
  get collections() {
    return collections;
  },
  get fields() {
    return fields;
  },
  get draft() {
    return draft;
  },
  get conflict() {
    return conflict;
  },
  get failure() {
    return failure;
  },
  get saving() {
    return saving;
  },
  get redrawn() {
    return redrawn;
  },
  get dirty() {
    return isDirty();
  },
  async loadCollections() {
    await attempt(async () => {
      collections = await fetchCollections();
    });
  },
  async loadSchema(collection: string) {
    fields = [];
    await attempt(async () => {
      fields = fieldsOf(await fetchSchema(collection));
    });
  },
  async open(collection: string, id: string | number) {
    await attempt(async () => take(collection, await fetchItem(collection, id)));
  },
  begin(collection: string) {
    failure = conflict = undefined;
    draft = { collection, history: begin({ properties: {} }) };
  },
  close() {
    draft = conflict = failure = undefined;
  },
  setGeometry(geometry: GeoJSON.Geometry, fromMap: boolean) {
    if (!draft || sameGeometry(geometry, draft.history.present.geometry)) return;
    update(change(draft.history, { ...draft.history.present, geometry }), fromMap);
  },
  setProperty(name: string, value: Attribute) {
    if (!draft) return;
    const { present } = draft.history;
    update(change(draft.history, { ...present, properties: { ...present.properties, [name]: value } }, name));
  },
  undo() {
    if (draft) update(undo(draft.history));
  },
  redo() {
    if (draft) update(redo(draft.history));
  },
  discard() {
    if (draft?.base) take(draft.collection, draft.base);
    else editor.close();
  },
  /** Saves the draft over `version`; a conflict is kept for the planner to settle. */
  async save(reason: string, version = draft?.base?.version): Promise<EditableFeature | undefined> {
    const held = draft;
    const { geometry, properties } = held?.history.present ?? { properties: {} };
    if (!held || !geometry) return undefined;
    let saved: EditableFeature | undefined;
    await attempt(async () => {
      try {
        saved = held.base
          ? await replaceItem(held.collection, held.base.id, version ?? 0, { geometry, properties }, reason)
          : await createItem(held.collection, { geometry, properties }, reason);
        take(held.collection, saved);
      } catch (cause) {
        const found = conflictOf(cause);
        if (!found) throw cause;
        conflict = found;
      }
    });
    return saved;
  },
  async remove(reason: string): Promise<boolean> {
    const held = draft;
    const base = held?.base;
    if (!held || !base) return false;
    let removed = false;
    await attempt(async () => {
      try {
        await deleteItem(held.collection, base.id, base.version ?? 0, reason);
        removed = true;
        editor.close();
      } catch (cause) {
        const found = conflictOf(cause);
        if (!found) throw cause;
        conflict = found;
      }
    });
    return removed;
  },
  takeTheirs() {
    if (draft && conflict) take(draft.collection, { ...conflict.theirs, version: conflict.version });
  },
  async keepMine(reason: string) {
    return conflict ? editor.save(reason, conflict.version) : undefined;
  },
  /** Somebody saved in this collection: what is open and untouched follows. */
  async follow(collection: string) {
    if (!draft?.base || draft.collection !== collection || isDirty() || saving) return;
    const { id, version } = draft.base;
    const fresh = await fetchItem(collection, id).catch(() => undefined);
    if (fresh && fresh.version !== version && draft?.base?.id === id && !isDirty()) take(collection, fresh);
  },
};

function conflictOf(cause: unknown): Conflict | undefined {
  if (!(cause instanceof Problem) || cause.status !== 412) return undefined;
  const { current, current_version } = cause.body as { current?: EditableFeature; current_version?: number };
  return current && current_version !== undefined ? { theirs: current, version: current_version } : undefined;
}
