//! What a resident is told at a stop: what comes, what should come, what has gone.

use std::collections::HashSet;

use misto_model::{Instant, StopId, VehicleKey, WheelchairAccess};
use serde::{Deserialize, Serialize};

use super::assignment::{Assignment, Held, StopVisit};
use super::network::{Network, PatternIndex, Planned, Run};
use super::prediction::{Predicted, Range};

mod planned;

pub(crate) use planned::state as unclaimed;

/// A vehicle with what is predicted for it.
#[derive(Debug, Clone, Copy)]
pub struct Tracked<'a> {
    /// Who.
    pub vehicle: &'a VehicleKey,
    /// What it does.
    pub assignment: &'a Assignment,
    /// Of [`predict`](super::predict).
    pub predictions: &'a [Predicted],
}

/// What is known of the city when a board is made.
#[derive(Clone, Copy)]
pub struct Situation<'a> {
    /// When.
    pub now: Instant,
    /// Every vehicle that may concern the stop, silent ones too.
    pub vehicles: &'a [Tracked<'a>],
    /// Visits of the last minutes, at least three; those of other stops are passed over,
    /// but tell that a run is under way.
    pub visits: &'a [StopVisit],
    /// Whether a feed told that a run does not take place.
    pub cancelled: &'a dyn Fn(Run) -> bool,
    /// What the register of vehicles says; `None` when it does not know.
    pub low_floor: &'a dyn Fn(&VehicleKey) -> Option<bool>,
    /// Seconds after its last fix at which a vehicle counts as lost.
    pub lost_after_s: f64,
    /// How far ahead the board looks, seconds.
    pub ahead_s: f64,
    /// At most so many rows.
    pub limit: usize,
}

/// One row of a board.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrival {
    /// On which way; it tells route, direction and headsign.
    pub pattern: PatternIndex,
    /// Which call of the pattern the stop is.
    pub call: usize,
    /// Which trip; `None` when only the way of a vehicle is known.
    pub run: Option<Run>,
    /// What the timetable says; `None` without a trip.
    pub planned: Option<Planned>,
    /// Which vehicle; `None` when none is known.
    pub vehicle: Option<VehicleKey>,
    /// Whether it can be boarded without a step; `None` when nobody says.
    pub low_floor: Option<LowFloor>,
    /// What is known of it.
    pub state: ArrivalState,
}

/// Low floor, and who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LowFloor {
    /// Whether it is.
    pub is: bool,
    /// Who says so.
    pub source: LowFloorSource,
}

/// Who says whether a vehicle has a low floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LowFloorSource {
    /// The register, of this very vehicle.
    Register,
    /// The timetable, of the trip as it is planned (GTFS trips.txt, `wheelchair_accessible`).
    Timetable,
}

/// What is known of an arrival.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ArrivalState {
    /// A vehicle is on its way.
    Predicted {
        /// When it comes.
        arrival: Range,
        /// When it leaves.
        departure: Range,
        /// Stops it has to go, 0 when this is the next; `None` while it drives its trip before this.
        stops_away: Option<usize>,
        /// Metres it has to drive; `None` while it drives its trip before this.
        metres_away: Option<f64>,
        /// Seconds since its last fix.
        fix_age_s: f64,
    },
    /// Planned, and no vehicle is expected to have the trip yet.
    Scheduled,
    /// A vehicle left within the last three minutes.
    Passed {
        /// When it left.
        at: Instant,
    },
    /// The trip should be under way, vehicles of the route report, and none has this trip.
    NotRunning,
    /// The trip should be under way; whether it is, nobody tells: no vehicle of the route
    /// reports, or one does whose trip is not known.
    Unknown,
    /// The vehicle fell silent on its way here.
    Lost {
        /// Its last fix.
        last_fix: Instant,
        /// Seconds since.
        fix_age_s: f64,
    },
    /// Its vehicle stands in the middle of the trip, or left its way, for so long that nobody
    /// can tell when it comes.
    Held {
        /// Which of the two.
        why: Held,
        /// Since when.
        since: Instant,
    },
    /// Told by a feed.
    Cancelled,
}

/// How long a vehicle that left is shown, seconds.
pub const PASSED_S: f64 = 180.0;

/// Rows of one stop in the order in which a resident waits for them: what passed, then
/// by the likely, else the planned departure. A trip that ends at the stop is no row:
/// nobody can board it.
pub fn board(network: &Network, stop: &StopId, situation: &Situation<'_>) -> Vec<Arrival> {
    let at_stop = network.calls_at(stop);
    let boarding: Vec<(PatternIndex, usize)> =
        at_stop.iter().copied().filter(|(pattern, call)| call + 1 < network.pattern(*pattern).calls.len()).collect();
    let mut rows = passed(&boarding, situation);
    let mut taken: HashSet<(Run, usize)> = rows.iter().filter_map(|row| Some((row.run?, row.call))).collect();
    rows.extend(coming(network, &boarding, situation, &mut taken));
    rows.extend(held(&boarding, situation, &mut taken));
    rows.extend(planned::rows(network, &boarding, situation, &taken));
    rows.retain(|row| row.run.is_none_or(|run| network.may_board(run.trip, row.call)));
    for row in &mut rows {
        row.planned = row.run.and_then(|run| network.planned(run, row.call));
        row.low_floor = low_floor(network, row, situation);
    }
    rows.retain(|row| row.expected().is_none_or(|at| at.seconds_since(situation.now) <= situation.ahead_s));
    rows.sort_by_key(|row| {
        (!matches!(row.state, ArrivalState::Passed { .. }), row.expected().map(Instant::micros), row.run)
    });
    rows.truncate(situation.limit);
    rows
}

