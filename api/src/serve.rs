//! Building and running one server: open the store, fill the memory, start the
//! tasks, answer requests, and stop in order.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use axum::Router;
use misto_city::fleet::Fleet;
use misto_city::sensors::Sensors;
use misto_ingest::decode::Sources;
use misto_ingest::mqtt::{Backlog, BrokerSettings, MqttConfig, MqttError, Publisher, Session, start_broker};
use misto_ingest::normalised::{self, SHARDS};
use misto_model::VehicleRegistration;
use misto_store::{Documents, Store};
use misto_tiles::Atlas;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::access::VenueBook;
use crate::app::{App, Shared};
use crate::auth::random_bytes;
use crate::config::Settings;
use crate::costly::Costly;
use crate::export::KeptFiles;
use crate::failure::Failure;
use crate::metrics::Metrics;
use crate::opening::OpeningBook;
use crate::reports::Reports;
use crate::role::ProcessRole;
use crate::stream::Hub;
use crate::tasks::ingest::Outlet;
use crate::transit::following::Heard;
use crate::transit::{HEARD, Transit, told};
use crate::view::sensor::ThingRegistration;
use crate::{layers, reports, routes, tasks};

/// Deliveries that may wait to be decoded; far above the window of unacknowledged
/// messages that a broker keeps open, so that a slow store never stops the
/// session from reading signs of life.
const DELIVERIES: usize = 4_096;
/// How long open requests may take to end at a stop. Meanwhile the tasks end too.
const ANSWER_WITHIN: Duration = Duration::from_secs(6);
/// How much longer the tasks may take; a stop takes less than ten seconds in all.
const END_WITHIN: Duration = Duration::from_secs(3);

/// Runs a server on the listener until `stopping` turns true.
///
/// # Errors
/// When the settings do not fit the role, the store cannot be read or the broker's settings cannot be used.
pub async fn run(
    settings: Settings,
    role: ProcessRole,
    store: Store,
    listener: TcpListener,
    stopping: watch::Receiver<bool>,
) -> Result<(), Failure> {
    role.fits(&settings)?;
    let sources = Sources::new(settings.source.clone()).map_err(|wrong| Failure::new(wrong.to_string()))?;
    let mqtt = mqtt_config(&settings)?;
    let (ears, heard) = mpsc::channel(HEARD);
    let app = build(settings, role, store, mqtt.backlog.clone(), stopping.clone(), Transit::new(ears)).await?;
    let mut running = JoinSet::new();
    start(&app, &mut running, sources, mqtt, heard).await?;
    answer(router(&app), listener, stopping).await?;
    let ended = async { while running.join_next().await.is_some() {} };
    if tokio::time::timeout(END_WITHIN, ended).await.is_err() {
        tracing::warn!("tasks did not end in time; the broker delivers again what was not acknowledged");
    }
    Ok(())
}

/// Starts the tasks of the role; each ends by itself when the server is told to stop.
async fn start(
    app: &Shared,
    running: &mut JoinSet<()>,
    sources: Sources,
    mqtt: MqttConfig,
    heard: mpsc::Receiver<Heard>,
) -> Result<(), Failure> {
    let unusable = |wrong: MqttError| Failure::new(wrong.to_string());
    let (deliveries, received) = mpsc::channel(DELIVERIES);
    register(app).await?;
    if app.role.serves_map() {
        reports::declare(app.store.documents.as_ref()).await?;
        routes::surveys::declare(app.store.documents.as_ref()).await?;
        app.restore(|_| true).await?;
        running.spawn(tasks::follow::run(app.clone()));
        running.spawn(tasks::publish::run(app.clone()));
        running.spawn(tasks::reports::run(app.clone()));
        running.spawn(tasks::timetable::run(app.clone()));
    } else {
        app.loaded.store(true, Ordering::Release);
        app.unshared.store(Some(Arc::new("the database was not asked yet".to_owned())));
    }
    match app.role {
        ProcessRole::All => {
            let session = Session::start(mqtt, sources.subscriptions(), deliveries).map_err(unusable)?;
            app.links.store(Arc::new(vec![session.link()]));
            app.shards.lock().await.extend(0..SHARDS);
            running.spawn(tasks::sessions::one(app.clone(), session));
            running.spawn(tasks::ingest::run(app.clone(), sources, received, Outlet::Live));
            running.spawn(tasks::rules::run(app.clone()));
            running.spawn(tasks::transit::run(app.clone(), heard, None));
            running.spawn(tasks::retention::run(app.clone()));
        }
        ProcessRole::Ingest => {
            let name = MqttConfig { client_id: own_name("misto-tell"), ..mqtt.clone() };
            let outlet = Outlet::Broker(Publisher::start(name).map_err(unusable)?);
            running.spawn(tasks::sessions::share(app.clone(), mqtt, sources.subscriptions(), deliveries));
            running.spawn(tasks::ingest::run(app.clone(), sources, received, outlet));
        }
        ProcessRole::Rules => {
            let name = MqttConfig { client_id: own_name("misto-transit"), ..mqtt.clone() };
            let (told, vehicles) = mpsc::channel(DELIVERIES);
            let heard_of = [normalised::every_vehicle(), vec![told::EVERY_FOREIGN.to_owned()]].concat();
            let session = Session::listen(name, heard_of, told).map_err(unusable)?;
            let name = MqttConfig { client_id: own_name("misto-picture"), ..mqtt.clone() };
            let publisher = Publisher::start(name).map_err(unusable)?;
            running.spawn(tasks::timetable::run(app.clone()));
            running.spawn(tasks::transit::hear(app.clone(), session, vehicles));
            running.spawn(tasks::transit::run(app.clone(), heard, Some(publisher)));
            running.spawn(tasks::shards::share(app.clone(), mqtt, deliveries));
            running.spawn(tasks::live::run(app.clone(), received));
            running.spawn(tasks::rules::run(app.clone()));
            running.spawn(tasks::retention::run(app.clone()));
        }
        ProcessRole::Web => {
            let name = MqttConfig { client_id: own_name("misto-web"), ..mqtt };
            let session =
                Session::listen(name, [normalised::everything(), vec![told::TOPIC.to_owned()]].concat(), deliveries)
                    .map_err(unusable)?;
            app.links.store(Arc::new(vec![session.link()]));
            running.spawn(tasks::live::follow(app.clone(), session));
            running.spawn(tasks::live::run(app.clone(), received));
        }
    }
    Ok(())
}

