//! A journey as JSON: legs with their moments, ranges and sentences. Absent = unknown.

use misto_city::journey::{
    Catch, ChangeBasis, Journey, Leg, Moment, RestsOn, Ride, RideState, Walk, WalkBasis, WalkLeg,
};
use misto_city::transit::Network;
use misto_city::transit::Range;
use misto_city::transit::arrivals::LowFloorSource;
use misto_model::{Audience, Instant, StopId};
use serde_json::{Map, Value, json};

use super::words;
use crate::transit::shown::Shown;

/// What telling needs beside the journey.
pub(super) struct Telling<'a> {
    pub(super) network: &'a Network,
    pub(super) shown: Option<&'a Shown>,
    pub(super) audience: Audience,
    pub(super) step_free: bool,
}

impl Telling<'_> {
    pub(super) fn journey(&self, journey: &Journey) -> Value {
        let legs: Vec<Value> = journey.legs.iter().map(|leg| self.leg(leg)).collect();
        let rests_on: Vec<Value> = journey.rests_on.iter().map(rests_on).collect();
        let mut told = json!({
            "leave": second(journey.leave),
            "arrive": second(journey.arrive),
            "duration_s": journey.arrive.seconds_since(journey.leave).round(),
            "changes": journey.changes(),
            "legs": legs,
            "rests_on": rests_on,
        });
        add_range(&mut told, "arrives", journey.arrives_within);
        told
    }

    fn leg(&self, leg: &Leg) -> Value {
        let mut told = match leg {
            Leg::Walk(walk) => self.walk(walk),
            Leg::Change { from, to, length_m, takes_s, basis, step_free } => {
                let mut told = json!({
                    "kind": "change",
                    "from": self.stop(from),
                    "to": self.stop(to),
                    "takes_s": takes_s,
                    "basis": change_basis(*basis),
                });
                add(&mut told, "length_m", length_m.map(f64::round));
                add(&mut told, "step_free", *step_free);
                told
            }
            Leg::Ride(ride) => self.ride(ride),
        };
        told["text"] = words::leg(self, leg);
        told
    }

    fn walk(&self, leg: &WalkLeg) -> Value {
        let mut told = way(&leg.walk);
        told["kind"] = json!("walk");
        told["leave"] = json!(second(leg.leave));
        add(&mut told, "from", leg.from.as_ref().map(|stop| self.stop(stop)));
        add(&mut told, "to", leg.to.as_ref().map(|stop| self.stop(stop)));
        told
    }

    fn ride(&self, ride: &Ride) -> Value {
        let pattern = self.network.pattern(ride.pattern);
        let trip = self.network.trip(ride.run.trip);
        let calls = &pattern.calls[ride.calls.0..=ride.calls.1];
        let mut told = json!({
            "kind": "ride",
            "route": self.route_number(ride),
            "route_id": pattern.route.to_string(),
            "trip_id": trip.id.to_string(),
            "service_day": ride.run.day.to_string(),
            "from": self.stop(&calls[0].stop),
            "to": self.stop(&calls[calls.len() - 1].stop),
            "between": calls[1..calls.len() - 1].iter().map(|call| self.stop_name(&call.stop)).collect::<Vec<_>>(),
            "board": moment(&ride.board),
            "alight": moment(&ride.alight),
            "catch": catch(ride.catch),
        });
        add(&mut told, "headsign", self.headsign(ride));
        let vehicle = ride.vehicle.as_ref();
        add(&mut told, "vehicle", vehicle.and_then(|key| super::vehicle_id(self.shown, key, self.audience)));
        add(&mut told, "low_floor", ride.low_floor.map(|floor| floor.is));
        let source = |source| if source == LowFloorSource::Register { "vehicle" } else { "timetable" };
        add(&mut told, "low_floor_source", ride.low_floor.map(|floor| source(floor.source)));
        let (state, fix_age_s) = match ride.state {
            RideState::Predicted { fix_age_s } => ("predicted", Some(fix_age_s.round())),
            RideState::Scheduled => ("scheduled", None),
            RideState::Unknown => ("unknown", None),
            RideState::Lost { fix_age_s } => ("lost", Some(fix_age_s.round())),
        };
        told["state"] = json!(state);
        add(&mut told, "fix_age_s", fix_age_s);
        told
    }

    /// Number of the route as passengers know it.
    pub(super) fn route_number(&self, ride: &Ride) -> String {
        let route = self.network.timetable().routes.get(&self.network.pattern(ride.pattern).route);
        route
            .map(|route| if route.short_name.trim().is_empty() { &route.long_name } else { &route.short_name })
            .cloned()
            .unwrap_or_default()
    }

    pub(super) fn headsign(&self, ride: &Ride) -> Option<String> {
        let trip = self.network.trip(ride.run.trip);
        trip.headsign.clone().or_else(|| self.network.pattern(ride.pattern).headsign.clone())
    }

    pub(super) fn stop_name(&self, id: &StopId) -> String {
        self.network.timetable().stops.get(id).map_or_else(|| id.to_string(), |stop| stop.name.clone())
    }

    fn stop(&self, id: &StopId) -> Value {
        let mut told = json!({"id": id.to_string(), "name": self.stop_name(id)});
        if let Some(stop) = self.network.timetable().stops.get(id) {
            told["position"] = json!([stop.position.lon.degrees(), stop.position.lat.degrees()]);
            let boards = match stop.wheelchair_boarding {
                misto_model::WheelchairAccess::Yes => Some(true),
                misto_model::WheelchairAccess::No => Some(false),
                misto_model::WheelchairAccess::Unknown => None,
            };
            add(&mut told, "wheelchair_boarding", boards);
        }
        told
    }
}

