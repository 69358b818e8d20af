//! What troubles one person on a way or at a node: barriers and what nobody measured.
//! The search counts with the same words that the answer names.

use misto_model::{Kerb, Obstacle, Smoothness, StepsAllowed, Surface, WayKind};
use serde::Serialize;

use super::compact::{Node, Passage};
use super::costs::WalkProfile;
use super::network::Network;

/// One kind of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Trouble {
    /// Somebody reported that nobody gets through.
    Blocked,
    /// The lift or escalator does not work.
    OutOfService,
    /// More steps than the person takes.
    Steps,
    /// Steeper up than the person climbs.
    SteepUp,
    /// Steeper down than is safe for the person.
    SteepDown,
    /// Narrower than the person needs.
    Narrow,
    /// A surface on which the person does not get on.
    Surface,
    /// Too uneven.
    Uneven,
    /// A kerb too high.
    Kerb,
    /// A gate, turnstile or bars that the person does not pass.
    Obstacle,
    /// An escalator, which is not for wheels.
    Escalator,
    /// No signal to hear.
    NoSound,
    /// No tactile strip.
    NoTactile,
    /// Nobody counted the steps.
    StepsUnknown,
    /// Nobody measured the slope.
    SlopeUnknown,
    /// Nobody measured the width.
    WidthUnknown,
    /// Nobody said what the surface is.
    SurfaceUnknown,
    /// Nobody said how high the kerb is.
    KerbUnknown,
    /// Nobody measured how wide the passage is.
    ObstacleUnknown,
    /// Nobody said whether the lift works.
    ServiceUnknown,
    /// Nobody said whether the signal can be heard.
    SoundUnknown,
    /// Nobody said whether there is a tactile strip.
    TactileUnknown,
    /// Nobody said whether the street has a sidewalk.
    SidewalkUnknown,
}

impl Trouble {
    const ALL: [Self; 23] = [
        Self::Blocked,
        Self::OutOfService,
        Self::Steps,
        Self::SteepUp,
        Self::SteepDown,
        Self::Narrow,
        Self::Surface,
        Self::Uneven,
        Self::Kerb,
        Self::Obstacle,
        Self::Escalator,
        Self::NoSound,
        Self::NoTactile,
        Self::StepsUnknown,
        Self::SlopeUnknown,
        Self::WidthUnknown,
        Self::SurfaceUnknown,
        Self::KerbUnknown,
        Self::ObstacleUnknown,
        Self::ServiceUnknown,
        Self::SoundUnknown,
        Self::TactileUnknown,
        Self::SidewalkUnknown,
    ];

    /// Whether it is something that nobody measured, and no barrier.
    pub fn is_unmeasured(self) -> bool {
        self >= Self::StepsUnknown
    }
}

/// Several troubles at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Troubles(u32);

/// Those that grow with the length of the way.
const ALONG: u32 = 1 << Trouble::SlopeUnknown as u32
    | 1 << Trouble::WidthUnknown as u32
    | 1 << Trouble::SurfaceUnknown as u32
    | 1 << Trouble::SidewalkUnknown as u32;
const BARRIERS: u32 = (1 << Trouble::StepsUnknown as u32) - 1;
const CLOSED: u32 = 1 << Trouble::Blocked as u32 | 1 << Trouble::OutOfService as u32;

impl Troubles {
    pub fn add(&mut self, trouble: Trouble) {
        self.0 |= 1 << trouble as u32;
    }

    pub fn when(&mut self, is_so: bool, trouble: Trouble) {
        self.0 |= u32::from(is_so) << trouble as u32;
    }

    pub fn has(self, trouble: Trouble) -> bool {
        self.0 & 1 << trouble as u32 != 0
    }

    pub fn barriers(self) -> u32 {
        (self.0 & BARRIERS & !CLOSED).count_ones()
    }

    pub fn closed(self) -> u32 {
        (self.0 & CLOSED).count_ones()
    }

    pub fn is_barrier(self) -> bool {
        self.0 & BARRIERS != 0
    }

