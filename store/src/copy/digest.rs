//! What a store holds, counted and hashed so that two stores can be compared: the
//! same contents give the same sums, in whatever order and form they are kept.

use std::collections::BTreeMap;

use misto_model::{Feature, Instant, Result};
use serde::Serialize;
use serde_json::{Value, json};

use super::{ENTRIES, NOTES, Progress, ROWS, STATES};
use crate::{EventQuery, PositionQuery, ReadingQuery, Store, wkb};

/// How many there are, and all their hashes combined.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    /// How many.
    pub count: u64,
    /// The BLAKE3 hashes of all, added up: the order does not matter, a repetition does.
    pub hash: u128,
}

impl Sum {
    fn add(&mut self, contents: &impl Serialize) {
        // What Misto keeps is JSON or goes out as JSON.
        let bytes = serde_json::to_vec(contents).unwrap_or_default();
        let hash = blake3::hash(&bytes);
        self.count += 1;
        self.hash = self.hash.wrapping_add(hash.as_bytes().first_chunk().map_or(0, |head| u128::from_le_bytes(*head)));
    }
}

/// Sums by what was summed up, for example `positions` or `features of roads`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Digest {
    /// In the order of the names.
    pub sums: BTreeMap<String, Sum>,
}

impl Digest {
    /// Reads the whole store.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn of(store: &Store, step: &'static str, progress: Progress<'_>) -> Result<Self> {
        let mut digest = Self::default();
        digest.features(store, step, progress).await?;
        digest.series(store, step, progress).await?;
        digest.registry(store).await?;
        Ok(digest)
    }

    /// The first thing in which two stores differ, in words.
    pub fn difference(&self, other: &Self) -> Option<String> {
        let names = self.sums.keys().chain(other.sums.keys());
        names.into_iter().find_map(|name| {
            let sum = |digest: &Self| digest.sums.get(name).copied().unwrap_or_default();
            let (here, there) = (sum(self), sum(other));
            (here != there).then(|| match here.count == there.count {
                true => format!("{name}: {} each, with other contents", here.count),
                false => format!("{name}: {} and {}", here.count, there.count),
            })
        })
    }

    /// Everything that was counted.
    pub fn total(&self) -> u64 {
        self.sums.values().map(|sum| sum.count).sum()
    }

    fn add(&mut self, name: &str, contents: &impl Serialize) {
        if !self.sums.contains_key(name) {
            self.sums.insert(name.to_owned(), Sum::default());
        }
        self.sums.entry(name.to_owned()).or_default().add(contents);
    }

    async fn features(&mut self, store: &Store, step: &'static str, progress: Progress<'_>) -> Result<()> {
        for collection in store.features.collections().await? {
            // The extent is worked out by the store, each in its way.
            let mut definition = json!(collection);
            definition.as_object_mut().map(|fields| fields.remove("extent"));
            self.add("collections", &definition);
            let name = format!("features of {}", collection.id);
            let mut after = None;
            loop {
                let page = store.features.page(&collection.id, after, STATES).await?;
                page.features.iter().for_each(|feature| self.add(&name, &contents(feature)));
                progress(step, self.total());
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        let mut after = 0;
        loop {
            let page = store.features.recorded(after, STATES).await?;
            if page.upto == after {
                return Ok(());
            }
            after = page.upto;
            for one in &page.entries {
                let entry = &one.entry;
                let told = json!([contents(&entry.feature), entry.kind, entry.at.micros(), entry.actor, entry.reason]);
                self.add(&format!("history of {}", one.collection), &told);
            }
            progress(step, self.total());
        }
    }

    async fn series(&mut self, store: &Store, step: &'static str, progress: Progress<'_>) -> Result<()> {
        let (mut after, limit) = (None, ROWS);
        loop {
            let page = store.series.positions(&PositionQuery { after, limit, ..PositionQuery::default() }).await?;
            page.rows.iter().for_each(|row| self.add("positions", row));
            progress(step, self.total());
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        loop {
            let page = store.series.readings(&ReadingQuery { after, limit, ..ReadingQuery::default() }).await?;
            page.rows.iter().for_each(|row| self.add("readings", row));
            progress(step, self.total());
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        loop {
            let page = store.series.events(&EventQuery { after, limit, ..EventQuery::default() }).await?;
            page.rows.iter().for_each(|row| self.add("events", row));
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    async fn registry(&mut self, store: &Store) -> Result<()> {
        for kind in store.documents.kinds().await?.into_iter().filter(|kind| kind != NOTES.0) {
            for document in store.documents.list(&kind).await? {
                self.add("documents", &json!([kind, document.key, document.version, document.body]));
            }
        }
        for (kind, key) in store.blobs.names().await? {
            let bytes = store.blobs.get(&kind, &key).await?.map(|blob| blake3::hash(&blob.bytes).to_hex().to_string());
            self.add("files", &json!([kind, key, bytes]));
        }
        for kind in store.log.kinds().await? {
            let (name, mut after) = (format!("log {kind}"), None);
            loop {
                let page = store.log.oldest(&kind, after, ENTRIES).await?;
                let Some(last) = page.last() else { break };
                after = Some(last.sequence);
                page.iter().for_each(|entry| self.add(&name, &json!([entry.at, entry.body, entry.key, entry.told])));
            }
        }
        Ok(())
    }
}

/// A moment by what it says, not by how many digits it is told with.
fn moment(value: &Value) -> Option<Value> {
    let text = value.as_str().filter(|text| text.as_bytes().get(4) == Some(&b'-'))?;
    text.parse::<Instant>().ok().map(|at| json!(at.micros()))
}

/// A feature without what differs by the form in which it is kept: the order of its
/// attributes, and whether an unknown one is absent or null.
fn contents(feature: &Feature) -> Value {
    let known: BTreeMap<&String, Value> = feature
        .properties
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name, moment(value).unwrap_or_else(|| value.clone())))
        .collect();
    let shape = feature.geometry.as_ref().map(|geometry| {
        let mut bytes = Vec::new();
        wkb::write(&mut bytes, geometry);
        blake3::hash(&bytes).to_hex().to_string()
    });
    json!([feature.id, feature.version, shape, known])
}
