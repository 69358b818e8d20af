//! The walking network as features: nodes where ways meet, edges between them.
//!
//! Every attribute is optional; absent is *unknown*. Lengths are metres or centimetres,
//! slopes percent in the direction of the line (positive is uphill), as the names say.
//! Words are those of OpenStreetMap, so that planners and importers mean the same.

use serde_json::Value;

use crate::collection::{Audience, Property, PropertyType};
use crate::feature::Properties;

/// Declares a vocabulary: variants and the word each is written with.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal $(| $alias:literal)*),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum $name { $($(#[$doc])* $variant),+ }

        impl $name {
            /// All of them, in order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// By its word; `None` for a word that is not known.
            pub fn of_word(word: &str) -> Option<Self> {
                match word { $($word $(| $alias)* => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

words! {
    /// What kind of way an edge is.
    WayKind {
        /// A way for people on foot that is none of the others.
        Footway = "footway",
        /// Beside a street.
        Sidewalk = "sidewalk",
        /// Across a street.
        Crossing = "crossing",
        /// Between two parts of a crossing.
        TrafficIsland = "traffic_island",
        /// Steps.
        Steps = "steps",
        /// A lift.
        Elevator = "elevator",
        /// Moving steps.
        Escalator = "escalator",
        /// A moving pavement.
        MovingWalkway = "moving_walkway",
        /// A street or square for people on foot.
        Pedestrian = "pedestrian",
        /// A street where people on foot may use the whole width.
        LivingStreet = "living_street",
        /// An unpaved or narrow way.
        Path = "path",
        /// A street with little traffic.
        Road = "road",
        /// A street with much traffic.
        BusyRoad = "busy_road",
    }
}

words! {
    /// How a kerb meets the carriageway (OpenStreetMap, Key:kerb).
    Kerb {
        /// Level.
        Flush = "flush" | "no",
        /// About 3 cm.
        Lowered = "lowered",
        /// Sloped.
        Rolled = "rolled",
        /// 3 cm and more.
        Raised = "raised" | "regular",
        /// There is one; nobody said which.
        Some = "yes",
    }
}

words! {
    /// What lies on a way (OpenStreetMap, Key:surface).
    Surface {
        /// Asphalt.
        Asphalt = "asphalt" | "chipseal",
        /// Concrete.
        Concrete = "concrete" | "concrete:plates" | "concrete:lanes",
        /// Slabs with narrow joints.
        PavingStones = "paving_stones" | "bricks" | "brick" | "tiles",
        /// Hard, nobody said how.
        Paved = "paved",
        /// Boards.
        Wood = "wood",
        /// Plates or grids.
        Metal = "metal" | "metal_grid",
        /// Rubber and other soft plates.
        Rubber = "rubber" | "tartan" | "artificial_turf" | "acrylic",
        /// Cut stones with joints.
        Sett = "sett",
        /// Stones as they were found.
        Cobblestone = "cobblestone" | "unhewn_cobblestone" | "stepping_stones" | "rock" | "stone",
        /// Grids with grass.
        GrassPaver = "grass_paver",
        /// Rolled fine stone.
        Compacted = "compacted",
        /// Loose fine stone.
        FineGravel = "fine_gravel" | "shells" | "woodchips",
        /// Soft or loose, nobody said how.
        Unpaved = "unpaved",
        /// Loose stone.
        Gravel = "gravel" | "pebblestone",
        /// Bare earth.
        Ground = "ground" | "dirt" | "earth" | "soil" | "clay",
        /// Grass.
        Grass = "grass",
        /// Sand.
        Sand = "sand",
        /// Mud.
        Mud = "mud",
        /// Snow or ice.
        Snow = "snow" | "ice",
    }
}

words! {
    /// How even a way is (OpenStreetMap, Key:smoothness), best first.
    Smoothness {
        /// Thin rollers.
        Excellent = "excellent",
        /// Thin wheels.
        Good = "good",
        /// Wheels of a chair.
        Intermediate = "intermediate",
        /// Robust wheels.
        Bad = "bad",
        /// High clearance.
        VeryBad = "very_bad",
        /// Off-road vehicles.
        Horrible = "horrible",
        /// Tractors.
        VeryHorrible = "very_horrible",
        /// No wheels.
        Impassable = "impassable",
    }
}

words! {
    /// What stands in the way at a node.
    Obstacle {
        /// Posts.
        Bollard = "bollard" | "block" | "planter" | "jersey_barrier",
        /// A gate that opens.
        Gate = "gate" | "swing_gate" | "lift_gate" | "sliding_gate" | "entrance" | "hampshire_gate",
        /// Bars against bicycles.
        CycleBarrier = "cycle_barrier" | "chicane" | "motorcycle_barrier",
        /// A turnstile.
        Turnstile = "turnstile" | "full-height_turnstile",
        /// A gate for one at a time.
        KissingGate = "kissing_gate",
        /// Steps over a fence.
        Stile = "stile",
        /// A lift whose doors open at this node.
        Elevator = "elevator",
    }
}

words! {
    /// Where a street has its sidewalks.
    SidewalkSide {
        /// On both sides.
        Both = "both" | "yes",
        /// On the left, in the direction of the line.
        Left = "left",
        /// On the right.
        Right = "right",
        /// Nowhere.
        None = "no" | "none",
        /// As ways of their own.
        Separate = "separate",
    }
}

words! {
    /// In which direction of its line an edge can be walked.
    WalkDirection {
        /// Either.
        Both = "both",
        /// From its first node to its second.
        Forward = "forward",
        /// From its second node to its first.
        Backward = "backward",
    }
}

/// A value that says nothing: it is taken as unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongValue {
    /// The attribute.
    pub field: &'static str,
    /// What stands there and what would be right.
    pub reason: String,
}

/// A place where ways meet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WalkingNode {
    /// What edges call it.
    pub node_id: Option<String>,
    /// The kerb that one crosses here.
    pub kerb: Option<Kerb>,
    /// Its height.
    pub kerb_height_cm: Option<f64>,
    /// Whether a tactile strip leads here.
    pub tactile_paving: Option<bool>,
    /// What stands in the way.
    pub obstacle: Option<Obstacle>,
    /// Clear width beside or through it.
    pub passage_width_cm: Option<f64>,
    /// Whether the lift here works.
    pub in_service: Option<bool>,
}

/// A way between two nodes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WalkingEdge {
    /// What its source calls it.
    pub edge_id: Option<String>,
    /// The node where it begins; without it, the node at the beginning of its line.
    pub from_node: Option<String>,
    /// The node where it ends; without it, the node at the end of its line.
    pub to_node: Option<String>,
    /// Kind of way.
    pub kind: Option<WayKind>,
    /// Name of the street.
    pub name: Option<String>,
    /// Length; that of the line when absent.
    pub length_m: Option<f64>,
    /// Slope in the direction of the line, positive uphill.
    pub incline_percent: Option<f64>,
    /// What lies on it.
    pub surface: Option<Surface>,
    /// How even it is.
    pub smoothness: Option<Smoothness>,
    /// Clear width at the narrowest place.
    pub width_cm: Option<f64>,
    /// Number of steps.
    pub step_count: Option<u32>,
    /// Whether a wheelchair ramp lies beside the steps.
    pub ramp: Option<bool>,
    /// Whether the steps have a handrail.
    pub handrail: Option<bool>,
    /// Whether the crossing is marked.
    pub crossing_marked: Option<bool>,
    /// Whether the crossing's signal can be heard.
    pub sound_signal: Option<bool>,
    /// Whether tactile strips lead along it or to its ends.
    pub tactile_paving: Option<bool>,
    /// Whether the lift or escalator works.
    pub in_service: Option<bool>,
    /// Where the street has sidewalks.
    pub sidewalk: Option<SidewalkSide>,
    /// Walkable direction; both when absent.
    pub direction: Option<WalkDirection>,
    /// Somebody reported that nobody gets through.
    pub blocked: Option<bool>,
    /// What blocks it, in the reporter's words.
    pub blocked_why: Option<String>,
}

/// Ranges outside which a number cannot be meant; they catch a wrong unit, not a bad way.
const SLOPE: (f64, f64) = (-60.0, 60.0);
const WIDTH: (f64, f64) = (10.0, 20_000.0);
const LENGTH: (f64, f64) = (0.0, 100_000.0);
const KERB_HEIGHT: (f64, f64) = (0.0, 100.0);

impl WalkingNode {
    /// Attributes of the collection of nodes, all for one audience.
    pub fn schema(audience: Audience) -> Vec<Property> {
        schema(
            audience,
            &[
                ("node_id", PropertyType::Text),
                ("kerb", PropertyType::Text),
                ("kerb_height_cm", PropertyType::Real),
                ("tactile_paving", PropertyType::Boolean),
                ("obstacle", PropertyType::Text),
                ("passage_width_cm", PropertyType::Real),
                ("in_service", PropertyType::Boolean),
            ],
        )
    }

    /// From a feature's attributes; what cannot be read is unknown and named.
    pub fn read(properties: &Properties) -> (Self, Vec<WrongValue>) {
        let mut reader = Reader { properties, wrong: Vec::new() };
        let node = Self {
            node_id: reader.text("node_id"),
            kerb: reader.word("kerb", Kerb::of_word),
            kerb_height_cm: reader.number("kerb_height_cm", KERB_HEIGHT),
            tactile_paving: reader.boolean("tactile_paving"),
            obstacle: reader.word("obstacle", Obstacle::of_word),
            passage_width_cm: reader.number("passage_width_cm", WIDTH),
            in_service: reader.boolean("in_service"),
        };
        (node, reader.wrong)
    }

    /// As a feature's attributes, null where unknown.
    pub fn properties(&self) -> Properties {
        let mut map = Properties::new();
        map.insert("node_id".into(), self.node_id.clone().into());
        map.insert("kerb".into(), self.kerb.map(Kerb::word).into());
        map.insert("kerb_height_cm".into(), self.kerb_height_cm.into());
        map.insert("tactile_paving".into(), self.tactile_paving.into());
        map.insert("obstacle".into(), self.obstacle.map(Obstacle::word).into());
        map.insert("passage_width_cm".into(), self.passage_width_cm.into());
        map.insert("in_service".into(), self.in_service.into());
        map
    }
}

impl WalkingEdge {
    /// Attributes of the collection of edges, all for one audience.
    pub fn schema(audience: Audience) -> Vec<Property> {
        schema(
            audience,
            &[
                ("edge_id", PropertyType::Text),
                ("from_node", PropertyType::Text),
                ("to_node", PropertyType::Text),
                ("kind", PropertyType::Text),
                ("name", PropertyType::Text),
                ("length_m", PropertyType::Real),
                ("incline_percent", PropertyType::Real),
                ("surface", PropertyType::Text),
                ("smoothness", PropertyType::Text),
                ("width_cm", PropertyType::Real),
                ("step_count", PropertyType::Integer),
                ("ramp", PropertyType::Boolean),
                ("handrail", PropertyType::Boolean),
                ("crossing_marked", PropertyType::Boolean),
                ("sound_signal", PropertyType::Boolean),
                ("tactile_paving", PropertyType::Boolean),
                ("in_service", PropertyType::Boolean),
                ("sidewalk", PropertyType::Text),
                ("direction", PropertyType::Text),
                ("blocked", PropertyType::Boolean),
                ("blocked_why", PropertyType::Text),
            ],
        )
    }

    /// From a feature's attributes; what cannot be read is unknown and named.
    pub fn read(properties: &Properties) -> (Self, Vec<WrongValue>) {
        let mut reader = Reader { properties, wrong: Vec::new() };
        let edge = Self {
            edge_id: reader.text("edge_id"),
            from_node: reader.text("from_node"),
            to_node: reader.text("to_node"),
            kind: reader.word("kind", WayKind::of_word),
            name: reader.text("name"),
            length_m: reader.number("length_m", LENGTH),
            incline_percent: reader.number("incline_percent", SLOPE),
            surface: reader.word("surface", Surface::of_word),
            smoothness: reader.word("smoothness", Smoothness::of_word),
            width_cm: reader.number("width_cm", WIDTH),
            step_count: reader.count("step_count"),
            ramp: reader.boolean("ramp"),
            handrail: reader.boolean("handrail"),
            crossing_marked: reader.boolean("crossing_marked"),
            sound_signal: reader.boolean("sound_signal"),
            tactile_paving: reader.boolean("tactile_paving"),
            in_service: reader.boolean("in_service"),
            sidewalk: reader.word("sidewalk", SidewalkSide::of_word),
            direction: reader.word("direction", WalkDirection::of_word),
            blocked: reader.boolean("blocked"),
            blocked_why: reader.text("blocked_why"),
        };
        (edge, reader.wrong)
    }

    /// As a feature's attributes, null where unknown.
    pub fn properties(&self) -> Properties {
        let mut map = Properties::new();
        let mut put = |name: &str, value: Value| {
            map.insert(name.to_owned(), value);
        };
        put("edge_id", self.edge_id.clone().into());
        put("from_node", self.from_node.clone().into());
        put("to_node", self.to_node.clone().into());
        put("kind", self.kind.map(WayKind::word).into());
        put("name", self.name.clone().into());
        put("length_m", self.length_m.into());
        put("incline_percent", self.incline_percent.into());
        put("surface", self.surface.map(Surface::word).into());
        put("smoothness", self.smoothness.map(Smoothness::word).into());
        put("width_cm", self.width_cm.into());
        put("step_count", self.step_count.into());
        put("ramp", self.ramp.into());
        put("handrail", self.handrail.into());
        put("crossing_marked", self.crossing_marked.into());
        put("sound_signal", self.sound_signal.into());
        put("tactile_paving", self.tactile_paving.into());
        put("in_service", self.in_service.into());
        put("sidewalk", self.sidewalk.map(SidewalkSide::word).into());
        put("direction", self.direction.map(WalkDirection::word).into());
        put("blocked", self.blocked.into());
        put("blocked_why", self.blocked_why.clone().into());
        map
    }
}

fn schema(audience: Audience, attributes: &[(&str, PropertyType)]) -> Vec<Property> {
    attributes.iter().map(|(name, kind)| Property { name: (*name).to_owned(), kind: *kind, audience }).collect()
}

struct Reader<'a> {
    properties: &'a Properties,
    wrong: Vec<WrongValue>,
}

