// Moments as the clocks of the city show them, for fields of date and time. Pure.

const MINUTE = 60_000;

/** The moment as "YYYY-MM-DDTHH:MM" on a clock of the zone. */
export function wallClock(moment: Date, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).formatToParts(moment);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((one) => one.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`;
}

/**
 * The moment at which a clock of the zone shows "YYYY-MM-DDTHH:MM"; nothing when that is no time.
 * In the hour that a clock change repeats the earlier moment, in the one it skips the later.
 */
export function momentOf(wall: string, zone: string): Date | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(wall)) return undefined;
  const asUtc = Date.parse(`${wall}:00Z`);
  if (!Number.isFinite(asUtc)) return undefined;
  const offsetAt = (time: number) => Date.parse(`${wallClock(new Date(time), zone)}:00Z`) - time;
  const day = 24 * 60 * MINUTE;
  const candidates = [offsetAt(asUtc - day), offsetAt(asUtc + day)].map((offset) => asUtc - offset);
  const shown = candidates.filter((time) => wallClock(new Date(time), zone) === wall);
  return new Date(shown.length ? Math.min(...shown) : Math.max(...candidates));
}
