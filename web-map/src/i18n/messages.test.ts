import { expect, test } from 'vitest';
import { render } from './messages.ts';

const vehicles = { one: '{n} машина', few: '{n} машини', many: '{n} машин', other: '{n} машини' };

test.each([
  [1, '1 машина'],
  [2, '2 машини'],
  [5, '5 машин'],
  [21, '21 машина'],
  [112, '112 машин'],
])('%i in Ukrainian', (n, words) => {
  expect(render('uk', vehicles, { n })).toBe(words);
});

test('a parameter that is missing stays visible', () => {
  expect(render('en', 'Route {route}')).toBe('Route {route}');
});
