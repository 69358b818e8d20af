//! A timetable as large as a city's: lines across a grid of streets, both ways, all day.

use std::fmt::Write as _;
use std::path::Path;

use jiff::ToSpan;

const LINES: usize = 30;
const STOPS: usize = 25;
/// South-west corner of all, longitude and latitude, and the steps between stops and lines.
const CORNER: (f64, f64) = (24.60, 48.80);
const STEP: (f64, f64) = (0.006, 0.007);
/// Seconds from stop to stop.
const LINK_S: usize = 90;

/// Where a stop of a line lies, longitude and latitude.
pub fn stop(line: usize, call: usize) -> (f64, f64) {
    (CORNER.0 + STEP.0 * call as f64, CORNER.1 + STEP.1 * line as f64)
}

/// How many lines there are.
pub fn lines() -> usize {
    LINES
}

/// Calls of each.
pub fn calls() -> usize {
    STOPS
}

fn clock(seconds: usize) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// Writes the tables of a feed with about so many trips into a folder.
pub fn write(folder: &Path, trips: usize) {
    let today = jiff::Zoned::now().date();
    let day = |days: i64| today.saturating_add(days.days()).strftime("%Y%m%d").to_string();
    let mut stops = "stop_id,stop_name,stop_lat,stop_lon\n".to_owned();
    let mut routes = "route_id,agency_id,route_short_name,route_long_name,route_type\n".to_owned();
    let mut shapes = "shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\n".to_owned();
    let mut of_trips = "route_id,service_id,trip_id,direction_id,shape_id\n".to_owned();
    let mut times = "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n".to_owned();
    let each = trips.div_ceil(2 * LINES);
    let interval_s = 17 * 3_600 / each;
    for line in 0..LINES {
        // Writing to a text cannot fail.
        let _ = writeln!(routes, "R{line},A,{line},Line {line},3");
        for call in 0..STOPS {
            let (lon, lat) = stop(line, call);
            let _ = writeln!(stops, "S{line}-{call},Stop {call} of {line},{lat:.6},{lon:.6}");
        }
        for way in 0..2 {
            let at = |call: usize| if way == 0 { call } else { STOPS - 1 - call };
            for call in 0..STOPS {
                let (lon, lat) = stop(line, at(call));
                let _ = writeln!(shapes, "H{line}-{way},{lat:.6},{lon:.6},{call}");
            }
            for number in 0..each {
                let _ = writeln!(of_trips, "R{line},D,T{line}-{way}-{number},{way},H{line}-{way}");
                for call in 0..STOPS {
                    let at_s = clock(5 * 3_600 + number * interval_s + call * LINK_S);
                    let _ = writeln!(times, "T{line}-{way}-{number},{at_s},{at_s},S{line}-{},{call}", at(call));
                }
            }
        }
    }
    let calendar = format!(
        "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\nD,1,1,1,1,1,1,1,{},{}\n",
        day(-7),
        day(365)
    );
    let agency =
        "agency_id,agency_name,agency_url,agency_timezone\nA,Bench,http://example.org,Europe/Kyiv\n".to_owned();
    for (name, text) in [
        ("agency.txt", agency),
        ("stops.txt", stops),
        ("routes.txt", routes),
        ("trips.txt", of_trips),
        ("stop_times.txt", times),
        ("shapes.txt", shapes),
        ("calendar.txt", calendar),
    ] {
        std::fs::write(folder.join(name), text).expect("room on the disk");
    }
}
