//! The numbers of the rules, as versioned data with their sources: `city/data/access.json`.
//! Any copy of the rules reads the same file.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::norms::Norm;

/// The file as it stands, JSON.
pub const RULES_JSON: &str = include_str!("../../data/access.json");

/// The numbers in use.
pub static RULES: LazyLock<Rules> =
    LazyLock::new(|| serde_json::from_str(RULES_JSON).expect("a test reads the file of rules"));

/// Everything that may change without the rules changing.
#[derive(Debug, Deserialize)]
pub struct Rules {
    /// Date of this edition.
    pub version: String,
    /// What a person needs who does not say.
    pub thresholds: Thresholds,
    /// Which grounds are firm.
    pub surfaces: Surfaces,
    /// Persons to begin with.
    pub presets: Vec<Preset>,
    /// Norms that a place is held against.
    pub norms: Vec<Norm>,
}

/// A number of a building norm or of the city, with where it comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// The number.
    pub value: f64,
    /// Where it stands.
    pub source: String,
    /// When it was last read there, `YYYY-MM`.
    pub as_of: String,
}

/// What a person needs who does not say.
#[derive(Debug, Deserialize)]
pub struct Thresholds {
    /// Clear width of a door.
    pub door_width_cm: Threshold,
    /// Room for both hands beside the wheels of a chair that its user drives; a pushed chair
    /// passes a door of its own width.
    pub hand_clearance_cm: Threshold,
    /// Steepest ramp.
    pub ramp_slope_percent: Threshold,
    /// Highest threshold that a chair rolls over alone.
    pub threshold_height_cm: Threshold,
    /// Highest single step that a pushed chair is lifted over.
    pub lifted_step_cm: Threshold,
}

/// Grounds in the words of OpenStreetMap's key `surface`. What is in neither list is not known.
#[derive(Debug, Deserialize)]
pub struct Surfaces {
    /// Firm and even enough for small wheels and a cane.
    pub firm: Vec<String>,
    /// Loose, soft or bumpy.
    pub not_firm: Vec<String>,
    /// Where the division comes from.
    pub source: String,
    /// When, `YYYY-MM`.
    pub as_of: String,
}

impl Surfaces {
    /// Whether the ground is firm; `None` for a word that is in neither list.
    pub fn is_firm(&self, surface: &str) -> Option<bool> {
        let listed = |list: &[String]| list.iter().any(|known| known == surface);
        if listed(&self.firm) {
            Some(true)
        } else if listed(&self.not_firm) {
            Some(false)
        } else {
            None
        }
    }
}

/// A person to begin with; the one who asks changes what is different.
#[derive(Debug, Deserialize)]
pub struct Preset {
    /// Stable name.
    pub id: String,
    /// Name in Ukrainian.
    pub uk: String,
    /// Name in English.
    pub en: String,
    /// The needs, in the shape of the body of `/access/venues`.
    pub profile: serde_json::Value,
    /// Where the numbers come from.
    pub source: String,
    /// When, `YYYY-MM`.
    pub as_of: String,
}
