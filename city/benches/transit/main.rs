//! Trip matching and arrival prediction against a simulated city whose truth is known.
//!
//! `cargo bench -p misto-city --bench transit` prints the tables for the scoring seeds, with `-- develop` those
//! for the development seeds; `small`, `middle` or `large` chooses a city. About six minutes of one core.

mod facts;
mod misto;
mod report;
mod scoring;
#[allow(dead_code, reason = "the tests use other parts of it than the benchmark")]
mod simulator;

use std::time::Instant as Stopwatch;

use misto::{Heard, Told};
use misto_city::transit::Network;
use scoring::Predictor;
use scoring::baselines::{Delay, Schedule, TransitClock};
use scoring::foresight::Foresight;
use scoring::replay::{Asked, EndToEnd, Listener, learn, replay};
use scoring::tally::Score;
use scoring::truth::Truth;
use simulator::plan::DAYS;
use simulator::routes::Size;
use simulator::{City, noise};

/// The first of the predictors are baselines.
const BASELINES: usize = 3;

/// How much of a city is simulated and asked, so that all three take minutes.
struct Extent {
    size: Size,
    /// Days at the end whose fixes are heard; the truth is learnt on all.
    heard: usize,
    /// Days at the end that are scored.
    scored: usize,
    /// Of vehicles and half minutes, one of so many is asked.
    one_of: u64,
}

const EXTENTS: [Extent; 3] = [
    Extent { size: Size::Small, heard: 60, scored: 14, one_of: 1 },
    Extent { size: Size::Middle, heard: 21, scored: 7, one_of: 3 },
    Extent { size: Size::Large, heard: 8, scored: 3, one_of: 8 },
];

fn main() {
    let develop = std::env::args().any(|argument| argument == "develop");
    let seeds = if develop { noise::DEVELOPMENT_SEEDS } else { noise::SCORING_SEEDS };
    let named = |size: Size| std::env::args().any(|argument| argument.eq_ignore_ascii_case(&format!("{size:?}")));
    let all = !EXTENTS.iter().any(|extent| named(extent.size));
    for (extent, seed) in EXTENTS.iter().zip(seeds).filter(|(extent, _)| all || named(extent.size)) {
        run(extent, seed);
    }
}

fn run(extent: &Extent, seed: u64) {
    let city = City::new(extent.size, seed);
    facts::print(&format!("{:?} city, seed {seed}", extent.size), &city, 0..7);
    let network = Network::new(city.timetable().clone()).expect("a known time zone");
    let truth = Truth::new(&city, &network);
    let mut predictors: Vec<Box<dyn Predictor + '_>> = vec![
        Box::new(Schedule(&network)),
        Box::new(Delay(&network)),
        Box::new(TransitClock::new(&network)),
        Box::new(Foresight::new(&city, &network)),
        Box::new(Told::new(&network)),
    ];
    let mut scores = vec![Score::default(); predictors.len()];
    let (mut heard, mut outcome) = (Heard::new(&network), EndToEnd::default());
    let begun = Stopwatch::now();
    for number in 0..DAYS {
        let day = city.day(number);
        if number < DAYS - extent.heard {
            learn(&truth.visits(&day), &mut predictors);
            continue;
        }
        let asked = Asked { score: number >= DAYS - extent.scored, one_of: extent.one_of };
        let listener: (&mut dyn Listener, _) = (&mut heard, &mut outcome);
        replay(&truth, &day, asked, &mut predictors, &mut scores, Some(listener));
    }
    println!(
        "  {DAYS} days, fixes heard on the last {}, scored the last {}, predictions one of {} vehicles and half minutes; {:.0} s",
        extent.heard,
        extent.scored,
        extent.one_of,
        begun.elapsed().as_secs_f64()
    );
    report::matching(&heard);
    report::heading();
    for (predictor, score) in predictors.iter().zip(&scores) {
        report::line(predictor.name(), score);
    }
    report::line("Misto, end to end", &outcome.score);
    report::goals(&heard.matched(), (&scores[..BASELINES], &scores[BASELINES + 1]), &outcome);
}
