import type { VenueProperties } from '../../api/types.ts';
import { clock as clockTime, shortDate } from '../../i18n/format.ts';
import { t } from '../../i18n/places.messages.ts';
import { openingAt, type Opening } from './opening.ts';
import { venues } from './venues.svelte.ts';

const DAY_MS = 86_400_000;

/** The clock time, with the day where it is not within the next 24 hours. */
const when = (moment: Date, now: Date) =>
  moment.getTime() - now.getTime() < DAY_MS ? clockTime(moment) : `${shortDate(moment)}, ${clockTime(moment)}`;

export const openingOf = ({ opening_hours }: VenueProperties, now: Date): Opening =>
  openingAt(opening_hours, venues.openings, now);

export function openingWords(opening: Opening, now: Date): string {
  switch (opening.state) {
    case 'open':
      return opening.until ? t('open_until', { time: when(opening.until, now) }) : t('open');
    case 'closed':
      return opening.opens ? t('closed_until', { time: when(opening.opens, now) }) : t('closed');
    case 'unclear':
      return opening.comment ? t('unclear_comment', { comment: opening.comment }) : t('unclear');
    case 'unknown':
      return t('hours_unknown');
  }
}
