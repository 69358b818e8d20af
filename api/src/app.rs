//! What a running server holds: the store, the indexes in memory that follow it,
//! and the hub that tells browsers.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};

use arc_swap::{ArcSwap, ArcSwapOption};
use jiff::Timestamp;
use misto_city::fleet::{Fleet, FleetRules};
use misto_city::sensors::Sensors;
use misto_ingest::mqtt::{Backlog, Link};
use misto_model::{Audience, CollectionId, Instant};
use misto_store::Store;
use misto_tiles::Atlas;
use prometheus_client::registry::Registry;
use tokio::sync::watch;

use crate::access::VenueBook;
use crate::config::Settings;
use crate::costly::Costly;
use crate::export::KeptFiles;
use crate::metrics::Metrics;
use crate::opening::OpeningBook;
use crate::problem::Problem;
use crate::reports::Reports;
use crate::role::ProcessRole;
use crate::stream::Hub;
use crate::transit::Transit;
use crate::view::sensor::ThingRegistration;
use crate::view::vehicle::Viewing;

/// State of one server; shared by handlers and tasks.
pub struct App {
    /// Configuration.
    pub settings: Settings,
    /// Where things are kept.
    pub store: Store,
    /// Features in memory.
    pub atlas: Atlas,
    /// Venues as the rules read them.
    pub venues: VenueBook,
    /// When they are open.
    pub opening: OpeningBook,
    /// What residents told of them.
    pub reports: Reports,
    /// Whole files of collections as they stand.
    pub kept_files: KeptFiles,
    /// Turns of costly questions.
    pub costly: Costly,
    /// Vehicles in memory.
    pub fleet: RwLock<Fleet>,
    /// How old is old, from the settings.
    pub fleet_rules: FleetRules,
    /// Sensors in memory.
    pub sensors: RwLock<Sensors>,
    /// Names of sensors by `<source>:<thing>`.
    pub things: ArcSwap<HashMap<String, ThingRegistration>>,
    /// Passenger transport.
    pub transit: Transit,
    /// Live events.
    pub hub: Hub,
    /// Counters.
    pub metrics: Metrics,
    /// Writes the counters out.
    pub registry: Registry,
    /// What this process does.
    pub role: ProcessRole,
    /// Connections to the broker; none while other processes do this one's work.
    pub links: ArcSwap<Vec<watch::Receiver<Link>>>,
    /// Why it cannot be known which part of the work is this process's.
    pub unshared: ArcSwapOption<String>,
    /// Shards of the fleet whose rules this process follows; held while it does.
    pub shards: tokio::sync::Mutex<BTreeSet<u32>>,
    /// What waits at the embedded broker; `None` with an external one.
    pub backlog: Option<Arc<Backlog>>,
    /// Sequence of the change feed up to which the atlas has followed.
    pub followed: watch::Sender<i64>,
    /// Turns true when the server is told to stop; streams end then.
    pub stopping: watch::Receiver<bool>,
    /// Whether the first load of the atlas is done.
    pub loaded: AtomicBool,
    /// Why the last commit of the ingest failed; `None` when it did not.
    pub commit_failing: ArcSwapOption<String>,
    /// Why the change feed could not be read the last time; `None` when it could.
    pub feed_failing: ArcSwapOption<String>,
    /// Makes public ids for vehicles that the register does not know.
    pub pseudonym_secret: [u8; 32],
}

/// The app as handlers hold it.
pub type Shared = Arc<App>;

impl App {
    /// The wall clock; the only place where the server reads it for rules and views.
    pub fn now(&self) -> Instant {
        Instant::from_timestamp(Timestamp::now())
    }

    /// What views of vehicles need.
    pub fn viewing(&self) -> Viewing<'_> {
        Viewing {
            rules: &self.fleet_rules,
            forget_after_s: self.settings.city.forget_after_s,
            secret: &self.pseudonym_secret,
            now: self.now(),
        }
    }

    /// Refuses while the layers are being loaded: what is not there yet must not
    /// look as if it did not exist.
    ///
    /// # Errors
    /// 503 until the first load is done.
    pub fn loaded(&self) -> Result<(), Problem> {
        if self.loaded.load(Ordering::Acquire) {
            Ok(())
        } else {
            Err(Problem::unavailable("the layers are still being loaded; try again in a moment"))
        }
    }

    /// Refuses while one of these collections may still come: those that are loaded
    /// answer meanwhile. One that the audience may not see looks like one still to come.
    ///
    /// # Errors
    /// 503 until they are there or the first load is done.
    pub fn loaded_with(&self, ids: &[CollectionId], audience: Audience) -> Result<(), Problem> {
        let is_there = |id: &CollectionId| {
            self.atlas.collection(id).is_some_and(|collection| audience.may_see(collection.audience))
        };
        if self.loaded.load(Ordering::Acquire) || ids.iter().all(is_there) {
            return Ok(());
        }
        self.loaded()
    }

    /// Whether this process does what one of several does for all.
    pub async fn leads(&self) -> bool {
        self.shards.lock().await.contains(&0)
    }

    /// The connection to the vehicles: the worst of several.
    pub fn link(&self) -> Link {
        let links: Vec<Link> = self.links.load().iter().map(|link| link.borrow().clone()).collect();
        let worst = |link: &&Link| matches!(link, Link::Lost { .. });
        let found = links.iter().find(worst).or(links.iter().find(|link| **link == Link::Connecting));
        found.cloned().unwrap_or(Link::Subscribed)
    }

    /// Why the server is not ready, in words; empty when it is.
    pub fn not_ready(&self) -> Vec<String> {
        let mut reasons = Vec::new();
        if !self.loaded.load(Ordering::Acquire) {
            reasons.push("layers are still being loaded".to_owned());
        }
        match self.link() {
            Link::Subscribed => {}
            Link::Connecting => reasons.push("connecting to the MQTT broker".to_owned()),
            Link::Lost { cause, .. } => reasons.push(format!("the MQTT broker is gone: {cause}")),
        }
        if let Some(cause) = &*self.unshared.load() {
            reasons.push(format!("the work cannot be shared with other processes: {cause}"));
        }
        if self.backlog.as_ref().is_some_and(|backlog| backlog.is_full()) {
            reasons.push("the embedded broker takes nothing more until what waits is written".to_owned());
        }
        if let Some(cause) = &*self.feed_failing.load() {
            reasons.push(format!("changes of the layers cannot be read from the store: {cause}"));
        }
        if let Some(cause) = &*self.commit_failing.load() {
            reasons.push(format!("positions cannot be written to the store and wait in the broker: {cause}"));
        }
        reasons
    }
}
