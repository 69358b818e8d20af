//! What the passing of time publishes: utility vehicles when their delay is over,
//! and vehicles that are no longer shown.

use std::collections::HashMap;
use std::time::Duration;

use misto_city::publication::{VehiclePublication, vehicle_publication};
use misto_model::{Audience, VehicleKey};

use crate::app::{App, Shared};
use crate::view::vehicle::VehicleFeature;

/// Once a second until the server stops.
pub async fn run(app: Shared) {
    let mut stopping = app.stopping.clone();
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    // Public vehicles shown now, with the time of the fix that was sent for delayed ones.
    let mut shown: HashMap<VehicleKey, Option<i64>> = HashMap::new();
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
        let (due, vanished) = tick(&app, &mut shown);
        for feature in due {
            app.announce_feature(&feature, Audience::Public);
        }
        for key in vanished {
            app.announce_gone(&key);
        }
    }
}

/// What became public and what ceased to be shown since the last tick.
fn tick(app: &App, shown: &mut HashMap<VehicleKey, Option<i64>>) -> (Vec<VehicleFeature>, Vec<VehicleKey>) {
    let viewing = app.viewing();
    let fleet = app.fleet.read().unwrap_or_else(std::sync::PoisonError::into_inner);
    let mut due = Vec::new();
    let mut vanished = Vec::new();
    for (key, known) in fleet.iter() {
        let Some(fix) = viewing.visible_fix(known, Audience::Public) else {
            if shown.remove(key).is_some() {
                vanished.push(key.clone());
            }
            continue;
        };
        let delayed = matches!(vehicle_publication(known.kind), VehiclePublication::Delayed { .. });
        let sent = delayed.then(|| fix.fix_time.micros());
        if shown.get(key) == Some(&sent) {
            continue;
        }
        shown.insert(key.clone(), sent);
        if delayed {
            due.extend(viewing.feature(key, known, fleet.registration(key), Audience::Public));
        }
    }
    (due, vanished)
}
