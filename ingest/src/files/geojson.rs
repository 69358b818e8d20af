//! GeoJSON (RFC 7946): one FeatureCollection, Feature or geometry, or several
//! one after the other (newline-delimited, or a text sequence of RFC 8142).

use std::cell::Cell as Counter;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::FileError;
use super::schema::Cell;
use super::survey::{EachRow, Head, Row, Source};
use crate::crs::Transform;

pub(super) mod geometry;

/// The text of one feature may be this long.
const MAX_FEATURE_BYTES: u64 = 64 << 20;

/// A file whose top level was looked through.
pub(super) struct GeoJson {
    path: PathBuf,
    head: Head,
}

impl GeoJson {
    pub(super) fn open(path: &Path) -> Result<Self, FileError> {
        let mut head = Head::default();
        // The coordinate system may stand behind the features.
        let mut crs = None;
        documents(path, None, &mut |members| {
            if crs.is_none() {
                crs = members.get("crs").filter(|crs| !crs.is_null()).cloned();
            }
            Ok(())
        })?;
        if let Some(crs) = crs {
            head.transform = transform(&crs)?;
        }
        Ok(Self { path: path.to_owned(), head })
    }
}

impl Source for GeoJson {
    fn head(&self) -> &Head {
        &self.head
    }

    fn rows(&mut self, each: EachRow<'_>) -> Result<(), FileError> {
        let number = Counter::new(0);
        let each = std::cell::RefCell::new(each);
        let emit = |value: Value| {
            number.set(number.get() + 1);
            let mut each = each.borrow_mut();
            (*each)(row(number.get(), value))
        };
        documents(&self.path, Some(&mut |value| emit(value)), &mut |members| match members
            .get("type")
            .and_then(Value::as_str)
        {
            Some("FeatureCollection") => Ok(()),
            _ => emit(Value::Object(members)),
        })
    }
}

/// RFC 7946 took the member out and fixed WGS 84; older files still name others.
fn transform(crs: &Value) -> Result<Transform, FileError> {
    match crs.pointer("/properties/name").and_then(Value::as_str) {
        Some(name) => Transform::of_name(name).map_err(FileError::Unsupported),
        None => Err(FileError::Unsupported(format!(
            "the member \"crs\" names no coordinate system that can be understood: {}",
            crs.to_string().chars().take(120).collect::<String>()
        ))),
    }
}

fn row(number: u64, value: Value) -> Row {
    let refused = |field: &str, reason: &str| Row {
        number,
        geometry: Err((Some(field.to_owned()), reason.to_owned())),
        cells: Vec::new(),
        flattened: false,
    };
    let Value::Object(mut feature) = value else { return refused("type", "this is no object; a Feature is needed") };
    let mut cells = Vec::new();
    let shape = match feature.get("type").and_then(Value::as_str) {
        Some("Feature") => {
            match feature.remove("properties") {
                Some(Value::Object(properties)) => cells.extend(properties.into_iter().map(|(k, v)| (k, cell(v)))),
                None | Some(Value::Null) => {}
                Some(_) => return refused("properties", "this is neither an object nor null"),
            }
            if let Some(id @ (Value::String(_) | Value::Number(_))) = feature.remove("id") {
                cells.push(("id".to_owned(), cell(id)));
            }
            feature.remove("geometry").unwrap_or(Value::Null)
        }
        Some(_) => Value::Object(feature),
        None => return refused("type", "this is missing; a Feature or a geometry is needed"),
    };
    let mut flattened = false;
    let geometry = geometry::read(&shape, &mut flattened, 0).map_err(|reason| (Some("geometry".to_owned()), reason));
    Row { number, geometry, cells, flattened }
}

fn cell(value: Value) -> Cell {
    match value {
        Value::Null => Cell::Null,
        Value::Bool(value) => Cell::Boolean(value),
        Value::String(text) => Cell::Text(text),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Cell::Integer(whole),
            (None, Some(real)) if number.is_f64() => Cell::Real(real),
            _ => Cell::Text(number.to_string()),
        },
        nested @ (Value::Array(_) | Value::Object(_)) => Cell::Text(nested.to_string()),
    }
}

