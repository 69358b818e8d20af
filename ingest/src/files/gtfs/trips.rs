//! routes.txt, trips.txt and stop_times.txt.

use std::collections::{BTreeMap, HashMap};

use misto_model::{Route, RouteId, ServiceCalendar, ServiceId, Shape, StopId, StopTime, Trip, TripId};

use super::stops::Location;
use super::tables::{Problems, Row, Table};
use super::{Problem, fields, required};

/// A trip while its stop times come in.
pub(super) struct Draft {
    pub trip: Trip,
    /// Line of each stop time, in the order of the file.
    lines: Vec<u64>,
}

pub(super) fn routes(table: &Table, problems: &mut Problems) -> BTreeMap<RouteId, Route> {
    let mut routes = BTreeMap::new();
    if !required(table, problems) || !table.has_columns(&["route_id", "route_type"], problems) {
        return routes;
    }
    table.each(problems, |row, problems| match route(row) {
        Ok(route) => {
            let id = route.id.clone();
            if routes.insert(id.clone(), route).is_some() {
                problems.add(row.problem("route_id", format!("{id} stands in the file twice")));
            }
        }
        Err(problem) => problems.add(problem),
    });
    routes
}

fn route(row: &Row<'_>) -> Result<Route, Problem> {
    let (short_name, long_name) = (row.text("route_short_name").to_owned(), row.text("route_long_name").to_owned());
    if short_name.is_empty() && long_name.is_empty() {
        return Err(row.problem("route_short_name", "a route needs a short or a long name"));
    }
    let color = row.optional("route_color").map(|color| color.to_uppercase());
    if let Some(wrong) = color.as_deref().filter(|c| c.len() != 6 || !c.bytes().all(|b| b.is_ascii_hexdigit())) {
        return Err(row.problem("route_color", format!("{wrong:?} is no colour such as 00539F")));
    }
    let id = RouteId(fields::id(row, "route_id")?);
    Ok(Route { id, short_name, long_name, route_type: fields::number(row, "route_type")?, color })
}

pub(super) fn read(
    table: &Table,
    routes: &BTreeMap<RouteId, Route>,
    services: &BTreeMap<ServiceId, ServiceCalendar>,
    shapes: &BTreeMap<String, Shape>,
    problems: &mut Problems,
) -> HashMap<TripId, Draft> {
    let mut trips = HashMap::new();
    if !required(table, problems) || !table.has_columns(&["route_id", "service_id", "trip_id"], problems) {
        return trips;
    }
    table.each(problems, |row, problems| {
        let checked = trip(row).and_then(|trip| match () {
            () if !routes.contains_key(&trip.route) => {
                Err(row.problem("route_id", format!("{} is not in routes.txt", trip.route)))
            }
            () if !services.contains_key(&trip.service) => Err(row.problem(
                "service_id",
                format!("{} is neither in calendar.txt nor in calendar_dates.txt", trip.service),
            )),
            () if trip.shape.as_ref().is_some_and(|shape| !shapes.contains_key(shape)) => {
                Err(row.problem("shape_id", format!("{} is not in shapes.txt", row.text("shape_id"))))
            }
            () => Ok(trip),
        });
        match checked {
            Ok(trip) => {
                let id = trip.id.clone();
                if trips.insert(id.clone(), Draft { trip, lines: Vec::new() }).is_some() {
                    problems.add(row.problem("trip_id", format!("{id} stands in the file twice")));
                }
            }
            Err(problem) => problems.add(problem),
        }
    });
    trips
}

fn trip(row: &Row<'_>) -> Result<Trip, Problem> {
    let direction = match row.text("direction_id") {
        "" => None,
        "0" => Some(0),
        "1" => Some(1),
        other => return Err(row.problem("direction_id", format!("{other:?} is neither 0 nor 1"))),
    };
    Ok(Trip {
        id: TripId(fields::id(row, "trip_id")?),
        route: RouteId(fields::id(row, "route_id")?),
        service: ServiceId(fields::id(row, "service_id")?),
        headsign: row.optional("trip_headsign"),
        direction,
        shape: row.optional("shape_id"),
        block: row.optional("block_id"),
        wheelchair_accessible: fields::wheelchair(row, "wheelchair_accessible")?,
        stop_times: Vec::new(),
    })
}

