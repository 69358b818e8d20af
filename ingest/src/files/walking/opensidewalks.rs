//! OpenSidewalks 0.2 (and 0.3, whose graph is the same): GeoJSON files of nodes and edges
//! (github.com/OpenSidewalks/OpenSidewalks-Schema). Attributes are OpenStreetMap's words,
//! width and length metres, incline a fraction in the direction of the line.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use geo_types::Geometry;
use misto_model::{WalkingEdge, WayKind};

use super::super::geojson::GeoJson;
use super::super::schema::Cell;
use super::super::survey::{Row, Source};
use super::super::{FileError, place};
use super::{Finding, WalkingDataset, name_of, tags, unpacked};

/// A line that ends farther from its node is a mistake in one of them; metres.
const ENDS_THERE_M: f64 = 5.0;

/// What a file of the dataset holds, by its name.
#[derive(Clone, Copy, PartialEq)]
enum Holds {
    Nodes,
    Edges,
    Other,
}

fn holds(path: &Path) -> Holds {
    let name = name_of(path).to_ascii_lowercase();
    let part = |word: &str| name.split(['.', '-', '_', ' ']).any(|part| part == word);
    match (part("nodes"), part("edges")) {
        (true, false) => Holds::Nodes,
        (false, true) => Holds::Edges,
        _ => Holds::Other,
    }
}

pub(super) fn read(named: &[PathBuf]) -> Result<WalkingDataset, FileError> {
    let unpacked = unpacked::files(named)?;
    let of = |wanted: Holds| unpacked.files.iter().filter(move |file| holds(file) == wanted);
    if of(Holds::Edges).next().is_none() || of(Holds::Nodes).next().is_none() {
        return Err(FileError::Unsupported(
            "an OpenSidewalks dataset has a GeoJSON file with `nodes` in its name and one with `edges`: \
             name both, or their folder or zip"
                .to_owned(),
        ));
    }
    let mut reading = Reading::default();
    for file in of(Holds::Nodes) {
        each(file, &mut |row| reading.node(row, &name_of(file)))?;
    }
    for file in of(Holds::Edges) {
        each(file, &mut |row| reading.edge(row, &name_of(file)))?;
    }
    let mut dataset = reading.dataset;
    for (why, count) in reading.not_for_people {
        dataset.notes.push(format!("{count} edges are {why}"));
    }
    for file in of(Holds::Other) {
        dataset.notes.push(format!("{} holds neither nodes nor edges and was not read", name_of(file)));
    }
    Ok(dataset)
}

fn each(path: &Path, each: &mut dyn FnMut(Row)) -> Result<(), FileError> {
    GeoJson::open(path)?.rows(&mut |row| {
        each(row);
        Ok(())
    })
}

#[derive(Default)]
struct Reading {
    dataset: WalkingDataset,
    places: std::collections::HashMap<String, super::Place>,
    edge_ids: HashSet<String>,
    not_for_people: std::collections::BTreeMap<&'static str, u64>,
}

/// A feature that is read, and where its findings go.
struct Feature<'a> {
    file: &'a str,
    number: u64,
    id: Option<String>,
    cells: Vec<(String, Cell)>,
}

/// Why a feature is left out: the field and the reason.
type LeftOut = (String, String);

impl Feature<'_> {
    fn finding(&self, field: &str, reason: String, left_out: bool) -> Finding {
        let feature = match &self.id {
            Some(id) => format!("feature {} ({id})", self.number),
            None => format!("feature {}", self.number),
        };
        Finding { file: self.file.to_owned(), feature, field: field.to_owned(), reason, left_out }
    }

    fn cell(&self, field: &str) -> Option<&Cell> {
        self.cells.iter().find(|(name, _)| name == field).map(|(_, cell)| cell).filter(|cell| **cell != Cell::Null)
    }

    /// A text that must be there.
    fn name(&self, field: &str) -> Result<String, LeftOut> {
        match self.cell(field) {
            Some(Cell::Text(text)) if !text.is_empty() => Ok(text.clone()),
            Some(Cell::Text(_)) => Err((field.to_owned(), "is empty".to_owned())),
            Some(_) => Err((field.to_owned(), "is no text; ids are text in quotes".to_owned())),
            None => Err((field.to_owned(), "is missing".to_owned())),
        }
    }
}