    pub fn is_unmeasured(self) -> bool {
        self.0 & !BARRIERS != 0
    }

    pub fn unmeasured(self) -> Self {
        Self(self.0 & !BARRIERS)
    }

    /// Unmeasured attributes of the way itself.
    pub fn unmeasured_along(self) -> u32 {
        (self.0 & ALONG).count_ones()
    }

    /// Unmeasured places, unknown steps not among them.
    pub fn unmeasured_places(self) -> u32 {
        (self.0 & !BARRIERS & !ALONG & !(1 << Trouble::StepsUnknown as u32)).count_ones()
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn each(self) -> impl Iterator<Item = Trouble> {
        Trouble::ALL.into_iter().filter(move |trouble| self.has(*trouble))
    }
}

impl WalkProfile {
    /// What troubles this person on an edge in one direction.
    pub(super) fn on(&self, passage: &Passage, against: bool) -> Troubles {
        let mut troubles = Troubles::default();
        troubles.when(passage.blocked(), Trouble::Blocked);
        match passage.kind() {
            Some(WayKind::Steps) => self.steps(passage, against, &mut troubles),
            Some(WayKind::Elevator) => {
                self.service(passage.in_service(), &mut troubles);
                troubles.when(self.too_narrow(passage.width_cm()) == Some(true), Trouble::Narrow);
            }
            Some(WayKind::Escalator) => {
                troubles.when(passage.in_service() == Some(false), Trouble::OutOfService);
                troubles.when(self.wheels, Trouble::Escalator);
            }
            kind => {
                troubles.when(passage.in_service() == Some(false), Trouble::OutOfService);
                self.ground(passage, against, &mut troubles);
                if kind == Some(WayKind::Crossing) {
                    self.signals(passage, &mut troubles);
                }
                let street = matches!(kind, Some(WayKind::Road | WayKind::BusyRoad));
                troubles.when(street && passage.sidewalk().is_none(), Trouble::SidewalkUnknown);
            }
        }
        troubles
    }

    fn steps(&self, passage: &Passage, against: bool, troubles: &mut Troubles) {
        if self.steps == StepsAllowed::Any || passage.steps() == Some(0) {
            return;
        }
        if passage.ramp() == Some(true) {
            // The slope of such a ramp is that of the way.
            self.ground(passage, against, troubles);
            return;
        }
        match (self.steps, passage.steps()) {
            (StepsAllowed::One, None) => troubles.add(Trouble::StepsUnknown),
            (StepsAllowed::One, Some(1)) => {}
            _ => troubles.add(Trouble::Steps),
        }
    }

    fn service(&self, works: Option<bool>, troubles: &mut Troubles) {
        match works {
            Some(true) => {}
            Some(false) => troubles.add(Trouble::OutOfService),
            None => troubles.add(Trouble::ServiceUnknown),
        }
    }

    fn ground(&self, passage: &Passage, against: bool, troubles: &mut Troubles) {
        if self.max_up_percent.is_some() || self.max_down_percent.is_some() {
            match passage.slope_percent(against) {
                None => troubles.add(Trouble::SlopeUnknown),
                Some(slope) => {
                    troubles.when(self.max_up_percent.is_some_and(|most| slope > most), Trouble::SteepUp);
                    troubles.when(self.max_down_percent.is_some_and(|most| -slope > most), Trouble::SteepDown);
                }
            }
        }
        match self.too_narrow(passage.width_cm()) {
            Some(true) => troubles.add(Trouble::Narrow),
            Some(false) => {}
            None => troubles.when(self.clear_width_cm.is_some(), Trouble::WidthUnknown),
        }
        if self.wheels {
            match passage.surface() {
                None => troubles.when(passage.smoothness().is_none(), Trouble::SurfaceUnknown),
                Some(surface) => troubles.when(stops_wheels(surface), Trouble::Surface),
            }
            troubles.when(passage.smoothness().is_some_and(|how| how > Smoothness::Intermediate), Trouble::Uneven);
        }
    }

