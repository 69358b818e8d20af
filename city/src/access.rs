//! Can this person use this place? A pure judgement over measurements.
//!
//! Three states in, four verdicts out; a deciding measurement that nobody made
//! gives [`Verdict::Unknown`], never a green.

use std::borrow::Cow;

use misto_model::{AccessProfile, StepsAllowed, Venue};
use serde::Serialize;

mod implausible;
pub mod norms;
mod words;

pub use implausible::{Implausible, implausible};
pub use words::Language;

/// A number of a building norm or of the city, with where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Threshold {
    /// The number.
    pub value: f64,
    /// Where it stands.
    pub source: &'static str,
    /// When it was last read there, `YYYY-MM`.
    pub as_of: &'static str,
}

/// Clear door width asked for when a person names no chair width.
pub const DOOR_WIDTH_CM: Threshold =
    Threshold { value: 70.0, source: "Ivano-Frankivsk, service of the accessible city map", as_of: "2026-01" };

/// Room for both hands beside the wheels of a chair that its user drives; a
/// pushed chair passes a door of its own width.
pub const HAND_CLEARANCE_CM: Threshold =
    Threshold { value: 5.0, source: "Misto's own assumption, to be confirmed with users", as_of: "2026-11" };

/// Steepest ramp when a person names no limit.
pub const RAMP_SLOPE_PERCENT: Threshold =
    Threshold { value: 8.0, source: "DBN V.2.2-40:2018 (secondary source)", as_of: "2026-01" };

/// Highest threshold a chair rolls over alone.
pub const THRESHOLD_CM: Threshold =
    Threshold { value: 2.5, source: "Misto's own assumption, to be confirmed with users", as_of: "2026-11" };

/// Highest single step a pushed chair is lifted over (OpenStreetMap `wheelchair=limited`).
pub const LIFTED_STEP_CM: Threshold =
    Threshold { value: 7.0, source: "OpenStreetMap wiki, Key:wheelchair", as_of: "2026-01" };

/// The answer for one person and one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Alone.
    Fits,
    /// With somebody's help.
    FitsWithHelp,
    /// Something measured stands in the way.
    DoesNotFit,
    /// Something that decides was never measured.
    Unknown,
}

/// How a reason weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// It stands in the way.
    No,
    /// It decides and is unknown.
    Unknown,
    /// It is possible with help.
    Help,
}

/// One deciding fact.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reason {
    /// Stable name that the interface puts into words.
    pub code: &'static str,
    /// The attribute of the venue.
    pub attribute: &'static str,
    /// What was measured there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measured: Option<f64>,
    /// What this person needs there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needed: Option<f64>,
    /// Unit of both: `cm` or `%`; absent for counts and for yes or no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<&'static str>,
    /// Which of several entrances it is about, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entrance: Option<usize>,
    /// How it weighs.
    #[serde(rename = "blocking")]
    pub weight: Weight,
}

/// Judges a venue for a person; `None` when the person asks for nothing.
///
/// Deciding for a wheelchair are door, steps and, where a ramp is the way, ramp and
/// slope: unmeasured, they give [`Verdict::Unknown`]. Threshold and ramp width only
/// count once they are measured. A number that cannot be meant (a door of 700 m) is
/// no measurement.
pub fn judge(venue: &Venue, person: &AccessProfile) -> Option<(Verdict, Vec<Reason>)> {
    let wheelchair = uses_wheelchair(person);
    let asks_nothing = !wheelchair
        && person.steps == StepsAllowed::Any
        && !(person.needs_help
            || person.needs_audio
            || person.needs_visual
            || person.needs_tactile
            || person.needs_toilet
            || person.needs_parking);
    if asks_nothing {
        return None;
    }
    Some(best_way_in(venue, person))
}

/// The best of the entrances is the venue's verdict: it fits if one fits, and is
/// unknown if none fits and one is unknown. All reasons are those of that entrance.
fn best_way_in(venue: &Venue, person: &AccessProfile) -> (Verdict, Vec<Reason>) {
    let ways = venue.entrances.iter().enumerate().map(|(index, entrance)| {
        let (verdict, mut reasons) = one_way_in(&venue.by_way_of(entrance), person);
        for reason in reasons.iter_mut().filter(|reason| OF_AN_ENTRANCE.contains(&reason.attribute)) {
            reason.entrance = Some(index + 1);
        }
        (verdict, reasons)
    });
    ways.min_by_key(|(verdict, _)| distance_from_green(*verdict)).unwrap_or_else(|| one_way_in(venue, person))
}

