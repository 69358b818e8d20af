//! When a vehicle came to the stops of its way and left them, from its fixes.
//!
//! A visit is told when the vehicle has left the zone of the call, at the last call when it
//! came. Between two fixes the moment is interpolated with the speed at which the
//! vehicle drove before. A call that lies in a gap of more than
//! [`VisitRules::gap_s`] between two fixes has no visit: the moment would be invented.

use super::network::Pattern;

/// How visits are read from fixes.
#[derive(Debug, Clone, PartialEq)]
pub struct VisitRules {
    /// A vehicle is at a call from so far before it to so far behind it, metres; less where
    /// calls lie closer together.
    pub zone_m: f64,
    /// Between two fixes farther apart than this nothing is interpolated, seconds.
    pub gap_s: f64,
}

impl Default for VisitRules {
    fn default() -> Self {
        Self { zone_m: 25.0, gap_s: 90.0 }
    }
}

/// A call that the vehicle has passed; seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Passed {
    pub call: usize,
    pub arrival_s: f64,
    pub departure_s: f64,
}

/// How far a vehicle has come on one trip.
#[derive(Debug, Clone)]
pub(super) struct Passage {
    next: usize,
    at_s: f64,
    along_m: f64,
    /// When it came into the zone of the next call; `None` when it is not there yet.
    arrival: Option<Arrival>,
    /// Speed between two calls, metres a second; `None` before it drove.
    cruise_m_s: Option<f64>,
    doors_open_s: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Arrival {
    At(f64),
    /// It came during a gap, or was there when first seen.
    Unknown,
}

/// Slower than this is no driving between stops, metres a second.
const DRIVING_M_S: f64 = 3.0;

impl Passage {
    /// Begins where the vehicle was first seen on the way.
    pub(super) fn new(pattern: &Pattern, rules: &VisitRules, at_s: f64, along_m: f64) -> Self {
        let next = pattern.calls.iter().enumerate().position(|(call, place)| {
            let zone_m = zone_m(pattern, call, rules);
            along_m <= place.along_m + zone_m
        });
        let next = next.unwrap_or(pattern.calls.len());
        let inside = pattern.calls.get(next).is_some_and(|c| along_m >= c.along_m - zone_m(pattern, next, rules));
        // At the first call the departure counts, so the arrival may be when it was first seen.
        let arrival = inside.then_some(if next == 0 { Arrival::At(at_s) } else { Arrival::Unknown });
        Self { next, at_s, along_m, arrival, cruise_m_s: None, doors_open_s: None }
    }

    /// The call that comes next, or at which it stands; the number of calls beyond the last.
    pub(super) fn next(&self) -> usize {
        self.next
    }

    /// Moves on to a distance from the start and tells what was passed. A distance that lies
    /// behind counts as standing.
    pub(super) fn push(
        &mut self,
        pattern: &Pattern,
        rules: &VisitRules,
        (at_s, along_m): (f64, f64),
        doors_open: bool,
        passed: &mut Vec<Passed>,
    ) {
        let step = Step {
            from_s: self.at_s,
            to_s: at_s,
            from_m: self.along_m,
            to_m: along_m.max(self.along_m),
            cruise_m_s: self.cruise_m_s,
            gap: at_s - self.at_s > rules.gap_s,
        };
        while let Some(call) = pattern.calls.get(self.next) {
            let (place_m, zone_m) = (call.along_m, zone_m(pattern, self.next, rules));
            if self.arrival.is_none() && step.to_m >= place_m - zone_m {
                self.arrival = Some(step.arrival(place_m));
            }
            let Some(arrival) = self.arrival else { break };
            let last = self.next + 1 == pattern.calls.len();
            if !last && step.to_m <= place_m + zone_m {
                break;
            }
            let left_s = if last { arrival } else { step.departure(place_m, self.doors_open_s) };
            if let (Arrival::At(arrival_s), Arrival::At(left_s)) = (arrival, left_s) {
                let arrival_s = if self.next == 0 { arrival_s.min(left_s) } else { arrival_s };
                passed.push(Passed { call: self.next, arrival_s, departure_s: left_s.max(arrival_s) });
            }
            self.next += 1;
            (self.arrival, self.doors_open_s) = (None, None);
        }
        if doors_open && self.arrival.is_some() {
            self.doors_open_s = Some(at_s);
        }
        let speed_m_s = step.speed_m_s();
        if speed_m_s > DRIVING_M_S && !step.gap {
            self.cruise_m_s = Some(self.cruise_m_s.map_or(speed_m_s, |before| before.mul_add(0.7, 0.3 * speed_m_s)));
        }
        (self.at_s, self.along_m) = (at_s, step.to_m);
    }
}

/// Calls closer together than two zones share the way between them.
fn zone_m(pattern: &Pattern, call: usize, rules: &VisitRules) -> f64 {
    let here_m = pattern.calls[call].along_m;
    let before_m = call.checked_sub(1).map_or(f64::INFINITY, |before| here_m - pattern.calls[before].along_m);
    let after_m = pattern.calls.get(call + 1).map_or(f64::INFINITY, |after| after.along_m - here_m);
    rules.zone_m.min(0.45 * before_m.min(after_m))
}

/// What happened between two fixes.
struct Step {
    from_s: f64,
    to_s: f64,
    from_m: f64,
    to_m: f64,
    cruise_m_s: Option<f64>,
    gap: bool,
}

impl Step {
    fn speed_m_s(&self) -> f64 {
        if self.to_s > self.from_s { (self.to_m - self.from_m) / (self.to_s - self.from_s) } else { 0.0 }
    }

    /// Part of the step may have been standing, so the vehicle drove at least as fast as
    /// on average, and about as fast as before.
    fn driving_m_s(&self) -> f64 {
        self.cruise_m_s.unwrap_or_default().max(self.speed_m_s())
    }

    /// Driven up to the place and, if the step ends there, stood for the rest.
    fn arrival(&self, place_m: f64) -> Arrival {
        if self.gap {
            return Arrival::Unknown;
        }
        let way_m = (place_m.min(self.to_m) - self.from_m).max(0.0);
        // A step that goes well beyond the place tells nothing of where it stood.
        let speed_m_s = if self.to_m > place_m + 50.0 { self.speed_m_s() } else { self.driving_m_s() };
        Arrival::At(if speed_m_s > 0.0 { (self.from_s + way_m / speed_m_s).min(self.to_s) } else { self.to_s })
    }

    /// Stood first, then drove from the place to where the step ends.
    fn departure(&self, place_m: f64, doors_open_s: Option<f64>) -> Arrival {
        if self.gap {
            return Arrival::Unknown;
        }
        let way_m = (self.to_m - place_m.max(self.from_m)).max(0.0);
        let stood = self.from_m > place_m - 50.0;
        let speed_m_s = if stood { self.driving_m_s() } else { self.speed_m_s() };
        let left_s = if speed_m_s > 0.0 { (self.to_s - way_m / speed_m_s).max(self.from_s) } else { self.to_s };
        Arrival::At(doors_open_s.map_or(left_s, |open_s| left_s.max(open_s)))
    }
}
