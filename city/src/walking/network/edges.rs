//! Edges come, change and go.

use misto_model::{FeatureId, WalkingEdge, WayKind, WrongValue};

use super::super::compact::{Arc, Passage, Record};
use super::super::problems::Part;
use super::super::snap::Span;
use super::super::space::{Place, between, degrees, fixed, is_place};
use super::{Network, key, length, mixed};

/// A line that ends farther from the node it names is a mistake in one of them.
const ENDS_THERE_M: f64 = 5.0;

impl Network {
    pub(super) fn put_edge(&mut self, id: FeatureId, line: Option<&[Place]>, edge: &WalkingEdge, wrong: &[WrongValue]) {
        self.problems.forget(Part::Edge, id);
        self.problems.values(Part::Edge, id, wrong);
        self.waiting.remove(&id.0);
        let line = line.filter(|line| {
            let usable = line.len() >= 2 && line.iter().all(|place| is_place(*place));
            if !usable {
                let what = "the line has fewer than two places, or one at 0,0 or outside the earth";
                self.problems.add(Part::Edge, id, "geometry", format!("{what}; it is drawn straight"));
            }
            usable
        });
        let first = line.and_then(|line| line.first().copied());
        let last = line.and_then(|line| line.last().copied());
        let ends = self.end(id, "from_node", edge.from_node.as_deref(), first).zip(self.end(
            id,
            "to_node",
            edge.to_node.as_deref(),
            last,
        ));
        let Some((from, to)) = ends else {
            self.problems.add(Part::Edge, id, "geometry", "has no line, and its nodes are not there; it leads nowhere");
            self.forget_edge(id);
            self.waiting.insert(id.0, edge.clone());
            return;
        };
        let bends = line.map_or(&[][..], |line| &line[1..line.len() - 1]);
        self.enter_edge(id, [from, to], bends, edge);
    }

    pub(super) fn drop_edge(&mut self, id: FeatureId) {
        self.problems.forget(Part::Edge, id);
        self.waiting.remove(&id.0);
        self.forget_edge(id);
    }

    /// Edges without a line may have their nodes now.
    pub(super) fn try_waiting(&mut self) {
        let there = |network: &Self, name: &Option<String>| {
            name.as_deref().is_some_and(|name| network.node_of_key(key(name)).is_some())
        };
        let ready: Vec<i64> = self
            .waiting
            .iter()
            .filter(|(_, edge)| there(self, &edge.from_node) && there(self, &edge.to_node))
            .map(|(id, _)| *id)
            .collect();
        for id in ready {
            if let Some(edge) = self.waiting.remove(&id) {
                self.put_edge(FeatureId(id), None, &edge, &[]);
            }
        }
    }

    /// The node where a line ends: the one it names, or the one that lies there.
    fn end(&mut self, id: FeatureId, field: &'static str, name: Option<&str>, place: Option<Place>) -> Option<u32> {
        let Some(name) = name else {
            let place = place?;
            return Some(self.node_near(place).unwrap_or_else(|| self.add_node(place, 0)));
        };
        let key = key(name);
        let Some(node) = self.node_of_key(key) else { return Some(self.add_node(place?, key)) };
        if let (Some(place), Some(frame)) = (place, self.frame) {
            let apart = frame.distance_m(place, degrees(self.nodes[node as usize].at));
            if apart > ENDS_THERE_M {
                let what = format!("its line ends {apart:.0} m from node {name:?}; it is drawn to the node");
                self.problems.add(Part::Edge, id, field, what);
            }
        }
        Some(node)
    }

    fn enter_edge(&mut self, id: FeatureId, ends: [u32; 2], bends: &[Place], edge: &WalkingEdge) {
        let count = u16::try_from(bends.len()).unwrap_or(u16::MAX);
        if usize::from(count) < bends.len() {
            self.problems.add(Part::Edge, id, "geometry", "has more than 65535 bends; those beyond are left out");
        }
        let from = self.bends.len() as u32;
        self.bends.extend(bends.iter().take(usize::from(count)).map(|bend| fixed(*bend)));
        let name = self.names.number(edge.name.as_deref());
        let record = Record { feature: id.0, bends: (from, count), name };
        let length_cm = self.length_cm(id, ends, record, edge);
        if ends[0] == ends[1] && length_cm == 0 {
            self.problems.add(
                Part::Edge,
                id,
                "geometry",
                "begins and ends at one node and has no length; it leads nowhere",
            );
            self.forget_edge(id);
            return;
        }
        let passage = Passage::new(ends, length_cm, edge);
        match self.edge_of_feature(id) {
            Some(old) if self.passages[old as usize].ends == ends => {
                self.take_out_of_tree(old);
                self.passages[old as usize] = passage;
                self.records[old as usize] = record;
                self.put_into_tree(old);
            }
            old => {
                if old.is_some() {
                    self.forget_edge(id);
                }
                self.add_edge(passage, record);
            }
        }
    }

