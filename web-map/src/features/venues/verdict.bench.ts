import { bench } from 'vitest';
import type { VenueProperties } from '../../api/types.ts';
import { judgeAll } from './verdict.ts';

// The whole of a large city for a new profile: it has to fit into one frame, 16 ms.

const VENUES = 10_000;
const some = <T>(n: number, ...values: T[]): T | undefined => values[n % values.length];
const venues = Array.from({ length: VENUES }, (_, n): VenueProperties => ({
  name: `Заклад ${n}`,
  category: 'pharmacy',
  door_width_cm: some(n, undefined, 60, 68, 72, 80, 95, 110),
  threshold_height_cm: some(n, undefined, 1, 4, 9),
  entrance_steps: some(n, undefined, 0, 1, 4, 0),
  has_ramp: some(n, undefined, true, false),
  ramp_slope_percent: some(n, undefined, 5, 7, 12),
  ramp_length_cm: some(n, undefined, 300, 900),
  approach_surface: some(n, undefined, 'asphalt', 'gravel'),
  accessible_toilet: some(n, undefined, true, false),
  lift_required: some(n, true, undefined, undefined),
  lifts: n % 3 ? undefined : [{ is_working: some(n, true, false) }],
  entrances: n % 5 ? undefined : [{ door_width_cm: 60 }, { door_width_cm: 95, entrance_steps: 0 }],
}));

let chair = 60;
bench(`${VENUES} venues, a new profile each time`, () => {
  chair = chair === 80 ? 60 : chair + 0.5;
  judgeAll(venues, { chair_width_cm: chair, max_climb_cm: 80, steps: 'none', needs: ['surface', 'toilet'] });
});
