//! What a way costs one person: time, and what it is worth to avoid.

use misto_model::{AccessProfile, StepsAllowed, WayKind};

use super::compact::Arc;
use super::network::Network;
use super::thresholds as figures;
use super::troubles::{Troubles, slows_wheels};

/// What a person can do on a way. `None` where it does not matter to them.
#[derive(Debug, Clone, PartialEq)]
pub struct WalkProfile {
    /// Rolls: surfaces, kerbs and escalators count.
    pub wheels: bool,
    /// Clear width needed.
    pub clear_width_cm: Option<f64>,
    /// Steepest way up.
    pub max_up_percent: Option<f64>,
    /// Steepest way down.
    pub max_down_percent: Option<f64>,
    /// Highest kerb, for wheels.
    pub kerb_cm: f64,
    /// Steps at once.
    pub steps: StepsAllowed,
    /// Needs signals to hear at crossings.
    pub sound: bool,
    /// Needs tactile strips at crossings.
    pub tactile: bool,
    /// On level, even ground.
    pub speed_m_s: f64,
}

impl WalkProfile {
    /// What the profile of places means on ways. Width of the chair, slope or no steps say
    /// that somebody uses wheels, as they do at a door.
    pub fn of(person: &AccessProfile) -> Self {
        let wheels =
            person.chair_width_cm.is_some() || person.max_slope_percent.is_some() || person.steps == StepsAllowed::None;
        let steps = if wheels { StepsAllowed::None } else { person.steps };
        let clear = person
            .chair_width_cm
            .map_or(figures::CHAIR_CLEAR_WIDTH_CM.value, |chair| chair + figures::HAND_CLEARANCE_CM.value);
        let limit = |figure: figures::Figure| wheels.then(|| person.max_slope_percent.unwrap_or(figure.value));
        Self {
            wheels,
            clear_width_cm: wheels.then_some(clear),
            max_up_percent: limit(figures::CHAIR_UP_PERCENT),
            max_down_percent: limit(figures::CHAIR_DOWN_PERCENT),
            kerb_cm: figures::KERB_CM.value,
            steps,
            sound: person.needs_audio,
            tactile: person.needs_tactile,
            speed_m_s: match steps {
                _ if wheels => figures::CHAIR_M_S.value,
                StepsAllowed::Any => figures::WALK_M_S.value,
                _ => figures::CANE_M_S.value,
            },
        }
    }
}

/// What a search looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Preference {
    /// The best way for the person: barriers and unmeasured pieces cost much and something.
    Best,
    /// No barrier at all, however long.
    NoBarrier,
    /// Nothing unmeasured, however long.
    Measured,
    /// The fewest metres, whatever is on them.
    Shortest,
}

/// A profile made ready for a search. Costs are milliseconds, and centimetres for
/// [`Preference::Shortest`].
#[derive(Debug, Clone)]
pub struct Costing {
    pub(super) profile: WalkProfile,
    pub(super) preference: Preference,
    ms_per_cm: f64,
}

fn ms(figure: figures::Figure) -> u64 {
    (figure.value * 1_000.0) as u64
}

impl Costing {
    /// For one person and one wish. A speed that is no speed is that of somebody who walks.
    pub fn new(profile: &WalkProfile, preference: Preference) -> Self {
        let speed = profile.speed_m_s;
        let speed = if speed.is_finite() && speed >= 0.1 { speed } else { figures::WALK_M_S.value };
        Self { profile: profile.clone(), preference, ms_per_cm: 10.0 / speed }
    }

    /// The least that a centimetre costs; a little less, so that rounding never makes it more.
    pub(super) fn least_per_cm(&self) -> f64 {
        let least = if self.preference == Preference::Shortest { 1.0 } else { self.ms_per_cm };
        least * (1.0 - 1e-6)
    }

    /// Of walking an arc from end to end; `None` where it does not lead or is not wanted.
    #[inline]
    pub(super) fn of_arc(&self, network: &Network, arc: Arc) -> Option<u64> {
        let length = network.passages[arc.edge() as usize].length_cm;
        self.of_piece(network, arc, f64::from(length))
    }

