import { expect, test } from 'vitest';
import { isSet, NOTHING, parseNeeds, presetProfile, PRESETS, profileOf, readNumber } from './profile.ts';

test('two presets ask the strictest of both', () => {
  expect(presetProfile(['manual_chair', 'powered_chair'])).toMatchObject({
    chair_width_cm: 70,
    clearance_cm: 5,
    max_slope_percent: 8,
    max_climb_cm: 80,
    steps: 'none',
    needs: ['surface'],
  });
  expect(presetProfile(['blind', 'deaf', 'cane'])).toMatchObject({
    chair_width_cm: undefined,
    steps: 'one',
    needs: ['surface', 'audio', 'visual', 'tactile'],
  });
  expect(isSet(presetProfile([]))).toBe(false);
  for (const { id } of PRESETS) expect(isSet(presetProfile([id])), id).toBe(true);
});

test('what the person changed stands over the presets', () => {
  const mine = { chair_width_cm: 61, max_climb_cm: null, needs: { surface: false, toilet: true } };
  expect(profileOf({ presets: ['manual_chair'], changes: mine })).toEqual({
    chair_width_cm: 61,
    clearance_cm: 5,
    max_slope_percent: 8,
    max_climb_cm: undefined,
    steps: 'none',
    needs: ['toilet'],
  });
});

test('what cannot be is left out of kept needs', () => {
  expect(parseNeeds('not json')).toEqual(NOTHING);
  expect(parseNeeds('[]')).toEqual(NOTHING);
  const changes = { chair_width_cm: 9000, clearance_cm: null, steps: 'two', needs: { toilet: true, wings: true } };
  expect(parseNeeds(JSON.stringify({ presets: ['deaf', 'ghost'], changes, lowFloor: 1 }))).toEqual({
    presets: ['deaf'],
    changes: { clearance_cm: null, needs: { toilet: true } },
  });
});

test('needs kept by an older page are still known', () => {
  const before = '{"chairWidthCm":68,"maxSlopePercent":6,"level":true,"needs":["toilet"],"lowFloor":true}';
  expect(parseNeeds(before)).toEqual({
    presets: [],
    changes: { chair_width_cm: 68, max_slope_percent: 6, steps: 'none', needs: { toilet: true } },
    lowFloor: true,
  });
});

test('a field holds a number in its range, nothing, or what cannot be meant', () => {
  expect(readNumber('chair_width_cm', ' 67,5 ')).toBe(67.5);
  expect(readNumber('chair_width_cm', '')).toBeUndefined();
  for (const bad of ['680', 'wide', '-1']) expect(readNumber('chair_width_cm', bad)).toBe('bad');
});
