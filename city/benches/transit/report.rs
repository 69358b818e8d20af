//! The tables.

use crate::misto::{Heard, SAYS};
use crate::scoring::matching::Matching;
use crate::scoring::replay::EndToEnd;
use crate::scoring::tally::{HORIZONS_MIN, Score};

pub fn heading() {
    let horizons = HORIZONS_MIN.map(|(low, high)| format!("{:>9}", format!("{low:.0}–{high:.0} min"))).join("");
    println!(
        "  {:<30}{horizons}{:>10}{:>8}{:>9}{:>13}",
        "mean absolute error, s", "5–15 min", "bias", "ETA %", "p10–p90 %"
    );
}

pub fn line(name: &str, score: &Score) {
    let errors = score.by_horizon().map(|errors| format!("{:>9.1}", errors.mae_s())).join("");
    let middle = score.five_to_fifteen();
    let coverage = score.coverage().map_or("–".to_owned(), |[within, ..]| format!("{:.1}", within * 100.0));
    println!(
        "  {name:<30}{errors}{:>10.1}{:>8.1}{:>9.1}{coverage:>13}",
        middle.mae_s(),
        middle.bias_s(),
        score.benchmark() * 100.0
    );
    if score.coverage().is_some() {
        let by_horizon = score.by_horizon().map(|errors| {
            let [within, before, after] = errors.coverage().unwrap_or([f64::NAN; 3]).map(|share| share * 100.0);
            format!("{within:.0} ({before:.0} earlier, {after:.0} later)")
        });
        println!("    within p10–p90, % by horizon: {}", by_horizon.join(" · "));
    }
}

fn percent(share: f64) -> f64 {
    share * 100.0
}

pub fn matching(heard: &Heard) {
    println!(
        "  {:<26}{:>10}{:>11}{:>9}{:>9}{:>12}{:>8}{:>11}{:>9}",
        "matching, % of fixes", "precision", "(strict)", "recall", "wrong", "idle: trip", "way:", "precision", "recall"
    );
    let all = heard.matched();
    let rows = SAYS.iter().zip(&heard.matching).map(|((_, says), matching)| (format!("  told {says}"), matching));
    for (name, matching) in std::iter::once(("all trackers".to_owned(), &all)).chain(rows) {
        if matching.serving() == 0 {
            continue;
        }
        println!(
            "  {name:<26}{:>10.2}{:>11.2}{:>9.2}{:>9.2}{:>12.2}{:>8}{:>11.2}{:>9.2}",
            percent(matching.precision()),
            percent(matching.strict_precision()),
            percent(matching.recall()),
            percent(matching.wrong_trip()),
            percent(matching.ghosts()),
            "",
            percent(matching.way_precision()),
            percent(matching.way_recall())
        );
    }
    println!("  one fix takes the matcher {:.1} µs", heard.seconds * 1e6 / heard.fixes as f64);
}

/// What was to be reached, beside what was: the baselines, and Misto told the true trips.
pub fn goals(matching: &Matching, (baselines, misto): (&[Score], &Score), heard: &EndToEnd) {
    let mae_s = |score: &Score| score.five_to_fifteen().mae_s();
    let best_s = baselines.iter().map(mae_s).fold(f64::INFINITY, f64::min);
    let below = |score: &Score| percent(1.0 - mae_s(score) / best_s);
    let within = |score: &Score| percent(score.coverage().map_or(f64::NAN, |[within, ..]| within));
    println!(
        "  goals: precision {:.2} (98), recall {:.2} (95)",
        percent(matching.precision()),
        percent(matching.recall())
    );
    for (name, score) in [("true trips", misto), ("end to end", &heard.score)] {
        println!(
            "  goals, {name}: ETA {:.1} (90), error at 5–15 min below the best baseline by {:.1} % (30), within p10–p90 {:.1} (75–85)",
            percent(score.benchmark()),
            below(score),
            within(score)
        );
    }
    println!("  arrivals with a prediction, end to end: {:.1} %", percent(heard.answered as f64 / heard.asked as f64));
}
