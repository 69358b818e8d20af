//! What every vehicle format shares: place, clock, speed and bearing checks.

use jiff::tz::TimeZone;
use misto_model::{
    Bbox, DatastreamKey, FixFlag, Instant, Position, RejectionReason, SourceId, VehicleKey, VehicleKind,
    VehiclePosition,
};

use super::Message;
use super::refusal::Refusal;
use super::time::{self, Told};

/// Faster than any vehicle of a city, m/s.
const IMPOSSIBLE_SPEED_M_S: f64 = 100.0;
/// Longest text that is part of a key, as in a vehicle's name.
const KEY_CHARS: usize = 128;

/// Resolved settings that a decoder may need.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub bounds: Option<Bbox>,
    pub zone: TimeZone,
    pub clock_tolerance_s: f64,
    pub kind: Option<VehicleKind>,
}

/// A message together with the source that claims it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context<'a> {
    pub source: &'a SourceId,
    pub settings: &'a Settings,
    pub message: &'a Message<'a>,
}

/// Names of the two coordinate fields, latitude first, for the details.
pub(super) type CoordinateNames = (&'static str, &'static str);

impl Context<'_> {
    /// Key of a vehicle of this source.
    pub fn vehicle(&self, field: &str, operator: &str, name: &str) -> Result<VehicleKey, Refusal> {
        VehicleKey::new(self.source.clone(), operator, name)
            .map_err(|error| Refusal::field(field, &format_args!("{name:?}"), &error.to_string()))
    }

    /// One quantity of one device of this source.
    pub fn datastream(&self, thing: &str, observed_property: &str) -> Result<DatastreamKey, Refusal> {
        for (field, name) in [("the device's name", thing), ("the quantity's name", observed_property)] {
            if name.is_empty() {
                return Err(Refusal::missing(field, "a name is needed to tell series apart"));
            }
            key_text(field, name)?;
        }
        Ok(DatastreamKey {
            source: self.source.clone(),
            thing: thing.to_owned(),
            observed_property: observed_property.to_owned(),
        })
    }

    /// Level of the topic, counted from 1.
    pub fn level(&self, number: usize) -> Option<&str> {
        self.message.topic.split('/').nth(number.checked_sub(1)?).filter(|level| !level.is_empty())
    }

    /// Last level of the topic.
    pub fn last_level(&self) -> Option<&str> {
        self.message.topic.rsplit('/').next().filter(|level| !level.is_empty())
    }

    /// The place, once it is certain that it is one and lies where this source can be.
    pub fn place(&self, names: CoordinateNames, lat: Option<f64>, lon: Option<f64>) -> Result<Position, Refusal> {
        let (Some(lat), Some(lon)) = (lat, lon) else {
            let absent = if lat.is_none() { names.0 } else { names.1 };
            return Err(Refusal::no_position(format!("{absent} is null or absent: the tracker has no fix")));
        };
        if lat == 0.0 && lon == 0.0 {
            return Err(Refusal::no_position(format!("{} and {} are 0: the tracker has no fix", names.0, names.1)));
        }
        let swapped = Position::new(lat, lon).ok();
        let given = match Position::new(lon, lat) {
            Ok(given) => given,
            Err(error) => {
                // Out of range as given, but a place of this source the other way round.
                return Err(match swapped.filter(|place| self.settings.bounds.is_none_or(|b| b.contains(*place))) {
                    Some(_) => exchanged(names, lat, lon),
                    None => Refusal::new(RejectionReason::InvalidField, format!("{}/{}: {error}", names.0, names.1)),
                });
            }
        };
        let Some(bounds) = self.settings.bounds else { return Ok(given) };
        if bounds.contains(given) {
            return Ok(given);
        }
        if swapped.is_some_and(|place| bounds.contains(place)) {
            return Err(exchanged(names, lat, lon));
        }
        let [west, south, east, north]: [f64; 4] = bounds.into();
        Err(Refusal::new(
            RejectionReason::OutsideBounds,
            format!(
                "{} {lat}, {} {lon} lies outside the bounds of source {}: {west},{south},{east},{north}",
                names.0, names.1, self.source
            ),
        ))
    }

    /// Refuses a moment beyond the tolerance; returns whether the clock cannot be right.
    pub fn clock(&self, field: &str, at: Instant) -> Result<bool, Refusal> {
        let ahead_s = at.seconds_since(self.message.received_at);
        if ahead_s > self.settings.clock_tolerance_s {
            return Err(Refusal::new(
                RejectionReason::InFuture,
                format!(
                    "{field} {at} lies {ahead_s:.0} s after receipt; source {} allows {} s: check the device's clock and zone",
                    self.source, self.settings.clock_tolerance_s
                ),
            ));
        }
        Ok(time::clock_is_wrong(at))
    }

    /// A fix of which nothing more is known than who, where and when.
    pub fn fix(
        &self,
        vehicle: VehicleKey,
        position: Position,
        field: &str,
        told: Told,
        event: &str,
    ) -> Result<VehiclePosition, Refusal> {
        key_text("event", event)?;
        let mut flags = Vec::new();
        if self.clock(field, told.at)? {
            flags.push(FixFlag::ClockWrong);
        }
        if told.ambiguous {
            flags.push(FixFlag::AmbiguousLocalTime);
        }
        Ok(VehiclePosition {
            vehicle,
            position,
            fix_time: told.at,
            received_at: self.message.received_at,
            event: event.to_owned(),
            speed_m_s: None,
            bearing_deg: None,
            accuracy_m: None,
            odometer_m: None,
            kind: self.settings.kind,
            job: None,
            route: None,
            route_short_name: None,
            direction: None,
            headsign: None,
            trip_start: None,
            operating_day: None,
            next_stop: None,
            delay_s: None,
            doors_open: None,
            occupancy: None,
            plate: None,
            extra: serde_json::Map::new(),
            flags,
        })
    }
}

