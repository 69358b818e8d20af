import { expect, test } from 'vitest';
import type { Seen } from '../vehicles/seen.svelte.ts';
import { staffId } from './fleet.ts';

const seen = (id: string, label?: string) => ({ feature: { id, properties: { label } }, state: 'live' }) as Seen;
const fleet = [seen('hfp:1', '325'), seen('hfp:2', '326'), seen('hfp:3', '326'), seen('bus-9')];

test('a vehicle named by its public id is found by the number on its side', () => {
  expect(staffId({ id: 'bus-1', label: '325' }, fleet)).toBe('hfp:1');
});

test('an id that the fleet knows stays, and so does one that fits nobody or several', () => {
  expect(staffId({ id: 'hfp:2', label: '325' }, fleet)).toBe('hfp:2');
  expect(staffId({ id: 'bus-2', label: '326' }, fleet)).toBe('bus-2');
  expect(staffId({ id: 'bus-3' }, fleet)).toBe('bus-3');
});
