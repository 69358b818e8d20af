import type { Bounds, LonLat } from '../api/types.ts';

const METRES_PER_DEGREE = 111_320;

/** Distance on a plane that touches the earth between the points: right within a city. */
export function metresBetween([lon1, lat1]: LonLat, [lon2, lat2]: LonLat): number {
  const x = (lon2 - lon1) * METRES_PER_DEGREE * Math.cos((((lat1 + lat2) / 2) * Math.PI) / 180);
  const y = (lat2 - lat1) * METRES_PER_DEGREE;
  return Math.hypot(x, y);
}

export function contains([west, south, east, north]: Bounds, [lon, lat]: LonLat): boolean {
  return lon >= west && lon <= east && lat >= south && lat <= north;
}

export function covers(outer: Bounds, inner: Bounds): boolean {
  return outer[0] <= inner[0] && outer[1] <= inner[1] && outer[2] >= inner[2] && outer[3] >= inner[3];
}

export function boundsOf(points: LonLat[]): Bounds | undefined {
  const [first] = points;
  return (
    first &&
    points.reduce<Bounds>(
      ([w, s, e, n], [lon, lat]) => [Math.min(w, lon), Math.min(s, lat), Math.max(e, lon), Math.max(n, lat)],
      [...first, ...first],
    )
  );
}

/** The bounds enlarged on each side by `share` of their size, within the world. */
export function padded([west, south, east, north]: Bounds, share: number): Bounds {
  const x = (east - west) * share;
  const y = (north - south) * share;
  const round = (degrees: number) => Math.round(degrees * 1e5) / 1e5;
  return [
    round(Math.max(-180, west - x)),
    round(Math.max(-85, south - y)),
    round(Math.min(180, east + x)),
    round(Math.min(85, north + y)),
  ];
}

const WINDS = ['n', 'ne', 'e', 'se', 's', 'sw', 'w', 'nw'] as const;
export type Wind = (typeof WINDS)[number];
export const windOf = (bearingDeg: number): Wind => WINDS[Math.round(bearingDeg / 45) & 7] ?? 'n';