    /// Whether it is narrower than needed; `None` when nobody measured it or it does not matter.
    fn too_narrow(&self, width_cm: Option<f64>) -> Option<bool> {
        Some(width_cm? < self.clear_width_cm?)
    }

    fn signals(&self, passage: &Passage, troubles: &mut Troubles) {
        if self.sound {
            match passage.sound() {
                Some(true) => {}
                Some(false) => troubles.add(Trouble::NoSound),
                None => troubles.add(Trouble::SoundUnknown),
            }
        }
        if self.tactile {
            match passage.tactile() {
                Some(true) => {}
                Some(false) => troubles.add(Trouble::NoTactile),
                None => troubles.add(Trouble::TactileUnknown),
            }
        }
    }

    /// What troubles this person at a node that is passed.
    pub(super) fn at(&self, node: &Node) -> Troubles {
        let mut troubles = Troubles::default();
        if node.is_plain() {
            return troubles;
        }
        if self.wheels {
            match (node.kerb_height_cm(), node.kerb()) {
                (Some(height), _) => troubles.when(height > self.kerb_cm, Trouble::Kerb),
                (None, None | Some(Kerb::Flush | Kerb::Lowered)) => {}
                (None, Some(Kerb::Raised)) => troubles.add(Trouble::Kerb),
                (None, Some(Kerb::Rolled | Kerb::Some)) => troubles.add(Trouble::KerbUnknown),
            }
        }
        if self.tactile && (node.kerb().is_some() || node.kerb_height_cm().is_some()) {
            match node.tactile() {
                Some(true) => {}
                Some(false) => troubles.add(Trouble::NoTactile),
                None => troubles.add(Trouble::TactileUnknown),
            }
        }
        match node.obstacle() {
            Some(Obstacle::Elevator) => self.service(node.in_service(), &mut troubles),
            Some(obstacle) => self.obstacle(obstacle, node, &mut troubles),
            None => troubles.when(self.too_narrow(node.passage_width_cm()) == Some(true), Trouble::Obstacle),
        }
        troubles
    }

    fn obstacle(&self, obstacle: Obstacle, node: &Node, troubles: &mut Troubles) {
        if obstacle == Obstacle::Stile {
            troubles.when(self.steps != StepsAllowed::Any, Trouble::Obstacle);
            return;
        }
        if self.clear_width_cm.is_none() {
            return;
        }
        match self.too_narrow(node.passage_width_cm()) {
            Some(narrow) => troubles.when(narrow, Trouble::Obstacle),
            None if matches!(obstacle, Obstacle::Turnstile | Obstacle::KissingGate) => troubles.add(Trouble::Obstacle),
            None => troubles.add(Trouble::ObstacleUnknown),
        }
    }
}

impl Network {
    /// Troubles of an edge, with those of a crossing whose ends say nothing of a kerb.
    pub(super) fn troubles_on(&self, profile: &WalkProfile, edge: u32, against: bool) -> Troubles {
        let passage = &self.passages[edge as usize];
        let mut troubles = profile.on(passage, against);
        if profile.wheels && passage.kind() == Some(WayKind::Crossing) {
            let silent = |end: u32| {
                let node = &self.nodes[end as usize];
                node.kerb().is_none() && node.kerb_height_cm().is_none()
            };
            troubles.when(passage.ends.into_iter().any(silent), Trouble::KerbUnknown);
        }
        troubles
    }
}

/// Surfaces on which the wheels of a chair sink or stick.
fn stops_wheels(surface: Surface) -> bool {
    matches!(
        surface,
        Surface::Gravel
            | Surface::Ground
            | Surface::Grass
            | Surface::Sand
            | Surface::Mud
            | Surface::Snow
            | Surface::Cobblestone
    )
}

/// Surfaces on which they roll slowly.
pub(super) fn slows_wheels(surface: Surface) -> bool {
    matches!(surface, Surface::Sett | Surface::GrassPaver | Surface::Compacted | Surface::FineGravel | Surface::Unpaved)
}
