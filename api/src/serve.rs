//! Building and running one server: open the store, fill the memory, start the
//! tasks, answer requests, and stop in order.

use std::net::SocketAddr;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use axum::Router;
use misto_city::fleet::Fleet;
use misto_city::sensors::Sensors;
use misto_ingest::decode::Sources;
use misto_ingest::mqtt::{BrokerSettings, MqttConfig, Session, start_broker};
use misto_model::VehicleRegistration;
use misto_store::{Documents, Store};
use misto_tiles::Atlas;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::app::{App, Shared};
use crate::auth::random_bytes;
use crate::config::Settings;
use crate::failure::Failure;
use crate::metrics::Metrics;
use crate::stream::Hub;
use crate::view::sensor::ThingRegistration;
use crate::{layers, routes, tasks};

/// Deliveries that may wait to be decoded; far above the window of unacknowledged
/// messages that a broker keeps open, so that a slow store never stops the
/// session from reading signs of life.
const DELIVERIES: usize = 4_096;
/// How long open requests may take to end at a stop.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// Runs a server on the listener until `stopping` turns true.
///
/// # Errors
/// When the store cannot be opened or the broker's settings cannot be used.
pub async fn run(
    settings: Settings,
    store: Store,
    listener: TcpListener,
    stopping: watch::Receiver<bool>,
) -> Result<(), Failure> {
    let sources = Sources::new(settings.source.clone()).map_err(|wrong| Failure::new(wrong.to_string()))?;
    let (session, deliveries) = Session::start(mqtt_config(&settings)?, sources.subscriptions(), DELIVERIES)
        .map_err(|wrong| Failure::new(wrong.to_string()))?;
    let app = build(settings, store, session.link(), stopping.clone()).await?;
    restore(&app).await?;
    let mut running = JoinSet::new();
    running.spawn(tasks::ingest::run(app.clone(), sources, deliveries));
    running.spawn(tasks::follow::run(app.clone()));
    running.spawn(tasks::publish::run(app.clone()));
    running.spawn(tasks::timetable::run(app.clone()));
    running.spawn(tasks::retention::run(app.clone()));
    answer(router(&app), listener, stopping).await?;
    // What is decoded is committed and acknowledged before the session says good-bye.
    session.stop().await;
    let drained = async { while running.join_next().await.is_some() {} };
    if tokio::time::timeout(STOP_WITHIN, drained).await.is_err() {
        tracing::warn!("tasks did not end in time; the broker delivers again what was not acknowledged");
    }
    Ok(())
}

/// Every route with what lies around all of them.
pub fn router(app: &Shared) -> Router {
    layers::around(routes::router(app), app).with_state(app.clone())
}

async fn answer(router: Router, listener: TcpListener, stopping: watch::Receiver<bool>) -> Result<(), Failure> {
    let mut told = stopping.clone();
    let graceful = axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(async move {
            let _sender_gone_means_stop = told.wait_for(|stop| *stop).await;
        });
    let mut told = stopping;
    let late = async move {
        let _sender_gone_means_stop = told.wait_for(|stop| *stop).await;
        tokio::time::sleep(STOP_WITHIN).await;
    };
    tokio::select! {
        ended = graceful.into_future() => ended.map_err(|cause| Failure::new(format!("the HTTP server ended: {cause}"))),
        () = late => Ok(()),
    }
}

fn mqtt_config(settings: &Settings) -> Result<MqttConfig, Failure> {
    let mqtt = &settings.mqtt;
    let url = if mqtt.url == "embedded" {
        start_broker(&BrokerSettings::new(mqtt.embedded_listen)).map_err(|cause| Failure::new(cause.to_string()))?
    } else {
        mqtt.url.parse().map_err(|wrong| Failure::new(format!("mqtt.url: {wrong}")))?
    };
    let mut config = MqttConfig::new(url, &mqtt.client_id);
    config.ca_file.clone_from(&mqtt.ca_file);
    Ok(config)
}

async fn build(
    settings: Settings,
    store: Store,
    link: watch::Receiver<misto_ingest::mqtt::Link>,
    stopping: watch::Receiver<bool>,
) -> Result<Shared, Failure> {
    let metrics = Metrics::default();
    let pseudonym_secret = installation_secret(store.documents.as_ref()).await?;
    Ok(Arc::new(App {
        atlas: Atlas::new(settings.store.tile_cache_bytes),
        fleet: RwLock::new(Fleet::default()),
        fleet_rules: settings.city.fleet_rules(),
        sensors: RwLock::new(Sensors::default()),
        things: ArcSwap::default(),
        departures: ArcSwapOption::empty(),
        hub: Hub::default(),
        registry: metrics.registry(),
        metrics,
        link,
        followed: watch::Sender::new(0),
        stopping,
        loaded: AtomicBool::new(false),
        commit_failing: AtomicBool::new(false),
        pseudonym_secret,
        store,
        settings,
    }))
}

/// Fills the live state from what the store remembers, so that a restart is not
/// an empty map.
async fn restore(app: &App) -> Result<(), Failure> {
    let register = documents::<VehicleRegistration>(&app.store, "vehicle").await?;
    let things = documents::<ThingRegistration>(&app.store, "thing").await?;
    app.things.store(Arc::new(things.into_iter().collect()));
    let positions = app.store.series.latest_positions().await?;
    let readings = app.store.series.latest_readings().await?;
    let mut fleet = app.fleet.write().unwrap_or_else(std::sync::PoisonError::into_inner);
    fleet.set_register(register.into_iter().map(|(_, registered)| registered).collect());
    for fix in positions {
        fleet.observe(fix, &app.fleet_rules);
    }
    let mut sensors = app.sensors.write().unwrap_or_else(std::sync::PoisonError::into_inner);
    for reading in readings {
        sensors.observe(reading);
    }
    Ok(())
}

async fn documents<T: serde::de::DeserializeOwned>(store: &Store, kind: &str) -> Result<Vec<(String, T)>, Failure> {
    let mut read = Vec::new();
    for document in store.documents.list(kind).await? {
        match serde_json::from_value(document.body) {
            Ok(body) => read.push((document.key, body)),
            Err(cause) => {
                tracing::warn!(kind, key = %document.key, %cause, "a document cannot be read and is left out")
            }
        }
    }
    Ok(read)
}

/// Made once for an installation; public ids of unregistered vehicles rest on it.
async fn installation_secret(documents: &dyn Documents) -> Result<[u8; 32], Failure> {
    const KEY: (&str, &str) = ("setting", "pseudonym_secret");
    if let Some(document) = documents.get(KEY.0, KEY.1).await? {
        return serde_json::from_value(document.body)
            .map_err(|cause| Failure::new(format!("the installation's secret cannot be read: {cause}")));
    }
    let secret = random_bytes();
    match documents.put(KEY.0, KEY.1, None, &serde_json::json!(secret)).await {
        Ok(_) => Ok(secret),
        // Another process was faster: its secret stands.
        Err(misto_model::Error::Conflict { .. }) => Box::pin(installation_secret(documents)).await,
        Err(error) => Err(error.into()),
    }
}
