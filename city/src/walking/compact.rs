//! How nodes and edges lie in memory: what a search reads in one 24-byte record, the rest
//! apart from it.

use misto_model::{FeatureId, Kerb, Obstacle, SidewalkSide, Smoothness, Surface, WalkingEdge, WalkingNode, WayKind};

use super::space::Fixed;

/// Unknown in a number of 16 bits.
const UNKNOWN: u16 = u16::MAX;
const UNKNOWN_SLOPE: i16 = i16::MIN;
/// Unknown in a number of 8 bits.
const NO_WORD: u8 = u8::MAX;
/// No feature.
pub(super) const NO_FEATURE: i64 = i64::MIN;

/// What a search reads of an edge.
#[derive(Debug, Clone, Copy)]
pub(super) struct Passage {
    pub ends: [u32; 2],
    pub length_cm: u32,
    /// In thousandths.
    slope: i16,
    width_cm: u16,
    steps: u16,
    kind: u8,
    surface: u8,
    smoothness: u8,
    direction: u8,
    flags: u16,
}

/// Two bits each: 0 unknown, 1 no, 2 yes.
#[derive(Clone, Copy)]
enum Flag {
    Marked = 0,
    Sound = 2,
    InService = 4,
    Ramp = 6,
    Tactile = 8,
    Sidewalk = 10,
}
const BLOCKED: u16 = 1 << 12;
const REMOVED: u16 = 1 << 13;

fn tristate(value: Option<bool>) -> u16 {
    match value {
        None => 0,
        Some(false) => 1,
        Some(true) => 2,
    }
}

fn number16(value: Option<f64>) -> u16 {
    value.map_or(UNKNOWN, |value| value.round().clamp(0.0, f64::from(UNKNOWN - 1)) as u16)
}

impl Passage {
    pub fn new(ends: [u32; 2], length_cm: u32, edge: &WalkingEdge) -> Self {
        let sidewalk = match edge.sidewalk {
            None => None,
            Some(SidewalkSide::None | SidewalkSide::Separate) => Some(false),
            Some(SidewalkSide::Both | SidewalkSide::Left | SidewalkSide::Right) => Some(true),
        };
        let mut flags = tristate(edge.crossing_marked) << Flag::Marked as u16
            | tristate(edge.sound_signal) << Flag::Sound as u16
            | tristate(edge.in_service) << Flag::InService as u16
            | tristate(edge.ramp) << Flag::Ramp as u16
            | tristate(edge.tactile_paving) << Flag::Tactile as u16
            | tristate(sidewalk) << Flag::Sidewalk as u16;
        if edge.blocked == Some(true) {
            flags |= BLOCKED;
        }
        Self {
            ends,
            length_cm,
            slope: edge.incline_percent.map_or(UNKNOWN_SLOPE, |percent| (percent * 10.0).round() as i16),
            width_cm: number16(edge.width_cm),
            steps: number16(edge.step_count.map(f64::from)),
            kind: edge.kind.map_or(NO_WORD, |kind| kind as u8),
            surface: edge.surface.map_or(NO_WORD, |surface| surface as u8),
            smoothness: edge.smoothness.map_or(NO_WORD, |smoothness| smoothness as u8),
            direction: edge.direction.map_or(0, |direction| direction as u8),
            flags,
        }
    }

    fn flag(&self, flag: Flag) -> Option<bool> {
        match self.flags >> flag as u16 & 3 {
            1 => Some(false),
            2 => Some(true),
            _ => None,
        }
    }

    /// Percent uphill in the direction walked.
    pub fn slope_percent(&self, against: bool) -> Option<f64> {
        let slope = (self.slope != UNKNOWN_SLOPE).then(|| f64::from(self.slope) / 10.0)?;
        Some(if against { -slope } else { slope })
    }

    pub fn width_cm(&self) -> Option<f64> {
        (self.width_cm != UNKNOWN).then(|| f64::from(self.width_cm))
    }

    pub fn steps(&self) -> Option<u32> {
        (self.steps != UNKNOWN).then(|| u32::from(self.steps))
    }

    pub fn kind(&self) -> Option<WayKind> {
        WayKind::ALL.get(usize::from(self.kind)).copied()
    }

    pub fn surface(&self) -> Option<Surface> {
        Surface::ALL.get(usize::from(self.surface)).copied()
    }

    pub fn smoothness(&self) -> Option<Smoothness> {
        Smoothness::ALL.get(usize::from(self.smoothness)).copied()
    }

    /// Whether it can be walked that way at all.
    pub fn leads(&self, against: bool) -> bool {
        self.flags & REMOVED == 0
            && match self.direction {
                1 => !against,
                2 => against,
                _ => true,
            }
    }

    pub fn marked(&self) -> Option<bool> {
        self.flag(Flag::Marked)
    }
    pub fn sound(&self) -> Option<bool> {
        self.flag(Flag::Sound)
    }
    pub fn in_service(&self) -> Option<bool> {
        self.flag(Flag::InService)
    }
    pub fn ramp(&self) -> Option<bool> {
        self.flag(Flag::Ramp)
    }
    pub fn tactile(&self) -> Option<bool> {
        self.flag(Flag::Tactile)
    }
    pub fn sidewalk(&self) -> Option<bool> {
        self.flag(Flag::Sidewalk)
    }
    pub fn blocked(&self) -> bool {
        self.flags & BLOCKED != 0
    }
    pub fn removed(&self) -> bool {
        self.flags & REMOVED != 0
    }
    pub fn remove(&mut self) {
        self.flags |= REMOVED;
    }

