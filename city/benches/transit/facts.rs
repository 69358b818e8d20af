//! What the simulated truth looks like, beside the figures it was made from.

use std::collections::HashMap;

use crate::simulator::City;
use crate::simulator::driving::Doing;
use crate::simulator::plan::Plan;
use crate::simulator::traffic::DayType;

/// The value below which a share of the values lies.
pub fn quantile(values: &mut [f64], share: f64) -> f64 {
    if values.is_empty() {
        return f64::NAN;
    }
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * share).round() as usize]
}

fn mean_and_spread(values: &[f64]) -> (f64, f64) {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64;
    (mean, variance.sqrt())
}

/// Prints the truth of some days.
pub fn print(name: &str, city: &City, days: std::ops::Range<usize>) {
    let plan: &Plan = city.plan();
    let (mut planned, mut run, mut whole) = (0, 0, 0);
    let (mut starts, mut ends, mut dwells) = (Vec::new(), Vec::new(), Vec::new());
    let mut legs: HashMap<(usize, usize, usize, usize), Vec<f64>> = HashMap::new();
    for day in days.clone().map(|number| city.day(number)).filter(|day| day.day_type == DayType::Workday) {
        planned += plan.blocks.iter().filter(|b| b.day == DayType::Workday).map(|b| b.trips.len()).sum::<usize>();
        for (_, spell) in day.runs() {
            let trip = &plan.trips[spell.trip.expect("in service means on a trip")];
            run += 1;
            if let Some(first) = spell.visits.first().filter(|visit| visit.call == 0) {
                starts.push(first.departure_s - trip.times_s[0]);
            }
            if let Some(last) = spell.visits.last().filter(|visit| visit.call + 1 == trip.times_s.len()) {
                whole += 1;
                ends.push(last.arrival_s - trip.times_s[last.call]);
            }
            dwells.extend(spell.visits[1..].iter().map(|v| v.departure_s - v.arrival_s).filter(|dwell| *dwell > 0.0));
            for pair in spell.visits.windows(2) {
                let key = (trip.route, trip.way, pair[0].call, (pair[0].departure_s / 3_600.0) as usize);
                legs.entry(key).or_default().push(pair[1].arrival_s - pair[0].departure_s);
            }
        }
    }
    let spread = |hour: usize| {
        let of_hour = legs.iter().filter(|((.., h), times)| *h == hour && times.len() >= 8);
        let mut values: Vec<f64> = of_hour.map(|(_, times)| mean_and_spread(times)).map(|(m, s)| s / m).collect();
        quantile(&mut values, 0.5)
    };
    let (dwell, dwell_spread) = mean_and_spread(&dwells);
    println!("{name}: {} routes, {} vehicles", city.timetable().routes.len(), city.vehicles().len());
    println!("  trips planned {planned}, begun {run}, run to the end {whole} (days {days:?}, workdays)");
    for (what, values) in [("begin", &mut starts), ("end", &mut ends)] {
        let [low, middle, high] = [0.1, 0.5, 0.9].map(|share| quantile(values, share));
        println!("  late at the {what}: p10 {low:.0} s, p50 {middle:.0} s, p90 {high:.0} s");
    }
    println!(
        "  dwell where somebody boards or leaves: mean {dwell:.1} s, coefficient of variation {:.2}",
        dwell_spread / dwell
    );
    println!(
        "  coefficient of variation of a leg's time within an hour, middle leg: 8–9 h {:.2}, 12–13 h {:.2}, 21–22 h {:.2}",
        spread(8),
        spread(12),
        spread(21)
    );
    let day = city.day(days.start);
    let fixes = city.fixes(&day);
    let serving = fixes.iter().filter(|fix| day.spell(fix.vehicle as usize, fix.at_s).doing == Doing::InService);
    println!("  fixes of a day {}, of these in service {}", fixes.len(), serving.count());
}
