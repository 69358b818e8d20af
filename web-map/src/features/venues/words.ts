import type { Reason, VenueProperties } from '../../api/types.ts';
import { t as attribute } from '../../i18n/attributes.messages.ts';
import { locale, localized } from '../../i18n/locale.svelte.ts';
import { CODES, t as reasonText } from '../../i18n/reasons.messages.ts';
import { t } from '../../i18n/resident.messages.ts';
import { CATEGORY_NAMES } from '../../ui/pictograms.ts';
import { attributeName } from './attributes.ts';

export const venueName = ({ name, name_en, category }: VenueProperties) =>
  localized(name, name_en) ?? categoryName(category);

export function categoryName(category: string | undefined): string {
  return category && CATEGORY_NAMES.includes(category) ? t(category as 'cafe') : t('other_place');
}

/** A number of a reason with its unit, as the server writes it. */
function amount(value: number | undefined, unit: Reason['unit']): string {
  if (value === undefined) return '?';
  const format = new Intl.NumberFormat(locale.value, { maximumFractionDigits: 1, useGrouping: false });
  const n = format.format(value);
  return unit === 'cm' ? attribute('cm', { n }) : unit === '%' ? attribute('percent', { n }) : n;
}

const capital = (text: string) => text.charAt(0).toLocaleUpperCase(locale.value) + text.slice(1);

/** A deciding fact as a sentence without a full stop. */
export function reasonWords({ code, attribute: name, measured, needed, unit }: Reason): string {
  const known = CODES.find((one) => one === code);
  if (!known) return capital(code.replaceAll('_', ' '));
  return capital(
    reasonText(known, {
      measured: amount(measured, unit),
      needed: amount(needed, unit),
      attribute: attributeName(name),
    }),
  );
}

const WEIGHT: Record<Reason['blocking'], number> = { no: 0, unknown: 1, help: 2 };
/** What stands in the way comes first, then what nobody knows. */
export const weightiest = (reasons: readonly Reason[]): Reason[] =>
  [...reasons].sort((a, b) => WEIGHT[a.blocking] - WEIGHT[b.blocking]);
