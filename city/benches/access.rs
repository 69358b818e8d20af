//! Ten thousand venues judged for one person: `cargo bench -p misto-city --bench access`. Items are venues.
//! A third is measured throughout, a third in part, a third not at all; every tenth has two entrances.

use divan::counter::ItemsCount;
use misto_city::access::judge;
use misto_model::{AccessProfile, Entrance, Venue, WayIn};

const VENUES: usize = 10_000;

fn main() {
    divan::main();
}

fn way(n: usize) -> WayIn {
    let measured = n % 3;
    WayIn {
        door_width_cm: (measured > 0).then_some(60.0 + (n % 50) as f64),
        entrance_steps: (measured == 2).then_some((n % 4) as u32),
        has_ramp: (measured == 2).then_some(n.is_multiple_of(2)),
        ramp_slope_percent: (measured == 2).then_some((n % 20) as f64),
        ramp_length_cm: (measured == 2).then_some(300.0),
        approach_surface: (measured == 2).then(|| "asphalt".to_owned()),
        ..WayIn::default()
    }
}

fn venues() -> Vec<Venue> {
    let entrances = |n: usize| {
        let one = |n| Entrance { way_in: way(n), ..Entrance::default() };
        if n.is_multiple_of(10) { vec![one(n), one(n + 1)] } else { Vec::new() }
    };
    (0..VENUES).map(|n| Venue { way_in: way(n), entrances: entrances(n), ..Venue::default() }).collect()
}

#[divan::bench]
fn verdicts(bencher: divan::Bencher) {
    let venues = venues();
    let person = AccessProfile {
        chair_width_cm: Some(68.0),
        max_slope_percent: Some(8.0),
        max_climb_cm: Some(80.0),
        needs_firm_surface: true,
        needs_toilet: true,
        ..AccessProfile::default()
    };
    bencher.counter(ItemsCount::new(VENUES)).bench(|| {
        venues
            .iter()
            .filter_map(|venue| judge(divan::black_box(venue), &person))
            .filter(|(_, why)| why.is_empty())
            .count()
    });
}
