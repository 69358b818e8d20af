//! What Misto's own processes tell each other: values as they were decoded, on
//! `misto/v1/vehicles/<shard>/<vehicle>` and `misto/v1/readings/<shard>/<datastream>`.
//!
//! Only processes of one version of this form understand each other; the `v1` of
//! the topic says which. No tracker may write or read these topics (docs/brokers.md).

use std::sync::Arc;

use bytes::Bytes;
use misto_model::{DatastreamKey, Instant, Reading, VehicleKey, VehiclePosition};
use serde::{Deserialize, Serialize};

use crate::decode::{Decoded, Gone};

/// Into so many shards all vehicles and datastreams are divided. Part of the form:
/// processes that disagree about it would overlook vehicles.
pub const SHARDS: u32 = 64;

/// One value on its way between processes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Said {
    Position(Box<VehiclePosition>),
    Gone { vehicle: VehicleKey, at: Instant },
    Reading(Box<Reading>),
}

/// A message that is none of Misto's own.
#[derive(Debug, thiserror::Error)]
#[error("not a normalised message of this version of Misto: {0}")]
pub struct NotNormalised(#[from] serde_json::Error);

/// Topic and payload of every value in what was decoded.
pub fn messages(decoded: &Decoded) -> Vec<(String, Bytes)> {
    let positions = decoded.positions.iter().map(|fix| {
        let said = Said::Position(Box::new(fix.as_ref().clone()));
        (vehicle_topic(&fix.vehicle), said)
    });
    let gone = decoded.gone.iter().map(|gone| {
        let said = Said::Gone { vehicle: gone.vehicle.clone(), at: gone.at };
        (vehicle_topic(&gone.vehicle), said)
    });
    let readings = decoded.readings.iter().map(|reading| {
        let said = Said::Reading(Box::new(reading.clone()));
        (reading_topic(&reading.datastream), said)
    });
    positions
        .chain(gone)
        .chain(readings)
        .filter_map(|(topic, said)| Some((topic, serde_json::to_vec(&said).ok()?.into())))
        .collect()
}

/// Reads one message back.
///
/// # Errors
/// When it is none of this form.
pub fn read(payload: &[u8]) -> Result<Decoded, NotNormalised> {
    let mut decoded = Decoded::default();
    match serde_json::from_slice(payload)? {
        Said::Position(fix) => decoded.positions.push(Arc::new(*fix)),
        Said::Gone { vehicle, at } => decoded.gone.push(Gone { vehicle, at }),
        Said::Reading(reading) => decoded.readings.push(*reading),
    }
    Ok(decoded)
}

/// Filters for everything.
pub fn everything() -> Vec<String> {
    vec!["misto/v1/vehicles/#".to_owned(), "misto/v1/readings/#".to_owned()]
}

/// Filters for the vehicles of all shards.
pub fn every_vehicle() -> Vec<String> {
    vec!["misto/v1/vehicles/#".to_owned()]
}

/// Filters for the vehicles of these shards.
pub fn vehicles_of(shards: impl IntoIterator<Item = u32>) -> Vec<String> {
    shards.into_iter().map(|shard| format!("misto/v1/vehicles/{shard}/+")).collect()
}

/// The shard of a vehicle; the same in every process.
pub fn shard(vehicle: &VehicleKey) -> u32 {
    shard_of(&vehicle.to_string())
}

fn shard_of(name: &str) -> u32 {
    let hash = blake3::hash(name.as_bytes());
    hash.as_bytes().first_chunk().map_or(0, |head| u32::from_le_bytes(*head)) % SHARDS
}

fn vehicle_topic(vehicle: &VehicleKey) -> String {
    let name = vehicle.to_string();
    format!("misto/v1/vehicles/{}/{}", shard_of(&name), level(&name))
}

fn reading_topic(datastream: &DatastreamKey) -> String {
    let name = format!("{}:{}/{}", datastream.source, datastream.thing, datastream.observed_property);
    format!("misto/v1/readings/{}/{}", shard_of(&name), level(&name))
}

/// One level of a topic: no separator, no wildcard.
fn level(name: &str) -> String {
    let mut level = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b':' => level.push(char::from(byte)),
            other => level.push_str(&format!("%{other:02X}")),
        }
    }
    level
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Message, Sources, TopicFilter};

    fn decoded(topic: &str, payload: &str) -> Decoded {
        let received_at = Instant::from_seconds(1_790_000_000).unwrap();
        let message = Message { topic, payload: payload.as_bytes(), retained: false, received_at };
        let decoded = Sources::default().decode(&message);
        assert_eq!(decoded.rejections, [], "{topic}");
        decoded
    }

    #[test]
    fn what_is_said_is_understood_as_it_was_decoded() {
        let position =
            r#"{"time":"2026-09-21T13:33:20.123456Z","lat":48.92,"lon":24.71,"speed_m_s":3.7,"plate":"АТ 1234 ВВ"}"#;
        let readings =
            r#"{"time":"2026-09-21T13:33:20Z","readings":[{"observed_property":"PM2.5","value":7.1,"unit":"µg/m³"}]}"#;
        for (topic, payload) in [("misto/v1/raw/if/Автобус 7", position), ("misto/v1/raw/air/box-1", readings)] {
            let decoded = decoded(topic, payload);
            let [(_, said)] = messages(&decoded).try_into().unwrap();
            assert_eq!(read(&said).unwrap(), decoded);
        }
        assert!(read(b"{\"position\":{}}").is_err());
    }

    #[test]
    fn a_vehicle_is_one_level_below_its_shard() {
        let filter: TopicFilter = "misto/v1/vehicles/+/+".parse().unwrap();
        for name in ["a:1/7", "a:/АТ 1234+#/x", "hfp:22/1234"] {
            let vehicle: VehicleKey = name.parse().unwrap();
            let topic = vehicle_topic(&vehicle);
            assert!(filter.matches(&topic) && topic.is_ascii(), "{topic}");
            let own: TopicFilter = vehicles_of([shard(&vehicle)])[0].parse().unwrap();
            assert!(own.matches(&topic));
        }
    }

    #[test]
    fn shards_are_part_of_the_form() {
        let shards = ["a:1/1", "a:1/2", "hfp:22/1234"].map(|name| shard(&name.parse().unwrap()));
        assert_eq!(shards, [35, 36, 44]);
    }
}
