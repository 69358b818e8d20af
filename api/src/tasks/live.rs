//! The live state: what was decoded, here or in another process, and who is told.

use std::sync::Arc;
use std::time::Duration;

use misto_city::fleet::Observed;
use misto_ingest::decode::Decoded;
use misto_ingest::mqtt::{Delivery, Link, Session};
use misto_ingest::normalised;
use misto_model::{Audience, Position, Reading, VehicleKey, VehicleKind, VehiclePosition};
use tokio::sync::{mpsc, watch};

use crate::app::{App, Shared};
use crate::stream::{Event, Subject};
use crate::transit::carries_passengers;
use crate::transit::following::Heard;
use crate::transit::told;
use crate::view::sensor;

/// Takes in what the ingest processes tell, until the sessions end.
pub async fn run(app: Shared, mut deliveries: mpsc::Receiver<Delivery>) {
    while let Some(delivery) = deliveries.recv().await {
        app.metrics.received.inc();
        if delivery.topic == told::TOPIC {
            told::take(&app, &delivery.payload);
            delivery.ack.confirm();
            continue;
        }
        match normalised::read(&delivery.payload) {
            Ok(decoded) => app.observe(&decoded),
            // Of another version of Misto, or forged: the topic alone may be named.
            Err(cause) => tracing::warn!(topic = delivery.topic, %cause, "a message between processes is left out"),
        }
        delivery.ack.confirm();
    }
}

/// How long a fix that was told may need to be committed. Once more after it, what
/// was told before the subscription stood is in the store.
const COMMITTED_WITHIN: Duration = Duration::from_secs(15);

/// Follows what the other processes tell, and reads from the store what was told
/// while the session did not stand, until the server stops.
pub async fn follow(app: Shared, session: Session) {
    let mut stopping = app.stopping.clone();
    tokio::select! {
        () = catch_up(&app, session.link(), |_| true) => {}
        _ = stopping.wait_for(|stop| *stop) => {}
    }
    session.stop().await;
}

/// Reads the newest fixes of the wanted vehicles whenever the session stands, and
/// again a little later. Ends with the session.
pub async fn catch_up(app: &App, mut link: watch::Receiver<Link>, is_wanted: impl Fn(&VehicleKey) -> bool) {
    while link.wait_for(|link| *link == Link::Subscribed).await.is_ok() {
        app.try_restore(&is_wanted).await;
        let lost = link.wait_for(|link| *link != Link::Subscribed);
        let stands = tokio::time::timeout(COMMITTED_WITHIN, lost).await.is_err();
        if stands {
            app.try_restore(&is_wanted).await;
            // An error ends the loop above.
            let _ = link.wait_for(|link| *link != Link::Subscribed).await;
        }
    }
}

impl App {
    async fn try_restore(&self, is_wanted: impl Fn(&VehicleKey) -> bool) {
        if let Err(error) = self.restore(is_wanted).await {
            tracing::warn!(%error, "the newest fixes cannot be read; vehicles are known when they speak again");
        }
    }

    /// Takes over the newest fixes and readings that the store remembers, of the
    /// vehicles that are wanted, so that a restart is not an empty map.
    pub async fn restore(&self, is_wanted: impl Fn(&VehicleKey) -> bool) -> misto_model::Result<()> {
        let positions = self.store.series.latest_positions().await?;
        let readings = self.store.series.latest_readings().await?;
        let mut fleet = self.fleet.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        for fix in positions.into_iter().filter(|fix| is_wanted(&fix.vehicle)) {
            // The store may lag behind what was told; only what is newer is news.
            let known = fleet.get(&fix.vehicle);
            if known.is_none_or(|known| known.last_known.fix_time.micros() < fix.fix_time.micros()) {
                fleet.observe(fix, &self.fleet_rules);
            }
        }
        let mut sensors = self.sensors.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        for reading in readings {
            sensors.observe(reading);
        }
        Ok(())
    }

