import { expect, test } from 'vitest';
import type { Openings } from '../../api/types.ts';
import { openingAt } from './opening.ts';

const openings: Openings = {
  from: '2026-06-01T05:00:00Z',
  until: '2026-06-08T05:00:00Z',
  by_text: {
    'Mo-Fr 08:00-18:00': {
      open: [
        ['2026-06-01T05:00:00Z', '2026-06-01T15:00:00Z'],
        ['2026-06-02T05:00:00Z', '2026-06-02T15:00:00Z'],
      ],
    },
    '24/7': { open: [['2026-06-01T05:00:00Z', '2026-06-08T05:00:00Z']] },
    'Tu unknown "дзвоніть"': { open: [], unclear: [['2026-06-01T21:00:00Z', '2026-06-02T21:00:00Z', 'дзвоніть']] },
    'до вечора': { unreadable: 'syntax' },
  },
};
const at = (text: string | undefined, moment: string) => openingAt(text, openings, new Date(moment));

test('open until when, closed until when', () => {
  const shop = 'Mo-Fr 08:00-18:00';
  expect(at(shop, '2026-06-01T14:59:59Z')).toEqual({ state: 'open', until: new Date('2026-06-01T15:00:00Z') });
  expect(at(shop, '2026-06-01T15:00:00Z')).toEqual({ state: 'closed', opens: new Date('2026-06-02T05:00:00Z') });
  expect(at(shop, '2026-06-03T15:00:00Z')).toEqual({ state: 'closed' });
});

test('where the days that were told end, nothing is said of the end', () => {
  expect(at('24/7', '2026-06-07T15:00:00Z')).toEqual({ state: 'open' });
});

test('a text that is not sure is neither open nor closed', () => {
  expect(at('Tu unknown "дзвоніть"', '2026-06-02T10:00:00Z')).toEqual({ state: 'unclear', comment: 'дзвоніть' });
  expect(at('Tu unknown "дзвоніть"', '2026-06-01T10:00:00Z')).toEqual({ state: 'closed' });
});

test.each([
  ['до вечора', '2026-06-01T10:00:00Z'],
  [undefined, '2026-06-01T10:00:00Z'],
  ['a text of another day', '2026-06-01T10:00:00Z'],
  // A week without connection.
  ['24/7', '2026-06-08T05:00:00Z'],
  ['24/7', '2026-06-01T04:59:59Z'],
])('%s at %s is unknown, never closed', (text, moment) => {
  expect(at(text, moment)).toEqual({ state: 'unknown' });
});
