//! What is wrong with a network, feature by feature.

use std::collections::BTreeMap;

use misto_model::{FeatureId, WrongValue};
use serde::Serialize;

/// Which of the two collections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Where ways meet.
    Node,
    /// Ways.
    Edge,
}

/// One thing that is wrong, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NetworkProblem {
    /// Node or edge.
    pub part: Part,
    /// Its feature.
    pub feature: i64,
    /// The attribute, `geometry` for its place.
    pub field: &'static str,
    /// What is wrong, what would be right, and how it is taken meanwhile.
    pub reason: String,
}

/// Problems that are kept with their reasons; all are counted.
const KEPT: usize = 10_000;

#[derive(Debug, Default)]
pub(super) struct Problems {
    by_feature: BTreeMap<(Part, i64), Vec<NetworkProblem>>,
    more: u64,
}

impl Problems {
    pub fn add(&mut self, part: Part, feature: FeatureId, field: &'static str, reason: impl Into<String>) {
        if self.by_feature.len() >= KEPT {
            self.more += 1;
            return;
        }
        let problem = NetworkProblem { part, feature: feature.0, field, reason: reason.into() };
        self.by_feature.entry((part, feature.0)).or_default().push(problem);
    }

    pub fn values(&mut self, part: Part, feature: FeatureId, wrong: &[WrongValue]) {
        for value in wrong {
            self.add(part, feature, value.field, format!("{}; it is taken as unknown", value.reason));
        }
    }

    pub fn forget(&mut self, part: Part, feature: FeatureId) {
        self.by_feature.remove(&(part, feature.0));
    }

    pub fn list(&self) -> Vec<NetworkProblem> {
        self.by_feature.values().flatten().cloned().collect()
    }

    /// How many were not kept.
    pub fn more(&self) -> u64 {
        self.more
    }
}