    /// Of walking so many centimetres of an arc. Its troubles count whole: they may lie there.
    pub(super) fn of_piece(&self, network: &Network, arc: Arc, cm: f64) -> Option<u64> {
        let passage = &network.passages[arc.edge() as usize];
        if !passage.leads(arc.against()) {
            return None;
        }
        if self.preference == Preference::Shortest {
            return Some(cm.ceil() as u64);
        }
        let troubles = network.troubles_on(&self.profile, arc.edge(), arc.against());
        self.wanted(troubles)?;
        let (along, fixed) = self.time(network, arc, cm);
        let unknown = 1.0 + figures::UNKNOWN_SHARE.value * f64::from(troubles.unmeasured_along());
        let cost = along * self.dislike(network, arc) * unknown;
        Some(cost.ceil() as u64 + fixed + self.penalty(troubles) + self.unmarked(network, arc))
    }

    /// Of passing a node.
    pub(super) fn of_node(&self, network: &Network, node: u32) -> Option<u64> {
        if self.preference == Preference::Shortest {
            return Some(0);
        }
        let troubles = self.profile.at(&network.nodes[node as usize]);
        self.wanted(troubles)?;
        Some(self.penalty(troubles))
    }

    fn wanted(&self, troubles: Troubles) -> Option<()> {
        let unwanted = match self.preference {
            Preference::NoBarrier => troubles.is_barrier(),
            Preference::Measured => troubles.is_unmeasured(),
            Preference::Best | Preference::Shortest => false,
        };
        (!unwanted).then_some(())
    }

    fn penalty(&self, troubles: Troubles) -> u64 {
        if troubles.is_empty() {
            return 0;
        }
        let steps = u64::from(troubles.has(super::troubles::Trouble::StepsUnknown));
        u64::from(troubles.barriers()) * ms(figures::BARRIER_S)
            + u64::from(troubles.closed()) * ms(figures::CLOSED_S)
            + u64::from(troubles.unmeasured_places()) * ms(figures::UNKNOWN_PLACE_S)
            + steps * ms(figures::UNKNOWN_STEPS_S)
    }

    /// How long it takes, milliseconds: along the way, and at one place of it.
    pub(super) fn time(&self, network: &Network, arc: Arc, cm: f64) -> (f64, u64) {
        let passage = &network.passages[arc.edge() as usize];
        let level = cm * self.ms_per_cm;
        match passage.kind() {
            Some(WayKind::Elevator) => (level, ms(figures::LIFT_S)),
            Some(WayKind::Steps) => {
                let share = if passage.length_cm > 0 { cm / f64::from(passage.length_cm) } else { 1.0 };
                let steps = f64::from(passage.steps().unwrap_or(0)) * share;
                (level + steps * figures::STEP_S.value * 1_000.0, 0)
            }
            kind => {
                let slope = passage.slope_percent(arc.against()).unwrap_or(0.0);
                let rough = self.profile.wheels && passage.surface().is_some_and(slows_wheels);
                let surface = if rough { figures::ROUGH_FACTOR.value } else { 1.0 };
                let waiting = if kind == Some(WayKind::Crossing) { ms(figures::CROSSING_S) } else { 0 };
                (level * self.slope_factor(slope) * surface, waiting)
            }
        }
    }

    /// Twice the time at the limit, and twice as long again with each percent above it.
    fn slope_factor(&self, slope: f64) -> f64 {
        let limit = if slope >= 0.0 { self.profile.max_up_percent } else { self.profile.max_down_percent };
        let steep = slope.abs();
        match limit {
            Some(limit) if steep > limit => 2.0 * (steep - limit).min(figures::STEEP_DOUBLINGS.value).exp2(),
            Some(limit) if limit > 0.0 => 1.0 + (steep / limit).powi(2),
            // Naismith: ten metres up take as long as a hundred along.
            _ => 1.0 + slope.max(0.0) / 10.0,
        }
    }

    fn dislike(&self, network: &Network, arc: Arc) -> f64 {
        let passage = &network.passages[arc.edge() as usize];
        match passage.kind() {
            Some(WayKind::Steps) => figures::STEPS_RELUCTANCE.value,
            Some(WayKind::Road) if passage.sidewalk() != Some(true) => figures::ROAD_FACTOR.value,
            Some(WayKind::BusyRoad) if passage.sidewalk() != Some(true) => figures::BUSY_ROAD_FACTOR.value,
            _ => 1.0,
        }
    }

    fn unmarked(&self, network: &Network, arc: Arc) -> u64 {
        let passage = &network.passages[arc.edge() as usize];
        let unmarked = passage.kind() == Some(WayKind::Crossing) && passage.marked() == Some(false);
        if unmarked { ms(figures::UNMARKED_S) } else { 0 }
    }
}
