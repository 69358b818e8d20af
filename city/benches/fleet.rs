//! Memory of one vehicle in the live state, and the cost of one more fix, as the fleet
//! grows. Bytes are what is asked of the allocator; what it rounds up comes on top.

use std::time::Instant as Stopwatch;

use misto_city::fleet::{Fleet, FleetRules, Observed};
use misto_model::{Instant, Position, VehicleKind, VehiclePosition};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// 2026-06-01T00:00:00Z.
const BEGIN: i64 = 1_780_272_000;
/// Updates of one measurement.
const UPDATES: usize = 200_000;
/// Measurements, of which the middle one is printed.
const ROUNDS: usize = 5;

/// A bus as the Helsinki region's vehicles describe themselves, with all that is kept of it.
fn fix(vehicle: usize, seconds: i64) -> VehiclePosition {
    let at = Instant::from_seconds(BEGIN + seconds).expect("a moment");
    VehiclePosition {
        vehicle: format!("hfp:0018/{vehicle:05}").parse().expect("a key"),
        position: Position::new(24.6 + (vehicle % 1_000) as f64 / 5_000.0, 48.9).expect("a place"),
        fix_time: at,
        received_at: at,
        event: "vp".to_owned(),
        speed_m_s: Some(8.2),
        bearing_deg: Some(90.0),
        accuracy_m: None,
        odometer_m: Some(1_000.0),
        kind: Some(VehicleKind::Bus),
        job: None,
        route: Some(format!("2{:03}", vehicle % 400)),
        route_short_name: Some(format!("{}", vehicle % 400)),
        direction: Some(0),
        headsign: Some("Вокзал".to_owned()),
        trip_start: Some("11:20".to_owned()),
        operating_day: Some("2026-06-01".to_owned()),
        next_stop: Some("1453120".to_owned()),
        delay_s: Some(20),
        doors_open: Some(false),
        occupancy: None,
        plate: None,
        extra: serde_json::from_str(
            r#"{"oper":18,"jrn":1,"line":1,"loc":"GPS","stop":1453120,"acc":0.1,"journey_type":"journey"}"#,
        )
        .expect("JSON"),
        flags: Vec::new(),
    }
}

fn main() {
    let rules = FleetRules { stale_after_s: 60.0, lost_after_s: 300.0, city: None, remember_s: 360.0 };
    println!("live state: vehicles, bytes each, nanoseconds of one update (middle of {ROUNDS}, fastest–slowest)");
    for vehicles in [1_000, 10_000, 100_000, 1_000_000] {
        let before = MEMORY.current_usage();
        let mut fleet = Fleet::default();
        for vehicle in 0..vehicles {
            fleet.observe(fix(vehicle, 0), &rules);
        }
        let bytes = (MEMORY.current_usage() - before) as f64 / vehicles as f64;
        let mut rounds: Vec<f64> = (1..=ROUNDS).map(|round| update(&mut fleet, &rules, vehicles, round)).collect();
        rounds.sort_by(f64::total_cmp);
        println!("{vehicles:9} {bytes:8.0} {:8.0} ({:.0}–{:.0})", rounds[ROUNDS / 2], rounds[0], rounds[ROUNDS - 1]);
    }
}

/// Nanoseconds of one update. Vehicles speak in an order that has nothing to do with where they lie
/// in memory. The fixes are made before: that is the decoder's work.
fn update(fleet: &mut Fleet, rules: &FleetRules, vehicles: usize, round: usize) -> f64 {
    let seconds = 10 * round as i64;
    // A prime step visits all vehicles, none twice before all were once.
    let fixes: Vec<_> = (0..UPDATES.min(vehicles)).map(|n| fix(n * 7_919 % vehicles, seconds)).collect();
    let count = fixes.len();
    let begun = Stopwatch::now();
    for fix in fixes {
        assert_eq!(fleet.observe(fix, rules), Observed::Newest, "a later fix counts");
    }
    begun.elapsed().as_nanos() as f64 / count as f64
}
