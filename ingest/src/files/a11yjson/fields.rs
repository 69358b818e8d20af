//! Which attribute stands where in A11yJSON 31.1, both ways.

/// How a value is written there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Yes or no.
    Flag,
    /// Yes or no in any item of a list: one yes is yes, a no only where no item says yes.
    Any,
    /// There only yes says something.
    Yes,
    /// A length that Misto holds in centimetres.
    Centimetres,
    /// A length that Misto holds in metres.
    Metres,
    /// A number of things.
    Count,
    /// Steps: a number, or a level way that has none.
    Steps,
    /// Whether there is a ramp, from a fixed and a removable one; writes [`Kind::Portable`] too.
    Ramp,
    /// Whether that ramp is a removable one.
    Portable,
    /// A slope: degrees there, percent here.
    Slope,
    /// A text without a language.
    Text,
    /// A text in languages: the Ukrainian one, else the first.
    Local,
    /// A text in languages: the English one.
    English,
    /// A web address, whole; what is none goes into the tags.
    Url,
    /// A list of texts, here separated by commas.
    List,
    /// Whatever is there, as JSON.
    Json,
    /// fully, partially, not; here yes, limited, no.
    Grade,
    /// The category; `undefined` is none.
    Category,
    /// A structured address: its text, else street and house.
    Address,
}

/// One attribute: read from the first of the paths that says something, written to the first.
#[derive(Debug)]
pub(super) struct Field {
    pub attribute: &'static str,
    pub paths: &'static [&'static str],
    pub kind: Kind,
}

