//! The tables of a service day as delimited text (RFC 4180); `stop_visits` and
//! `trips_performed` with the fields of TIDES 1.0. An empty cell is unknown.

use std::io::Write;

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use misto_city::transit::Network;
use misto_city::transit::headway::{DayVisits, LineReport, StopReport, StopVisitRow, TripPerformed};
use misto_ingest::files::write::WriteError;

use super::report::{Asked, LineFigures, ReportParams, StopFigures, floors, number};
use crate::app::Shared;
use crate::auth::Dispatcher;
use crate::export::piped;
use crate::problem::{Answer, Problem};
use crate::routes::extract::{Params, Segments};

const LINES: &[&str] = &[
    "service_date",
    "route_id",
    "route",
    "direction_id",
    "visits",
    "trips_planned",
    "trips_run",
    "trips_run_share",
    "trips_without_plan",
    "kilometres",
    "floor_known",
    "low_floor",
    "low_floor_share",
];
const STOPS: &[&str] = &[
    "service_date",
    "route_id",
    "direction_id",
    "stop_id",
    "stop",
    "observations",
    "planned",
    "mean_headway_s",
    "planned_headway_s",
    "planned_is",
    "average_wait_s",
    "excess_wait_s",
    "compared",
    "bunched",
    "bunched_share",
    "gaps",
    "gaps_share",
    "timed",
    "on_time",
    "on_time_share",
];
const STOP_VISITS: &[&str] = &[
    "service_date",
    "trip_id_performed",
    "trip_stop_sequence",
    "scheduled_stop_sequence",
    "vehicle_id",
    "dwell",
    "stop_id",
    "schedule_arrival_time",
    "schedule_departure_time",
    "actual_arrival_time",
    "actual_departure_time",
    "distance",
    "schedule_relationship",
];
const TRIPS_PERFORMED: &[&str] = &[
    "service_date",
    "trip_id_performed",
    "vehicle_id",
    "trip_id_scheduled",
    "route_id",
    "route_type",
    "shape_id",
    "direction_id",
    "block_id",
    "trip_start_stop_id",
    "trip_end_stop_id",
    "schedule_trip_start",
    "schedule_trip_end",
    "actual_trip_start",
    "actual_trip_end",
    "trip_type",
    "schedule_relationship",
];

#[derive(Clone, Copy)]
enum Table {
    Lines,
    Stops,
    StopVisits,
    TripsPerformed,
}

impl Table {
    fn of_file(file: &str) -> Option<Self> {
        match file {
            "lines.csv" => Some(Self::Lines),
            "stops.csv" => Some(Self::Stops),
            "stop_visits.csv" => Some(Self::StopVisits),
            "trips_performed.csv" => Some(Self::TripsPerformed),
            _ => None,
        }
    }
}