fn exchanged(names: CoordinateNames, lat: f64, lon: f64) -> Refusal {
    Refusal::new(
        RejectionReason::CoordinatesSwapped,
        format!(
            "{} {lat} and {} {lon} are exchanged: latitude is degrees north, longitude degrees east",
            names.0, names.1
        ),
    )
}

/// A text that is part of a key in the history. An index of PostgreSQL takes 2.7 kB:
/// a longer one could never be committed, and all that follows would wait for it.
pub(super) fn key_text(field: &str, text: &str) -> Result<(), Refusal> {
    if text.chars().count() <= KEY_CHARS && !text.chars().any(char::is_control) {
        return Ok(());
    }
    let right = format!("at most {KEY_CHARS} characters, none of them a control character");
    Err(Refusal::field(field, &format_args!("{text:?}"), &right))
}

/// Speed in m/s; one that cannot be is unknown and flagged.
pub(super) fn set_speed(fix: &mut VehiclePosition, speed_m_s: Option<f64>) {
    match speed_m_s {
        Some(speed) if (0.0..=IMPOSSIBLE_SPEED_M_S).contains(&speed) => fix.speed_m_s = Some(speed),
        Some(_) => fix.flags.push(FixFlag::SpeedImplausible),
        None => {}
    }
}

/// Degrees clockwise from north; 360 is 0.
pub(super) fn bearing(field: &str, degrees: Option<f64>) -> Result<Option<f64>, Refusal> {
    match degrees {
        Some(degrees) if !(0.0..=360.0).contains(&degrees) => {
            Err(Refusal::field(field, &degrees, "degrees clockwise from north, 0 to 360"))
        }
        Some(360.0) => Ok(Some(0.0)),
        other => Ok(other),
    }
}

/// A length that cannot be negative, nor too large to be a number once its unit was converted.
pub(super) fn length(field: &str, metres: Option<f64>) -> Result<Option<f64>, Refusal> {
    match metres {
        Some(metres) if !(0.0..=f64::MAX).contains(&metres) => {
            Err(Refusal::field(field, &metres, "metres, finite and not negative"))
        }
        other => Ok(other),
    }
}

/// Whole seconds that fit the model.
pub(super) fn seconds(field: &str, seconds: Option<f64>) -> Result<Option<i32>, Refusal> {
    match seconds {
        Some(s) if s.abs() > f64::from(i32::MAX) => Err(Refusal::field(field, &s, "a number of seconds")),
        Some(s) => Ok(Some(s.round() as i32)),
        None => Ok(None),
    }
}
