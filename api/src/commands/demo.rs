//! `misto demo`

use std::net::{Ipv4Addr, SocketAddr, TcpListener as PlainListener};
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use misto_ingest::decode::{Format, SourceConfig};
use misto_ingest::files::{Options, gtfs};
use misto_ingest::mqtt::{BrokerUrl, MqttConfig, Publisher};
use misto_model::{Bbox, InvalidVehicleKey, Role};
use misto_sample_layers as sample;
use misto_store::Store;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::import::{store_rows, surveyed};
use super::stop::told_to_stop;
use crate::auth::{GrantKind, grant};
use crate::config::Settings;
use crate::failure::Failure;
use crate::role::ProcessRole;
use crate::tasks;
use crate::view::sensor::{DatastreamRegistration, ThingRegistration};

const HTTP_PORT: u16 = 8080;
const MQTT_PORT: u16 = 1883;

/// Start the demo city: broker, store, layers, fleet and web map.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  misto demo --port 8080 --mqtt-port 1883 --data ./data\n\n\
    A default port that is taken moves to a free one. Everything shown is invented sample data.")]
pub struct Demo {
    /// Port of the web map, 8080 when absent.
    #[arg(long)]
    port: Option<u16>,
    /// Port of the MQTT broker, 1883 when absent.
    #[arg(long)]
    mqtt_port: Option<u16>,
    /// Folder of the store.
    #[arg(long, default_value = "./data")]
    data: PathBuf,
}

impl Demo {
    /// Runs until told to stop.
    pub async fn run(self) -> Result<(), Failure> {
        let http = listen(self.port, HTTP_PORT, "web map", "--port")?;
        let mqtt = listen(self.mqtt_port, MQTT_PORT, "MQTT broker", "--mqtt-port")?;
        let address = http.local_addr().map_err(|cause| Failure::new(cause.to_string()))?;
        let mqtt_address = mqtt.local_addr().map_err(|cause| Failure::new(cause.to_string()))?;
        drop(mqtt);
        let mut settings = Settings::default();
        settings.store.url = format!("geopackage:{}", self.data.join("city.gpkg").display());
        settings.mqtt.url = "embedded".to_owned();
        settings.mqtt.embedded_listen = mqtt_address;
        settings.city.sample = true;
        settings.city.live_bounds = Some(settings.city.bounds);
        settings.source = bounded_sources()?;
        let store = misto_store::open(&settings.store.url).await?;
        fill(&store, &self.data).await?;
        say_where(&store, address, mqtt_address).await?;
        let stopping = told_to_stop()?;
        let fleet = tokio::spawn(fleet(mqtt_address, stopping.clone()));
        http.set_nonblocking(true).map_err(|cause| Failure::new(cause.to_string()))?;
        let http = TcpListener::from_std(http).map_err(|cause| Failure::new(cause.to_string()))?;
        crate::serve::run(settings, ProcessRole::All, store, http, stopping).await?;
        fleet.abort();
        Ok(())
    }
}

/// The demo city's own trackers live in its region, so exchanged coordinates are
/// recognised. Other sources stay unbounded: recordings from elsewhere can be played.
fn bounded_sources() -> Result<Vec<SourceConfig>, Failure> {
    let region = Bbox::new(23.5, 47.7, 25.7, 49.6).map_err(|wrong| Failure::new(wrong.to_string()))?;
    [("owntracks", Format::Owntracks), ("if-operator", Format::IfOperator)]
        .into_iter()
        .map(|(id, format)| {
            let id = id.parse().map_err(|wrong: InvalidVehicleKey| Failure::new(wrong.to_string()))?;
            Ok(SourceConfig { bounds: Some(region), ..SourceConfig::new(id, format) })
        })
        .collect()
}

/// A port that was asked for and is taken is an error; a default one moves.
#[expect(clippy::print_stdout, reason = "the person at the terminal reads it")]
fn listen(asked: Option<u16>, default: u16, what: &str, argument: &str) -> Result<PlainListener, Failure> {
    let bind = |port| PlainListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    match (bind(asked.unwrap_or(default)), asked) {
        (Ok(listener), _) => Ok(listener),
        (Err(cause), Some(port)) => {
            Err(Failure::new(format!("port {port} for the {what} cannot be used ({argument}): {cause}")))
        }
        (Err(_), None) => {
            let listener = bind(0).map_err(|cause| Failure::new(format!("no free port for the {what}: {cause}")))?;
            let port = listener.local_addr().map_or(0, |address| address.port());
            println!("Port {default} is taken; the {what} moves to {port}.");
            Ok(listener)
        }
    }
}

