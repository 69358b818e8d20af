//! Venues with what was measured at their doors, and what a person needs.
//!
//! Lengths stand in centimetres, slopes in percent, as measured; `None` means that
//! nobody measured or said it, which is neither yes nor no. The names of the fields are the
//! attribute names of the collections `venues`, `entrances` and `lifts`. What they mean follows
//! A11yJSON 31 (`PlaceInfo`, `Entrance`, `EquipmentInfo`); ramp width and handrails, which it
//! has not, are added.

use std::collections::BTreeMap;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};

/// What was measured at a venue.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Venue {
    /// The way in, where the venue's entrances are not known one by one. Where
    /// [`Venue::entrances`] is not empty it is not asked.
    #[serde(flatten)]
    pub way_in: WayIn,
    /// Parking for holders of a disability card.
    #[serde(flatten)]
    pub parking: Parking,
    /// The toilet for wheelchair users.
    #[serde(flatten)]
    pub toilet: Toilet,
    /// What can be heard, seen and touched.
    #[serde(flatten)]
    pub information: Information,
    /// The place is reached by lift only, for somebody who takes no steps.
    pub lift_required: Option<bool>,
    /// Whether staff see who stands outside.
    pub staff_see_visitors: Option<bool>,
    /// Whether somebody of the staff goes along, free of charge.
    pub staff_assist: Option<bool>,
    /// Languages that staff speak or sign, as the source says: `uk, en, ukl`.
    pub staff_languages: Option<String>,
    /// Who measured, when and by what means, for all that has no provenance of its own.
    #[serde(flatten)]
    pub measured: Measured,
    /// Who measured single values, by attribute name. In a collection this is one
    /// text attribute that holds a JSON object.
    #[serde(deserialize_with = "value_or_its_text", skip_serializing_if = "BTreeMap::is_empty")]
    pub provenance: BTreeMap<String, Measured>,
    /// Several ways in, each measured for itself: the features of `entrances` that name the
    /// venue, or one text attribute that holds a JSON array.
    #[serde(deserialize_with = "value_or_its_text", skip_serializing_if = "Vec::is_empty")]
    pub entrances: Vec<Entrance>,
    /// Its lifts: the features of `lifts` that name the venue, or text as for the entrances.
    #[serde(deserialize_with = "value_or_its_text", skip_serializing_if = "Vec::is_empty")]
    pub lifts: Vec<Lift>,
}

/// One way into a venue.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Entrance {
    /// Its number in the collection `entrances`, where it is kept there.
    pub feature_id: Option<i64>,
    /// What people call it: `main`, `from the yard`.
    pub name: Option<String>,
    /// Longitude and latitude, WGS 84.
    pub position: Option<[f64; 2]>,
    /// What was measured there.
    #[serde(flatten)]
    pub way_in: WayIn,
    /// Who measured, when and by what means.
    #[serde(flatten)]
    pub measured: Measured,
}

/// From the pavement to the inside of the door.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WayIn {
    /// Clear width of the door.
    pub door_width_cm: Option<f64>,
    /// Height of the door's threshold.
    pub threshold_height_cm: Option<f64>,
    /// Whether the door opens by itself.
    pub door_automatic: Option<bool>,
    /// Whether it is a revolving door and no other stands beside it.
    pub door_revolving: Option<bool>,
    /// Whether it slides.
    pub door_sliding: Option<bool>,
    /// Whether it opens towards who comes.
    pub door_opens_outward: Option<bool>,
    /// Diameter of the free level space before the door.
    pub door_turning_space_cm: Option<f64>,
    /// Steps between the pavement and the door; 0 is a level way.
    pub entrance_steps: Option<u32>,
    /// Height of the highest of these steps.
    pub step_height_cm: Option<f64>,
    /// Whether the steps have a handrail.
    pub step_handrail: Option<bool>,
    /// Whether there is a ramp, fixed or portable.
    pub has_ramp: Option<bool>,
    /// Whether somebody has to lay that ramp first.
    pub ramp_portable: Option<bool>,
    /// Steepest slope of the ramp.
    pub ramp_slope_percent: Option<f64>,
    /// Length of its longest run without a landing.
    pub ramp_length_cm: Option<f64>,
    /// Width of the ramp.
    pub ramp_width_cm: Option<f64>,
    /// Whether the ramp has handrails.
    pub ramp_handrails: Option<bool>,
    /// Whether something stands on the ramp at present, so that nobody gets up it.
    pub ramp_blocked: Option<bool>,
    /// Whether a platform lifts a chair over the steps.
    pub has_hoist: Option<bool>,
    /// Surface of the last metres, in the words of OpenStreetMap's key `surface`.
    pub approach_surface: Option<String>,
    /// Whether staff can be called to the door (button, telephone).
    pub help_can_be_called: Option<bool>,
    /// Height of the bell's button.
    pub bell_height_cm: Option<f64>,
    /// Whether one can speak with somebody inside.
    pub has_intercom: Option<bool>,
}

/// Parking for holders of a disability card.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Parking {
    /// Spaces near the entrance; 0 means none.
    pub accessible_parking_spaces: Option<u32>,
    /// From the space to the entrance, metres.
    pub parking_distance_m: Option<f64>,
    /// Width of a space.
    pub parking_width_cm: Option<f64>,
    /// Length of a space.
    pub parking_length_cm: Option<f64>,
    /// Highest vehicle that gets there.
    pub parking_max_height_cm: Option<f64>,
    /// Whether the spaces are marked.
    pub parking_signed: Option<bool>,
}

