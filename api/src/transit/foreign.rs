//! What feeds of others say of trips and passengers: cancellations and notices. They are
//! theirs: shown beside the city's own, never saved, and gone when the feed is.

pub mod fetch;

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::civil::Date;
use misto_city::transit::{Network, Run};
use misto_ingest::decode::gtfs_realtime::RealtimeFeed;
use misto_model::{InformedEntity, Instant, ServiceAlert, SourceId, Translations, TripId, TripRelation, Version};

use serde::{Deserialize, Serialize};

use super::alerts::{Alert, StandingAlert, Translated};

/// What a feed said that cannot be read any more holds so long, seconds.
pub const HOLDS_S: f64 = 600.0;

/// What one feed says.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Foreign {
    /// When it was last read, changed or not.
    pub read_at: Option<Instant>,
    /// Trips that do not run; without a day, on that of the reading.
    cancelled: HashMap<TripId, HashSet<Option<Date>>>,
    alerts: BTreeMap<String, StandingAlert>,
}

impl Foreign {
    /// Takes in a reading: instead of what was said before, or of a feed that tells what changed
    /// beside it.
    pub fn take(&mut self, source: &SourceId, feed: &RealtimeFeed, now: Instant) {
        if feed.whole {
            self.cancelled.clear();
            self.alerts.clear();
        }
        for update in &feed.trip_updates {
            let Some(trip) = &update.trip.trip else { continue };
            if matches!(update.relation, TripRelation::Canceled | TripRelation::Deleted) {
                self.cancelled.entry(trip.clone()).or_default().insert(update.trip.start_date);
            } else if let Some(days) = self.cancelled.get_mut(trip) {
                days.remove(&update.trip.start_date);
            }
        }
        for gone in &feed.deleted {
            self.alerts.remove(gone);
        }
        for alert in &feed.alerts {
            if let Some(standing) = standing(source, alert) {
                self.alerts.insert(alert.id.clone(), standing);
            }
        }
        self.read_at = Some(now);
    }

    /// Whether what it said still counts.
    pub fn holds_at(&self, now: Instant) -> bool {
        self.read_at.is_some_and(|read_at| now.seconds_since(read_at) <= HOLDS_S)
    }

    /// Whether a run does not take place.
    pub fn cancels(&self, network: &Network, run: Run) -> bool {
        let Some(days) = self.cancelled.get(&network.trip(run.trip).id) else { return false };
        let zone = network.departures().time_zone();
        let today = self.read_at.map(|at| at.timestamp().to_zoned(zone.clone()).date());
        days.contains(&Some(run.day)) || (days.contains(&None) && today == Some(run.day))
    }

    /// Runs that do not take place, yesterday's to tomorrow's.
    pub fn cancelled_runs<'a>(&'a self, network: &'a Network, now: Instant) -> impl Iterator<Item = Run> + 'a {
        let today = now.timestamp().to_zoned(network.departures().time_zone().clone()).date();
        let days = [today.yesterday(), Ok(today), today.tomorrow()];
        let trips = self.cancelled.keys().filter_map(|id| network.find_trip(id));
        let runs = trips.flat_map(move |trip| days.clone().into_iter().flatten().map(move |day| Run { trip, day }));
        runs.filter(|run| network.runs_on(run.trip, run.day) && self.cancels(network, *run))
    }

    /// Its notices.
    pub fn alerts(&self) -> impl Iterator<Item = &StandingAlert> {
        self.alerts.values()
    }
}

/// A notice as the city shows it; `None` for one without a text, and for one that is about
/// single trips or agencies alone: without them it would seem to be about the whole network.
fn standing(source: &SourceId, alert: &ServiceAlert) -> Option<StandingAlert> {
    let header = translated(&alert.header);
    header.texts().next()?;
    let of_all =
        |one: &InformedEntity| one.route.is_none() && one.stop.is_none() && one.trip.is_none() && one.agency.is_none();
    let routes: Vec<_> = alert.informed.iter().filter_map(|one| one.route.clone()).collect();
    let stops: Vec<_> = alert.informed.iter().filter_map(|one| one.stop.clone()).collect();
    if routes.is_empty() && stops.is_empty() && !alert.informed.iter().any(of_all) {
        return None;
    }
    let word = |value: serde_json::Value| value.as_str().map(str::to_owned);
    let span = alert.active.iter().fold(None, |span: Option<(Option<Instant>, Option<Instant>)>, one| {
        Some(span.map_or(*one, |span| (earlier(span.0, one.0), later(span.1, one.1))))
    });
    let (from, until) = span.unwrap_or_default();
    Some(StandingAlert {
        id: format!("{source}:{}", alert.id),
        version: Version(1),
        alert: Alert {
            header,
            description: translated(&alert.description),
            cause: alert.cause.and_then(|cause| word(serde_json::json!(cause))),
            effect: alert.effect.and_then(|effect| word(serde_json::json!(effect))),
            routes,
            stops,
            from,
            until,
        },
    })
}

fn earlier(a: Option<Instant>, b: Option<Instant>) -> Option<Instant> {
    Some(std::cmp::min_by_key(a?, b?, |at| at.micros()))
}

fn later(a: Option<Instant>, b: Option<Instant>) -> Option<Instant> {
    Some(std::cmp::max_by_key(a?, b?, |at| at.micros()))
}

/// Ukrainian and English of a text. One whose language nobody told is taken for what its letters are.
fn translated(text: &Translations) -> Translated {
    let of = |language: &str| {
        let tagged =
            text.iter().find(|(tag, _)| tag.split('-').next().is_some_and(|own| own.eq_ignore_ascii_case(language)));
        tagged.map(|(_, text)| text.clone())
    };
    let (mut uk, mut en) = (of("uk"), of("en"));
    if let Some(untold) = of("und") {
        let is_cyrillic = untold.chars().any(|letter| ('\u{0400}'..='\u{04ff}').contains(&letter));
        let place = if is_cyrillic { &mut uk } else { &mut en };
        place.get_or_insert(untold);
    }
    Translated { uk, en }
}
