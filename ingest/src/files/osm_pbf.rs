//! OpenStreetMap extracts (`.osm.pbf`): the elements whose tags fit a filter.
//!
//! Nodes become points; closed ways and multipolygon relations areas; other
//! ways and routes lines. Every tag becomes an attribute and stays text, since a tag has
//! no type: next month's extract must fit the same table.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use geo::InteriorPoint;
use geo_types::Geometry;
use misto_model::PropertyType;

use super::osm_venues::WAYS_IN;
use super::schema::Cell;
use super::shape::Refused;
use super::survey::{EachRow, Head, Row, Source};
use super::{FileError, Options, Reading};

mod areas;
mod entrances;
mod extract;
mod filter;

pub(super) use extract::each as each_element;
pub use filter::{InvalidTagFilter, TagFilter};

/// So many tags become attributes of their own; the rarer ones go to `other_tags`.
const MAX_TAG_COLUMNS: usize = 400;
/// Elements without a place that are named.
const MAX_NOTES: usize = 20;
const ID: &str = "osm_id";
const KIND: &str = "osm_type";
const OTHER_TAGS: &str = "other_tags";

/// One element of the extract that fits the filter.
struct Element {
    kind: &'static str,
    id: i64,
    tags: Vec<(String, String)>,
    geometry: Result<Geometry, Refused>,
    /// Nodes of its outline, where they were asked for.
    outline: Vec<i64>,
    /// Doors on the outline.
    ways_in: Vec<serde_json::Value>,
}

/// The chosen elements of an extract.
pub(super) struct Extract {
    elements: Vec<Element>,
    own_column: HashSet<String>,
    head: Head,
}

impl Extract {
    pub(super) fn open(path: &Path, options: &Options) -> Result<Self, FileError> {
        let venues = matches!(options.reading, Reading::Venues | Reading::Osm);
        if options.tags.is_empty() && !venues {
            return Err(FileError::Option {
                option: "tags",
                reason: "say which elements to take, for example amenity, wheelchair or building=yes".to_owned(),
            });
        }
        let mut elements =
            if venues { entrances::read(path, &options.tags)? } else { extract::read(path, &options.tags, false)? };
        if options.points || venues {
            for element in &mut elements {
                if let Ok(geometry) = &element.geometry {
                    element.geometry = geometry
                        .interior_point()
                        .map(Geometry::Point)
                        .ok_or_else(|| "the shape has no point inside".to_owned());
                }
            }
        }
        let mut notes = without_place(&elements);
        let keys = columns(&elements, &mut notes);
        let text = |name: &str| (name.to_owned(), Some(PropertyType::Text));
        let mut columns = vec![text(KIND), (ID.to_owned(), Some(PropertyType::Integer))];
        columns.extend(keys.iter().map(|key| text(key)));
        let own_column: HashSet<String> = keys.into_iter().collect();
        if elements.iter().flat_map(|e| &e.tags).any(|(key, _)| !own_column.contains(key)) {
            columns.push(text(OTHER_TAGS));
        }
        Ok(Self { elements, own_column, head: Head { columns, notes, ..Head::default() } })
    }

    fn cells(&self, element: &Element) -> Vec<(String, Cell)> {
        let mut cells =
            vec![(KIND.to_owned(), Cell::Text(element.kind.to_owned())), (ID.to_owned(), Cell::Integer(element.id))];
        let mut others = serde_json::Map::new();
        for (key, value) in &element.tags {
            if self.own_column.contains(key) {
                cells.push((key.clone(), Cell::Text(value.clone())));
            } else {
                others.insert(key.clone(), value.clone().into());
            }
        }
        if !element.ways_in.is_empty() {
            cells.push((WAYS_IN.to_owned(), Cell::Text(serde_json::json!(element.ways_in).to_string())));
        }
        if !others.is_empty() {
            cells.push((OTHER_TAGS.to_owned(), Cell::Text(serde_json::Value::Object(others).to_string())));
        }
        cells
    }
}

impl Source for Extract {
    fn head(&self) -> &Head {
        &self.head
    }

    fn rows(&mut self, each: EachRow<'_>) -> Result<(), FileError> {
        for (number, element) in (1..).zip(&self.elements) {
            // What the extract cuts off is known and has no place; `without_place` said why.
            let geometry = Ok(element.geometry.clone().ok());
            each(Row { number, geometry, cells: self.cells(element), flattened: false })?;
        }
        Ok(())
    }
}

/// Why elements have no place, one note each for the first of them.
fn without_place(elements: &[Element]) -> Vec<String> {
    let unplaced = || elements.iter().filter_map(|e| e.geometry.as_ref().err().map(|reason| (e, reason)));
    let mut notes: Vec<String> =
        unplaced().take(MAX_NOTES).map(|(e, reason)| format!("{} {} has no place: {reason}", e.kind, e.id)).collect();
    let more = unplaced().count() - notes.len();
    if more > 0 {
        notes.push(format!("{more} more elements have no place"));
    }
    notes
}

/// Keys that become attributes, the most frequent first.
fn columns(elements: &[Element], notes: &mut Vec<String>) -> Vec<String> {
    let mut counts: HashMap<&str, u64> = HashMap::new();
    for (key, _) in elements.iter().flat_map(|e| &e.tags) {
        *counts.entry(key).or_default() += 1;
    }
    let mut keys: Vec<(&str, u64)> = counts.into_iter().collect();
    keys.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let all = keys.len();
    keys.retain(|(key, _)| ![ID, KIND, OTHER_TAGS].contains(key));
    keys.truncate(MAX_TAG_COLUMNS);
    if keys.len() < all {
        notes.push(format!("{} tags that are rare are kept together, as JSON, in {OTHER_TAGS:?}", all - keys.len()));
    }
    keys.into_iter().map(|(key, _)| key.to_owned()).collect()
}
