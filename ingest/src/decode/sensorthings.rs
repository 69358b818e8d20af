//! An Observation published over MQTT (OGC SensorThings API Part 1: Sensing
//! 1.1, 18-088, MQTT extension): `v1.1/Datastreams(<id>)/Observations`.
//!
//! The Datastream is the thing and `result` the property, since the message
//! names neither Thing nor ObservedProperty.

use misto_model::{Position, Reading, ReadingFlag, ReadingValue};
use serde_json::Value;

use super::field::{Fields, Numbers, kind_of};
use super::fix::Context;
use super::refusal::Refusal;
use super::time::Told;
use super::{json, time};

/// One reading.
pub(super) fn decode(context: &Context<'_>) -> Result<Reading, Refusal> {
    let datastream = datastream(context.message.topic)?;
    let payload = json::parse(context.message.payload)?;
    let fields = Fields::of(&payload, "the Observation", Numbers::Strict)?;
    let result = match fields.get("result") {
        None => return Err(Refusal::missing("result", "a number, a text or a truth value")),
        Some(Value::Bool(truth)) => ReadingValue::Truth(*truth),
        Some(Value::String(text)) => ReadingValue::Text(text.clone()),
        Some(Value::Number(number)) => match number.as_f64().filter(|number| number.is_finite()) {
            Some(number) => ReadingValue::Number(number),
            None => return Err(Refusal::field("result", number, "a finite number")),
        },
        Some(other) => return Err(Refusal::field("result", &kind_of(other), "a number, a text or a truth value")),
    };
    let measured = match fields.text("phenomenonTime")? {
        Some(text) => phenomenon_time(text)?,
        // 18-088, creation of an Observation: the server sets its own time when the client leaves it out.
        None => context.message.received_at.into(),
    };
    let wrong_clock = context.clock("phenomenonTime", measured.at)?;
    Ok(Reading {
        datastream: context.datastream(datastream, "result")?,
        phenomenon_time: measured.at,
        received_at: context.message.received_at,
        result,
        unit: None,
        position: feature_of_interest(&payload),
        flags: if wrong_clock { vec![ReadingFlag::ClockWrong] } else { Vec::new() },
        event: String::new(),
    })
}

/// An instant, or an interval `start/end` of which the end counts: an average is
/// known, and ages, from the end of its interval.
fn phenomenon_time(text: &str) -> Result<Told, Refusal> {
    let Some((start, end)) = text.split_once('/') else { return time::rfc3339("phenomenonTime", text) };
    let (start, end) = (time::rfc3339("phenomenonTime", start)?, time::rfc3339("phenomenonTime", end)?);
    if end.at.micros() < start.at.micros() {
        return Err(Refusal::field("phenomenonTime", &text, "an interval whose end lies after its start"));
    }
    Ok(end)
}

/// The point of an inline FeatureOfInterest.
fn feature_of_interest(payload: &Value) -> Option<Position> {
    let feature = payload.pointer("/FeatureOfInterest/feature")?;
    let point = feature.get("geometry").unwrap_or(feature);
    if point.get("type")?.as_str()? != "Point" {
        return None;
    }
    let coordinates = point.get("coordinates")?;
    let place = Position::new(coordinates.get(0)?.as_f64()?, coordinates.get(1)?.as_f64()?).ok()?;
    Some(place).filter(|place| !place.is_null_island())
}

fn datastream(topic: &str) -> Result<&str, Refusal> {
    let ["v1.1" | "v1.0", datastream, "Observations"] = topic.split('/').collect::<Vec<_>>()[..] else {
        return Err(Refusal::topic("v1.1/Datastreams(<id>)/Observations is expected"));
    };
    let id = datastream.strip_prefix("Datastreams(").and_then(|rest| rest.strip_suffix(')'));
    match id {
        Some(id) if !id.is_empty() && !datastream.chars().any(char::is_control) => Ok(datastream),
        Some(_) => Err(Refusal::topic("Datastreams() names no id: Datastreams(5) is expected")),
        None => {
            Err(Refusal::unsupported(format!("{datastream}/Observations: only Datastreams(<id>)/Observations is used")))
        }
    }
}
