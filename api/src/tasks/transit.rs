//! Follows the vehicles of passenger transport: matches their fixes to trips, keeps
//! their stop visits, and looks at all of them every few seconds.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use misto_city::transit::{StopVisit, TravelTimes};
use misto_model::{Audience, Event, Instant, VehiclePosition};
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;

use crate::app::{App, Shared};
use crate::transit::Loaded;
use crate::transit::following::Following;
use crate::transit::shown::{OnDuty, Shown};

/// Kind of the events that keep stop visits.
pub const STOP_VISIT: &str = "stop_visit";

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

/// Runs until the server stops.
pub async fn run(app: Shared, mut fixes: mpsc::Receiver<Arc<VehiclePosition>>) {
    let mut stopping = app.stopping.clone();
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut rules = Rules { following: None, waiting: Vec::new(), made_at: None, learnt: false };
    let mut batch = Vec::with_capacity(BATCH);
    'running: for tick in 0_u64.. {
        loop {
            tokio::select! {
                _ = ticks.tick() => break,
                taken = fixes.recv_many(&mut batch, BATCH), if !fixes.is_closed() || !fixes.is_empty() => {
                    if taken > 0 {
                        rules.observe(&app, &batch);
                        batch.clear();
                    }
                }
                _ = stopping.wait_for(|stop| *stop) => break 'running,
            }
        }
        rules.take_over_timetable(&app).await;
        rules.keep(&app).await;
        if tick % LOOK_EVERY == 0 {
            rules.look(&app).await;
        }
        if tick % SAVE_EVERY == SAVE_EVERY - 1 {
            rules.save(&app).await;
        }
    }
    rules.keep(&app).await;
    rules.save(&app).await;
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
    fn observe(&mut self, app: &App, fixes: &[Arc<VehiclePosition>]) {
        let Some(following) = &mut self.following else { return };
        let now = app.now();
        for fix in fixes {
            let visits = following.observe(fix, now);
            self.learnt |= !visits.is_empty();
            let events = visits.iter().filter_map(|visit| event(following, visit, now));
            self.waiting.extend(events);
        }
    }

    /// Begins with the timetable in use, or changes to it.
    async fn take_over_timetable(&mut self, app: &App) {
        let Some(loaded) = app.transit.loaded.load_full() else { return };
        match &mut self.following {
            Some(following) if Arc::ptr_eq(&following.network, &loaded.network) => {}
            Some(following) => following.change(Arc::clone(&loaded.network)),
            None => self.following = Some(begin(app, &loaded).await),
        }
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
    async fn look(&mut self, app: &App) {
        match crate::transit::alerts::all(app.store.documents.as_ref()).await {
            Ok(alerts) if **app.transit.alerts.load() == alerts => {}
            Ok(alerts) => {
                app.transit.alerts.store(Arc::new(alerts));
                app.hub.announce_notices();
            }
            Err(error) => tracing::warn!(%error, "notices cannot be read; those in memory stay"),
        }
        let Some(following) = &mut self.following else { return };
        let now = app.now();
        following.settle(now);
        // Two feeds never carry one second, and none an earlier one (E017, E018).
        if self.made_at.is_some_and(|last| now.seconds_since(last) < 1.0) {
            return;
        }
        let vehicles = on_duty(app, following, now);
        let alerts = app.transit.alerts_at(now);
        let lines = following.headways(&vehicles, app.settings.city.lost_after_s, now);
        let network = Arc::clone(&following.network);
        let shown = Shown::new(now, network, vehicles, following.visits(), lines, &alerts);
        let former = app.transit.shown.swap(Some(Arc::new(shown)));
        self.made_at = Some(now);
        if let Some(shown) = &*app.transit.shown.load() {
            app.hub.announce_boards(&shown.boards_changed_since(former.as_deref()));
        }
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

async fn begin(app: &App, loaded: &Loaded) -> Following {
    let kept = app.store.blobs.get(LEARNT.0, LEARNT.1).await;
    let kept = kept.inspect_err(|error| tracing::warn!(%error, "travel times cannot be read; they are learnt anew"));
    let times: Option<TravelTimes> = kept.ok().flatten().and_then(|blob| {
        let read = serde_json::from_slice(&blob.bytes);
        read.inspect_err(|cause| tracing::warn!(%cause, "travel times of another version; they are learnt anew")).ok()
    });
    Following::new(Arc::clone(&loaded.network), times.unwrap_or_default())
}

/// Vehicles that the public may know of, with what was found.
fn on_duty(app: &App, following: &Following, now: Instant) -> Vec<OnDuty> {
    let viewing = app.viewing();
    let fleet = app.fleet.read().unwrap_or_else(PoisonError::into_inner);
    let mut found: Vec<OnDuty> = fleet
        .iter()
        .filter_map(|(key, known)| {
            viewing.visible_fix(known, Audience::Public)?;
            let register = fleet.registration(key);
            let assignment = following.matcher.assignment(key)?.clone();
            Some(OnDuty {
                fix: Arc::clone(known.newest.as_ref()?),
                public_id: viewing.id(key, register, Audience::Public),
                label: register.and_then(|register| register.label.clone()),
                low_floor: register.and_then(|register| register.low_floor),
                assignment,
                predicted: following.predicted(key, now),
            })
        })
        .collect();
    drop(fleet);
    found.sort_by(|a, b| a.fix.vehicle.cmp(&b.fix.vehicle));
    found
}

/// A stop visit as it is kept, by names that outlive the timetable.
fn event(following: &Following, visit: &StopVisit, now: Instant) -> Option<Event> {
    let network = &following.network;
    let pattern = network.pattern(visit.pattern);
    let call = pattern.calls.get(visit.call)?;
    let mut body = Map::new();
    let mut say = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
    say("stop_id", json!(call.stop));
    say("call", json!(visit.call));
    say("calls", json!(pattern.calls.len()));
    say("along_m", json!(call.along_m.round()));
    say("route_id", json!(pattern.route));
    say("departure", json!(visit.departure));
    if let Some(direction) = pattern.direction {
        say("direction", json!(direction));
    }
    if let Some(run) = visit.run {
        say("trip_id", json!(network.trip(run.trip).id));
        say("service_day", json!(run.day));
        if let Some(planned) = network.planned(run, visit.call) {
            say("planned_arrival", json!(planned.arrival));
            say("planned_departure", json!(planned.departure));
        }
    }
    Some(Event {
        kind: STOP_VISIT.parse().ok()?,
        subject: visit.vehicle.to_string().try_into().ok()?,
        time: visit.arrival,
        recorded_at: now,
        position: Some(pattern.line.at(call.along_m)),
        body,
    })
}
