//! The shards of the fleet, divided among the processes that follow its rules: each
//! vehicle's rules are followed by one process only, and by another soon after that dies.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use misto_ingest::mqtt::{Delivery, MqttConfig, Session};
use misto_ingest::normalised::{SHARDS, shard, vehicles_of};
use misto_model::Error;
use misto_store::{Holder, Work, share_out};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::app::Shared;
use crate::serve::own_name;
use crate::tasks::live;

/// Keeps this process's part of the shards until the server stops.
pub async fn share(app: Shared, config: MqttConfig, deliveries: mpsc::Sender<Delivery>) {
    let mut shards = Shards { app: app.clone(), config, deliveries, hearing: None };
    let mut stopping = app.stopping.clone();
    let stop = async move { drop(stopping.wait_for(|stop| *stop).await) };
    if let Err(error) = share_out(&app.settings.store.url, Work::Shards, SHARDS, &mut shards, stop).await {
        tracing::error!(%error, "this process takes no part in the rules");
        shards.interrupted(&error);
    }
}

struct Shards {
    app: Shared,
    config: MqttConfig,
    deliveries: mpsc::Sender<Delivery>,
    hearing: Option<Hearing>,
}

/// A session for the held shards, and what reads from the store what it missed.
struct Hearing {
    session: Session,
    catching_up: JoinHandle<()>,
}

#[async_trait]
impl Holder for Shards {
    async fn hold(&mut self, numbers: &BTreeSet<u32>) {
        let app = self.app.clone();
        // Waits until what is being computed for the former shards is stored.
        let mut held = app.shards.lock().await;
        let is_lost = held.iter().any(|number| !numbers.contains(number));
        if is_lost {
            let mut fleet = app.fleet.write().unwrap_or_else(std::sync::PoisonError::into_inner);
            fleet.retain(|vehicle| numbers.contains(&shard(vehicle)));
        }
        self.listen(numbers).await;
        held.clone_from(numbers);
        app.unshared.store(None);
        tracing::info!(shards = held.len(), "shards of the fleet");
    }

    fn interrupted(&mut self, cause: &Error) {
        tracing::warn!(%cause, "the shards are given up until the database answers");
        self.app.unshared.store(Some(Arc::new(cause.to_string())));
    }
}

impl Shards {
    /// A new session before the old one ends: hearing twice does no harm.
    async fn listen(&mut self, numbers: &BTreeSet<u32>) {
        let former = self.hearing.take();
        if !numbers.is_empty() {
            let filters = vehicles_of(numbers.iter().copied());
            let config = MqttConfig { client_id: own_name("misto-rules"), ..self.config.clone() };
            match Session::listen(config, filters, self.deliveries.clone()) {
                Ok(session) => self.hearing = Some(self.hear(session, numbers.clone())),
                Err(cause) => tracing::error!(%cause, "a session with the broker cannot be set up"),
            }
        }
        self.app.links.store(Arc::new(self.hearing.iter().map(|hearing| hearing.session.link()).collect()));
        if let Some(former) = former {
            former.catching_up.abort();
            former.session.stop().await;
        }
    }

    fn hear(&self, session: Session, numbers: BTreeSet<u32>) -> Hearing {
        let (app, link) = (self.app.clone(), session.link());
        let catching_up = tokio::spawn(async move {
            live::catch_up(&app, link, |vehicle| numbers.contains(&shard(vehicle))).await;
        });
        Hearing { session, catching_up }
    }
}
