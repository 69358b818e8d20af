//! The demo timetable as the vehicles follow it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::polyline::{Place, Polyline};
use crate::feed;

/// A call at a stop, seconds of the service day.
#[derive(Debug, Clone)]
pub struct Call {
    pub stop: String,
    pub arrival_s: f64,
    pub departure_s: f64,
    /// Metres from the start of the trip's shape.
    pub distance_m: f64,
}

/// A trip with what its vehicle shows.
#[derive(Debug, Clone, Default)]
pub struct Trip {
    pub route: String,
    pub headsign: String,
    pub direction: u8,
    pub shape: String,
    pub calls: Vec<Call>,
}

impl Trip {
    pub fn start_s(&self) -> f64 {
        self.calls.first().map_or(f64::INFINITY, |c| c.departure_s)
    }
    pub fn end_s(&self) -> f64 {
        self.calls.last().map_or(f64::NEG_INFINITY, |c| c.arrival_s)
    }
}

/// A row of routes.txt as the operator's JSON repeats it.
#[derive(Debug, Clone, Default)]
pub struct Route {
    pub short_name: String,
    pub long_name: String,
    pub route_type: u16,
}

/// Trips by block, in order.
#[derive(Debug, Clone, Default)]
pub struct Schedule {
    pub routes: BTreeMap<String, Route>,
    pub shapes: BTreeMap<String, Polyline>,
    blocks: BTreeMap<String, Vec<Trip>>,
}

/// Rows of a GTFS text as maps from column to value.
fn rows(text: &'static str) -> impl Iterator<Item = BTreeMap<String, String>> {
    csv::Reader::from_reader(text.as_bytes()).into_deserialize().filter_map(Result::ok)
}

fn field(row: &BTreeMap<String, String>, name: &str) -> String {
    row.get(name).cloned().unwrap_or_default()
}

/// `HH:MM:SS`, hours past 24 allowed, to seconds.
fn seconds(text: &str) -> Option<f64> {
    let mut parts = text.split(':').map(|part| part.parse::<u32>().ok());
    let (h, m, s) = (parts.next()??, parts.next()??, parts.next()??);
    Some(f64::from(h * 3600 + m * 60 + s))
}

impl Schedule {
    /// Reads the feed that is part of this crate.
    pub fn read() -> Self {
        let number = |row: &BTreeMap<String, String>, name: &str| field(row, name).parse::<f64>().unwrap_or_default();
        let place = |row: &BTreeMap<String, String>, lon: &str, lat: &str| (number(row, lon), number(row, lat));
        let stops: BTreeMap<String, Place> =
            rows(feed::STOPS).map(|r| (field(&r, "stop_id"), place(&r, "stop_lon", "stop_lat"))).collect();
        let mut points: BTreeMap<String, Vec<Place>> = BTreeMap::new();
        for r in rows(feed::SHAPES) {
            points.entry(field(&r, "shape_id")).or_default().push(place(&r, "shape_pt_lon", "shape_pt_lat"));
        }
        let shapes: BTreeMap<String, Polyline> =
            points.into_iter().map(|(id, places)| (id, Polyline::new(places))).collect();
        let route = |r: BTreeMap<String, String>| {
            let route = Route {
                short_name: field(&r, "route_short_name"),
                long_name: field(&r, "route_long_name"),
                route_type: field(&r, "route_type").parse().unwrap_or(3),
            };
            (field(&r, "route_id"), route)
        };
        let mut calls = calls(&stops);
        let mut along: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        let mut blocks: BTreeMap<String, Vec<Trip>> = BTreeMap::new();
        for r in rows(feed::TRIPS) {
            let mut trip = Trip {
                route: field(&r, "route_id"),
                headsign: field(&r, "trip_headsign"),
                direction: field(&r, "direction_id").parse().unwrap_or_default(),
                shape: field(&r, "shape_id"),
                calls: calls.remove(&field(&r, "trip_id")).unwrap_or_default(),
            };
            let Some(shape) = shapes.get(&trip.shape) else { continue };
            // All trips of a shape call at the same stops.
            let distances = along.entry(trip.shape.clone()).or_insert_with(|| distances(shape, &trip.calls, &stops));
            for (call, &distance_m) in trip.calls.iter_mut().zip(distances.iter()) {
                call.distance_m = distance_m;
            }
            blocks.entry(field(&r, "block_id")).or_default().push(trip);
        }
        for trips in blocks.values_mut() {
            trips.sort_by(|a, b| a.start_s().total_cmp(&b.start_s()));
        }
        Self { routes: rows(feed::ROUTES).map(route).collect(), shapes, blocks }
    }

