//! The network in memory: nodes, edges, who meets whom, and changes to all of it.

use std::collections::{BTreeMap, HashMap};

use hashbrown::HashTable;
use misto_model::{FeatureId, WalkingEdge, WalkingNode, WrongValue};
use rstar::RTree;

use super::compact::{Arc, NO_FEATURE, Node, Passage, Record};
use super::problems::{NetworkProblem, Part, Problems};
use super::snap::Span;
use super::space::{Frame, Place, between, degrees};

mod edges;
mod islands;
mod layout;
mod names;
mod nodes;

use islands::Islands;
use names::Names;

/// One change of the collections that the network is made from.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A node as it stands now.
    Node {
        /// Its feature.
        id: FeatureId,
        /// Where; `None` when nobody placed it.
        place: Option<Place>,
        /// What is known of it.
        node: WalkingNode,
        /// What stood there and could not be read.
        wrong: Vec<WrongValue>,
    },
    /// A node that stands no longer.
    NodeGone(FeatureId),
    /// An edge as it stands now.
    Edge {
        /// Its feature.
        id: FeatureId,
        /// Its line; straight between its nodes when `None`.
        line: Option<Vec<Place>>,
        /// What is known of it.
        edge: WalkingEdge,
        /// What stood there and could not be read.
        wrong: Vec<WrongValue>,
    },
    /// An edge that stands no longer.
    EdgeGone(FeatureId),
}

/// How much a network holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size {
    /// Places where ways meet or end.
    pub nodes: usize,
    /// Ways that can be walked.
    pub edges: usize,
    /// Nodes of the collection at which no way ends.
    pub unused_nodes: usize,
}

/// A walking network. See [`Network::build`] and [`Network::apply`].
#[derive(Debug, Default)]
pub struct Network {
    frame: Option<Frame>,
    pub(super) nodes: Vec<Node>,
    pub(super) passages: Vec<Passage>,
    pub(super) records: Vec<Record>,
    /// Bends of all edges.
    bends: Vec<super::space::Fixed>,
    names: Names,
    /// Where each node's arcs begin, for the nodes that were there when it was laid out.
    offsets: Vec<u32>,
    arcs: Vec<Arc>,
    /// Arcs of edges that came since.
    grown: HashMap<u32, Vec<Arc>>,
    by_key: HashTable<u32>,
    by_place: HashTable<u32>,
    by_node_feature: HashTable<u32>,
    by_edge_feature: HashTable<u32>,
    pub(super) tree: RTree<Span>,
    islands: Islands,
    /// Edges without a line whose nodes are not there yet.
    waiting: BTreeMap<i64, WalkingEdge>,
    problems: Problems,
    laid_out: bool,
    live: usize,
    /// Edges that came or went since it was laid out.
    drift: usize,
}

impl Network {
    /// A network of everything that stands. The order of nodes and edges does not matter.
    pub fn build(all: impl IntoIterator<Item = Change>) -> Self {
        let mut network = Self::default();
        for change in all {
            network.take(change);
        }
        network.lay_out();
        network
    }

    /// Takes changes over at once: an attribute costs a look-up, a new or moved edge also an
    /// entry in the index of places. After many of these it is laid out anew.
    pub fn apply(&mut self, changes: impl IntoIterator<Item = Change>) {
        for change in changes {
            self.take(change);
        }
        if self.drift > 1_000 + self.live / 10 {
            self.lay_out();
        }
    }

    fn take(&mut self, change: Change) {
        match change {
            Change::Node { id, place, node, wrong } => self.put_node(id, place, &node, &wrong),
            Change::NodeGone(id) => self.drop_node(id),
            Change::Edge { id, line, edge, wrong } => self.put_edge(id, line.as_deref(), &edge, &wrong),
            Change::EdgeGone(id) => self.drop_edge(id),
        }
    }

    /// What is wrong with the network, by feature; at most ten thousand features of each sort.
    pub fn problems(&self) -> Vec<NetworkProblem> {
        let mut problems = self.problems.list();
        problems.extend(self.dangling().take(10_000));
        problems.sort_by_key(|problem| (problem.part, problem.feature));
        problems
    }

    /// Problems beyond those that [`Network::problems`] lists.
    pub fn more_problems(&self) -> u64 {
        self.problems.more()
    }

