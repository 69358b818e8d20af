//! Walking networks: OpenSidewalks datasets and the ways of an OpenStreetMap extract become
//! nodes and edges of one vocabulary ([`misto_model::WalkingEdge`]).
//!
//! Every feature is checked. One that cannot be used is left out, an attribute that cannot
//! be meant is unknown, and both are told with file, feature and field; the rest goes on.

use std::path::{Path, PathBuf};

use misto_model::{Bbox, WalkingEdge, WalkingNode};

use super::{FileError, Format};

mod opensidewalks;
mod osm;
mod tags;
mod unpacked;

/// One thing that is wrong with a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file.
    pub file: String,
    /// The feature: its number in the file and its id where it has one, or the element.
    pub feature: String,
    /// The field; `geometry` for its shape.
    pub field: String,
    /// Why, and what would be right.
    pub reason: String,
    /// The feature is left out; otherwise only the field is taken as unknown.
    pub left_out: bool,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let became = if self.left_out { "left out" } else { "taken as unknown" };
        write!(f, "{}: {}: {}: {} ({became})", self.file, self.feature, self.field, self.reason)
    }
}

/// Findings that are kept with their reasons; all are counted.
const KEPT: usize = 10_000;

/// What is wrong with a dataset, the first ten thousand with their reasons.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// Features left out.
    pub left_out: u64,
    /// Fields taken as unknown.
    pub unknown: u64,
    /// The first of both.
    pub first: Vec<Finding>,
}

impl Findings {
    fn add(&mut self, finding: Finding) {
        if finding.left_out {
            self.left_out += 1;
        } else {
            self.unknown += 1;
        }
        if self.first.len() < KEPT {
            self.first.push(finding);
        }
    }
}

/// Longitude and latitude, degrees.
pub type Place = [f64; 2];

/// A network as a dataset holds it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WalkingDataset {
    /// Places where ways meet.
    pub nodes: Vec<(Place, WalkingNode)>,
    /// Ways, each with its line from its first node to its second.
    pub edges: Vec<(Vec<Place>, WalkingEdge)>,
    /// What is wrong with it.
    pub findings: Findings,
    /// What was left out because it is no way on foot, and what else was done.
    pub notes: Vec<String>,
}

/// Reads a network: one `.osm.pbf`, or an OpenSidewalks dataset as a zip, a folder, or its
/// files of nodes and edges. What lies outside the bounds is left out.
///
/// # Errors
/// When a file cannot be read or is damaged, or the files are no such dataset.
pub fn read(files: &[PathBuf], bounds: Option<Bbox>) -> Result<WalkingDataset, FileError> {
    let mut dataset = match files {
        [] => return Err(FileError::Unsupported("no file was named".to_owned())),
        [file] if Format::of_path(file) == Some(Format::OsmPbf) => osm::read(file)?,
        files if files.iter().any(|file| Format::of_path(file) == Some(Format::OsmPbf)) => {
            return Err(FileError::Unsupported("an .osm.pbf is a network of its own: name it alone".to_owned()));
        }
        files => opensidewalks::read(files)?,
    };
    if let Some(bounds) = bounds {
        dataset.keep_within(&bounds);
    }
    if dataset.edges.is_empty() && dataset.findings.left_out == 0 {
        dataset.notes.push("there is no way on foot in it".to_owned());
    }
    Ok(dataset)
}

impl WalkingDataset {
    /// Keeps the edges that touch the box, and their nodes.
    fn keep_within(&mut self, bounds: &Bbox) {
        let inside = |place: &Place| {
            (bounds.west()..=bounds.east()).contains(&place[0]) && (bounds.south()..=bounds.north()).contains(&place[1])
        };
        let before = (self.nodes.len(), self.edges.len());
        self.edges.retain(|(line, _)| line.iter().any(inside));
        let named: std::collections::HashSet<&str> = self
            .edges
            .iter()
            .flat_map(|(_, edge)| [&edge.from_node, &edge.to_node])
            .flatten()
            .map(String::as_str)
            .collect();
        self.nodes
            .retain(|(place, node)| inside(place) || node.node_id.as_deref().is_some_and(|id| named.contains(id)));
        let gone = (before.0 - self.nodes.len(), before.1 - self.edges.len());
        if gone != (0, 0) {
            self.notes.push(format!("{} nodes and {} edges lie outside the bounds", gone.0, gone.1));
        }
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