/// Attributes that each entrance has for itself.
const OF_AN_ENTRANCE: [&str; 7] = [
    "door_width_cm",
    "threshold_height_cm",
    "entrance_steps",
    "has_ramp",
    "ramp_slope_percent",
    "ramp_width_cm",
    "help_can_be_called",
];

fn distance_from_green(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Fits => 0,
        Verdict::FitsWithHelp => 1,
        Verdict::Unknown => 2,
        Verdict::DoesNotFit => 3,
    }
}

fn one_way_in(venue: &Venue, person: &AccessProfile) -> (Verdict, Vec<Reason>) {
    let wheelchair = uses_wheelchair(person);
    let doubts = implausible(venue);
    let venue = &without(venue, &doubts);
    let mut reasons = Vec::new();
    if wheelchair {
        reasons.extend(door(venue, person));
        reasons.extend(threshold(venue));
        reasons.extend(way_to_the_door(venue, person));
    } else if person.steps == StepsAllowed::One {
        reasons.extend(one_step(venue));
    }
    reasons.extend(needs(venue, person));
    if wheelchair || person.steps == StepsAllowed::One {
        doubt(&mut reasons, &doubts, wheelchair);
    }
    (weigh(&reasons), reasons)
}

/// Any wheelchair parameter makes steps and clear door width deciding.
fn uses_wheelchair(person: &AccessProfile) -> bool {
    person.chair_width_cm.is_some() || person.max_slope_percent.is_some() || person.steps == StepsAllowed::None
}

/// The venue without the numbers that cannot be meant.
fn without<'a>(venue: &'a Venue, doubts: &[Implausible]) -> Cow<'a, Venue> {
    if doubts.is_empty() {
        return Cow::Borrowed(venue);
    }
    let mut venue = venue.clone();
    for doubt in doubts {
        match doubt.attribute {
            "door_width_cm" => venue.door_width_cm = None,
            "threshold_height_cm" => venue.threshold_height_cm = None,
            "entrance_steps" => venue.entrance_steps = None,
            "ramp_slope_percent" => venue.ramp_slope_percent = None,
            "ramp_width_cm" => venue.ramp_width_cm = None,
            _ => {}
        }
    }
    Cow::Owned(venue)
}

/// Names the number that cannot be meant instead of calling it unmeasured.
fn doubt(reasons: &mut Vec<Reason>, doubts: &[Implausible], wheelchair: bool) {
    for doubt in doubts.iter().filter(|doubt| wheelchair || doubt.attribute == "entrance_steps") {
        reasons.retain(|reason| reason.attribute != doubt.attribute);
        let mut named = reason("implausible", doubt.attribute, Weight::Unknown);
        named.measured = Some(doubt.value);
        reasons.push(named);
    }
}

fn weigh(reasons: &[Reason]) -> Verdict {
    let has = |weight| reasons.iter().any(|reason| reason.weight == weight);
    if has(Weight::No) {
        Verdict::DoesNotFit
    } else if has(Weight::Unknown) {
        Verdict::Unknown
    } else if has(Weight::Help) {
        Verdict::FitsWithHelp
    } else {
        Verdict::Fits
    }
}

fn reason(code: &'static str, attribute: &'static str, weight: Weight) -> Reason {
    Reason { code, attribute, measured: None, needed: None, unit: unit(attribute), entrance: None, weight }
}

fn measured(code: &'static str, attribute: &'static str, weight: Weight, measured: f64, needed: f64) -> Reason {
    Reason {
        code,
        attribute,
        measured: Some(measured),
        needed: Some(needed),
        unit: unit(attribute),
        entrance: None,
        weight,
    }
}

/// The unit that the attribute's name ends with.
fn unit(attribute: &str) -> Option<&'static str> {
    if attribute.ends_with("_cm") {
        Some("cm")
    } else if attribute.ends_with("_percent") {
        Some("%")
    } else {
        None
    }
}

