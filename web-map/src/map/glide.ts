import type { LonLat } from '../api/types.ts';
import { metresBetween } from '../state/geo.ts';

// Vehicles glide from fix to fix. Time is an argument (milliseconds of one monotonic clock).

/** Farther than this between two fixes is no movement we saw: the marker jumps. */
export const SNAP_METRES = 300;
const SHORTEST_S = 0.5;
const LONGEST_S = 30;

export interface Fix {
  position: LonLat;
  /** When the tracker was there, milliseconds. */
  time: number;
  bearing?: number;
  /** Seconds until the next fix is expected; a glide ends by then. */
  nextExpectedS?: number;
}

export interface Glide {
  from: LonLat;
  to: LonLat;
  fromBearing?: number;
  toBearing?: number;
  start: number;
  duration: number;
  time: number;
}

export interface Pose {
  position: LonLat;
  bearing?: number;
}

const rest = (fix: Fix, now: number): Glide => ({
  from: fix.position,
  to: fix.position,
  fromBearing: fix.bearing,
  toBearing: fix.bearing,
  start: now,
  duration: 0,
  time: fix.time,
});

/** The glide after a new fix: from where the marker stands now, for as long as the last interval. */
export function glideTo(previous: Glide | undefined, fix: Fix, now: number, moving = true): Glide {
  if (!previous || !moving) return rest(fix, now);
  if (fix.time <= previous.time) return previous;
  const here = poseAt(previous, now);
  if (metresBetween(here.position, fix.position) > SNAP_METRES) return rest(fix, now);
  const interval = (fix.time - previous.time) / 1000;
  const limit = Math.min(LONGEST_S, fix.nextExpectedS ?? LONGEST_S);
  return {
    from: here.position,
    to: fix.position,
    fromBearing: here.bearing,
    toBearing: fix.bearing ?? here.bearing,
    start: now,
    duration: Math.max(SHORTEST_S, Math.min(interval, limit)) * 1000,
    time: fix.time,
  };
}

export const atRest = ({ start, duration }: Glide, now: number) => now >= start + duration;

export function poseAt(glide: Glide, now: number): Pose {
  const share = glide.duration > 0 ? Math.min(1, Math.max(0, (now - glide.start) / glide.duration)) : 1;
  return {
    position: [
      glide.from[0] + (glide.to[0] - glide.from[0]) * share,
      glide.from[1] + (glide.to[1] - glide.from[1]) * share,
    ],
    bearing: turn(glide.fromBearing, glide.toBearing, share),
  };
}

/** Turns the short way round. */
function turn(from: number | undefined, to: number | undefined, share: number): number | undefined {
  if (from === undefined || to === undefined) return to;
  const way = ((to - from + 540) % 360) - 180;
  return (from + way * Math.min(1, share * 2) + 360) % 360;
}
