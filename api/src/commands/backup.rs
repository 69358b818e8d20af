//! `misto backup` and `misto restore`

use std::path::PathBuf;

use crate::commands::{StoreArgument, progress};
use crate::failure::Failure;

/// Keep a copy of the embedded store, also while Misto runs.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  misto backup ./backups/2026-11-24 --store geopackage:./data/city.gpkg\n\n\
    A database is kept by its own tools (pg_dump).")]
pub struct Backup {
    /// New folder for the copy
    #[arg(value_name = "FOLDER")]
    to: PathBuf,
    #[command(flatten)]
    store: StoreArgument,
}

/// Put a kept copy in the place of an embedded store that does not exist.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  misto restore ./backups/2026-11-24 --store geopackage:./data/city.gpkg\n\n\
    Stop Misto and move the former files away first; nothing is overwritten.")]
pub struct Restore {
    /// Folder that `misto backup` wrote
    #[arg(value_name = "FOLDER")]
    from: PathBuf,
    #[command(flatten)]
    store: StoreArgument,
}

impl Backup {
    /// Ends with the size of the copy.
    #[expect(clippy::print_stdout, reason = "the result of the command")]
    pub async fn run(self) -> Result<(), Failure> {
        let to = self.to.display().to_string();
        let bytes = blocking(move |progress| misto_store::back_up(&self.store.url, &self.to, progress)).await?;
        println!("{bytes} bytes kept in {to}");
        Ok(())
    }
}

impl Restore {
    /// Ends with the size of what was restored.
    #[expect(clippy::print_stdout, reason = "the result of the command")]
    pub async fn run(self) -> Result<(), Failure> {
        let from = self.from.display().to_string();
        let bytes = blocking(move |progress| misto_store::restore(&self.from, &self.store.url, progress)).await?;
        println!("{bytes} bytes restored from {from}");
        Ok(())
    }
}

async fn blocking(
    work: impl FnOnce(misto_store::Progress<'_>) -> misto_model::Result<u64> + Send + 'static,
) -> Result<u64, Failure> {
    let done = tokio::task::spawn_blocking(move || {
        let steps = progress::Steps::default();
        let done = work(&mut steps.teller());
        steps.finish();
        done
    });
    Ok(done.await.map_err(|cause| Failure::new(cause.to_string()))??)
}
