//! A way as a list of what to do.

use misto_model::WayKind;
use serde::Serialize;

use super::answer::{Leg, Mention};
use super::network::Network;
use super::space::{Place, bearing};
use super::words::{self, Words};

/// What is done in a turn of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnKind {
    /// Sets out.
    Depart,
    /// Walks along a way.
    Walk,
    /// Crosses a street.
    Cross,
    /// Takes steps.
    Steps,
    /// Takes a lift.
    Lift,
    /// Takes an escalator or a moving pavement.
    Escalator,
    /// Is there.
    Arrive,
}

/// Where to turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// On.
    Straight,
    /// A little to the left.
    SlightLeft,
    /// To the left.
    Left,
    /// Far to the left.
    SharpLeft,
    /// A little to the right.
    SlightRight,
    /// To the right.
    Right,
    /// Far to the right.
    SharpRight,
    /// Back.
    Back,
}

/// One turn of the list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Turn {
    /// What is done.
    pub kind: TurnKind,
    /// Where to turn before; absent at the beginning and the end.
    pub direction: Option<Direction>,
    /// Compass bearing, degrees; absent where the way has no direction.
    pub bearing_deg: Option<f64>,
    /// Name of the street.
    pub street: Option<String>,
    /// Kind of way, in the words of the collection.
    pub way: Option<&'static str>,
    /// Steps to take, where counted.
    pub steps: Option<u32>,
    /// Where.
    pub at: Place,
    /// How far until the next turn.
    pub length_m: f64,
    /// What one recognises the place by.
    pub landmark: Option<String>,
    /// Numbers of the barriers until the next turn.
    pub barriers: Vec<usize>,
    /// Numbers of the unmeasured pieces until the next turn.
    pub unmeasured: Vec<usize>,
    /// The same in words.
    pub words: Words,
}

/// A bend at a fork that is worth a turn of its own, degrees.
const A_TURN_DEG: f64 = 35.0;

pub(super) fn of(
    network: &Network,
    legs: &[Leg],
    barriers: &[Mention],
    unmeasured: &[Mention],
    landmark: &dyn Fn(Place) -> Option<String>,
) -> Vec<Turn> {
    let mut starts: Vec<usize> = Vec::new();
    for index in 0..legs.len() {
        if index == 0 || is_new(network, &legs[starts[starts.len() - 1]..=index]) {
            starts.push(index);
        }
    }
    let mut turns = Vec::with_capacity(starts.len() + 1);
    for (number, start) in starts.iter().enumerate() {
        let end = starts.get(number + 1).copied().unwrap_or(legs.len());
        let mut turn = turn(network, legs, *start, end);
        turn.barriers = numbers(barriers, *start, end);
        turn.unmeasured = numbers(unmeasured, *start, end);
        if *start == 0 || turn.direction != Some(Direction::Straight) {
            turn.landmark = landmark(turn.at);
        }
        turns.push(turn);
    }
    turns.extend(legs.last().map(|last| arrival(network, last, landmark)));
    for turn in &mut turns {
        turn.words = words::of_turn(turn);
    }
    turns
}

fn numbers(mentions: &[Mention], start: usize, end: usize) -> Vec<usize> {
    let there = |mention: &&Mention| mention.legs.0 < end && mention.legs.1 >= start;
    mentions.iter().filter(there).map(|mention| mention.number).collect()
}

/// Whether the last of these pieces is another street or kind of way than the first, or
/// bends away from the one before it where ways meet.
fn is_new(network: &Network, pieces: &[Leg]) -> bool {
    let [first, .., before, last] = pieces else {
        let [before, last] = pieces else { return false };
        return differs(network, before, last) || turns_off(network, before, last);
    };
    differs(network, first, last) || turns_off(network, before, last)
}

fn differs(network: &Network, a: &Leg, b: &Leg) -> bool {
    kind_of(network, a) != kind_of(network, b) || network.name(a.arc.edge()) != network.name(b.arc.edge())
}

