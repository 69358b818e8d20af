//! What somebody at a door can measure or see, and what each can mean.

use misto_model::{Error, Result};
use serde::{Deserialize, Serialize};

use super::About;
use crate::plausible::plausible;

/// What a report says of one attribute.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Measure {
    /// Yes or no.
    Truth(bool),
    /// A number in the unit that the attribute's name ends with.
    Number(f64),
}

/// What an attribute holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Yes or no.
    Truth,
    /// A whole number.
    Count,
    /// A number.
    Number,
}

/// Of one way in: the venue's, or one entrance's.
const WAY_IN: &[(&str, Kind)] = &[
    ("door_width_cm", Kind::Number),
    ("threshold_height_cm", Kind::Number),
    ("door_turning_space_cm", Kind::Number),
    ("door_automatic", Kind::Truth),
    ("door_revolving", Kind::Truth),
    ("door_sliding", Kind::Truth),
    ("door_opens_outward", Kind::Truth),
    ("entrance_steps", Kind::Count),
    ("step_height_cm", Kind::Number),
    ("step_handrail", Kind::Truth),
    ("has_ramp", Kind::Truth),
    ("ramp_portable", Kind::Truth),
    ("ramp_slope_percent", Kind::Number),
    ("ramp_length_cm", Kind::Number),
    ("ramp_width_cm", Kind::Number),
    ("ramp_handrails", Kind::Truth),
    ("has_hoist", Kind::Truth),
    ("help_can_be_called", Kind::Truth),
    ("bell_height_cm", Kind::Number),
    ("has_intercom", Kind::Truth),
];

/// Of the venue as a whole.
const VENUE: &[(&str, Kind)] = &[
    ("accessible_parking_spaces", Kind::Count),
    ("parking_distance_m", Kind::Number),
    ("parking_width_cm", Kind::Number),
    ("parking_length_cm", Kind::Number),
    ("parking_max_height_cm", Kind::Number),
    ("parking_signed", Kind::Truth),
    ("accessible_toilet", Kind::Truth),
    ("toilet_door_width_cm", Kind::Number),
    ("toilet_turning_space_cm", Kind::Number),
    ("toilet_seat_height_cm", Kind::Number),
    ("toilet_grab_bars", Kind::Truth),
    ("washbasin_height_cm", Kind::Number),
    ("toilet_emergency_call", Kind::Truth),
    ("audio_information", Kind::Truth),
    ("induction_loop", Kind::Truth),
    ("audio_description", Kind::Truth),
    ("audio_signs", Kind::Truth),
    ("visual_information", Kind::Truth),
    ("large_print", Kind::Truth),
    ("captions", Kind::Truth),
    ("high_contrast_signs", Kind::Truth),
    ("pictograms", Kind::Truth),
    ("visual_announcements", Kind::Truth),
    ("tactile_information", Kind::Truth),
    ("tactile_strips", Kind::Truth),
    ("tactile_signs", Kind::Truth),
    ("braille", Kind::Truth),
    ("lift_required", Kind::Truth),
    ("staff_see_visitors", Kind::Truth),
    ("staff_assist", Kind::Truth),
];

/// Of one lift. Whether it works is no measurement but a report of its own.
const LIFT: &[(&str, Kind)] =
    &[("lift_door_width_cm", Kind::Number), ("car_width_cm", Kind::Number), ("car_depth_cm", Kind::Number)];

/// Attributes that can be reported of it, with what they hold.
pub fn attributes(about: About) -> impl Iterator<Item = (&'static str, Kind)> {
    let lists: &[&[(&'static str, Kind)]] = match about {
        About::Venue => &[WAY_IN, VENUE],
        About::Entrance(_) => &[WAY_IN],
        About::Lift(_) => &[LIFT],
    };
    lists.iter().flat_map(|list| list.iter().copied())
}

/// What the attribute holds; `None` where it cannot be reported of this.
pub fn kind(about: About, attribute: &str) -> Option<Kind> {
    attributes(about).find(|(name, _)| *name == attribute).map(|(_, kind)| kind)
}

/// What was measured, as the attribute can hold it.
///
/// # Errors
/// `Invalid`: field `attribute` when it is none that can be reported of this, field
/// `value` when the value is of another kind or cannot be meant, with the range.
pub fn measure(about: About, attribute: &str, value: Measure) -> Result<Measure> {
    let Some(kind) = kind(about, attribute) else {
        let named: String = attribute.chars().take(40).collect();
        let known: Vec<&str> = attributes(about).map(|(name, _)| name).collect();
        let reason = format!("{named:?} cannot be reported of {}; use one of {}", about.name(), known.join(", "));
        return Err(Error::invalid("attribute", reason));
    };
    let range = plausible(attribute);
    let expected = match (kind, range) {
        (Kind::Truth, _) => format!("{attribute} is true or false"),
        (Kind::Count, Some((least, most))) => format!("{attribute} is a whole number from {least} to {most}"),
        (_, Some((least, most))) => format!("{attribute} is a number from {least} to {most}"),
        (_, None) => format!("{attribute} is a number"),
    };
    let fits = match (kind, value) {
        (Kind::Truth, Measure::Truth(_)) => true,
        (Kind::Count | Kind::Number, Measure::Number(number)) => {
            let whole = kind != Kind::Count || number.fract() == 0.0;
            whole && number.is_finite() && range.is_none_or(|(least, most)| (least..=most).contains(&number))
        }
        _ => false,
    };
    if fits { Ok(value) } else { Err(Error::invalid("value", format!("cannot be meant: {expected}"))) }
}

#[cfg(test)]
mod tests {
    use misto_model::{Lift, Venue};

    use super::*;

    #[test]
    fn every_attribute_is_one_of_the_model_and_every_number_has_a_range() {
        let venue = serde_json::to_value(Venue::default()).unwrap();
        let lift = serde_json::to_value(Lift::default()).unwrap();
        for (about, model) in [(About::Venue, &venue), (About::Entrance(1), &venue), (About::Lift(1), &lift)] {
            for (name, kind) in attributes(about) {
                assert!(model.get(name).is_some(), "{name}");
                assert_eq!(kind == Kind::Truth, plausible(name).is_none(), "{name}");
            }
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_the_field_and_the_range() {
        let refused = |about, attribute: &str, value| {
            let Err(Error::Invalid { field, reason }) = measure(about, attribute, value) else {
                panic!("{attribute} {value:?}")
            };
            (field, reason)
        };
        let (field, reason) = refused(About::Venue, "door_width_cm", Measure::Number(70_000.0));
        assert!(field == "value" && reason.contains("20 to 1000"), "{reason}");
        for value in [Measure::Number(f64::NAN), Measure::Number(2.5), Measure::Number(-1.0), Measure::Truth(true)] {
            assert_eq!(refused(About::Venue, "entrance_steps", value).0, "value");
        }
        assert_eq!(refused(About::Venue, "has_ramp", Measure::Number(1.0)).0, "value");
        assert_eq!(refused(About::Venue, "name", Measure::Truth(true)).0, "attribute");
        assert_eq!(refused(About::Lift(1), "door_width_cm", Measure::Number(80.0)).0, "attribute");
        assert_eq!(measure(About::Venue, "entrance_steps", Measure::Number(3.0)).unwrap(), Measure::Number(3.0));
    }
}
