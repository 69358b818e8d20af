//! Vehicles that fall silent and speak again, as events for the dispatcher.
//!
//! An event says the same whoever finds it: its time and its facts come from the
//! fixes alone, so two processes that look at one vehicle write one event.

use std::collections::HashMap;

use misto_model::{Event, EventKind, EventSubject, Instant, Position, Precision, VehicleKey};
use serde_json::{Map, Value, json};

/// Nothing was heard of a vehicle for so long that only its last place is known.
pub const SIGNAL_LOST: &str = "signal_lost";
/// A vehicle that was lost spoke again.
pub const SIGNAL_FOUND: &str = "signal_found";

/// Older silences are not told any more: after a restart they were told long ago,
/// and a recording of last year is no news.
const NEWS_S: f64 = 3_600.0;

/// What is known of one vehicle's voice.
#[derive(Debug, Clone, Copy)]
pub struct Voice<'a> {
    /// Whose.
    pub vehicle: &'a VehicleKey,
    /// Its newest fix that counts.
    pub last_heard: Instant,
    /// Where that was.
    pub position: Position,
    /// Whether it said good-bye: then its silence is no loss.
    pub gone: bool,
    /// When it last spoke again after it was lost, and after how many seconds.
    pub found: Option<(Instant, f64)>,
}

/// Remembers what it told; the same is not told twice.
#[derive(Debug, Default)]
pub struct Silence {
    told: HashMap<VehicleKey, Told>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Told {
    lost_since: Option<i64>,
    found_at: Option<i64>,
}

impl Silence {
    /// Events that are due at `now`, with `lost_after_s` as the age at which a
    /// vehicle counts as lost.
    pub fn look<'a>(&mut self, voices: impl Iterator<Item = Voice<'a>>, lost_after_s: f64, now: Instant) -> Vec<Event> {
        let mut due = Vec::new();
        let is_news = |at: Instant| (0.0..=NEWS_S).contains(&now.seconds_since(at));
        for voice in voices {
            let told = self.told.get(voice.vehicle).copied().unwrap_or_default();
            let mut telling = told;
            if let Some((at, silent_s)) = voice.found
                && told.found_at != Some(at.micros())
                && is_news(at)
            {
                telling.found_at = Some(at.micros());
                due.extend(event(SIGNAL_FOUND, &voice, at, now, &[("silent_s", json!(silent_s))]));
            }
            let lost_at = seconds_after(voice.last_heard, lost_after_s);
            if now.seconds_since(voice.last_heard) > lost_after_s
                && !voice.gone
                && told.lost_since != Some(voice.last_heard.micros())
                && is_news(lost_at)
            {
                telling.lost_since = Some(voice.last_heard.micros());
                due.extend(event(SIGNAL_LOST, &voice, lost_at, now, &[("last_heard", json!(voice.last_heard))]));
            }
            if (telling.lost_since, telling.found_at) != (told.lost_since, told.found_at) {
                self.told.insert(voice.vehicle.clone(), telling);
            }
        }
        due
    }

    /// Forgets that these were told, because they could not be kept.
    pub fn take_back(&mut self, events: &[Event]) {
        for event in events {
            if let Ok(vehicle) = event.subject.as_str().parse::<VehicleKey>() {
                self.told.remove(&vehicle);
            }
        }
    }
}

fn event(kind: &str, voice: &Voice<'_>, time: Instant, now: Instant, facts: &[(&str, Value)]) -> Option<Event> {
    let kind: EventKind = kind.parse().ok()?;
    // A vehicle whose name is longer than a subject may be has no events.
    let subject: EventSubject = voice.vehicle.to_string().parse().ok()?;
    let body: Map<String, Value> = facts.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Some(Event { kind, subject, time, recorded_at: now, position: Some(voice.position), body })
}

/// The moment `seconds` after, whole microseconds.
fn seconds_after(at: Instant, seconds: f64) -> Instant {
    Instant::from_micros(at.micros() + (seconds * 1e6) as i64, Precision::Microseconds).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOST_AFTER_S: f64 = 300.0;

    fn at(seconds: i64) -> Instant {
        Instant::from_seconds(1_790_000_000 + seconds).unwrap()
    }

    fn look(silence: &mut Silence, last_heard: i64, found: Option<(i64, f64)>, gone: bool, now: i64) -> Vec<String> {
        let vehicle = "plough:/7".parse().unwrap();
        let position = Position::new(24.7, 48.9).unwrap();
        let found = found.map(|(seconds, silent_s)| (at(seconds), silent_s));
        let voice = Voice { vehicle: &vehicle, last_heard: at(last_heard), position, gone, found };
        let events = silence.look([voice].into_iter(), LOST_AFTER_S, at(now));
        events.iter().map(|event| format!("{} {}", event.kind, event.time.seconds_since(at(0)))).collect()
    }

    #[test]
    fn a_silence_and_its_end_are_told_once() {
        let mut silence = Silence::default();
        assert_eq!(look(&mut silence, 0, None, false, 300), [""; 0]);
        assert_eq!(look(&mut silence, 0, None, false, 302), ["signal_lost 300"]);
        assert_eq!(look(&mut silence, 0, None, false, 900), [""; 0]);
        assert_eq!(look(&mut silence, 1_000, Some((1_000, 1_000.0)), false, 1_001), ["signal_found 1000"]);
        assert_eq!(look(&mut silence, 1_010, Some((1_000, 1_000.0)), false, 1_011), [""; 0]);
        assert_eq!(look(&mut silence, 1_010, Some((1_000, 1_000.0)), false, 1_311), ["signal_lost 1310"]);
    }

    #[test]
    fn another_process_tells_the_same() {
        let tell = || look(&mut Silence::default(), 0, Some((0, 400.0)), false, 400);
        assert_eq!(tell(), ["signal_found 0", "signal_lost 300"]);
        assert_eq!(tell(), tell());
    }

    #[test]
    fn a_good_bye_is_no_loss_and_last_year_is_no_news() {
        assert_eq!(look(&mut Silence::default(), 0, None, true, 400), [""; 0]);
        assert_eq!(look(&mut Silence::default(), 0, None, false, 4_000), [""; 0]);
        assert_eq!(look(&mut Silence::default(), 0, Some((0, 400.0)), false, 3_000_000), [""; 0]);
    }

    #[test]
    fn what_could_not_be_kept_is_told_again() {
        let mut silence = Silence::default();
        let vehicle = "plough:/7".parse().unwrap();
        let position = Position::new(24.7, 48.9).unwrap();
        let voice = Voice { vehicle: &vehicle, last_heard: at(0), position, gone: false, found: None };
        let events = silence.look([voice].into_iter(), LOST_AFTER_S, at(400));
        silence.take_back(&events);
        assert_eq!(silence.look([voice].into_iter(), LOST_AFTER_S, at(401)).len(), 1);
    }
}
