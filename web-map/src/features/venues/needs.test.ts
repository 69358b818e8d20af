import { expect, test } from 'vitest';
import { isSet, parseNeeds, questionOf } from './needs.svelte.ts';

test('what cannot be is left out of stored needs', () => {
  expect(parseNeeds('not json')).toEqual({ level: false, needs: [] });
  const needs = parseNeeds('{"chairWidthCm":9000,"maxSlopePercent":6,"level":true,"needs":["toilet","wings"]}');
  expect(needs).toEqual({ chairWidthCm: undefined, maxSlopePercent: 6, level: true, needs: ['toilet'] });
});

test('the question names only what is needed', () => {
  expect(questionOf({ chairWidthCm: 68, level: true, needs: [] })).toEqual({ chair_width_cm: 68, steps: 'none' });
  expect(isSet({ level: false, needs: [] })).toBe(false);
});
