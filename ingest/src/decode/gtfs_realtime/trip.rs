//! Entities that are trips, and how an entity names a trip.

use jiff::civil::Date;
use misto_model::{
    CallMoment, CallRelation, CallUpdate, RouteId, StopId, TripId, TripReference, TripRelation, TripUpdate,
    WheelchairAccess,
};

use super::super::refusal::Refusal;
use super::{Reading, RealtimeFeed, Seen, checked, vehicle};
use crate::gtfs_realtime as wire;
use crate::gtfs_realtime::{StopRelationship, TripRelationship};

/// No trip of a city has more calls.
const MAX_CALLS: usize = 1_000;
/// A day late is another trip.
const MAX_DELAY_S: i32 = 86_400;

/// A trip and how it stands to the timetable.
pub(super) struct Named {
    pub reference: TripReference,
    pub relation: TripRelation,
}

/// What a descriptor names, and what is wrong in it.
pub(super) fn named(reading: &Reading<'_>, field: &str, trip: &wire::TripDescriptor) -> (Named, Vec<Refusal>) {
    let mut wrong = Vec::new();
    let mut reference = TripReference::default();
    let mut keep = |refusal: Refusal| wrong.push(refusal);
    match reading.id(&format!("{field}.trip_id"), &trip.trip_id) {
        Ok(id) => reference.trip = id.map(TripId),
        Err(refusal) => keep(refusal),
    }
    match reading.id(&format!("{field}.route_id"), &trip.route_id) {
        Ok(id) => reference.route = id.map(RouteId),
        Err(refusal) => keep(refusal),
    }
    match trip.direction_id {
        Some(direction) if direction > 1 => {
            keep(Refusal::field(&format!("{field}.direction_id"), &direction, "0 or 1"));
        }
        direction => reference.direction = direction.map(|direction| direction as u8),
    }
    let text = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    if let Some(day) = text(&trip.start_date) {
        reference.start_date = date(&day);
        if reference.start_date.is_none() {
            let right = "a service day such as 20260301";
            keep(Refusal::field(&format!("{field}.start_date"), &format_args!("{day:?}"), right));
        }
    }
    if let Some(start) = text(&trip.start_time) {
        reference.start_s = seconds(&start);
        if reference.start_s.is_none() {
            let right = "a time of the service day such as 07:05:00 or 25:10:00";
            keep(Refusal::field(&format!("{field}.start_time"), &format_args!("{start:?}"), right));
        }
    }
    let relation = relation(trip.schedule_relationship).unwrap_or_else(|number| {
        let right = "a ScheduleRelationship of a trip; the trip is taken as planned";
        keep(Refusal::field(&format!("{field}.schedule_relationship"), &number, right));
        TripRelation::default()
    });
    (Named { reference, relation }, wrong)
}

/// `ADDED` is deprecated; what it was used for is called `NEW` (reference, `ScheduleRelationship`).
fn relation(number: Option<i32>) -> Result<TripRelation, i32> {
    let Some(number) = number else { return Ok(TripRelation::default()) };
    Ok(match TripRelationship::try_from(number).map_err(|_| number)? {
        TripRelationship::Scheduled => TripRelation::Scheduled,
        TripRelationship::Added | TripRelationship::New => TripRelation::New,
        TripRelationship::Unscheduled => TripRelation::Unscheduled,
        TripRelationship::Canceled => TripRelation::Canceled,
        TripRelationship::Replacement => TripRelation::Replacement,
        TripRelationship::Duplicated => TripRelation::Duplicated,
        TripRelationship::Deleted => TripRelation::Deleted,
    })
}

fn date(text: &str) -> Option<Date> {
    if text.len() != 8 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Date::new(text[..4].parse().ok()?, text[4..6].parse().ok()?, text[6..].parse().ok()?).ok()
}

fn seconds(text: &str) -> Option<u32> {
    let parts: Vec<&str> = text.split(':').collect();
    let [hours, minutes, seconds] = parts.as_slice() else { return None };
    let number = |part: &str, limit: u32| {
        let digits = (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| part.parse::<u32>().ok())?.filter(|number| *number <= limit)
    };
    Some(number(hours, 99)? * 3_600 + number(minutes, 59)? * 60 + number(seconds, 59)?)
}

