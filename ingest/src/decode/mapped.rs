//! Any JSON by a mapping, to fixes or to readings. Numbers may be written as
//! text and empty texts are unknown, so that a row of a CSV file, turned into an
//! object of texts, is a record like any other.

use std::borrow::Cow;

use misto_model::{OccupancyStatus, Reading, ReadingFlag, ReadingValue, VehiclePosition};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::field::{self, Numbers};
use super::fix::{Context, bearing, key_text, length, seconds, set_speed};
use super::mapping::Mapping;
use super::refusal::Refusal;
use super::rule::{Rule, TimeForm, Transform};
use super::time::{self, Told};

/// A record under a mapping.
struct Record<'a> {
    context: &'a Context<'a>,
    value: &'a Value,
}

/// One fix. The coordinates' names in a detail are `lat` and `lon`.
pub(super) fn position(context: &Context<'_>, mapping: &Mapping, value: &Value) -> Result<VehiclePosition, Refusal> {
    let rules = mapping.rules();
    let record = Record { context, value };
    let name = record.name("vehicle", rules.vehicle.as_ref())?;
    let operator = record.text("operator", rules.operator.as_ref())?.unwrap_or_default();
    let vehicle = context.vehicle("vehicle", &operator, &name)?;
    let told = record.time(rules.time.as_ref())?;
    let place = context.place(
        ("lat", "lon"),
        record.number("lat", rules.lat.as_ref())?,
        record.number("lon", rules.lon.as_ref())?,
    )?;
    let event = record.text("event", rules.event.as_ref())?.unwrap_or_else(|| "position".to_owned());
    let mut fix = context.fix(vehicle, place, "time", told, &event)?;

    set_speed(&mut fix, record.number("speed", rules.speed.as_ref())?);
    fix.bearing_deg = bearing("bearing", record.number("bearing", rules.bearing.as_ref())?)?;
    fix.accuracy_m = length("accuracy", record.number("accuracy", rules.accuracy.as_ref())?)?;
    fix.odometer_m = length("odometer", record.number("odometer", rules.odometer.as_ref())?)?;
    fix.delay_s = seconds("delay", record.number("delay", rules.delay.as_ref())?)?;
    fix.kind = record.word("kind", rules.kind.as_ref(), "a vehicle kind such as bus or plough")?.or(fix.kind);
    fix.job = record.word("job", rules.job.as_ref(), "a job such as ploughing or idle")?;
    fix.occupancy = record.word::<OccupancyStatus>(
        "occupancy",
        rules.occupancy.as_ref(),
        "an OccupancyStatus such as FEW_SEATS_AVAILABLE",
    )?;
    fix.direction = record.choice("direction", rules.direction.as_ref(), &[("0", 0), ("1", 1)])?;
    fix.doors_open = record.choice(
        "doors_open",
        rules.doors_open.as_ref(),
        &[("true", true), ("false", false), ("1", true), ("0", false)],
    )?;
    fix.route = record.text("route", rules.route.as_ref())?;
    fix.route_short_name = record.text("route_short_name", rules.route_short_name.as_ref())?;
    fix.headsign = record.text("headsign", rules.headsign.as_ref())?;
    fix.trip_start = record.text("trip_start", rules.trip_start.as_ref())?;
    fix.operating_day = record.text("operating_day", rules.operating_day.as_ref())?;
    fix.next_stop = record.text("next_stop", rules.next_stop.as_ref())?;
    fix.plate = record.text("plate", rules.plate.as_ref())?;
    for (name, rule) in &rules.extra {
        if let Some(value) = record.find(rule) {
            fix.extra.insert(name.clone(), value.into_owned());
        }
    }
    Ok(fix)
}

/// A reading per quantity that the record holds; quantities left empty are not measured.
pub(super) fn readings(context: &Context<'_>, mapping: &Mapping, value: &Value) -> Result<Vec<Reading>, Refusal> {
    let rules = mapping.rules();
    let record = Record { context, value };
    let thing = record.name("thing", rules.thing.as_ref())?;
    let told = record.time(rules.time.as_ref())?;
    let wrong_clock = context.clock("time", told.at)?;
    let event = record.text("event", rules.event.as_ref())?.unwrap_or_default();
    key_text("event", &event)?;
    let position = match (record.number("lat", rules.lat.as_ref())?, record.number("lon", rules.lon.as_ref())?) {
        (None, _) | (_, None) => None,
        (lat, lon) => Some(context.place(("lat", "lon"), lat, lon)?),
    };
    let mut readings = Vec::new();
    for rule in &rules.readings {
        let Some(found) = value.pointer(&rule.pointer).filter(|value| !value.is_null()) else { continue };
        let Some(result) = field::number(&rule.observed_property, found, Numbers::AlsoText)? else { continue };
        let mut flags = Vec::new();
        if rule.ceiling.is_some_and(|ceiling| result >= ceiling) {
            flags.push(ReadingFlag::Ceiling);
        }
        if wrong_clock {
            flags.push(ReadingFlag::ClockWrong);
        }
        readings.push(Reading {
            datastream: context.datastream(&thing, &rule.observed_property)?,
            phenomenon_time: told.at,
            received_at: context.message.received_at,
            result: ReadingValue::Number(result),
            unit: rule.unit.clone(),
            position,
            flags,
            event: event.clone(),
        });
    }
    if readings.is_empty() {
        let names: Vec<&str> = rules.readings.iter().map(|rule| rule.observed_property.as_str()).collect();
        return Err(Refusal::missing(&names.join(", "), "the record holds none of the mapped quantities"));
    }
    Ok(readings)
}

