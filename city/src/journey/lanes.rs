//! The trips of each pattern in lanes: within a lane no trip overtakes another, so that the
//! first one that can be boarded is the first to arrive everywhere.

use std::collections::HashMap;

use misto_model::{Boarding, StopId, WheelchairAccess};

use crate::transit::{Network, PatternIndex, TripIndex};

/// Seconds after noon minus 12 h of the service day; departure is never before arrival, nor
/// arrival before the departure of the call before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Time {
    pub(super) arrival: i32,
    pub(super) departure: i32,
}

#[derive(Debug)]
pub(super) struct LaneTrip {
    pub(super) index: TripIndex,
    pub(super) service: u32,
    pub(super) floor: WheelchairAccess,
}

#[derive(Debug)]
pub(super) struct Lane {
    pub(super) pattern: PatternIndex,
    pub(super) stops: Box<[u32]>,
    pub(super) boards: Box<[bool]>,
    pub(super) alights: Box<[bool]>,
    pub(super) trips: Vec<LaneTrip>,
    /// Services of its trips.
    pub(super) services: Vec<u32>,
    /// Trip by trip.
    times: Vec<Time>,
}

impl Lane {
    pub(super) fn time(&self, trip: usize, call: usize) -> Time {
        self.times[trip * self.stops.len() + call]
    }

    /// When its first trip begins and its last one ends.
    pub(super) fn spans(&self) -> (i32, i32) {
        let ends = self.times.first().zip(self.times.last());
        ends.map_or((0, 0), |(first, last)| (first.arrival, last.departure))
    }

    fn takes(&self, times: &[Time]) -> bool {
        let last = &self.times[self.times.len() - self.stops.len()..];
        last.iter().zip(times).all(|(a, b)| a.arrival <= b.arrival && a.departure <= b.departure)
    }
}

/// Every lane of a network, and where they call.
#[derive(Debug)]
pub(crate) struct Lanes {
    pub(super) stops: Vec<StopId>,
    pub(super) numbers: HashMap<StopId, u32>,
    /// Boarding with a wheelchair, by number of the stop.
    pub(super) boarding: Vec<WheelchairAccess>,
    pub(super) lanes: Vec<Lane>,
    /// Lanes that call at a stop, and which of their calls it is.
    pub(super) at_stop: Vec<Vec<(u32, u16)>>,
    pub(super) services: Vec<misto_model::ServiceId>,
    /// Lane and place in it of a trip.
    pub(super) places: HashMap<TripIndex, (u32, u32)>,
    /// The latest arrival of a service day.
    pub(super) latest_s: i32,
}

impl Lanes {
    pub(super) fn new(network: &Network) -> Self {
        let timetable = network.timetable();
        let stops: Vec<StopId> = timetable.stops.keys().cloned().collect();
        let numbers: HashMap<StopId, u32> = stops.iter().cloned().zip(0..).collect();
        let boarding = timetable.stops.values().map(|stop| stop.wheelchair_boarding).collect();
        let services: Vec<_> = timetable.services.keys().cloned().collect();
        let at_stop = vec![Vec::new(); stops.len()];
        let mut made = Self {
            stops,
            numbers,
            boarding,
            lanes: Vec::new(),
            at_stop,
            services,
            places: HashMap::new(),
            latest_s: 0,
        };
        let service_numbers: HashMap<_, u32> = timetable.services.keys().zip(0..).collect();
        for (index, pattern) in network.patterns() {
            let own = made.lanes.len();
            for &trip in &pattern.trips {
                // A trip of a service without a calendar never runs.
                let Some(&service) = service_numbers.get(&network.trip(trip).service) else { continue };
                made.add(network, (index, trip), service, own);
            }
        }
        made.call_at_stops();
        made
    }

    fn add(&mut self, network: &Network, (pattern, index): (PatternIndex, TripIndex), service: u32, own: usize) {
        let trip = network.trip(index);
        if trip.stop_times.iter().all(|call| call.arrival_s.or(call.departure_s).is_none()) {
            return;
        }
        let times = times(network, index);
        let last = times.len() - 1;
        let may = |call: usize, how: Boarding, not_at: usize| call != not_at && how != Boarding::None;
        let boards: Box<[bool]> = trip.stop_times.iter().enumerate().map(|(n, at)| may(n, at.pickup, last)).collect();
        let alights: Box<[bool]> = trip.stop_times.iter().enumerate().map(|(n, at)| may(n, at.drop_off, 0)).collect();
        let fits = |lane: &Lane| lane.boards == boards && lane.alights == alights && lane.takes(&times);
        let place = self.lanes[own..].iter().position(fits).map(|place| own + place);
        let place = place.unwrap_or_else(|| {
            let stops = network.pattern(pattern).calls.iter().map(|call| self.numbers[&call.stop]).collect();
            self.lanes.push(Lane {
                pattern,
                stops,
                boards,
                alights,
                trips: Vec::new(),
                services: Vec::new(),
                times: Vec::new(),
            });
            self.lanes.len() - 1
        });
        let lane = &mut self.lanes[place];
        self.latest_s = self.latest_s.max(times[last].arrival);
        self.places.insert(index, (place as u32, lane.trips.len() as u32));
        if !lane.services.contains(&service) {
            lane.services.push(service);
        }
        lane.trips.push(LaneTrip { index, service, floor: trip.wheelchair_accessible });
        lane.times.extend(times);
    }

    fn call_at_stops(&mut self) {
        for (number, lane) in self.lanes.iter().enumerate() {
            for (call, stop) in lane.stops.iter().enumerate() {
                self.at_stop[*stop as usize].push((number as u32, call as u16));
            }
        }
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let of_lane = |lane: &Lane| {
            size_of::<Lane>()
                + lane.stops.len() * (size_of::<u32>() + 2)
                + lane.trips.capacity() * size_of::<LaneTrip>()
                + lane.times.capacity() * size_of::<Time>()
        };
        let ids: usize = self.stops.iter().map(|id| 2 * (id.0.capacity() + size_of::<StopId>()) + 8).sum();
        let calls: usize = self.at_stop.iter().map(|calls| calls.capacity() * 8 + 24).sum();
        self.lanes.iter().map(of_lane).sum::<usize>() + ids + calls + self.places.capacity() * 16
    }
}

/// The planned times in whole seconds, none before the one before it.
fn times(network: &Network, trip: TripIndex) -> Vec<Time> {
    let mut before = i32::MIN;
    let mut not_before = |seconds: f64| {
        before = before.max(seconds.round() as i32);
        before
    };
    let both = network.call_times(trip).iter();
    both.map(|call| Time { arrival: not_before(call.arrival_s), departure: not_before(call.departure_s) }).collect()
}