/// Gives the trips their stop times; how many rows there were.
pub(super) fn stop_times(
    table: &Table,
    trips: &mut HashMap<TripId, Draft>,
    stops: &BTreeMap<StopId, Location>,
    problems: &mut Problems,
) -> u64 {
    let mut count = 0;
    if !required(table, problems) || !table.has_columns(&["trip_id", "stop_id", "stop_sequence"], problems) {
        return count;
    }
    table.each(problems, |row, problems| {
        count += 1;
        match stop_time(row, stops) {
            Ok((trip, stop_time)) => match trips.get_mut(&trip) {
                Some(draft) => {
                    draft.trip.stop_times.push(stop_time);
                    draft.lines.push(row.line);
                }
                None => problems.add(row.problem("trip_id", format!("{trip} is not in trips.txt"))),
            },
            Err(problem) => problems.add(problem),
        }
    });
    let mut drafts: Vec<&mut Draft> = trips.values_mut().collect();
    drafts.sort_by(|a, b| a.trip.id.cmp(&b.trip.id));
    for draft in drafts {
        draft.put_in_order(table, problems);
    }
    count
}

fn stop_time(row: &Row<'_>, stops: &BTreeMap<StopId, Location>) -> Result<(TripId, StopTime), Problem> {
    let trip = TripId(fields::id(row, "trip_id")?);
    let stop = StopId(fields::id(row, "stop_id")?);
    match stops.get(&stop) {
        None => return Err(row.problem("stop_id", format!("{stop} is not in stops.txt"))),
        Some(location) if location.boarding.is_none() => {
            return Err(row.problem("stop_id", format!("{stop} is a station or an entrance, where nothing stops")));
        }
        Some(_) => {}
    }
    let (arrival_s, departure_s) = (fields::time(row, "arrival_time")?, fields::time(row, "departure_time")?);
    if let (Some(arrival), Some(departure)) = (arrival_s, departure_s)
        && departure < arrival
    {
        return Err(row.problem("departure_time", "the departure lies before the arrival"));
    }
    Ok((trip, StopTime { stop, sequence: fields::number(row, "stop_sequence")?, arrival_s, departure_s }))
}

impl Draft {
    /// Sorts the stop times and checks that time does not run backwards.
    fn put_in_order(&mut self, table: &Table, problems: &mut Problems) {
        let times = std::mem::take(&mut self.trip.stop_times);
        let mut numbered: Vec<(StopTime, u64)> = times.into_iter().zip(std::mem::take(&mut self.lines)).collect();
        numbered.sort_by_key(|(time, _)| time.sequence);
        let mut latest = 0;
        for (index, (time, line)) in numbered.iter().enumerate() {
            if index > 0 && numbered[index - 1].0.sequence == time.sequence {
                let reason = format!("trip {} has the sequence {} twice", self.trip.id, time.sequence);
                problems.add(table.problem(*line, "stop_sequence", reason));
            }
            if time.arrival_s.or(time.departure_s).is_some_and(|at| at < latest) {
                let reason = format!("trip {} is here before it left the stop before", self.trip.id);
                problems.add(table.problem(*line, "arrival_time", reason));
            }
            latest = latest.max(time.departure_s.or(time.arrival_s).unwrap_or(latest));
        }
        for (time, line) in [numbered.first(), numbered.last()].into_iter().flatten() {
            if time.arrival_s.is_none() && time.departure_s.is_none() {
                let reason = format!("the first and the last stop of trip {} need a time", self.trip.id);
                problems.add(table.problem(*line, "arrival_time", reason));
            }
        }
        self.trip.stop_times = numbered.into_iter().map(|(time, _)| time).collect();
    }
}
