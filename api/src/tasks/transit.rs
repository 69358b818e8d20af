//! Follows the vehicles of passenger transport: matches their fixes to trips, keeps
//! their stop visits, and looks at all of them every few seconds.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use misto_city::fleet::Fleet;
use misto_city::transit::TravelTimes;
use misto_ingest::mqtt::{Delivery, Publisher, Session};
use misto_ingest::normalised;
use misto_model::{Audience, Event, Instant, VehiclePosition};
use tokio::sync::mpsc;

use crate::app::{App, Shared};
use crate::transit::following::{Following, Heard};
use crate::transit::shown::{OnDuty, Shown};
use crate::transit::told::{self, Told};
use crate::transit::{Loaded, alerts, carries_passengers, kept};

/// Kind and key of the blob that keeps what was learnt of travel times.
const LEARNT: (&str, &str) = ("transit", "travel_times");

/// Seconds between two looks at all vehicles.
const LOOK_EVERY: u64 = 5;
/// Seconds between two savings of what was learnt.
const SAVE_EVERY: u64 = 600;
/// Fixes taken at once.
const BATCH: usize = 1_024;
/// Stop visits that may wait for the store.
const WAITING_VISITS: usize = 100_000;

/// Seconds for which a process that does not lead keeps visits for the case that the
/// leading one dies before it wrote them.
const STANDBY_S: f64 = 30.0;

/// Runs until the server stops. With a publisher the picture is told to other
/// processes, by the one of several that leads; the others follow and are ready.
pub async fn run(app: Shared, mut heard: mpsc::Receiver<Heard>, publisher: Option<Publisher>) {
    let mut stopping = app.stopping.clone();
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut rules = Rules { following: None, waiting: Vec::new(), made_at: None, learnt: false };
    let mut batch = Vec::with_capacity(BATCH);
    'running: for tick in 0_u64.. {
        loop {
            tokio::select! {
                _ = ticks.tick() => break,
                taken = heard.recv_many(&mut batch, BATCH), if !heard.is_closed() || !heard.is_empty() => {
                    if taken > 0 {
                        rules.observe(&app, batch.drain(..));
                    }
                }
                _ = stopping.wait_for(|stop| *stop) => break 'running,
            }
        }
        rules.take_over_timetable(&app).await;
        rules.settle(&app);
        if !app.leads().await {
            rules.stand_by(app.now());
            continue;
        }
        rules.keep(&app).await;
        if tick % LOOK_EVERY == 0 {
            rules.look(&app, publisher.as_ref()).await;
        }
        if tick % SAVE_EVERY == SAVE_EVERY - 1 {
            rules.save(&app).await;
        }
    }
    if app.leads().await {
        rules.keep(&app).await;
        rules.save(&app).await;
    }
}

/// Hears every vehicle, whoever follows the rest of its rules: what comes before a bus
/// on its way matters to it; and what feeds of others say.
pub async fn hear(app: Shared, session: Session, mut deliveries: mpsc::Receiver<Delivery>) {
    let mut stopping = app.stopping.clone();
    loop {
        let delivery = tokio::select! {
            delivery = deliveries.recv() => delivery,
            _ = stopping.wait_for(|stop| *stop) => None,
        };
        let Some(delivery) = delivery else { break };
        if told::take_foreign(&app, &delivery.topic, &delivery.payload) {
            delivery.ack.confirm();
            continue;
        }
        if let Ok(decoded) = normalised::read(&delivery.payload) {
            let fixes = decoded.positions.into_iter().filter(|fix| is_followed(&app, fix));
            let gone = decoded.gone.into_iter().map(|gone| Heard::Gone(gone.vehicle));
            for heard in fixes.map(Heard::Fix).chain(gone) {
                if !app.transit.hear(heard) {
                    app.metrics.unmatched_fixes.inc();
                }
            }
        }
        delivery.ack.confirm();
    }
    session.stop().await;
}

fn is_followed(app: &App, fix: &VehiclePosition) -> bool {
    let fleet = app.fleet.read().unwrap_or_else(PoisonError::into_inner);
    let kind = fleet.registration(&fix.vehicle).and_then(|register| register.kind).or(fix.kind);
    carries_passengers(kind, fix)
}

struct Rules {
    following: Option<Following>,
    /// Events that are not in the store yet.
    waiting: Vec<Event>,
    /// When the last look was made.
    made_at: Option<Instant>,
    /// Whether anything was learnt since the last saving.
    learnt: bool,
}

impl Rules {
    fn observe(&mut self, app: &App, heard: impl Iterator<Item = Heard>) {
        let Some(following) = &mut self.following else { return };
        let now = app.now();
        for one in heard {
            match one {
                Heard::Fix(fix) => {
                    let visits = following.observe(&fix, &app.fleet_rules, now);
                    self.learnt |= !visits.is_empty();
                    self.waiting.extend(visits.iter().filter_map(|visit| kept::event(&following.network, visit, now)));
                }
                Heard::Gone(vehicle) => drop(following.fleet.leave(&vehicle)),
            }
        }
    }

    /// Begins with the timetable in use, or changes to it.
    async fn take_over_timetable(&mut self, app: &App) {
        let Some(loaded) = app.transit.loaded.load_full() else { return self.following = None };
        match &mut self.following {
            Some(following) if Arc::ptr_eq(&following.network, &loaded.network) => {}
            Some(following) => following.change(Arc::clone(&loaded.network)),
            None => self.following = Some(begin(app, &loaded).await),
        }
    }

    fn settle(&mut self, app: &App) {
        if let Some(following) = &mut self.following {
            following.settle(app.now());
        }
    }

    /// Another process leads and writes; only what it may not have written yet is kept.
    fn stand_by(&mut self, now: Instant) {
        self.waiting.retain(|event| now.seconds_since(event.recorded_at) <= STANDBY_S);
    }

