//! How results are printed.

use misto_tests::Server;

/// Smallest, middle and largest.
fn spread(numbers: &[f64]) -> (f64, f64, f64) {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    (sorted[0], sorted[sorted.len() / 2], sorted[sorted.len() - 1])
}

/// Where more is better: ours over theirs, round by round.
pub fn ratio(what: &str, unit: &str, ours: &[f64], theirs: &[f64]) {
    print(what, unit, ours, theirs, |ours, theirs| ours / theirs);
}

/// Where less is better: theirs over ours.
pub fn inverse(what: &str, unit: &str, ours: &[f64], theirs: &[f64]) {
    print(what, unit, ours, theirs, |ours, theirs| theirs / ours);
}

fn print(what: &str, unit: &str, ours: &[f64], theirs: &[f64], ratio: fn(f64, f64) -> f64) {
    let ratios: Vec<f64> = ours.iter().zip(theirs).map(|(a, b)| ratio(*a, *b)).collect();
    let (low, middle, high) = spread(&ratios);
    let ((_, ours, _), (_, theirs, _)) = (spread(ours), spread(theirs));
    println!("{what}: Misto {ours:.1} {unit}, peer {theirs:.1} {unit}, ratio {middle:.2} ({low:.2}–{high:.2})");
}

/// The machine and how busy it is.
pub fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(" unknown");
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = read("/proc/loadavg");
    format!(
        "machine: {cores} cores,{}; load before {}",
        model.trim_start_matches(['\t', ':']),
        load.split(' ').next().unwrap_or("?")
    )
}

/// Resident memory of a server for each feature, attributes and geometry included.
pub fn memory(server: &Server, buildings: usize) {
    let status = server.pid().map(|pid| std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default());
    let line = status.as_deref().and_then(|status| status.lines().find_map(|line| line.strip_prefix("VmRSS:")));
    let kilobytes: u64 = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0);
    let features = buildings + crate::city::lines(buildings) + crate::city::points(buildings);
    println!(
        "memory of the server with all its caches: {} MB, {} bytes a feature with geometry, attributes and tiles",
        kilobytes / 1024,
        kilobytes * 1024 / features as u64
    );
}
