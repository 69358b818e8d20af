import type { Observation, SensorProperties } from '../../api/types.ts';
import { number } from '../../i18n/format.ts';
import { locale, localized } from '../../i18n/locale.svelte.ts';
import { t } from '../../i18n/resident.messages.ts';

export const sensorName = ({ name_uk, name_en }: SensorProperties) => localized(name_uk, name_en) ?? '';
export const propertyName = ({ name_uk, name_en, observed_property }: Observation) =>
  localized(name_uk, name_en) ?? observed_property;

const UNITS_UK: Record<string, string> = {
  'µg/m³': 'мкг/м³',
  'ug/m3': 'мкг/м³',
  'mg/m3': 'мг/м³',
  Cel: '°C',
  dB: 'дБ',
  'dB[SPL]': 'дБ',
  m: 'м',
  cm: 'см',
  mm: 'мм',
  'm/s': 'м/с',
  hPa: 'гПа',
  V: 'В',
};
const UNITS_EN: Record<string, string> = { 'ug/m3': 'µg/m³', 'mg/m3': 'mg/m³', Cel: '°C', 'dB[SPL]': 'dB' };

/** A unit as people write it; one that nobody listed stays as the source gave it. */
export const unitName = (unit: string) => (locale.value === 'uk' ? UNITS_UK : UNITS_EN)[unit] ?? unit;

export function valueWords({ value, unit }: Observation): string {
  const shown =
    typeof value === 'number' ? number(value, 2) : typeof value === 'boolean' ? t(value ? 'yes' : 'no') : value;
  return unit ? `${shown} ${unitName(unit)}` : shown;
}
