//! What the tracker's words mean in this timetable.

use jiff::Timestamp;
use jiff::civil::Date;
use misto_model::{RouteId, TRIP_ID_KEY, VehiclePosition};

use crate::transit::assignment::Claim;
use crate::transit::network::{Network, Run};

/// The words of a fix and what they mean. Kept while a tracker repeats itself, so that
/// they are looked up once a trip.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Told {
    words: Words,
    /// Routes of that id or number; empty when none was told or none is known.
    pub routes: Vec<RouteId>,
    /// GTFS direction.
    pub direction: Option<u8>,
    /// The trip on its day.
    pub run: Option<Run>,
    /// A route was told that the timetable does not have.
    pub unknown_route: bool,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Words {
    trip: Option<String>,
    route: Option<String>,
    route_short_name: Option<String>,
    direction: Option<u8>,
    trip_start: Option<String>,
    operating_day: Option<String>,
}

impl Words {
    fn are(&self, fix: &VehiclePosition) -> bool {
        self.direction == fix.direction
            && self.trip.as_deref() == trip_of(fix)
            && self.route == fix.route
            && self.route_short_name == fix.route_short_name
            && self.trip_start == fix.trip_start
            && self.operating_day == fix.operating_day
    }
}

fn trip_of(fix: &VehiclePosition) -> Option<&str> {
    fix.extra.get(TRIP_ID_KEY).and_then(|id| id.as_str())
}

impl Told {
    /// Whether a fix says the same again.
    pub(super) fn is_repeated_by(&self, fix: &VehiclePosition) -> bool {
        self.words.are(fix)
    }

    pub(super) fn of(fix: &VehiclePosition, network: &Network) -> Self {
        let claim = Claim::of(fix);
        let words = Words {
            trip: trip_of(fix).map(str::to_owned),
            route: fix.route.clone(),
            route_short_name: fix.route_short_name.clone(),
            direction: fix.direction,
            trip_start: fix.trip_start.clone(),
            operating_day: fix.operating_day.clone(),
        };
        let mut routes = routes(&claim, network);
        let named = [claim.route, claim.route_short_name].into_iter().flatten().any(|name| !name.trim().is_empty());
        let unknown_route = named && routes.is_empty();
        let run = trip(&claim, network, fix.fix_time.timestamp()).or_else(|| start(&claim, &routes, network));
        let mut direction = claim.direction;
        if let Some(trip) = run.map(|run| network.trip(run.trip)) {
            (routes, direction) = (vec![trip.route.clone()], trip.direction);
        }
        Self { words, routes, direction, run, unknown_route }
    }
}

/// By id, else by the number that passengers know.
fn routes(claim: &Claim<'_>, network: &Network) -> Vec<RouteId> {
    let known = |id: &str| Some(RouteId(id.to_owned())).filter(|id| !network.patterns_of(id).is_empty());
    if let Some(route) = claim.route.and_then(known) {
        return vec![route];
    }
    let number = [claim.route_short_name, claim.route].into_iter().flatten().map(str::trim).find(|n| !n.is_empty());
    let Some(number) = number else { return Vec::new() };
    let named = network.timetable().routes.values().filter(|route| route.short_name.trim() == number);
    named.map(|route| route.id.clone()).filter(|id| !network.patterns_of(id).is_empty()).collect()
}

/// A trip id; the day told, else the service day on which its planned time is nearest.
fn trip(claim: &Claim<'_>, network: &Network, now: Timestamp) -> Option<Run> {
    let trip = network.find_trip(claim.trip.as_ref()?)?;
    network.pattern_of(trip)?;
    let told: Option<Date> = claim.operating_day.and_then(|day| day.parse().ok());
    if let Some(day) = told.filter(|day| network.runs_on(trip, *day)) {
        return Some(Run { trip, day });
    }
    let (first, last) = (network.call_times(trip).first()?, network.call_times(trip).last()?);
    let today = now.to_zoned(network.departures().time_zone().clone()).date();
    let days = [today.yesterday().ok(), Some(today), today.tomorrow().ok()].into_iter().flatten();
    let away_s = |day: &Date| {
        let elapsed_s = network.day_start(*day).map_or(f64::INFINITY, |start| now.duration_since(start).as_secs_f64());
        (first.departure_s - elapsed_s).max(elapsed_s - last.arrival_s).max(0.0)
    };
    let running = days.filter(|day| network.runs_on(trip, *day));
    running.min_by(|a, b| away_s(a).total_cmp(&away_s(b))).map(|day| Run { trip, day })
}

/// Route, direction, day and local start of the trip, as HFP tells them.
fn start(claim: &Claim<'_>, routes: &[RouteId], network: &Network) -> Option<Run> {
    let day: Date = claim.operating_day?.parse().ok()?;
    let (hours, minutes) = claim.trip_start?.split_once(':')?;
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.get(..2)?.parse().ok()?);
    let told_s = f64::from(hours * 3_600 + minutes * 60);
    let patterns = routes.iter().flat_map(|route| network.patterns_of(route)).map(|index| network.pattern(*index));
    let fitting = patterns.filter(|pattern| claim.direction.is_none() || pattern.direction == claim.direction);
    let mut trips = fitting.flat_map(|pattern| pattern.trips.iter().copied()).filter(|trip| {
        let start_s = network.call_times(*trip).first().map_or(f64::NAN, |time| time.departure_s);
        // A trip after midnight belongs to the day before and may be told as 25:10 or 01:10.
        let same = (start_s - told_s).abs() < 60.0 || (start_s - 86_400.0 - told_s).abs() < 60.0;
        same && network.runs_on(*trip, day)
    });
    let found = trips.next()?;
    // Two ways of a route that leave in the same minute are not told apart by these words.
    trips.next().is_none().then_some(Run { trip: found, day })
}
