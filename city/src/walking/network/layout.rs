//! Nodes and edges in an order in which what lies near lies near in memory.

use hashbrown::HashTable;
use rstar::RTree;

use super::super::compact::{Arc, NO_FEATURE, Passage, Record};
use super::super::space::order;
use super::{Islands, Network};

impl Network {
    /// Lays everything out anew: drops what went, sorts by place, and makes all indexes.
    pub(super) fn lay_out(&mut self) {
        let numbers = self.sort_nodes();
        self.sort_edges(&numbers);
        self.make_arcs();
        self.make_tables();
        for edge in 0..self.passages.len() {
            let straight = self.straight_cm(self.passages[edge].ends);
            let passage = &mut self.passages[edge];
            passage.length_cm = passage.length_cm.max(straight);
        }
        let spans = (0..self.passages.len() as u32).map(|edge| self.span(edge)).collect();
        self.tree = RTree::bulk_load(spans);
        self.islands = Islands::alone(self.nodes.len());
        for passage in &self.passages {
            self.islands.join(passage.ends[0], passage.ends[1]);
        }
        self.islands.flatten();
        self.laid_out = true;
        self.drift = 0;
    }

    /// Gives each old number its new one; nodes that nothing needs go.
    fn sort_nodes(&mut self) -> Vec<u32> {
        let mut needed: Vec<bool> = self.nodes.iter().map(|node| node.feature != NO_FEATURE).collect();
        for passage in self.passages.iter().filter(|passage| !passage.removed()) {
            passage.ends.iter().for_each(|end| needed[*end as usize] = true);
        }
        let mut sorted: Vec<u32> = (0..self.nodes.len() as u32).filter(|node| needed[*node as usize]).collect();
        sorted.sort_by_cached_key(|node| (order(self.nodes[*node as usize].at), *node));
        let mut numbers = vec![u32::MAX; self.nodes.len()];
        for (new, old) in sorted.iter().enumerate() {
            numbers[*old as usize] = new as u32;
        }
        let mut nodes: Vec<_> = sorted.iter().map(|old| self.nodes[*old as usize]).collect();
        nodes.iter_mut().for_each(|node| node.grown = false);
        self.nodes = nodes;
        numbers
    }

    fn sort_edges(&mut self, numbers: &[u32]) {
        let mut all: Vec<(Passage, Record)> = self
            .passages
            .iter()
            .zip(&self.records)
            .filter(|(passage, _)| !passage.removed())
            .map(|(passage, record)| (passage.between(passage.ends.map(|end| numbers[end as usize])), *record))
            .collect();
        all.sort_by_key(|(passage, record)| (passage.ends[0].min(passage.ends[1]), record.feature));
        let mut bends = Vec::with_capacity(self.bends.len());
        for (_, record) in &mut all {
            let (from, count) = (record.bends.0 as usize, usize::from(record.bends.1));
            record.bends.0 = bends.len() as u32;
            bends.extend_from_slice(&self.bends[from..from + count]);
        }
        bends.shrink_to_fit();
        self.bends = bends;
        self.passages = all.iter().map(|(passage, _)| *passage).collect();
        self.records = all.iter().map(|(_, record)| *record).collect();
        self.live = self.passages.len();
    }

    fn make_arcs(&mut self) {
        let mut offsets = vec![0_u32; self.nodes.len() + 1];
        for end in self.passages.iter().flat_map(|passage| passage.ends) {
            offsets[end as usize + 1] += 1;
        }
        for at in 1..offsets.len() {
            offsets[at] += offsets[at - 1];
        }
        let mut next = offsets.clone();
        let mut arcs = vec![Arc::NONE; self.passages.len() * 2];
        for (edge, passage) in (0..).zip(&self.passages) {
            for (end, against) in [(passage.ends[0], false), (passage.ends[1], true)] {
                arcs[next[end as usize] as usize] = Arc::new(edge, against);
                next[end as usize] += 1;
            }
        }
        (self.offsets, self.arcs) = (offsets, arcs);
        self.grown.clear();
    }

    fn make_tables(&mut self) {
        let (nodes, edges) = (self.nodes.len(), self.passages.len());
        self.by_key = HashTable::with_capacity(nodes);
        self.by_place = HashTable::with_capacity(nodes);
        self.by_node_feature = HashTable::with_capacity(nodes);
        self.by_edge_feature = HashTable::with_capacity(edges);
        for node in 0..nodes as u32 {
            self.enter_place(node);
            if self.nodes[node as usize].key != 0 {
                self.enter_key(node);
            }
            if self.nodes[node as usize].feature != NO_FEATURE {
                self.enter_node_feature(node);
            }
        }
        for edge in 0..edges as u32 {
            self.enter_edge_feature(edge);
        }
    }
}
