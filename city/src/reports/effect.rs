//! What a report changes: the verdict for a time, or the record for good.

use misto_model::{Error, Lift, Measured, Properties, PropertyType, Result, Venue};
use serde::Serialize;
use serde_json::Value;

use super::attributes::{Kind, kind};
use super::{About, Claim, Measure, Report};

/// Attribute of a lift that says whether it works.
const WORKING: &str = "is_working";
/// Attribute that says who measured single values, as a JSON text.
const PROVENANCE: &str = "provenance";

/// Told beside what stands in the record.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Difference {
    /// What the record says; absent when it says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub present: Option<Measure>,
    /// Told minus present, of two numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<f64>,
}

/// What the record says of what a report is about; `None` when it says nothing.
pub fn present(claim: &Claim, record: &Properties) -> Option<Measure> {
    let name = match claim {
        Claim::Measurement { attribute, .. } => attribute,
        Claim::LiftBroken | Claim::LiftWorks => WORKING,
        Claim::Blocked | Claim::Clear | Claim::Other => return None,
    };
    match record.get(name)? {
        Value::Bool(truth) => Some(Measure::Truth(*truth)),
        Value::Number(number) => number.as_f64().map(Measure::Number),
        _ => None,
    }
}

/// A report held against the record.
pub fn difference(claim: &Claim, record: &Properties) -> Difference {
    let present = present(claim, record);
    let by = match (claim, present) {
        (Claim::Measurement { value: Measure::Number(told), .. }, Some(Measure::Number(present))) => {
            Some(told - present)
        }
        _ => None,
    };
    Difference { present, by }
}

/// Attributes that the collection has to have for the report to be part of the record.
pub fn columns(report: &Report) -> Vec<(String, PropertyType)> {
    let mut columns = match &report.claim {
        Claim::Measurement { attribute, .. } => {
            let holds = match kind(report.about, attribute) {
                Some(Kind::Truth) => PropertyType::Boolean,
                Some(Kind::Count) => PropertyType::Integer,
                _ => PropertyType::Real,
            };
            vec![(attribute.clone(), holds)]
        }
        Claim::LiftBroken | Claim::LiftWorks if matches!(report.about, About::Lift(_)) => {
            vec![(WORKING.to_owned(), PropertyType::Boolean), ("state_at".to_owned(), PropertyType::DateTime)]
        }
        _ => return Vec::new(),
    };
    columns.push((PROVENANCE.to_owned(), PropertyType::Text));
    columns
}

/// The record with what an accepted report says and who measured it; `None` when it is
/// not of the kind that is kept there.
///
/// # Errors
/// `Invalid` (field `provenance`) when what stands there cannot be read: it is not thrown away.
pub fn edited(report: &Report, id: &str, record: &Properties) -> Result<Option<Properties>> {
    let mut new = record.clone();
    let attribute = match (&report.claim, report.about) {
        (Claim::Measurement { attribute, value }, _) => {
            new.insert(attribute.clone(), written(*value, kind(report.about, attribute)));
            attribute.as_str()
        }
        (claim @ (Claim::LiftBroken | Claim::LiftWorks), About::Lift(_)) => {
            let works = *claim == Claim::LiftWorks;
            new.insert(WORKING.to_owned(), Value::Bool(works));
            new.insert("state_at".to_owned(), Value::String(report.reported_at.to_string()));
            for of_the_last_time in ["out_of_order_reason", "works_again_on", "other_way"] {
                if let Some(value) = new.get_mut(of_the_last_time) {
                    *value = Value::Null;
                }
            }
            WORKING
        }
        _ => return Ok(None),
    };
    let mut provenance = match record.get(PROVENANCE) {
        None | Some(Value::Null) => serde_json::Map::new(),
        Some(Value::String(text)) if text.trim().is_empty() => serde_json::Map::new(),
        Some(Value::String(text)) => serde_json::from_str(text).map_err(|_| {
            Error::invalid(
                PROVENANCE,
                "what stands there is no JSON object; mend it first, so that nothing of it is lost",
            )
        })?,
        Some(_) => return Err(Error::invalid(PROVENANCE, "what stands there is no text")),
    };
    let measured = Measured {
        measured_by: Some("resident".to_owned()),
        measured_on: Some(report.reported_at.to_string()),
        measured_how: Some(report.how.clone().unwrap_or_else(|| format!("report {id}"))),
        photo: report.photo.clone(),
    };
    let measured = serde_json::to_value(measured).map_err(|cause| Error::unavailable("cannot be written", cause))?;
    provenance.insert(attribute.to_owned(), measured);
    new.insert(PROVENANCE.to_owned(), Value::String(Value::Object(provenance).to_string()));
    Ok(Some(new))
}

fn written(value: Measure, kind: Option<Kind>) -> Value {
    match (value, kind) {
        (Measure::Truth(truth), _) => Value::Bool(truth),
        // Whole and in the attribute's range: checked when it was told.
        (Measure::Number(number), Some(Kind::Count)) => Value::from(number as i64),
        (Measure::Number(number), _) => Value::from(number),
    }
}

/// A venue as it is while something stands in the way; never better than before. A report on
/// the venue is about its only entrance or lift; of several it is not known which.
pub fn worsen(venue: &mut Venue, about: About, claim: &Claim) {
    match (claim, about) {
        (Claim::Blocked, About::Entrance(id)) => {
            let named = venue.entrances.iter_mut().filter(|entrance| entrance.feature_id == Some(id));
            named.for_each(|entrance| entrance.way_in.ramp_blocked = Some(true));
        }
        (Claim::Blocked, _) => {
            venue.way_in.ramp_blocked = Some(true);
            venue.entrances.iter_mut().for_each(|entrance| entrance.way_in.ramp_blocked = Some(true));
        }
        (Claim::LiftBroken, About::Lift(id)) => {
            let named = venue.lifts.iter_mut().filter(|lift| lift.feature_id == Some(id));
            named.for_each(|lift| lift.is_working = Some(false));
        }
        (Claim::LiftBroken, _) => match venue.lifts.as_mut_slice() {
            [] => venue.lifts.push(Lift { is_working: Some(false), ..Lift::default() }),
            [only] => only.is_working = Some(false),
            several => {
                several.iter_mut().filter(|lift| lift.is_working == Some(true)).for_each(|lift| lift.is_working = None)
            }
        },
        _ => {}
    }
}
