//! The features of one collection: by number and by place.

use std::collections::BTreeMap;
use std::sync::Arc;

use geo::CoordsIter;
use misto_model::{Feature, FeatureId, Geometry, Version};
use rstar::{AABB, PointDistance, RTree, RTreeObject};

use crate::attributes::{Attribute, Columns, Row};
use crate::grid::GridBox;
use crate::shape::{Shape, Vertex, bounds_of};

/// A feature and its shape on the grid.
#[derive(Debug)]
pub(crate) struct Placed {
    pub(crate) id: FeatureId,
    pub(crate) version: Version,
    pub(crate) geometry: Option<Geometry>,
    pub(crate) row: Row,
    pub(crate) shape: Shape,
}

impl Placed {
    pub(crate) fn new(feature: Feature, columns: &Columns) -> Arc<Self> {
        let Feature { id, version, geometry, properties } = feature;
        // A number that is none is no place on earth, and nothing can be reckoned with it.
        let geometry =
            geometry.filter(|geometry| geometry.coords_iter().all(|at| at.x.is_finite() && at.y.is_finite()));
        let shape = geometry.as_ref().map(Shape::of).unwrap_or_default();
        Arc::new(Self { id, version, geometry, row: columns.row(properties), shape })
    }

    /// Where it lies; `None` when nobody placed it.
    pub(crate) fn bounds(&self) -> Option<GridBox> {
        Some(bounds_of(self.geometry.as_ref()?, &self.shape)?.into())
    }

    /// Whether both look the same on every tile.
    pub(crate) fn looks_like(&self, other: &Self) -> bool {
        self.geometry == other.geometry && self.row == other.row
    }
}

/// An entry of the spatial index: 32 bytes. Size and rank stand here, so that ranking a
/// city does not touch every feature.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    edges: [i32; 4],
    /// See [`Shape::size`].
    pub(crate) size: f32,
    /// The attribute `rank` (1 stays longest); the greatest number where it is unknown.
    pub(crate) rank: i32,
    pub(crate) placed: Arc<Placed>,
}

impl Entry {
    fn of(placed: &Arc<Placed>, columns: &Columns) -> Option<Self> {
        let edges = bounds_of(placed.geometry.as_ref()?, &placed.shape)?;
        let rank = match columns.rank.and_then(|column| placed.row.get(column)) {
            Some(Attribute::Whole(rank)) => rank.clamp(i32::MIN.into(), i32::MAX.into()) as i32,
            _ => i32::MAX,
        };
        Some(Self { edges, size: placed.shape.size(), rank, placed: Arc::clone(placed) })
    }

    pub(crate) fn id(&self) -> FeatureId {
        self.placed.id
    }

    pub(crate) fn bounds(&self) -> GridBox {
        self.edges.into()
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.placed, &other.placed)
    }
}

impl RTreeObject for Entry {
    type Envelope = AABB<[f64; 2]>;
    fn envelope(&self) -> Self::Envelope {
        let [west, north, east, south] = self.edges.map(f64::from);
        AABB::from_corners([west, north], [east, south])
    }
}

impl PointDistance for Entry {
    fn distance_2(&self, point: &[f64; 2]) -> f64 {
        self.envelope().distance_2(point)
    }
}

/// All features of a collection at one version.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    pub(crate) version: u64,
    columns: Arc<Columns>,
    by_id: BTreeMap<FeatureId, Arc<Placed>>,
    tree: RTree<Entry>,
    vertices: usize,
}

impl Contents {
    /// Indexes all features at once. Of two with one number the later stays.
    pub(crate) fn load(columns: Columns, placed: Vec<Arc<Placed>>, version: u64) -> Self {
        let columns = Arc::new(columns);
        let by_id: BTreeMap<_, _> = placed.into_iter().map(|placed| (placed.id, placed)).collect();
        let tree = RTree::bulk_load(by_id.values().filter_map(|placed| Entry::of(placed, &columns)).collect());
        let vertices = by_id.values().map(|placed| placed.shape.vertex_count()).sum();
        Self { version, columns, by_id, tree, vertices }
    }

    /// Where attributes stand in the rows.
    pub(crate) fn columns(&self) -> Arc<Columns> {
        Arc::clone(&self.columns)
    }