impl Arrival {
    fn new(
        pattern: PatternIndex,
        call: usize,
        run: Option<Run>,
        vehicle: Option<&VehicleKey>,
        state: ArrivalState,
    ) -> Self {
        Self { pattern, call, run, planned: None, vehicle: vehicle.cloned(), low_floor: None, state }
    }

    /// The moment by which rows are ordered: the likely departure, else the planned one;
    /// `None` for a lost vehicle without a trip.
    pub fn expected(&self) -> Option<Instant> {
        match self.state {
            ArrivalState::Predicted { departure, .. } => Some(departure.likely),
            ArrivalState::Passed { at } => Some(at),
            _ => self.planned.map(|planned| Instant::from_timestamp(planned.departure)),
        }
    }
}

fn passed(boarding: &[(PatternIndex, usize)], situation: &Situation<'_>) -> Vec<Arrival> {
    let recent = situation.visits.iter().filter(|visit| {
        boarding.contains(&(visit.pattern, visit.call))
            && (0.0..=PASSED_S).contains(&situation.now.seconds_since(visit.departure))
    });
    let row = |visit: &StopVisit| {
        let state = ArrivalState::Passed { at: visit.departure };
        Arrival::new(visit.pattern, visit.call, visit.run, Some(&visit.vehicle), state)
    };
    recent.map(row).collect()
}

/// Rows of vehicles that have the stop before them. Of two that claim one trip the one
/// that is on it already counts, then the one that speaks latest.
fn coming(
    network: &Network,
    boarding: &[(PatternIndex, usize)],
    situation: &Situation<'_>,
    taken: &mut HashSet<(Run, usize)>,
) -> Vec<Arrival> {
    let mut vehicles: Vec<&Tracked<'_>> = situation.vehicles.iter().collect();
    vehicles.sort_by_key(|tracked| std::cmp::Reverse(tracked.assignment.fix_time.micros()));
    let mut rows = Vec::new();
    for on_it in [true, false] {
        for tracked in &vehicles {
            for predicted in tracked.predictions {
                let way = (predicted.pattern, predicted.call);
                let of_now =
                    (Some(predicted.pattern), predicted.run) == (tracked.assignment.pattern, tracked.assignment.run);
                if of_now != on_it || !boarding.contains(&way) {
                    continue;
                }
                if predicted.run.is_none_or(|run| !(situation.cancelled)(run) && taken.insert((run, predicted.call))) {
                    rows.push(row_of(network, tracked, predicted, of_now, situation));
                }
            }
        }
    }
    rows
}

/// Rows of vehicles that have the stop before them and do not come on.
fn held(
    boarding: &[(PatternIndex, usize)],
    situation: &Situation<'_>,
    taken: &mut HashSet<(Run, usize)>,
) -> Vec<Arrival> {
    let mut rows = Vec::new();
    for tracked in situation.vehicles {
        let assignment = tracked.assignment;
        let (Some((why, since)), Some(next)) = (assignment.held(), assignment.next_call) else { continue };
        let fix_age_s = situation.now.seconds_since(assignment.fix_time).max(0.0);
        let state = if fix_age_s > situation.lost_after_s {
            ArrivalState::Lost { last_fix: assignment.fix_time, fix_age_s }
        } else {
            ArrivalState::Held { why, since }
        };
        let before_it = boarding.iter().filter(|(pattern, call)| assignment.pattern == Some(*pattern) && *call >= next);
        for &(pattern, call) in before_it {
            let run = assignment.run;
            if run.is_none_or(|run| !(situation.cancelled)(run) && taken.insert((run, call))) {
                rows.push(Arrival::new(pattern, call, run, Some(tracked.vehicle), state));
            }
        }
    }
    rows
}

fn row_of(
    network: &Network,
    tracked: &Tracked<'_>,
    predicted: &Predicted,
    of_now: bool,
    situation: &Situation<'_>,
) -> Arrival {
    let assignment = tracked.assignment;
    let fix_age_s = situation.now.seconds_since(assignment.fix_time).max(0.0);
    let state = if fix_age_s > situation.lost_after_s {
        ArrivalState::Lost { last_fix: assignment.fix_time, fix_age_s }
    } else {
        let here_m = network.pattern(predicted.pattern).calls[predicted.call].along_m;
        let metres = assignment.along_m.map(|along_m| (here_m - along_m).max(0.0));
        let stops = assignment.next_call.and_then(|next| predicted.call.checked_sub(next));
        ArrivalState::Predicted {
            arrival: predicted.arrival,
            departure: predicted.departure,
            stops_away: stops.filter(|_| of_now),
            metres_away: metres.filter(|_| of_now),
            fix_age_s,
        }
    };
    Arrival::new(predicted.pattern, predicted.call, predicted.run, Some(tracked.vehicle), state)
}

fn low_floor(network: &Network, row: &Arrival, situation: &Situation<'_>) -> Option<LowFloor> {
    let registered = row.vehicle.as_ref().and_then(|vehicle| (situation.low_floor)(vehicle));
    if let Some(is) = registered {
        return Some(LowFloor { is, source: LowFloorSource::Register });
    }
    let is = match network.trip(row.run?.trip).wheelchair_accessible {
        WheelchairAccess::Yes => true,
        WheelchairAccess::No => false,
        WheelchairAccess::Unknown => return None,
    };
    Some(LowFloor { is, source: LowFloorSource::Timetable })
}

#[cfg(test)]
mod tests;
