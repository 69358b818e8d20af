//! The search against exhaustive ones on random networks.

use std::collections::BTreeMap;

use misto_model::{
    AccessProfile, FeatureId, Kerb, Obstacle, Position, SidewalkSide, Smoothness, StepsAllowed, Surface, WalkDirection,
    WalkingEdge, WalkingNode, WayKind,
};
use proptest::prelude::*;

use super::super::*;
use super::{edge, node, place};

fn unknown_or<T: Clone + std::fmt::Debug + 'static>(values: &'static [T]) -> impl Strategy<Value = Option<T>> {
    proptest::option::of(proptest::sample::select(values))
}

prop_compose! {
    fn an_edge()(
        kind in unknown_or(WayKind::ALL),
        length_m in proptest::option::of(0.0..400.0_f64),
        incline_percent in proptest::option::of(-14.0..14.0_f64),
        surface in unknown_or(Surface::ALL),
        smoothness in unknown_or(Smoothness::ALL),
        width_cm in proptest::option::of(40.0..300.0_f64),
        step_count in proptest::option::of(0..20_u32),
        flags in proptest::collection::vec(proptest::option::of(any::<bool>()), 6),
        sidewalk in unknown_or(SidewalkSide::ALL),
        direction in unknown_or(WalkDirection::ALL),
        blocked in proptest::bool::weighted(0.05),
    ) -> WalkingEdge {
        WalkingEdge {
            kind, length_m, incline_percent, surface, smoothness, width_cm, step_count, sidewalk, direction,
            ramp: flags[0], crossing_marked: flags[1], sound_signal: flags[2], tactile_paving: flags[3],
            in_service: flags[4], handrail: flags[5], blocked: Some(blocked), ..WalkingEdge::default()
        }
    }
}

prop_compose! {
    fn a_node()(
        kerb in proptest::option::weighted(0.3, proptest::sample::select(Kerb::ALL)),
        kerb_height_cm in proptest::option::weighted(0.2, 0.0..20.0_f64),
        tactile_paving in proptest::option::weighted(0.2, any::<bool>()),
        obstacle in proptest::option::weighted(0.1, proptest::sample::select(Obstacle::ALL)),
        passage_width_cm in proptest::option::weighted(0.1, 40.0..200.0_f64),
    ) -> WalkingNode {
        WalkingNode { kerb, kerb_height_cm, tactile_paving, obstacle, passage_width_cm, ..WalkingNode::default() }
    }
}

prop_compose! {
    fn a_person()(
        chair_width_cm in proptest::option::of(50.0..90.0_f64),
        max_slope_percent in proptest::option::of(2.0..14.0_f64),
        steps in proptest::sample::select(vec![StepsAllowed::None, StepsAllowed::One, StepsAllowed::Any]),
        needs_audio in any::<bool>(),
        needs_tactile in any::<bool>(),
    ) -> AccessProfile {
        AccessProfile { chair_width_cm, max_slope_percent, steps, needs_audio, needs_tactile, ..AccessProfile::default() }
    }
}

/// Places and nodes, then edges between them by number.
type Town = (Vec<((f64, f64), WalkingNode)>, Vec<(usize, usize, WalkingEdge)>);

fn a_town() -> impl Strategy<Value = Town> {
    let nodes = proptest::collection::vec(((0.0..900.0_f64, 0.0..900.0_f64), a_node()), 3..28);
    nodes.prop_flat_map(|nodes| {
        let count = nodes.len();
        let edges = proptest::collection::vec((0..count, 0..count, an_edge()), 2..70);
        (Just(nodes), edges)
    })
}

fn changes((nodes, edges): &Town) -> Vec<Change> {
    let mut all: Vec<Change> =
        (0..).zip(nodes).map(|(id, ((east, north), about))| node(id, place(*east, *north), about.clone())).collect();
    all.extend((100..).zip(edges).map(|(id, (a, b, about))| edge(id, *a as i64, *b as i64, about.clone())));
    all
}

/// Places are kept to a centimetre.
const AT_A_NODE_M: f64 = 0.02;

