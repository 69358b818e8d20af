//! What goes wrong between a tracker and the broker.

use jiff::Timestamp;

use super::FleetMessage;
use crate::chance::Chance;

/// A message that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The payload breaks off.
    BrokenJson,
    /// Latitude and longitude in each other's place.
    Swapped,
    /// A clock three hours ahead.
    Future,
}

/// Late, repeated and broken messages.
pub struct Trouble {
    chance: Chance,
    next_fault_at: i64,
    /// Messages held back with the second at which they arrive.
    held: Vec<(i64, FleetMessage)>,
}

/// Messages held back at once at most.
const MOST_HELD: usize = 64;

impl Trouble {
    pub fn new(chance: Chance) -> Self {
        Self { chance, next_fault_at: 0, held: Vec::new() }
    }

    /// A fault is due every quarter of a minute or so.
    pub fn fault_due(&mut self, now: Timestamp) -> Option<Fault> {
        let second = now.as_second();
        let first = self.next_fault_at == 0;
        if second < self.next_fault_at {
            return None;
        }
        self.next_fault_at = second + self.chance.whole(10, 26);
        let fault = *self.chance.one_of(&[Fault::BrokenJson, Fault::Swapped, Fault::Future]);
        (!first).then_some(fault)
    }

    /// A number from 0 to below `count`.
    pub fn one_below(&mut self, count: usize) -> usize {
        self.chance.whole(0, count.max(1) as i64 - 1) as usize
    }

    /// Passes a message on: most at once, some twice, some late and so out of order.
    pub fn pass(&mut self, message: FleetMessage, now: Timestamp, out: &mut Vec<FleetMessage>) {
        let draw = self.chance.unit();
        if draw < 0.004 && self.held.len() < MOST_HELD {
            let late = self.chance.whole(4, 75);
            self.held.push((now.as_second() + late, message));
        } else if draw < 0.008 {
            out.extend([message.clone(), message]);
        } else {
            out.push(message);
        }
    }

    /// Held messages whose time has come.
    pub fn released(&mut self, now: Timestamp) -> Vec<FleetMessage> {
        let second = now.as_second();
        let (due, held) = std::mem::take(&mut self.held).into_iter().partition(|(at, _)| *at <= second);
        self.held = held;
        let due: Vec<(i64, FleetMessage)> = due;
        due.into_iter().map(|(_, message)| message).collect()
    }
}
