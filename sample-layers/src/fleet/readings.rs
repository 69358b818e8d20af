//! What the sensors send: uplinks of The Things Stack and SensorThings Observations.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::FleetMessage;
use crate::chance::Chance;
use crate::register::SampleSensor;

/// The sensors, each with the moment of its next report.
pub struct Readings {
    sensors: Vec<(SampleSensor, i64)>,
}

/// Seconds between reports, one sensor after the other.
const PERIODS_S: [i64; 6] = [30, 45, 60, 20, 40, 55];

impl Readings {
    pub fn new(sensors: Vec<SampleSensor>) -> Self {
        Self { sensors: sensors.into_iter().map(|s| (s, 0)).collect() }
    }

    /// Reports that are due.
    pub fn due(&mut self, now: Timestamp) -> Vec<FleetMessage> {
        let mut out = Vec::new();
        for (number, (sensor, next_at)) in self.sensors.iter_mut().enumerate() {
            if now.as_second() < *next_at {
                continue;
            }
            let period = PERIODS_S[number % PERIODS_S.len()];
            *next_at = now.as_second() + period;
            out.push(match sensor.source.as_str() {
                "tts" => uplink(sensor, now, now.as_second() / period),
                _ => observation(sensor, now),
            });
        }
        out
    }
}

fn uplink(sensor: &SampleSensor, now: Timestamp, frame: i64) -> FleetMessage {
    let device = &sensor.thing;
    let values: Map<String, Value> = sensor
        .datastreams
        .iter()
        .map(|stream| {
            (stream.observed_property.clone(), json!(value(&stream.observed_property, &stream.unit, device, now)))
        })
        .collect();
    let (lon, lat) = (sensor.position.lon.degrees(), sensor.position.lat.degrees());
    let body = json!({
        "end_device_ids": { "device_id": device, "application_ids": { "application_id": "misto-demo" } },
        "received_at": format!("{now:.3}"),
        "uplink_message": {
            "f_port": 1,
            "f_cnt": frame % 65_536,
            "decoded_payload": values,
            "rx_metadata": [{ "gateway_ids": { "gateway_id": "demo-gateway" }, "rssi": -60 - frame % 40, "snr": 7.5 }],
            "locations": { "user": { "latitude": lat, "longitude": lon } },
        },
    });
    FleetMessage { topic: format!("v3/misto-demo@demo/devices/{device}/up"), payload: body.to_string().into_bytes() }
}

fn observation(sensor: &SampleSensor, now: Timestamp) -> FleetMessage {
    let unit = sensor.datastreams.first().map_or("", |s| s.unit.as_str());
    let body = json!({ "result": value("result", unit, &sensor.thing, now), "phenomenonTime": format!("{now:.3}") });
    FleetMessage { topic: format!("v1.1/{}/Observations", sensor.thing), payload: body.to_string().into_bytes() }
}

/// A plausible value, which changes slowly; one decimal, two for metres.
fn value(property: &str, unit: &str, thing: &str, now: Timestamp) -> f64 {
    let (low, high) = match (property, unit) {
        ("pm2_5", _) | ("result", "µg/m³") => (6.0, 38.0),
        ("pm10", _) => (12.0, 62.0),
        ("humidity", _) => (42.0, 88.0),
        ("water_level", _) => (0.85, 1.35),
        ("water_temperature", _) => (9.0, 14.0),
        (_, "dB") => (46.0, 74.0),
        _ => (8.0, 19.0),
    };
    // Slow change over half hours and a little noise at each report.
    let chance = Chance::new(&format!("{thing} {property}"));
    let knot = |k: i64| chance.apart(k as u64).unit();
    let (k, share) = (now.as_second().div_euclid(1800), now.as_second().rem_euclid(1800) as f64 / 1800.0);
    let slow = knot(k) + (knot(k + 1) - knot(k)) * share;
    let noise = chance.apart(now.as_second() as u64 ^ 0x5eed).between(-0.03, 0.03);
    let value = low + (high - low) * (slow + noise).clamp(0.0, 1.0);
    let unit = if unit == "m" { 100.0 } else { 10.0 };
    (value * unit).round() / unit
}
