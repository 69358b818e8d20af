//! Door to door beside a time-dependent Dijkstra in the same run:
//! `cargo bench -p misto-city --bench journeys`. Half a minute of one core.
//!
//! Cairns (skipped when the recorded data is not there), and a drawn city of 1 600 stops with
//! 160 lines, a bus each ten minutes: 730 000 stop times. Doors are places beside stops, ways
//! on foot at most 800 m; every third run of the day is late, every thirtieth cancelled. Dijkstra
//! gives one earliest arrival, the planner three departures with their legs.

#[path = "../tests/journeys/dijkstra.rs"]
mod dijkstra;
#[path = "../tests/journeys/feed.rs"]
mod feed;
#[path = "../tests/journeys/truth.rs"]
mod truth;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant as Stopwatch;

use jiff::civil::Date;
use misto_city::journey::{ChangeRules, Live, Picture, Planner, Query, StopWalk, When, plan, straight_walks};
use misto_city::transit::{Assignment, MatchReason, Network, Predicted, Range, Run, ServiceState, Tracked};
use misto_model::{
    Instant, Position, Route, RouteId, ServiceCalendar, ServiceId, Stop, StopId, StopTime, Timetable, Trip, TripId,
    VehicleKey, WheelchairAccess,
};
use truth::{CHANGE_S, Facts, NEAR_M, SPEED_M_S, Told, Truth};

const SIDE: usize = 40;
const QUERIES: usize = 300;

