//! Rows in the shape of TIDES 1.0 (Transit ITS Data Exchange Specification): the tables
//! `stop_visits` and `trips_performed`, whose fields stand here in the order of the
//! specification. Fields that Misto cannot know are left out: TIDES does not require them.

use jiff::Timestamp;
use jiff::civil::Date;
use misto_model::{Instant, RouteId, StopId, TripId, VehicleKey};

use crate::transit::assignment::StopVisit;
use crate::transit::network::{Network, Run};

/// A row of `trips_performed`.
#[derive(Debug, Clone, PartialEq)]
pub struct TripPerformed {
    /// `service_date`.
    pub service_date: Date,
    /// `trip_id_performed`: vehicle and first moment, unique within the day.
    pub trip_id_performed: String,
    /// `vehicle_id`; the caller says it in the public's words.
    pub vehicle: VehicleKey,
    /// `trip_id_scheduled`.
    pub trip_id_scheduled: Option<TripId>,
    /// `route_id`.
    pub route_id: RouteId,
    /// `route_type`.
    pub route_type: Option<u16>,
    /// `direction_id`.
    pub direction_id: Option<u8>,
    /// `shape_id`.
    pub shape_id: Option<String>,
    /// `block_id`.
    pub block_id: Option<String>,
    /// `trip_start_stop_id`: the first stop visited.
    pub trip_start_stop_id: StopId,
    /// `trip_end_stop_id`: the last stop visited.
    pub trip_end_stop_id: StopId,
    /// `schedule_trip_start`.
    pub schedule_trip_start: Option<Timestamp>,
    /// `schedule_trip_end`.
    pub schedule_trip_end: Option<Timestamp>,
    /// `actual_trip_start`: departure at the first stop visited.
    pub actual_trip_start: Instant,
    /// `actual_trip_end`: arrival at the last; its departure when it is the first too.
    pub actual_trip_end: Instant,
    /// `trip_type`: only trips with passengers are told.
    pub trip_type: &'static str,
    /// `schedule_relationship`: `Scheduled`, or `Unscheduled` when the trip is not known.
    pub schedule_relationship: &'static str,
    /// Metres along the way between the first and last stop visited (not in TIDES).
    pub distance_m: f64,
    /// Calls visited, and calls of the way (not in TIDES).
    pub calls: (usize, usize),
}

/// A row of `stop_visits`.
#[derive(Debug, Clone, PartialEq)]
pub struct StopVisitRow {
    /// `service_date`.
    pub service_date: Date,
    /// `trip_id_performed`.
    pub trip_id_performed: String,
    /// `trip_stop_sequence`: of the stops visited, from 1 and without a gap.
    pub trip_stop_sequence: usize,
    /// `scheduled_stop_sequence`: `stop_sequence` of the timetable; `None` without a trip.
    pub scheduled_stop_sequence: Option<u32>,
    /// `vehicle_id`; the caller says it in the public's words.
    pub vehicle: VehicleKey,
    /// `stop_id`.
    pub stop_id: StopId,
    /// `schedule_arrival_time`.
    pub schedule_arrival_time: Option<Timestamp>,
    /// `schedule_departure_time`.
    pub schedule_departure_time: Option<Timestamp>,
    /// `actual_arrival_time`.
    pub actual_arrival_time: Instant,
    /// `actual_departure_time`.
    pub actual_departure_time: Instant,
    /// `distance`: metres from the stop visited before; `None` for the first.
    pub distance_m: Option<f64>,
    /// `dwell`, seconds.
    pub dwell_s: f64,
    /// `schedule_relationship`: `Scheduled`; `None` without a trip, since nobody knows what was planned.
    pub schedule_relationship: Option<&'static str>,
}

/// Visits of one vehicle on one trip in a row. Sorted by vehicle and time before.
pub(super) fn drives<'v, 'a>(visits: &'v [&'a StopVisit]) -> impl Iterator<Item = &'v [&'a StopVisit]> {
    let goes_on = |before: &&StopVisit, next: &&StopVisit| {
        (&before.vehicle, before.pattern, before.run) == (&next.vehicle, next.pattern, next.run)
            && before.call < next.call
    };
    visits.chunk_by(goes_on)
}

fn name(first: &StopVisit) -> String {
    format!("{}@{}", first.vehicle, first.arrival.timestamp().as_second())
}

impl TripPerformed {
    pub(super) fn of(network: &Network, day: Date, drive: &[&StopVisit]) -> Option<Self> {
        let (first, last) = (drive.first()?, drive.last()?);
        let pattern = network.pattern(first.pattern);
        let trip = first.run.map(|run| network.trip(run.trip));
        let planned = |call: usize| first.run.and_then(|run| network.planned(run, call));
        Some(Self {
            service_date: day,
            trip_id_performed: name(first),
            vehicle: first.vehicle.clone(),
            trip_id_scheduled: trip.map(|trip| trip.id.clone()),
            route_id: pattern.route.clone(),
            route_type: network.timetable().routes.get(&pattern.route).map(|route| route.route_type),
            direction_id: pattern.direction,
            shape_id: trip.and_then(|trip| trip.shape.clone()),
            block_id: trip.and_then(|trip| trip.block.clone()),
            trip_start_stop_id: pattern.calls[first.call].stop.clone(),
            trip_end_stop_id: pattern.calls[last.call].stop.clone(),
            schedule_trip_start: planned(0).map(|planned| planned.departure),
            schedule_trip_end: planned(pattern.calls.len() - 1).map(|planned| planned.arrival),
            actual_trip_start: first.departure,
            // Of a trip of which one stop alone was observed the end is not before the start.
            actual_trip_end: if drive.len() == 1 { last.departure } else { last.arrival },
            trip_type: "In service",
            schedule_relationship: if first.run.is_some() { "Scheduled" } else { "Unscheduled" },
            distance_m: pattern.calls[last.call].along_m - pattern.calls[first.call].along_m,
            calls: (drive.len(), pattern.calls.len()),
        })
    }
}

fn sequence(network: &Network, run: Run, call: usize) -> Option<u32> {
    network.trip(run.trip).stop_times.get(call).map(|call| call.sequence)
}

pub(super) fn stop_visits(network: &Network, day: Date, drive: &[&StopVisit]) -> Vec<StopVisitRow> {
    let Some(first) = drive.first() else { return Vec::new() };
    let calls = &network.pattern(first.pattern).calls;
    let row = |(place, visit): (usize, &&StopVisit)| {
        let planned = visit.run.and_then(|run| network.planned(run, visit.call));
        let before = place.checked_sub(1).map(|before| calls[drive[before].call].along_m);
        StopVisitRow {
            service_date: day,
            trip_id_performed: name(first),
            trip_stop_sequence: place + 1,
            scheduled_stop_sequence: visit.run.and_then(|run| sequence(network, run, visit.call)),
            vehicle: visit.vehicle.clone(),
            stop_id: calls[visit.call].stop.clone(),
            schedule_arrival_time: planned.map(|planned| planned.arrival),
            schedule_departure_time: planned.map(|planned| planned.departure),
            actual_arrival_time: visit.arrival,
            actual_departure_time: visit.departure,
            distance_m: before.map(|before| calls[visit.call].along_m - before),
            dwell_s: visit.departure.seconds_since(visit.arrival),
            schedule_relationship: visit.run.map(|_| "Scheduled"),
        }
    };
    drive.iter().enumerate().map(row).collect()
}
