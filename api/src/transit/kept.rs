//! Stop visits in the history: kept by names that outlive the timetable, and laid on the
//! timetable in use when somebody asks for a day.

use std::collections::HashMap;

use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan};
use misto_city::transit::{Network, Pattern, PatternIndex, Run, StopVisit};
use misto_model::{Event, Instant, RouteId, StopId, TripId};
use misto_store::{EventQuery, Series};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::problem::{Answer, Problem};

/// Kind of the events that keep stop visits.
pub const STOP_VISIT: &str = "stop_visit";

/// Visits read from the store at once.
const PAGE: usize = 5_000;
/// Most visits of one report; a day of 2 500 vehicles.
const MOST_VISITS: usize = 1_000_000;
/// A vehicle may stand at its first stop so long before the service day begins.
const BEFORE: SignedDuration = SignedDuration::from_hours(3);
/// A timetable of before may have planned a service day so long.
const DAY: SignedDuration = SignedDuration::from_hours(30);
/// The last vehicles may come so much later than planned.
const AFTER: SignedDuration = SignedDuration::from_hours(6);

/// A stop visit as it is kept.
pub fn event(network: &Network, visit: &StopVisit, now: Instant) -> Option<Event> {
    let pattern = network.pattern(visit.pattern);
    let call = pattern.calls.get(visit.call)?;
    let mut body = Map::new();
    let mut say = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
    say("stop_id", json!(call.stop));
    say("call", json!(visit.call));
    say("calls", json!(pattern.calls.len()));
    say("along_m", json!(call.along_m.round()));
    say("route_id", json!(pattern.route));
    say("way", json!(way(pattern)));
    say("departure", json!(visit.departure));
    if let Some(direction) = pattern.direction {
        say("direction", json!(direction));
    }
    if let Some(run) = visit.run {
        say("trip_id", json!(network.trip(run.trip).id));
        say("service_day", json!(run.day));
        if let Some(planned) = network.planned(run, visit.call) {
            say("planned_arrival", json!(planned.arrival));
            say("planned_departure", json!(planned.departure));
        }
    }
    Some(Event {
        kind: STOP_VISIT.parse().ok()?,
        subject: visit.vehicle.to_string().try_into().ok()?,
        time: visit.arrival,
        recorded_at: now,
        position: Some(pattern.line.at(call.along_m)),
        body,
    })
}

/// Name of a way: the same in every timetable in which its stops lie in the same order at
/// the same distances.
fn way(pattern: &Pattern) -> String {
    let mut hash = blake3::Hasher::new();
    for call in &pattern.calls {
        hash.update(call.stop.0.as_bytes());
        hash.update(&[0]);
        hash.update(&(call.along_m.round() as i64).to_le_bytes());
    }
    hash.finalize().to_hex()[..16].to_owned()
}

/// What of an event tells where it belongs.
#[derive(Deserialize)]
struct Kept {
    stop_id: StopId,
    call: usize,
    route_id: RouteId,
    departure: Instant,
    #[serde(default)]
    direction: Option<u8>,
    #[serde(default)]
    way: Option<String>,
    #[serde(default)]
    trip_id: Option<TripId>,
    #[serde(default)]
    service_day: Option<Date>,
}

/// The visits of one service day.
#[derive(Debug, Default)]
pub struct OfDay {
    /// Those that the timetable in use has a place for.
    pub visits: Vec<StopVisit>,
    /// How many it has none for: their trip, way or stop is not in it any more.
    pub left_out: u64,
}

/// Which visits belong to a service day (GTFS: the times of a day may go past 24:00). Those of
/// a vehicle without a trip belong to the calendar day on which it came.
struct Wanted<'a> {
    network: &'a Network,
    ways: HashMap<(&'a RouteId, Option<u8>, String), PatternIndex>,
    day: Date,
    route: Option<&'a RouteId>,
    midnight: Instant,
    next_midnight: Instant,
}