type EachFeature<'a> = &'a mut dyn FnMut(Value) -> Result<(), FileError>;
type EachDocument<'a> = &'a mut dyn FnMut(Map<String, Value>) -> Result<(), FileError>;

/// Goes through the file's documents: features of collections one by one to
/// `feature` (left unread when `None`), the other members of each document to
/// `document` after them.
fn documents(path: &Path, mut feature: Option<EachFeature<'_>>, document: EachDocument<'_>) -> Result<(), FileError> {
    let file = File::open(path).map_err(|e| FileError::io(path, e))?;
    let mut reader = BufReader::new(file);
    if reader.fill_buf().map_err(|e| FileError::io(path, e))?.starts_with("\u{feff}".as_bytes()) {
        reader.consume(3);
    }
    let taken = Rc::new(Counter::new(0));
    let mut json = serde_json::Deserializer::from_reader(Text { inner: reader, taken: Rc::clone(&taken) });
    let mut count = 0;
    // `end` fails while there is something left to read.
    while json.end().is_err() {
        taken.set(0);
        let mut stopped = None;
        let seed = Document {
            feature: feature.as_mut().map(|f| &mut **f as EachFeature<'_>),
            stopped: &mut stopped,
            taken: &taken,
        };
        let members = seed.deserialize(&mut json).map_err(|e| match stopped {
            Some(error) => error,
            None => FileError::damaged(format!("line {}, column {}", e.line(), e.column()), without_place(&e)),
        })?;
        document(members)?;
        count += 1;
    }
    if count == 0 { Err(FileError::damaged("line 1", "the file is empty")) } else { Ok(()) }
}

fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(reason, _)| reason.to_owned())
}

/// The bytes of the file, without the record separators of RFC 8142, and not too many for one feature.
struct Text<R> {
    inner: R,
    taken: Rc<Counter<u64>>,
}

impl<R: Read> Read for Text<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        for byte in buffer.iter_mut().take(count).filter(|b| **b == 0x1e) {
            *byte = b' ';
        }
        self.taken.set(self.taken.get() + count as u64);
        if self.taken.get() > MAX_FEATURE_BYTES {
            return Err(std::io::Error::other(format!(
                "a single feature is longer than {} MB",
                MAX_FEATURE_BYTES >> 20
            )));
        }
        Ok(count)
    }
}

/// One top-level object.
struct Document<'a> {
    feature: Option<EachFeature<'a>>,
    stopped: &'a mut Option<FileError>,
    taken: &'a Counter<u64>,
}

impl<'de> DeserializeSeed<'de> for Document<'_> {
    type Value = Map<String, Value>;
    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a GeoJSON object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Map::new();
        let mut features = false;
        while let Some(key) = map.next_key::<String>()? {
            if key == "features" {
                features = true;
                map.next_value_seed(Features { document: &mut self })?;
            } else if ["type", "crs", "geometry", "properties", "id", "coordinates", "geometries"]
                .contains(&key.as_str())
            {
                members.insert(key, map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        match members.get("type").and_then(Value::as_str) {
            Some("FeatureCollection") if !features => Err(A::Error::custom("a FeatureCollection without \"features\"")),
            Some(_) => Ok(members),
            None => Err(A::Error::custom("an object without \"type\" is no GeoJSON")),
        }
    }
}

/// The array of features, one at a time.
struct Features<'a, 'b> {
    document: &'a mut Document<'b>,
}

impl<'de> DeserializeSeed<'de> for Features<'_, '_> {
    type Value = ();
    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Features<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an array of features")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        match self.document.feature.as_mut() {
            None => {
                while seq.next_element::<IgnoredAny>()?.is_some() {
                    self.document.taken.set(0);
                }
            }
            Some(each) => {
                while let Some(value) = seq.next_element::<Value>()? {
                    self.document.taken.set(0);
                    if let Err(error) = each(value) {
                        *self.document.stopped = Some(error);
                        return Err(A::Error::custom("stopped"));
                    }
                }
            }
        }
        Ok(())
    }
}
