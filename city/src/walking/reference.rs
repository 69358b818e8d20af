//! Plain Dijkstra over the same network: what the search is held against and measured
//! beside. It shares nothing with the search but the costs.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use misto_model::{FeatureId, Position};

use super::compact::Arc;
use super::costs::Costing;
use super::network::Network;
use super::search::Workspace;
use super::snap::Snapped;
use super::space::Place;

/// Two places on the network.
#[derive(Debug, Clone, Copy)]
pub struct Pair {
    pub(super) from: Snapped,
    pub(super) to: Snapped,
}

/// Puts both places on their nearest ways; `None` where there is none near.
pub fn pair(network: &Network, from: Position, to: Position, within_m: f64) -> Option<Pair> {
    Some(Pair { from: *network.near(from, within_m).first()?, to: *network.near(to, within_m).first()? })
}

/// The least cost by the search that answers; `None` where no way leads.
pub fn least_cost(network: &Network, costing: &Costing, pair: &Pair, workspace: &mut Workspace) -> Option<u64> {
    network.cheapest(costing, &pair.from, &pair.to, workspace).map(|found| found.cost)
}

/// The same by plain Dijkstra from one end.
pub fn plain_least_cost(network: &Network, costing: &Costing, pair: &Pair) -> Option<u64> {
    let mut best = network.direct(costing, &pair.from, &pair.to).map(|found| found.cost);
    let onto = network.ways_onto(costing, &pair.to);
    let mut costs = vec![u64::MAX; network.nodes.len()];
    let mut open: BinaryHeap<_> =
        network.ways_off(costing, &pair.from).into_iter().map(|seed| Reverse((seed.cost, seed.node))).collect();
    while let Some(Reverse((cost, node))) = open.pop() {
        if cost >= costs[node as usize] {
            continue;
        }
        costs[node as usize] = cost;
        if best.is_some_and(|best| cost >= best) {
            break;
        }
        for last in onto.iter().filter(|seed| seed.node == node) {
            best = Some(best.map_or(cost + last.cost, |best| best.min(cost + last.cost)));
        }
        for arc in network.arcs_of(node) {
            let next = network.head(arc);
            if let Some((walked, at)) = costing.of_arc(network, arc).zip(costing.of_node(network, next)) {
                open.push(Reverse((cost + walked + at, next)));
            }
        }
    }
    best
}

/// What an edge costs in one direction, by its feature; `None` where it does not lead.
pub fn cost_of_edge(network: &Network, costing: &Costing, edge: FeatureId, against: bool) -> Option<u64> {
    costing.of_arc(network, Arc::new(network.edge_of_feature(edge)?, against))
}

/// What it costs to pass the node nearest to a place, within half a metre.
pub fn cost_of_node(network: &Network, costing: &Costing, place: Place) -> Option<u64> {
    costing.of_node(network, network.node_near(place)?)
}
