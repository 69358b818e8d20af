//! What the timetable promises: the next departures of a stop.
//!
//! GTFS Schedule: times count from noon minus 12 hours of the service day, so
//! they pass 24:00 and stay right on the two nights when the clock changes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use misto_model::{Boarding, Route, RouteId, ServiceId, Stop, StopId, Timetable, Trip};

/// One departure that the timetable promises.
#[derive(Debug, Clone, PartialEq)]
pub struct Departure<'a> {
    /// When.
    pub at: Timestamp,
    /// Which trip.
    pub trip: &'a Trip,
    /// On which route.
    pub route: &'a Route,
}

/// A timetable with the departures of each stop in order.
#[derive(Debug)]
pub struct Departures {
    timetable: Timetable,
    time_zone: TimeZone,
    by_stop: BTreeMap<StopId, Vec<(u32, usize)>>,
    routes_by_stop: BTreeMap<StopId, BTreeSet<RouteId>>,
    longest_day_s: u32,
}

impl Departures {
    /// Sorts a timetable by stop. The last stop of a trip has no departure.
    ///
    /// # Errors
    /// When the time zone of the feed is not known.
    pub fn new(timetable: Timetable) -> Result<Self, String> {
        let time_zone = TimeZone::get(&timetable.time_zone)
            .map_err(|_| format!("agency_timezone {:?} is no known time zone", timetable.time_zone))?;
        let mut by_stop: BTreeMap<StopId, Vec<(u32, usize)>> = BTreeMap::new();
        let mut routes_by_stop: BTreeMap<StopId, BTreeSet<RouteId>> = BTreeMap::new();
        let mut longest_day_s = 0;
        for (index, trip) in timetable.trips.iter().enumerate() {
            let Some((_, boarding)) = trip.stop_times.split_last() else { continue };
            for call in boarding.iter().filter(|call| call.pickup != Boarding::None) {
                routes_by_stop.entry(call.stop.clone()).or_default().insert(trip.route.clone());
                if let Some(at) = call.departure_s.or(call.arrival_s) {
                    longest_day_s = longest_day_s.max(at);
                    by_stop.entry(call.stop.clone()).or_default().push((at, index));
                }
            }
        }
        by_stop.values_mut().for_each(|calls| calls.sort_unstable());
        Ok(Self { timetable, time_zone, by_stop, routes_by_stop, longest_day_s })
    }

    /// The feed as it was read.
    pub fn timetable(&self) -> &Timetable {
        &self.timetable
    }

    /// Where the service day begins and ends.
    pub fn time_zone(&self) -> &TimeZone {
        &self.time_zone
    }

    /// The latest departure of a service day, seconds after noon minus 12 h.
    pub fn longest_day_s(&self) -> u32 {
        self.longest_day_s
    }

    /// One stop.
    pub fn stop(&self, id: &StopId) -> Option<&Stop> {
        self.timetable.stops.get(id)
    }

    /// Routes that leave from a stop.
    pub fn routes_of(&self, stop: &StopId) -> impl Iterator<Item = &Route> {
        self.routes_by_stop.get(stop).into_iter().flatten().filter_map(|id| self.timetable.routes.get(id))
    }

    /// The next `limit` departures from `now` on, in order, at most two days ahead.
    pub fn next(&self, stop: &StopId, now: Timestamp, limit: usize) -> Vec<Departure<'_>> {
        let Some(calls) = self.by_stop.get(stop) else { return Vec::new() };
        let today = now.to_zoned(self.time_zone.clone()).date();
        let days_back = i64::from(self.longest_day_s / 86_400 + 1);
        let mut found = Vec::new();
        for offset in -days_back..=2 {
            let Ok(day) = today.checked_add(offset.days()) else { continue };
            let Some(start) = service_day_start(day, &self.time_zone) else { continue };
            let elapsed_s = now.duration_since(start).as_secs().max(0);
            let from = calls.partition_point(|(at, _)| i64::from(*at) < elapsed_s);
            let mut running: BTreeMap<&ServiceId, bool> = BTreeMap::new();
            let of_the_day = calls[from..].iter().filter(|(_, index)| {
                let service = &self.timetable.trips[*index].service;
                *running.entry(service).or_insert_with(|| {
                    self.timetable.services.get(service).is_some_and(|calendar| calendar.runs_on(day))
                })
            });
            found.extend(of_the_day.take(limit).filter_map(|(at, index)| {
                let trip = &self.timetable.trips[*index];
                let route = self.timetable.routes.get(&trip.route)?;
                Some(Departure { at: start + SignedDuration::from_secs(i64::from(*at)), trip, route })
            }));
        }
        found.retain(|departure| departure.at >= now);
        found.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.trip.id.cmp(&b.trip.id)));
        found.truncate(limit);
        found
    }
}