fn turns_off(network: &Network, before: &Leg, last: &Leg) -> bool {
    let forks = network.arcs_of(network.tail(last.arc)).count() > 2;
    forks && angle(before, last).is_some_and(|angle| angle.abs() >= A_TURN_DEG)
}

fn kind_of(network: &Network, leg: &Leg) -> TurnKind {
    match network.passages[leg.arc.edge() as usize].kind() {
        Some(WayKind::Crossing | WayKind::TrafficIsland) => TurnKind::Cross,
        Some(WayKind::Steps) => TurnKind::Steps,
        Some(WayKind::Elevator) => TurnKind::Lift,
        Some(WayKind::Escalator | WayKind::MovingWalkway) => TurnKind::Escalator,
        _ => TurnKind::Walk,
    }
}

/// Degrees to the right from one piece to the next, −180 to 180.
fn angle(before: &Leg, after: &Leg) -> Option<f64> {
    let incoming = last_bearing(before)?;
    let outgoing = first_bearing(after)?;
    Some((outgoing - incoming + 540.0).rem_euclid(360.0) - 180.0)
}

/// Over the first five metres or so: lines begin with tiny bends.
fn first_bearing(leg: &Leg) -> Option<f64> {
    let start = leg.line[0];
    let far = leg.line.iter().find(|at| super::space::between(start, **at) > 5.0).or(leg.line.last())?;
    bearing(start, *far)
}

fn last_bearing(leg: &Leg) -> Option<f64> {
    let end = leg.line[leg.line.len() - 1];
    let far = leg.line.iter().rev().find(|at| super::space::between(end, **at) > 5.0).or(leg.line.first())?;
    bearing(*far, end)
}

fn direction(angle: f64) -> Direction {
    match angle {
        a if a.abs() < 20.0 => Direction::Straight,
        a if a.abs() > 165.0 => Direction::Back,
        a if a <= -120.0 => Direction::SharpLeft,
        a if a <= -50.0 => Direction::Left,
        a if a < 0.0 => Direction::SlightLeft,
        a if a < 50.0 => Direction::SlightRight,
        a if a < 120.0 => Direction::Right,
        _ => Direction::SharpRight,
    }
}

fn turn(network: &Network, legs: &[Leg], start: usize, end: usize) -> Turn {
    let first = &legs[start];
    let passage = &network.passages[first.arc.edge() as usize];
    let pieces = &legs[start..end];
    let kind = kind_of(network, first);
    let steps: Option<u32> = pieces.iter().map(|leg| network.passages[leg.arc.edge() as usize].steps()).sum();
    let walks_off = start == 0 && kind == TurnKind::Walk;
    Turn {
        kind: if walks_off { TurnKind::Depart } else { kind },
        direction: start.checked_sub(1).and_then(|before| angle(&legs[before], first)).map(direction),
        bearing_deg: first_bearing(first).map(|degrees| degrees.round() % 360.0),
        street: network.name(first.arc.edge()).map(str::to_owned),
        way: passage.kind().map(WayKind::word),
        steps: steps.filter(|_| kind == TurnKind::Steps),
        at: network.place(first.line[0]),
        length_m: pieces.iter().map(|leg| leg.cm).sum::<f64>() / 100.0,
        landmark: None,
        barriers: Vec::new(),
        unmeasured: Vec::new(),
        words: Words::default(),
    }
}

fn arrival(network: &Network, last: &Leg, landmark: &dyn Fn(Place) -> Option<String>) -> Turn {
    let at = network.place(last.line[last.line.len() - 1]);
    Turn {
        kind: TurnKind::Arrive,
        direction: None,
        bearing_deg: None,
        street: network.name(last.arc.edge()).map(str::to_owned),
        way: None,
        steps: None,
        at,
        length_m: 0.0,
        landmark: landmark(at),
        barriers: Vec::new(),
        unmeasured: Vec::new(),
        words: Words::default(),
    }
}
