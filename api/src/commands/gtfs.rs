//! `misto gtfs`

use std::path::PathBuf;

use misto_ingest::files::gtfs::{FeedError, read};

use super::StoreArgument;
use crate::failure::Failure;
use crate::tasks::timetable::BLOB;

/// Timetables.
#[derive(Debug, clap::Subcommand)]
pub enum Gtfs {
    /// Read a GTFS feed (zip or folder) and make it the city's timetable. A feed
    /// with errors changes nothing.
    #[command(after_help = "Example:\n  misto gtfs load feed.zip --store geopackage:./data/city.gpkg")]
    Load(Load),
}

#[derive(Debug, clap::Args)]
pub struct Load {
    /// The feed.
    file: PathBuf,
    #[command(flatten)]
    store: StoreArgument,
}

impl Gtfs {
    /// Ends with a line of counts.
    #[expect(clippy::print_stdout, reason = "the report is what the command gives")]
    pub async fn run(self) -> Result<(), Failure> {
        let Self::Load(load) = self;
        let file = load.file.clone();
        let read = tokio::task::spawn_blocking(move || read(&file))
            .await
            .map_err(|cause| Failure::new(format!("reading ended: {cause}")))?;
        let feed = match read {
            Ok(feed) => feed,
            Err(FeedError::Invalid { problems, total }) => {
                for problem in &problems {
                    println!("{problem}");
                }
                return Err(Failure::new(format!(
                    "{} has {total} problems and was not loaded; the timetable in use stays",
                    load.file.display()
                )));
            }
            Err(unreadable) => return Err(Failure::new(format!("{}: {unreadable}", load.file.display()))),
        };
        for note in &feed.notes {
            println!("note: {note}");
        }
        let store = load.store.open().await?;
        save(&store, &feed.timetable).await?;
        let counts = feed.counts;
        println!(
            "agencies {} routes {} stops {} trips {} stop times {}",
            counts.agencies, counts.routes, counts.stops, counts.trips, counts.stop_times
        );
        Ok(())
    }
}

/// Makes a timetable the city's.
///
/// # Errors
/// When the store cannot be written.
pub async fn save(store: &misto_store::Store, timetable: &misto_model::Timetable) -> Result<(), Failure> {
    let bytes = serde_json::to_vec(timetable)
        .map_err(|cause| Failure::new(format!("the timetable cannot be written: {cause}")))?;
    store.blobs.put(BLOB.0, BLOB.1, &bytes).await?;
    Ok(())
}
