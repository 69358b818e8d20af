import { expect, test } from 'vitest';
import { rankOf } from './match.ts';
import { plain, readings, spelled } from './spelling.ts';

test('small letters, no marks', () => {
  expect(plain('Кав’ярня «Ліхтар»')).toBe('кавярня ліхтар');
});

test('words are found by their beginnings, in any order', () => {
  expect(rankOf('гал', 'вул. Галицька, 24')).toBeDefined();
  expect(rankOf('24 гал', 'вул. Галицька, 24')).toBeDefined();
  expect(rankOf('цька', 'вул. Галицька')).toBeUndefined();
  expect(rankOf('', 'вул. Галицька')).toBeUndefined();
  expect(rankOf('"«»', 'вул. Галицька')).toBeUndefined();
});

test('the exact number comes first', () => {
  expect(rankOf('2', '2')).toBeLessThan(rankOf('2', '24') ?? Infinity);
});

test.each([
  // Apostrophes of every keyboard, or none.
  ["Кав'ярня", 'Кав’ярня'],
  ['кавʼярня', 'Кав’ярня'],
  ['Кавярня', 'Кав’ярня'],
  ['Стефаника', 'вул. Стефаника'],
  // и/і, е/є, г/ґ, soft signs left out.
  ['Микитинци', 'Микитинці'],
  ['Мікітінці', 'Микитинці'],
  ['Европейська', 'Європейська площа'],
  ['Галицка', 'вул. Галицька'],
  ['Гаванська', 'Ґаванська'],
  // Latin as the Cabinet of Ministers has it, and as people write it.
  ['Halytska', 'вул. Галицька'],
  ['galitska', 'вул. Галицька'],
  ['Khotkevycha', 'вул. Хоткевича'],
  ['hotkevicha', 'вул. Хоткевича'],
  ['Yevropeiska', 'Європейська площа'],
  ['Vovchynets', 'Вовчинець'],
  ['Zahvizdia', 'Загвіздя'],
  ['Zghurskyi', 'Згурський'],
  ['Shchastia', 'Щастя'],
  ['Yizhakevycha', 'Їжакевича'],
  ['ploshcha rynok', 'Площа Ринок'],
  // The other layout.
  ['ufkbwmrf', 'вул. Галицька'],
  ['gkjof hbyjr', 'Площа Ринок'],
  ['рщеуд', 'Hotel'],
])('%s finds %s', (asked, name) => {
  expect(rankOf(asked, name)).toBeDefined();
});

test.each([
  ['Галицька', 'вул. Лепкого'],
  ['201', '202'],
  ['Парк', 'Вокзал'],
  ['rynok', 'вул. Ринкова'],
])('%s does not find %s', (asked, name) => {
  expect(rankOf(asked, name)).toBeUndefined();
});

test('what is written comes before what another layout would mean', () => {
  expect(rankOf('hotel', 'Hotel')).toBeLessThan(rankOf('hotel', 'рщеуд') ?? Infinity);
  expect(readings('201')).toEqual(['201']);
});

test('digits are not folded together', () => {
  expect(spelled('Нова 100')).toBe('nova 100');
  expect(rankOf('11', '1')).toBeUndefined();
});
