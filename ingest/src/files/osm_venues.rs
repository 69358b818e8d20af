//! OpenStreetMap's elements as venues, from an extract, an Overpass answer or GeoJSON.

use serde_json::{Map, Value};

use geo::InteriorPoint;
use geo_types::Geometry;
use misto_model::PropertyType;

use super::FileError;
use super::schema::Cell;
use super::survey::{EachRow, Head, Row, Source};
use super::venues::{self, ENTRANCES, OSM_REST};

pub(super) mod category;
mod measures;
pub(super) mod overpass;
mod tags;
#[cfg(test)]
mod tests;

use tags::Tags;

/// Attribute: node, way or relation.
pub const KIND: &str = "osm_type";
/// Attribute: the element's number.
pub const ID: &str = "osm_id";
/// Cell of a way: its entrances, a JSON array of objects with `id`, `position` and `tags`.
pub(super) const WAYS_IN: &str = "@entrances";
/// Cell of an extract: tags that are rare.
const OTHER_TAGS: &str = "other_tags";
/// Values that could not be read that are named.
const MAX_NOTES: usize = 20;

/// A source of elements whose rows become venues.
pub(super) struct OsmVenues {
    inner: Box<dyn Source + Send>,
    head: Head,
}

impl OsmVenues {
    /// Goes over the elements once to say which values are kept but could not be read.
    pub(super) fn of(mut inner: Box<dyn Source + Send>) -> Result<Self, FileError> {
        let mut notes = inner.head().notes.clone();
        // That rare tags are kept together is no longer so: each row keeps its own.
        notes.retain(|note| !note.contains(OTHER_TAGS));
        let (mut named, mut more) = (Vec::new(), 0_u64);
        inner.rows(&mut |row| {
            let element = Element::of(row.cells);
            for (key, text) in tags::unread(&element.tags) {
                if named.len() < MAX_NOTES {
                    named.push(format!(
                        "row {} ({}): {key}={text:?} is no measurement that can be read: unknown, kept in {OSM_REST}",
                        row.number,
                        element.name()
                    ));
                } else {
                    more += 1;
                }
            }
            Ok(())
        })?;
        notes.extend(named);
        if more > 0 {
            notes.push(format!("{more} more values cannot be read and are kept in {OSM_REST}"));
        }
        let more = [(KIND, PropertyType::Text), (ID, PropertyType::Integer), (OSM_REST, PropertyType::Text)];
        let head = Head {
            columns: venues::columns(&more),
            transform: inner.head().transform.clone(),
            notes,
            ..Head::default()
        };
        Ok(Self { inner, head })
    }
}

impl Source for OsmVenues {
    fn head(&self) -> &Head {
        &self.head
    }

    fn rows(&mut self, each: EachRow<'_>) -> Result<(), FileError> {
        self.inner.rows(&mut |row| {
            let cells = venues::cells(Element::of(row.cells).attributes());
            each(Row { number: row.number, geometry: row.geometry.map(standing), cells, flattened: row.flattened })
        })
    }
}

/// A venue is a point: what is drawn larger stands inside itself.
fn standing(geometry: Option<Geometry>) -> Option<Geometry> {
    geometry.and_then(|geometry| match geometry {
        point @ Geometry::Point(_) => Some(point),
        larger => larger.interior_point().map(Geometry::Point),
    })
}

/// One element.
#[derive(Debug, Default)]
struct Element {
    kind: Option<String>,
    id: Option<i64>,
    tags: Tags,
    ways_in: Vec<Value>,
}

impl Element {
    fn of(cells: Vec<(String, Cell)>) -> Self {
        let mut element = Self::default();
        for (name, cell) in cells {
            let Some(text) = text(cell) else { continue };
            match name.as_str() {
                // A table says here where a row stands, and which it is.
                "fid" | "lon" | "lat" => {}
                KIND => element.kind = Some(text),
                ID => element.id = text.parse().ok(),
                "id" | "@id" => element.named(&text),
                WAYS_IN => element.ways_in = serde_json::from_str(&text).unwrap_or_default(),
                OTHER_TAGS => element.tags.extend(serde_json::from_str::<Tags>(&text).unwrap_or_default()),
                _ => {
                    element.tags.insert(name, text);
                }
            }
        }
        element
    }

