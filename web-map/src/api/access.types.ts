// Venues and what a person needs of them. Lengths in centimetres where the name says so, slopes in
// percent; an absent member means that nobody knows.

import type { PointFeature } from './types.ts';

export type Verdict = 'fits' | 'fits_with_help' | 'does_not_fit' | 'unknown';
export const NEEDS = ['help', 'surface', 'audio', 'visual', 'tactile', 'toilet', 'parking'] as const;
export type Need = (typeof NEEDS)[number];
export type Steps = 'none' | 'one' | 'any';

/** What a person needs, in the shape of the body of `/access/venues`. It stays on the device. */
export interface AccessProfile {
  chair_width_cm?: number;
  clearance_cm?: number;
  max_slope_percent?: number;
  max_climb_cm?: number;
  steps?: Steps;
  needs?: readonly Need[];
}

export interface Reason {
  code: string;
  attribute: string;
  measured?: number;
  needed?: number;
  unit?: 'cm' | '%';
  /** Which of several entrances it is about, counted from 1. */
  entrance?: number;
  blocking: 'no' | 'unknown' | 'help';
}

export interface Measured {
  measured_by?: string;
  measured_on?: string;
  measured_how?: string;
  photo?: string;
}

export interface WayIn {
  door_width_cm?: number;
  threshold_height_cm?: number;
  door_automatic?: boolean;
  door_revolving?: boolean;
  door_sliding?: boolean;
  door_opens_outward?: boolean;
  door_turning_space_cm?: number;
  entrance_steps?: number;
  step_height_cm?: number;
  step_handrail?: boolean;
  has_ramp?: boolean;
  ramp_portable?: boolean;
  ramp_slope_percent?: number;
  ramp_length_cm?: number;
  ramp_width_cm?: number;
  ramp_handrails?: boolean;
  /** Something stands on it at present. */
  ramp_blocked?: boolean;
  has_hoist?: boolean;
  approach_surface?: string;
  help_can_be_called?: boolean;
  bell_height_cm?: number;
  has_intercom?: boolean;
}

export interface Entrance extends WayIn, Measured {
  name?: string;
  position?: [number, number];
}

export interface Lift {
  name?: string;
  position?: [number, number];
  is_working?: boolean;
  out_of_order_reason?: string;
  state_at?: string;
  works_again_on?: string;
  other_way?: string;
  lift_door_width_cm?: number;
  car_width_cm?: number;
  car_depth_cm?: number;
}

export interface VenueProperties extends WayIn, Measured {
  name?: string;
  name_en?: string;
  category?: string;
  address?: string;
  opening_hours?: string;
  accessible_parking_spaces?: number;
  parking_distance_m?: number;
  parking_width_cm?: number;
  parking_length_cm?: number;
  parking_max_height_cm?: number;
  parking_signed?: boolean;
  accessible_toilet?: boolean;
  toilet_door_width_cm?: number;
  toilet_turning_space_cm?: number;
  toilet_seat_height_cm?: number;
  toilet_grab_bars?: boolean;
  washbasin_height_cm?: number;
  toilet_emergency_call?: boolean;
  audio_information?: boolean;
  induction_loop?: boolean;
  audio_description?: boolean;
  audio_signs?: boolean;
  visual_information?: boolean;
  large_print?: boolean;
  captions?: boolean;
  high_contrast_signs?: boolean;
  pictograms?: boolean;
  visual_announcements?: boolean;
  tactile_information?: boolean;
  tactile_strips?: boolean;
  tactile_signs?: boolean;
  braille?: boolean;
  lift_required?: boolean;
  staff_see_visitors?: boolean;
  staff_assist?: boolean;
  staff_languages?: string;
  /** Who measured single values, by attribute name; a table keeps it as JSON text. */
  provenance?: Record<string, Measured> | string;
  entrances?: Entrance[] | string;
  lifts?: Lift[] | string;
}
export type VenueFeature = PointFeature<VenueProperties>;

export type Standing = 'meets' | 'does_not_meet' | 'not_measured' | 'not_applicable';
export interface Finding {
  attribute: string;
  at_least?: number;
  at_most?: number;
  present?: boolean;
  measured?: number;
  standing: Standing;
}
export interface NormAnswer {
  id: string;
  title: string;
  title_uk: string;
  source: string;
  as_of: string;
  standing: Standing;
  findings: Finding[];
}
export interface Implausible {
  attribute: string;
  entrance?: number;
  value: number;
  least: number;
  most: number;
}
/** What `/access/venues/{id}` says beyond the measurements. */
export interface VenueStanding {
  norms: NormAnswer[];
  implausible: Implausible[];
  unreadable?: string[];
}

/** When a place is open, by the text of its `opening_hours`; instants of RFC 3339, UTC. */
export interface OpeningTimes {
  open?: [from: string, until: string][];
  /** Times of which the text itself says that they are not certain, with its comment. */
  unclear?: [from: string, until: string, comment?: string][];
  /** Why the text cannot be read; then nothing else is here. */
  unreadable?: string;
}
export interface Openings {
  from: string;
  until: string;
  by_text: Record<string, OpeningTimes>;
}
