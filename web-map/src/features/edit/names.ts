import type { Attribute, CollectionInfo, EditableFeature } from '../../api/types.ts';
import { localized } from '../../i18n/locale.svelte.ts';
import { t } from '../../i18n/staff.messages.ts';
import { attribute } from './attributes.messages.ts';

export const collectionName = ({ id, title, title_uk, title_en }: CollectionInfo) =>
  localized(title_uk, title_en) ?? title ?? id;

/** What a person calls a feature: its name, address or number, else its kind. */
export function featureName({ id, properties }: Pick<EditableFeature, 'id' | 'properties'>): string {
  const said = [properties.name, properties.address, properties.long_name, properties.short_name].find(
    (value): value is string => typeof value === 'string' && value !== '',
  );
  if (said) return said;
  const kind = properties.kind ?? properties.class;
  return kind ? `${String(kind)} ${id}` : t('feature_n', { id: String(id) });
}

export function valueName(value: Attribute | undefined): string {
  if (value === null || value === undefined || value === '') return t('empty');
  if (typeof value === 'boolean') return t(value ? 'true_' : 'false_');
  return String(value);
}

export const attributeName = (name: string) => attribute(name);

const GROUPS = {
  transit: ['transit_stops', 'transit_routes'],
  places: ['venues', 'entrances', 'lifts', 'housing', 'communal_property'],
  networks: ['water_network', 'sewer_network', 'heat_network', 'power_network'],
  base: ['roads', 'railway', 'buildings', 'green', 'water_bodies', 'places'],
} as const;
export type GroupName = keyof typeof GROUPS | 'other';

/** The layer tree: collections by what they are about. */
export function grouped(collections: CollectionInfo[]): { name: GroupName; members: CollectionInfo[] }[] {
  const known = new Map<string, GroupName>();
  for (const [name, ids] of Object.entries(GROUPS)) for (const id of ids) known.set(id, name as GroupName);
  const names: GroupName[] = ['places', 'transit', 'networks', 'base', 'other'];
  return names
    .map((name) => ({ name, members: collections.filter(({ id }) => (known.get(id) ?? 'other') === name) }))
    .filter(({ members }) => members.length > 0);
}