fn door(venue: &Venue, person: &AccessProfile) -> Option<Reason> {
    let Some(width) = venue.door_width_cm else {
        return Some(reason("door_unmeasured", "door_width_cm", Weight::Unknown));
    };
    let (pushed, alone) = match person.chair_width_cm {
        Some(chair) => (chair, chair + HAND_CLEARANCE_CM.value),
        None => (DOOR_WIDTH_CM.value, DOOR_WIDTH_CM.value),
    };
    if width < pushed {
        Some(measured("door_too_narrow", "door_width_cm", Weight::No, width, alone))
    } else if width < alone {
        Some(measured("door_tight", "door_width_cm", Weight::Help, width, alone))
    } else {
        None
    }
}

fn threshold(venue: &Venue) -> Option<Reason> {
    let height = venue.threshold_height_cm?;
    if height > LIFTED_STEP_CM.value {
        Some(measured("threshold_too_high", "threshold_height_cm", Weight::No, height, THRESHOLD_CM.value))
    } else if height > THRESHOLD_CM.value {
        Some(measured("threshold_high", "threshold_height_cm", Weight::Help, height, THRESHOLD_CM.value))
    } else {
        None
    }
}

fn way_to_the_door(venue: &Venue, person: &AccessProfile) -> Option<Reason> {
    let Some(steps) = venue.entrance_steps else {
        return Some(reason("steps_unmeasured", "entrance_steps", Weight::Unknown));
    };
    match (steps, venue.has_ramp) {
        (_, Some(true)) => ramp(venue, person),
        (0, _) => None,
        (_, Some(false)) => Some(measured("steps", "entrance_steps", Weight::No, f64::from(steps), 0.0)),
        (_, None) => Some(reason("ramp_unmeasured", "has_ramp", Weight::Unknown)),
    }
}

fn ramp(venue: &Venue, person: &AccessProfile) -> Option<Reason> {
    let limit = person.max_slope_percent.unwrap_or(RAMP_SLOPE_PERCENT.value);
    match venue.ramp_slope_percent {
        None => Some(reason("ramp_slope_unmeasured", "ramp_slope_percent", Weight::Unknown)),
        Some(slope) if slope > limit => {
            Some(measured("ramp_too_steep", "ramp_slope_percent", Weight::No, slope, limit))
        }
        Some(_) => match (venue.ramp_width_cm, person.chair_width_cm) {
            (Some(width), Some(chair)) if width < chair => {
                Some(measured("ramp_too_narrow", "ramp_width_cm", Weight::No, width, chair))
            }
            _ => None,
        },
    }
}

fn one_step(venue: &Venue) -> Option<Reason> {
    match (venue.entrance_steps, venue.has_ramp) {
        (None, _) => Some(reason("steps_unmeasured", "entrance_steps", Weight::Unknown)),
        (Some(0 | 1), _) | (Some(_), Some(true)) => None,
        (Some(steps), Some(false)) => {
            Some(measured("too_many_steps", "entrance_steps", Weight::No, f64::from(steps), 1.0))
        }
        (Some(_), None) => Some(reason("ramp_unmeasured", "has_ramp", Weight::Unknown)),
    }
}

