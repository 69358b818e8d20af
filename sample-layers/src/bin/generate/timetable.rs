//! The invented timetable: GTFS Schedule text. Vehicles run day and night, each
//! its own block; the calendar is left to the library, which knows today.

use std::fmt::Write;

use crate::plane;
use crate::sketch::routes::ROUTES;
use crate::transit::{Transit, Way};

/// Vehicles of each route, the last of which on some routes runs by day only.
pub const VEHICLES_PER_ROUTE: usize = 6;
/// Where the service day begins, seconds: 04:00.
const DAY_BEGINS_S: f64 = 4.0 * 3600.0;
const DAY_S: f64 = 86_400.0;
/// A vehicle by day starts no trip before or after these times.
const BY_DAY_S: (f64, f64) = (5.5 * 3600.0, 22.5 * 3600.0);
/// Cruising speed between stops: 31 km/h; what braking and starting cost; time at the stop.
const CRUISE_M_S: f64 = 8.6;
const PER_STOP_S: f64 = 14.0;
const DWELL_S: f64 = 16.0;
const SHORTEST_LAYOVER_S: f64 = 200.0;

/// One trip of a vehicle.
struct Trip {
    way: usize,
    start_s: f64,
}

/// A vehicle's day.
pub struct Block {
    pub id: String,
    pub route: usize,
    /// `Some(true)` low floor, `Some(false)` steps, `None` unknown.
    pub low_floor: Option<bool>,
    trips: Vec<Trip>,
}

/// The blocks of all vehicles, in the order of the register.
pub fn blocks(transit: &Transit) -> Vec<Block> {
    let mut out = Vec::new();
    for (route, r) in ROUTES.iter().enumerate() {
        let way = |direction: usize| {
            transit.ways.iter().position(|w| w.route.id == r.id && w.direction == direction).unwrap_or(0)
        };
        let ways = [way(0), way(1)];
        let longest = ways.iter().map(|&w| duration_s(&transit.ways[w])).fold(0.0, f64::max);
        // An even number of trips brings each vehicle back to where its next day begins.
        let trips = ((DAY_S / (longest + SHORTEST_LAYOVER_S) / 2.0).floor() * 2.0) as usize;
        let beat = DAY_S / trips as f64;
        for vehicle in 0..VEHICLES_PER_ROUTE {
            let phase = beat * 2.0 * (vehicle as f64 + route as f64 / ROUTES.len() as f64) / VEHICLES_PER_ROUTE as f64;
            let by_day = vehicle == VEHICLES_PER_ROUTE - 1 && route % 4 == 0;
            let all = (0..trips)
                .map(|j| Trip { way: ways[j % 2], start_s: (DAY_BEGINS_S + phase + j as f64 * beat).round() });
            let runs = |t: &Trip| !by_day || (BY_DAY_S.0..=BY_DAY_S.1).contains(&t.start_s);
            out.push(Block {
                id: format!("{}-{}", r.short_name, vehicle + 1),
                route,
                low_floor: [Some(true), Some(false), Some(true), None, Some(true), Some(false), None]
                    [(route * 3 + vehicle) % 7],
                trips: all.filter(runs).collect(),
            });
        }
    }
    out
}

/// Seconds from the first departure to the last arrival.
fn duration_s(way: &Way) -> f64 {
    calls(way).last().map_or(0.0, |c| c.1)
}

/// Arrival and departure at each stop, seconds from the start.
fn calls(way: &Way) -> Vec<(usize, f64, f64)> {
    let (mut out, mut now, mut before) = (Vec::new(), 0.0_f64, 0.0);
    for (i, &(stop, metres)) in way.stops.iter().enumerate() {
        if i > 0 {
            now += ((metres - before) / CRUISE_M_S + PER_STOP_S).round();
        }
        let dwell = if i == 0 || i + 1 == way.stops.len() { 0.0 } else { DWELL_S };
        out.push((stop, now, now + dwell));
        (now, before) = (now + dwell, metres);
    }
    out
}

