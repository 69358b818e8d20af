//! Can this person use this place? A pure judgement over measurements.
//!
//! Three states in, four verdicts out; a deciding measurement that nobody made
//! gives [`Verdict::Unknown`], never a green. The numbers stand in `city/data/`, the
//! cases that every copy of the rule must answer alike in `city/tests/access_cases.json`.

use misto_model::{AccessProfile, StepsAllowed, Venue, WayIn};
use serde::Serialize;

mod implausible;
mod inside;
pub mod norms;
mod rules;
mod way_in;
mod words;

pub use implausible::{Implausible, implausible};
pub use rules::{Preset, RULES, RULES_JSON, Rules, Surfaces, Threshold, Thresholds};
pub use words::Language;

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

impl Reason {
    fn new(code: &'static str, attribute: &'static str, weight: Weight) -> Self {
        Self { code, attribute, measured: None, needed: None, unit: unit(attribute), entrance: None, weight }
    }

    /// With what was measured and what is needed, in the attribute's unit.
    fn of(mut self, measured: f64, needed: f64) -> Self {
        (self.measured, self.needed) = (Some(measured), Some(needed));
        self
    }

    /// A number stands there that cannot be meant.
    fn implausible(attribute: &'static str, measured: f64) -> Self {
        Self { measured: Some(measured), ..Self::new("implausible", attribute, Weight::Unknown) }
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

/// Judges a venue for a person; `None` when the person asks for nothing.
///
/// Deciding for a wheelchair are door, steps and, where a ramp is the way, ramp and
/// slope: unmeasured, they give [`Verdict::Unknown`]. Threshold, ramp width and a revolving door only
/// count once they are known. A number that cannot be meant (a door of 700 m) is
/// no measurement. Of several entrances the best one answers.
pub fn judge(venue: &Venue, person: &AccessProfile) -> Option<(Verdict, Vec<Reason>)> {
    if asks_nothing(person) {
        return None;
    }
    let inside = inside::reasons(venue, person);
    let ways = venue.entrances.iter().enumerate().map(|(index, entrance)| {
        let mut reasons = way_in::reasons(&entrance.way_in, person);
        for reason in &mut reasons {
            reason.entrance = Some(index + 1);
        }
        reasons.extend(help(&entrance.way_in, &venue.way_in, person, Some(index + 1)));
        reasons
    });
    let of_the_venue = || {
        let mut reasons = way_in::reasons(&venue.way_in, person);
        reasons.extend(help(&venue.way_in, &venue.way_in, person, None));
        reasons
    };
    let best = ways.min_by_key(|reasons| distance_from_green(weigh(reasons)));
    let mut reasons = best.unwrap_or_else(of_the_venue);
    reasons.extend(inside);
    Some((weigh(&reasons), reasons))
}

fn asks_nothing(person: &AccessProfile) -> bool {
    !uses_wheelchair(person)
        && person.steps == StepsAllowed::Any
        && !(person.needs_firm_surface
            || person.needs_help
            || person.needs_audio
            || person.needs_visual
            || person.needs_tactile
            || person.needs_toilet
            || person.needs_parking)
}

/// Any wheelchair parameter makes steps and clear door width deciding.
fn uses_wheelchair(person: &AccessProfile) -> bool {
    person.chair_width_cm.is_some()
        || person.max_slope_percent.is_some()
        || person.max_climb_cm.is_some()
        || person.steps == StepsAllowed::None
}

/// Help that can be called at the venue can be called at an entrance that does not say otherwise.
fn help(way: &WayIn, of_the_venue: &WayIn, person: &AccessProfile, entrance: Option<usize>) -> Option<Reason> {
    if !person.needs_help {
        return None;
    }
    let (code, weight) = match way.help_can_be_called.or(of_the_venue.help_can_be_called) {
        Some(true) => ("help_at_the_door", Weight::Help),
        Some(false) => ("no_help", Weight::No),
        None => ("help_unknown", Weight::Unknown),
    };
    Some(Reason { entrance, ..Reason::new(code, "help_can_be_called", weight) })
}

fn distance_from_green(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Fits => 0,
        Verdict::FitsWithHelp => 1,
        Verdict::Unknown => 2,
        Verdict::DoesNotFit => 3,
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
