//! Entities that are vehicles.

use misto_model::{OccupancyStatus as Occupancy, TRIP_ID_KEY, TripRelation, VehiclePosition};
use serde_json::Value;

use super::super::fix::{bearing, length, set_speed};
use super::super::refusal::Refusal;
use super::super::time;
use super::{Reading, RealtimeFeed, Seen, checked, trip};
use crate::gtfs_realtime as wire;
use crate::gtfs_realtime::{OccupancyStatus, VehicleStopStatus, WheelchairAccessible};

pub(super) fn read(
    reading: &Reading<'_>,
    id: &str,
    vehicle: &wire::VehiclePosition,
    seen: &mut Seen,
    found: &mut RealtimeFeed,
) {
    let mut fix = match fix(reading, vehicle) {
        Ok(fix) => fix,
        Err(refusal) => return found.problem(id, refusal),
    };
    if !seen.vehicles.insert(fix.vehicle.clone()) {
        let right = "each vehicle stands in a feed once; the first is used";
        return found.problem(id, Refusal::field("vehicle.vehicle.id", &fix.vehicle.vehicle(), right));
    }
    for refusal in fill(reading, vehicle, &mut fix) {
        found.problem(id, refusal);
    }
    found.positions.push(fix);
}

/// Who, where and when; without one of them there is no fix.
fn fix(reading: &Reading<'_>, vehicle: &wire::VehiclePosition) -> Result<VehiclePosition, Refusal> {
    let context = &reading.context;
    let own = vehicle.vehicle.as_ref();
    let names = own.map(|own| [&own.id, &own.label, &own.license_plate]).into_iter().flatten();
    let Some(name) = names.filter_map(|name| name.as_deref()).map(str::trim).find(|name| !name.is_empty()) else {
        return Err(Refusal::missing(
            "vehicle.vehicle.id",
            "a vehicle needs an id, a label or a plate to be known again",
        ));
    };
    let key = context.vehicle("vehicle.vehicle.id", "", name)?;
    let Some(at) = &vehicle.position else {
        return Err(Refusal::no_position("vehicle.position is absent: the tracker has no fix"));
    };
    let names = ("vehicle.position.latitude", "vehicle.position.longitude");
    let place = context.place(names, Some(degrees(at.latitude)), Some(degrees(at.longitude)))?;
    let Some(seconds) = vehicle.timestamp.filter(|seconds| *seconds > 0) else {
        let right = "POSIX seconds of the measurement; when the feed was made is not when the vehicle was there";
        return Err(Refusal::missing("vehicle.timestamp", right));
    };
    let told = time::posix_seconds("vehicle.timestamp", seconds as f64)?;
    context.fix(key, place, "vehicle.timestamp", told, "vp")
}

/// The number that was written: 42.57 as `float` is 42.569999694824 as `double`.
fn degrees(number: f32) -> f64 {
    number.to_string().parse().unwrap_or_else(|_| f64::from(number))
}

/// The rest; what is wrong in it.
fn fill(reading: &Reading<'_>, vehicle: &wire::VehiclePosition, fix: &mut VehiclePosition) -> Vec<Refusal> {
    let mut wrong = Vec::new();
    if let Some(at) = &vehicle.position {
        set_speed(fix, at.speed.map(degrees));
        let bearing = bearing("vehicle.position.bearing", at.bearing.map(degrees));
        fix.bearing_deg = bearing.unwrap_or_else(|refusal| kept(&mut wrong, refusal));
        let odometer = length("vehicle.position.odometer", at.odometer);
        fix.odometer_m = odometer.unwrap_or_else(|refusal| kept(&mut wrong, refusal));
    }
    if let Some(descriptor) = &vehicle.trip {
        let (trip, refusals) = trip::named(reading, "vehicle.trip", descriptor);
        wrong.extend(refusals);
        set_trip(fix, descriptor, trip);
    }
    fix.next_stop = reading.id("vehicle.stop_id", &vehicle.stop_id).unwrap_or_else(|refusal| kept(&mut wrong, refusal));
    match status(vehicle.current_status, fix.next_stop.is_some() || vehicle.current_stop_sequence.is_some()) {
        Ok(status) => fix.extra.extend(status.map(|status| ("current_status".to_owned(), status.as_str().into()))),
        Err(refusal) => wrong.push(refusal),
    }
    fix.extra.extend(vehicle.current_stop_sequence.map(|n| ("current_stop_sequence".to_owned(), n.into())));
    match occupancy(vehicle.occupancy_status) {
        Ok((known, word)) => {
            fix.occupancy = known;
            fix.extra.extend(word.map(|word| ("occupancy_status".to_owned(), word.into())));
        }
        Err(refusal) => wrong.push(refusal),
    }
    wrong.extend(vehicle.vehicle.as_ref().into_iter().flat_map(|own| set_vehicle(fix, own)));
    wrong
}

