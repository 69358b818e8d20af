//! Routes of a city that publishes no timetable: `routes.json` (each route with its way in
//! segments from stop to stop) and `stopPoints.json` (places and names of stops).
//!
//! The segments of a route stand in no order that can be trusted: there and back are in one list,
//! and what was drawn anew stands at its end. They are joined where one begins exactly where
//! another ends. The ids in a route's `stopPoints` are its own, and most of them have no place;
//! but segments end at stops, so the stop there is the one of `stopPoints.json` that lies there.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

use misto_model::{Position, Route, RouteId, Shape, Stop, StopId, Timetable, Trajectory, WheelchairAccess};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::tables::Problems;
use super::{Counts, Feed, FeedError, Problem};

mod join;

/// Name of the file of routes; a folder that holds it is such a city.
pub const ROUTES: &str = "routes.json";
/// Name of the file of stops.
pub const STOPS: &str = "stopPoints.json";

/// A city's routes are a megabyte.
const MAX_FILE_BYTES: u64 = 64 << 20;
/// A stop of the route's own list may lie so far from the end of a segment.
const OWN_STOP_M: f64 = 50.0;
/// Any other stop must lie nearer: across the street is another stop.
const ANY_STOP_M: f64 = 30.0;
/// The way back begins near where the way there ends.
const TURN_M: f64 = 1_000.0;

#[derive(Deserialize)]
struct WrittenRoute {
    id: serde_json::Value,
    name: String,
    #[serde(rename = "type")]
    kind: i64,
    color: Option<String>,
    trajectory: Vec<Vec<WrittenPlace>>,
    #[serde(rename = "stopPoints")]
    stops: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct WrittenStop {
    id: serde_json::Value,
    name: String,
    coordinates: WrittenPlace,
}

#[derive(Deserialize, Clone, Copy)]
struct WrittenPlace {
    latitude: f64,
    longitude: f64,
}

/// Reads the folder. Its times, if it had any, would be of `time_zone`.
///
/// A route that gives no way is kept and told in the notes; what contradicts the format is a
/// problem, told by the name of the route and the index in its list.
///
/// # Errors
/// When a file cannot be read, or with the list of what is wrong in them.
pub fn read(folder: &Path, time_zone: &str) -> Result<Feed, FeedError> {
    let written_stops: Vec<WrittenStop> = json(folder, STOPS)?;
    let written_routes: Vec<WrittenRoute> = json(folder, ROUTES)?;
    let mut problems = Problems::default();
    if jiff::tz::TimeZone::get(time_zone).is_err() {
        let reason = format!("{time_zone:?} is no time zone such as Europe/Kyiv");
        return Err(FeedError::Unreadable(reason));
    }
    let mut timetable = Timetable { time_zone: time_zone.to_owned(), ..Timetable::default() };
    timetable.stops = stops(&written_stops, &mut problems);
    let mut covered = Vec::new();
    let mut unplaced = BTreeSet::new();
    for written in &written_routes {
        if let Some(route) = route(written, &mut problems) {
            if timetable.routes.contains_key(&route.id) {
                problems.add(problem(written, "id", format!("{} stands in the file twice", route.id)));
            }
            let known = |id: &StopId| timetable.stops.contains_key(id);
            unplaced.extend(written.stops.iter().filter_map(id).map(StopId).filter(|id| !known(id)));
            let segments = segments(written, &mut problems);
            covered.push(lay_out(&mut timetable, written, &route.id, &segments));
            timetable.routes.insert(route.id.clone(), route);
        }
    }
    problems.into_result()?;
    let notes = summary(&timetable, &covered, unplaced.len());
    let counts =
        Counts { routes: timetable.routes.len() as u64, stops: timetable.stops.len() as u64, ..Counts::default() };
    Ok(Feed { timetable, counts, notes })
}

fn json<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<T, FeedError> {
    let unreadable = |e: &dyn std::fmt::Display| FeedError::Unreadable(format!("{name}: {e}"));
    let file = std::fs::File::open(folder.join(name)).map_err(|e| unreadable(&e))?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|e| unreadable(&e))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(unreadable(&format_args!("longer than {} MB", MAX_FILE_BYTES >> 20)));
    }
    serde_json::from_slice(&bytes).map_err(|e| unreadable(&e))
}