/// Noon minus twelve hours of the service day: midnight except on the days when
/// the clock changes (GTFS Schedule reference, stop_times.txt).
pub(super) fn service_day_start(day: Date, time_zone: &TimeZone) -> Option<Timestamp> {
    let noon = day.at(12, 0, 0, 0).to_zoned(time_zone.clone()).ok()?.timestamp();
    noon.checked_sub(SignedDuration::from_hours(12)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use misto_model::{Position, ServiceCalendar, StopTime, TripId, WheelchairAccess};

    fn feed(times: &[u32]) -> Departures {
        let stop = |id: &str| Stop {
            id: StopId(id.into()),
            name: id.into(),
            code: None,
            position: Position::new(24.7, 48.9).unwrap(),
            wheelchair_boarding: WheelchairAccess::Unknown,
            details: None,
        };
        let call = |id: &str, sequence, at| StopTime {
            stop: StopId(id.into()),
            sequence,
            arrival_s: Some(at),
            departure_s: Some(at),
            ..StopTime::default()
        };
        let trips = times
            .iter()
            .enumerate()
            .map(|(n, at)| Trip {
                id: TripId(format!("t{n}")),
                route: RouteId("r".into()),
                service: ServiceId("daily".into()),
                headsign: None,
                direction: Some(0),
                shape: None,
                block: None,
                wheelchair_accessible: WheelchairAccess::Unknown,
                stop_times: vec![call("a", 1, *at), call("b", 2, at + 300)],
                ..Trip::default()
            })
            .collect();
        let daily = ServiceCalendar {
            weekdays: [true; 7],
            period: Some(("2026-01-01".parse().unwrap(), "2026-12-31".parse().unwrap())),
            exceptions: BTreeMap::from([("2026-07-02".parse().unwrap(), false)]),
        };
        Departures::new(Timetable {
            time_zone: "Europe/Kyiv".into(),
            stops: [stop("a"), stop("b")].map(|s| (s.id.clone(), s)).into(),
            routes: BTreeMap::from([(
                RouteId("r".into()),
                Route {
                    id: RouteId("r".into()),
                    short_name: "5".into(),
                    long_name: String::new(),
                    route_type: 3,
                    color: None,
                    ..Route::default()
                },
            )]),
            trips,
            services: BTreeMap::from([(ServiceId("daily".into()), daily)]),
            shapes: BTreeMap::new(),
            trajectories: vec![],
            ..Timetable::default()
        })
        .unwrap()
    }

    fn next(departures: &Departures, stop: &str, now: &str) -> Vec<String> {
        departures.next(&StopId(stop.into()), now.parse().unwrap(), 3).iter().map(|d| d.at.to_string()).collect()
    }

    #[test]
    fn a_trip_after_midnight_belongs_to_yesterday() {
        let departures = feed(&[25 * 3600]);
        assert_eq!(next(&departures, "a", "2026-07-10T21:30:00Z")[0], "2026-07-10T22:00:00Z");
    }

    #[test]
    fn an_exception_takes_the_day_away() {
        let departures = feed(&[8 * 3600]);
        assert_eq!(next(&departures, "a", "2026-07-01T21:30:00Z")[0], "2026-07-03T05:00:00Z");
    }

    #[test]
    fn the_last_stop_has_no_departure() {
        assert!(next(&feed(&[8 * 3600]), "b", "2026-07-01T00:00:00Z").is_empty());
    }

    #[test]
    fn eight_in_the_morning_stays_eight_when_the_clock_changed_at_night() {
        // 2026-03-29, 03:00 → 04:00 in Kyiv
        let departures = feed(&[8 * 3600]);
        assert_eq!(next(&departures, "a", "2026-03-28T23:00:00Z")[0], "2026-03-29T05:00:00Z");
    }
}
