//! The answer for one person: the best way, the ways that trade one trouble for another,
//! and everything on them that has to be said.

use misto_model::Position;
use serde::Serialize;

use super::costs::{Costing, Preference, WalkProfile};
use super::network::Network;
use super::search::{Found, Workspace};
use super::snap::Snapped;
use super::space::{Place, between};
use super::thresholds;
use super::troubles::Trouble;
use super::turns::{self, Turn};
use super::words::Words;

mod legs;
mod mentions;

pub(super) use legs::Leg;

/// What is asked.
pub struct Question<'a> {
    /// Where somebody is.
    pub from: Position,
    /// Where they want to be.
    pub to: Position,
    /// What they can do.
    pub profile: WalkProfile,
    /// How far the nearest way may lie, metres.
    pub within_m: f64,
    /// What somebody recognises a place by, if there is anything.
    pub landmark: &'a dyn Fn(Place) -> Option<String>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq)]
pub enum NoAnswer {
    /// There is no network.
    NoNetwork,
    /// No way within reach of an end (`from` or `to`); how far the nearest one is within two kilometres.
    NothingNear {
        /// Which end.
        end: &'static str,
        /// Metres to the nearest way.
        nearest_m: Option<f64>,
    },
    /// Both ends lie on ways, but no way leads from one to the other.
    NotJoined {
        /// Where the first lies.
        from: Snapped,
        /// Where the second lies.
        to: Snapped,
    },
}

/// What a way is among the ways of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The best for this person.
    Best,
    /// Without any barrier.
    NoBarrier,
    /// Without anything unmeasured.
    Measured,
    /// With the fewest metres.
    Shortest,
}

/// Something on a way that has to be said: a barrier, or a piece that nobody measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mention {
    /// Counted from 1 along the way; barriers and unmeasured pieces each for themselves.
    pub number: usize,
    /// What it is; a barrier is one thing, an unmeasured piece may lack several.
    pub what: Vec<Trouble>,
    /// Where it begins.
    pub at: Place,
    /// The piece of the way; one place where it has no length.
    pub line: Vec<Place>,
    /// Its length; 0 for a place.
    pub length_m: f64,
    /// The worst that was measured there.
    pub measured: Option<f64>,
    /// What the person needs there.
    pub needed: Option<f64>,
    /// Unit of both: `%`, `cm`, or none for counts.
    pub unit: Option<&'static str>,
    /// The street, where it has a name.
    pub street: Option<String>,
    /// Features of the edges on which it lies.
    pub edges: Vec<i64>,
    /// Feature of the node at which it lies.
    pub node: Option<i64>,
    /// The same in words.
    pub words: Words,
    /// Legs of the way on which it lies: the first and the last.
    #[serde(skip)]
    pub(super) legs: (usize, usize),
}

/// One way from end to end.
#[derive(Debug, Clone, PartialEq)]
pub struct Way {
    /// What it is among the others.
    pub roles: Vec<Role>,
    /// Its line.
    pub line: Vec<Place>,
    /// Its length on the network; the metres to the network are not part of it.
    pub length_m: f64,
    /// How long this person takes, without the barriers.
    pub duration_s: f64,
    /// What it was compared by: time and what troubles are worth to avoid, in seconds.
    pub cost_s: f64,
    /// Metres of which nobody measured the slope.
    pub slope_unknown_m: f64,
    /// What the profile forbids and the way has.
    pub barriers: Vec<Mention>,
    /// What decides for the profile and nobody measured.
    pub unmeasured: Vec<Mention>,
    /// What to do, step by step.
    pub turns: Vec<Turn>,
}

/// All ways of an answer, the best first.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The beginning on the network.
    pub from: Snapped,
    /// The end on the network.
    pub to: Snapped,
    /// Both are one place.
    pub same_place: bool,
    /// At least the best one.
    pub ways: Vec<Way>,
    /// Ways that do not exist, however long: without barriers, or without unmeasured pieces.
    pub impossible: Vec<Role>,
}

/// How far a nearest way is looked for to say how far it is.
const LOOK_M: f64 = 2_000.0;
/// Nearer than this, two places are one.
const ONE_PLACE_M: f64 = 1.0;
/// A shortest way is worth telling when it saves this share of the best one.
const WORTH_SHORTER: f64 = 0.05;

