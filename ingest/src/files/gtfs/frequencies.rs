//! frequencies.txt: trips that repeat at a headway are written out one by one,
//! since a timetable knows trips only.

use std::collections::{BTreeMap, HashSet};

use misto_model::{Trip, TripId};

use super::Problem;
use super::fields;
use super::tables::{Problems, Row, Table};

/// More repetitions than a city's day holds are a slip of the pen.
const MAX_DEPARTURES: u32 = 100_000;
/// Stop times that they are written out to; a large city has a tenth of it.
const MAX_STOP_TIMES: usize = 5_000_000;

struct Frequency {
    trip: TripId,
    start_s: u32,
    end_s: u32,
    headway_s: u32,
}

/// Replaces each trip that has frequencies by its departures; the id of a
/// departure is the trip's, `@`, and the seconds of its start.
pub(super) fn expand(table: &Table, trips: &mut Vec<Trip>, notes: &mut Vec<String>, problems: &mut Problems) {
    let columns = ["trip_id", "start_time", "end_time", "headway_secs"];
    if table.is_missing() || !table.has_columns(&columns, problems) {
        return;
    }
    let mut by_trip: BTreeMap<TripId, Vec<Frequency>> = BTreeMap::new();
    let mut departures = 0_u32;
    let known: HashSet<TripId> = trips.iter().map(|trip| trip.id.clone()).collect();
    table.each(problems, |row, problems| match frequency(row) {
        Ok(one) if !known.contains(&one.trip) => problems.dangling(row, "trip_id", &["trips.txt"]),
        Ok(one) => {
            let before = by_trip.get(&one.trip).into_iter().flatten();
            if before.into_iter().any(|other| one.start_s < other.end_s && other.start_s < one.end_s) {
                let reason = format!("trip {} has another headway at the same time", one.trip);
                problems.add(row.problem("start_time", reason));
            }
            departures = departures.saturating_add((one.end_s - one.start_s).div_ceil(one.headway_s));
            by_trip.entry(one.trip.clone()).or_default().push(one);
        }
        Err(problem) => problems.add(problem),
    });
    let stop_times = trips
        .iter()
        .filter_map(|trip| {
            let departures: usize = by_trip.get(&trip.id)?.iter().map(|one| one.departures().len()).sum();
            Some(trip.stop_times.len().saturating_mul(departures))
        })
        .fold(0, usize::saturating_add);
    if stop_times > MAX_STOP_TIMES {
        problems.add(table.problem(
            0,
            "headway_secs",
            format!("the file asks for {stop_times} stop times, more than {MAX_STOP_TIMES}"),
        ));
        return;
    }
    if departures > MAX_DEPARTURES {
        problems.add(table.problem(
            0,
            "headway_secs",
            format!("the file asks for more than {MAX_DEPARTURES} departures"),
        ));
        return;
    }
    let mut written_out = Vec::new();
    let mut repeated = 0;
    for trip in std::mem::take(trips) {
        match by_trip.remove(&trip.id) {
            None => written_out.push(trip),
            Some(frequencies) => {
                repeated += 1;
                written_out.extend(frequencies.iter().flat_map(|f| f.departures()).map(|start| shifted(&trip, start)));
            }
        }
    }
    *trips = written_out;
    if repeated > 0 {
        notes.push(format!("{repeated} trips repeat at a headway: written out as {departures} departures"));
    }
}

fn frequency(row: &Row<'_>) -> Result<Frequency, Problem> {
    let time = |field: &str| fields::time(row, field)?.ok_or_else(|| row.problem(field, "this is required and empty"));
    let (start_s, end_s) = (time("start_time")?, time("end_time")?);
    let exact = row.text("exact_times");
    if !matches!(exact, "" | "0" | "1") {
        return Err(row.problem("exact_times", format!("{exact:?} is neither 0 nor 1")));
    }
    let headway_s = fields::number::<u32>(row, "headway_secs")?;
    if headway_s == 0 {
        return Err(row.problem("headway_secs", "a headway of 0 seconds has no end of departures"));
    }
    if end_s <= start_s {
        return Err(row.problem("end_time", "the end does not lie after the start"));
    }
    Ok(Frequency { trip: TripId(fields::required(row, "trip_id")?), start_s, end_s, headway_s })
}

impl Frequency {
    fn departures(&self) -> impl ExactSizeIterator<Item = u32> + use<> {
        (self.start_s..self.end_s).step_by(self.headway_s as usize)
    }
}

/// The trip with its first departure at `start_s`.
fn shifted(trip: &Trip, start_s: u32) -> Trip {
    let first = trip.stop_times.first().and_then(|t| t.departure_s.or(t.arrival_s)).unwrap_or(0);
    // Times of one trip never lie before its first departure; arrival at the first stop may.
    let shift = |time: Option<u32>| time.map(|t| (start_s + t).saturating_sub(first));
    let mut trip = trip.clone();
    trip.id = TripId(format!("{}@{start_s}", trip.id));
    for time in &mut trip.stop_times {
        time.arrival_s = shift(time.arrival_s);
        time.departure_s = shift(time.departure_s);
    }
    trip
}
