//! `misto export`

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use misto_ingest::files::Parts;
use misto_ingest::files::write::{Outgoing, annex_32_norms};
use misto_model::{Audience, Collection, CollectionId, Feature, FeatureId};
use misto_store::Store;

use super::StoreArgument;
use crate::access::{entrances_id, lifts_id};
use crate::export::{ExportFormat, PartsOfVenues, write_places};
use crate::failure::Failure;

/// Write a collection to a file.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  misto export --collection venues --format geojson venues.geojson")]
pub struct Export {
    /// Id of the collection.
    #[arg(long)]
    collection: CollectionId,
    /// flatgeobuf, gpkg, geojson, geojsonl, csv or shp (a zip of its parts); of venues a11yjson, osm-geojson or annex-32
    #[arg(long)]
    format: ExportFormat,
    /// Only what the public may see.
    #[arg(long)]
    public: bool,
    /// The file to write.
    file: PathBuf,
    #[command(flatten)]
    store: StoreArgument,
}

impl Export {
    /// Ends with a line of counts. A failed export leaves no file behind.
    #[expect(clippy::print_stdout, reason = "the report is what the command gives")]
    pub async fn run(self) -> Result<(), Failure> {
        let store = self.store.open().await?;
        let collections = store.features.collections().await?;
        let collection = collections
            .into_iter()
            .find(|collection| collection.id == self.collection)
            .ok_or_else(|| Failure::new(format!("collection {} was not found", self.collection)))?;
        let audience = if self.public { Audience::Public } else { Audience::Staff };
        if audience == Audience::Public && collection.audience == Audience::Staff {
            return Err(Failure::new(format!("{} is for staff only", collection.id)));
        }
        let unfinished = self.file.with_extension("unfinished");
        let failed = |cause: String| Failure::new(format!("{}: {cause}", self.file.display()));
        let parts = parts(&store, self.format, audience).await?;
        if self.format == ExportFormat::Annex32 {
            let findings = self.findings(&store, &collection).await.map_err(|cause| failed(cause.to_string()))?;
            println!("{}.norms.csv: {findings} findings", self.file.display());
        }
        let pages = Pages::new(store, collection.id.clone());
        let (path, format) = (unfinished.clone(), self.format);
        let work = tokio::task::spawn_blocking(move || write(&path, format, &collection, audience, pages, &parts));
        let written = work.await.map_err(|cause| failed(cause.to_string()))?;
        let written = written.and_then(|count| {
            std::fs::rename(&unfinished, &self.file).map(|()| count).map_err(|cause| cause.to_string())
        });
        let count = written.map_err(|cause| {
            let _may_never_have_existed = std::fs::remove_file(&unfinished);
            failed(cause)
        })?;
        println!("{}: {count} features", self.file.display());
        Ok(())
    }

    /// The findings of annex 32 go to a file of their own beside the buildings.
    async fn findings(&self, store: &Store, collection: &Collection) -> Result<u64, Failure> {
        let mut path = self.file.clone().into_os_string();
        path.push(".norms.csv");
        let pages = Pages::new(store.clone(), collection.id.clone());
        let work = tokio::task::spawn_blocking(move || {
            let out = BufWriter::new(File::create(path)?);
            annex_32_norms(out, pages)
        });
        let written = work.await.map_err(|cause| Failure::new(cause.to_string()))?;
        written.map_err(|cause| Failure::new(cause.to_string()))
    }
}

/// The entrances and lifts that are features of their own, for the format that takes them along.
async fn parts(store: &Store, format: ExportFormat, audience: Audience) -> Result<PartsOfVenues, Failure> {
    let mut parts = PartsOfVenues::default();
    if format != ExportFormat::A11yjson {
        return Ok(parts);
    }
    for collection in store.features.collections().await? {
        let list: fn(&mut Parts) -> &mut Vec<misto_model::Properties> = if collection.id == entrances_id() {
            |parts| &mut parts.entrances
        } else if collection.id == lifts_id() {
            |parts| &mut parts.lifts
        } else {
            continue;
        };
        if !audience.may_see(collection.audience) {
            continue;
        }
        let mut after = None;
        loop {
            let mut page = store.features.page(&collection.id, after, 5_000).await?;
            for feature in &mut page.features {
                feature.properties.retain(|name, _| {
                    collection.properties.iter().any(|p| p.name == *name && audience.may_see(p.audience))
                });
            }
            parts.take(&page.features, list);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(parts)
}

fn write(
    path: &Path,
    format: ExportFormat,
    collection: &Collection,
    audience: Audience,
    features: impl Iterator<Item = Outgoing>,
    parts: &PartsOfVenues,
) -> Result<u64, String> {
    let mut out = BufWriter::new(File::create(path).map_err(|cause| cause.to_string())?);
    let count =
        write_places(&mut out, format, collection, audience, features, parts).map_err(|cause| cause.to_string())?;
    out.flush().map_err(|cause| cause.to_string())?;
    Ok(count)
}

/// The features of a collection in the store, a page in memory at a time; for a thread that may block.
struct Pages {
    store: Store,
    collection: CollectionId,
    runtime: tokio::runtime::Handle,
    after: Option<FeatureId>,
    ended: bool,
    page: std::vec::IntoIter<Feature>,
}

impl Pages {
    fn new(store: Store, collection: CollectionId) -> Self {
        let runtime = tokio::runtime::Handle::current();
        Self { store, collection, runtime, after: None, ended: false, page: Vec::new().into_iter() }
    }
}

impl Iterator for Pages {
    type Item = Outgoing;

    fn next(&mut self) -> Option<Outgoing> {
        loop {
            if let Some(feature) = self.page.next() {
                return Some(Ok(feature));
            }
            if self.ended {
                return None;
            }
            match self.runtime.block_on(self.store.features.page(&self.collection, self.after, 5_000)) {
                Ok(page) => {
                    self.page = page.features.into_iter();
                    self.after = page.next;
                    self.ended = page.next.is_none();
                }
                Err(cause) => {
                    self.ended = true;
                    return Some(Err(cause.into()));
                }
            }
        }
    }
}
