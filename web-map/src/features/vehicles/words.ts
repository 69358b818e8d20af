import type { VehicleKind, VehicleProperties } from '../../api/types.ts';
import { TRANSIT_KINDS } from '../../api/types.ts';
import { t as shared } from '../../i18n/shared.messages.ts';
import { t } from '../../i18n/resident.messages.ts';

export const kindName = (kind: VehicleKind | undefined) => shared(kind ? `kind_${kind}` : 'kind_unknown');

export const isTransit = (kind: VehicleKind | undefined) => (TRANSIT_KINDS as readonly string[]).includes(kind ?? '');

export const floorOf = (lowFloor: boolean | undefined) =>
  lowFloor === undefined ? 'unknown' : lowFloor ? 'low' : 'high';

export const floorWords = (lowFloor: boolean | undefined) =>
  t(({ low: 'low_floor', high: 'high_floor', unknown: 'floor_unknown' } as const)[floorOf(lowFloor)]);

/** What stands on its front, else the direction's number, else nothing. */
export function directionWords({ headsign, direction }: Pick<VehicleProperties, 'headsign' | 'direction'>): string {
  if (headsign) return headsign;
  return direction === undefined ? '' : t('direction_n', { n: direction + 1 });
}

export function vehicleTitle({ kind, route, label }: VehicleProperties): string {
  if (isTransit(kind) || kind === undefined) return route ? `${kindName(kind)} ${route}` : kindName(kind);
  return label ? `${kindName(kind)} ${label}` : kindName(kind);
}

export function delayWords(delayS: number): string {
  const minutes = Math.round(Math.abs(delayS) / 60);
  if (minutes === 0) return t('delay_on_time');
  return t(delayS > 0 ? 'delay_late' : 'delay_early', { n: minutes });
}