/// The toilet for wheelchair users.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Toilet {
    /// Whether a wheelchair user can use a toilet here.
    pub accessible_toilet: Option<bool>,
    /// Clear width of its door.
    pub toilet_door_width_cm: Option<f64>,
    /// Diameter of the free space inside.
    pub toilet_turning_space_cm: Option<f64>,
    /// Height of the seat.
    pub toilet_seat_height_cm: Option<f64>,
    /// Whether it has grab bars.
    pub toilet_grab_bars: Option<bool>,
    /// Height of the washbasin.
    pub washbasin_height_cm: Option<f64>,
    /// Whether help can be called from inside.
    pub toilet_emergency_call: Option<bool>,
}

/// What can be heard, seen and touched. A whole (`audio_information`) that nobody told
/// is yes where one of its parts is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Information {
    /// Information that can be heard.
    pub audio_information: Option<bool>,
    /// An induction loop for hearing aids.
    pub induction_loop: Option<bool>,
    /// Spoken descriptions of what is shown.
    pub audio_description: Option<bool>,
    /// Signs or announcements that speak.
    pub audio_signs: Option<bool>,
    /// Information that can be read from afar.
    pub visual_information: Option<bool>,
    /// Texts in large print.
    pub large_print: Option<bool>,
    /// Subtitles, or captions while somebody speaks.
    pub captions: Option<bool>,
    /// Signs of high contrast.
    pub high_contrast_signs: Option<bool>,
    /// Signs with pictograms.
    pub pictograms: Option<bool>,
    /// A board that shows whose turn it is.
    pub visual_announcements: Option<bool>,
    /// Information that can be touched.
    pub tactile_information: Option<bool>,
    /// Guide strips on the floor.
    pub tactile_strips: Option<bool>,
    /// Signs to be touched.
    pub tactile_signs: Option<bool>,
    /// Texts in braille.
    pub braille: Option<bool>,
}

impl Information {
    /// Whether there is something to hear.
    pub fn audio(&self) -> Option<bool> {
        whole(self.audio_information, [self.induction_loop, self.audio_description, self.audio_signs])
    }

    /// Whether there is something to see.
    pub fn visual(&self) -> Option<bool> {
        let parts =
            [self.large_print, self.captions, self.high_contrast_signs, self.pictograms, self.visual_announcements];
        whole(self.visual_information, parts)
    }

    /// Whether there is something to touch.
    pub fn tactile(&self) -> Option<bool> {
        whole(self.tactile_information, [self.tactile_strips, self.tactile_signs, self.braille])
    }
}

/// What was told of the whole; else yes if a part is there. Parts that are not there say
/// nothing of parts that nobody looked for.
fn whole<const N: usize>(told: Option<bool>, parts: [Option<bool>; N]) -> Option<bool> {
    told.or_else(|| parts.contains(&Some(true)).then_some(true))
}

/// Who measured, when and by what means.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Measured {
    /// Who: a name or an organisation, never a private address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measured_by: Option<String>,
    /// When, as the source says: a date, or a date and time of RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measured_on: Option<String>,
    /// By what means: `tape`, `level`, `survey card`, `by eye`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measured_how: Option<String>,
    /// Id of a photo that shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub photo: Option<String>,
}

/// One lift and whether it works.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lift {
    /// Its number in the collection `lifts`, where it is kept there.
    pub feature_id: Option<i64>,
    /// What people call it.
    pub name: Option<String>,
    /// Longitude and latitude, WGS 84.
    pub position: Option<[f64; 2]>,
    /// Whether it works now.
    pub is_working: Option<bool>,
    /// Why it does not.
    pub out_of_order_reason: Option<String>,
    /// Since when this is so, or when it was last looked at (RFC 3339).
    pub state_at: Option<String>,
    /// When it is promised to work again, a date.
    pub works_again_on: Option<String>,
    /// What to do meanwhile.
    pub other_way: Option<String>,
    /// Clear width of its door.
    pub lift_door_width_cm: Option<f64>,
    /// Width of the car.
    pub car_width_cm: Option<f64>,
    /// Depth of the car.
    pub car_depth_cm: Option<f64>,
}

/// Tables have no arrays and objects: their text is read too, and null is none.
fn value_or_its_text<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned + Default,
{
    let read = match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::Null => return Ok(T::default()),
        serde_json::Value::String(text) => serde_json::from_str::<Option<T>>(&text).map(Option::unwrap_or_default),
        value => serde_json::from_value(value),
    };
    read.map_err(|cause| D::Error::custom(format!("expected JSON as Misto writes it: {cause}")))
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
    /// Room for the hands on both sides together, centimetres; the rules have a value for who does not say.
    pub clearance_cm: Option<f64>,
    /// Steepest slope the person can climb, percent.
    pub max_slope_percent: Option<f64>,
    /// Highest rise the person can climb on a ramp without a rest, centimetres.
    pub max_climb_cm: Option<f64>,
    /// Steps at the entrance.
    pub steps: StepsAllowed,
    /// Needs firm, even ground.
    pub needs_firm_surface: bool,
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
