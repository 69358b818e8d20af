//! What a person needs of a place whichever door leads in.

use misto_model::{AccessProfile, StepsAllowed, Venue};

use super::implausible::{Reading, read};
use super::{Reason, Weight, uses_wheelchair};

/// What is missing for a person inside, and what nobody told of it.
pub(super) fn reasons(venue: &Venue, person: &AccessProfile) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let takes_few_steps = uses_wheelchair(person) || person.steps != StepsAllowed::Any;
    if takes_few_steps {
        reasons.extend(lift(venue));
    }
    let information = &venue.information;
    let wanted = [
        (person.needs_audio, information.audio(), "no_audio", "audio_unknown", "audio_information"),
        (person.needs_visual, information.visual(), "no_visual", "visual_unknown", "visual_information"),
        (person.needs_tactile, information.tactile(), "no_tactile", "tactile_unknown", "tactile_information"),
    ];
    for (needed, there, no, unknown, attribute) in wanted {
        if needed {
            reasons.extend(need(there, no, unknown, attribute));
        }
    }
    if person.needs_toilet {
        reasons.extend(toilet(venue, person));
    }
    if person.needs_parking {
        reasons.extend(parking(venue));
    }
    reasons
}

fn need(there: Option<bool>, no: &'static str, unknown: &'static str, attribute: &'static str) -> Option<Reason> {
    match there {
        Some(true) => None,
        Some(false) => Some(Reason::new(no, attribute, Weight::No)),
        None => Some(Reason::new(unknown, attribute, Weight::Unknown)),
    }
}

/// Only a place that says it is reached by lift depends on one; one that works is enough.
fn lift(venue: &Venue) -> Option<Reason> {
    if venue.lift_required != Some(true) {
        return None;
    }
    let state = |working| venue.lifts.iter().any(|lift| lift.is_working == working);
    if state(Some(true)) {
        None
    } else if venue.lifts.is_empty() || state(None) {
        Some(Reason::new("lift_unknown", "is_working", Weight::Unknown))
    } else {
        Some(Reason::new("lift_out_of_order", "is_working", Weight::No))
    }
}

fn toilet(venue: &Venue, person: &AccessProfile) -> Option<Reason> {
    const DOOR: &str = "toilet_door_width_cm";
    if let Some(missing) = need(venue.toilet.accessible_toilet, "no_toilet", "toilet_unknown", "accessible_toilet") {
        return Some(missing);
    }
    let chair = person.chair_width_cm?;
    match read(DOOR, venue.toilet.toilet_door_width_cm) {
        Reading::Absent => None,
        Reading::Doubtful(value) => Some(Reason::implausible(DOOR, value)),
        Reading::Is(width) => {
            (width < chair).then(|| Reason::new("toilet_door_too_narrow", DOOR, Weight::No).of(width, chair))
        }
    }
}

fn parking(venue: &Venue) -> Option<Reason> {
    const SPACES: &str = "accessible_parking_spaces";
    let spaces = match read(SPACES, venue.parking.accessible_parking_spaces.map(f64::from)) {
        Reading::Absent => None,
        Reading::Doubtful(value) => return Some(Reason::implausible(SPACES, value)),
        Reading::Is(spaces) => Some(spaces > 0.0),
    };
    need(spaces, "no_parking", "parking_unknown", SPACES)
}
