//! Attributes under other names.

use std::collections::HashMap;

use super::FileError;
use super::survey::{EachRow, Head, Source};

/// A text that renames nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} renames nothing: write FROM=TO, for example features.has_handrails=toilet_grab_bars")]
pub struct InvalidRename(pub String);

/// An attribute and the name it gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rename {
    from: String,
    to: String,
}

impl std::str::FromStr for Rename {
    type Err = InvalidRename;
    fn from_str(text: &str) -> Result<Self, InvalidRename> {
        match text.split_once('=') {
            Some((from, to)) if !from.trim().is_empty() && !to.trim().is_empty() => {
                Ok(Self { from: from.trim().to_owned(), to: to.trim().to_owned() })
            }
            _ => Err(InvalidRename(text.chars().take(120).collect())),
        }
    }
}

/// A source whose attributes have other names.
pub(super) struct Renamed {
    inner: Box<dyn Source + Send>,
    names: HashMap<String, String>,
    head: Head,
}

impl Renamed {
    pub(super) fn boxed(inner: Box<dyn Source + Send>, renames: &[Rename]) -> Box<dyn Source + Send> {
        let names: HashMap<_, _> = renames.iter().map(|r| (r.from.clone(), r.to.clone())).collect();
        let of = inner.head();
        let mut notes = of.notes.clone();
        if !of.columns.is_empty() {
            let missing = renames.iter().filter(|r| !of.columns.iter().any(|(name, _)| *name == r.from));
            notes.extend(missing.map(|r| format!("there is no attribute {:?} to be called {:?}", r.from, r.to)));
        }
        let columns = of.columns.iter().map(|(name, kind)| (named(&names, name), *kind)).collect();
        let head = Head { columns, transform: of.transform.clone(), skipped_layers: of.skipped_layers.clone(), notes };
        Box::new(Self { inner, names, head })
    }
}

fn named(names: &HashMap<String, String>, name: &str) -> String {
    names.get(name).cloned().unwrap_or_else(|| name.to_owned())
}

impl Source for Renamed {
    fn head(&self) -> &Head {
        &self.head
    }

    fn rows(&mut self, each: EachRow<'_>) -> Result<(), FileError> {
        let names = &self.names;
        self.inner.rows(&mut |mut row| {
            for (name, _) in &mut row.cells {
                *name = named(names, name);
            }
            each(row)
        })
    }
}
