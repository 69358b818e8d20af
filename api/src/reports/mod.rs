//! Residents' reports of places: documents of the store, and in memory those that stand, so
//! that a verdict knows what is in the way now.

mod kept;
mod limits;
mod photos;
mod picture;
mod view;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use misto_city::reports::worsen;
use misto_model::{Feature, Instant};
use misto_store::{Documents, Field};
use serde_json::json;
use tokio::sync::{Mutex, Semaphore};

pub use kept::{Kept, Submitted, all_of, decide, of_venue, renew, submit};
pub use limits::{MaySendPhoto, MayTell, too_large};
pub use photos::{PHOTO, keep_photo, photo, remove_loose};
pub use view::{ReportView, for_everybody, for_staff};

use crate::access::{ReadVenue, venues_id};
use crate::app::App;
use crate::stream::{Event, Subject};

/// Kind of the documents.
pub const KIND: &str = "report";

/// What a running server holds of reports.
pub struct Reports {
    /// Those that wait for a decision or are in force, by venue.
    standing: ArcSwap<HashMap<i64, Vec<Kept>>>,
    /// Grows with every report that this process wrote.
    written: AtomicU64,
    /// How often somebody may tell something.
    pub limits: limits::Limits,
    /// One photo is unpacked at a time: its pixels are many times its bytes.
    pub unpacking: Semaphore,
    /// One decision at a time, so that two members of staff do not edit one record twice.
    pub deciding: Mutex<()>,
    /// What turns the id of a device into the hash that is kept.
    device_secret: [u8; 32],
}

impl Reports {
    /// Knows no report yet.
    pub fn new(installation_secret: &[u8; 32]) -> Self {
        Self {
            standing: ArcSwap::default(),
            written: AtomicU64::default(),
            limits: limits::Limits::default(),
            unpacking: Semaphore::new(1),
            deciding: Mutex::default(),
            device_secret: blake3::derive_key("misto 2026 devices of reports", installation_secret),
        }
    }

    /// What is kept of a device: a hash that nobody can turn back without the server's secret.
    pub fn device(&self, told: &str) -> String {
        self.hash(told.as_bytes())
    }

    /// Half a keyed hash, 32 hexadecimal digits.
    fn hash(&self, bytes: &[u8]) -> String {
        let hash = blake3::keyed_hash(&self.device_secret, bytes).to_hex();
        hash[..32].to_owned()
    }

    /// Reports that stand, as they were read last.
    fn standing(&self) -> Arc<HashMap<i64, Vec<Kept>>> {
        self.standing.load_full()
    }

    fn put(&self, kept: &Kept) {
        self.written.fetch_add(1, Ordering::SeqCst);
        self.standing.rcu(|all| {
            let mut all = HashMap::clone(all);
            let of_venue = all.entry(kept.report.venue).or_default();
            of_venue.retain(|one| one.id != kept.id);
            if kept.report.is_undecided_or_in_force() {
                of_venue.push(kept.clone());
            }
            all
        });
    }

    /// Puts what was read in the place of what stood, unless this process wrote a report since.
    fn replace(&self, read: HashMap<i64, Vec<Kept>>, written: u64) {
        let read = Arc::new(read);
        self.standing.rcu(|stood| {
            let is_newest = self.written.load(Ordering::SeqCst) == written;
            Arc::clone(if is_newest { &read } else { stood })
        });
    }

    /// Venues as they are while something stands in the way of some of them.
    pub fn worsened(
        &self,
        features: &[Arc<Feature>],
        mut read: Vec<ReadVenue>,
        now: Instant,
        days: u32,
    ) -> Vec<ReadVenue> {
        let standing = self.standing.load();
        if standing.is_empty() {
            return read;
        }
        for (feature, read) in features.iter().zip(&mut read) {
            let Some(reports) = standing.get(&feature.id.0) else { continue };
            for kept in reports.iter().filter(|kept| kept.report.hinders_at(now, days)) {
                worsen(Arc::make_mut(&mut read.venue), kept.report.about, &kept.report.claim);
            }
        }
        read
    }
}

/// Says by which members reports and photos are found.
///
/// # Errors
/// When the store cannot be written.
pub async fn declare(documents: &dyn Documents) -> misto_model::Result<()> {
    let field = |name: &str| Field { name: name.to_owned(), pointer: format!("/{name}"), unique: false };
    documents.declare(KIND, &[field("standing"), field("state"), field("venue")]).await?;
    documents.declare(PHOTO, &[field("loose")]).await
}

/// Reads anew what stands; other processes tell through the store. What is over by itself ends.
///
/// # Errors
/// When the store cannot be read.
pub async fn refresh(app: &App) -> misto_model::Result<()> {
    let now = app.now();
    let days = app.settings.reports.temporary_days;
    let written = app.reports.written.load(Ordering::SeqCst);
    let mut by_venue: HashMap<i64, Vec<Kept>> = HashMap::new();
    let mut over = Vec::new();
    for document in app.store.documents.find(KIND, "standing", &json!(true)).await? {
        let Some(kept) = Kept::of(document) else { continue };
        if kept.report.stands_at(now, days) {
            by_venue.entry(kept.report.venue).or_default().push(kept);
        } else {
            over.push(kept);
        }
    }
    let in_the_way = |all: &HashMap<i64, Vec<Kept>>| {
        let all = all.values().flatten().filter(|kept| kept.report.hinders_at(now, days));
        let mut ids: Vec<String> = all.map(|kept| kept.id.clone()).collect();
        ids.sort_unstable();
        ids
    };
    let before = app.reports.standing();
    app.reports.replace(by_venue, written);
    let is_over = over.iter().any(|kept: &Kept| kept.report.claim.is_obstacle());
    if is_over || in_the_way(&before) != in_the_way(&app.reports.standing()) {
        announce(app);
    }
    for kept in over {
        kept::expire(app, kept, None).await?;
    }
    Ok(())
}

/// Tells browsers that verdicts changed though no feature did.
fn announce(app: &App) {
    let venues = venues_id();
    let data = json!({"collection": venues, "version": app.atlas.version(&venues), "tiles": []}).to_string();
    let subject = Subject::Tiles { collection: venues };
    app.hub.announce(Event { subject, audience: None, id: String::new(), data });
}