impl Reading {
    fn node(&mut self, row: Row, file: &str) {
        let mut feature = Feature { file, number: row.number, id: None, cells: row.cells };
        let read = feature.name("_id").and_then(|id| {
            feature.id = Some(id.clone());
            if self.places.contains_key(&id) {
                return Err(("_id".to_owned(), format!("{id:?} is the id of another node already")));
            }
            match checked(row.geometry)? {
                Geometry::Point(point) => Ok((id, [point.x(), point.y()])),
                _ => Err(("geometry".to_owned(), "a node is a Point".to_owned())),
            }
        });
        match read {
            Err((field, reason)) => self.dataset.findings.add(feature.finding(&field, reason, true)),
            Ok((id, place)) => {
                let mut node = self.tagged(&feature, |tag, doubts| tags::node(tag, doubts)).unwrap_or_default();
                node.node_id = Some(id.clone());
                self.places.insert(id, place);
                self.dataset.nodes.push((place, node));
            }
        }
    }

    fn edge(&mut self, row: Row, file: &str) {
        let mut feature = Feature { file, number: row.number, id: None, cells: row.cells };
        match self.usable_edge(&mut feature, row.geometry) {
            Err((field, reason)) => self.dataset.findings.add(feature.finding(&field, reason, true)),
            Ok(None) => {}
            Ok(Some((line, edge))) => self.dataset.edges.push((line, edge)),
        }
    }

    /// `None` for a way that is not for people on foot.
    fn usable_edge(
        &mut self,
        feature: &mut Feature<'_>,
        geometry: Result<Option<Geometry>, (Option<String>, String)>,
    ) -> Result<Option<(Vec<super::Place>, WalkingEdge)>, LeftOut> {
        let id = feature.name("_id")?;
        feature.id = Some(id.clone());
        if self.edge_ids.contains(&id) {
            return Err(("_id".to_owned(), format!("{id:?} is the id of another edge already")));
        }
        let ends = [("_u_id", feature.name("_u_id")?), ("_v_id", feature.name("_v_id")?)];
        for (field, end) in &ends {
            if !self.places.contains_key(end) {
                return Err(((*field).to_owned(), format!("names node {end:?}, which the dataset does not hold")));
            }
        }
        let Geometry::LineString(line) = checked(geometry)? else {
            return Err(("geometry".to_owned(), "an edge is a LineString".to_owned()));
        };
        let line: Vec<super::Place> = line.coords().map(|at| [at.x, at.y]).collect();
        if line.len() < 2 {
            return Err(("geometry".to_owned(), "a line has at least two positions".to_owned()));
        }
        self.edge_ids.insert(id.clone());
        let kind = match self.tagged(feature, |tag, _| tags::kind(tag)) {
            Ok(kind) => kind,
            Err(_) if feature.cell("highway").is_none() => {
                return Err(("highway".to_owned(), "is missing; it says what kind of way this is".to_owned()));
            }
            Err(why) => {
                *self.not_for_people.entry(why).or_default() += 1;
                return Ok(None);
            }
        };
        self.check_ends(feature, &ends, &line);
        let mut edge = self.tagged(feature, |tag, doubts| tags::edge(kind, tag, doubts));
        self.numbers(feature, kind, &mut edge);
        edge.edge_id = Some(id);
        let [(_, from), (_, to)] = ends;
        (edge.from_node, edge.to_node) = (Some(from), Some(to));
        Ok(Some((line, edge)))
    }