    /// Takes a message's contents into the live state and tells those who listen.
    pub fn observe(&self, decoded: &Decoded) {
        for fix in &decoded.positions {
            self.observe_fix(fix);
        }
        for gone in &decoded.gone {
            let mut fleet = self.fleet.write().unwrap_or_else(std::sync::PoisonError::into_inner);
            fleet.leave(&gone.vehicle);
            drop(fleet);
            self.transit.hear(Heard::Gone(gone.vehicle.clone()));
            // The public hears of it from the publishing task.
            self.announce_vehicle(&gone.vehicle, Audience::Staff);
        }
        for reading in &decoded.readings {
            self.observe_reading(reading);
        }
    }

    fn observe_fix(&self, fix: &Arc<VehiclePosition>) {
        let mut fleet = self.fleet.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        let observed = fleet.observe(Arc::clone(fix), &self.fleet_rules);
        let kind = fleet.get(&fix.vehicle).and_then(|known| known.kind);
        drop(fleet);
        if carries_passengers(kind, fix)
            && observed != Observed::HistoryOnly
            && !self.transit.hear(Heard::Fix(Arc::clone(fix)))
        {
            self.metrics.unmatched_fixes.inc();
        }
        if observed == Observed::Newest {
            self.announce_vehicle(&fix.vehicle, Audience::Staff);
            self.announce_vehicle(&fix.vehicle, Audience::Public);
        }
    }

    /// Writes the vehicle as an audience may see it now and sends it out. For a
    /// delayed kind the public hears of it from the publishing task instead.
    fn announce_vehicle(&self, key: &VehicleKey, audience: Audience) {
        if !self.hub.is_heard_by(audience) {
            return;
        }
        let fleet = self.fleet.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some(known) = fleet.get(key) else { return };
        if audience == Audience::Public && !known.kind.is_some_and(VehicleKind::is_transit) {
            return;
        }
        let Some(feature) = self.viewing().feature(key, known, fleet.registration(key), audience) else { return };
        drop(fleet);
        self.announce_feature(&feature, audience);
    }

    /// Sends out a vehicle that an audience may see.
    pub fn announce_feature(&self, feature: &crate::view::vehicle::VehicleFeature, audience: Audience) {
        let [lon, lat] = feature.geometry.coordinates;
        let Ok(position) = Position::new(lon, lat) else { return };
        let subject = Subject::Vehicle { position, route: feature.properties.route.clone() };
        self.hub.announce_to(audience, &subject, &feature.id, || {
            let written = serde_json::to_string(feature);
            written.inspect_err(|cause| tracing::error!(%cause, "a vehicle cannot be written as JSON")).ok()
        });
    }

    /// Tells the public that a vehicle is no longer shown.
    pub fn announce_gone(&self, key: &VehicleKey) {
        let fleet = self.fleet.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let id = self.viewing().id(key, fleet.registration(key), Audience::Public);
        let audience = Some(Audience::Public);
        self.hub.announce(Event { subject: Subject::VehicleGone, audience, id, data: String::new() });
    }

    fn observe_reading(&self, reading: &Reading) {
        let mut sensors = self.sensors.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some(key) = sensors.observe(reading.clone()) else { return };
        if ![Audience::Public, Audience::Staff].into_iter().any(|audience| self.hub.is_heard_by(audience)) {
            return;
        }
        let things = self.things.load();
        let id = key.to_string();
        let Some(thing) = sensors.get(&key) else { return };
        let register = things.get(&id);
        let position = sensor::place(thing, register);
        let Some(feature) = sensor::feature(&key, thing, register, self.now()) else { return };
        drop(sensors);
        match serde_json::to_string(&feature) {
            Ok(data) => {
                self.hub.announce(Event { subject: Subject::Reading { position }, audience: None, id, data });
            }
            Err(cause) => tracing::error!(%cause, "a sensor cannot be written as JSON"),
        }
    }
}
