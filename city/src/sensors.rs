//! Latest readings of the city's sensors and how old they are.

use std::collections::BTreeMap;

use misto_model::{Instant, Position, Reading, SourceId};

/// A device (Thing) as its source names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ThingKey {
    /// Configured source.
    pub source: SourceId,
    /// The device's own name.
    pub thing: String,
}

impl std::fmt::Display for ThingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.source, self.thing)
    }
}

/// What is known of one device.
#[derive(Debug, Clone, Default)]
pub struct Thing {
    /// The newest reading of each quantity.
    pub latest: BTreeMap<String, Reading>,
    /// Where it last said that it stands.
    pub position: Option<Position>,
}

impl Thing {
    /// The newest phenomenonTime of all its quantities.
    pub fn newest(&self) -> Option<Instant> {
        self.latest.values().map(|r| r.phenomenon_time).max_by_key(|at| at.micros())
    }
}

/// The newest reading of every quantity of every device.
#[derive(Debug, Default)]
pub struct Sensors {
    things: BTreeMap<ThingKey, Thing>,
}

impl Sensors {
    /// Takes in a reading; gives the device when the reading is its newest of that quantity.
    pub fn observe(&mut self, reading: Reading) -> Option<ThingKey> {
        let key = ThingKey { source: reading.datastream.source.clone(), thing: reading.datastream.thing.clone() };
        let thing = self.things.entry(key.clone()).or_default();
        let known = thing.latest.get(&reading.datastream.observed_property);
        if known.is_some_and(|k| k.phenomenon_time.micros() >= reading.phenomenon_time.micros()) {
            return None;
        }
        thing.position = reading.position.or(thing.position);
        thing.latest.insert(reading.datastream.observed_property.clone(), reading);
        Some(key)
    }

    /// One device.
    pub fn get(&self, key: &ThingKey) -> Option<&Thing> {
        self.things.get(key)
    }

    /// All devices in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&ThingKey, &Thing)> {
        self.things.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use misto_model::{DatastreamKey, ReadingValue};

    fn reading(seconds: i64, value: f64) -> Reading {
        Reading {
            datastream: DatastreamKey {
                source: "tts".parse().unwrap(),
                thing: "air-1".into(),
                observed_property: "pm2_5".into(),
            },
            phenomenon_time: Instant::from_seconds(seconds).unwrap(),
            received_at: Instant::from_seconds(seconds).unwrap(),
            result: ReadingValue::Number(value),
            unit: Some("ug/m3".into()),
            position: None,
            flags: vec![],
            event: String::new(),
        }
    }

    #[test]
    fn a_late_reading_does_not_replace_a_newer_one() {
        let mut sensors = Sensors::default();
        let key = sensors.observe(reading(100, 7.0)).unwrap();
        assert!(sensors.observe(reading(50, 99.0)).is_none());
        assert_eq!(sensors.get(&key).unwrap().latest["pm2_5"].result, ReadingValue::Number(7.0));
        assert_eq!(sensors.get(&key).unwrap().newest(), Some(Instant::from_seconds(100).unwrap()));
    }
}