pub(super) fn read(
    reading: &Reading<'_>,
    id: &str,
    update: &wire::TripUpdate,
    seen: &mut Seen,
    found: &mut RealtimeFeed,
) {
    let (Named { reference, relation }, wrong) = named(reading, "trip_update.trip", &update.trip);
    wrong.into_iter().for_each(|refusal| found.problem(id, refusal));
    if reference.trip.is_none() && (reference.route.is_none() || reference.start_s.is_none()) {
        let right = "a trip is named by its id, or by route, direction, start date and start time";
        return found.problem(id, Refusal::missing("trip_update.trip.trip_id", right));
    }
    if update.stop_time_update.len() > MAX_CALLS {
        let right = format!("at most {MAX_CALLS} calls of one trip");
        return found
            .problem(id, Refusal::field("trip_update.stop_time_update", &update.stop_time_update.len(), &right));
    }
    if let Err(refusal) = seen.add("trip_update.stop_time_update", update.stop_time_update.len()) {
        return found.problem(id, refusal);
    }
    let mut trip = TripUpdate { id: id.to_owned(), trip: reference, relation, ..TripUpdate::default() };
    match delay("trip_update.delay", update.delay) {
        Ok(delay_s) => trip.delay_s = delay_s,
        Err(refusal) => found.problem(id, refusal),
    }
    match update.timestamp.map(|at| reading.moment("trip_update.timestamp", at as f64)).transpose() {
        Ok(at) => trip.known_at = at,
        Err(refusal) => found.problem(id, refusal),
    }
    if let Some(own) = &update.vehicle {
        trip.vehicle = own.id.clone().filter(|id| !id.is_empty() && checked("trip_update.vehicle.id", id).is_ok());
        match vehicle::wheelchair(own.wheelchair_accessible) {
            Ok(None) => {}
            Ok(Some(true)) => trip.wheelchair_accessible = WheelchairAccess::Yes,
            Ok(Some(false)) => trip.wheelchair_accessible = WheelchairAccess::No,
            Err(refusal) => found.problem(id, refusal),
        }
    }
    let mut latest = None;
    for (number, call) in update.stop_time_update.iter().enumerate() {
        let field = format!("trip_update.stop_time_update[{number}]");
        match read_call(reading, &field, call) {
            Ok(call) if call.sequence.is_some() && call.sequence <= latest => {
                let right = "calls stand in the order of the trip, each once";
                let sequence = call.sequence.unwrap_or_default();
                found.problem(id, Refusal::field(&format!("{field}.stop_sequence"), &sequence, right));
            }
            Ok(call) => {
                latest = call.sequence.or(latest);
                trip.calls.push(call);
            }
            Err(refusal) => found.problem(id, refusal),
        }
    }
    found.trip_updates.push(trip);
}

fn read_call(reading: &Reading<'_>, field: &str, call: &wire::StopTimeUpdate) -> Result<CallUpdate, Refusal> {
    let stop = reading.id(&format!("{field}.stop_id"), &call.stop_id)?.map(StopId);
    if stop.is_none() && call.stop_sequence.is_none() {
        return Err(Refusal::missing(&format!("{field}.stop_sequence"), "a call is named by its sequence or its stop"));
    }
    let relation = match call.schedule_relationship.map(StopRelationship::try_from).transpose() {
        Ok(None | Some(StopRelationship::Scheduled)) => CallRelation::Scheduled,
        Ok(Some(StopRelationship::Skipped)) => CallRelation::Skipped,
        Ok(Some(StopRelationship::NoData)) => CallRelation::NoData,
        Ok(Some(StopRelationship::Unscheduled)) => CallRelation::Unscheduled,
        Err(_) => {
            let (number, right) = (call.schedule_relationship.unwrap_or_default(), "0 to 3 (ScheduleRelationship)");
            return Err(Refusal::field(&format!("{field}.schedule_relationship"), &number, right));
        }
    };
    let moment = |name: &str, event: Option<wire::StopTimeEvent>| {
        event.map(|event| at_call(&format!("{field}.{name}"), event)).transpose().map(Option::flatten)
    };
    // A call without data or that is left out has no times, whatever stands there.
    let timed = matches!(relation, CallRelation::Scheduled | CallRelation::Unscheduled);
    Ok(CallUpdate {
        sequence: call.stop_sequence,
        stop,
        relation,
        arrival: moment("arrival", call.arrival.filter(|_| timed))?,
        departure: moment("departure", call.departure.filter(|_| timed))?,
    })
}

fn at_call(field: &str, event: wire::StopTimeEvent) -> Result<Option<CallMoment>, Refusal> {
    // Feeds of old encoders write 0 for a time that they do not know.
    let time = event.time.filter(|time| *time != 0);
    let at = time.map(|time| Reading::any_moment(&format!("{field}.time"), time as f64)).transpose()?;
    let delay_s = delay(&format!("{field}.delay"), event.delay)?;
    let uncertainty_s = event.uncertainty.and_then(|uncertainty| u32::try_from(uncertainty).ok());
    Ok((at.is_some() || delay_s.is_some()).then_some(CallMoment { delay_s, at, uncertainty_s }))
}

fn delay(field: &str, delay: Option<i32>) -> Result<Option<i32>, Refusal> {
    match delay {
        Some(seconds) if !(-MAX_DELAY_S..=MAX_DELAY_S).contains(&seconds) => {
            Err(Refusal::field(field, &seconds, "seconds against the timetable, less than a day"))
        }
        delay => Ok(delay),
    }
}
