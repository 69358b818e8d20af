//! Does a place meet the building norm? A second judgement, apart from whether
//! somebody can use it: a norm knows no person.

use misto_model::Venue;
use serde::Serialize;

use super::implausible;

/// What a criterion asks of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Demand {
    /// Not less than this, in the attribute's unit.
    AtLeast(f64),
    /// Not more than this, in the attribute's unit.
    AtMost(f64),
    /// It has to be there.
    Present,
}

/// One criterion of a norm.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Criterion {
    /// The attribute of the venue; its name ends with the unit.
    pub attribute: &'static str,
    /// What is asked.
    pub demand: Demand,
}

/// A norm at one date.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Norm {
    /// Stable name.
    pub id: &'static str,
    /// What it is called, and for what it holds.
    pub title: &'static str,
    /// Where the numbers were read.
    pub source: &'static str,
    /// When they were last read there, `YYYY-MM`.
    pub as_of: &'static str,
    /// Its criteria that Misto's attributes can tell.
    pub criteria: &'static [Criterion],
}

const SECONDARY: &str =
    "DBN V.2.2-40:2018 with changes, by secondary sources; not confirmed against the text of the norm";

const fn criterion(attribute: &'static str, demand: Demand) -> Criterion {
    Criterion { attribute, demand }
}

/// The norms that are known. A newer edition is a new entry, so that an old answer can be understood.
pub const NORMS: &[Norm] = &[
    Norm {
        id: "dbn-v-2-2-40-2018-new",
        title: "DBN V.2.2-40:2018, new buildings",
        source: SECONDARY,
        as_of: "2026-01",
        criteria: &[
            criterion("door_width_cm", Demand::AtLeast(90.0)),
            criterion("ramp_slope_percent", Demand::AtMost(8.0)),
            criterion("ramp_width_cm", Demand::AtLeast(120.0)),
            criterion("ramp_handrails", Demand::Present),
            criterion("accessible_parking_spaces", Demand::AtLeast(1.0)),
        ],
    },
    Norm {
        id: "dbn-v-2-2-40-2018-reconstruction",
        title: "DBN V.2.2-40:2018, reconstruction",
        source: SECONDARY,
        as_of: "2026-01",
        criteria: &[
            criterion("door_width_cm", Demand::AtLeast(90.0)),
            criterion("ramp_slope_percent", Demand::AtMost(10.0)),
            criterion("ramp_width_cm", Demand::AtLeast(90.0)),
            criterion("ramp_handrails", Demand::Present),
            criterion("accessible_parking_spaces", Demand::AtLeast(1.0)),
        ],
    },
    Norm {
        id: "ivano-frankivsk-door",
        title: "Door width of the city's accessibility service",
        source: super::DOOR_WIDTH_CM.source,
        as_of: super::DOOR_WIDTH_CM.as_of,
        criteria: &[criterion("door_width_cm", Demand::AtLeast(super::DOOR_WIDTH_CM.value))],
    },
];

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
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Finding {
    /// What is asked.
    #[serde(flatten)]
    pub criterion: Criterion,
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
    NORMS.iter().map(|norm| against(venue, norm)).collect()
}

/// A venue held against one norm; of several entrances the best answers, since a
/// norm asks for one accessible way in. A number that cannot be meant counts as not measured.
pub fn against(venue: &Venue, norm: &Norm) -> NormAnswer {
    let ways = venue.entrances.iter().map(|entrance| one_way_in(&venue.by_way_of(entrance), norm));
    let distance = |answer: &NormAnswer| match answer.standing {
        Standing::Meets | Standing::NotApplicable => 0,
        Standing::NotMeasured => 1,
        Standing::DoesNotMeet => 2,
    };
    ways.min_by_key(distance).unwrap_or_else(|| one_way_in(venue, norm))
}

fn one_way_in(venue: &Venue, norm: &Norm) -> NormAnswer {
    let venue = &super::without(venue, &implausible(venue));
    let findings: Vec<Finding> = norm.criteria.iter().map(|criterion| finding(venue, *criterion)).collect();
    let any = |standing| findings.iter().any(|finding| finding.standing == standing);
    let standing = if any(Standing::DoesNotMeet) {
        Standing::DoesNotMeet
    } else if any(Standing::NotMeasured) {
        Standing::NotMeasured
    } else {
        Standing::Meets
    };
    NormAnswer { id: norm.id, title: norm.title, source: norm.source, as_of: norm.as_of, standing, findings }
}

fn finding(venue: &Venue, criterion: Criterion) -> Finding {
    let measured = match criterion.attribute {
        "door_width_cm" => venue.door_width_cm,
        "ramp_slope_percent" => venue.ramp_slope_percent,
        "ramp_width_cm" => venue.ramp_width_cm,
        "accessible_parking_spaces" => venue.accessible_parking_spaces.map(f64::from),
        _ => None,
    };
    let met = match criterion.demand {
        Demand::AtLeast(least) => measured.map(|value| value >= least),
        Demand::AtMost(most) => measured.map(|value| value <= most),
        Demand::Present => venue.ramp_handrails.filter(|_| criterion.attribute == "ramp_handrails"),
    };
    let no_ramp = venue.has_ramp == Some(false) && criterion.attribute.starts_with("ramp_");
    let standing = match met {
        _ if no_ramp => Standing::NotApplicable,
        Some(true) => Standing::Meets,
        Some(false) => Standing::DoesNotMeet,
        None => Standing::NotMeasured,
    };
    Finding { criterion, measured, standing }
}
