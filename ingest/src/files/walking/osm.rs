//! The ways on foot of an OpenStreetMap extract: every way that people walk, split where
//! ways meet and where a kerb, a gate or a lift stands on it. A street with sidewalks stays
//! one edge on its middle line that says on which sides they are.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use misto_model::{WalkingEdge, WalkingNode};
use osmpbf::Element;

use super::super::FileError;
use super::super::osm_pbf::each_element;
use super::{Finding, Findings, Place, WalkingDataset, name_of, tags};

/// A city needs a few million.
const MAX_NODES: usize = 50_000_000;

struct Walked {
    id: i64,
    nodes: Vec<i64>,
    edge: WalkingEdge,
}

pub(super) fn read(path: &Path) -> Result<WalkingDataset, FileError> {
    let mut dataset = WalkingDataset::default();
    let file = name_of(path);
    let walked = ways(path, &file, &mut dataset)?;
    let mut uses: HashMap<i64, u32> = HashMap::new();
    for way in &walked {
        for node in &way.nodes {
            *uses.entry(*node).or_default() += 1;
        }
        // Ends are nodes of the network, whoever else uses them.
        for end in [way.nodes.first(), way.nodes.last()].into_iter().flatten() {
            *uses.entry(*end).or_default() += 1;
        }
    }
    let places = places(path, &file, &uses, &mut dataset.findings)?;
    let mut used: BTreeMap<i64, ()> = BTreeMap::new();
    let mut cut = 0;
    for way in walked {
        cut += split(way, &uses, &places, &mut dataset, &mut used);
    }
    if cut > 0 {
        dataset.notes.push(format!("{cut} pieces of ways leave the extract and were cut there"));
    }
    for id in used.into_keys() {
        let (at, known) = &places[&id];
        let node = WalkingNode { node_id: Some(id.to_string()), ..known.clone().unwrap_or_default() };
        dataset.nodes.push((*at, node));
    }
    Ok(dataset)
}

fn ways(path: &Path, file: &str, dataset: &mut WalkingDataset) -> Result<Vec<Walked>, FileError> {
    let mut walked = Vec::new();
    let mut not_for_people: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut total = 0;
    each_element(path, &mut |element| {
        let Element::Way(way) = element else { return Ok(()) };
        let all: Vec<(&str, &str)> = way.tags().collect();
        let tag = |key: &str| all.iter().find(|(k, _)| *k == key).map(|(_, value)| *value);
        if tag("highway").is_none() {
            return Ok(());
        }
        let kind = match tags::kind(&tag) {
            Ok(kind) => kind,
            Err(why) => {
                *not_for_people.entry(why).or_default() += 1;
                return Ok(());
            }
        };
        let mut doubts = Vec::new();
        let edge = tags::edge(kind, &tag, &mut doubts);
        tell(&mut dataset.findings, file, format!("way {}", way.id()), doubts);
        let nodes: Vec<i64> = way.refs().collect();
        total += nodes.len();
        if total > MAX_NODES {
            return Err(FileError::Unsupported(format!(
                "the ways have more than {MAX_NODES} nodes; cut the extract to the city first, for example with osmium extract"
            )));
        }
        walked.push(Walked { id: way.id(), nodes, edge });
        Ok(())
    })?;
    for (why, count) in not_for_people {
        dataset.notes.push(format!("{count} ways are {why}"));
    }
    Ok(walked)
}

type Places = HashMap<i64, (Place, Option<WalkingNode>)>;

fn places(path: &Path, file: &str, uses: &HashMap<i64, u32>, findings: &mut Findings) -> Result<Places, FileError> {
    let mut places = HashMap::with_capacity(uses.len());
    let mut put = |id: i64, at: Place, all: Vec<(&str, &str)>| {
        let tag = |key: &str| all.iter().find(|(k, _)| *k == key).map(|(_, value)| *value);
        let mut doubts = Vec::new();
        let known = if all.is_empty() { None } else { tags::node(&tag, &mut doubts) };
        tell(findings, file, format!("node {id}"), doubts);
        places.insert(id, (at, known));
    };
    each_element(path, &mut |element| {
        match element {
            Element::Node(node) if uses.contains_key(&node.id()) => {
                put(node.id(), [node.lon(), node.lat()], node.tags().collect());
            }
            Element::DenseNode(node) if uses.contains_key(&node.id()) => {
                put(node.id(), [node.lon(), node.lat()], node.tags().collect());
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(places)
}

/// Cuts a way where it meets others and where something stands; gives how many pieces leave
/// the extract.
fn split(
    way: Walked,
    uses: &HashMap<i64, u32>,
    places: &Places,
    dataset: &mut WalkingDataset,
    used: &mut BTreeMap<i64, ()>,
) -> u64 {
    let (mut cut, mut part) = (0, 0);
    let mut piece: Vec<(i64, Place)> = Vec::new();
    let mut finish = |piece: &mut Vec<(i64, Place)>, ends_here: bool| {
        if let [(from, _), .., (to, _)] = piece.as_slice() {
            let edge = WalkingEdge {
                edge_id: Some(format!("{}/{part}", way.id)),
                from_node: Some(from.to_string()),
                to_node: Some(to.to_string()),
                step_count: way.edge.step_count.filter(|_| part == 0 && ends_here),
                ..way.edge.clone()
            };
            used.extend([(*from, ()), (*to, ())]);
            dataset.edges.push((piece.iter().map(|(_, at)| *at).collect(), edge));
            part += 1;
        }
    };
    let last = way.nodes.len().saturating_sub(1);
    for (index, id) in way.nodes.iter().enumerate() {
        let Some((at, known)) = places.get(id) else {
            cut += 1;
            finish(&mut piece, false);
            piece.clear();
            continue;
        };
        // A node that a way repeats ends nothing where it is only repeated at once.
        if piece.last().is_some_and(|(before, _)| before == id) {
            continue;
        }
        piece.push((*id, *at));
        if index == last || uses.get(id).is_some_and(|uses| *uses > 1) || known.is_some() {
            finish(&mut piece, index == last);
            piece.clear();
            piece.push((*id, *at));
        }
    }
    cut
}

fn tell(findings: &mut Findings, file: &str, feature: String, doubts: tags::Doubts) {
    for (field, reason) in doubts {
        let (file, feature) = (file.to_owned(), feature.clone());
        findings.add(Finding { file, feature, field, reason, left_out: false });
    }
}
