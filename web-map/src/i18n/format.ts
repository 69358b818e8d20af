import { locale } from './locale.svelte.ts';
import { t } from './shared.messages.ts';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

let timeZone = 'Europe/Kyiv';
/** Times are shown as clocks in the city show them. */
export function setTimeZone(name: string) {
  timeZone = name;
}

const formatters = new Map<string, Intl.DateTimeFormat>();
function dateFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale.value}${timeZone}${JSON.stringify(options)}`;
  let format = formatters.get(key);
  if (!format) formatters.set(key, (format = new Intl.DateTimeFormat(tag(), { ...options, timeZone })));
  return format;
}
const tag = () => (locale.value === 'uk' ? 'uk-UA' : 'en-GB');

export const clock = (moment: Date) => dateFormat({ hour: '2-digit', minute: '2-digit' }).format(moment);
export const clockWithSeconds = (moment: Date) => dateFormat({ timeStyle: 'medium' }).format(moment);
export const fullTime = (moment: Date) => dateFormat({ dateStyle: 'long', timeStyle: 'medium' }).format(moment);
export const shortDate = (moment: Date) => dateFormat({ day: 'numeric', month: 'short' }).format(moment);
export const longDate = (moment: Date) => dateFormat({ dateStyle: 'long' }).format(moment);

/** "щойно", "40 с тому", "4 хв тому"; from an hour on the clock time, from a day on with the date. */
export function ago(moment: Date, now: Date): string {
  const seconds = Math.max(0, (now.getTime() - moment.getTime()) / 1000);
  if (seconds < 5) return t('just_now');
  if (seconds < MINUTE) return t('seconds_ago', { n: Math.floor(seconds / 5) * 5 });
  if (seconds < HOUR) return t('minutes_ago', { n: Math.floor(seconds / MINUTE) });
  if (seconds < DAY) return t('at_time', { time: clock(moment) });
  return t('at_date_time', { date: shortDate(moment), time: clock(moment) });
}

export function number(value: number, digits = 1): string {
  return new Intl.NumberFormat(tag(), { maximumFractionDigits: digits }).format(value);
}

export function distance(metres: number): string {
  return metres < 995
    ? t('metres', { n: Math.max(10, Math.round(metres / 10) * 10) })
    : t('kilometres', { n: number(metres / 1000) });
}

export const speed = (metresPerSecond: number) => t('km_per_hour', { n: Math.round(metresPerSecond * 3.6) });