    /// Edges that name a node which is not there.
    fn dangling(&self) -> impl Iterator<Item = NetworkProblem> + '_ {
        let missing = |node: u32| {
            let node = &self.nodes[node as usize];
            node.key != 0 && node.feature == NO_FEATURE
        };
        self.passages.iter().zip(&self.records).filter(|(passage, _)| !passage.removed()).flat_map(
            move |(passage, record)| {
                [("from_node", passage.ends[0]), ("to_node", passage.ends[1])]
                    .into_iter()
                    .filter(move |(_, end)| missing(*end))
                    .map(|(field, _)| NetworkProblem {
                        part: Part::Edge,
                        feature: record.feature,
                        field,
                        reason: "names a node that is not there; edges that name it meet at the end of their lines, \
                                 and its kerb is unknown"
                            .to_owned(),
                    })
            },
        )
    }

    /// How much it holds.
    pub fn size(&self) -> Size {
        let unused = (0..self.nodes.len() as u32)
            .filter(|node| self.nodes[*node as usize].feature != NO_FEATURE && self.arcs_of(*node).next().is_none())
            .count();
        Size { nodes: self.nodes.len(), edges: self.live, unused_nodes: unused }
    }

    /// Whether there is no way at all.
    pub fn is_empty(&self) -> bool {
        self.live == 0
    }

    pub(super) fn frame(&self) -> Option<&Frame> {
        self.frame.as_ref()
    }

    fn frame_at(&mut self, place: Place) -> Frame {
        *self.frame.get_or_insert_with(|| Frame::around(place))
    }

    /// Arcs that leave a node, those of removed edges among them.
    pub(super) fn arcs_of(&self, node: u32) -> impl Iterator<Item = Arc> + '_ {
        let at = node as usize;
        let laid = match (self.offsets.get(at), self.offsets.get(at + 1)) {
            (Some(from), Some(to)) => &self.arcs[*from as usize..*to as usize],
            _ => &[],
        };
        let grown = match self.nodes[at].grown {
            true => self.grown.get(&node).map_or(&[][..], Vec::as_slice),
            false => &[],
        };
        laid.iter().chain(grown).copied()
    }

    pub(super) fn head(&self, arc: Arc) -> u32 {
        self.passages[arc.edge() as usize].ends[usize::from(!arc.against())]
    }

    pub(super) fn tail(&self, arc: Arc) -> u32 {
        self.passages[arc.edge() as usize].ends[usize::from(arc.against())]
    }

    pub(super) fn node_at(&self, node: u32) -> [f64; 2] {
        self.frame.map_or([0.0; 2], |frame| frame.of_fixed(self.nodes[node as usize].at))
    }

    /// The drawn line of an edge, metres.
    pub(super) fn drawn(&self, edge: u32) -> Vec<[f64; 2]> {
        let (passage, record) = (&self.passages[edge as usize], &self.records[edge as usize]);
        let (from, count) = (record.bends.0 as usize, usize::from(record.bends.1));
        let mut line = Vec::with_capacity(count + 2);
        line.push(self.node_at(passage.ends[0]));
        if let Some(frame) = self.frame {
            line.extend(self.bends[from..from + count].iter().map(|bend| frame.of_fixed(*bend)));
        }
        line.push(self.node_at(passage.ends[1]));
        line
    }

    pub(super) fn name(&self, edge: u32) -> Option<&str> {
        self.names.get(self.records[edge as usize].name)
    }

    /// Whether ways join two nodes, whatever one needs there and in either direction.
    pub(super) fn joined(&self, a: u32, b: u32) -> bool {
        self.islands.of(a) == self.islands.of(b)
    }

    pub(super) fn places_of(&self, node: u32) -> Place {
        degrees(self.nodes[node as usize].at)
    }
}

/// Length of a line in metres.
fn length(line: &[[f64; 2]]) -> f64 {
    line.windows(2).map(|pair| between(pair[0], pair[1])).sum()
}

/// A number for a name that nothing else is likely to have; never 0.
fn key(name: &str) -> u64 {
    let hash = blake3::hash(name.as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&hash.as_bytes()[..8]);
    u64::from_le_bytes(first) | 1
}

/// Spreads a number over all bits (the finaliser of SplitMix64).
fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
