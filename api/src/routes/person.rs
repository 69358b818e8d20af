//! What a person asks for, read into a profile that the rules take.

use misto_model::{AccessProfile, StepsAllowed};

use crate::problem::{Answer, Problem};

/// The words of a query or a body.
#[derive(Debug, Default)]
pub struct Asked<'a> {
    /// Width of the chair, centimetres.
    pub chair_width_cm: Option<f64>,
    /// Room for the hands beside it, centimetres.
    pub clearance_cm: Option<f64>,
    /// Steepest slope, percent.
    pub max_slope_percent: Option<f64>,
    /// Highest rise without a rest, centimetres.
    pub max_climb_cm: Option<f64>,
    /// `none`, `one` or `any`.
    pub steps: Option<&'a str>,
    /// Names of needs.
    pub needs: Vec<&'a str>,
}

/// What may stand in `needs`.
const NEEDS: &str = "help, audio, visual, tactile, toilet, parking, surface";

/// The needs of a query, between commas.
pub fn listed(needs: Option<&str>) -> Vec<&str> {
    needs.unwrap_or("").split(',').map(str::trim).filter(|need| !need.is_empty()).collect()
}

/// Reads what somebody asked for.
///
/// # Errors
/// 400 with the field that cannot be meant, and what would be right.
pub fn profile(asked: &Asked<'_>) -> Answer<AccessProfile> {
    let mut person = AccessProfile {
        chair_width_cm: between(asked.chair_width_cm, "chair_width_cm", 20.0, 200.0)?,
        clearance_cm: between(asked.clearance_cm, "clearance_cm", 0.0, 100.0)?,
        max_slope_percent: between(asked.max_slope_percent, "max_slope_percent", 0.0, 100.0)?,
        max_climb_cm: between(asked.max_climb_cm, "max_climb_cm", 0.0, 10_000.0)?,
        steps: match asked.steps {
            None | Some("any") => StepsAllowed::Any,
            Some("one") => StepsAllowed::One,
            Some("none") => StepsAllowed::None,
            Some(other) => return Err(Problem::invalid("steps", format!("{other:?} is none of none, one, any"))),
        },
        ..AccessProfile::default()
    };
    for need in &asked.needs {
        let wanted = match *need {
            "help" => &mut person.needs_help,
            "audio" => &mut person.needs_audio,
            "visual" => &mut person.needs_visual,
            "tactile" => &mut person.needs_tactile,
            "toilet" => &mut person.needs_toilet,
            "parking" => &mut person.needs_parking,
            "surface" => &mut person.needs_firm_surface,
            other => return Err(Problem::invalid("needs", format!("{other:?} is none of {NEEDS}"))),
        };
        *wanted = true;
    }
    Ok(person)
}

fn between(value: Option<f64>, field: &str, low: f64, high: f64) -> Answer<Option<f64>> {
    match value {
        Some(number) if !(low..=high).contains(&number) => {
            Err(Problem::invalid(field, format!("expected a number from {low} to {high}")))
        }
        value => Ok(value),
    }
}