/// A name at the broker that no other process has.
pub fn own_name(part: &str) -> String {
    format!("{part}-{:08x}", rand::random::<u32>())
}

/// Every route of the role with what lies around all of them.
pub fn router(app: &Shared) -> Router {
    let routes = if app.role.serves_map() { routes::router(app) } else { routes::operations_router() };
    layers::around(routes, app).with_state(app.clone())
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
        tokio::time::sleep(ANSWER_WITHIN).await;
    };
    tokio::select! {
        ended = graceful.into_future() => ended.map_err(|cause| Failure::new(format!("the HTTP server ended: {cause}"))),
        () = late => Ok(()),
    }
}

fn mqtt_config(settings: &Settings) -> Result<MqttConfig, Failure> {
    let mqtt = &settings.mqtt;
    let mut config = if mqtt.url == "embedded" {
        let broker =
            BrokerSettings { backlog_bytes: mqtt.embedded_backlog_bytes, ..BrokerSettings::new(mqtt.embedded_listen) };
        let broker = start_broker(&broker).map_err(|cause| Failure::new(cause.to_string()))?;
        MqttConfig { backlog: Some(broker.backlog), ..MqttConfig::new(broker.url, &mqtt.client_id) }
    } else {
        let url = mqtt.url.parse().map_err(|wrong| Failure::new(format!("mqtt.url: {wrong}")))?;
        MqttConfig::new(url, &mqtt.client_id)
    };
    config.ca_file.clone_from(&mqtt.ca_file);
    Ok(config)
}

async fn build(
    settings: Settings,
    role: ProcessRole,
    store: Store,
    backlog: Option<Arc<Backlog>>,
    stopping: watch::Receiver<bool>,
    transit: Transit,
) -> Result<Shared, Failure> {
    let metrics = Metrics::default();
    let pseudonym_secret = installation_secret(store.documents.as_ref()).await?;
    Ok(Arc::new(App {
        atlas: Atlas::with_tile_budget(settings.store.tile_cache_bytes, tile_budget(&settings)),
        venues: VenueBook::default(),
        opening: OpeningBook::of(&settings.city),
        reports: Reports::new(&pseudonym_secret),
        kept_files: KeptFiles::default(),
        costly: Costly::default(),
        fleet: RwLock::new(Fleet::default()),
        fleet_rules: settings.city.fleet_rules(),
        sensors: RwLock::new(Sensors::default()),
        things: ArcSwap::default(),
        transit,
        hub: Hub::default(),
        registry: metrics.registry(),
        metrics,
        role,
        links: ArcSwap::default(),
        unshared: ArcSwapOption::empty(),
        shards: tokio::sync::Mutex::default(),
        backlog,
        followed: watch::Sender::new(0),
        stopping,
        loaded: AtomicBool::new(false),
        commit_failing: ArcSwapOption::empty(),
        feed_failing: ArcSwapOption::empty(),
        pseudonym_secret,
        store,
        settings,
    }))
}

/// 0 leaves nothing out of a tile.
fn tile_budget(settings: &Settings) -> usize {
    match settings.store.tile_budget_bytes {
        0 => usize::MAX,
        bytes => usize::try_from(bytes).unwrap_or(usize::MAX),
    }
}

/// Takes over what the city says of its vehicles and sensors.
async fn register(app: &App) -> Result<(), Failure> {
    let vehicles = documents::<VehicleRegistration>(&app.store, "vehicle").await?;
    let things = documents::<ThingRegistration>(&app.store, "thing").await?;
    app.things.store(Arc::new(things.into_iter().collect()));
    let mut fleet = app.fleet.write().unwrap_or_else(std::sync::PoisonError::into_inner);
    fleet.set_register(vehicles.into_iter().map(|(_, registered)| registered).collect());
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