/// Ids are numbers or texts.
fn id(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        _ => None,
    }
}

fn problem(route: &WrittenRoute, field: &str, reason: impl Into<String>) -> Problem {
    let field = format!("route {:?} {field}", route.name);
    Problem { file: ROUTES.to_owned(), line: 0, field, reason: reason.into() }
}

fn place(written: WrittenPlace) -> Result<Position, String> {
    let place = Position::new(written.longitude, written.latitude).map_err(|e| e.to_string())?;
    if place.is_null_island() {
        return Err("the place is 0,0, where programs put what they could not place".to_owned());
    }
    Ok(place)
}

fn stops(written: &[WrittenStop], problems: &mut Problems) -> BTreeMap<StopId, Stop> {
    let mut stops = BTreeMap::new();
    for (index, stop) in written.iter().enumerate() {
        let mut wrong = |field: &str, reason: String| {
            let field = format!("[{index}] {field}");
            problems.add(Problem { file: STOPS.to_owned(), line: 0, field, reason });
        };
        let Some(id) = id(&stop.id).map(StopId) else {
            wrong("id", "this is neither a number nor a text".to_owned());
            continue;
        };
        let position = match place(stop.coordinates) {
            Ok(position) => position,
            Err(reason) => {
                wrong("coordinates", reason);
                continue;
            }
        };
        if stop.name.trim().is_empty() {
            wrong("name", "this is required and empty".to_owned());
        }
        if stops.contains_key(&id) {
            wrong("id", format!("{id} stands in the file twice"));
        }
        let name = stop.name.trim().to_owned();
        let wheelchair_boarding = WheelchairAccess::Unknown;
        stops.insert(id.clone(), Stop { id, name, code: None, position, wheelchair_boarding, details: None });
    }
    stops
}

fn route(written: &WrittenRoute, problems: &mut Problems) -> Option<Route> {
    let Some(id) = id(&written.id).map(RouteId) else {
        problems.add(problem(written, "id", "this is neither a number nor a text"));
        return None;
    };
    if written.name.trim().is_empty() {
        problems.add(problem(written, "name", "this is required and empty"));
    }
    // The city's own numbers: 1 bus, 2 trolleybus, 8 suburban bus.
    let route_type = match written.kind {
        1 | 8 => 3,
        2 => 11,
        other => {
            let reason = format!("{other} is none of 1 (bus), 2 (trolleybus) and 8 (suburban bus)");
            problems.add(problem(written, "type", reason));
            3
        }
    };
    let color = written.color.as_deref().and_then(|text| {
        let color = rgb(text);
        if color.is_none() {
            problems.add(problem(written, "color", format!("{text:?} is no colour such as 47,25,47,255")));
        }
        color
    });
    Some(Route { id, short_name: written.name.trim().to_owned(), route_type, color, ..Route::default() })
}

/// `red,green,blue[,opacity]`, 0 to 255 each, as `RRGGBB`.
fn rgb(text: &str) -> Option<String> {
    let parts: Vec<u8> = text.split(',').map(|part| part.trim().parse().ok()).collect::<Option<_>>()?;
    match parts.as_slice() {
        [red, green, blue] | [red, green, blue, _] => Some(format!("{red:02X}{green:02X}{blue:02X}")),
        _ => None,
    }
}

fn segments(written: &WrittenRoute, problems: &mut Problems) -> Vec<Shape> {
    let mut segments = Vec::new();
    for (number, segment) in written.trajectory.iter().enumerate() {
        let mut shape = Shape::new();
        for (vertex, at) in segment.iter().enumerate() {
            match place(*at) {
                Ok(place) => shape.push(place),
                Err(reason) => problems.add(problem(written, &format!("trajectory[{number}][{vertex}]"), reason)),
            }
        }
        if shape.len() < 2 {
            let reason = "a segment leads from stop to stop and needs two places";
            problems.add(problem(written, &format!("trajectory[{number}]"), reason));
        } else {
            segments.push(shape);
        }
    }
    segments
}