/// Finds the ways. The workspace may be used for one question after the other.
///
/// # Errors
/// [`NoAnswer`], in the order of its variants.
pub fn answer(network: &Network, question: &Question<'_>, workspace: &mut Workspace) -> Result<Answer, NoAnswer> {
    let (from, to) = on_the_network(network, question)?;
    let mut found = |preference| {
        let costing = Costing::new(&question.profile, preference);
        network.cheapest(&costing, &from, &to, workspace)
    };
    let best = found(Preference::Best).ok_or(NoAnswer::NotJoined { from, to })?;
    let shown = |found: &Found, role| way(network, question, found, role);
    let mut ways = vec![(shown(&best, Role::Best), best)];
    let mut impossible = Vec::new();
    let wishes = [
        (Role::NoBarrier, Preference::NoBarrier, ways[0].0.barriers.is_empty()),
        (Role::Measured, Preference::Measured, ways[0].0.unmeasured.is_empty()),
        (Role::Shortest, Preference::Shortest, false),
    ];
    for (role, preference, is_best) in wishes {
        if is_best {
            ways[0].0.roles.push(role);
            continue;
        }
        let Some(other) = found(preference) else {
            impossible.push(role);
            continue;
        };
        match ways.iter_mut().find(|(_, known)| known.pieces == other.pieces) {
            Some((known, _)) => known.roles.push(role),
            None => ways.push((shown(&other, role), other)),
        }
    }
    let best_m = ways[0].0.length_m;
    let mut ways: Vec<Way> = ways.into_iter().map(|(way, _)| way).collect();
    ways.retain(|way| way.roles != [Role::Shortest] || way.length_m < best_m * (1.0 - WORTH_SHORTER));
    let same_place = between(from.metres, to.metres) < ONE_PLACE_M && best_m < ONE_PLACE_M;
    Ok(Answer { from, to, same_place, ways, impossible })
}

/// The nearest ways of both ends that are joined with each other.
fn on_the_network(network: &Network, question: &Question<'_>) -> Result<(Snapped, Snapped), NoAnswer> {
    if network.is_empty() {
        return Err(NoAnswer::NoNetwork);
    }
    let near = |end: &'static str, place: Position| {
        let found = network.near(place, question.within_m);
        if found.is_empty() {
            return Err(NoAnswer::NothingNear { end, nearest_m: network.nearest_m(place, LOOK_M) });
        }
        Ok(found)
    };
    let (from, to) = (near("from", question.from)?, near("to", question.to)?);
    let node_of = |snapped: &Snapped| network.passages[snapped.edge as usize].ends[0];
    let pairs = from.iter().flat_map(|a| to.iter().map(move |b| (a, b)));
    let joined = pairs.filter(|(a, b)| network.joined(node_of(a), node_of(b)));
    let nearest = joined.min_by(|a, b| (a.0.distance_m + a.1.distance_m).total_cmp(&(b.0.distance_m + b.1.distance_m)));
    nearest.map(|(a, b)| (*a, *b)).ok_or(NoAnswer::NotJoined { from: from[0], to: to[0] })
}

fn way(network: &Network, question: &Question<'_>, found: &Found, role: Role) -> Way {
    let legs = network.legs(found);
    let costing = Costing::new(&question.profile, Preference::Best);
    let (barriers, unmeasured) = mentions::of(network, &question.profile, &legs);
    let mut line: Vec<[f64; 2]> = Vec::new();
    let (mut duration_ms, mut length_cm, mut cost_ms, mut slope_unknown_cm) = (0.0, 0.0, 0, 0.0);
    for (index, leg) in legs.iter().enumerate() {
        if leg.is_still {
            line.extend(&leg.line);
            continue;
        }
        line.extend(leg.line.iter().skip(usize::from(index > 0)));
        let (along, fixed) = costing.time(network, leg.arc, leg.cm);
        duration_ms += along + fixed as f64;
        length_cm += leg.cm;
        cost_ms += costing.of_piece(network, leg.arc, leg.cm).unwrap_or(0);
        if index > 0 {
            cost_ms += costing.of_node(network, network.tail(leg.arc)).unwrap_or(0);
        }
        if network.passages[leg.arc.edge() as usize].slope_percent(false).is_none() {
            slope_unknown_cm += leg.cm;
        }
    }
    let turns = turns::of(network, &legs, &barriers, &unmeasured, question.landmark);
    Way {
        roles: vec![role],
        line: places(network, &line),
        length_m: length_cm / 100.0,
        duration_s: duration_ms / 1_000.0,
        cost_s: cost_ms as f64 / 1_000.0,
        slope_unknown_m: slope_unknown_cm / 100.0,
        barriers,
        unmeasured,
        turns,
    }
}

pub(super) fn places(network: &Network, line: &[[f64; 2]]) -> Vec<Place> {
    line.iter().map(|at| network.place(*at)).collect()
}

impl Network {
    pub(super) fn place(&self, metres: [f64; 2]) -> Place {
        let round = |degrees: f64| (degrees * 1e7).round() / 1e7;
        self.frame().map_or([0.0; 2], |frame| frame.place(metres)).map(round)
    }
}

impl Question<'_> {
    /// The distance within which a way is near, unless somebody says otherwise.
    pub const WITHIN_M: f64 = thresholds::SNAP_WITHIN_M.value;
}