    fn add_edge(&mut self, passage: Passage, record: Record) {
        let edge = self.passages.len() as u32;
        self.passages.push(passage);
        self.records.push(record);
        self.live += 1;
        self.enter_edge_feature(edge);
        if self.laid_out {
            self.drift += 1;
            for (end, against) in [(passage.ends[0], false), (passage.ends[1], true)] {
                self.grown.entry(end).or_default().push(Arc::new(edge, against));
                self.nodes[end as usize].grown = true;
            }
            self.islands.join(passage.ends[0], passage.ends[1]);
            self.put_into_tree(edge);
        }
    }

    fn forget_edge(&mut self, id: FeatureId) {
        let Some(edge) = self.edge_of_feature(id) else { return };
        self.take_out_of_tree(edge);
        self.passages[edge as usize].remove();
        self.live -= 1;
        self.drift += 1;
        if let Ok(entry) = self.by_edge_feature.find_entry(mixed(id.0 as u64), |found| *found == edge) {
            entry.remove();
        }
    }

    pub(super) fn enter_edge_feature(&mut self, edge: u32) {
        let records = &self.records;
        let hash = |e: &u32| mixed(records[*e as usize].feature as u64);
        self.by_edge_feature.insert_unique(hash(&edge), edge, hash);
    }

    pub(in super::super) fn edge_of_feature(&self, id: FeatureId) -> Option<u32> {
        self.by_edge_feature.find(mixed(id.0 as u64), |e| self.records[*e as usize].feature == id.0).copied()
    }

    pub(super) fn span(&self, edge: u32) -> Span {
        Span::around(edge, &self.drawn(edge))
    }

    pub(super) fn put_into_tree(&mut self, edge: u32) {
        if self.laid_out {
            let span = self.span(edge);
            self.tree.insert(span);
        }
    }

    pub(super) fn take_out_of_tree(&mut self, edge: u32) {
        if self.laid_out {
            let span = self.span(edge);
            self.tree.remove(&span);
        }
    }

    /// Never shorter than the straight line, so that the search may rely on it.
    pub(super) fn straight_cm(&self, ends: [u32; 2]) -> u32 {
        (between(self.node_at(ends[0]), self.node_at(ends[1])) * 100.0).ceil() as u32
    }

    fn length_cm(&mut self, id: FeatureId, ends: [u32; 2], record: Record, edge: &WalkingEdge) -> u32 {
        let straight_cm = self.straight_cm(ends);
        let straight = f64::from(straight_cm) / 100.0;
        let drawn = {
            let mut line = vec![self.node_at(ends[0])];
            if let Some(frame) = self.frame {
                let from = record.bends.0 as usize;
                let bends = &self.bends[from..from + usize::from(record.bends.1)];
                line.extend(bends.iter().map(|bend| frame.of_fixed(*bend)));
            }
            line.push(self.node_at(ends[1]));
            length(&line)
        };
        let vertical = matches!(edge.kind, Some(WayKind::Elevator | WayKind::Escalator | WayKind::Steps));
        let metres = match edge.length_m {
            None => drawn,
            Some(stated) if stated + 1.0_f64.max(straight * 0.05) < straight => {
                let what =
                    format!("{stated} m is less than the straight line of {straight:.1} m; the drawn length is used");
                self.problems.add(Part::Edge, id, "length_m", what);
                drawn
            }
            Some(stated) if !vertical && stated > 100.0 + 10.0 * drawn => {
                let what =
                    format!("{stated} m is more than ten times the line of {drawn:.1} m; the drawn length is used");
                self.problems.add(Part::Edge, id, "length_m", what);
                drawn
            }
            Some(stated) => stated,
        };
        ((metres * 100.0).ceil() as u32).max(straight_cm)
    }
}