    /// The same between other nodes.
    pub fn between(self, ends: [u32; 2]) -> Self {
        Self { ends, ..self }
    }
}

/// What only an answer reads of an edge.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record {
    pub feature: i64,
    /// Bends between the two ends: where they begin among all bends, and how many.
    pub bends: (u32, u16),
    pub name: u32,
}

/// A node. One without a feature was only named, or is where lines meet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub at: Fixed,
    /// Of the name that edges call it; 0 for none.
    pub key: u64,
    pub feature: i64,
    kerb_height_mm: u16,
    passage_width_cm: u16,
    kerb: u8,
    obstacle: u8,
    flags: u8,
    /// Edges were added since the network was laid out.
    pub grown: bool,
}

impl Node {
    /// A place where lines meet, of which nothing else is known.
    pub fn bare(at: Fixed, key: u64) -> Self {
        Self {
            at,
            key,
            feature: NO_FEATURE,
            kerb_height_mm: UNKNOWN,
            passage_width_cm: UNKNOWN,
            kerb: NO_WORD,
            obstacle: NO_WORD,
            flags: 0,
            grown: false,
        }
    }

    pub fn describe(&mut self, feature: FeatureId, node: &WalkingNode) {
        self.feature = feature.0;
        self.kerb_height_mm = number16(node.kerb_height_cm.map(|cm| cm * 10.0));
        self.passage_width_cm = number16(node.passage_width_cm);
        self.kerb = node.kerb.map_or(NO_WORD, |kerb| kerb as u8);
        self.obstacle = node.obstacle.map_or(NO_WORD, |obstacle| obstacle as u8);
        self.flags = (tristate(node.tactile_paving) | tristate(node.in_service) << 2) as u8;
    }

    pub fn undescribe(&mut self) {
        *self = Self { grown: self.grown, ..Self::bare(self.at, self.key) };
    }

    /// Whether anything is known that costs somebody something.
    pub fn is_plain(&self) -> bool {
        self.kerb == NO_WORD
            && self.kerb_height_mm == UNKNOWN
            && self.obstacle == NO_WORD
            && self.flags == 0
            && self.passage_width_cm == UNKNOWN
    }

    pub fn kerb(&self) -> Option<Kerb> {
        Kerb::ALL.get(usize::from(self.kerb)).copied()
    }

    pub fn kerb_height_cm(&self) -> Option<f64> {
        (self.kerb_height_mm != UNKNOWN).then(|| f64::from(self.kerb_height_mm) / 10.0)
    }

    pub fn passage_width_cm(&self) -> Option<f64> {
        (self.passage_width_cm != UNKNOWN).then(|| f64::from(self.passage_width_cm))
    }

    pub fn obstacle(&self) -> Option<Obstacle> {
        Obstacle::ALL.get(usize::from(self.obstacle)).copied()
    }

    pub fn tactile(&self) -> Option<bool> {
        self.tristate(0)
    }

    pub fn in_service(&self) -> Option<bool> {
        self.tristate(2)
    }

    fn tristate(&self, shift: u8) -> Option<bool> {
        match self.flags >> shift & 3 {
            1 => Some(false),
            2 => Some(true),
            _ => None,
        }
    }
}

/// A step of a way: an edge in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Arc(pub(super) u32);

impl Arc {
    /// Not a step.
    pub const NONE: Self = Self(u32::MAX);

    pub fn new(edge: u32, against: bool) -> Self {
        Self(edge << 1 | u32::from(against))
    }

    pub fn edge(self) -> u32 {
        self.0 >> 1
    }

    /// Against the direction of the edge's line.
    pub fn against(self) -> bool {
        self.0 & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use misto_model::WalkDirection;

    use super::*;

    #[test]
    fn records_stay_small_and_keep_what_they_were_given() {
        assert_eq!((size_of::<Passage>(), size_of::<Record>(), size_of::<Node>()), (24, 24, 32));
        let edge = WalkingEdge {
            kind: Some(WayKind::Crossing),
            incline_percent: Some(-8.3),
            width_cm: Some(149.6),
            step_count: Some(0),
            surface: Some(Surface::Snow),
            smoothness: Some(Smoothness::Impassable),
            direction: Some(WalkDirection::Backward),
            sound_signal: Some(false),
            ramp: Some(true),
            sidewalk: Some(SidewalkSide::Left),
            blocked: Some(true),
            ..WalkingEdge::default()
        };
        let passage = Passage::new([1, 2], 500, &edge);
        assert_eq!((passage.slope_percent(false), passage.slope_percent(true)), (Some(-8.3), Some(8.3)));
        assert_eq!((passage.width_cm(), passage.steps()), (Some(150.0), Some(0)));
        assert_eq!((passage.kind(), passage.surface()), (edge.kind, edge.surface));
        assert_eq!(passage.smoothness(), edge.smoothness);
        assert_eq!((passage.leads(false), passage.leads(true)), (false, true));
        let flags = [passage.marked(), passage.sound(), passage.in_service(), passage.ramp(), passage.tactile()];
        assert_eq!(flags, [None, Some(false), None, Some(true), None]);
        assert!(passage.blocked() && passage.sidewalk() == Some(true));
        let empty = Passage::new([1, 2], 500, &WalkingEdge::default());
        assert_eq!(
            (empty.slope_percent(false), empty.width_cm(), empty.steps(), empty.kind()),
            (None, None, None, None)
        );
    }
}
