import { expect, test } from 'vitest';
import { parsePoint } from './point.ts';

const city: [number, number, number, number] = [24.6, 48.8, 24.8, 49];

test.each(['48.9226, 24.7111', '48.9226,24.7111', '48,9226 24,7111', '48.9226; 24.7111'])('%s is a point', (text) => {
  expect(parsePoint(text, city)).toEqual({ point: [24.7111, 48.9226] });
});

test('a wrong text and a point elsewhere are told apart', () => {
  expect(parsePoint('Ринок', city)).toEqual({ error: 'coordinates_bad' });
  expect(parsePoint('48.9', city)).toEqual({ error: 'coordinates_bad' });
  expect(parsePoint('24.7111, 48.9226', city)).toEqual({ error: 'coordinates_outside' });
});