    /// Puts a feature in the place of the one with its number, or takes that away.
    /// Returns what was there.
    pub(crate) fn replace(&mut self, id: FeatureId, placed: Option<Arc<Placed>>) -> Option<Arc<Placed>> {
        let old = match &placed {
            Some(placed) => self.by_id.insert(id, Arc::clone(placed)),
            None => self.by_id.remove(&id),
        };
        let vertices = |placed: &Option<Arc<Placed>>| placed.as_ref().map_or(0, |placed| placed.shape.vertex_count());
        self.vertices = self.vertices + vertices(&placed) - vertices(&old);
        if let Some(entry) = old.as_ref().and_then(|old| Entry::of(old, &self.columns)) {
            self.tree.remove(&entry);
        }
        if let Some(entry) = placed.as_ref().and_then(|placed| Entry::of(placed, &self.columns)) {
            self.tree.insert(entry);
        }
        old
    }

    pub(crate) fn get(&self, id: FeatureId) -> Option<&Arc<Placed>> {
        self.by_id.get(&id)
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// All features by number, from the one after `after`.
    pub(crate) fn following(&self, after: Option<FeatureId>) -> impl Iterator<Item = &Arc<Placed>> {
        use std::ops::Bound::{Excluded, Unbounded};
        self.by_id.range((after.map_or(Unbounded, Excluded), Unbounded)).map(|(_, placed)| placed)
    }

    /// What may reach into the box (their own boxes do), in no order.
    pub(crate) fn within(&self, bounds: GridBox) -> Vec<Entry> {
        let corner = |x: i64, y: i64| [x as f64, y as f64];
        let envelope = AABB::from_corners(corner(bounds.west, bounds.north), corner(bounds.east, bounds.south));
        self.tree.locate_in_envelope_intersecting(envelope).cloned().collect()
    }

    /// Entries by the distance of their boxes from a grid point, with that distance in cells.
    pub(crate) fn nearest_first(&self, at: [f64; 2]) -> impl Iterator<Item = (f64, &Entry)> {
        self.tree.nearest_neighbor_iter_with_distance_2(at).map(|(entry, squared)| (squared.sqrt(), entry))
    }

    /// The box around all features; `None` when nothing is placed.
    pub(crate) fn bounds(&self) -> Option<GridBox> {
        if self.tree.size() == 0 {
            return None;
        }
        let envelope = self.tree.root().envelope();
        let ([west, north], [east, south]) = (envelope.lower(), envelope.upper());
        Some(GridBox { west: west as i64, north: north as i64, east: east as i64, south: south as i64 })
    }

    /// Vertices of all shapes.
    pub(crate) fn vertices(&self) -> usize {
        self.vertices
    }

    /// The bytes that shapes and indexes take beside the features themselves, reckoned:
    /// a B-tree holds about 1.4 slots a value, an R-tree about 1.8 entries' worth.
    pub(crate) fn index_bytes(&self) -> usize {
        let own = size_of::<Option<Geometry>>() + size_of::<Row>();
        let counted_pointer = size_of::<Placed>() - own + 2 * size_of::<usize>();
        let by_id = (size_of::<FeatureId>() + size_of::<usize>()) * 14 / 10;
        let in_tree = size_of::<Entry>() * 18 / 10;
        self.by_id.len() * (counted_pointer + by_id + in_tree) + self.vertices * size_of::<Vertex>()
    }
}

/// Projects, simplifies and packs on all processors.
pub(crate) fn place_all(features: Vec<Feature>, columns: &Columns) -> Vec<Arc<Placed>> {
    const WORTH_A_THREAD: usize = 10_000;
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(features.len() / WORTH_A_THREAD + 1);
    if threads == 1 {
        return features.into_iter().map(|feature| Placed::new(feature, columns)).collect();
    }
    let share = features.len().div_ceil(threads);
    let mut rest = features.into_iter();
    let shares: Vec<Vec<Feature>> = (0..threads).map(|_| rest.by_ref().take(share).collect()).collect();
    std::thread::scope(|scope| {
        let place = |feature| Placed::new(feature, columns);
        let work = |features: Vec<Feature>| move || features.into_iter().map(place).collect::<Vec<_>>();
        let running: Vec<_> = shares.into_iter().map(|features| scope.spawn(work(features))).collect();
        running
            .into_iter()
            .flat_map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_takes_32_bytes() {
        assert_eq!(size_of::<Entry>(), 32);
    }
}
