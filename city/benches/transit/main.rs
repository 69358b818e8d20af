//! Trip matching and arrival prediction against a simulated city whose truth is known.
//!
//! `cargo bench -p misto-city --bench transit` prints the tables for the scoring seeds, with `-- develop` those
//! for the development seeds.

mod facts;
mod report;
mod scoring;
#[allow(dead_code, reason = "the tests use other parts of it than the benchmark")]
mod simulator;

use std::time::Instant as Stopwatch;

use misto_city::transit::Network;
use scoring::Predictor;
use scoring::baselines::{Delay, Schedule, TransitClock};
use scoring::replay::{Asked, learn, replay};
use scoring::tally::Score;
use scoring::truth::Truth;
use simulator::plan::DAYS;
use simulator::routes::Size;
use simulator::{City, noise};

/// How much of a city is simulated and asked, so that all three take minutes.
struct Extent {
    size: Size,
    /// Days at the end that are scored.
    scored: usize,
    /// Of vehicles and half minutes, one of so many is asked.
    one_of: u64,
}

const EXTENTS: [Extent; 3] = [
    Extent { size: Size::Small, scored: 14, one_of: 1 },
    Extent { size: Size::Middle, scored: 7, one_of: 3 },
    Extent { size: Size::Large, scored: 3, one_of: 8 },
];

fn main() {
    let develop = std::env::args().any(|argument| argument == "develop");
    let seeds = if develop { noise::DEVELOPMENT_SEEDS } else { noise::SCORING_SEEDS };
    for (extent, seed) in EXTENTS.iter().zip(seeds) {
        run(extent, seed);
    }
}

fn run(extent: &Extent, seed: u64) {
    let city = City::new(extent.size, seed);
    facts::print(&format!("{:?} city, seed {seed}", extent.size), &city, 0..7);
    let network = Network::new(city.timetable().clone()).expect("a known time zone");
    let truth = Truth::new(&city, &network);
    let mut predictors: Vec<Box<dyn Predictor + '_>> =
        vec![Box::new(Schedule(&network)), Box::new(Delay(&network)), Box::new(TransitClock::new(&network))];
    let mut scores = vec![Score::default(); predictors.len()];
    let begun = Stopwatch::now();
    for number in 0..DAYS {
        let day = city.day(number);
        if number < DAYS - extent.scored {
            learn(&truth.visits(&day), &mut predictors);
        } else {
            replay(&truth, &day, Asked { score: true, one_of: extent.one_of }, &mut predictors, &mut scores, None);
        }
    }
    println!(
        "  predictions: learnt {} days, scored {}, one of {} vehicles and half minutes; {:.0} s",
        DAYS - extent.scored,
        extent.scored,
        extent.one_of,
        begun.elapsed().as_secs_f64()
    );
    report::heading();
    for (predictor, score) in predictors.iter().zip(&scores) {
        report::line(predictor.name(), score);
    }
}
