//! From the pavement to the inside of one door.

use misto_model::{AccessProfile, StepsAllowed, WayIn};

use super::implausible::{Reading, read};
use super::rules::RULES;
use super::{Reason, Weight, uses_wheelchair};

/// What stands in a person's way at one door, and what nobody measured of it.
pub(super) fn reasons(way: &WayIn, person: &AccessProfile) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if uses_wheelchair(person) {
        reasons.extend(door(way, person));
        reasons.extend(revolving(way));
        reasons.extend(threshold(way));
        reasons.extend(over_the_steps(way, person));
    } else if person.steps == StepsAllowed::One {
        reasons.extend(one_step(way));
    }
    if person.needs_firm_surface {
        reasons.extend(ground(way));
    }
    reasons
}

fn door(way: &WayIn, person: &AccessProfile) -> Option<Reason> {
    const DOOR: &str = "door_width_cm";
    let width = match read(DOOR, way.door_width_cm) {
        Reading::Absent => return Some(Reason::new("door_unmeasured", DOOR, Weight::Unknown)),
        Reading::Doubtful(value) => return Some(Reason::implausible(DOOR, value)),
        Reading::Is(width) => width,
    };
    let (pushed, alone) = match person.chair_width_cm {
        Some(chair) => (chair, chair + person.clearance_cm.unwrap_or(RULES.thresholds.hand_clearance_cm.value)),
        None => (RULES.thresholds.door_width_cm.value, RULES.thresholds.door_width_cm.value),
    };
    if width < pushed {
        Some(Reason::new("door_too_narrow", DOOR, Weight::No).of(width, alone))
    } else if width < alone {
        Some(Reason::new("door_tight", DOOR, Weight::Help).of(width, alone))
    } else {
        None
    }
}

fn revolving(way: &WayIn) -> Option<Reason> {
    (way.door_revolving == Some(true)).then(|| Reason::new("revolving_door", "door_revolving", Weight::No))
}

fn threshold(way: &WayIn) -> Option<Reason> {
    const SILL: &str = "threshold_height_cm";
    let alone = RULES.thresholds.threshold_height_cm.value;
    match read(SILL, way.threshold_height_cm) {
        Reading::Absent => None,
        Reading::Doubtful(value) => Some(Reason::implausible(SILL, value)),
        Reading::Is(height) if height > RULES.thresholds.lifted_step_cm.value => {
            Some(Reason::new("threshold_too_high", SILL, Weight::No).of(height, alone))
        }
        Reading::Is(height) if height > alone => {
            Some(Reason::new("threshold_high", SILL, Weight::Help).of(height, alone))
        }
        Reading::Is(_) => None,
    }
}

const STEPS: &str = "entrance_steps";

/// The number of steps, or why it is not known.
fn steps(way: &WayIn) -> Result<f64, Reason> {
    match read(STEPS, way.entrance_steps.map(f64::from)) {
        Reading::Absent => Err(Reason::new("steps_unmeasured", STEPS, Weight::Unknown)),
        Reading::Doubtful(value) => Err(Reason::implausible(STEPS, value)),
        Reading::Is(steps) => Ok(steps),
    }
}

fn over_the_steps(way: &WayIn, person: &AccessProfile) -> Vec<Reason> {
    let mut reasons = by_ramp_or_level(way, person);
    reasons.extend(blocked(way));
    reasons
}

/// What stands on a ramp at present stands in the way whatever else is good there: it
/// only ever adds to the reasons.
fn blocked(way: &WayIn) -> Option<Reason> {
    const BLOCKED: &str = "ramp_blocked";
    let is_blocked = way.ramp_blocked == Some(true) && way.has_ramp != Some(false);
    is_blocked.then(|| Reason::new("ramp_blocked", BLOCKED, Weight::No))
}

