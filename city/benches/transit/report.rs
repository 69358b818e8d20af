//! The tables.

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
