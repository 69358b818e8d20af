import { getJson, jsonBody, request } from './http.ts';
import type { Bounds, Collected, CollectionInfo, CollectionSchema, EditableFeature } from './types.ts';

const item = (collection: string, id: string | number) =>
  `/ogc/collections/${collection}/items/${encodeURIComponent(String(id))}`;

/** Version named by a strong ETag such as `"7"`. */
export function versionOf(etag: string | null): number | undefined {
  const digits = /^"(\d+)"$/.exec(etag ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}

const withReason = (init: RequestInit, reason: string, version?: number): RequestInit => {
  const headers = new Headers(init.headers);
  if (reason) headers.set('Misto-Reason', encodeURIComponent(reason));
  if (version !== undefined) headers.set('If-Match', `"${version}"`);
  return { ...init, headers };
};

async function saved(response: Response): Promise<EditableFeature> {
  const feature = (await response.json()) as EditableFeature;
  return { ...feature, version: versionOf(response.headers.get('ETag')) ?? feature.version };
}

export const fetchCollections = async () =>
  (await getJson<{ collections: CollectionInfo[] }>('/ogc/collections')).collections;

export const fetchSchema = (collection: string) => getJson<CollectionSchema>(`/ogc/collections/${collection}/schema`);

export interface ItemPage extends Collected<EditableFeature> {
  numberMatched?: number;
  numberReturned?: number;
}

export const fetchItems = (collection: string, bounds: Bounds, limit: number, signal?: AbortSignal) =>
  getJson<ItemPage>(`/ogc/collections/${collection}/items?bbox=${bounds.join(',')}&limit=${limit}`, { signal });

export const fetchItem = async (collection: string, id: string | number) => saved(await request(item(collection, id)));

const draftBody = ({ geometry, properties }: Pick<EditableFeature, 'geometry' | 'properties'>) => ({
  type: 'Feature',
  geometry,
  properties,
});
export type Draft = Parameters<typeof draftBody>[0];

export const createItem = async (collection: string, draft: Draft, reason: string) =>
  saved(
    await request(
      `/ogc/collections/${collection}/items`,
      withReason(jsonBody('POST', draftBody(draft), 'application/geo+json'), reason),
    ),
  );

/** Saves over `version`; a `Problem` 412 with `current` when somebody saved in between. */
export const replaceItem = async (
  collection: string,
  id: string | number,
  version: number,
  draft: Draft,
  reason: string,
) =>
  saved(
    await request(
      item(collection, id),
      withReason(jsonBody('PUT', draftBody(draft), 'application/geo+json'), reason, version),
    ),
  );

export async function deleteItem(collection: string, id: string | number, version: number, reason: string) {
  await request(item(collection, id), withReason({ method: 'DELETE' }, reason, version));
}
