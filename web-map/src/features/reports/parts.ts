import type { About } from '../../api/reports.ts';
import type { VenueFeature } from '../../api/types.ts';
import { t } from '../../i18n/reports.messages.ts';

interface Part {
  feature_id?: number;
  name?: string;
}

/** Entrances and lifts that are places of their own, where there is more than the place itself to name. */
export function partsOf({ properties }: VenueFeature): { value: string; label: string }[] {
  const { entrances, lifts } = properties as { entrances?: Part[]; lifts?: Part[] };
  const named = (list: Part[] | undefined, kind: 'entrance' | 'lift') =>
    (list ?? []).flatMap(({ feature_id, name }, index) =>
      feature_id === undefined
        ? []
        : [{ value: `${kind} ${feature_id}`, label: name ?? t(`part_${kind}`, { n: index + 1 }) }],
    );
  return [...named(entrances, 'entrance'), ...named(lifts, 'lift')];
}

export function aboutOf(value: string): About {
  const [kind, id] = value.split(' ');
  if (kind === 'entrance') return { entrance: Number(id) };
  return kind === 'lift' ? { lift: Number(id) } : 'venue';
}