/// A way on foot.
pub(super) fn way(walk: &Walk) -> Value {
    let basis = match walk.basis {
        WalkBasis::Network => "network",
        WalkBasis::Straight => "straight",
    };
    let mut told = json!({"length_m": walk.length_m.round(), "takes_s": walk.walk_s, "basis": basis});
    for (name, pieces) in [("barriers", &walk.barriers), ("unmeasured", &walk.unmeasured)] {
        add(&mut told, name, (!pieces.is_empty()).then_some(pieces));
    }
    told
}

fn change_basis(basis: ChangeBasis) -> &'static str {
    match basis {
        ChangeBasis::SameStop => "same_stop",
        ChangeBasis::Timetable => "timetable",
        ChangeBasis::Pathways => "pathways",
        ChangeBasis::Straight => "straight",
    }
}

fn moment(moment: &Moment) -> Value {
    let mut told = json!({
        "time": second(moment.likely()),
        "planned_time": second(moment.planned),
        "scheduled": moment.expected.is_none(),
    });
    if let Some(range) = moment.expected {
        told["earliest"] = json!(second(range.earliest));
        told["latest"] = json!(second(range.latest));
    }
    told
}

fn catch(catch: Catch) -> Value {
    // A probability is no better than its hundredth.
    let hundredths = |probability: f64| (probability * 100.0).round() / 100.0;
    match catch {
        Catch::Likely { probability } => json!({"is": "likely", "probability": hundredths(probability)}),
        Catch::Tight { probability } => json!({"is": "tight", "probability": hundredths(probability)}),
        Catch::ByPlan { spare_s } => json!({"is": "by_plan", "spare_s": spare_s.round()}),
    }
}

fn rests_on(on: &RestsOn) -> Value {
    let (code, leg) = match on {
        RestsOn::StraightWalk { leg } => ("straight_walk", leg),
        RestsOn::Unmeasured { leg } => ("unmeasured_way", leg),
        RestsOn::UnknownSteps { leg } => ("unknown_steps", leg),
        RestsOn::UnknownFloor { leg } => ("unknown_floor", leg),
        RestsOn::UnknownBoarding { leg } => ("unknown_boarding", leg),
        RestsOn::TimetableOnly { leg } => ("timetable_only", leg),
        RestsOn::NotConfirmed { leg } => ("not_confirmed", leg),
        RestsOn::Lost { leg } => ("vehicle_lost", leg),
    };
    json!({"code": code, "leg": leg, "text": words::rests_on(code)})
}

fn add_range(told: &mut Value, name: &str, range: Option<Range>) {
    if let Some(range) = range {
        told[format!("{name}_earliest")] = json!(second(range.earliest));
        told[format!("{name}_latest")] = json!(second(range.latest));
    }
}

fn add(told: &mut Value, name: &str, value: Option<impl serde::Serialize>) {
    if let (Some(value), Some(told)) = (value, told.as_object_mut().map(|told: &mut Map<String, Value>| told)) {
        told.insert(name.to_owned(), json!(value));
    }
}

/// A prediction is no better than its second.
fn second(at: Instant) -> String {
    Instant::from_seconds(at.micros().div_euclid(1_000_000)).unwrap_or(at).to_string()
}
