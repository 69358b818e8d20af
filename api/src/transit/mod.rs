//! Passenger transport while the server runs: the network, what was found out about
//! the vehicles, the notices, and the feeds made of them.

pub mod alerts;
pub mod feeds;
pub mod following;
pub mod foreign;
mod intervals;
pub mod kept;
#[cfg(test)]
pub mod sample;
pub mod shown;
pub mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use arc_swap::{ArcSwap, ArcSwapOption};
use bytes::Bytes;
use misto_city::journey::{ChangeRules, Planner};
use misto_city::names::{Folded, Search};
use misto_city::transit::{Network, Run};
use misto_ingest::files::gtfs;
use misto_model::{Instant, Stop, VehicleKind, VehiclePosition};
use tokio::sync::{OnceCell, mpsc};

use crate::problem::{Answer, Problem};
use crate::stream::Hub;
use alerts::StandingAlert;
use following::Heard;
use foreign::Foreign;
use shown::Shown;

/// Messages of vehicles that may wait to be matched; what comes beyond is counted and left out.
pub const HEARD: usize = 65_536;

/// Whether a vehicle of that kind is followed: one of unknown kind when its tracker names a route.
pub fn carries_passengers(kind: Option<VehicleKind>, fix: &VehiclePosition) -> bool {
    kind.map_or(fix.route.is_some(), VehicleKind::is_transit)
}

/// What routes and feeds answer from.
pub struct Transit {
    /// The timetable in use; `None` until one is loaded.
    pub loaded: ArcSwapOption<Loaded>,
    /// Notices for passengers that stand, in the order of their ids.
    pub alerts: ArcSwap<Vec<StandingAlert>>,
    /// What was found at the last look at the fleet; `None` before the first.
    pub shown: ArcSwapOption<Shown>,
    /// What feeds of others say, by their place in the configuration.
    foreign: ArcSwap<BTreeMap<usize, Arc<Foreign>>>,
    ears: mpsc::Sender<Heard>,
}

/// A timetable in use.
pub struct Loaded {
    /// On the ground.
    pub network: Arc<Network>,
    /// Version of what it was read from.
    pub version: String,
    names: Vec<(Folded, misto_model::StopId)>,
    zip: OnceCell<Zip>,
    planner: OnceLock<Planner>,
}

/// The timetable as a GTFS Schedule feed.
pub struct Zip {
    /// The file.
    pub bytes: Bytes,
    /// Strong, of the file.
    pub etag: String,
}

impl Transit {
    /// With what takes fixes to be matched.
    pub fn new(ears: mpsc::Sender<Heard>) -> Self {
        let (loaded, shown) = (ArcSwapOption::empty(), ArcSwapOption::empty());
        Self { loaded, alerts: ArcSwap::default(), shown, foreign: ArcSwap::default(), ears }
    }

    /// Hands what is told of a vehicle to who matches; gives whether there was room.
    pub fn hear(&self, heard: Heard) -> bool {
        // Closed: this process matches nothing.
        !matches!(self.ears.try_send(heard), Err(mpsc::error::TrySendError::Full(_)))
    }

    /// The picture, when it belongs to this timetable: its numbers of trips and patterns
    /// mean nothing in another.
    pub fn shown_with(&self, network: &Arc<Network>) -> Option<Arc<Shown>> {
        self.shown.load_full().filter(|shown| Arc::ptr_eq(&shown.network, network))
    }

    /// Puts a new picture in the place of the last and tells who listens what changed.
    pub fn show(&self, shown: Shown, hub: &Hub) {
        let shown = Arc::new(shown);
        let former = self.shown.swap(Some(Arc::clone(&shown)));
        hub.announce_boards(&shown.boards_changed_since(former.as_deref()));
    }

    /// Takes over the notices that stand and tells who listens when they changed.
    pub fn stand(&self, alerts: Vec<StandingAlert>, hub: &Hub) {
        if **self.alerts.load() != alerts {
            self.alerts.store(Arc::new(alerts));
            hub.announce_notices();
        }
    }