/// File names and texts of the feed, without calendar.txt.
pub fn feed(transit: &Transit) -> Vec<(&'static str, String)> {
    let blocks = blocks(transit);
    vec![
        ("agency.txt", "agency_id,agency_name,agency_url,agency_timezone,agency_lang\ndemo,Демонстраційний перевізник (вигадані дані),https://example.org/,Europe/Kyiv,uk\n".to_owned()),
        ("feed_info.txt", "feed_publisher_name,feed_publisher_url,feed_lang,feed_version\nMisto: вигадані дані,https://example.org/,uk,1\n".to_owned()),
        ("stops.txt", stops(transit)),
        ("routes.txt", routes()),
        ("trips.txt", trips(transit, &blocks)),
        ("stop_times.txt", stop_times(transit, &blocks)),
        ("shapes.txt", shapes(transit)),
    ]
}

fn stops(transit: &Transit) -> String {
    let mut out = String::from("stop_id,stop_code,stop_name,stop_lat,stop_lon,wheelchair_boarding\n");
    for s in &transit.stops {
        let p = plane::degrees(s.place);
        let boarding = match s.boarding {
            Some("yes") => "1",
            Some(_) => "2",
            None => "0",
        };
        let _ = writeln!(out, "{},{},\"{}\",{},{},{boarding}", s.id, s.id, s.name, p.y, p.x);
    }
    out
}

fn routes() -> String {
    let mut out =
        String::from("route_id,agency_id,route_short_name,route_long_name,route_type,route_color,route_text_color\n");
    for r in ROUTES {
        let kind = if r.trolleybus { 11 } else { 3 };
        let _ = writeln!(out, "{},demo,{},{} – {},{kind},{},FFFFFF", r.id, r.short_name, r.ends.0, r.ends.1, r.color);
    }
    out
}

fn trip_id(block: &Block, number: usize) -> String {
    format!("{}-{:02}", block.id, number + 1)
}

fn trips(transit: &Transit, blocks: &[Block]) -> String {
    let mut out = String::from(
        "route_id,service_id,trip_id,trip_headsign,direction_id,block_id,shape_id,wheelchair_accessible\n",
    );
    for block in blocks {
        let accessible = match block.low_floor {
            Some(true) => 1,
            Some(false) => 2,
            None => 0,
        };
        for (number, trip) in block.trips.iter().enumerate() {
            let way = &transit.ways[trip.way];
            let _ = writeln!(
                out,
                "{},daily,{},{},{},{},{},{accessible}",
                way.route.id,
                trip_id(block, number),
                way.headsign(),
                way.direction,
                block.id,
                way.shape_id(),
            );
        }
    }
    out
}

fn stop_times(transit: &Transit, blocks: &[Block]) -> String {
    let mut out = String::from("trip_id,arrival_time,departure_time,stop_id,stop_sequence\n");
    for block in blocks {
        for (number, trip) in block.trips.iter().enumerate() {
            let id = trip_id(block, number);
            for (sequence, (stop, arrival, departure)) in calls(&transit.ways[trip.way]).into_iter().enumerate() {
                let (a, d) = (clock(trip.start_s + arrival), clock(trip.start_s + departure));
                let _ = writeln!(out, "{id},{a},{d},{},{}", transit.stops[stop].id, sequence + 1);
            }
        }
    }
    out
}

fn clock(seconds: f64) -> String {
    let s = seconds as u32;
    format!("{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
}

fn shapes(transit: &Transit) -> String {
    let mut out = String::from("shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\n");
    for way in &transit.ways {
        for (i, &p) in way.line.iter().enumerate() {
            let p = plane::degrees(p);
            let _ = writeln!(out, "{},{},{},{}", way.shape_id(), p.y, p.x, i + 1);
        }
    }
    out
}
