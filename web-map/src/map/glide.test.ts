import { expect, test } from 'vitest';
import { atRest, glideTo, poseAt } from './glide.ts';

const A: [number, number] = [24.71, 48.92];
const NEAR: [number, number] = [24.711, 48.92];
const FAR: [number, number] = [24.72, 48.92];

test('a first fix stands where it is', () => {
  const glide = glideTo(undefined, { position: A, time: 0 }, 1000);
  expect(poseAt(glide, 5000).position).toEqual(A);
  expect(atRest(glide, 1000)).toBe(true);
});

test('a glide lasts as long as the interval between the fixes and then rests', () => {
  const first = glideTo(undefined, { position: A, time: 0 }, 0);
  const second = glideTo(first, { position: NEAR, time: 4000 }, 5000);
  expect(poseAt(second, 7000).position[0]).toBeCloseTo(24.7105, 6);
  expect(poseAt(second, 9000).position).toEqual(NEAR);
  expect(poseAt(second, 60_000).position).toEqual(NEAR);
});

test('a glide never lasts past the next expected fix', () => {
  const first = glideTo(undefined, { position: A, time: 0 }, 0);
  const second = glideTo(first, { position: NEAR, time: 20_000, nextExpectedS: 2 }, 20_000);
  expect(second.duration).toBe(2000);
});

test('a jump of more than 300 m snaps', () => {
  const first = glideTo(undefined, { position: A, time: 0 }, 0);
  expect(poseAt(glideTo(first, { position: FAR, time: 5000 }, 5000), 5000).position).toEqual(FAR);
});

test('in a hidden tab nothing glides', () => {
  const first = glideTo(undefined, { position: A, time: 0 }, 0);
  expect(poseAt(glideTo(first, { position: NEAR, time: 5000 }, 5000, false), 5000).position).toEqual(NEAR);
});

test('the same or an older fix changes nothing', () => {
  const first = glideTo(undefined, { position: A, time: 5000 }, 0);
  expect(glideTo(first, { position: NEAR, time: 5000 }, 10)).toBe(first);
  expect(glideTo(first, { position: NEAR, time: 4000 }, 10)).toBe(first);
});

test('the nose turns the short way round', () => {
  const first = glideTo(undefined, { position: A, time: 0, bearing: 350 }, 0);
  const second = glideTo(first, { position: NEAR, time: 4000, bearing: 10 }, 4000);
  expect(poseAt(second, 5000).bearing).toBeCloseTo(0, 6);
});
