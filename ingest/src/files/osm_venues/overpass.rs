//! Answers of the Overpass API in JSON: `elements`, or that list alone. Ways and relations have a
//! place where the question asked for one (`out center` or `out geom`).

use std::path::{Path, PathBuf};

use geo_types::{Geometry, Point};
use misto_model::PropertyType;
use serde_json::Value;

use super::{ID, KIND};
use crate::files::schema::Cell;
use crate::files::survey::{EachRow, Head, Row, Source};
use crate::files::{FileError, json_items};

/// A file of elements.
pub(crate) struct Overpass {
    path: PathBuf,
    head: Head,
}

impl Overpass {
    pub(crate) fn open(path: &Path) -> Self {
        let columns = vec![(KIND.to_owned(), Some(PropertyType::Text)), (ID.to_owned(), Some(PropertyType::Integer))];
        Self { path: path.to_owned(), head: Head { columns, ..Head::default() } }
    }
}

impl Source for Overpass {
    fn head(&self) -> &Head {
        &self.head
    }

    fn rows(&mut self, each: EachRow<'_>) -> Result<(), FileError> {
        let mut number = 0;
        json_items::items(&self.path, "elements", &mut |element| {
            number += 1;
            each(row(number, &element))
        })
    }
}

fn row(number: u64, element: &Value) -> Row {
    let mut cells = Vec::new();
    let kind = element["type"].as_str().filter(|kind| ["node", "way", "relation"].contains(kind));
    let (Some(kind), Some(id)) = (kind, element["id"].as_i64()) else {
        let reason = "an element has a type (node, way or relation) and a number as its id".to_owned();
        return Row { number, geometry: Err((Some("type".to_owned()), reason)), cells, flattened: false };
    };
    cells.push((KIND.to_owned(), Cell::Text(kind.to_owned())));
    cells.push((ID.to_owned(), Cell::Integer(id)));
    for (key, value) in element["tags"].as_object().into_iter().flatten() {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        cells.push((key.clone(), Cell::Text(text)));
    }
    Row { number, geometry: place(element), cells, flattened: false }
}

fn place(element: &Value) -> Result<Option<Geometry>, (Option<String>, String)> {
    let at = |value: &Value| Some(Point::new(value["lon"].as_f64()?, value["lat"].as_f64()?));
    if element["type"] == "node" {
        let missing = || (Some("lat".to_owned()), "a node has lat and lon, numbers in degrees".to_owned());
        return at(element).map(|point| Some(point.into())).ok_or_else(missing);
    }
    Ok(at(&element["center"]).map(Geometry::from).or_else(|| middle(element)))
}

/// The middle of the box around it: no shape is drawn of what an answer may have cut.
fn middle(element: &Value) -> Option<Geometry> {
    let bounds = &element["bounds"];
    let side = |name: &str| bounds[name].as_f64();
    let (west, south, east, north) = (side("minlon")?, side("minlat")?, side("maxlon")?, side("maxlat")?);
    Some(Point::new(f64::midpoint(west, east), f64::midpoint(south, north)).into())
}
