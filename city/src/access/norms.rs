//! Does a place meet the building norm? A second judgement, apart from whether
//! somebody can use it: a norm knows no person.

use misto_model::{Venue, WayIn};
use serde::{Deserialize, Serialize};

use super::implausible::{Reading, read};
use super::rules::RULES;

/// What a criterion asks of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Demand {
    /// Not less than this, in the attribute's unit.
    AtLeast(f64),
    /// Not more than this, in the attribute's unit.
    AtMost(f64),
    /// It has to be there, or not.
    Present(bool),
}

/// One criterion of a norm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Criterion {
    /// The attribute of the venue; its name ends with the unit.
    pub attribute: String,
    /// What is asked.
    #[serde(flatten)]
    pub demand: Demand,
}

/// A norm at one date. A newer edition is a new entry, so that an old answer can be understood.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Norm {
    /// Stable name.
    pub id: String,
    /// What it is called, and for what it holds.
    pub title: String,
    /// The title in Ukrainian.
    pub uk: String,
    /// Where the numbers were read.
    pub source: String,
    /// When they were last read there, `YYYY-MM`.
    pub as_of: String,
    /// Its criteria that Misto's attributes can tell.
    pub criteria: Vec<Criterion>,
}

/// How a place stands to one criterion, or to a norm as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Measured and good; for the norm: all that applies.
    Meets,
    /// Measured and not good; for the norm: at least one.
    DoesNotMeet,
    /// Nobody measured it; for the norm: nothing fails and something is not measured.
    NotMeasured,
    /// There is no ramp, so nothing is asked of it.
    NotApplicable,
}

/// The answer to one criterion.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// What is asked.
    #[serde(flatten)]
    pub criterion: &'static Criterion,
    /// The number that was measured; absent when nobody did, or for yes and no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measured: Option<f64>,
    /// How the place stands to it.
    pub standing: Standing,
}

/// The answer to one norm.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NormAnswer {
    /// Id of the norm.
    pub id: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Its title in Ukrainian.
    pub title_uk: &'static str,
    /// Where its numbers were read.
    pub source: &'static str,
    /// When.
    pub as_of: &'static str,
    /// How the place stands to it.
    pub standing: Standing,
    /// Criterion by criterion.
    pub findings: Vec<Finding>,
}

/// A venue held against every known norm.
pub fn meets(venue: &Venue) -> Vec<NormAnswer> {
    RULES.norms.iter().map(|norm| against(venue, norm)).collect()
}

/// A venue held against one norm; of several entrances the best answers, since a
/// norm asks for one accessible way in. A number that cannot be meant counts as not measured.
pub fn against(venue: &Venue, norm: &'static Norm) -> NormAnswer {
    let ways = venue.entrances.iter().map(|entrance| one_way_in(venue, &entrance.way_in, norm));
    let distance = |answer: &NormAnswer| match answer.standing {
        Standing::Meets | Standing::NotApplicable => 0,
        Standing::NotMeasured => 1,
        Standing::DoesNotMeet => 2,
    };
    ways.min_by_key(distance).unwrap_or_else(|| one_way_in(venue, &venue.way_in, norm))
}

fn one_way_in(venue: &Venue, way: &WayIn, norm: &'static Norm) -> NormAnswer {
    let findings: Vec<Finding> = norm.criteria.iter().map(|criterion| finding(venue, way, criterion)).collect();
    let any = |standing| findings.iter().any(|finding| finding.standing == standing);
    let standing = if any(Standing::DoesNotMeet) {
        Standing::DoesNotMeet
    } else if any(Standing::NotMeasured) {
        Standing::NotMeasured
    } else {
        Standing::Meets
    };
    let Norm { id, title, uk, source, as_of, .. } = norm;
    NormAnswer { id, title, title_uk: uk, source, as_of, standing, findings }
}

fn finding(venue: &Venue, way: &WayIn, criterion: &'static Criterion) -> Finding {
    let attribute = criterion.attribute.as_str();
    let measured = match attribute {
        "door_width_cm" => way.door_width_cm,
        "ramp_slope_percent" => way.ramp_slope_percent,
        "ramp_width_cm" => way.ramp_width_cm,
        "accessible_parking_spaces" => venue.parking.accessible_parking_spaces.map(f64::from),
        _ => None,
    };
    let there = match attribute {
        "ramp_handrails" => way.ramp_handrails,
        _ => None,
    };
    let met = match (criterion.demand, read(attribute, measured)) {
        (Demand::AtLeast(least), Reading::Is(value)) => Some(value >= least),
        (Demand::AtMost(most), Reading::Is(value)) => Some(value <= most),
        (Demand::Present(wanted), _) => there.map(|there| there == wanted),
        _ => None,
    };
    let no_ramp = way.has_ramp == Some(false) && attribute.starts_with("ramp_");
    let standing = match met {
        _ if no_ramp => Standing::NotApplicable,
        Some(true) => Standing::Meets,
        Some(false) => Standing::DoesNotMeet,
        None => Standing::NotMeasured,
    };
    Finding { criterion, measured, standing }
}