    /// Texts of a feature are tags; what they do not say is told.
    fn tagged<T>(&mut self, feature: &Feature<'_>, read: impl Fn(tags::Tag<'_, '_>, &mut tags::Doubts) -> T) -> T {
        let tag = |key: &str| match feature.cell(key) {
            Some(Cell::Text(text)) => Some(text.as_str()),
            _ => None,
        };
        let mut doubts = Vec::new();
        let value = read(&tag, &mut doubts);
        for (field, reason) in doubts {
            self.dataset.findings.add(feature.finding(&field, reason, false));
        }
        value
    }

    /// The format writes these as numbers.
    fn numbers(&mut self, feature: &Feature<'_>, kind: WayKind, edge: &mut WalkingEdge) {
        let street = matches!(kind, WayKind::Road | WayKind::BusyRoad);
        edge.length_m = self.number(feature, "length", "metres", 0.0, 100_000.0);
        let width = self.number(feature, "width", "metres", 0.1, 200.0).map(|metres| (metres * 1_000.0).round() / 10.0);
        if !street {
            edge.width_cm = width.or(edge.width_cm);
        }
        let incline = self.number(feature, "incline", "a fraction such as 0.083", -0.6, 0.6);
        edge.incline_percent = incline.map(|fraction| (fraction * 10_000.0).round() / 100.0).or(edge.incline_percent);
        let steps = self.number(feature, "step_count", "a whole number", 0.0, 5_000.0);
        edge.step_count = match steps {
            Some(steps) if steps.fract() != 0.0 => {
                let reason = format!("{steps} is no whole number");
                self.dataset.findings.add(feature.finding("step_count", reason, false));
                None
            }
            steps => steps.map(|steps| steps as u32).or(edge.step_count),
        };
    }

    fn number(&mut self, feature: &Feature<'_>, field: &str, right: &str, least: f64, most: f64) -> Option<f64> {
        let value = match feature.cell(field)? {
            Cell::Integer(whole) => *whole as f64,
            Cell::Real(real) => *real,
            other => {
                let what = other.text().map_or_else(|| "a value".to_owned(), |text| format!("{text:?}"));
                let reason = format!("{what} is no number; {right} is meant");
                // Words that the tags understood already are not told twice.
                let told = self.dataset.findings.first.last().is_some_and(|last| {
                    last.field == field && last.feature == feature.finding(field, String::new(), false).feature
                });
                if !told {
                    self.dataset.findings.add(feature.finding(field, reason, false));
                }
                return None;
            }
        };
        if (least..=most).contains(&value) {
            return Some(value);
        }
        let reason = format!("{value} cannot be meant; {right} from {least} to {most} is");
        self.dataset.findings.add(feature.finding(field, reason, false));
        None
    }

    fn check_ends(&mut self, feature: &Feature<'_>, ends: &[(&str, String); 2], line: &[super::Place]) {
        for ((field, id), at) in ends.iter().zip([line[0], line[line.len() - 1]]) {
            let Some(node) = self.places.get(id) else { continue };
            let apart = metres(*node, at);
            if apart > ENDS_THERE_M {
                let reason = format!("the line ends {apart:.0} m from node {id:?}; it is drawn to the node");
                self.dataset.findings.add(feature.finding(field, reason, false));
            }
        }
    }
}

fn metres(a: super::Place, b: super::Place) -> f64 {
    let place = |at: super::Place| misto_model::Position::new(at[0], at[1]).ok();
    place(a).zip(place(b)).map_or(0.0, |(a, b)| a.distance_m(b))
}

fn checked(geometry: Result<Option<Geometry>, (Option<String>, String)>) -> Result<Geometry, LeftOut> {
    let wrong = |reason: String| ("geometry".to_owned(), reason);
    let geometry = geometry.map_err(|(_, reason)| wrong(reason))?.ok_or_else(|| wrong("is missing".to_owned()))?;
    place::check(&geometry, None).map_err(wrong)?;
    use geo::CoordsIter;
    if geometry.coords_iter().any(|at| at.x == 0.0 && at.y == 0.0) {
        return Err(wrong("a position lies at 0,0, where programs put what they could not place".to_owned()));
    }
    Ok(geometry)
}
