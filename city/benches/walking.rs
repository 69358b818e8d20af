//! Ways in a city of half a million edges: how long an answer's search takes beside plain
//! Dijkstra, what a change costs, and what an edge costs in memory. Stopwatch, percentiles.

use std::time::Instant as Stopwatch;

use misto_city::walking::reference::{Pair, least_cost, pair, plain_least_cost};
use misto_city::walking::{Change, Costing, Network, Place, Preference, Question, WalkProfile, Workspace, answer};
use misto_model::{AccessProfile, FeatureId, Kerb, Position, Surface, WalkingEdge, WalkingNode, WayKind};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Nodes in a row; as many rows: two edges a node.
const SIDE: i64 = 500;
const SPACING_M: f64 = 45.0;
const PAIRS: usize = 300;
/// Plain Dijkstra takes long.
const PLAIN_PAIRS: usize = 60;

/// The same numbers in every run (xorshift).
struct Dice(u64);

impl Dice {
    fn share(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn happens(&mut self, chance: f64) -> bool {
        self.share() < chance
    }
}

fn place(east_m: f64, north_m: f64) -> Place {
    [24.6 + east_m / 73_067.0, 48.8 + north_m / 111_195.0]
}

fn nodes(dice: &mut Dice) -> Vec<Change> {
    let mut all = Vec::new();
    for id in 0..SIDE * SIDE {
        let (row, column) = (id / SIDE, id % SIDE);
        let mut off = || (dice.share() - 0.5) * SPACING_M * 0.5;
        let at = place(column as f64 * SPACING_M + off(), row as f64 * SPACING_M + off());
        let mut node = WalkingNode { node_id: Some(format!("n{id}")), ..WalkingNode::default() };
        if dice.happens(0.15) {
            node.kerb = Some(if dice.happens(0.8) { Kerb::Lowered } else { Kerb::Raised });
        }
        all.push(Change::Node { id: FeatureId(id), place: Some(at), node, wrong: Vec::new() });
    }
    all
}

fn an_edge(dice: &mut Dice) -> WalkingEdge {
    let kind = match dice.share() {
        share if share < 0.02 => WayKind::Steps,
        share if share < 0.15 => WayKind::Crossing,
        share if share < 0.7 => WayKind::Sidewalk,
        _ => WayKind::Footway,
    };
    WalkingEdge {
        kind: Some(kind),
        incline_percent: (!dice.happens(0.1)).then(|| (dice.share() - 0.5) * 14.0),
        surface: (!dice.happens(0.15)).then_some(Surface::Asphalt),
        width_cm: (!dice.happens(0.4)).then(|| 60.0 + dice.share() * 200.0),
        step_count: (kind == WayKind::Steps).then_some(8),
        ..WalkingEdge::default()
    }
}

fn edges(dice: &mut Dice) -> Vec<Change> {
    let mut all = Vec::new();
    for id in 0..SIDE * SIDE {
        let (row, column) = (id / SIDE, id % SIDE);
        for (other, is_there) in [(id + 1, column + 1 < SIDE), (id + SIDE, row + 1 < SIDE)] {
            if is_there {
                let edge = WalkingEdge {
                    from_node: Some(format!("n{id}")),
                    to_node: Some(format!("n{other}")),
                    name: Some(format!("Street {}", row / 4)),
                    ..an_edge(dice)
                };
                let id = FeatureId(all.len() as i64);
                all.push(Change::Edge { id, line: None, edge, wrong: Vec::new() });
            }
        }
    }
    all
}

fn percentiles(mut times_ms: Vec<f64>) -> String {
    times_ms.sort_by(f64::total_cmp);
    let at = |share: f64| times_ms[((times_ms.len() - 1) as f64 * share) as usize];
    format!("p50 {:.2} ms, p99 {:.2} ms, worst {:.2} ms", at(0.5), at(0.99), at(1.0))
}

fn somewhere(dice: &mut Dice, around: Option<(f64, f64)>) -> (f64, f64) {
    let most = SIDE as f64 * SPACING_M;
    match around {
        None => (dice.share() * most, dice.share() * most),
        Some((east, north)) => {
            let mut off = || (dice.share() - 0.5) * 4_000.0;
            ((east + off()).clamp(0.0, most), (north + off()).clamp(0.0, most))
        }
    }
}

fn position((east, north): (f64, f64)) -> Position {
    let [lon, lat] = place(east, north);
    Position::new(lon, lat).expect("a place")
}

fn measure(network: &Network, profile: &WalkProfile, what: &str, within_4_km: bool) {
    let mut dice = Dice(7);
    let mut workspace = Workspace::default();
    let ends: Vec<(Position, Position)> = (0..PAIRS)
        .map(|_| {
            let from = somewhere(&mut dice, None);
            (position(from), position(somewhere(&mut dice, within_4_km.then_some(from))))
        })
        .collect();
    let pairs: Vec<Pair> = ends.iter().filter_map(|(from, to)| pair(network, *from, *to, 200.0)).collect();
    let costing = Costing::new(profile, Preference::Best);
    let timed = |work: &mut dyn FnMut(&Pair) -> Option<u64>, pairs: &[Pair]| {
        let (mut times, mut costs) = (Vec::new(), Vec::new());
        for pair in pairs {
            let watch = Stopwatch::now();
            costs.push(work(pair));
            times.push(watch.elapsed().as_secs_f64() * 1_000.0);
        }
        (times, costs)
    };
    let (times, costs) = timed(&mut |pair| least_cost(network, &costing, pair, &mut workspace), &pairs);
    println!("{what}: one search of {}: {}", pairs.len(), percentiles(times));
    let few = &pairs[..PLAIN_PAIRS.min(pairs.len())];
    let (times, plain) = timed(&mut |pair| plain_least_cost(network, &costing, pair), few);
    println!("{what}: plain Dijkstra of {}: {}", few.len(), percentiles(times));
    assert_eq!(plain, costs[..few.len()], "both give the same costs");
    let mut times = Vec::new();
    for (from, to) in &ends {
        let question =
            Question { from: *from, to: *to, profile: profile.clone(), within_m: 200.0, landmark: &|_| None };
        let watch = Stopwatch::now();
        let answered = answer(network, &question, &mut workspace);
        times.push(watch.elapsed().as_secs_f64() * 1_000.0);
        assert!(answered.is_ok(), "{answered:?}");
    }
    println!("{what}: whole answer with its alternatives, of {}: {}", ends.len(), percentiles(times));
}

fn main() {
    let mut dice = Dice(42);
    let (nodes, edges) = (nodes(&mut dice), edges(&mut dice));
    let some: Vec<Change> = edges.iter().step_by(500).cloned().collect();
    let count = edges.len();
    let watch = Stopwatch::now();
    let before = MEMORY.current_usage();
    let given: Vec<Change> = nodes.iter().chain(&edges).cloned().collect();
    let copied = MEMORY.current_usage() - before;
    let mut network = Network::build(given);
    // The copy is gone by now, so what came is the network.
    let kept = MEMORY.current_usage() - before;
    drop((nodes, edges));
    println!("{count} edges, {} nodes, built in {:.1} s", network.size().nodes, watch.elapsed().as_secs_f64());
    println!(
        "memory: {:.0} bytes an edge (as features in memory {:.0})",
        kept as f64 / count as f64,
        copied as f64 / count as f64
    );
    let chair = WalkProfile::of(&AccessProfile { chair_width_cm: Some(68.0), ..AccessProfile::default() });
    measure(&network, &chair, "chair, within 2 km each way", true);
    measure(&network, &chair, "chair, anywhere in 22 km", false);
    let walker = WalkProfile::of(&AccessProfile::default());
    measure(&network, &walker, "walker, within 2 km each way", true);
    let mut times = Vec::new();
    for change in some {
        let Change::Edge { id, line, edge, wrong } = change else { continue };
        let edge = WalkingEdge { blocked: Some(true), ..edge };
        let watch = Stopwatch::now();
        network.apply([Change::Edge { id, line, edge, wrong }]);
        times.push(watch.elapsed().as_secs_f64() * 1_000.0);
    }
    println!("a changed edge: {}", percentiles(times));
}
