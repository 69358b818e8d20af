//! What breaks no rule and still is likely wrong: told, and loaded all the same. After the
//! warnings of the canonical validator (gtfs-validator.mobilitydata.org) that a planner can act on.

use std::collections::{BTreeMap, HashMap, HashSet};

use misto_model::{Position, RouteId, ServiceId, Stop, StopId, StopTime, Timetable, Trip};

/// A stop farther than this from the line of its trip lies elsewhere, or the line does.
const FAR_FROM_SHAPE_M: f64 = 200.0;
/// No bus or tram is faster between two stops (144 km/h).
const FASTEST_M_S: f64 = 40.0;
/// No train is (360 km/h).
const FASTEST_TRAIN_M_S: f64 = 100.0;
/// Timetables are written in whole minutes, so two times may lie this much farther apart.
const ROUNDED_S: u32 = 59;
/// Names told of each doubt.
const TOLD: usize = 3;

pub(super) fn of(timetable: &Timetable) -> Vec<String> {
    [
        silent_trips(timetable),
        far_stops(timetable),
        fast_trips(timetable),
        overlapping_blocks(timetable),
        idle_services(timetable),
        unserved(timetable),
        unowned_routes(timetable),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// `3 stops …: a, b, c`, or nothing.
fn told(found: &[String], what: &str) -> Option<String> {
    let more = if found.len() > TOLD { " …" } else { "" };
    let first = found.iter().take(TOLD).cloned().collect::<Vec<_>>().join(", ");
    (!found.is_empty()).then(|| format!("{} {what}: {first}{more}", found.len()))
}

fn silent_trips(timetable: &Timetable) -> Option<String> {
    let short = |trip: &&Trip| trip.stop_times.len() < 2;
    let found: Vec<String> = timetable.trips.iter().filter(short).map(|trip| trip.id.to_string()).collect();
    told(&found, "trips have fewer than two stop times and take nobody anywhere")
}

fn far_stops(timetable: &Timetable) -> Option<String> {
    let mut seen: HashSet<(&str, &StopId)> = HashSet::new();
    let mut found = Vec::new();
    for trip in &timetable.trips {
        let Some((id, shape)) = trip.shape.as_ref().and_then(|id| timetable.shapes.get_key_value(id)) else { continue };
        for call in &trip.stop_times {
            let Some(stop) = timetable.stops.get(&call.stop) else { continue };
            if !seen.insert((id, &stop.id)) {
                continue;
            }
            let off_m = distance_to_line_m(stop.position, shape);
            if off_m > FAR_FROM_SHAPE_M {
                found.push(format!("stop {} at {off_m:.0} m from shape {id}", stop.id));
            }
        }
    }
    told(&found, "stops lie farther than 200 m from the shape of their trip")
}

/// Metres; plane around the place, right to 1 % within the few kilometres that matter here.
fn distance_to_line_m(place: Position, line: &[Position]) -> f64 {
    const PER_DEGREE_M: f64 = 111_195.08;
    let per_lon_m = PER_DEGREE_M * place.lat.degrees().to_radians().cos();
    let flat = |p: &Position| {
        let (x, y) = (p.lon.degrees() - place.lon.degrees(), p.lat.degrees() - place.lat.degrees());
        (x * per_lon_m, y * PER_DEGREE_M)
    };
    let to_segment = |pair: &[Position]| {
        let ((ax, ay), (bx, by)) = (flat(&pair[0]), flat(&pair[1]));
        let (dx, dy) = (bx - ax, by - ay);
        let length = dx * dx + dy * dy;
        let part = if length > 0.0 { (-(ax * dx + ay * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
        (ax + part * dx).hypot(ay + part * dy)
    };
    line.windows(2).map(to_segment).fold(f64::INFINITY, f64::min)
}

fn fast_trips(timetable: &Timetable) -> Option<String> {
    let found: Vec<String> = timetable.trips.iter().filter_map(|trip| too_fast(timetable, trip)).collect();
    told(&found, "trips are faster than any vehicle of their kind")
}

fn too_fast(timetable: &Timetable, trip: &Trip) -> Option<String> {
    let kind = timetable.routes.get(&trip.route)?.route_type;
    let fastest = if kind == 2 || (100..200).contains(&kind) { FASTEST_TRAIN_M_S } else { FASTEST_M_S };
    let timed: Vec<(&Stop, &StopTime)> = (trip.stop_times.iter())
        .filter(|call| call.arrival_s.or(call.departure_s).is_some())
        .filter_map(|call| Some((timetable.stops.get(&call.stop)?, call)))
        .collect();
    timed.windows(2).find_map(|pair| {
        let [(from, left), (to, came)] = pair else { return None };
        let (left, came) = (left.departure_s.or(left.arrival_s)?, came.arrival_s.or(came.departure_s)?);
        let rounded = if left % 60 == 0 && came % 60 == 0 { ROUNDED_S } else { 0 };
        let took_s = came.saturating_sub(left) + rounded;
        let way_m = from.position.distance_m(to.position);
        let speed = way_m / f64::from(took_s.max(1));
        (speed > fastest).then(|| format!("{} ({} – {}, {speed:.0} m/s)", trip.id, from.id, to.id))
    })
}

/// Begin, end, trip.
type Driven<'a> = (u32, u32, &'a Trip);

fn overlapping_blocks(timetable: &Timetable) -> Option<String> {
    let mut blocks: BTreeMap<(&str, &ServiceId), Vec<Driven<'_>>> = BTreeMap::new();
    for trip in &timetable.trips {
        let (Some(block), Some((first, last))) = (&trip.block, trip.stop_times.first().zip(trip.stop_times.last()))
        else {
            continue;
        };
        let ends = first.departure_s.or(first.arrival_s).zip(last.arrival_s.or(last.departure_s));
        if let Some((from, to)) = ends {
            blocks.entry((block, &trip.service)).or_default().push((from, to, trip));
        }
    }
    let mut found = Vec::new();
    for ((block, _), mut trips) in blocks {
        trips.sort_by_key(|(from, to, trip)| (*from, *to, &trip.id));
        let overlap = trips.windows(2).find(|pair| pair[1].0 < pair[0].1);
        found.extend(overlap.map(|pair| format!("{block} (trips {} and {})", pair[0].2.id, pair[1].2.id)));
    }
    told(&found, "blocks have one vehicle drive two trips at a time")
}

fn idle_services(timetable: &Timetable) -> Option<String> {
    let idle = timetable.services.iter().filter(|(_, service)| service.first_day().is_none());
    told(&idle.map(|(id, _)| id.to_string()).collect::<Vec<_>>(), "services run on no day")
}

fn unserved(timetable: &Timetable) -> Option<String> {
    let mut calls: HashMap<&StopId, u64> = HashMap::new();
    timetable
        .trips
        .iter()
        .flat_map(|trip| &trip.stop_times)
        .for_each(|call| *calls.entry(&call.stop).or_default() += 1);
    let on_ways = timetable.trajectories.iter().flat_map(|way| &way.stops);
    on_ways.for_each(|stop| *calls.entry(stop).or_default() += 1);
    let unserved = timetable.stops.keys().filter(|stop| !calls.contains_key(stop));
    told(&unserved.map(ToString::to_string).collect::<Vec<_>>(), "stops are served by no trip")
}

fn unowned_routes(timetable: &Timetable) -> Option<String> {
    let several = timetable.agencies.len() > 1;
    let without = timetable.routes.values().filter(|route| several && route.agency.is_none());
    let found: Vec<String> = without.map(|route| RouteId::to_string(&route.id)).collect();
    told(&found, "routes do not say which of the agencies runs them (agency_id)")
}
