import type { LonLat } from '../../api/types.ts';

// Coordinates as text, one "latitude, longitude" a line: a way to draw without a pointer.

const DIGITS = 6;
type Ring = GeoJSON.Position[];

const lines = (positions: Ring) =>
  positions.map(([lon = 0, lat = 0]) => `${lat.toFixed(DIGITS)}, ${lon.toFixed(DIGITS)}`).join('\n');

/** The text of a simple shape; `undefined` for shapes that text cannot hold (several parts, holes). */
export function coordinatesText(geometry: GeoJSON.Geometry | undefined): string | undefined {
  if (!geometry) return '';
  if (geometry.type === 'Point') return lines([geometry.coordinates]);
  if (geometry.type === 'LineString') return lines(geometry.coordinates);
  if (geometry.type === 'Polygon' && geometry.coordinates.length === 1)
    return lines(geometry.coordinates[0]?.slice(0, -1) ?? []);
  return undefined;
}

export type SimpleKind = 'Point' | 'LineString' | 'Polygon';
const LEAST: Record<SimpleKind, number> = { Point: 1, LineString: 2, Polygon: 3 };

/** The shape that the text describes, or the number of its first bad line (0: too few lines). */
export function parseCoordinates(text: string, kind: SimpleKind): { geometry: GeoJSON.Geometry } | { badLine: number } {
  const rows = text.split('\n').filter((row) => row.trim());
  const positions: Ring = [];
  for (const [i, row] of rows.entries()) {
    const numbers = row
      .split(/[,;\s]+/)
      .filter(Boolean)
      .map(Number);
    const [lat, lon] = numbers;
    if (numbers.length !== 2 || lat === undefined || lon === undefined) return { badLine: i + 1 };
    if (!(Math.abs(lat) <= 90) || !(Math.abs(lon) <= 180)) return { badLine: i + 1 };
    positions.push([lon, lat]);
  }
  const [first] = positions;
  if (!first || positions.length < LEAST[kind]) return { badLine: 0 };
  if (kind === 'Point') return { geometry: { type: 'Point', coordinates: first } };
  if (kind === 'LineString') return { geometry: { type: 'LineString', coordinates: positions } };
  return { geometry: { type: 'Polygon', coordinates: [[...positions, first]] } };
}

/** Every position of a geometry, for its extent. */
export function positionsOf(geometry: GeoJSON.Geometry): LonLat[] {
  if (geometry.type === 'GeometryCollection') return geometry.geometries.flatMap(positionsOf);
  const walk = (value: unknown): LonLat[] =>
    !Array.isArray(value) ? [] : typeof value[0] === 'number' ? [[value[0], Number(value[1])]] : value.flatMap(walk);
  return walk(geometry.coordinates);
}
