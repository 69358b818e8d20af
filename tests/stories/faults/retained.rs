//! A message that the broker keeps for whoever comes.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use misto_tests::{Mosquitto, eventually};
use rumqttc::{Client, Event, MqttOptions, Packet, QoS};
use serde_json::json;

use super::stage::{LONG, Stage};

/// It comes with each subscription, so after each reconnection, and is history:
/// one fix of yesterday, never a live vehicle.
pub fn keep_a_fix_from_yesterday(stage: &mut Stage) {
    stage.server.stop();
    let yesterday = Timestamp::now() - SignedDuration::from_hours(24);
    let body = json!({"time": yesterday.to_string(), "lat": 48.92, "lon": 24.71, "kind": "bus"});
    retain(&stage.broker, "misto/v1/raw/test/yesterday", &body.to_string());
    stage.expected += 1;
    stage.server.up();
    lost(stage);
    for times in 1..=3 {
        stage.broker.restart();
        eventually("it comes again", LONG, || {
            (stage.server.metric("misto_positions_redelivered_total") >= f64::from(times)).then_some(())
        });
        lost(stage);
    }
    stage.flood();
    std::thread::sleep(Duration::from_millis(300));
    stage.server.kill();
    stage.server.up();
    lost(stage);
}

fn lost(stage: &Stage) {
    assert_eq!(stage.state_of("test:/yesterday").as_deref(), Some("lost"));
    let public = stage.server.client().get("/vehicles").json();
    assert_eq!(public["features"], json!([]), "too old for the public");
}

fn retain(broker: &Mosquitto, topic: &str, payload: &str) {
    let (client, mut connection) = Client::new(MqttOptions::new("yesterday", "127.0.0.1", broker.port()), 10);
    client.publish(topic, QoS::AtLeastOnce, true, payload).expect("a connection");
    let accepted = connection.iter().any(|event| matches!(event, Ok(Event::Incoming(Packet::PubAck(_)))));
    assert!(accepted, "the broker keeps it");
}
