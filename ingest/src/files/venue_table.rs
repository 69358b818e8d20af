//! A table of venues in Misto's own attributes: they have their types whatever the rows hold, so
//! that a column of empty fields is a door nobody measured and not a text.

use misto_model::PropertyType;

use super::FileError;
use super::osm_venues::{ID, KIND};
use super::schema::Cell;
use super::survey::{EachRow, Head, Source};
use super::venues::{A11Y_REST, OSM_REST, attributes};

/// What says where a row stands or which number it had, and is no attribute: the store numbers anew.
const NO_ATTRIBUTES: [&str; 3] = ["fid", "lon", "lat"];

/// A source of rows that are venues.
pub(super) struct VenueTable {
    inner: Box<dyn Source + Send>,
    head: Head,
}

impl VenueTable {
    pub(super) fn of(inner: Box<dyn Source + Send>) -> Self {
        let of = inner.head();
        let known = |name: &str| attributes().chain(BESIDE).find(|(known, _)| *known == name).map(|(_, kind)| kind);
        let mut columns: Vec<(String, Option<PropertyType>)> = of
            .columns
            .iter()
            .filter(|(name, _)| !NO_ATTRIBUTES.contains(&name.as_str()))
            .map(|(name, kind)| (name.clone(), known(name).or(*kind)))
            .collect();
        for (name, kind) in attributes() {
            if !columns.iter().any(|(there, _)| there == name) {
                columns.push((name.to_owned(), Some(kind)));
            }
        }
        let head = Head {
            columns,
            transform: of.transform.clone(),
            skipped_layers: of.skipped_layers.clone(),
            notes: of.notes.clone(),
        };
        Self { inner, head }
    }
}

/// Attributes that other formats leave beside those of the model.
const BESIDE: [(&str, PropertyType); 4] = [
    (A11Y_REST, PropertyType::Text),
    (OSM_REST, PropertyType::Text),
    (KIND, PropertyType::Text),
    (ID, PropertyType::Integer),
];

impl Source for VenueTable {
    fn head(&self) -> &Head {
        &self.head
    }

    fn rows(&mut self, each: EachRow<'_>) -> Result<(), FileError> {
        self.inner.rows(&mut |mut row| {
            let number = |name: &str, cell: &Cell| name == "id" && matches!(cell, Cell::Integer(_));
            row.cells.retain(|(name, cell)| !(NO_ATTRIBUTES.contains(&name.as_str()) || number(name, cell)));
            each(row)
        })
    }
}
