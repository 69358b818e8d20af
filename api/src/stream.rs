//! The live fan-out. An event goes only to the streams that may see it and asked for
//! it: they are found by map cell, by route, and by what they show already, so that
//! one more listener elsewhere costs an event nothing. There is one desk for each
//! audience; what is meant for staff never comes near the public's.

mod desk;
mod filter;
mod mailbox;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use misto_model::{Audience, CollectionId, Position};

use desk::Desk;
pub use filter::Filter;
use mailbox::Mailbox;
pub use mailbox::Taken;

/// What an event is about.
#[derive(Debug, Clone)]
pub enum Subject {
    /// A vehicle was seen.
    Vehicle {
        /// Where, for the viewport.
        position: Position,
        /// On which route, as passengers know it.
        route: Option<String>,
    },
    /// A vehicle is no longer shown.
    VehicleGone,
    /// A device gave a reading.
    Reading {
        /// Where, for the viewport; `None` goes to everybody.
        position: Option<Position>,
    },
    /// Tiles of a collection changed.
    Tiles {
        /// Which collection.
        collection: CollectionId,
    },
    /// Everything must be fetched anew.
    Reset,
}

/// One event, for one audience.
#[derive(Debug)]
pub struct Event {
    /// What it is about.
    pub subject: Subject,
    /// Who it is for; `None` is for everybody.
    pub audience: Option<Audience>,
    /// Id of the vehicle or device as that audience knows it; empty for others.
    pub id: String,
    /// JSON, as it goes out.
    pub data: String,
}

/// An event as it is written to the streams, once for all of them.
#[derive(Debug)]
pub struct Letter {
    /// The newest of one key stands for all before it; `None` stands for itself only.
    key: Option<Arc<str>>,
    /// The collection whose tiles changed: a stream may not be allowed to know of it.
    pub collection: Option<CollectionId>,
    /// The event as it goes out (WHATWG HTML 9.2.5).
    pub bytes: Bytes,
}

impl Letter {
    /// `name` and `data` hold no line breaks: one is ours and the other is JSON.
    fn new(name: &str, key: Option<Arc<str>>, data: &str) -> Self {
        Self { key, collection: None, bytes: Bytes::from(format!("event: {name}\ndata: {data}\n\n")) }
    }

    fn gone(id: &Arc<str>) -> Self {
        Self::new("gone", Some(Arc::clone(id)), &serde_json::json!({"id": **id}).to_string())
    }
}

/// Where events are announced and read.
#[derive(Debug, Clone, Default)]
pub struct Hub {
    public: Arc<Mutex<Desk>>,
    staff: Arc<Mutex<Desk>>,
}

fn locked(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hub {
    fn desk(&self, audience: Audience) -> &Arc<Mutex<Desk>> {
        match audience {
            Audience::Public => &self.public,
            Audience::Staff => &self.staff,
        }
    }

    /// Announces an event; nobody listening is fine.
    pub fn announce(&self, event: Event) {
        let Event { subject, audience, id, data } = event;
        match audience {
            Some(audience) => self.announce_to(audience, &subject, &id, || Some(data)),
            None => {
                for audience in [Audience::Public, Audience::Staff] {
                    self.announce_to(audience, &subject, &id, || Some(data.clone()));
                }
            }
        }
    }

    /// Announces an event that is written only when somebody will read it.
    pub fn announce_to(&self, audience: Audience, subject: &Subject, id: &str, write: impl FnOnce() -> Option<String>) {
        let mut desk = locked(self.desk(audience));
        match subject {
            Subject::Vehicle { position, route } => desk.vehicle(id, *position, route.as_deref(), write),
            Subject::VehicleGone => desk.vehicle_gone(id),
            Subject::Reading { position } => desk.reading(id, *position, write),
            Subject::Tiles { collection } => desk.tiles(collection, write),
            Subject::Reset => desk.reset(write),
        }
    }

    /// Announces that the boards of stops changed; everybody may know of them.
    pub fn announce_boards(&self, stops: &[(Position, &str)]) {
        for desk in [&self.public, &self.staff] {
            locked(desk).boards(stops);
        }
    }

    /// Announces that the notices for passengers changed.
    pub fn announce_notices(&self) {
        for desk in [&self.public, &self.staff] {
            locked(desk).notices();
        }
    }

    /// Begins to listen. Until [`Listener::settle`] everything that could matter is kept.
    pub fn listen(&self, audience: Audience, filter: Arc<Filter>) -> Listener {
        let desk = Arc::clone(self.desk(audience));
        let mailbox = Arc::new(Mailbox::default());
        let number = locked(&desk).open(filter, Arc::clone(&mailbox));
        Listener { desk, number, mailbox }
    }

    /// Whether anybody of this audience listens; if not, nothing needs to be written.
    pub fn is_heard_by(&self, audience: Audience) -> bool {
        !locked(self.desk(audience)).is_empty()
    }

    /// Events that the slowest reader has not read; beyond what is kept it gets a snapshot.
    pub fn waiting(&self) -> usize {
        [&self.public, &self.staff].map(|desk| locked(desk).most_waiting()).into_iter().max().unwrap_or(0)
    }

    /// Positions left out because the reader was slow and a newer one stood for them.
    pub fn coalesced(&self) -> u64 {
        [&self.public, &self.staff].map(|desk| locked(desk).coalesced()).iter().sum()
    }
}

/// One stream at a desk; it leaves when dropped.
pub struct Listener {
    desk: Arc<Mutex<Desk>>,
    number: u64,
    mailbox: Arc<Mailbox>,
}

impl Listener {
    /// The reader was shown these vehicles and nothing else; what came since listening
    /// began follows.
    pub fn settle<'a>(&self, shown: impl IntoIterator<Item = &'a str>) {
        locked(&self.desk).settle(self.number, shown);
    }

    /// Forgets what was shown and waits; as if it had just begun to listen.
    pub fn begin_anew(&self) {
        locked(&self.desk).begin_anew(self.number);
    }

    /// Waits until there is something to take. May be asked again when interrupted.
    pub async fn ready(&self) {
        self.mailbox.ready().await;
    }

    /// What came since the last time.
    pub fn take(&self) -> Taken {
        self.mailbox.take()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        locked(&self.desk).close(self.number);
    }
}

#[cfg(test)]
mod tests;
