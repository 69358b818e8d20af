import type { AccessProfile } from '../../api/types.ts';
import { readSetting, writeSetting } from '../../state/storage.ts';
import { isSet, NOTHING, parseNeeds, profileOf, type Needs } from './profile.ts';

// What this reader needs. It stays on the device: no request carries it.

let current = $state.raw<Needs>(parseNeeds(readSetting('needs')));
const profile = $derived(profileOf(current));
const any = $derived(isSet(profile));

export const needs = {
  get value(): Needs {
    return current;
  },
  /** What is asked of places. */
  get profile(): AccessProfile {
    return profile;
  },
  get any(): boolean {
    return any;
  },
  set(changes: Partial<Needs>) {
    current = { ...current, ...changes };
    const kept = current.presets.length || Object.keys(current.changes).length || current.lowFloor;
    writeSetting('needs', kept ? JSON.stringify(current) : null);
  },
  clear() {
    needs.set({ ...NOTHING, lowFloor: undefined });
  },
};
