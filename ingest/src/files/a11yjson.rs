//! A11yJSON 31 (sozialhelden.github.io/a11yjson): places with their accessibility, both ways and
//! without loss. What is measured becomes attributes; all else is kept beside them.

use std::path::{Path, PathBuf};

use geo_types::Geometry;
use serde_json::{Map, Value};

use super::geojson::geometry;
use super::survey::{EachRow, Head, Row, Source};
use super::venues::{self, A11Y_REST};
use super::{FileError, json_items};

mod fields;
mod lens;
mod paths;
mod place;
pub(super) mod quantity;
#[cfg(test)]
mod tests;

pub use place::{Attributes, FORMAT_VERSION};

/// Values that could not be read that are named.
const MAX_NOTES: usize = 20;

/// A file of places.
pub(super) struct A11yJson {
    path: PathBuf,
    head: Head,
}

impl A11yJson {
    /// Reads the file once to say which values are kept but are no measurements.
    pub(super) fn open(path: &Path) -> Result<Self, FileError> {
        let mut notes = Unread::default();
        let mut number = 0;
        json_items::items(path, "features", &mut |item| {
            number += 1;
            notes.look(number, &item);
            Ok(())
        })?;
        let columns = venues::columns(&[(A11Y_REST, misto_model::PropertyType::Text)]);
        Ok(Self { path: path.to_owned(), head: Head { columns, notes: notes.notes(), ..Head::default() } })
    }
}

impl Source for A11yJson {
    fn head(&self) -> &Head {
        &self.head
    }

    fn rows(&mut self, each: EachRow<'_>) -> Result<(), FileError> {
        let mut number = 0;
        json_items::items(&self.path, "features", &mut |item| {
            number += 1;
            each(row(number, item))
        })
    }
}

fn row(number: u64, mut item: Value) -> Row {
    let refused = |field: &str, reason: &str| Row {
        number,
        geometry: Err((Some(field.to_owned()), reason.to_owned())),
        cells: Vec::new(),
        flattened: false,
    };
    let Some(place) = item.as_object_mut() else { return refused("type", "this is no object; a PlaceInfo is needed") };
    if !place.get("properties").is_some_and(Value::is_object) {
        return refused("properties", "this is no object; a PlaceInfo has properties");
    }
    if place.get("type").is_some_and(|kind| kind == "Feature") {
        place.shift_remove("type");
    }
    let shape = place.shift_remove("geometry").unwrap_or(Value::Null);
    let mut flattened = false;
    let geometry = geometry::read(&shape, &mut flattened, 0).map_err(|reason| (Some("geometry".to_owned()), reason));
    Row { number, geometry, cells: venues::cells(place::read(item)), flattened }
}

/// Entrances and lifts of one venue that are features of their own: their attributes, with
/// `position` (longitude, latitude) where they have a place.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    /// Ways in.
    pub entrances: Vec<Attributes>,
    /// Lifts.
    pub lifts: Vec<Attributes>,
}

/// A venue as a `PlaceInfo`, which is a GeoJSON feature too. A place that is no point stands at a
/// point inside it; a venue that nobody placed has a null geometry.
pub fn place_info(geometry: Option<&Geometry>, attributes: &Attributes, parts: &Parts) -> Value {
    let mut whole = Map::new();
    whole.insert("type".to_owned(), "Feature".into());
    whole.insert("geometry".to_owned(), geometry.and_then(point).unwrap_or(Value::Null));
    if let Value::Object(rest) = place::write(attributes, &parts.entrances, &parts.lifts) {
        whole.extend(rest);
    }
    Value::Object(whole)
}

fn point(geometry: &Geometry) -> Option<Value> {
    use geo::InteriorPoint;
    let at = geometry.interior_point()?;
    Some(serde_json::json!({"type": "Point", "coordinates": [at.x(), at.y()]}))
}

/// What stands where a measurement is expected and is none.
#[derive(Default)]
struct Unread {
    first: Vec<String>,
    more: u64,
}

impl Unread {
    fn look(&mut self, number: u64, item: &Value) {
        self.look_at(number, fields::PLACE, item, "");
        for list in paths::at(item, "properties/accessibility/entrances/*") {
            self.look_at(number, fields::ENTRANCE, list, "entrance ");
        }
    }

    fn look_at(&mut self, number: u64, fields: &[fields::Field], root: &Value, of: &str) {
        for field in fields {
            let Some(value) = lens::unread(field, root) else { continue };
            if self.first.len() < MAX_NOTES {
                let value: String = value.to_string().chars().take(120).collect();
                self.first
                    .push(format!("row {number}: {of}{} is unknown: {value} is kept as it was given", field.attribute));
            } else {
                self.more += 1;
            }
        }
    }

    fn notes(mut self) -> Vec<String> {
        if self.more > 0 {
            self.first.push(format!("{} more values are kept as they were given and are unknown", self.more));
        }
        self.first
    }
}