/// Whether another node lies so near that it is not clear which one is meant.
fn is_crowded((nodes, _): &Town) -> bool {
    let near = |a: (f64, f64), b: (f64, f64)| (a.0 - b.0).abs() < 1.0 && (a.1 - b.1).abs() < 1.0;
    (0..nodes.len()).any(|a| (0..a).any(|b| near(nodes[a].0, nodes[b].0)))
}

fn position(at: Place) -> Position {
    Position::new(at[0], at[1]).unwrap()
}

const PREFERENCES: [Preference; 4] =
    [Preference::Best, Preference::NoBarrier, Preference::Measured, Preference::Shortest];

/// Every least cost from one node over the raw edges, by relaxing all until nothing
/// changes: with passing the last node, and without.
fn exhaustive(network: &Network, costing: &Costing, (nodes, edges): &Town, from: usize) -> BTreeMap<usize, u64> {
    let at = |node: usize| place(nodes[node].0.0, nodes[node].0.1);
    let mut passed: BTreeMap<usize, u64> = BTreeMap::from([(from, 0)]);
    let mut least = passed.clone();
    loop {
        let before = passed.clone();
        for (id, (a, b, _)) in (100..).zip(edges) {
            for (tail, head, against) in [(*a, *b, false), (*b, *a, true)] {
                let walked = reference::cost_of_edge(network, costing, FeatureId(id), against);
                let (Some(cost), Some(walked)) = (passed.get(&tail).copied(), walked) else { continue };
                let known = least.entry(head).or_insert(u64::MAX);
                *known = (*known).min(cost + walked);
                if let Some(passing) = reference::cost_of_node(network, costing, at(head)) {
                    let known = passed.entry(head).or_insert(u64::MAX);
                    *known = (*known).min(cost + walked + passing);
                }
            }
        }
        if before == passed {
            return least;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Between nodes: the same cost as relaxing every raw edge.
    #[test]
    fn costs_are_those_of_the_raw_graph(town in a_town(), person in a_person(), from in 0..28_usize) {
        prop_assume!(!is_crowded(&town));
        let network = Network::build(changes(&town));
        let from = from % town.0.len();
        let mut workspace = Workspace::default();
        for preference in PREFERENCES {
            let costing = Costing::new(&WalkProfile::of(&person), preference);
            let least = exhaustive(&network, &costing, &town, from);
            for to in 0..town.0.len() {
                let at = |node: usize| position(place(town.0[node].0.0, town.0[node].0.1));
                let Some(pair) = reference::pair(&network, at(from), at(to), AT_A_NODE_M) else { continue };
                let found = reference::least_cost(&network, &costing, &pair, &mut workspace);
                prop_assert_eq!(found, least.get(&to).copied(), "{:?} from {} to {}", preference, from, to);
            }
        }
    }

    /// Between any places: the same cost as plain Dijkstra, and what the answer names is
    /// what the profile forbids.
    #[test]
    fn between_any_places(
        town in a_town(),
        person in a_person(),
        ends in proptest::collection::vec((0.0..900.0_f64, 0.0..900.0_f64), 8),
    ) {
        let mut network = Network::build(changes(&town));
        let profile = WalkProfile::of(&person);
        let mut workspace = Workspace::default();
        for round in 0..2 {
            for pair in ends.chunks(2) {
                let (from, to) = (place(pair[0].0, pair[0].1), place(pair[1].0, pair[1].1));
                let (from, to) = (position(from), position(to));
                let Some(snapped) = reference::pair(&network, from, to, 2_000.0) else { continue };
                for preference in PREFERENCES {
                    let costing = Costing::new(&profile, preference);
                    let found = reference::least_cost(&network, &costing, &snapped, &mut workspace);
                    prop_assert_eq!(found, reference::plain_least_cost(&network, &costing, &snapped), "{:?}", preference);
                }
                let question = Question { from, to, profile: profile.clone(), within_m: 2_000.0, landmark: &|_| None };
                if let Ok(answer) = answer(&network, &question, &mut workspace) {
                    check_names(&network, &profile, &answer)?;
                }
            }
            // The same after changes: half of the edges are blocked, one goes, one moves.
            if round == 0 {
                let all = changes(&town);
                let edges = all.into_iter().filter(|change| matches!(change, Change::Edge { .. }));
                network.apply(edges.step_by(2).map(|change| match change {
                    Change::Edge { id, line, edge, wrong } => {
                        Change::Edge { id, line, edge: WalkingEdge { blocked: Some(true), ..edge }, wrong }
                    }
                    other => other,
                }));
                network.apply([Change::EdgeGone(FeatureId(101)), node(0, place(450.0, 460.0), WalkingNode::default())]);
            }
        }
    }

    /// However it came about, the same things make the same network.
    #[test]
    fn changes_come_to_the_same_as_building_anew(town in a_town(), person in a_person(), order in any::<u64>()) {
        prop_assume!(!is_crowded(&town));
        let all = changes(&town);
        let mut shuffled = all.clone();
        shuffled.sort_by_key(|change| match change {
            Change::Node { id, .. } | Change::Edge { id, .. } => (id.0 as u64 + 1).wrapping_mul(order | 1),
            _ => 0,
        });
        let built = Network::build(all);
        let mut grown = Network::build([]);
        grown.apply(shuffled);
        let costing = Costing::new(&WalkProfile::of(&person), Preference::Best);
        let mut workspace = Workspace::default();
        for to in 1..town.0.len() {
            let at = |node: usize| position(place(town.0[node].0.0, town.0[node].0.1 ));
            let cost = |network: &Network, workspace: &mut Workspace| {
                let pair = reference::pair(network, at(0), at(to), AT_A_NODE_M)?;
                Some(reference::least_cost(network, &costing, &pair, workspace))
            };
            let (a, b) = (cost(&built, &mut workspace), cost(&grown, &mut workspace));
            let (Some(a), Some(b)) = (a, b) else { continue };
            // Metres are counted from the first place that was seen.
            let apart = |a: u64, b: u64| a.abs_diff(b) as f64 > 1e-3 * a as f64 + 50.0;
            prop_assert!(!a.zip(b).is_some_and(|(a, b)| apart(a, b)) && a.is_some() == b.is_some(), "{:?} {:?}", a, b);
        }
    }
}

/// The roles are true, and every edge on a way has its troubles named, and no other.
fn check_names(network: &Network, profile: &WalkProfile, answer: &Answer) -> Result<(), TestCaseError> {
    for way in &answer.ways {
        prop_assert!(!way.roles.contains(&Role::NoBarrier) || way.barriers.is_empty());
        prop_assert!(!way.roles.contains(&Role::Measured) || way.unmeasured.is_empty());
        for (list, unmeasured) in [(&way.barriers, false), (&way.unmeasured, true)] {
            for (number, mention) in (1..).zip(list) {
                prop_assert_eq!(mention.number, number);
                prop_assert!(mention.what.iter().all(|trouble| trouble.is_unmeasured() == unmeasured));
                let turns = way.turns.iter().filter(|turn| {
                    let numbers = if unmeasured { &turn.unmeasured } else { &turn.barriers };
                    numbers.contains(&number)
                });
                prop_assert!(turns.count() >= 1, "each is told in the list");
            }
        }
        let told: f64 = way.turns.iter().map(|turn| turn.length_m).sum();
        prop_assert!((told - way.length_m).abs() < 0.01, "{} and {}", told, way.length_m);
    }
    let best = &answer.ways[0];
    let costing = Costing::new(profile, Preference::Best);
    let pair = reference::Pair { from: answer.from, to: answer.to };
    let least = reference::plain_least_cost(network, &costing, &pair).map(|ms| ms as f64 / 1_000.0);
    let named = best.barriers.len() + best.unmeasured.len();
    prop_assert!(named > 0 || best.cost_s < 3_000.0 + best.duration_s * 4.0, "{:?} {:?}", best, least);
    prop_assert!(best.cost_s <= least.unwrap_or(f64::MAX) + 0.1, "{} and {:?}", best.cost_s, least);
    Ok(())
}
