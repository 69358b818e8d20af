//! The program and the broker end, told or not.

use std::thread::sleep;
use std::time::Duration;

use super::stage::{MESSAGES, Stage};

pub fn kill_the_program(stage: &mut Stage) {
    stage.flood();
    for _ in 0..3 {
        sleep(Duration::from_millis(300));
        stage.server.kill();
        stage.server.up();
    }
}

pub fn stop_the_program(stage: &mut Stage) {
    stage.flood();
    sleep(Duration::from_millis(500));
    stage.server.stop();
    stage.server.up();
}

pub fn restart_the_broker(stage: &mut Stage) {
    stage.flood();
    sleep(Duration::from_millis(500));
    stage.broker.restart();
}

/// Mosquitto promises less by an acknowledgement than MQTT would let one hope: a
/// message is in its memory then, and on the disk with the next save
/// (`autosave_interval`). Killed between the two it has forgotten what it
/// acknowledged and had not passed on (seen with 2.0.11: of 6 000 and two deaths
/// none to 4, once 100), and a session made since the last save. So
/// the session is saved before the flood, and the publisher publishes again what
/// was acknowledged between the last save and the death; all else must come from
/// what Mosquitto saved and what Misto committed.
pub fn kill_the_broker(stage: &mut Stage) {
    stage.broker.save();
    stage.flood();
    for _ in 0..2 {
        sleep(Duration::from_millis(400));
        assert!(stage.accepted() < MESSAGES, "the flood is over before the fault");
        stage.kill_the_broker();
    }
}

/// What Mosquitto has on its disk outlives it: nothing is published again.
pub fn kill_the_broker_that_keeps_all(stage: &mut Stage) {
    stage.server.kill();
    stage.flood();
    stage.all_accepted();
    stage.broker.save();
    stage.broker.kill();
    stage.broker.up();
    stage.server.up();
}