impl<'a> Wanted<'a> {
    fn new(network: &'a Network, day: Date, route: Option<&'a RouteId>) -> Option<Self> {
        let zone = network.departures().time_zone();
        let midnight = |day: Date| Some(Instant::from_timestamp(day.to_zoned(zone.clone()).ok()?.timestamp()));
        let named =
            |(index, pattern): (PatternIndex, &'a Pattern)| ((&pattern.route, pattern.direction, way(pattern)), index);
        let (midnight, next_midnight) = (midnight(day)?, midnight(day.checked_add(1.day()).ok()?)?);
        let ways = network.patterns().map(named).collect();
        Some(Self { network, ways, day, route, midnight, next_midnight })
    }

    /// From when to when visits of the day may lie, inclusive.
    fn span(&self) -> Option<(Instant, Instant)> {
        let start = self.network.day_start(self.day)?;
        let planned = SignedDuration::from_secs(self.network.departures().longest_day_s().into());
        let from = start.min(self.midnight.timestamp()).checked_sub(BEFORE).ok()?;
        let to = start.checked_add(planned.max(DAY) + AFTER).ok()?;
        Some((Instant::from_timestamp(from), Instant::from_timestamp(to)))
    }

    fn take(&self, event: Event, into: &mut OfDay) {
        let Ok(kept) = serde_json::from_value::<Kept>(Value::Object(event.body)) else {
            into.left_out += 1;
            return;
        };
        if !self.is_of_day(&kept, event.time) || self.route.is_some_and(|route| *route != kept.route_id) {
            return;
        }
        let vehicle = event.subject.as_str().parse().ok();
        let visit = vehicle.zip(self.place(&kept)).map(|(vehicle, (pattern, run))| StopVisit {
            vehicle,
            pattern,
            run,
            call: kept.call,
            arrival: event.time,
            departure: kept.departure,
        });
        match visit {
            Some(visit) => into.visits.push(visit),
            None => into.left_out += 1,
        }
    }

    fn is_of_day(&self, kept: &Kept, at: Instant) -> bool {
        match kept.service_day {
            Some(day) => day == self.day,
            None => (self.midnight.micros()..self.next_midnight.micros()).contains(&at.micros()),
        }
    }

    /// Where the timetable in use has the visit; `None` when it is not there any more.
    fn place(&self, kept: &Kept) -> Option<(PatternIndex, Option<Run>)> {
        let (pattern, run) = match &kept.trip_id {
            Some(id) => {
                let trip = self.network.find_trip(id)?;
                (self.network.pattern_of(trip)?, Some(Run { trip, day: kept.service_day? }))
            }
            None => (*self.ways.get(&(&kept.route_id, kept.direction, kept.way.clone()?))?, None),
        };
        let calls = &self.network.pattern(pattern).calls;
        calls.get(kept.call).filter(|call| call.stop == kept.stop_id)?;
        Some((pattern, run))
    }
}

/// When the last visit of a service day may come.
pub fn ends_at(network: &Network, day: Date) -> Option<Instant> {
    Some(Wanted::new(network, day, None)?.span()?.1)
}

/// Reads the visits of a service day, of one route or all.
///
/// # Errors
/// 400 for a day beyond the calendar, or one with more visits than a report may have;
/// when the store cannot be read.
pub async fn of_day(series: &dyn Series, network: &Network, day: Date, route: Option<&RouteId>) -> Answer<OfDay> {
    let beyond = || Problem::invalid("day", "lies beyond the calendar");
    let wanted = Wanted::new(network, day, route).ok_or_else(beyond)?;
    let (from, to) = wanted.span().ok_or_else(beyond)?;
    let kind = STOP_VISIT.parse().map_err(|_| Problem::internal())?;
    let mut query =
        EventQuery { kind: Some(kind), from: Some(from), to: Some(to), limit: PAGE, ..EventQuery::default() };
    let mut found = OfDay::default();
    loop {
        let page = series.events(&query).await?;
        page.rows.into_iter().for_each(|event| wanted.take(event, &mut found));
        if found.visits.len() > MOST_VISITS {
            let reason = format!("the day has more than {MOST_VISITS} visits; ask route by route");
            return Err(Problem::invalid("route", reason));
        }
        query.after = page.next;
        if query.after.is_none() {
            return Ok(found);
        }
    }
}

#[cfg(test)]
mod tests;
