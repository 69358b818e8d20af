//! JSON documents that hold one long list: a top-level array, or an object with the list under
//! one of its names. The list is read item by item, so that memory holds one of them.

use std::cell::Cell;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::FileError;

/// The text of one item may be this long.
const MAX_ITEM_BYTES: u64 = 64 << 20;

/// What each item goes to.
pub(super) type EachItem<'a> = &'a mut dyn FnMut(Value) -> Result<(), FileError>;

/// Goes through the items of a document; `list` is the name of the list where the document is an object.
///
/// # Errors
/// When the file cannot be read, is no JSON, or holds no such list; what `each` refuses.
pub(super) fn items(path: &Path, list: &str, each: EachItem<'_>) -> Result<(), FileError> {
    let file = File::open(path).map_err(|e| FileError::io(path, e))?;
    let mut reader = BufReader::new(file);
    if reader.fill_buf().map_err(|e| FileError::io(path, e))?.starts_with("\u{feff}".as_bytes()) {
        reader.consume(3);
    }
    let taken = Rc::new(Cell::new(0));
    let mut json = serde_json::Deserializer::from_reader(Bounded { inner: reader, taken: Rc::clone(&taken) });
    let mut stopped = None;
    let read = Document { list, items: Items { each, stopped: &mut stopped, taken: &taken } }
        .deserialize(&mut json)
        .and_then(|()| json.end());
    read.map_err(|e| match stopped {
        Some(error) => error,
        None => FileError::damaged(format!("line {}, column {}", e.line(), e.column()), without_place(&e)),
    })
}

fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(reason, _)| reason.to_owned())
}

/// The bytes of the file, not too many for one item.
struct Bounded<R> {
    inner: R,
    taken: Rc<Cell<u64>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.taken.set(self.taken.get() + count as u64);
        if self.taken.get() > MAX_ITEM_BYTES {
            return Err(std::io::Error::other(format!("a single item is longer than {} MB", MAX_ITEM_BYTES >> 20)));
        }
        Ok(count)
    }
}

struct Items<'a> {
    each: EachItem<'a>,
    stopped: &'a mut Option<FileError>,
    taken: &'a Cell<u64>,
}

impl Items<'_> {
    fn walk<'de, A: SeqAccess<'de>>(&mut self, mut seq: A) -> Result<(), A::Error> {
        while let Some(value) = seq.next_element::<Value>()? {
            self.taken.set(0);
            if let Err(error) = (self.each)(value) {
                *self.stopped = Some(error);
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}

struct Document<'a> {
    list: &'a str,
    items: Items<'a>,
}

impl<'de> DeserializeSeed<'de> for Document<'_> {
    type Value = ();
    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a list of objects, or an object with the list {:?}", self.list)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, seq: A) -> Result<(), A::Error> {
        self.items.walk(seq)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let mut found = false;
        while let Some(key) = map.next_key::<String>()? {
            self.items.taken.set(0);
            if key == self.list {
                found = true;
                map.next_value_seed(List(&mut self.items))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        if found { Ok(()) } else { Err(A::Error::custom(format!("the object has no list {:?}", self.list))) }
    }
}

struct List<'a, 'b>(&'a mut Items<'b>);

impl<'de> DeserializeSeed<'de> for List<'_, '_> {
    type Value = ();
    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for List<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        self.0.walk(seq)
    }
}
