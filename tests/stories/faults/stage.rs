//! The stage: recorded messages go through a real Mosquitto into the real program,
//! and what came of them is counted in the store itself.

use std::any::Any;
use std::cell::OnceCell;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{JoinHandle, sleep};
use std::time::{Duration, Instant, SystemTime};

use misto_ingest::mqtt::{MqttConfig, Publisher};
use misto_tests::{Client, Messages, Mosquitto, Postgres, Server, eventually, psql};

/// Messages of one scene.
pub const MESSAGES: usize = 6_000;
/// Messages a second while something breaks.
const RATE: usize = 3_000;
const TICK: Duration = Duration::from_millis(10);
pub const LONG: Duration = Duration::from_secs(60);

/// A store that can be broken and counted from outside.
pub enum Kept {
    Embedded,
    /// The server lives as long as this.
    Postgis {
        _server: Postgres,
        url: String,
    },
}

impl Kept {
    pub fn postgis() -> Self {
        let server = Postgres::start();
        let url = server.database();
        Self::Postgis { _server: server, url }
    }

    fn serve(&self, broker: &Mosquitto) -> Server {
        match self {
            Self::Embedded => Server::start(&broker.url(), ""),
            Self::Postgis { url, .. } => Server::start_on(url, &broker.url(), ""),
        }
    }
}

/// What breaks; it lets the flood begin when its moment has come.
pub type Fault = fn(&mut Stage);

/// One fault and what is published meanwhile.
pub struct Scene {
    pub name: &'static str,
    pub fault: Fault,
    pub messages: fn(usize) -> Messages,
    /// How often each message is published.
    pub times: usize,
}

/// Everything of one scene.
pub struct Stage {
    pub kept: Kept,
    pub broker: Mosquitto,
    pub server: Server,
    /// What a fault set up for as long as the scene lasts.
    pub props: Vec<Box<dyn Any>>,
    /// What a fault has to say in the table.
    pub besides: String,
    /// Fixes that the history must hold in the end.
    pub expected: usize,
    /// Entries that the ledger must hold in the end.
    pub refused: usize,
    messages: Messages,
    times: usize,
    publishing: Option<Publishing>,
    staff: OnceCell<Client>,
    /// What the broker acknowledged between these moments it may have forgotten.
    forgotten: Option<(SystemTime, SystemTime)>,
}

impl Stage {
    fn set(kept: Kept, messages: Messages, times: usize) -> Self {
        let broker = Mosquitto::start();
        let server = kept.serve(&broker);
        server.ready();
        let expected = messages.distinct;
        Self {
            kept,
            broker,
            server,
            props: Vec::new(),
            besides: String::new(),
            expected,
            refused: 0,
            staff: OnceCell::new(),
            messages,
            times,
            publishing: None,
            forgotten: None,
        }
    }

    /// Messages begin to arrive at the broker.
    pub fn flood(&mut self) {
        self.publishing =
            Some(Publishing::begin(&self.broker.url(), self.messages.all.clone(), "misto-fault", self.times));
    }

    /// Publishes fixes besides the flood, at once.
    pub fn publish(&mut self, fixes: Vec<(String, String)>) {
        self.expected += fixes.len();
        Publishing::begin(&self.broker.url(), fixes, "misto-fault-besides", 1).end();
    }

    /// Whether staff see a vehicle live, stale or lost; `None` when they see none.
    pub fn state_of(&self, vehicle: &str) -> Option<String> {
        self.property_of(vehicle, "state")
    }

    /// What staff see of a vehicle.
    pub fn property_of(&self, vehicle: &str, property: &str) -> Option<String> {
        let staff = self.staff.get_or_init(|| self.server.staff("dispatcher"));
        let fleet = staff.get("/vehicles").json();
        let known = fleet["features"].as_array()?.iter().find(|known| known["id"] == vehicle)?;
        known["properties"][property].as_str().map(str::to_owned)
    }

    /// How many messages the broker has acknowledged to their publisher so far.
    pub fn accepted(&self) -> usize {
        self.publishing.as_ref().map_or(0, Publishing::accepted)
    }

    /// Waits until the broker has accepted all.
    pub fn all_accepted(&self) {
        let all = self.messages.all.len() * self.times;
        eventually("the broker accepts all", LONG, || (self.accepted() == all).then_some(()));
    }

    /// Ends the broker at once and starts it with what it had saved; what it
    /// acknowledged since then is published again in the end.
    pub fn kill_the_broker(&mut self) {
        let saved = self.broker.saved();
        self.broker.kill();
        let since = self.forgotten.map_or(saved, |(since, _)| since.min(saved));
        self.forgotten = Some((since, SystemTime::now()));
        self.broker.up();
    }

