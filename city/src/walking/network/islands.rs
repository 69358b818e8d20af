//! Which nodes ways join. Edges that go split nothing here until it is laid out anew, so
//! two nodes of different islands are surely not joined, and two of one island likely are.

#[derive(Debug, Default)]
pub(super) struct Islands {
    parents: Vec<u32>,
}

impl Islands {
    pub fn alone(nodes: usize) -> Self {
        Self { parents: (0..nodes as u32).collect() }
    }

    pub fn add(&mut self) {
        self.parents.push(self.parents.len() as u32);
    }

    pub fn of(&self, mut node: u32) -> u32 {
        while let Some(parent) = self.parents.get(node as usize).copied().filter(|parent| *parent != node) {
            node = parent;
        }
        node
    }

    /// The smaller number stands for both, so that chains stay short where numbers are near.
    pub fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.shortened(a), self.shortened(b));
        let (low, high) = (a.min(b), a.max(b));
        if let Some(parent) = self.parents.get_mut(high as usize) {
            *parent = low;
        }
    }

    fn shortened(&mut self, mut node: u32) -> u32 {
        let root = self.of(node);
        while let Some(parent) = self.parents.get_mut(node as usize).filter(|parent| **parent != root) {
            node = std::mem::replace(parent, root);
        }
        root
    }

    /// Every node points to its root.
    pub fn flatten(&mut self) {
        for node in 0..self.parents.len() as u32 {
            self.shortened(node);
        }
    }
}
