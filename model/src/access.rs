//! Venues with what was measured at their doors, and what a person needs.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// What was measured at a venue. Lengths in centimetres, slopes in percent, as
/// measured; `None` means that nobody measured it. The names are the attribute
/// names of a collection of venues.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Venue {
    /// Clear width of the entrance door.
    pub door_width_cm: Option<f64>,
    /// Height of the door's threshold.
    pub threshold_height_cm: Option<f64>,
    /// Steps between the pavement and the door; 0 is a level way.
    pub entrance_steps: Option<u32>,
    /// Height of the highest of these steps.
    pub step_height_cm: Option<f64>,
    /// Whether there is a ramp.
    pub has_ramp: Option<bool>,
    /// Steepest slope of the ramp.
    pub ramp_slope_percent: Option<f64>,
    /// Width of the ramp.
    pub ramp_width_cm: Option<f64>,
    /// Whether the ramp has handrails.
    pub ramp_handrails: Option<bool>,
    /// Whether staff can be called to the door (button, telephone).
    pub help_can_be_called: Option<bool>,
    /// Spaces for holders of a disability card near the entrance; 0 means none.
    pub accessible_parking_spaces: Option<u32>,
    /// Whether a wheelchair user can use a toilet here.
    pub accessible_toilet: Option<bool>,
    /// Information that can be heard (loop, announcements).
    pub audio_information: Option<bool>,
    /// Information that can be read from afar (large print, boards).
    pub visual_information: Option<bool>,
    /// Information that can be touched (strips, braille).
    pub tactile_information: Option<bool>,
    /// Who measured: a name or an organisation, never a private address.
    pub measured_by: Option<String>,
    /// When, as the source says: a date or a date and time of RFC 3339.
    pub measured_at: Option<String>,
    /// By what means: `tape`, `level`, `survey card`, `by eye`.
    pub measured_how: Option<String>,
    /// Several ways in, each measured for itself. Where this is not empty, the
    /// measurements of door, steps and ramp above are not asked. In a collection
    /// this is one text attribute that holds a JSON array.
    #[serde(deserialize_with = "array_or_its_text", skip_serializing_if = "Vec::is_empty")]
    pub entrances: Vec<Entrance>,
}

/// One way into a venue. Units and unknown as in [`Venue`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Entrance {
    /// What people call it: `main`, `from the yard`.
    pub name: Option<String>,
    /// Longitude and latitude, WGS 84.
    pub position: Option<[f64; 2]>,
    /// Clear width of the door.
    pub door_width_cm: Option<f64>,
    /// Height of the door's threshold.
    pub threshold_height_cm: Option<f64>,
    /// Steps between the pavement and the door.
    pub entrance_steps: Option<u32>,
    /// Height of the highest of these steps.
    pub step_height_cm: Option<f64>,
    /// Whether there is a ramp.
    pub has_ramp: Option<bool>,
    /// Steepest slope of the ramp.
    pub ramp_slope_percent: Option<f64>,
    /// Width of the ramp.
    pub ramp_width_cm: Option<f64>,
    /// Whether the ramp has handrails.
    pub ramp_handrails: Option<bool>,
    /// Whether staff can be called to this door.
    pub help_can_be_called: Option<bool>,
    /// Who measured this entrance.
    pub measured_by: Option<String>,
    /// When.
    pub measured_at: Option<String>,
    /// By what means.
    pub measured_how: Option<String>,
}

/// Tables have no arrays: the text of one is read too, and null is none.
fn array_or_its_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Entrance>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Array(Vec<Entrance>),
        Text(String),
    }
    match Option::<Written>::deserialize(deserializer)? {
        None => Ok(Vec::new()),
        Some(Written::Array(entrances)) => Ok(entrances),
        Some(Written::Text(text)) => serde_json::from_str::<Option<Vec<Entrance>>>(&text)
            .map(Option::unwrap_or_default)
            .map_err(|cause| D::Error::custom(format!("entrances: expected a JSON array of entrances: {cause}"))),
    }
}

impl Venue {
    /// The venue with the ways in of one of its entrances. Help that can be called
    /// at the venue can be called at an entrance that does not say otherwise.
    pub fn by_way_of(&self, entrance: &Entrance) -> Self {
        Self {
            door_width_cm: entrance.door_width_cm,
            threshold_height_cm: entrance.threshold_height_cm,
            entrance_steps: entrance.entrance_steps,
            step_height_cm: entrance.step_height_cm,
            has_ramp: entrance.has_ramp,
            ramp_slope_percent: entrance.ramp_slope_percent,
            ramp_width_cm: entrance.ramp_width_cm,
            ramp_handrails: entrance.ramp_handrails,
            help_can_be_called: entrance.help_can_be_called.or(self.help_can_be_called),
            entrances: Vec::new(),
            ..self.clone()
        }
    }
}

/// How many steps a person can take at an entrance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepsAllowed {
    /// None: level or by a ramp.
    None,
    /// One.
    One,
    /// Any number.
    #[default]
    Any,
}

/// What a person needs. It is never stored and never logged.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AccessProfile {
    /// Width of the chair, centimetres.
    pub chair_width_cm: Option<f64>,
    /// Steepest slope the person can climb, percent.
    pub max_slope_percent: Option<f64>,
    /// Steps at the entrance.
    pub steps: StepsAllowed,
    /// Needs somebody to help at the door.
    pub needs_help: bool,
    /// Needs information to hear.
    pub needs_audio: bool,
    /// Needs information to see.
    pub needs_visual: bool,
    /// Needs information to touch.
    pub needs_tactile: bool,
    /// Needs a toilet for wheelchair users.
    pub needs_toilet: bool,
    /// Needs a parking space for holders of a disability card.
    pub needs_parking: bool,
}
