//! `misto gtfs`

use std::path::{Path, PathBuf};

use misto_ingest::files::gtfs::{Feed, FeedError, read, ways};
use misto_model::{FeedName, Timetable};
use misto_store::Store;

use super::StoreArgument;
use crate::failure::Failure;
use crate::tasks::timetable;

/// Timetables.
#[derive(Debug, clap::Subcommand)]
pub enum Gtfs {
    /// Read a GTFS feed (zip or folder) and make it the city's timetable, or that of
    /// another feed beside it. A feed with errors changes nothing.
    #[command(after_help = "Examples:
  misto gtfs load feed.zip --store geopackage:./data/city.gpkg
  misto gtfs load suburban.zip --feed suburban --store geopackage:./data/city.gpkg

A folder with routes.json and stopPoints.json gives routes with their ways and stops, without times.")]
    Load(Load),
    /// The feeds that are loaded.
    #[command(after_help = "Example:\n  misto gtfs list --store geopackage:./data/city.gpkg")]
    List(List),
    /// Take a feed away.
    #[command(after_help = "Example:\n  misto gtfs drop --feed suburban --store geopackage:./data/city.gpkg")]
    Drop(Drop),
}

#[derive(Debug, clap::Args)]
pub struct Load {
    /// The feed.
    file: PathBuf,
    /// Which of the feeds it is. Those of `city` keep their ids, those of another get its
    /// name and a colon before them.
    #[arg(long, default_value = "city")]
    feed: FeedName,
    /// Time zone of routes without times; a GTFS feed names its own.
    #[arg(long, default_value = "Europe/Kyiv")]
    time_zone: String,
    #[command(flatten)]
    store: StoreArgument,
}

#[derive(Debug, clap::Args)]
pub struct List {
    #[command(flatten)]
    store: StoreArgument,
}

#[derive(Debug, clap::Args)]
pub struct Drop {
    /// Which.
    #[arg(long)]
    feed: FeedName,
    #[command(flatten)]
    store: StoreArgument,
}

impl Gtfs {
    /// Loading ends with a line of counts.
    pub async fn run(self) -> Result<(), Failure> {
        match self {
            Self::Load(load) => load.run().await,
            Self::List(list) => list.run().await,
            Self::Drop(drop) => drop.run().await,
        }
    }
}

impl Load {
    #[expect(clippy::print_stdout, reason = "the report is what the command gives")]
    async fn run(self) -> Result<(), Failure> {
        let (file, zone) = (self.file.clone(), self.time_zone.clone());
        let read = tokio::task::spawn_blocking(move || parse(&file, &zone))
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
                    self.file.display()
                )));
            }
            Err(unreadable) => return Err(Failure::new(format!("{}: {unreadable}", self.file.display()))),
        };
        let today = jiff::Zoned::now().date();
        for note in feed.notes.iter().chain(&feed.notes_on(today)) {
            println!("note: {note}");
        }
        let store = self.store.open().await?;
        let counts = feed.counts;
        beside_the_others(&store, &self.feed, &feed.timetable).await?;
        timetable::put(&store, &self.feed, Some(&feed.timetable)).await.map_err(Failure::new)?;
        println!(
            "agencies {} routes {} stops {} trips {} stop times {}",
            counts.agencies, counts.routes, counts.stops, counts.trips, counts.stop_times
        );
        Ok(())
    }
}

fn parse(file: &Path, time_zone: &str) -> Result<Feed, FeedError> {
    if file.join(ways::ROUTES).is_file() { ways::read(file, time_zone) } else { read(file) }
}

/// Refuses what cannot stand beside the feeds that are loaded already.
async fn beside_the_others(store: &Store, feed: &FeedName, timetable: &Timetable) -> Result<(), Failure> {
    let mut feeds = timetable::feeds(store).await.map_err(Failure::new)?;
    feeds.retain(|(name, _)| name != feed);
    feeds.push((feed.clone(), timetable.clone()));
    Timetable::merged(feeds)
        .map(|_| ())
        .map_err(|conflict| Failure::new(format!("{conflict}; nothing was loaded, the timetable in use stays")))
}

impl List {
    #[expect(clippy::print_stdout, reason = "the list is what the command gives")]
    async fn run(self) -> Result<(), Failure> {
        let store = self.store.open().await?;
        let feeds = timetable::feeds(&store).await.map_err(Failure::new)?;
        if feeds.is_empty() {
            println!("no feed is loaded");
        }
        for (name, timetable) in feeds {
            let days =
                timetable.service_days().map_or_else(String::new, |(first, last)| format!(", {first} to {last}"));
            // Stations and entrances are stops of the feed too, as the loading counts them.
            let (routes, stops) = (timetable.routes.len(), timetable.stops.len() + timetable.places.len());
            let (trips, ways) = (timetable.trips.len(), timetable.trajectories.len());
            println!("{name}: routes {routes} stops {stops} trips {trips} ways without times {ways}{days}");
        }
        Ok(())
    }
}

impl Drop {
    #[expect(clippy::print_stdout, reason = "the answer is what the command gives")]
    async fn run(self) -> Result<(), Failure> {
        let store = self.store.open().await?;
        let feeds = timetable::feeds(&store).await.map_err(Failure::new)?;
        if !feeds.iter().any(|(name, _)| *name == self.feed) {
            return Err(Failure::new(format!("no feed {} is loaded; misto gtfs list tells those that are", self.feed)));
        }
        timetable::put(&store, &self.feed, None).await.map_err(Failure::new)?;
        println!("feed {} dropped", self.feed);
        Ok(())
    }
}

/// Makes a timetable the city's.
///
/// # Errors
/// When the store cannot be written.
pub async fn save(store: &Store, timetable: &Timetable) -> Result<(), Failure> {
    timetable::put(store, &FeedName::city(), Some(timetable)).await.map_err(Failure::new)
}
