//! routes.txt, trips.txt and stop_times.txt.

use std::collections::{BTreeMap, HashMap};

use misto_model::{Agency, Route, RouteId, ServiceCalendar, ServiceId, Shape, StopId, StopTime, Trip, TripId};

use super::stops::Locations;
use super::tables::{Problems, Row, Table};
use super::{Problem, fields};

/// A trip while its stop times come in.
pub(super) struct Draft {
    pub trip: Trip,
    /// Line of each stop time, in the order of the file.
    lines: Vec<u64>,
}

pub(super) fn routes(table: &Table, agencies: &[Agency], problems: &mut Problems) -> BTreeMap<RouteId, Route> {
    let mut routes = BTreeMap::new();
    if !table.required(problems) || !table.has_columns(&["route_id", "route_type"], problems) {
        return routes;
    }
    table.each(problems, |row, problems| match route(row) {
        Ok(route) => {
            let known = |id: &String| agencies.iter().any(|agency| agency.id.as_ref() == Some(id));
            if route.agency.as_ref().is_some_and(|id| !known(id)) {
                problems.dangling(row, "agency_id", &["agency.txt"]);
            }
            let id = route.id.clone();
            if routes.insert(id.clone(), route).is_some() {
                problems.add(row.problem("route_id", format!("{id} stands in the file twice")));
            }
        }
        Err(problem) => problems.refuse(row, "route_id", problem),
    });
    routes
}

fn route(row: &Row<'_>) -> Result<Route, Problem> {
    let (short_name, long_name) = (row.text("route_short_name").to_owned(), row.text("route_long_name").to_owned());
    if short_name.is_empty() && long_name.is_empty() {
        return Err(row.problem("route_short_name", "a route needs a short or a long name"));
    }
    Ok(Route {
        id: RouteId(fields::required(row, "route_id")?),
        short_name,
        long_name,
        route_type: fields::number(row, "route_type")?,
        color: fields::color(row, "route_color")?,
        text_color: fields::color(row, "route_text_color")?,
        agency: row.optional("agency_id"),
        description: row.optional("route_desc"),
        url: row.optional("route_url"),
        sort_order: fields::optional_number(row, "route_sort_order")?,
    })
}

pub(super) fn read(
    table: &Table,
    routes: &BTreeMap<RouteId, Route>,
    services: &BTreeMap<ServiceId, ServiceCalendar>,
    shapes: &BTreeMap<String, Shape>,
    problems: &mut Problems,
) -> HashMap<TripId, Draft> {
    let mut trips = HashMap::new();
    if !table.required(problems) || !table.has_columns(&["route_id", "service_id", "trip_id"], problems) {
        return trips;
    }
    table.each(problems, |row, problems| match trip(row) {
        Ok(trip) => {
            if !routes.contains_key(&trip.route) {
                problems.dangling(row, "route_id", &["routes.txt"]);
            }
            if !services.contains_key(&trip.service) {
                problems.dangling(row, "service_id", &["calendar.txt", "calendar_dates.txt"]);
            }
            if trip.shape.as_ref().is_some_and(|shape| !shapes.contains_key(shape)) {
                problems.dangling(row, "shape_id", &["shapes.txt"]);
            }
            let id = trip.id.clone();
            if trips.insert(id.clone(), Draft { trip, lines: Vec::new() }).is_some() {
                problems.add(row.problem("trip_id", format!("{id} stands in the file twice")));
            }
        }
        Err(problem) => problems.refuse(row, "trip_id", problem),
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
        id: TripId(fields::required(row, "trip_id")?),
        route: RouteId(fields::required(row, "route_id")?),
        service: ServiceId(fields::required(row, "service_id")?),
        headsign: row.optional("trip_headsign"),
        direction,
        shape: row.optional("shape_id"),
        block: row.optional("block_id"),
        wheelchair_accessible: fields::wheelchair(row, "wheelchair_accessible")?,
        short_name: row.optional("trip_short_name"),
        bikes_allowed: fields::allowed(row, "bikes_allowed")?,
        stop_times: Vec::new(),
    })
}

/// Gives the trips their stop times; how many rows there were.
pub(super) fn stop_times(
    table: &Table,
    trips: &mut HashMap<TripId, Draft>,
    locations: &Locations,
    problems: &mut Problems,
) -> u64 {
    let mut count = 0;
    if !table.required(problems) || !table.has_columns(&["trip_id", "stop_id", "stop_sequence"], problems) {
        return count;
    }
    table.each(problems, |row, problems| {
        count += 1;
        let found = stop_time(row);
        let stop = row.text("stop_id");
        match found {
            Ok((trip, stop_time)) => {
                if locations.places.contains_key(&stop_time.stop) {
                    let reason = format!("{stop} is a station or an entrance, where nothing stops");
                    problems.add(row.problem("stop_id", reason));
                } else if !locations.stops.contains_key(&stop_time.stop) {
                    problems.dangling(row, "stop_id", &["stops.txt"]);
                }
                match trips.get_mut(&trip) {
                    Some(draft) => {
                        draft.trip.stop_times.push(stop_time);
                        draft.lines.push(row.line);
                    }
                    None => problems.dangling(row, "trip_id", &["trips.txt"]),
                }
            }
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

fn stop_time(row: &Row<'_>) -> Result<(TripId, StopTime), Problem> {
    let trip = TripId(fields::required(row, "trip_id")?);
    let stop = StopId(fields::required(row, "stop_id")?);
    let (arrival_s, departure_s) = (fields::time(row, "arrival_time")?, fields::time(row, "departure_time")?);
    if let (Some(arrival), Some(departure)) = (arrival_s, departure_s)
        && departure < arrival
    {
        return Err(row.problem("departure_time", "the departure lies before the arrival"));
    }
    let timepoint = match row.text("timepoint") {
        "" => None,
        "0" => Some(false),
        "1" if arrival_s.or(departure_s).is_none() => {
            return Err(row.problem("timepoint", "a stop whose times are held needs times"));
        }
        "1" => Some(true),
        other => return Err(row.problem("timepoint", format!("{other:?} is neither 0 nor 1"))),
    };
    let sequence = fields::number(row, "stop_sequence")?;
    let (pickup, drop_off) = (fields::boarding(row, "pickup_type")?, fields::boarding(row, "drop_off_type")?);
    let headsign = row.optional("stop_headsign").map(String::into_boxed_str);
    Ok((trip, StopTime { stop, sequence, arrival_s, departure_s, pickup, drop_off, timepoint, headsign }))
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
