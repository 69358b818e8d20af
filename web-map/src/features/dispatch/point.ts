import type { Bounds, LonLat } from '../../api/types.ts';
import { contains } from '../../state/geo.ts';

export type ParsedPoint = { point: LonLat } | { error: 'coordinates_bad' | 'coordinates_outside' };

/** Reads "48.9226, 24.7111" (latitude first, as people copy it); a decimal comma needs `;` or a blank between. */
export function parsePoint(text: string, bounds: Bounds): ParsedPoint {
  const parts = /[;\s]/.test(text.trim()) ? text.trim().split(/[;\s]+/) : text.trim().split(',');
  const numbers = parts
    .map((part) => part.replace(/,$/, '').replace(',', '.'))
    .filter(Boolean)
    .map(Number);
  const [lat, lon] = numbers;
  if (numbers.length !== 2 || lat === undefined || lon === undefined || !numbers.every(Number.isFinite)) {
    return { error: 'coordinates_bad' };
  }
  if (Math.abs(lat) > 90 || Math.abs(lon) > 180) return { error: 'coordinates_bad' };
  return contains(bounds, [lon, lat]) ? { point: [lon, lat] } : { error: 'coordinates_outside' };
}

export const pointText = ([lon, lat]: LonLat) => `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
