import { expect, test } from 'vitest';
import { CATEGORY_NAMES } from '../../ui/pictograms.ts';
import { synonymsOf } from './categories.ts';
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
  // Streets in full or short, in any case.
  ['вулиця Галицька', 'вул. Галицька, 24'],
  ['вул. Галицька', 'вулиця Галицька'],
  ['на вулиці Галицькій', 'вул. Галицька, 24'],
  ['Галицької', 'вул. Галицька'],
  ['Шевченко', 'вул. Шевченка, 12'],
  ['Тараса Шевченко', 'вул. Шевченка Тараса'],
  ['Шевченка', 'проспект Шевченко'],
  ['Halytska street', 'вул. Галицька'],
  ['Shevchenko', 'вул. Шевченка'],
  ['площі Ринок', 'Площа Ринок'],
  ['пл Ринок', 'Площа Ринок'],
  ['біля аптеки', 'Аптека «Здоровʼя»'],
  ['у школі', 'Школа № 7'],
  ['Грушевського', 'вул. Грушевська'],
])('%s finds %s', (asked, name) => {
  expect(rankOf(asked, name)).toBeDefined();
});

test.each([
  ['Галицька', 'вул. Лепкого'],
  ['201', '202'],
  ['Парк', 'Вокзал'],
  ['rynok', 'вул. Ринкова'],
  // Another word, not another ending.
  ['Лепкого', 'вул. Лепська'],
  ['Парку', 'вул. Паркова'],
  ['вулиця', 'Площа Ринок'],
  ['Нова', 'Новий Світ'],
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

test.each([
  ['ліки', 'pharmacy'],
  ['аптеку', 'pharmacy'],
  ['апт', 'pharmacy'],
  ['chemist', 'pharmacy'],
  ['fgntrf', 'pharmacy'],
  ['поїсти', 'cafe'],
  ['кавярня', 'cafe'],
  ['ЦНАП', 'administration'],
  ['банкомат', 'bank'],
])('%s means the category %s and no other', (asked, category) => {
  const found = CATEGORY_NAMES.filter((name) => rankOf(asked, ...synonymsOf(name)) !== undefined);
  expect(found).toEqual([category]);
});

test('every category has words in both alphabets', () => {
  for (const name of CATEGORY_NAMES) {
    const words = synonymsOf(name).join(' ');
    expect(words, name).toMatch(/\p{Script=Cyrillic}/u);
    expect(words, name).toMatch(/[a-z]/);
  }
});

test('the same beginning comes before another ending', () => {
  expect(rankOf('Шевченка', 'вул. Шевченка')).toBeLessThan(rankOf('Шевченка', 'вул. Шевченко') ?? 0);
});