/// A table of the report: `lines.csv` and `stops.csv` as in the report, `stop_visits.csv` and
/// `trips_performed.csv` with the fields of TIDES 1.0. Moments are UTC. A text that a
/// spreadsheet would take for a formula begins with an apostrophe.
#[utoipa::path(get, path = "/dispatch/reports/transit/{file}", tag = "dispatch",
    params(("file" = String, Path, description = "lines.csv, stops.csv, stop_visits.csv or trips_performed.csv"), ReportParams),
    responses((status = 200, description = "CSV"), (status = 400, body = Problem), (status = 401, body = Problem),
              (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn report_table(
    State(app): State<Shared>,
    _: Dispatcher,
    Segments(file): Segments<String>,
    Params(params): Params<ReportParams>,
) -> Answer<Response> {
    let unknown = "the tables are lines.csv, stops.csv, stop_visits.csv and trips_performed.csv";
    let table = Table::of_file(&file).ok_or_else(|| Problem::not_found(unknown))?;
    let asked = Asked::of(&app, &params)?;
    let visits = asked.read(&app).await?.visits;
    let disposition = format!("attachment; filename=\"{}_{file}\"", asked.day);
    let disposition = HeaderValue::from_str(&disposition).map_err(|_| Problem::internal())?;
    let body = piped(move |out| {
        let of_day = DayVisits::new(&asked.loaded.network, asked.day, &visits);
        write(out, table, &asked, &of_day, &app)
    });
    let mut response = body.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    Ok(response)
}

fn write(
    out: &mut dyn Write,
    table: Table,
    asked: &Asked,
    of_day: &DayVisits<'_>,
    app: &Shared,
) -> Result<u64, WriteError> {
    let network = &asked.loaded.network;
    match table {
        Table::Lines => {
            let lines = asked.lines(of_day, &floors(app));
            rows(out, LINES, lines.iter().map(|line| line_row(network, asked, line)))
        }
        Table::Stops => {
            let stops = asked.stops(of_day);
            rows(out, STOPS, stops.iter().map(|stop| stop_row(network, asked, stop)))
        }
        Table::StopVisits => rows(out, STOP_VISITS, of_day.stop_visits().map(|row| stop_visit(&row))),
        Table::TripsPerformed => rows(out, TRIPS_PERFORMED, of_day.trips_performed().map(|row| trip(&row))),
    }
}

fn rows(out: &mut dyn Write, header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Result<u64, WriteError> {
    let failed = |error: csv::Error| match error.into_kind() {
        csv::ErrorKind::Io(error) => WriteError::Io(error),
        other => WriteError::Format(format!("{other:?}")),
    };
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(header).map_err(failed)?;
    let mut count = 0;
    for row in rows {
        writer.write_record(row).map_err(failed)?;
        count += 1;
    }
    writer.flush()?;
    Ok(count)
}

fn line_row(network: &Network, asked: &Asked, line: &LineReport) -> Vec<String> {
    let figures = LineFigures::of(line);
    vec![
        asked.day.to_string(),
        text(&line.route.0),
        text(&number(network, &line.route).unwrap_or_default()),
        known(line.direction),
        figures.visits.to_string(),
        figures.trips_planned.to_string(),
        known(figures.trips_run),
        known(figures.trips_run_share),
        known(figures.trips_without_plan),
        known(figures.kilometres),
        known(figures.floor_known),
        known(figures.low_floor),
        known(figures.low_floor_share),
    ]
}

fn stop_row(network: &Network, asked: &Asked, stop: &StopReport) -> Vec<String> {
    let figures = StopFigures::of(stop);
    let name = network.timetable().stops.get(&stop.stop).map(|stop| stop.name.as_str());
    vec![
        asked.day.to_string(),
        text(&stop.route.0),
        known(stop.direction),
        text(&stop.stop.0),
        text(name.unwrap_or_default()),
        figures.observations.to_string(),
        figures.planned.to_string(),
        known(figures.mean_headway_s),
        known(figures.planned_headway_s),
        known(figures.planned_is),
        known(figures.average_wait_s),
        known(figures.excess_wait_s),
        figures.compared.to_string(),
        figures.bunched.to_string(),
        known(figures.bunched_share),
        figures.gaps.to_string(),
        known(figures.gaps_share),
        figures.timed.to_string(),
        figures.on_time.to_string(),
        known(figures.on_time_share),
    ]
}

fn stop_visit(row: &StopVisitRow) -> Vec<String> {
    vec![
        row.service_date.to_string(),
        text(&row.trip_id_performed),
        row.trip_stop_sequence.to_string(),
        known(row.scheduled_stop_sequence),
        text(&row.vehicle.to_string()),
        whole(row.dwell_s),
        text(&row.stop_id.0),
        known(row.schedule_arrival_time.map(moment)),
        known(row.schedule_departure_time.map(moment)),
        moment(row.actual_arrival_time.timestamp()),
        moment(row.actual_departure_time.timestamp()),
        known(row.distance_m.map(whole)),
        known(row.schedule_relationship),
    ]
}

fn trip(row: &TripPerformed) -> Vec<String> {
    vec![
        row.service_date.to_string(),
        text(&row.trip_id_performed),
        text(&row.vehicle.to_string()),
        text(row.trip_id_scheduled.as_ref().map(|id| id.0.as_str()).unwrap_or_default()),
        text(&row.route_id.0),
        known(row.route_type.and_then(route_type)),
        text(row.shape_id.as_deref().unwrap_or_default()),
        known(row.direction_id),
        text(row.block_id.as_deref().unwrap_or_default()),
        text(&row.trip_start_stop_id.0),
        text(&row.trip_end_stop_id.0),
        known(row.schedule_trip_start.map(moment)),
        known(row.schedule_trip_end.map(moment)),
        moment(row.actual_trip_start.timestamp()),
        moment(row.actual_trip_end.timestamp()),
        row.trip_type.to_owned(),
        row.schedule_relationship.to_owned(),
    ]
}

/// A number or word of ours; empty when nobody knows it.
fn known(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn whole(value: f64) -> String {
    format!("{}", value.max(0.0).round() as u64)
}

/// A text from elsewhere. A spreadsheet takes one that begins with these characters for a
/// formula (OWASP, CSV injection); behind an apostrophe it stays a text.
fn text(value: &str) -> String {
    if value.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{value}") } else { value.to_owned() }
}

/// To the second, UTC.
fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The words of TIDES for the `route_type` of GTFS and its extension by hundreds.
fn route_type(number: u16) -> Option<&'static str> {
    Some(match number {
        0 | 900..=999 => "Tram / Streetcar / Light rail",
        1 | 400..=404 => "Subway / Metro",
        2 | 100..=199 => "Rail",
        3 | 200..=299 | 700..=799 => "Bus",
        4 | 1000..=1099 | 1200..=1299 => "Ferry",
        5 => "Cable tram",
        6 | 1300..=1399 => "Aerial lift",
        7 | 1400..=1499 => "Funicular",
        11 | 800..=899 => "Trolleybus",
        12 | 405 => "Monorail",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula() {
        for formula in ["=1+1", "+380", "-1", "@SUM(A1)", "\t=1"] {
            assert_eq!(text(formula), format!("'{formula}"));
        }
        assert_eq!(text("Об'їзд = так"), "Об'їзд = так");
    }

    #[test]
    fn a_row_has_a_cell_for_each_name_and_quotes_what_it_must() {
        let mut out = Vec::new();
        rows(&mut out, &["a", "b"], [vec![text("x,\"y\""), known(None::<f64>)]].into_iter()).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "a,b\n\"x,\"\"y\"\"\",\n");
        let (seconds, day) = (Timestamp::from_second(1_764_028_800).unwrap(), "2025-11-25".parse().unwrap());
        let at = misto_model::Instant::from_timestamp(seconds);
        let row = StopVisitRow {
            service_date: day,
            trip_id_performed: "x:/1@0".to_owned(),
            trip_stop_sequence: 1,
            scheduled_stop_sequence: None,
            vehicle: "x:/1".parse().unwrap(),
            stop_id: misto_model::StopId("s".to_owned()),
            schedule_arrival_time: None,
            schedule_departure_time: None,
            actual_arrival_time: at,
            actual_departure_time: at,
            distance_m: None,
            dwell_s: 0.4,
            schedule_relationship: None,
        };
        let row = stop_visit(&row);
        assert_eq!((row.len(), row[9].as_str(), row[11].as_str()), (STOP_VISITS.len(), "2025-11-25T00:00:00Z", ""));
    }
}
