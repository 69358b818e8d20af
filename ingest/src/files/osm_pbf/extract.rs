//! Three readings of an extract: relations, the ways they and the filter need,
//! the nodes that those need. So only what is used stays in memory.

use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use geo_types::{Coord, Geometry, Point};
use osmpbf::{BlobDecode, BlobReader, Element as Pbf, PrimitiveBlock, RelMemberType};

use super::super::FileError;
use super::{Element, TagFilter, areas};

/// Whether an element with these tags is taken.
type Chosen<'a> = dyn Fn(&[(String, String)]) -> bool + 'a;

/// A city needs a few million; what is more should be cut to the city first.
const MAX_NODES: usize = 100_000_000;

struct Way {
    tags: Vec<(String, String)>,
    nodes: Vec<i64>,
    /// Fits the filter itself, and not only as a part of a relation.
    chosen: bool,
}

struct Relation {
    id: i64,
    tags: Vec<(String, String)>,
    shape: Shape,
}

/// The shape that the member ways make together, by the relation's type.
enum Shape {
    Area { outer: Vec<i64>, inner: Vec<i64> },
    Lines(Vec<i64>),
    None(String),
}

impl Shape {
    fn ways(&self) -> impl Iterator<Item = &i64> {
        let (first, second): (&[i64], &[i64]) = match self {
            Self::Area { outer, inner } => (outer, inner),
            Self::Lines(ways) => (ways, &[]),
            Self::None(_) => (&[], &[]),
        };
        first.iter().chain(second)
    }

    /// Nodes of the outer ways of an area.
    fn outline(&self, ways: &HashMap<i64, Way>) -> Vec<i64> {
        match self {
            Self::Area { outer, .. } => {
                outer.iter().filter_map(|id| ways.get(id)).flat_map(|way| &way.nodes).copied().collect()
            }
            _ => Vec::new(),
        }
    }
}

/// The elements that fit a filter; with the nodes of their outlines where those are asked for.
pub(super) fn read(path: &Path, filters: &[TagFilter], outlines: bool) -> Result<Vec<Element>, FileError> {
    let chosen =
        |tags: &[(String, String)]| filters.iter().any(|f| f.fits(tags.iter().map(|(k, v)| (k.as_str(), v.as_str()))));
    let relations = relations(path, &chosen)?;
    let needed: HashSet<i64> = relations.iter().flat_map(|r| r.shape.ways()).copied().collect();
    let (order, ways) = ways(path, &needed, &chosen)?;
    let (mut elements, nodes) = nodes(path, &ways, &chosen)?;
    for id in order {
        let way = &ways[&id];
        let geometry = nodes.line(way).and_then(|positions| areas::way(positions, &way.tags));
        let outline = if outlines { way.nodes.clone() } else { Vec::new() };
        elements.push(Element { kind: "way", id, tags: way.tags.clone(), geometry, outline, ways_in: Vec::new() });
    }
    for relation in relations {
        let geometry = drawn(&relation.shape, &ways, &nodes);
        let outline = if outlines { relation.shape.outline(&ways) } else { Vec::new() };
        let (id, tags) = (relation.id, relation.tags);
        elements.push(Element { kind: "relation", id, tags, geometry, outline, ways_in: Vec::new() });
    }
    Ok(elements)
}

fn drawn(shape: &Shape, ways: &HashMap<i64, Way>, nodes: &Nodes) -> Result<Geometry, String> {
    let line = |id: &i64| {
        let way = ways.get(id).ok_or_else(|| format!("way {id} is not in the extract"))?;
        nodes.line(way)
    };
    match shape {
        Shape::Area { outer, inner } => {
            let lines = |ids: &[i64]| ids.iter().map(line).collect::<Result<Vec<_>, _>>();
            areas::multipolygon(lines(outer)?, lines(inner)?)
        }
        // A route leaves the city: what the extract holds of it is drawn.
        Shape::Lines(ids) => areas::lines(ids.iter().filter_map(|id| line(id).ok()).collect()),
        Shape::None(kind) => Err(format!("a relation of type {kind:?} has no shape of its own")),
    }
}

fn shape(relation: &osmpbf::Relation<'_>, tags: &[(String, String)]) -> Shape {
    let kind = tags.iter().find(|(key, _)| key == "type").map_or("", |(_, value)| value.as_str());
    let ways: Vec<(i64, &str)> = relation
        .members()
        .filter(|m| m.member_type == RelMemberType::Way)
        .map(|m| (m.member_id, m.role().unwrap_or_default()))
        .collect();
    let with = |fits: &dyn Fn(&str) -> bool| ways.iter().filter(|(_, role)| fits(role)).map(|(id, _)| *id).collect();
    match kind {
        // Old relations leave the role of outer ways empty.
        "multipolygon" | "boundary" => {
            Shape::Area { outer: with(&|role| matches!(role, "outer" | "")), inner: with(&|role| role == "inner") }
        }
        "route" | "multilinestring" => {
            Shape::Lines(with(&|role| !role.starts_with("platform") && !role.starts_with("stop")))
        }
        other => Shape::None(other.to_owned()),
    }
}