/// The demo fleet sets out when the broker listens.
async fn fleet(broker: SocketAddr, stopping: watch::Receiver<bool>) {
    while tokio::net::TcpStream::connect(broker).await.is_err() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let config = MqttConfig::new(BrokerUrl::loopback(broker.port()), "misto-demo-fleet");
    let ended = match Publisher::start(config) {
        Ok(publisher) => tasks::demo::run(publisher, stopping).await,
        Err(wrong) => Err(wrong),
    };
    if let Err(cause) = ended {
        tracing::error!(%cause, "the demo fleet stands still");
    }
}

/// Puts in what is missing; what somebody edited stays.
async fn fill(store: &Store, data: &std::path::Path) -> Result<(), Failure> {
    let stands = store.features.collections().await?;
    for layer in sample::layers() {
        if stands.iter().any(|collection| collection.id == layer.collection.id) {
            continue;
        }
        let file = data.join(format!("sample-{}.fgb", layer.collection.id));
        let in_the_way = |cause: std::io::Error| Failure::new(format!("{}: {cause}", file.display()));
        std::fs::write(&file, layer.flatgeobuf).map_err(in_the_way)?;
        let survey = surveyed(file.clone(), Options::default()).await?;
        store.features.define(&layer.collection).await?;
        store_rows(survey, store, &layer.collection.id, "demo city").await?;
        std::fs::remove_file(&file).map_err(in_the_way)?;
    }
    for registered in sample::register() {
        put_if_missing(store, "vehicle", &registered.vehicle.to_string(), &registered).await?;
    }
    for sensor in sample::sensors() {
        let key = format!("{}:{}", sensor.source, sensor.thing);
        put_if_missing(store, "thing", &key, &thing(sensor)).await?;
    }
    timetable(store, data).await
}

async fn put_if_missing(store: &Store, kind: &str, key: &str, body: &impl serde::Serialize) -> Result<(), Failure> {
    if store.documents.get(kind, key).await?.is_none() {
        let body = serde_json::to_value(body).map_err(|cause| Failure::new(cause.to_string()))?;
        store.documents.put(kind, key, None, &body).await?;
    }
    Ok(())
}

fn thing(sensor: sample::SampleSensor) -> ThingRegistration {
    let datastreams = sensor
        .datastreams
        .into_iter()
        .map(|stream| DatastreamRegistration {
            observed_property: stream.observed_property,
            name_uk: stream.name_uk,
            name_en: stream.name_en,
            unit: Some(stream.unit),
        })
        .collect();
    ThingRegistration {
        name_uk: sensor.name_uk,
        name_en: sensor.name_en,
        position: Some(sensor.position),
        datastreams,
        expected_every_s: Some(60.0),
        sample: true,
    }
}

/// The calendar is written relative to today, so it is loaded at each start.
async fn timetable(store: &Store, data: &std::path::Path) -> Result<(), Failure> {
    let folder = data.join("sample-gtfs");
    let in_the_way = |cause: std::io::Error| Failure::new(format!("{}: {cause}", folder.display()));
    std::fs::create_dir_all(&folder).map_err(in_the_way)?;
    let today = Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    for (name, text) in sample::gtfs(today) {
        std::fs::write(folder.join(name), text.as_bytes()).map_err(in_the_way)?;
    }
    let feed = gtfs::read(&folder).map_err(|wrong| Failure::new(format!("the demo timetable: {wrong}")))?;
    super::gtfs::save(store, &feed.timetable).await
}

#[expect(clippy::print_stdout, reason = "the person at the terminal reads it")]
async fn say_where(store: &Store, http: SocketAddr, mqtt: SocketAddr) -> Result<(), Failure> {
    let now = Timestamp::now();
    let documents = store.documents.as_ref();
    let dispatcher = grant(documents, GrantKind::SignInLink, "Диспетчер (демо)", Role::Dispatcher, now).await?;
    let planner = grant(documents, GrantKind::SignInLink, "Планувальник (демо)", Role::Planner, now).await?;
    println!(
        "\nMisto demo city, everything in it is invented sample data.\n\n\
         Residents    http://{http}/\n\
         Dispatcher   http://{http}/auth/login?token={}   (works once)\n\
         Planner      http://{http}/auth/login?token={}   (works once)\n\
         API          http://{http}/docs\n\
         MQTT         mqtt://{mqtt}\n\n\
         Try: open the map on a phone-sized window, set the width of a wheelchair, pick a stop;\n\
         sign in as planner in a second browser, move something and watch the first.\n\
         Stop with Ctrl-C.\n",
        dispatcher.reveal(),
        planner.reveal()
    );
    Ok(())
}