    /// Fixes in the history and entries in the ledger.
    pub fn count(&self) -> (usize, usize) {
        match &self.kept {
            Kept::Embedded => {
                let count = |file: &str, sql: &str| {
                    let connection = rusqlite::Connection::open(self.file(file)).expect("the file");
                    connection.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("a count") as usize
                };
                let ledger = "SELECT count(*) FROM log WHERE kind = 'rejected'";
                (count("tracks.sqlite", "SELECT count(*) FROM position"), count("misto.sqlite", ledger))
            }
            Kept::Postgis { url, .. } => {
                let count = |sql: &str| psql(url, sql).parse().expect("a count");
                let ledger = "SELECT count(*) FROM misto_private.log WHERE kind = 'rejected'";
                (count("SELECT count(*) FROM misto_private.position"), count(ledger))
            }
        }
    }

    /// A file of the embedded store.
    pub fn file(&self, name: &str) -> PathBuf {
        let city = PathBuf::from(self.server.store().trim_start_matches("geopackage:"));
        city.with_file_name(name)
    }

    /// Waits until nothing more is to come and says what the store holds.
    fn settle(&mut self, name: &str) -> String {
        self.publish_again();
        let until = Instant::now() + LONG;
        let reached = |(history, ledger): (usize, usize)| history + ledger >= self.expected + self.refused;
        while !reached(self.count()) && Instant::now() < until {
            sleep(Duration::from_millis(50));
        }
        // What came twice comes late.
        sleep(Duration::from_millis(300));
        let (history, ledger) = self.count();
        let expected = self.expected;
        let line = format!(
            "{name:<48} accepted {:>6}  distinct {expected:>6}  history {history:>6}  ledger {ledger:>3}  lost {:>3}{}",
            self.messages.all.len() * self.times,
            (expected + self.refused).saturating_sub(history + ledger),
            self.besides
        );
        println!("{line}");
        assert_eq!((history, ledger), (expected, self.refused), "exactly once: {line}\n{}", self.server.log());
        assert!(!self.server.log().contains("panicked"), "{line}\n{}", self.server.log());
        self.server.ready();
        line
    }

    /// A publisher's part when a broker died that had not saved yet.
    fn publish_again(&mut self) {
        let publishing = self.publishing.take().expect("the fault let the flood begin");
        let accepted = publishing.end();
        let Some((since, until)) = self.forgotten else { return };
        let first = accepted.iter().rev().find(|(at, _)| *at <= since).map_or(0, |(_, count)| *count);
        let last = accepted.iter().find(|(at, _)| *at >= until).map_or(self.messages.all.len(), |(_, count)| *count);
        let some = self.messages.all[first..last].to_vec();
        self.besides += &format!("  published again {}", some.len());
        Publishing::begin(&self.broker.url(), some, "misto-fault", 1).end();
    }
}

/// When the broker had acknowledged how many messages.
type Accepted = Vec<(SystemTime, usize)>;

/// Messages on their way to the broker.
struct Publishing {
    thread: JoinHandle<()>,
    accepted: Arc<Mutex<Accepted>>,
}

impl Publishing {
    /// Publishes each message `times` times, in order.
    fn begin(broker: &str, messages: Vec<(String, String)>, name: &str, times: usize) -> Self {
        let broker = MqttConfig::new(broker.parse().expect("an address"), name);
        let accepted = Arc::new(Mutex::new(Vec::new()));
        let note = Arc::clone(&accepted);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(publish(broker, messages, times, &note));
        });
        Self { thread, accepted }
    }

    fn accepted(&self) -> usize {
        locked(&self.accepted).last().map_or(0, |(_, count)| *count)
    }

    /// Waits until the broker has acknowledged all.
    fn end(self) -> Accepted {
        self.thread.join().expect("all was published");
        std::mem::take(&mut *locked(&self.accepted))
    }
}

async fn publish(broker: MqttConfig, messages: Vec<(String, String)>, times: usize, accepted: &Mutex<Accepted>) {
    let publisher = Publisher::start(broker).expect("a publisher");
    let note = || locked(accepted).push((SystemTime::now(), publisher.acknowledged() as usize));
    let mut ticks = tokio::time::interval(TICK);
    for some in messages.chunks(RATE / 100) {
        ticks.tick().await;
        note();
        for (topic, payload) in some {
            for _ in 0..times {
                publisher.publish(topic, payload.clone().into()).await.expect("it is taken");
            }
        }
    }
    while (publisher.acknowledged() as usize) < messages.len() * times {
        ticks.tick().await;
        note();
    }
    note();
}

fn locked(accepted: &Mutex<Accepted>) -> std::sync::MutexGuard<'_, Accepted> {
    accepted.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Plays one scene and counts; gives its line of the table.
pub fn play(store: &str, kept: Kept, scene: &Scene) -> String {
    let mut stage = Stage::set(kept, (scene.messages)(MESSAGES), scene.times);
    (scene.fault)(&mut stage);
    stage.settle(&format!("{store}: {}", scene.name))
}