const fn field(attribute: &'static str, kind: Kind, paths: &'static [&'static str]) -> Field {
    Field { attribute, paths, kind }
}

macro_rules! inside {
    ($path:literal) => {
        concat!("properties/accessibility/", $path)
    };
}

use Kind::{
    Address, Any, Category, Centimetres, Count, English, Flag, Grade, Json, List, Local, Metres, Portable, Ramp, Slope,
    Steps, Text, Url, Yes,
};

/// Of a `PlaceInfo`.
pub(super) const PLACE: &[Field] = &[
    field("category", Category, &["properties/category"]),
    field("name", Local, &["properties/name"]),
    field("name_en", English, &["properties/name"]),
    field("address", Address, &["properties/address"]),
    field("description", Local, &["properties/description"]),
    field("description_en", English, &["properties/description"]),
    field("phone", Text, &["properties/phoneNumber"]),
    field("website", Url, &["properties/placeWebsiteUrl"]),
    field("info_url", Url, &["properties/infoPageUrl"]),
    field("source", Text, &["properties/sourceId"]),
    field("original_id", Text, &["properties/originalId"]),
    field("same_as", Json, &["properties/sameAs"]),
    field("ids", Json, &["properties/ids"]),
    field("wheelchair", Grade, &[inside!("wheelchairAccessibilityGrade")]),
    field("accessible_parking_spaces", Count, &[inside!("parking/forWheelchairUsers/count")]),
    field("parking_distance_m", Metres, &[inside!("parking/forWheelchairUsers/distanceToEntrance")]),
    field("parking_width_cm", Centimetres, &[inside!("parking/forWheelchairUsers/width")]),
    field("parking_length_cm", Centimetres, &[inside!("parking/forWheelchairUsers/length")]),
    field("parking_max_height_cm", Centimetres, &[inside!("parking/forWheelchairUsers/maxVehicleHeight")]),
    field("parking_signed", Flag, &[inside!("parking/forWheelchairUsers/hasDedicatedSignage")]),
    field(
        "toilet_door_width_cm",
        Centimetres,
        &[inside!("restrooms/@/entrance/door/width"), inside!("restrooms/@/entrances/*/properties/door/width")],
    ),
    field("toilet_turning_space_cm", Centimetres, &[inside!("restrooms/@/turningSpaceInside")]),
    field("toilet_seat_height_cm", Centimetres, &[inside!("restrooms/@/toilet/heightOfBase")]),
    field("toilet_grab_bars", Flag, &[inside!("restrooms/@/hasSupportRails")]),
    field("washbasin_height_cm", Centimetres, &[inside!("restrooms/@/washBasin/height")]),
    field("toilet_emergency_call", Flag, &[inside!("restrooms/@/hasEmergencyPullstring")]),
    // After its parts, which mean the toilet that this chooses.
    field("accessible_toilet", Any, &[inside!("restrooms/*/isAccessibleWithWheelchair")]),
    field("audio_information", Any, &[inside!("media/*/isAudio")]),
    field("induction_loop", Flag, &[inside!("hasInductionLoop")]),
    field("audio_description", Any, &[inside!("media/*/hasAudioDescription")]),
    field("audio_signs", Any, &[inside!("signageSystems/*/hasAudio")]),
    field("large_print", Any, &[inside!("media/*/isLargePrint")]),
    field("captions", Any, &[inside!("media/*/hasSubtitles"), inside!("media/*/hasRealTimeCaptioning")]),
    field("high_contrast_signs", Any, &[inside!("signageSystems/*/isHighContrast")]),
    field("pictograms", Any, &[inside!("signageSystems/*/hasPictograms")]),
    field("visual_announcements", Flag, &[inside!("queueSystem/hasVisualAnnouncements")]),
    field("tactile_information", Any, &[inside!("media/*/isTactile")]),
    field("tactile_strips", Flag, &[inside!("hasTactileGuideStrips")]),
    field("tactile_signs", Flag, &[inside!("hasTactileSignage")]),
    field("braille", Flag, &[inside!("hasBrailleSignage")]),
    field("staff_see_visitors", Flag, &[inside!("staff/canSeeVisitorsFromInside")]),
    field("staff_assist", Flag, &[inside!("staff/hasFreeAssistantForVisitors")]),
    field("staff_languages", List, &[inside!("staff/spokenLanguages")]),
];

/// Of an `Entrance`.
pub(super) const ENTRANCE: &[Field] = &[
    field("name", Local, &["properties/name"]),
    field("door_width_cm", Centimetres, &["properties/door/width"]),
    field("threshold_height_cm", Centimetres, &["properties/door/thresholdHeight"]),
    field("door_automatic", Flag, &["properties/door/isAutomatic", "properties/door/isAutomaticOrAlwaysOpen"]),
    field("door_revolving", Flag, &["properties/door/isRevolving"]),
    field("door_sliding", Flag, &["properties/door/isSliding"]),
    field("door_opens_outward", Flag, &["properties/door/doorOpensToOutside"]),
    field("door_turning_space_cm", Centimetres, &["properties/door/turningSpaceInFront"]),
    field("entrance_steps", Steps, &["properties/stairs/count", "properties/isLevel"]),
    field("step_height_cm", Centimetres, &["properties/stairs/stepHeight"]),
    field("step_handrail", Flag, &["properties/stairs/hasHandRail"]),
    field("has_ramp", Ramp, &["properties/hasFixedRamp", "properties/hasRemovableRamp"]),
    field("ramp_portable", Portable, &["properties/hasFixedRamp", "properties/hasRemovableRamp"]),
    field("ramp_slope_percent", Slope, &["properties/slopeAngle"]),
    field("has_hoist", Flag, &["properties/hasHoist"]),
    field("help_can_be_called", Yes, &["properties/door/needsDoorbell"]),
    field("bell_height_cm", Centimetres, &["properties/door/doorbellTopButtonHeight"]),
    field("has_intercom", Flag, &["properties/door/hasIntercom"]),
];

/// Of an elevator's `EquipmentProperties`.
pub(super) const LIFT: &[Field] = &[
    field("name", Local, &["description", "shortDescription"]),
    field("is_working", Flag, &["isWorking"]),
    field("out_of_order_reason", Local, &["outOfOrderReason"]),
    field("state_at", Text, &["stateLastUpdate"]),
    field("works_again_on", Text, &["plannedCompletionDate"]),
    field("other_way", Local, &["alternativeRouteInstructions"]),
    field("lift_door_width_cm", Centimetres, &["door/width"]),
    field("car_width_cm", Centimetres, &["cabinWidth"]),
    field("car_depth_cm", Centimetres, &["cabinLength"]),
];
