import { NEEDS, type AccessQuestion, type Need } from '../../api/types.ts';
import { readSetting, writeSetting } from '../../state/storage.ts';

// What this reader needs. It stays on the device; the server is asked without credentials.

export interface Needs {
  chairWidthCm?: number;
  maxSlopePercent?: number;
  level: boolean;
  needs: Need[];
  /** Only vehicles that one boards without a step; says nothing about venues. */
  lowFloor?: boolean;
}

export const CHAIR_RANGE = [30, 150] as const;
export const SLOPE_RANGE = [1, 30] as const;

const within = (value: unknown, [least, most]: readonly [number, number]) =>
  typeof value === 'number' && value >= least && value <= most ? value : undefined;

/** Reads what was stored; anything that cannot be is left out. */
export function parseNeeds(text: string | null): Needs {
  const none: Needs = { level: false, needs: [] };
  if (!text) return none;
  try {
    const stored = JSON.parse(text) as Partial<Record<keyof Needs, unknown>>;
    const listed = Array.isArray(stored.needs) ? (stored.needs as unknown[]) : [];
    return {
      chairWidthCm: within(stored.chairWidthCm, CHAIR_RANGE),
      maxSlopePercent: within(stored.maxSlopePercent, SLOPE_RANGE),
      level: stored.level === true,
      needs: NEEDS.filter((need) => listed.includes(need)),
      lowFloor: stored.lowFloor === true || undefined,
    };
  } catch {
    return none;
  }
}

/** Whether anything is asked of venues. */
export const isSet = ({ chairWidthCm, maxSlopePercent, level, needs }: Needs) =>
  chairWidthCm !== undefined || maxSlopePercent !== undefined || level || needs.length > 0;

export function questionOf({ chairWidthCm, maxSlopePercent, level, needs }: Needs): AccessQuestion {
  return {
    ...(chairWidthCm !== undefined && { chair_width_cm: chairWidthCm }),
    ...(maxSlopePercent !== undefined && { max_slope_percent: maxSlopePercent }),
    ...(level && { steps: 'none' as const }),
    ...(needs.length > 0 && { needs }),
  };
}

let current = $state.raw<Needs>(parseNeeds(readSetting('needs')));

export const needs = {
  get value(): Needs {
    return current;
  },
  get any(): boolean {
    return isSet(current);
  },
  set(changes: Partial<Needs>) {
    current = { ...current, ...changes };
    writeSetting('needs', isSet(current) || current.lowFloor ? JSON.stringify(current) : null);
  },
  clear() {
    needs.set({ chairWidthCm: undefined, maxSlopePercent: undefined, level: false, needs: [], lowFloor: undefined });
  },
};