    /// `node/123`, as programs that write GeoJSON of OpenStreetMap name elements.
    fn named(&mut self, name: &str) {
        if let Some((kind, id)) = name.split_once('/')
            && let Ok(id) = id.parse()
        {
            self.kind = Some(kind.to_owned());
            self.id = Some(id);
        }
    }

    fn name(&self) -> String {
        let id = self.id.map(|id| id.to_string()).unwrap_or_default();
        format!("{} {id}", self.kind.as_deref().unwrap_or("element"))
    }

    fn attributes(&self) -> Map<String, Value> {
        let mut attributes = tags::read(&self.tags);
        attributes.extend(self.kind.clone().map(|kind| (KIND.to_owned(), kind.into())));
        attributes.extend(self.id.map(|id| (ID.to_owned(), id.into())));
        let ways_in: Vec<Value> = self.ways_in.iter().filter_map(way_in).collect();
        if !ways_in.is_empty() {
            attributes.insert(ENTRANCES.to_owned(), Value::Array(ways_in).to_string().into());
        }
        attributes
    }
}

/// A value as a tag has it; a field that is empty is no tag.
fn text(cell: Cell) -> Option<String> {
    match cell {
        Cell::Null => None,
        Cell::Boolean(value) => Some(value.to_string()),
        Cell::Integer(value) => Some(value.to_string()),
        Cell::Real(value) => Some(value.to_string()),
        Cell::Text(text) => Some(text),
        Cell::Written(text) => Some(text).filter(|text| !text.is_empty()),
    }
}

/// A door of a building as one of its entrances.
fn way_in(node: &Value) -> Option<Value> {
    let tags: Tags = serde_json::from_value(node.get("tags")?.clone()).ok()?;
    let mut attributes = tags::read(&tags);
    attributes.shift_remove("category");
    attributes.insert("position".to_owned(), node.get("position")?.clone());
    attributes.insert(ID.to_owned(), node.get("id")?.clone());
    Some(Value::Object(attributes))
}

/// A venue as an element with its tags, and each of its entrances as an element beside it: GeoJSON
/// features with an `id` like `node/123` where the element is known.
pub fn elements(geometry: Option<&Geometry>, attributes: &Map<String, Value>) -> Vec<Value> {
    use serde_json::json;
    let position = geometry.and_then(InteriorPoint::interior_point).map(|at| json!([at.x(), at.y()]));
    let kind = attributes.get(KIND).and_then(Value::as_str).unwrap_or("node");
    let id = attributes.get(ID).and_then(Value::as_i64).map(|id| format!("{kind}/{id}"));
    let mut elements = vec![feature(id.as_deref(), position, tags::write(attributes))];
    for way in venues::objects(attributes, ENTRANCES) {
        let name = way.get(ID).and_then(Value::as_i64).map(|id| format!("node/{id}"));
        let mut tags = tags::write(&way);
        tags.entry("entrance".to_owned()).or_insert_with(|| "yes".to_owned());
        elements.push(feature(name.as_deref(), way.get("position").cloned(), tags));
    }
    elements
}

fn feature(id: Option<&str>, position: Option<Value>, tags: Tags) -> Value {
    let mut feature = Map::new();
    feature.insert("type".to_owned(), "Feature".into());
    feature.extend(id.map(|id| ("id".to_owned(), id.into())));
    let point = |at| serde_json::json!({"type": "Point", "coordinates": at});
    feature.insert("geometry".to_owned(), position.map_or(Value::Null, point));
    feature.insert("properties".to_owned(), serde_json::json!(tags));
    Value::Object(feature)
}
