//! The live fan-out: one event is written once and read by every stream that may
//! see it. A reader that is too slow loses events, never memory: it is told to
//! begin again with a fresh snapshot.

use std::sync::Arc;

use misto_model::{Audience, CollectionId, Position};
use tokio::sync::broadcast;

/// Events kept for readers that lag; beyond it a reader gets a new snapshot.
const KEPT_EVENTS: usize = 8_192;

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

/// Where events are announced and read.
#[derive(Debug, Clone)]
pub struct Hub(broadcast::Sender<Arc<Event>>);

impl Default for Hub {
    fn default() -> Self {
        Self(broadcast::channel(KEPT_EVENTS).0)
    }
}

impl Hub {
    /// Announces an event; nobody listening is fine.
    pub fn announce(&self, event: Event) {
        let _nobody_listens = self.0.send(Arc::new(event));
    }

    /// Begins to listen.
    pub fn listen(&self) -> broadcast::Receiver<Arc<Event>> {
        self.0.subscribe()
    }

    /// Events that the slowest reader has not read; beyond what is kept it gets a snapshot.
    pub fn waiting(&self) -> usize {
        self.0.len()
    }

    /// How many listen; without listeners nothing needs to be written.
    pub fn listeners(&self) -> usize {
        self.0.receiver_count()
    }
}