fn by_ramp_or_level(way: &WayIn, person: &AccessProfile) -> Vec<Reason> {
    let steps = match steps(way) {
        Ok(steps) => steps,
        Err(unknown) => return vec![unknown],
    };
    match way.has_ramp {
        Some(true) => ramp(way, person),
        _ if steps == 0.0 => Vec::new(),
        _ if way.has_hoist == Some(true) => vec![Reason::new("hoist", "has_hoist", Weight::Help)],
        Some(false) => vec![Reason::new("steps", STEPS, Weight::No).of(steps, 0.0)],
        None => vec![Reason::new("ramp_unmeasured", "has_ramp", Weight::Unknown)],
    }
}

fn ramp(way: &WayIn, person: &AccessProfile) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let slope = slope(way, person, &mut reasons);
    if let (Some(slope), Some(limit)) = (slope, person.max_climb_cm) {
        reasons.extend(climb(way, slope, limit));
    }
    match (read("ramp_width_cm", way.ramp_width_cm), person.chair_width_cm) {
        (Reading::Doubtful(value), _) => reasons.push(Reason::implausible("ramp_width_cm", value)),
        (Reading::Is(width), Some(chair)) if width < chair => {
            reasons.push(Reason::new("ramp_too_narrow", "ramp_width_cm", Weight::No).of(width, chair));
        }
        _ => {}
    }
    if way.ramp_portable == Some(true) {
        reasons.push(Reason::new("ramp_is_laid", "ramp_portable", Weight::Help));
    }
    reasons
}

/// The slope, percent, where it is known.
fn slope(way: &WayIn, person: &AccessProfile, reasons: &mut Vec<Reason>) -> Option<f64> {
    const SLOPE: &str = "ramp_slope_percent";
    let limit = person.max_slope_percent.unwrap_or(RULES.thresholds.ramp_slope_percent.value);
    match read(SLOPE, way.ramp_slope_percent) {
        Reading::Absent => reasons.push(Reason::new("ramp_slope_unmeasured", SLOPE, Weight::Unknown)),
        Reading::Doubtful(value) => reasons.push(Reason::implausible(SLOPE, value)),
        Reading::Is(slope) => {
            if slope > limit {
                reasons.push(Reason::new("ramp_too_steep", SLOPE, Weight::No).of(slope, limit));
            }
            return Some(slope);
        }
    }
    None
}

/// The rise of the longest run without a landing: its slope times its length.
fn climb(way: &WayIn, slope_percent: f64, limit_cm: f64) -> Option<Reason> {
    const LENGTH: &str = "ramp_length_cm";
    match read(LENGTH, way.ramp_length_cm) {
        Reading::Absent if slope_percent == 0.0 => None,
        Reading::Absent => Some(Reason::new("ramp_length_unmeasured", LENGTH, Weight::Unknown)),
        Reading::Doubtful(value) => Some(Reason::implausible(LENGTH, value)),
        Reading::Is(length) => {
            let rise = length * slope_percent / 100.0;
            (rise > limit_cm).then(|| Reason::new("ramp_too_long", LENGTH, Weight::No).of(rise, limit_cm))
        }
    }
}

fn one_step(way: &WayIn) -> Option<Reason> {
    let steps = match steps(way) {
        Ok(steps) => steps,
        Err(unknown) => return Some(unknown),
    };
    match way.has_ramp {
        _ if steps <= 1.0 => None,
        Some(true) => blocked(way),
        Some(false) => Some(Reason::new("too_many_steps", STEPS, Weight::No).of(steps, 1.0)),
        None => Some(Reason::new("ramp_unmeasured", "has_ramp", Weight::Unknown)),
    }
}

fn ground(way: &WayIn) -> Option<Reason> {
    let firm = way.approach_surface.as_deref().and_then(|surface| RULES.surfaces.is_firm(surface));
    match firm {
        Some(true) => None,
        Some(false) => Some(Reason::new("surface_not_firm", "approach_surface", Weight::No)),
        None => Some(Reason::new("surface_unknown", "approach_surface", Weight::Unknown)),
    }
}