fn main() {
    if let Some(path) = feed::recorded("gtfs-cairns/cairns_gtfs.zip") {
        measure("Cairns", feed::timetable(&path), "2014-06-11");
    }
    measure("drawn city", grid(), "2026-06-10");
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

fn measure(name: &str, timetable: Timetable, day: &str) {
    let network = Network::new(timetable).expect("a network");
    let watch = Stopwatch::now();
    let planner = Planner::new(&network, &ChangeRules { change_s: CHANGE_S as u32, near_m: NEAR_M });
    let made_ms = watch.elapsed().as_secs_f64() * 1e3;
    let calls: usize = network.timetable().trips.iter().map(|trip| trip.stop_times.len()).sum();
    println!(
        "{name}: {} stops, {calls} stop times; planner {:.1} MB, {:.1} bytes a stop time, made in {made_ms:.0} ms",
        planner.stops(),
        planner.memory_bytes() as f64 / 1e6,
        planner.memory_bytes() as f64 / calls as f64,
    );
    let day: Date = day.parse().expect("a day");
    let mut dice = Dice(7);
    let (told, cancelled) = disturbed(&network, day, &mut dice);
    let midnight = network.day_start(day).expect("a day").as_second();
    let (live, live_ms) =
        live(&network, &planner, Instant::from_seconds(midnight + 7_200).expect("one"), &told, &cancelled);
    println!("  {} runs followed, laid over the timetable in {live_ms:.1} ms", live.followed());
    for (what, live, told, cancelled) in [
        ("by timetable", &Live::default(), &BTreeMap::new(), &BTreeSet::new()),
        ("with delays", &live, &told, &cancelled),
    ] {
        let truth = Truth::new(&network, day, &Facts { told, cancelled, step_free: false });
        questions(&network, &planner, live, &truth, (what, midnight));
    }
}

fn questions(network: &Network, planner: &Planner, live: &Live, truth: &Truth, (what, midnight): (&str, i64)) {
    let dijkstra = dijkstra::Dijkstra::new(truth);
    let places: Vec<Position> = network.timetable().stops.values().map(|stop| stop.position).collect();
    let mut dice = Dice(11);
    let (mut three, mut one, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    let mut same = 0;
    for _ in 0..QUERIES {
        let mut near = || {
            let place = places[dice.below(places.len() as u64) as usize];
            straight_walks(network.timetable(), place, 800.0, SPEED_M_S)
        };
        let (access, egress) = (near(), near());
        let from = midnight + 18_000 + dice.below(57_600) as i64;
        let when = When::LeaveAt(Instant::from_seconds(from).expect("a moment"));
        let (access, egress) = (access.as_slice(), egress.as_slice());
        let asked = |journeys| Query {
            when,
            access,
            egress,
            direct: None,
            step_free: false,
            speed_m_s: SPEED_M_S,
            rides: 5,
            journeys,
        };
        let (found, ms) = timed(|| plan(network, planner, live, &asked(3)));
        three.push(ms);
        one.push(timed(|| plan(network, planner, live, &asked(1))).1);
        let walk_s = |way: &StopWalk| (truth.numbers[&way.stop], i64::from(way.walk.walk_s));
        let starts: Vec<(usize, i64)> = access.iter().map(walk_s).map(|(stop, walk_s)| (stop, from + walk_s)).collect();
        let door = egress.iter().map(walk_s).collect();
        let ((_, end), ms) = timed(|| dijkstra.arrivals(&starts, Some(&door), from + 86_400));
        theirs.push(ms);
        let found = found.unwrap_or_default().iter().map(|one| truth::seconds(one.arrive)).min();
        same += usize::from(found == Some(end).filter(|end| *end <= from + 86_400));
    }
    println!(
        "  {what}: three departures {}, one {}, Dijkstra's earliest arrival {}; the same arrival {same} of {QUERIES}",
        tell(three),
        tell(one),
        tell(theirs)
    );
}

/// The best of three, milliseconds: what else the machine does is not asked.
fn timed<T>(work: impl Fn() -> T) -> (T, f64) {
    let once = || {
        let watch = Stopwatch::now();
        let done = work();
        (done, watch.elapsed().as_secs_f64() * 1e3)
    };
    let (done, first) = once();
    let more = [once().1, once().1].into_iter().fold(first, f64::min);
    (done, more)
}

fn tell(mut all: Vec<f64>) -> String {
    all.sort_by(f64::total_cmp);
    format!("p50 {:.1} ms p99 {:.1} ms", all[all.len() / 2], all[all.len() * 99 / 100])
}

fn range(seconds: f64) -> Range {
    let at = |seconds: f64| Instant::from_seconds(seconds.round() as i64).expect("a moment");
    Range { earliest: at(seconds - 30.0), likely: at(seconds), latest: at(seconds + 60.0) }
}

fn disturbed(network: &Network, day: Date, dice: &mut Dice) -> (BTreeMap<Run, Told>, BTreeSet<Run>) {
    let (mut told, mut cancelled) = (BTreeMap::new(), BTreeSet::new());
    let start = network.day_start(day).expect("a day").as_second() as f64;
    for trip in &network.timetable().trips {
        let run = Run { trip: network.find_trip(&trip.id).expect("of this network"), day };
        if !network.runs_on(run.trip, day) || network.pattern_of(run.trip).is_none() {
            continue;
        }
        // As many as drive at once in a large city, whatever the timetable.
        if dice.below(30) == 0 {
            cancelled.insert(run);
        } else if dice.below(3) == 0 && told.len() < 1_000 {
            let late_s = dice.below(1_200) as f64;
            let times = network.call_times(run.trip).iter();
            let times = times.map(|at| (range(start + at.arrival_s + late_s), range(start + at.departure_s + late_s)));
            told.insert(run, Told { first: 0, times: times.collect(), low_floor: None });
        }
    }
    (told, cancelled)
}

fn live(
    network: &Network,
    planner: &Planner,
    now: Instant,
    told: &BTreeMap<Run, Told>,
    cancelled: &BTreeSet<Run>,
) -> (Live, f64) {
    let of = |(number, (run, told)): (usize, (&Run, &Told))| {
        let pattern = network.pattern_of(run.trip).expect("a line");
        let key: VehicleKey = format!("bench:city/{number}").parse().expect("a key");
        let assignment = Assignment {
            stands_since: None,
            state: ServiceState::InService,
            reason: MatchReason::Matched,
            pattern: Some(pattern),
            run: Some(*run),
            along_m: Some(0.0),
            next_call: Some(0),
            since: now,
            fix_time: now,
        };
        let ahead = told.times.iter().enumerate().map(|(call, (arrival, departure))| Predicted {
            pattern,
            run: Some(*run),
            call,
            arrival: *arrival,
            departure: *departure,
        });
        (key, assignment, ahead.collect::<Vec<_>>())
    };
    let vehicles: Vec<_> = told.iter().enumerate().map(of).collect();
    let tracked: Vec<Tracked<'_>> = vehicles
        .iter()
        .map(|(vehicle, assignment, predictions)| Tracked { vehicle, assignment, predictions })
        .collect();
    let picture = Picture {
        now,
        vehicles: &tracked,
        visits: &[],
        cancelled,
        low_floor: &|_| None,
        may_drive: &|_, _| true,
        lost_after_s: 120.0,
    };
    timed(|| Live::new(network, planner, &picture))
}

/// Lines along each row and column of a grid of stops 400 m apart, both ways.
fn grid() -> Timetable {
    let id = |x: usize, y: usize| StopId(format!("{x}-{y}"));
    let stop = |x: usize, y: usize| Stop {
        id: id(x, y),
        name: "stop".to_owned(),
        code: None,
        position: Position::new(24.6 + 0.005_46 * x as f64, 48.8 + 0.003_6 * y as f64).expect("a place"),
        wheelchair_boarding: WheelchairAccess::Unknown,
        details: None,
    };
    let mut trips = Vec::new();
    for line in 0..4 * SIDE {
        let (row, way) = (line / 4, line % 4);
        let stops: Vec<StopId> = (0..SIDE)
            .map(|n| if way >= 2 { SIDE - 1 - n } else { n })
            .map(|n| if way % 2 == 0 { id(n, row) } else { id(row, n) })
            .collect();
        for number in 0..114_u32 {
            let start_s = 18_000 + 600 * number + 37 * (line as u32 % 16);
            let call = |(n, stop): (u32, &StopId)| StopTime {
                stop: stop.clone(),
                sequence: n,
                arrival_s: Some(start_s + 80 * n),
                departure_s: Some(start_s + 80 * n + 10),
                ..StopTime::default()
            };
            trips.push(Trip {
                id: TripId(format!("{line}-{number}")),
                route: RouteId(format!("{line}")),
                service: ServiceId("daily".to_owned()),
                stop_times: (0..).zip(&stops).map(call).collect(),
                ..Trip::default()
            });
        }
    }
    let daily = ServiceCalendar {
        weekdays: [true; 7],
        period: Some(("2026-01-01".parse().expect("a day"), "2026-12-31".parse().expect("a day"))),
        exceptions: BTreeMap::new(),
    };
    let route = |line: usize| {
        let id = RouteId(format!("{line}"));
        (id.clone(), Route { id, route_type: 3, ..Route::default() })
    };
    let stops = (0..SIDE).flat_map(|x| (0..SIDE).map(move |y| (x, y))).map(|(x, y)| (id(x, y), stop(x, y)));
    Timetable {
        time_zone: "Europe/Kyiv".to_owned(),
        stops: stops.collect(),
        routes: (0..4 * SIDE).map(route).collect(),
        trips,
        services: [(ServiceId("daily".to_owned()), daily)].into(),
        ..Timetable::default()
    }
}
