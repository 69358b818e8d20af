//! The sessions that bring in raw messages: one in a process that does everything;
//! otherwise a fixed number, divided among the ingest processes.
//!
//! A session has a name at the broker, which keeps for it what nobody takes. So the
//! names are shares of the work: when a process dies another takes over its
//! sessions, and with them what waits there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use misto_ingest::mqtt::{Delivery, MqttConfig, Session};
use misto_model::Error;
use misto_store::{Holder, Work, share_out};
use tokio::sync::mpsc;

use crate::app::Shared;

/// Sessions of all ingest processes together; so many may share the work.
const SESSIONS: u32 = 16;
/// Name under which the broker divides messages among the sessions.
const GROUP: &str = "misto";
/// How long what was taken may need to be committed at a stop.
const DRAIN_WITHIN: Duration = Duration::from_secs(5);

/// Ends the one session in order when the server stops.
pub async fn one(app: Shared, session: Session) {
    let mut stopping = app.stopping.clone();
    // An error means that nobody can tell any more: stop too.
    let _ = stopping.wait_for(|stop| *stop).await;
    session.drain(DRAIN_WITHIN).await;
}

/// Keeps this process's part of the sessions open until the server stops.
pub async fn share(app: Shared, config: MqttConfig, filters: Vec<String>, deliveries: mpsc::Sender<Delivery>) {
    let filters = filters.into_iter().map(|filter| format!("$share/{GROUP}/{filter}")).collect();
    let mut sessions = Sessions { app: app.clone(), config, filters, deliveries, open: BTreeMap::new() };
    let mut stopping = app.stopping.clone();
    let stop = async move { drop(stopping.wait_for(|stop| *stop).await) };
    if let Err(error) = share_out(&app.settings.store.url, Work::Sessions, SESSIONS, &mut sessions, stop).await {
        tracing::error!(%error, "this process takes no part in the ingest");
        sessions.interrupted(&error);
    }
}

struct Sessions {
    app: Shared,
    config: MqttConfig,
    filters: Vec<String>,
    deliveries: mpsc::Sender<Delivery>,
    open: BTreeMap<u32, Session>,
}

#[async_trait]
impl Holder for Sessions {
    async fn hold(&mut self, numbers: &BTreeSet<u32>) {
        let gone: Vec<u32> = self.open.keys().copied().filter(|number| !numbers.contains(number)).collect();
        let ending =
            gone.iter().filter_map(|number| self.open.remove(number)).map(|session| session.drain(DRAIN_WITHIN));
        futures::future::join_all(ending).await;
        for number in numbers {
            if self.open.contains_key(number) {
                continue;
            }
            let client_id = format!("{}-{number}", self.config.client_id);
            let config = MqttConfig { client_id, ..self.config.clone() };
            match Session::start(config, self.filters.clone(), self.deliveries.clone()) {
                Ok(session) => drop(self.open.insert(*number, session)),
                Err(cause) => tracing::error!(%cause, "a session with the broker cannot be set up"),
            }
        }
        self.app.unshared.store(None);
        self.app.links.store(Arc::new(self.open.values().map(Session::link).collect()));
        tracing::info!(sessions = self.open.len(), "sessions with the broker");
    }

    fn interrupted(&mut self, cause: &Error) {
        tracing::warn!(%cause, "the sessions are given up until the database answers");
        self.app.unshared.store(Some(Arc::new(cause.to_string())));
    }
}