fn needs(venue: &Venue, person: &AccessProfile) -> Vec<Reason> {
    let parking = venue.accessible_parking_spaces.map(|spaces| spaces > 0);
    let wanted = [
        (person.needs_audio, venue.audio_information, "no_audio", "audio_unknown", "audio_information"),
        (person.needs_visual, venue.visual_information, "no_visual", "visual_unknown", "visual_information"),
        (person.needs_tactile, venue.tactile_information, "no_tactile", "tactile_unknown", "tactile_information"),
        (person.needs_toilet, venue.accessible_toilet, "no_toilet", "toilet_unknown", "accessible_toilet"),
        (person.needs_parking, parking, "no_parking", "parking_unknown", "accessible_parking_spaces"),
    ];
    let mut reasons: Vec<Reason> = wanted
        .into_iter()
        .filter(|(needed, ..)| *needed)
        .filter_map(|(_, there, no, unknown, attribute)| match there {
            Some(true) => None,
            Some(false) => Some(reason(no, attribute, Weight::No)),
            None => Some(reason(unknown, attribute, Weight::Unknown)),
        })
        .collect();
    if person.needs_help {
        reasons.push(match venue.help_can_be_called {
            Some(true) => reason("help_at_the_door", "help_can_be_called", Weight::Help),
            Some(false) => reason("no_help", "help_can_be_called", Weight::No),
            None => reason("help_unknown", "help_can_be_called", Weight::Unknown),
        });
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(venue: &Venue, person: &AccessProfile) -> Verdict {
        judge(venue, person).unwrap().0
    }

    fn chair(width: f64) -> AccessProfile {
        AccessProfile { chair_width_cm: Some(width), ..AccessProfile::default() }
    }

    fn level(door: f64) -> Venue {
        Venue { door_width_cm: Some(door), entrance_steps: Some(0), ..Venue::default() }
    }

    #[test]
    fn a_door_is_wide_enough_tight_or_too_narrow() {
        assert_eq!(verdict(&level(90.0), &chair(68.0)), Verdict::Fits);
        assert_eq!(verdict(&level(70.0), &chair(68.0)), Verdict::FitsWithHelp);
        assert_eq!(verdict(&level(67.0), &chair(68.0)), Verdict::DoesNotFit);
        let (_, reasons) = judge(&level(67.0), &chair(68.0)).unwrap();
        assert_eq!(
            (reasons[0].code, reasons[0].measured, reasons[0].needed),
            ("door_too_narrow", Some(67.0), Some(73.0))
        );
    }

    #[test]
    fn somebody_who_asks_for_nothing_gets_no_verdict() {
        assert!(judge(&Venue::default(), &AccessProfile::default()).is_none());
    }

    /// Every combination of measured-good, measured-bad and unmeasured of the
    /// deciding attributes for every wheelchair profile: green only when both
    /// door and way are known to be good.
    #[test]
    fn an_unmeasured_deciding_attribute_is_never_green() {
        let doors = [None, Some(60.0), Some(95.0)];
        let steps = [None, Some(0), Some(3)];
        let ramps = [None, Some(false), Some(true)];
        let slopes = [None, Some(5.0), Some(18.0)];
        let profiles = [
            chair(68.0),
            AccessProfile { max_slope_percent: Some(6.0), ..AccessProfile::default() },
            AccessProfile { steps: StepsAllowed::None, ..AccessProfile::default() },
        ];
        for door_width_cm in doors {
            for entrance_steps in steps {
                for has_ramp in ramps {
                    for ramp_slope_percent in slopes {
                        for person in &profiles {
                            let venue = Venue {
                                door_width_cm,
                                entrance_steps,
                                has_ramp,
                                ramp_slope_percent,
                                ..Venue::default()
                            };
                            let good_door = door_width_cm == Some(95.0);
                            let good_way = match (entrance_steps, has_ramp) {
                                (None, _) => false,
                                (Some(_), Some(true)) => ramp_slope_percent == Some(5.0),
                                (Some(n), _) => n == 0,
                            };
                            let green = matches!(verdict(&venue, person), Verdict::Fits | Verdict::FitsWithHelp);
                            assert_eq!(green, good_door && good_way, "{venue:?} {person:?}");
                            if door_width_cm == Some(60.0) {
                                assert_eq!(verdict(&venue, person), Verdict::DoesNotFit, "{venue:?}");
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn each_need_is_yes_no_or_unknown() {
        let person = AccessProfile { needs_audio: true, ..AccessProfile::default() };
        let with = |audio_information| Venue { audio_information, ..Venue::default() };
        assert_eq!(verdict(&with(Some(true)), &person), Verdict::Fits);
        assert_eq!(verdict(&with(Some(false)), &person), Verdict::DoesNotFit);
        assert_eq!(verdict(&with(None), &person), Verdict::Unknown);
        let helped = AccessProfile { needs_help: true, ..AccessProfile::default() };
        let venue = Venue { help_can_be_called: Some(true), ..Venue::default() };
        assert_eq!(verdict(&venue, &helped), Verdict::FitsWithHelp);
    }

    #[test]
    fn parking_with_no_space_is_no_parking() {
        let person = AccessProfile { needs_parking: true, ..AccessProfile::default() };
        let venue = Venue { accessible_parking_spaces: Some(0), ..Venue::default() };
        assert_eq!(verdict(&venue, &person), Verdict::DoesNotFit);
    }
}