fn relations(path: &Path, chosen: &Chosen<'_>) -> Result<Vec<Relation>, FileError> {
    let mut relations = Vec::new();
    each(path, &mut |element| {
        let Pbf::Relation(relation) = element else { return Ok(()) };
        let tags = owned(relation.tags());
        if chosen(&tags) {
            relations.push(Relation { id: relation.id(), shape: shape(&relation, &tags), tags });
        }
        Ok(())
    })?;
    Ok(relations)
}

/// The ways, and the ids of those that fit the filter in the file's order.
fn ways(path: &Path, needed: &HashSet<i64>, chosen: &Chosen<'_>) -> Result<(Vec<i64>, HashMap<i64, Way>), FileError> {
    let (mut order, mut ways, mut total) = (Vec::new(), HashMap::new(), 0_usize);
    each(path, &mut |element| {
        let Pbf::Way(way) = element else { return Ok(()) };
        let tags = owned(way.tags());
        let fits = chosen(&tags);
        if fits || needed.contains(&way.id()) {
            let nodes: Vec<i64> = way.refs().collect();
            total = total.saturating_add(nodes.len());
            if total > MAX_NODES {
                return Err(FileError::Unsupported(format!(
                    "the chosen ways have more than {MAX_NODES} nodes; cut the extract to the city first, for example with osmium extract"
                )));
            }
            if ways.insert(way.id(), Way { tags, nodes, chosen: fits }).is_none() && fits {
                order.push(way.id());
            }
        }
        Ok(())
    })?;
    order.retain(|id| ways.get(id).is_some_and(|way| way.chosen));
    Ok((order, ways))
}

/// Positions of the nodes that ways need.
struct Nodes {
    ids: Vec<i64>,
    positions: Vec<Option<Coord>>,
}

impl Nodes {
    fn line(&self, way: &Way) -> Result<Vec<Coord>, String> {
        way.nodes
            .iter()
            .map(|id| {
                let found = self.ids.binary_search(id).ok().and_then(|index| self.positions[index]);
                found.ok_or_else(|| format!("node {id} of the way is not in the extract"))
            })
            .collect()
    }
}

fn nodes(path: &Path, ways: &HashMap<i64, Way>, chosen: &Chosen<'_>) -> Result<(Vec<Element>, Nodes), FileError> {
    let mut ids: Vec<i64> = ways.values().flat_map(|way| &way.nodes).copied().collect();
    ids.sort_unstable();
    ids.dedup();
    let mut positions = vec![None; ids.len()];
    let mut elements = Vec::new();
    each(path, &mut |element| {
        let (id, at, tags) = match &element {
            Pbf::Node(node) => (node.id(), Coord { x: node.lon(), y: node.lat() }, owned(node.tags())),
            Pbf::DenseNode(node) => (node.id(), Coord { x: node.lon(), y: node.lat() }, owned(node.tags())),
            Pbf::Way(_) | Pbf::Relation(_) => return Ok(()),
        };
        if let Ok(index) = ids.binary_search(&id) {
            positions[index] = Some(at);
        }
        if chosen(&tags) {
            let geometry = Ok(Point(at).into());
            elements.push(Element { kind: "node", id, tags, geometry, outline: Vec::new(), ways_in: Vec::new() });
        }
        Ok(())
    })?;
    Ok((elements, Nodes { ids, positions }))
}

fn owned<'a>(tags: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
    tags.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// Every element of the extract, one after the other.
pub(in super::super) fn each(
    path: &Path,
    each: &mut dyn FnMut(Pbf<'_>) -> Result<(), FileError>,
) -> Result<(), FileError> {
    let blobs = BlobReader::from_path(path).map_err(|e| FileError::Unsupported(format!("{}: {e}", path.display())))?;
    let (mut number, mut headers) = (0_u64, 0_u64);
    for blob in blobs {
        number += 1;
        let damaged = |e: &dyn std::fmt::Display| FileError::damaged(format!("block {number}"), e);
        let blob = blob.map_err(|e| damaged(&e))?;
        match blob.decode().map_err(|e| damaged(&e))? {
            BlobDecode::OsmHeader(header) => {
                headers += 1;
                let known = ["OsmSchema-V0.6", "DenseNodes"];
                if let Some(feature) = header.required_features().iter().find(|f| !known.contains(&f.as_str())) {
                    return Err(FileError::Unsupported(format!(
                        "the extract needs {feature:?}, which is not supported"
                    )));
                }
            }
            BlobDecode::OsmData(block) => elements(&block, each)
                .map_err(|e| e.unwrap_or_else(|| damaged(&"its contents contradict themselves")))?,
            BlobDecode::Unknown(_) => {}
        }
    }
    if headers == 0 {
        return Err(FileError::damaged("block 1", "there is no OSMHeader; is this an .osm.pbf?"));
    }
    Ok(())
}

/// Elements of one block; `Err(None)` when the block is damaged.
///
/// The decoder adds up differences and looks up indices of the file without
/// checking them, and panics where they are wrong. That panic ends here.
fn elements(
    block: &PrimitiveBlock,
    each: &mut dyn FnMut(Pbf<'_>) -> Result<(), FileError>,
) -> Result<(), Option<FileError>> {
    let mut outcome = Ok(());
    let walk = AssertUnwindSafe(|| {
        block.for_each_element(|element| {
            if outcome.is_ok() {
                outcome = each(element);
            }
        });
    });
    catch_unwind(walk).map_err(|_| None)?;
    outcome.map_err(Some)
}
