//! A list of plain JSON objects. Objects inside objects become attributes named with a point
//! (`features.has_handrails`), lists become JSON text, null is unknown. The place stands in two
//! attributes, or nowhere.

use std::path::{Path, PathBuf};

use geo_types::{Geometry, Point};
use serde_json::Value;

use super::angle::Axis;
use super::schema::Cell;
use super::survey::{EachRow, Head, Row, Source};
use super::{FileError, Options, json_items};

/// Objects inside objects are followed this deep.
const MAX_DEPTH: usize = 8;

/// A file with a list.
pub(super) struct JsonTable {
    path: PathBuf,
    list: &'static str,
    lon: Option<String>,
    lat: Option<String>,
    head: Head,
}

impl JsonTable {
    /// `list` is the name of the list, where the document is an object.
    pub(super) fn open(path: &Path, list: &'static str, options: &Options) -> Result<Self, FileError> {
        let mut table = Self {
            path: path.to_owned(),
            list,
            lon: options.lon_column.clone(),
            lat: options.lat_column.clone(),
            head: Head::default(),
        };
        let mut names: Vec<String> = Vec::new();
        json_items::items(path, list, &mut |item| {
            for (name, _) in cells(&item) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            Ok(())
        })?;
        for (option, wanted) in [("lon", &table.lon), ("lat", &table.lat)] {
            if let Some(name) = wanted.as_ref().filter(|name| !names.contains(name)) {
                let reason = format!("there is no attribute {name:?}; there are {}", names.join(", "));
                return Err(FileError::Option { option, reason });
            }
        }
        let of = |axis: Axis| {
            let last = |name: &str| name.rsplit('.').next().and_then(Axis::of_name);
            names.iter().find(|name| last(name) == Some(axis)).cloned()
        };
        table.lon = table.lon.or_else(|| of(Axis::Longitude));
        table.lat = table.lat.or_else(|| of(Axis::Latitude));
        table.head.columns = names.into_iter().map(|name| (name, None)).collect();
        Ok(table)
    }
}

impl Source for JsonTable {
    fn head(&self) -> &Head {
        &self.head
    }

    fn rows(&mut self, each: EachRow<'_>) -> Result<(), FileError> {
        let (lon, lat) = (self.lon.clone(), self.lat.clone());
        let mut number = 0;
        json_items::items(&self.path, self.list, &mut |item| {
            number += 1;
            let cells = cells(&item);
            let geometry = match (&item, &lon, &lat) {
                (Value::Object(_), Some(lon), Some(lat)) => place(&cells, lon, lat),
                (Value::Object(_), _, _) => Ok(None),
                _ => Err((None, "this is no object".to_owned())),
            };
            each(Row { number, geometry, cells, flattened: false })
        })
    }
}

fn place(cells: &[(String, Cell)], lon: &str, lat: &str) -> Result<Option<Geometry>, (Option<String>, String)> {
    let of = |name: &str| cells.iter().find(|(there, _)| there == name).map(|(_, cell)| cell);
    let degrees = |name: &str| match of(name) {
        None | Some(Cell::Null) => Ok(None),
        Some(Cell::Integer(whole)) => Ok(Some(*whole as f64)),
        Some(Cell::Real(degrees)) => Ok(Some(*degrees)),
        Some(_) => Err((Some(name.to_owned()), "this is no number of degrees".to_owned())),
    };
    match (degrees(lon)?, degrees(lat)?) {
        (Some(x), Some(y)) => Ok(Some(Point::new(x, y).into())),
        (None, None) => Ok(None),
        (None, _) => Err((Some(lon.to_owned()), format!("this is empty although {lat:?} is not"))),
        (_, None) => Err((Some(lat.to_owned()), format!("this is empty although {lon:?} is not"))),
    }
}

fn cells(item: &Value) -> Vec<(String, Cell)> {
    let mut cells = Vec::new();
    flatten("", item, 0, &mut cells);
    cells
}

fn flatten(prefix: &str, value: &Value, depth: usize, cells: &mut Vec<(String, Cell)>) {
    let Value::Object(object) = value else { return };
    for (name, value) in object {
        let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            Value::Object(_) if depth < MAX_DEPTH => flatten(&name, value, depth + 1, cells),
            Value::Null => cells.push((name, Cell::Null)),
            Value::Bool(value) => cells.push((name, Cell::Boolean(*value))),
            Value::String(text) => cells.push((name, Cell::Text(text.clone()))),
            Value::Number(number) => cells.push((
                name,
                number.as_i64().map_or_else(|| number.as_f64().map_or(Cell::Null, Cell::Real), Cell::Integer),
            )),
            nested => cells.push((name, Cell::Text(nested.to_string()))),
        }
    }
}