    /// Writes the stop visits. What cannot be written waits.
    async fn keep(&mut self, app: &App) {
        if self.waiting.is_empty() {
            return;
        }
        match app.store.series.append_events(&self.waiting).await {
            Ok(kept) => {
                app.metrics.events_added.inc_by(kept.added);
                self.waiting.clear();
            }
            Err(error) => {
                tracing::warn!(%error, waiting = self.waiting.len(), "stop visits cannot be written and wait");
                let surplus = self.waiting.len().saturating_sub(WAITING_VISITS);
                if surplus > 0 {
                    tracing::error!(surplus, "the oldest stop visits are given up");
                    self.waiting.drain(..surplus);
                }
            }
        }
    }

    /// One look at all vehicles.
    async fn look(&mut self, app: &App, publisher: Option<&Publisher>) {
        match alerts::all(app.store.documents.as_ref()).await {
            Ok(alerts) => app.transit.stand(alerts, &app.hub),
            Err(error) => tracing::warn!(%error, "notices cannot be read; those in memory stay"),
        }
        let Some(following) = &self.following else { return };
        let Some(loaded) = app.transit.loaded.load_full() else { return };
        if !Arc::ptr_eq(&loaded.network, &following.network) {
            // Taken over with the next tick; until then the vehicles belong to the former timetable.
            return;
        }
        // Two feeds never carry one second, and none an earlier one (E017, E018), also when
        // the clock was put back.
        let next = |last: Instant| Instant::from_micros(last.micros() + 1_000_000, last.precision()).unwrap_or(last);
        let (clock, earliest) = (app.now(), self.made_at.map(next));
        let now = earliest.filter(|earliest| earliest.micros() > clock.micros()).unwrap_or(clock);
        self.made_at = Some(now);
        let vehicles = on_duty(app, following, now);
        let lines = following.headways(&vehicles, app.settings.city.lost_after_s, now);
        let visits = following.visits();
        let alerts = app.transit.alerts.load_full();
        if let Some(publisher) = publisher {
            let alerts = alerts.as_ref().clone();
            let (timetable, foreign) = (loaded.version.clone(), app.transit.said(now));
            tell(publisher, &Told { timetable, made_at: now, vehicles, visits, lines, alerts, foreign }).await;
            return;
        }
        let standing = app.transit.alerts_at(now);
        let cancelled = app.transit.cancelled(&following.network, now);
        app.metrics.feeds_encoded.inc();
        let shown = Shown::new(now, Arc::clone(&following.network), vehicles, visits, lines, &standing, &cancelled);
        app.transit.show(shown, &app.hub);
    }

    /// Keeps what was learnt, so that a restart begins with it.
    async fn save(&mut self, app: &App) {
        let Some(following) = self.following.as_ref().filter(|_| self.learnt) else { return };
        let bytes = match serde_json::to_vec(&following.times) {
            Ok(bytes) => bytes,
            Err(cause) => return tracing::error!(%cause, "travel times cannot be written"),
        };
        match app.store.blobs.put(LEARNT.0, LEARNT.1, &bytes).await {
            Ok(_) => self.learnt = false,
            Err(error) => tracing::warn!(%error, "travel times cannot be kept; they are kept later"),
        }
    }
}

/// Tells the picture to the processes that serve it.
async fn tell(publisher: &Publisher, told: &Told) {
    let packed = match told::packed(told) {
        Ok(packed) => packed,
        Err(cause) => return tracing::error!(%cause, "the picture of the vehicles cannot be written"),
    };
    // While the broker is away there is nobody to tell; the next picture says more.
    let said = tokio::time::timeout(Duration::from_secs(LOOK_EVERY), publisher.publish(told::TOPIC, packed.into()));
    match said.await {
        Ok(Ok(())) => {}
        Ok(Err(cause)) => tracing::error!(%cause, "the picture of the vehicles cannot be told"),
        Err(_) => tracing::warn!("the broker takes no picture of the vehicles"),
    }
}

async fn begin(app: &App, loaded: &Loaded) -> Following {
    let kept = app.store.blobs.get(LEARNT.0, LEARNT.1).await;
    let kept = kept.inspect_err(|error| tracing::warn!(%error, "travel times cannot be read; they are learnt anew"));
    let times: Option<TravelTimes> = kept.ok().flatten().and_then(|blob| {
        let read = serde_json::from_slice(&blob.bytes);
        read.inspect_err(|cause| tracing::warn!(%cause, "travel times of another version; they are learnt anew")).ok()
    });
    let mut fleet = Fleet::default();
    let known = app.fleet.read().unwrap_or_else(PoisonError::into_inner);
    fleet.set_register(known.register().cloned().collect());
    drop(known);
    Following::new(Arc::clone(&loaded.network), times.unwrap_or_default(), fleet)
}

/// Vehicles that the public may know of, with what was found.
fn on_duty(app: &App, following: &Following, now: Instant) -> Vec<OnDuty> {
    let viewing = app.viewing();
    let fleet = &following.fleet;
    let mut found: Vec<OnDuty> = fleet
        .iter()
        .filter_map(|(key, known)| {
            viewing.visible_fix(known, Audience::Public)?;
            let register = fleet.registration(key);
            Some(OnDuty {
                fix: Arc::clone(known.newest.as_ref()?),
                public_id: viewing.id(key, register, Audience::Public),
                label: register.and_then(|register| register.label.clone()),
                low_floor: register.and_then(|register| register.low_floor),
                assignment: following.matcher.assignment(key)?.clone(),
                predicted: following.predicted(key, now),
            })
        })
        .collect();
    found.sort_by(|a, b| a.fix.vehicle.cmp(&b.fix.vehicle));
    found
}
