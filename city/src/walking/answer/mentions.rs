//! Barriers and unmeasured pieces of a way, with their places and lengths.

use misto_model::StepsAllowed;

use super::super::compact::{NO_FEATURE, Passage};
use super::super::costs::WalkProfile;
use super::super::network::Network;
use super::super::troubles::Trouble;
use super::super::words;
use super::{Leg, Mention, places};

/// Barriers, and what nobody measured, each numbered along the way.
pub(super) fn of(network: &Network, profile: &WalkProfile, legs: &[Leg]) -> (Vec<Mention>, Vec<Mention>) {
    let (mut barriers, mut unmeasured) = (Vec::new(), Vec::new());
    for (index, leg) in legs.iter().enumerate().filter(|(_, leg)| !leg.is_still) {
        if index > 0 {
            let node = network.tail(leg.arc);
            let troubles = profile.at(&network.nodes[node as usize]);
            for trouble in troubles.each().filter(|trouble| !trouble.is_unmeasured()) {
                barriers.push(at_node(network, profile, node, vec![trouble], leg, index));
            }
            let unknown: Vec<Trouble> = troubles.unmeasured().each().collect();
            if !unknown.is_empty() {
                unmeasured.push(at_node(network, profile, node, unknown, leg, index));
            }
        }
        let troubles = network.troubles_on(profile, leg.arc.edge(), leg.arc.against());
        for trouble in troubles.each().filter(|trouble| !trouble.is_unmeasured()) {
            on_leg(network, profile, &mut barriers, vec![trouble], leg, index);
        }
        let unknown: Vec<Trouble> = troubles.unmeasured().each().collect();
        if !unknown.is_empty() {
            on_leg(network, profile, &mut unmeasured, unknown, leg, index);
        }
    }
    for list in [&mut barriers, &mut unmeasured] {
        for (number, mention) in (1..).zip(list.iter_mut()) {
            mention.number = number;
            mention.words = words::of_mention(mention);
        }
    }
    (barriers, unmeasured)
}

fn at_node(
    network: &Network,
    profile: &WalkProfile,
    node: u32,
    what: Vec<Trouble>,
    leg: &Leg,
    index: usize,
) -> Mention {
    let known = &network.nodes[node as usize];
    let (measured, needed, unit) = match what[0] {
        Trouble::Kerb => (known.kerb_height_cm(), Some(profile.kerb_cm), Some("cm")),
        Trouble::Obstacle => (known.passage_width_cm(), profile.clear_width_cm, Some("cm")),
        _ => (None, None, None),
    };
    let at = network.places_of(node);
    Mention {
        number: 0,
        what,
        at,
        line: vec![at],
        length_m: 0.0,
        measured,
        needed,
        unit: unit.filter(|_| needed.is_some()),
        street: network.name(leg.arc.edge()).map(str::to_owned),
        edges: Vec::new(),
        node: (known.feature != NO_FEATURE).then_some(known.feature),
        words: words::Words::default(),
        legs: (index, index),
    }
}

/// Adds to the last mention where it says the same of the piece before, on the same street.
fn on_leg(
    network: &Network,
    profile: &WalkProfile,
    list: &mut Vec<Mention>,
    what: Vec<Trouble>,
    leg: &Leg,
    index: usize,
) {
    let passage = &network.passages[leg.arc.edge() as usize];
    let (measured, needed, unit) = numbers(profile, passage, leg.arc.against(), what[0]);
    let feature = network.records[leg.arc.edge() as usize].feature;
    let street = network.name(leg.arc.edge()).map(str::to_owned);
    let line = places(network, &leg.line);
    let before = list.iter_mut().rev().find(|mention| mention.what == what && mention.node.is_none());
    if let Some(before) = before.filter(|before| {
        before.legs.1 + 1 == index && before.street == street && is_along(&what) && !before.edges.is_empty()
    }) {
        before.legs.1 = index;
        before.length_m += leg.cm / 100.0;
        before.line.extend(line.into_iter().skip(1));
        before.measured = worse(what[0], before.measured, measured);
        before.edges.push(feature);
        return;
    }
    list.push(Mention {
        number: 0,
        what,
        at: line[0],
        line,
        length_m: leg.cm / 100.0,
        measured,
        needed,
        unit,
        street,
        edges: vec![feature],
        node: None,
        words: words::Words::default(),
        legs: (index, index),
    });
}

/// Whether two pieces of it are one piece.
fn is_along(what: &[Trouble]) -> bool {
    what.iter().all(|trouble| {
        matches!(
            trouble,
            Trouble::SteepUp
                | Trouble::SteepDown
                | Trouble::Narrow
                | Trouble::Surface
                | Trouble::Uneven
                | Trouble::SlopeUnknown
                | Trouble::WidthUnknown
                | Trouble::SurfaceUnknown
                | Trouble::SidewalkUnknown
        )
    })
}

fn worse(what: Trouble, a: Option<f64>, b: Option<f64>) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) if what == Trouble::Narrow => Some(a.min(b)),
        (Some(a), Some(b)) => Some(a.max(b)),
        (a, b) => a.or(b),
    }
}

type Numbers = (Option<f64>, Option<f64>, Option<&'static str>);

fn numbers(profile: &WalkProfile, passage: &Passage, against: bool, what: Trouble) -> Numbers {
    match what {
        Trouble::SteepUp => (passage.slope_percent(against), profile.max_up_percent, Some("%")),
        Trouble::SteepDown => (passage.slope_percent(!against), profile.max_down_percent, Some("%")),
        Trouble::Narrow => (passage.width_cm(), profile.clear_width_cm, Some("cm")),
        Trouble::Steps => {
            let most = if profile.steps == StepsAllowed::One { 1.0 } else { 0.0 };
            (passage.steps().map(f64::from), Some(most), None)
        }
        _ => (None, None, None),
    }
}