    /// The notices that hold at a moment: the city's own, then those of others.
    pub fn alerts_at(&self, now: Instant) -> Vec<StandingAlert> {
        let (own, foreign) = (self.alerts.load_full(), self.foreign.load_full());
        let of_others = foreign.values().filter(|said| said.holds_at(now)).flat_map(|said| said.alerts());
        own.iter().chain(of_others).filter(|standing| standing.alert.holds_at(now)).cloned().collect()
    }

    /// Takes over what a feed of somebody else says.
    pub fn say(&self, key: usize, said: Foreign, hub: &Hub) {
        let former = self.foreign.load_full();
        let said = Arc::new(said);
        let changed = former.get(&key).is_none_or(|former| !former.alerts().eq(said.alerts()));
        self.foreign.rcu(|all| {
            let mut all = all.as_ref().clone();
            all.insert(key, Arc::clone(&said));
            all
        });
        if changed {
            hub.announce_notices();
        }
    }

    /// Takes over what all feeds of others say, as another process heard it.
    pub fn say_all(&self, said: BTreeMap<usize, Foreign>, hub: &Hub) {
        let alerts = |all: &BTreeMap<usize, Arc<Foreign>>| -> Vec<StandingAlert> {
            all.values().flat_map(|said| said.alerts()).cloned().collect()
        };
        let said = said.into_iter().map(|(key, said)| (key, Arc::new(said))).collect();
        let changed = alerts(&self.foreign.load()) != alerts(&said);
        self.foreign.store(Arc::new(said));
        if changed {
            hub.announce_notices();
        }
    }

    /// What each feed of others says and still counts, by its place in the configuration.
    pub fn said(&self, now: Instant) -> BTreeMap<usize, Foreign> {
        let foreign = self.foreign.load();
        let holding = foreign.iter().filter(|(_, said)| said.holds_at(now));
        holding.map(|(key, said)| (*key, said.as_ref().clone())).collect()
    }

    /// Runs that by the feeds of others do not take place, yesterday's to tomorrow's.
    pub fn cancelled(&self, network: &Network, now: Instant) -> BTreeSet<Run> {
        self.said_by_others(now).iter().flat_map(|said| said.cancelled_runs(network, now)).collect()
    }

    /// What feeds of others say and still counts.
    pub fn said_by_others(&self, now: Instant) -> Vec<Arc<Foreign>> {
        self.foreign.load().values().filter(|said| said.holds_at(now)).cloned().collect()
    }
}

impl Loaded {
    /// A timetable as it was read.
    pub fn new(network: Network, version: String) -> Self {
        let stops = network.timetable().stops.values();
        let names = stops.map(|stop| (Folded::new(&searched(stop)), stop.id.clone())).collect();
        let (zip, planner) = (OnceCell::new(), OnceLock::new());
        Self { network: Arc::new(network), version, names, zip, planner }
    }

    /// What journeys are searched in, made when somebody first asks: tenths of a second in a
    /// large city.
    pub fn planner(&self) -> &Planner {
        self.planner.get_or_init(|| Planner::new(&self.network, &ChangeRules::default()))
    }

    /// Stops whose name or code fits, the best first.
    pub fn search(&self, typed: &str) -> Vec<&Stop> {
        let Some(search) = Search::new(typed) else { return Vec::new() };
        let mut found: Vec<_> = self.names.iter().filter_map(|(name, id)| Some((search.rank(name)?, id))).collect();
        found.sort_unstable();
        let stops = &self.network.timetable().stops;
        found.into_iter().filter_map(|(_, id)| stops.get(id)).collect()
    }

    /// The feed as a file, made when somebody first asks.
    ///
    /// # Errors
    /// When it cannot be written.
    pub async fn zip(&self) -> Answer<&Zip> {
        self.zip
            .get_or_try_init(|| async {
                let network = Arc::clone(&self.network);
                let written = tokio::task::spawn_blocking(move || gtfs::write(network.timetable())).await;
                let zip = written.map_err(|_| Problem::internal())?.map_err(|cause| {
                    tracing::error!(%cause, "the timetable cannot be written");
                    Problem::internal()
                })?;
                let etag = format!("\"{}\"", &blake3::hash(&zip.bytes).to_hex()[..32]);
                Ok(Zip { bytes: zip.bytes.into(), etag })
            })
            .await
    }
}

fn searched(stop: &Stop) -> String {
    format!("{} {}", stop.name, stop.code.as_deref().unwrap_or_default())
}