impl<'a> Record<'a> {
    /// The raw value; `None` when absent, null, blank or listed as unknown.
    fn find<'r>(&'r self, rule: &'r Rule) -> Option<Cow<'r, Value>> {
        let found = if let Some(pointer) = &rule.pointer {
            Cow::Borrowed(self.value.pointer(pointer)?)
        } else if let Some(level) = rule.topic_level {
            Cow::Owned(Value::from(self.context.level(level)?))
        } else {
            Cow::Borrowed(rule.constant.as_ref()?)
        };
        let blank = found.as_str().is_some_and(|text| text.trim().is_empty());
        let unknown = rule.unknown.iter().any(|unknown| same(unknown, &found));
        Some(found).filter(|found| !found.is_null() && !blank && !unknown)
    }

    fn text(&self, field: &str, rule: Option<&Rule>) -> Result<Option<String>, Refusal> {
        let Some(rule) = rule else { return Ok(None) };
        let Some(value) = self.find(rule) else { return Ok(None) };
        let Some(text) = field::name(field, &value)? else { return Ok(None) };
        let text = match rule.transform {
            Some(Transform::IntegerId) => integer_id(&text),
            None => text,
        };
        if rule.values.is_empty() { Ok(Some(text)) } else { Ok(rule.values.get(&text).cloned()) }
    }

    /// A name that must be there; without a rule the last level of the topic.
    fn name(&self, field: &str, rule: Option<&Rule>) -> Result<String, Refusal> {
        let found = match rule {
            Some(_) => self.text(field, rule)?,
            None => self.context.last_level().map(str::to_owned),
        };
        found.ok_or_else(|| Refusal::missing(&self.written_as(field, rule), "a name is needed to tell devices apart"))
    }

    fn number(&self, field: &str, rule: Option<&Rule>) -> Result<Option<f64>, Refusal> {
        let Some(rule) = rule else { return Ok(None) };
        let Some(value) = self.find(rule) else { return Ok(None) };
        let number = field::number(&self.written_as(field, Some(rule)), &value, Numbers::AlsoText)?;
        Ok(number.map(|number| number * rule.unit.map_or(1.0, super::Unit::factor)))
    }

    fn word<T: DeserializeOwned>(&self, field: &str, rule: Option<&Rule>, right: &str) -> Result<Option<T>, Refusal> {
        let Some(text) = self.text(field, rule)? else { return Ok(None) };
        serde_json::from_value(Value::from(text.as_str()))
            .map(Some)
            .map_err(|_| Refusal::field(&self.written_as(field, rule), &format_args!("{text:?}"), right))
    }

    fn choice<T: Copy>(&self, field: &str, rule: Option<&Rule>, choices: &[(&str, T)]) -> Result<Option<T>, Refusal> {
        let Some(text) = self.text(field, rule)? else { return Ok(None) };
        match choices.iter().find(|(name, _)| *name == text) {
            Some((_, meaning)) => Ok(Some(*meaning)),
            None => {
                let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
                Err(Refusal::field(&self.written_as(field, rule), &format_args!("{text:?}"), &names.join(" or ")))
            }
        }
    }

    fn time(&self, rule: Option<&Rule>) -> Result<Told, Refusal> {
        let missing = || Refusal::missing(&self.written_as("time", rule), "the time of the record");
        let rule = rule.ok_or_else(missing)?;
        let value = self.find(rule).ok_or_else(missing)?;
        let field = self.written_as("time", Some(rule));
        let zone = rule.zone.as_ref().unwrap_or(&self.context.settings.zone);
        let number = || field::number(&field, &value, Numbers::AlsoText).and_then(|number| number.ok_or_else(missing));
        let text = || value.as_str().ok_or_else(|| Refusal::field(&field, &field::kind_of(&value), "a text"));
        match &rule.form {
            TimeForm::Rfc3339 => time::rfc3339(&field, text()?),
            TimeForm::PosixSeconds => time::posix_seconds(&field, number()?),
            TimeForm::PosixMillis => time::posix_millis(&field, number()?),
            TimeForm::Local => time::local(&field, text()?, zone),
            TimeForm::Format(format) => time::by_format(&field, text()?, format, zone),
        }
    }

    /// How the record itself names the field.
    fn written_as(&self, field: &str, rule: Option<&Rule>) -> String {
        rule.and_then(|rule| rule.pointer.as_deref())
            .map_or(field, |pointer| pointer.trim_start_matches('/'))
            .to_owned()
    }
}

/// Equal as JSON, or as text when one of them is a text (`-1` and `"-1"`).
fn same(unknown: &Value, found: &Value) -> bool {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    unknown == found || text(unknown) == text(found)
}

/// `977106.0` is `977106`; what is no whole number below 2⁵³ stays as it is.
fn integer_id(text: &str) -> String {
    match text.parse::<f64>() {
        Ok(number) if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 && text.contains('.') => {
            format!("{}", number as i64)
        }
        _ => text.to_owned(),
    }
}