/// How much of a route its ways are.
struct Covered {
    name: String,
    ways: usize,
    used: usize,
    segments: usize,
}

/// Adds the ways of one route.
fn lay_out(timetable: &mut Timetable, written: &WrittenRoute, route: &RouteId, segments: &[Shape]) -> Covered {
    let own: Vec<&Stop> =
        written.stops.iter().filter_map(id).filter_map(|id| timetable.stops.get(&StopId(id))).collect();
    let mut found: Vec<(Vec<usize>, Vec<StopId>)> = Vec::new();
    for piece in join::pieces(segments) {
        let mut stops: Vec<StopId> = Vec::new();
        for end in join::ends(&piece, segments) {
            let stop = nearest(own.iter().copied(), end, OWN_STOP_M)
                .or_else(|| nearest(timetable.stops.values(), end, ANY_STOP_M));
            stops.extend(stop.filter(|stop| stops.last() != Some(*stop)).cloned());
        }
        found.push((piece, stops));
    }
    // Two stops are a piece of a way, drawn anew or left behind; nobody can be matched to it.
    let left_over = |(piece, stops): &(Vec<usize>, Vec<StopId>)| {
        stops.len() < 3
            || piece.len() < 3
                && found.iter().any(|(longer, on)| longer.len() > piece.len() && stops.iter().all(|s| on.contains(s)))
    };
    let ways: Vec<&(Vec<usize>, Vec<StopId>)> = found.iter().filter(|way| !left_over(way)).collect();
    let shapes: Vec<Shape> = ways.iter().map(|(piece, _)| join::line(piece, segments)).collect();
    let turns = matches!(shapes.as_slice(), [there, back] if turns(there, back));
    let used: usize = ways.iter().map(|(piece, _)| piece.len()).sum();
    let covered = Covered { name: written.name.clone(), ways: ways.len(), used, segments: segments.len() };
    for (number, ((_, stops), shape)) in ways.iter().zip(shapes).enumerate() {
        let shape_id = format!("{route}-{}", number + 1);
        timetable.trajectories.push(Trajectory {
            route: route.clone(),
            direction: turns.then_some(number as u8),
            headsign: None,
            shape: Some(shape_id.clone()),
            stops: stops.clone(),
        });
        timetable.shapes.insert(shape_id, shape);
    }
    covered
}

fn nearest<'a>(stops: impl Iterator<Item = &'a Stop>, to: Position, within_m: f64) -> Option<&'a StopId> {
    stops
        .map(|stop| (stop.position.distance_m(to), &stop.id))
        .filter(|(far_m, _)| *far_m <= within_m)
        .min_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, id)| id)
}

/// Whether two ways are there and back.
fn turns(there: &Shape, back: &Shape) -> bool {
    let near = |a: Option<&Position>, b: Option<&Position>| a.zip(b).is_some_and(|(a, b)| a.distance_m(*b) <= TURN_M);
    near(there.last(), back.first()) && near(back.last(), there.first())
}

fn summary(timetable: &Timetable, covered: &[Covered], unplaced: usize) -> Vec<String> {
    let broken = covered.iter().filter(|route| route.used * 10 < route.segments * 9 || route.ways == 0);
    let mut notes: Vec<String> = broken
        .map(|Covered { name, ways, used, segments }| {
            let why = "the others join nothing, or fewer than three stops lie on them";
            format!("route {name:?}: {used} of {segments} segments make {ways} ways; {why}")
        })
        .collect();
    let on_ways: BTreeSet<&StopId> = timetable.trajectories.iter().flat_map(|way| &way.stops).collect();
    notes.push(format!(
        "{} of {} routes have ways for nine tenths of their segments; {} ways in all, {} of {} stops lie on them",
        covered.len() - notes.len(),
        covered.len(),
        timetable.trajectories.len(),
        on_ways.len(),
        timetable.stops.len()
    ));
    if unplaced > 0 {
        notes.push(format!("{unplaced} ids in the stopPoints of routes are not in {STOPS}"));
    }
    notes
}

#[cfg(test)]
mod tests;