    /// What the vehicle of a block does at `at`: the trip that began last on this or
    /// the service day before, its service day, and seconds of that day.
    pub fn duty(&self, block: &str, at: Timestamp, zone: &TimeZone) -> Option<Duty<'_>> {
        let trips = self.blocks.get(block)?;
        let today = at.to_zoned(zone.clone()).date();
        [today, today.checked_sub(1.day()).ok()?].into_iter().find_map(|day| {
            let second = at.duration_since(service_day_zero(day, zone)?).as_secs_f64();
            let begun = trips.partition_point(|t| t.start_s() <= second);
            let trip = trips.get(begun.checked_sub(1)?)?;
            // The vehicle's next day begins where this one ends, half an hour later at most.
            let next = trips.get(begun).or(trips.first())?;
            let running = second <= trip.end_s() || begun < trips.len() || second < trip.end_s() + 1800.0;
            running.then_some(Duty { trip, next, day, second })
        })
    }
}

/// What a vehicle is at.
pub struct Duty<'a> {
    /// The trip begun last, which may have ended.
    pub trip: &'a Trip,
    /// The trip after it.
    pub next: &'a Trip,
    pub day: Date,
    /// Seconds since the service day's zero.
    pub second: f64,
}

/// Noon minus twelve hours of a service day (GTFS Schedule, `stop_times.arrival_time`).
fn service_day_zero(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    let noon = day.at(12, 0, 0, 0).to_zoned(zone.clone()).ok()?.timestamp();
    noon.checked_sub(12.hours()).ok()
}

fn calls(stops: &BTreeMap<String, Place>) -> BTreeMap<String, Vec<Call>> {
    let mut calls: BTreeMap<String, Vec<Call>> = BTreeMap::new();
    for row in csv::Reader::from_reader(feed::STOP_TIMES.as_bytes()).into_records().filter_map(Result::ok) {
        let (Some(trip), Some(arrival), Some(departure), Some(stop)) = (row.get(0), row.get(1), row.get(2), row.get(3))
        else {
            continue;
        };
        let (Some(arrival_s), Some(departure_s)) = (seconds(arrival), seconds(departure)) else { continue };
        if stops.contains_key(stop) {
            calls.entry(trip.to_owned()).or_default().push(Call {
                stop: stop.to_owned(),
                arrival_s,
                departure_s,
                distance_m: 0.0,
            });
        }
    }
    calls
}

/// Where along the shape each call lies: in order, the first and the last at its ends.
fn distances(shape: &Polyline, calls: &[Call], stops: &BTreeMap<String, Place>) -> Vec<f64> {
    let (mut out, mut from): (Vec<f64>, f64) = (Vec::new(), 0.0);
    for (i, call) in calls.iter().enumerate() {
        let distance = if i == 0 {
            0.0
        } else if i + 1 == calls.len() {
            shape.length_m()
        } else {
            // The planned time tells about how far the next stop is: at most 12 m/s.
            let reach = (call.arrival_s - calls[i - 1].departure_s) * 12.0;
            stops.get(&call.stop).map_or(from, |&p| shape.locate(p, from + 100.0, reach))
        };
        out.push(distance);
        from = distance;
    }
    out
}
