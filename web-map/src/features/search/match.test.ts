import { expect, test } from 'vitest';
import { plain, rankOf } from './match.ts';

test('small letters, no marks', () => {
  expect(plain('Кав’ярня «Ліхтар»')).toBe('кавярня ліхтар');
});

test('words are found by their beginnings, in any order', () => {
  expect(rankOf('гал', 'вул. Галицька, 24')).toBeDefined();
  expect(rankOf('24 гал', 'вул. Галицька, 24')).toBeDefined();
  expect(rankOf('цька', 'вул. Галицька')).toBeUndefined();
  expect(rankOf('', 'вул. Галицька')).toBeUndefined();
});

test('the exact number comes first', () => {
  expect(rankOf('2', '2')).toBeLessThan(rankOf('2', '24') ?? Infinity);
});
