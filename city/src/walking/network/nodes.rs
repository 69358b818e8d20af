//! Nodes come, change, move and go.

use misto_model::{FeatureId, WalkingNode, WrongValue};

use super::super::compact::{NO_FEATURE, Node};
use super::super::problems::Part;
use super::super::space::{Fixed, Place, between, degrees, fixed, is_place};
use super::{Network, key, mixed};

/// Places nearer than this are one place: a line that was drawn to a node ends there.
const ONE_PLACE_M: f64 = 0.5;
/// Side of the squares by which places are found, ten-millionths of a degree: more than
/// half a metre south of 55 degrees, and neighbours are looked at too.
const SQUARE: i32 = 90;

fn square(at: Fixed) -> [i32; 2] {
    at.map(|steps| steps.div_euclid(SQUARE))
}

fn hash_of_square(square: [i32; 2]) -> u64 {
    mixed(u64::from(square[0] as u32) << 32 | u64::from(square[1] as u32))
}

impl Network {
    pub(super) fn put_node(
        &mut self,
        id: FeatureId,
        place: Option<Place>,
        described: &WalkingNode,
        wrong: &[WrongValue],
    ) {
        self.problems.forget(Part::Node, id);
        self.problems.values(Part::Node, id, wrong);
        let old = self.node_of_feature(id);
        let Some(place) = place.filter(|place| is_place(*place)) else {
            let what = match place {
                None => "has no place",
                Some([0.0, 0.0]) => "lies at 0,0, where lost places lie",
                Some(_) => "is no place on earth",
            };
            self.problems.add(Part::Node, id, "geometry", format!("{what}; it is taken as not there"));
            if let Some(old) = old {
                self.undescribe(old);
            }
            return;
        };
        let key = described.node_id.as_deref().map_or(0, key);
        if let Some(old) = old {
            let moved = self.frame_at(place).distance_m(degrees(self.nodes[old as usize].at), place);
            if self.nodes[old as usize].key == key && (key != 0 || moved <= ONE_PLACE_M) {
                self.nodes[old as usize].describe(id, described);
                self.move_node(old, place);
                return;
            }
            self.undescribe(old);
        }
        self.new_description(id, place, key, described);
        self.try_waiting();
    }

    fn new_description(&mut self, id: FeatureId, place: Place, key: u64, described: &WalkingNode) {
        let named = (key != 0).then(|| self.node_of_key(key)).flatten();
        let here = match named {
            Some(named) => Some(named),
            // Where lines meet already, this is what is known of the place.
            None => self.node_near(place).filter(|near| {
                let near = &self.nodes[*near as usize];
                key == 0 || near.feature == NO_FEATURE && near.key == 0
            }),
        };
        let node = match here {
            Some(node) if self.nodes[node as usize].feature != NO_FEATURE => {
                let other = self.nodes[node as usize].feature;
                let (field, what) =
                    if key == 0 { ("geometry", "lies where") } else { ("node_id", "has the name that") };
                self.problems.add(
                    Part::Node,
                    id,
                    field,
                    format!("{what} node {other} has already; this one is taken as not there"),
                );
                return;
            }
            Some(node) => node,
            None => self.add_node(place, key),
        };
        if key != 0 && self.nodes[node as usize].key == 0 {
            self.nodes[node as usize].key = key;
            self.enter_key(node);
        }
        self.nodes[node as usize].describe(id, described);
        let nodes = &self.nodes;
        self.by_node_feature.insert_unique(mixed(id.0 as u64), node, |n| mixed(nodes[*n as usize].feature as u64));
        self.move_node(node, place);
    }

    pub(super) fn drop_node(&mut self, id: FeatureId) {
        self.problems.forget(Part::Node, id);
        if let Some(node) = self.node_of_feature(id) {
            self.undescribe(node);
        }
    }

    /// Lines go on meeting there; what was known of it is not known any more.
    fn undescribe(&mut self, node: u32) {
        let feature = self.nodes[node as usize].feature;
        if let Ok(entry) = self.by_node_feature.find_entry(mixed(feature as u64), |n| *n == node) {
            entry.remove();
        }
        self.nodes[node as usize].undescribe();
    }

    fn move_node(&mut self, node: u32, place: Place) {
        let at = fixed(place);
        let before = self.nodes[node as usize].at;
        if before == at {
            return;
        }
        // Their boxes in the tree are those of before.
        let mut meeting: Vec<u32> = self.arcs_of(node).map(|arc| arc.edge()).collect();
        meeting.sort_unstable();
        meeting.dedup();
        meeting.retain(|edge| self.laid_out && !self.passages[*edge as usize].removed());
        meeting.iter().for_each(|edge| self.take_out_of_tree(*edge));
        if let Ok(entry) = self.by_place.find_entry(hash_of_square(square(before)), |n| *n == node) {
            entry.remove();
        }
        self.nodes[node as usize].at = at;
        self.enter_place(node);
        for edge in meeting {
            let straight = self.straight_cm(self.passages[edge as usize].ends);
            let passage = &mut self.passages[edge as usize];
            passage.length_cm = passage.length_cm.max(straight);
            self.put_into_tree(edge);
        }
    }

    pub(super) fn add_node(&mut self, place: Place, key: u64) -> u32 {
        self.frame_at(place);
        let node = self.nodes.len() as u32;
        self.nodes.push(Node::bare(fixed(place), key));
        self.enter_place(node);
        if key != 0 {
            self.enter_key(node);
        }
        if self.laid_out {
            self.islands.add();
        }
        node
    }

    pub(super) fn enter_place(&mut self, node: u32) {
        let nodes = &self.nodes;
        let hash = |n: &u32| hash_of_square(square(nodes[*n as usize].at));
        self.by_place.insert_unique(hash(&node), node, hash);
    }

    pub(super) fn enter_key(&mut self, node: u32) {
        let nodes = &self.nodes;
        self.by_key.insert_unique(nodes[node as usize].key, node, |n| nodes[*n as usize].key);
    }

    pub(super) fn enter_node_feature(&mut self, node: u32) {
        let nodes = &self.nodes;
        let hash = |n: &u32| mixed(nodes[*n as usize].feature as u64);
        self.by_node_feature.insert_unique(hash(&node), node, hash);
    }

    fn node_of_feature(&self, id: FeatureId) -> Option<u32> {
        self.by_node_feature.find(mixed(id.0 as u64), |n| self.nodes[*n as usize].feature == id.0).copied()
    }

    pub(super) fn node_of_key(&self, key: u64) -> Option<u32> {
        self.by_key.find(key, |n| self.nodes[*n as usize].key == key).copied()
    }

    /// The nearest node within half a metre.
    pub(in super::super) fn node_near(&self, place: Place) -> Option<u32> {
        let frame = self.frame?;
        let at = frame.metres(place);
        let middle = square(fixed(place));
        let mut nearest: Option<(f64, u32)> = None;
        for east in -1..=1 {
            for north in -1..=1 {
                let square = [middle[0].saturating_add(east), middle[1].saturating_add(north)];
                for node in self.by_place.iter_hash(hash_of_square(square)) {
                    let distance = between(self.node_at(*node), at);
                    if distance <= ONE_PLACE_M && nearest.is_none_or(|found| (distance, *node) < found) {
                        nearest = Some((distance, *node));
                    }
                }
            }
        }
        nearest.map(|(_, node)| node)
    }
}