fn kept<T>(wrong: &mut Vec<Refusal>, refusal: Refusal) -> Option<T> {
    wrong.push(refusal);
    None
}

/// The trip id is a claim about the timetable only where the trip stands in it.
fn set_trip(fix: &mut VehiclePosition, descriptor: &wire::TripDescriptor, trip: trip::Named) {
    let planned =
        matches!(trip.relation, TripRelation::Scheduled | TripRelation::Unscheduled | TripRelation::Replacement);
    let reference = trip.reference;
    if let Some(id) = reference.trip.filter(|_| planned) {
        fix.extra.insert(TRIP_ID_KEY.to_owned(), Value::String(id.0));
    }
    if descriptor.schedule_relationship.is_some()
        && let Ok(word) = serde_json::to_value(trip.relation)
    {
        fix.extra.insert("trip_relation".to_owned(), word);
    }
    fix.route = reference.route.map(|route| route.0);
    fix.direction = reference.direction;
    fix.operating_day = reference.start_date.map(|day| day.to_string());
    fix.trip_start = reference.start_s.map(|start| format!("{:02}:{:02}", start / 3_600, start / 60 % 60));
}

/// What the reference means when it is not said: on the way to the stop that is named.
fn status(number: Option<i32>, stop_named: bool) -> Result<Option<VehicleStopStatus>, Refusal> {
    let Some(number) = number else { return Ok(stop_named.then_some(VehicleStopStatus::InTransitTo)) };
    let right = "0 (incoming at), 1 (stopped at) or 2 (in transit to)";
    VehicleStopStatus::try_from(number).map(Some).map_err(|_| Refusal::field("vehicle.current_status", &number, right))
}

/// How full, where it was measured; a word for what is no measure of it.
fn occupancy(number: Option<i32>) -> Result<(Option<Occupancy>, Option<&'static str>), Refusal> {
    let Some(number) = number else { return Ok((None, None)) };
    let right = "an OccupancyStatus, 0 (empty) to 8 (not boardable)";
    let status =
        OccupancyStatus::try_from(number).map_err(|_| Refusal::field("vehicle.occupancy_status", &number, right))?;
    let known = match status {
        OccupancyStatus::Empty => Occupancy::Empty,
        OccupancyStatus::ManySeatsAvailable => Occupancy::ManySeatsAvailable,
        OccupancyStatus::FewSeatsAvailable => Occupancy::FewSeatsAvailable,
        OccupancyStatus::StandingRoomOnly => Occupancy::StandingRoomOnly,
        OccupancyStatus::CrushedStandingRoomOnly => Occupancy::CrushedStandingRoomOnly,
        OccupancyStatus::Full => Occupancy::Full,
        OccupancyStatus::NoDataAvailable => return Ok((None, None)),
        OccupancyStatus::NotAcceptingPassengers | OccupancyStatus::NotBoardable => {
            return Ok((None, Some(status.as_str())));
        }
    };
    Ok((Some(known), None))
}

/// Label, plate and boarding: 0 no value, 1 unknown, 2 yes, 3 no.
fn set_vehicle(fix: &mut VehiclePosition, own: &wire::VehicleDescriptor) -> Vec<Refusal> {
    let mut wrong = Vec::new();
    let mut text = |field: &str, text: &Option<String>| {
        let text = text.as_deref().map(str::trim).filter(|text| !text.is_empty())?;
        checked(field, text).map(|()| text.to_owned()).map_err(|refusal| wrong.push(refusal)).ok()
    };
    let label = text("vehicle.vehicle.label", &own.label);
    fix.plate = text("vehicle.vehicle.license_plate", &own.license_plate);
    fix.extra.extend(label.map(|label| ("label".to_owned(), label.into())));
    match wheelchair(own.wheelchair_accessible) {
        Ok(known) => fix.extra.extend(known.map(|yes| ("wheelchair_accessible".to_owned(), yes.into()))),
        Err(refusal) => wrong.push(refusal),
    }
    wrong
}

/// Whether a wheelchair can board; `None` when nobody says.
pub(super) fn wheelchair(number: Option<i32>) -> Result<Option<bool>, Refusal> {
    let Some(number) = number else { return Ok(None) };
    match WheelchairAccessible::try_from(number) {
        Ok(WheelchairAccessible::NoValue | WheelchairAccessible::Unknown) => Ok(None),
        Ok(WheelchairAccessible::Accessible) => Ok(Some(true)),
        Ok(WheelchairAccessible::Inaccessible) => Ok(Some(false)),
        Err(_) => {
            let right = "0 (no value), 1 (unknown), 2 (accessible) or 3 (inaccessible)";
            Err(Refusal::field("vehicle.wheelchair_accessible", &number, right))
        }
    }
}
