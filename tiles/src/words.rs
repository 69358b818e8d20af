//! Texts of attributes, each kept once.

use std::collections::HashSet;
use std::hash::BuildHasher;
use std::sync::Mutex;

use arcstr::ArcStr;
use foldhash::fast::RandomState;

use crate::locks::locked;

/// The texts of one collection. Two that are alike are one in memory while anybody holds
/// it, so that a tile tells texts apart by their addresses.
#[derive(Debug)]
pub(crate) struct Words {
    drawers: [Mutex<Drawer>; DRAWERS],
    hasher: RandomState,
}

/// So that the threads that load a collection seldom wait for each other.
const DRAWERS: usize = 16;
/// A drawer is not looked through for what nobody holds before it has so many.
const FIRST_SWEEP: usize = 256;

#[derive(Debug)]
struct Drawer {
    words: HashSet<ArcStr, RandomState>,
    sweep_at: usize,
}

impl Default for Words {
    fn default() -> Self {
        let empty = |_| Mutex::new(Drawer { words: HashSet::default(), sweep_at: FIRST_SWEEP });
        Self { drawers: std::array::from_fn(empty), hasher: RandomState::default() }
    }
}

impl Words {
    /// The one copy of a text.
    pub(crate) fn keep(&self, text: &str) -> ArcStr {
        let number = self.hasher.hash_one(text) as usize % DRAWERS;
        let mut drawer = locked(&self.drawers[number]);
        if let Some(kept) = drawer.words.get(text) {
            return kept.clone();
        }
        if drawer.words.len() >= drawer.sweep_at {
            drawer.sweep();
        }
        let word = ArcStr::from(text);
        drawer.words.insert(word.clone());
        word
    }
}

impl Drawer {
    /// Takes out what only the drawer itself holds. No more than half can be that before
    /// the next time, so edits do not make it grow.
    fn sweep(&mut self) {
        self.words.retain(|word| ArcStr::strong_count(word) != Some(1));
        self.words.shrink_to(self.words.len() * 2);
        self.sweep_at = (self.words.len() * 2).max(FIRST_SWEEP);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(words: &Words) -> usize {
        words.drawers.iter().map(|drawer| locked(drawer).words.len()).sum()
    }

    #[test]
    fn what_is_alike_is_one_and_what_nobody_holds_goes() {
        let words = Words::default();
        let held: Vec<_> = (0..10_000).map(|n| words.keep(&format!("вулиця {n}"))).collect();
        for n in 0..100_000 {
            words.keep(&format!("gone {n}"));
        }
        assert!(kept(&words) <= 2 * held.len() + DRAWERS * FIRST_SWEEP, "{}", kept(&words));
        for (n, word) in held.iter().enumerate() {
            assert!(ArcStr::ptr_eq(word, &words.keep(&format!("вулиця {n}"))));
        }
    }
}
