//! What the rules of the city find out as time passes, kept as events.

use std::sync::PoisonError;
use std::time::Duration;

use misto_city::silence::{Silence, Voice};

use crate::app::{App, Shared};

/// Looks once a second until the server stops.
pub async fn run(app: Shared) {
    let mut stopping = app.stopping.clone();
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut silence = Silence::default();
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
        if let Err(error) = look(&app, &mut silence).await {
            tracing::warn!(%error, "events cannot be written; they are told again");
        }
    }
}

/// One look at the fleet. The shards are held meanwhile: nobody else tells of them.
async fn look(app: &App, silence: &mut Silence) -> misto_model::Result<()> {
    let _held = app.shards.lock().await;
    let due = {
        let fleet = app.fleet.read().unwrap_or_else(PoisonError::into_inner);
        let voices = fleet.iter().filter_map(|(vehicle, known)| {
            let newest = known.newest.as_ref()?;
            let found = known.found.map(|found| (found.at, found.silent_s));
            let (last_heard, position) = (newest.fix_time, newest.position);
            Some(Voice { vehicle, last_heard, position, gone: known.gone, found })
        });
        silence.look(voices, app.fleet_rules.lost_after_s, app.now())
    };
    if due.is_empty() {
        return Ok(());
    }
    let kept = app.store.series.append_events(&due).await.inspect_err(|_| silence.take_back(&due))?;
    app.metrics.events_added.inc_by(kept.added);
    Ok(())
}