impl<'a> Reader<'a> {
    fn get(&self, field: &str) -> Option<&'a Value> {
        self.properties.get(field).filter(|value| !value.is_null() && value.as_str() != Some(""))
    }

    fn refuse<T>(&mut self, field: &'static str, value: &Value, right: &str) -> Option<T> {
        let shown: String = value.to_string().chars().take(60).collect();
        self.wrong.push(WrongValue { field, reason: format!("{shown} is {right}") });
        None
    }

    fn text(&mut self, field: &'static str) -> Option<String> {
        match self.get(field)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            other => self.refuse(field, other, "no text"),
        }
    }

    fn word<T>(&mut self, field: &'static str, of_word: fn(&str) -> Option<T>) -> Option<T> {
        let value = self.get(field)?;
        match value.as_str().and_then(of_word) {
            Some(known) => Some(known),
            None => self.refuse(field, value, "none of the known words"),
        }
    }

    fn number(&mut self, field: &'static str, (least, most): (f64, f64)) -> Option<f64> {
        let value = self.get(field)?;
        match value.as_f64() {
            Some(number) if (least..=most).contains(&number) => Some(number),
            Some(_) => self.refuse(field, value, &format!("not between {least} and {most}")),
            None => self.refuse(field, value, "no number"),
        }
    }

    fn count(&mut self, field: &'static str) -> Option<u32> {
        self.number(field, (0.0, 5_000.0)).map(|number| number.round() as u32)
    }

    fn boolean(&mut self, field: &'static str) -> Option<bool> {
        match self.get(field)? {
            Value::Bool(value) => Some(*value),
            other => self.refuse(field, other, "neither true nor false"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_come_back_as_they_were_written() {
        let edge = WalkingEdge {
            edge_id: Some("7".into()),
            kind: Some(WayKind::Steps),
            incline_percent: Some(-4.5),
            surface: Some(Surface::Sett),
            step_count: Some(12),
            sidewalk: Some(SidewalkSide::Left),
            blocked: Some(false),
            ..WalkingEdge::default()
        };
        assert_eq!(WalkingEdge::read(&edge.properties()), (edge.clone(), Vec::new()));
        let names: Vec<_> = WalkingEdge::schema(Audience::Public).into_iter().map(|p| p.name).collect();
        assert_eq!(names, edge.properties().keys().cloned().collect::<Vec<_>>());
        let node = WalkingNode { kerb: Some(Kerb::Raised), kerb_height_cm: Some(12.0), ..WalkingNode::default() };
        assert_eq!(WalkingNode::read(&node.properties()), (node.clone(), Vec::new()));
    }

    #[test]
    fn what_cannot_be_read_is_unknown_and_named() {
        let written = serde_json::json!({"kind": "motorway", "width_cm": 2, "incline_percent": "steep", "blocked": 1});
        let (edge, wrong) = WalkingEdge::read(written.as_object().unwrap());
        assert_eq!(edge, WalkingEdge::default());
        let fields: Vec<_> = wrong.iter().map(|wrong| wrong.field).collect();
        assert_eq!(fields, ["kind", "incline_percent", "width_cm", "blocked"]);
    }
}
