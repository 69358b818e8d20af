//! `misto export`

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use misto_model::{Audience, CollectionId};

use super::StoreArgument;
use crate::export::ExportFormat;
use crate::failure::Failure;

/// Write a collection to a file.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  misto export --collection venues --format geojson venues.geojson")]
pub struct Export {
    /// Id of the collection.
    #[arg(long)]
    collection: CollectionId,
    /// flatgeobuf, geojson or csv
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
        let mut features = Vec::new();
        let mut after = None;
        loop {
            let page = store.features.page(&collection.id, after, 5_000).await?;
            features.extend(page.features);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let audience = if self.public { Audience::Public } else { Audience::Staff };
        if audience == Audience::Public && collection.audience == Audience::Staff {
            return Err(Failure::new(format!("{} is for staff only", collection.id)));
        }
        let unfinished = self.file.with_extension("unfinished");
        let failed = |cause: String| Failure::new(format!("{}: {cause}", self.file.display()));
        let count = features.len();
        let written = write(&unfinished, self.format, &collection, audience, features)
            .and_then(|()| std::fs::rename(&unfinished, &self.file).map_err(|cause| cause.to_string()));
        if let Err(cause) = written {
            let _may_never_have_existed = std::fs::remove_file(&unfinished);
            return Err(failed(cause));
        }
        println!("{}: {count} features", self.file.display());
        Ok(())
    }
}

fn write(
    path: &std::path::Path,
    format: ExportFormat,
    collection: &misto_model::Collection,
    audience: Audience,
    features: Vec<misto_model::Feature>,
) -> Result<(), String> {
    let mut out = BufWriter::new(File::create(path).map_err(|cause| cause.to_string())?);
    crate::export::write(&mut out, format, collection, audience, features.into_iter())
        .map_err(|cause| cause.to_string())?;
    out.flush().map_err(|cause| cause.to_string())
}
