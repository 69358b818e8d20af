//! Uplinks of The Things Stack v3: `v3/{app}@{tenant}/devices/{id}/up`.
//!
//! Empty, zero and false fields are left out of the envelope, so an absent
//! frame counter is 0. `decoded_payload` comes from the device's own formatter
//! and is taken as it stands: a text stays a text.

use misto_model::{DatastreamKey, Position, Reading, ReadingFlag, ReadingValue};
use serde_json::Value;

use super::field::{Fields, Numbers};
use super::fix::{Context, key_text};
use super::refusal::Refusal;
use super::time::Told;
use super::{json, time};

/// One reading per decoded property; objects and lists are flattened with `.`.
pub(super) fn decode(context: &Context<'_>) -> Result<Vec<Reading>, Refusal> {
    let device = device(context.message.topic)?;
    let payload = json::parse(context.message.payload)?;
    let envelope = Fields::of(&payload, "the payload", Numbers::Strict)?;
    let ids = payload.pointer("/end_device_ids/device_id").and_then(Value::as_str);
    if let Some(named) = ids.filter(|named| *named != device) {
        return Err(Refusal::field(
            "end_device_ids.device_id",
            &format_args!("{named:?}"),
            &format!("{device:?}, as the topic says"),
        ));
    }
    let uplink = envelope
        .get("uplink_message")
        .ok_or_else(|| Refusal::missing("uplink_message", "an uplink of The Things Stack v3"))?;
    let uplink = Fields::of(uplink, "uplink_message", Numbers::Strict)?;
    let decoded = uplink.get("decoded_payload").ok_or_else(|| {
        Refusal::missing("uplink_message.decoded_payload", "set a payload formatter for the device in The Things Stack")
    })?;

    let measured = measured_at(context, &envelope, &uplink)?;
    let wrong_clock = context.clock("received_at", measured.at)?;
    let event = uplink.name("f_cnt")?.unwrap_or_else(|| "0".to_owned());
    key_text("uplink_message.f_cnt", &event)?;
    let position = position(&uplink);
    let mut values = Vec::new();
    flatten(context, device, "", decoded, &mut values)?;
    if values.is_empty() {
        return Err(Refusal::missing("uplink_message.decoded_payload", "at least one number, text or truth value"));
    }
    Ok(values
        .into_iter()
        .map(|(datastream, result)| Reading {
            datastream,
            phenomenon_time: measured.at,
            received_at: context.message.received_at,
            result,
            unit: None,
            position,
            flags: if wrong_clock { vec![ReadingFlag::ClockWrong] } else { Vec::new() },
            event: event.clone(),
        })
        .collect())
}

/// The gateway's time of the frame, else the network server's, else the application server's.
fn measured_at(context: &Context<'_>, envelope: &Fields<'_>, uplink: &Fields<'_>) -> Result<Told, Refusal> {
    let settings = uplink.get("settings").and_then(|settings| settings.get("time")).and_then(Value::as_str);
    let candidates = [
        ("uplink_message.settings.time", settings),
        ("uplink_message.received_at", uplink.text("received_at")?),
        ("received_at", envelope.text("received_at")?),
    ];
    match candidates.into_iter().find_map(|(field, text)| text.map(|text| (field, text))) {
        Some((field, text)) => time::rfc3339(field, text),
        None => Err(Refusal::missing("received_at", &format!("RFC 3339 time of the uplink of {}", context.source))),
    }
}

/// `locations.user`, as an operator entered it, else whatever location there is.
fn position(uplink: &Fields<'_>) -> Option<Position> {
    let locations = uplink.get("locations")?.as_object()?;
    let place = locations.get("user").or_else(|| locations.values().next())?;
    // An absent coordinate beside a present one is a left-out zero.
    let degrees = |key: &str| place.get(key).map(Value::as_f64);
    let (lat, lon) = match (degrees("latitude"), degrees("longitude")) {
        (None, None) => return None,
        (lat, lon) => (lat.unwrap_or(Some(0.0))?, lon.unwrap_or(Some(0.0))?),
    };
    Position::new(lon, lat).ok().filter(|place| !place.is_null_island())
}

/// Names are checked before they are kept: a long one above a long list would be copied for each of its items.
fn flatten(
    context: &Context<'_>,
    device: &str,
    name: &str,
    value: &Value,
    into: &mut Vec<(DatastreamKey, ReadingValue)>,
) -> Result<(), Refusal> {
    let below = |key: &str| if name.is_empty() { key.to_owned() } else { format!("{name}.{key}") };
    let result = match value {
        Value::Null => return Ok(()),
        Value::Array(items) => {
            let mut items = items.iter().enumerate();
            return items.try_for_each(|(at, item)| flatten(context, device, &below(&at.to_string()), item, into));
        }
        Value::Object(object) => {
            return object.iter().try_for_each(|(key, value)| flatten(context, device, &below(key), value, into));
        }
        Value::Bool(truth) => ReadingValue::Truth(*truth),
        Value::Number(number) => match number.as_f64().filter(|number| number.is_finite()) {
            Some(number) => ReadingValue::Number(number),
            None => return Ok(()),
        },
        Value::String(text) => ReadingValue::Text(text.clone()),
    };
    into.push((context.datastream(device, name)?, result));
    Ok(())
}

fn device(topic: &str) -> Result<&str, Refusal> {
    match topic.split('/').collect::<Vec<_>>().as_slice() {
        ["v3", _, "devices", device, "up"] if !device.is_empty() => Ok(device),
        ["v3", _, "devices", _, kind] => Err(Refusal::unsupported(format!("message kind {kind:?}: only up is used"))),
        _ => Err(Refusal::topic("v3/<application>@<tenant>/devices/<device>/up is expected")),
    }
}
