//! The collections of the demo city and the FlatGeobuf files that fill them.

use misto_model::{Audience, Collection, CollectionId, GeometryKind, Property, PropertyType};

/// One collection with its contents.
pub struct SampleLayer {
    /// What it is; [`Collection::sample`] is true.
    pub collection: Collection,
    /// FlatGeobuf 3 with an index; WGS 84; columns in the order of the schema.
    pub flatgeobuf: &'static [u8],
}

/// Every collection of the demo city with its contents.
pub fn layers() -> Vec<SampleLayer> {
    DEMO.iter()
        .filter_map(|demo| Some(SampleLayer { collection: demo.collection()?, flatgeobuf: demo.flatgeobuf }))
        .collect()
}

/// Every collection of the demo city, without contents.
pub fn collections() -> Vec<Collection> {
    DEMO.iter().filter_map(Demo::collection).collect()
}

struct Demo {
    id: &'static str,
    title_uk: &'static str,
    title_en: &'static str,
    description: &'static str,
    audience: Audience,
    geometry: GeometryKind,
    properties: &'static [(&'static str, PropertyType)],
    flatgeobuf: &'static [u8],
}

impl Demo {
    /// `None` never happens: a test holds that every id in the table is one.
    fn collection(&self) -> Option<Collection> {
        let id: CollectionId = self.id.parse().ok()?;
        let property =
            |&(name, kind): &(&str, PropertyType)| Property { name: name.to_owned(), kind, audience: self.audience };
        Some(Collection {
            id,
            title_uk: self.title_uk.to_owned(),
            title_en: self.title_en.to_owned(),
            description: self.description.to_owned(),
            audience: self.audience,
            geometry: self.geometry,
            properties: self.properties.iter().map(property).collect(),
            sample: true,
            extent: None,
        })
    }
}

use Audience::{Public, Staff};
use GeometryKind::{Any, Line, Point, Polygon};
use PropertyType::{Boolean, Date, DateTime, Integer, Real, Text};

macro_rules! file {
    ($id:literal) => {
        include_bytes!(concat!("../layers/", $id, ".fgb"))
    };
}

const DEMO: &[Demo] = &[
    Demo {
        id: "water_bodies",
        title_uk: "Водойми",
        title_en: "Water bodies",
        description: "Sample data. Rivers, streams and lakes, sketched by hand from general knowledge; widths are impressions.",
        audience: Public,
        geometry: Any,
        properties: &[("kind", Text), ("name", Text), ("name_en", Text)],
        flatgeobuf: file!("water_bodies"),
    },
    Demo {
        id: "green",
        title_uk: "Зелені зони",
        title_en: "Green areas",
        description: "Sample data. Parks, squares, woods and cemeteries, sketched by hand; lawns filled in by the generator.",
        audience: Public,
        geometry: Polygon,
        properties: &[("kind", Text), ("name", Text), ("name_en", Text)],
        flatgeobuf: file!("green"),
    },
    Demo {
        id: "buildings",
        title_uk: "Будівлі",
        title_en: "Buildings",
        description: "Sample data. Invented buildings in generated blocks; no outline, height, year or house number is real.",
        audience: Public,
        geometry: Polygon,
        properties: &[("kind", Text), ("levels", Integer), ("address", Text), ("year", Integer)],
        flatgeobuf: file!("buildings"),
    },
    Demo {
        id: "roads",
        title_uk: "Вулиці та дороги",
        title_en: "Streets and roads",
        description: "Sample data. Main streets sketched by hand under their real names, approximate; side streets are generated and nameless. Surface, lanes and widths are invented.",
        audience: Public,
        geometry: Line,
        properties: &[
            ("class", Text),
            ("name", Text),
            ("name_en", Text),
            ("surface", Text),
            ("lanes", Integer),
            ("oneway", Boolean),
            ("width_m", Real),
        ],
        flatgeobuf: file!("roads"),
    },
    Demo {
        id: "railway",
        title_uk: "Залізниця",
        title_en: "Railway",
        description: "Sample data. Lines and stations, sketched by hand from general knowledge.",
        audience: Public,
        geometry: Any,
        properties: &[("kind", Text), ("name", Text)],
        flatgeobuf: file!("railway"),
    },
    Demo {
        id: "places",
        title_uk: "Назви місць",
        title_en: "Place names",
        description: "Sample data. Names of districts, suburbs and squares where a resident would look for them, placed by hand.",
        audience: Public,
        geometry: Point,
        properties: &[("kind", Text), ("name", Text), ("name_en", Text), ("rank", Integer)],
        flatgeobuf: file!("places"),
    },
    Demo {
        id: "transit_routes",
        title_uk: "Маршрути",
        title_en: "Transit routes",
        description: "Sample data. Invented routes along the sketched streets; the numbers are not those of real routes.",
        audience: Public,
        geometry: Line,
        properties: &[
            ("route_id", Text),
            ("short_name", Text),
            ("long_name", Text),
            ("kind", Text),
            ("direction", Integer),
            ("color", Text),
        ],
        flatgeobuf: file!("transit_routes"),
    },
    Demo {
        id: "transit_stops",
        title_uk: "Зупинки",
        title_en: "Transit stops",
        description: "Sample data. Invented stops of the invented routes; boarding with a wheelchair is often unknown on purpose.",
        audience: Public,
        geometry: Point,
        properties: &[("stop_id", Text), ("name", Text), ("wheelchair_boarding", Text)],
        flatgeobuf: file!("transit_stops"),
    },
    Demo {
        id: "venues",
        title_uk: "Заклади",
        title_en: "Venues",
        description: "Sample data. Invented places with invented measurements at their doors; what is absent was not measured.",
        audience: Public,
        geometry: Point,
        properties: &[
            ("name", Text),
            ("name_en", Text),
            ("category", Text),
            ("address", Text),
            ("opening_hours", Text),
            ("door_width_cm", Real),
            ("threshold_height_cm", Real),
            ("door_automatic", Boolean),
            ("door_revolving", Boolean),
            ("door_sliding", Boolean),
            ("door_opens_outward", Boolean),
            ("door_turning_space_cm", Real),
            ("entrance_steps", Integer),
            ("step_height_cm", Real),
            ("step_handrail", Boolean),
            ("has_ramp", Boolean),
            ("ramp_portable", Boolean),
            ("ramp_slope_percent", Real),
            ("ramp_length_cm", Real),
            ("ramp_width_cm", Real),
            ("ramp_handrails", Boolean),
            ("has_hoist", Boolean),
            ("approach_surface", Text),
            ("help_can_be_called", Boolean),
            ("bell_height_cm", Real),
            ("has_intercom", Boolean),
            ("accessible_parking_spaces", Integer),
            ("parking_distance_m", Real),
            ("parking_width_cm", Real),
            ("parking_length_cm", Real),
            ("parking_max_height_cm", Real),
            ("parking_signed", Boolean),
            ("accessible_toilet", Boolean),
            ("toilet_door_width_cm", Real),
            ("toilet_turning_space_cm", Real),
            ("toilet_seat_height_cm", Real),
            ("toilet_grab_bars", Boolean),
            ("washbasin_height_cm", Real),
            ("toilet_emergency_call", Boolean),
            ("audio_information", Boolean),
            ("induction_loop", Boolean),
            ("audio_description", Boolean),
            ("audio_signs", Boolean),
            ("visual_information", Boolean),
            ("large_print", Boolean),
            ("captions", Boolean),
            ("high_contrast_signs", Boolean),
            ("pictograms", Boolean),
            ("visual_announcements", Boolean),
            ("tactile_information", Boolean),
            ("tactile_strips", Boolean),
            ("tactile_signs", Boolean),
            ("braille", Boolean),
            ("lift_required", Boolean),
            ("staff_see_visitors", Boolean),
            ("staff_assist", Boolean),
            ("staff_languages", Text),
            ("measured_on", Date),
            ("measured_by", Text),
            ("measured_how", Text),
            ("provenance", Text),
        ],
        flatgeobuf: file!("venues"),
    },
    Demo {
        id: "entrances",
        title_uk: "Входи закладів",
        title_en: "Entrances of venues",
        description: "Sample data. Ways into those invented places that have several; venue_id is the id of a feature of venues.",
        audience: Public,
        geometry: Point,
        properties: &[
            ("venue_id", Integer),
            ("name", Text),
            ("door_width_cm", Real),
            ("threshold_height_cm", Real),
            ("door_automatic", Boolean),
            ("door_revolving", Boolean),
            ("door_sliding", Boolean),
            ("door_opens_outward", Boolean),
            ("door_turning_space_cm", Real),
            ("entrance_steps", Integer),
            ("step_height_cm", Real),
            ("step_handrail", Boolean),
            ("has_ramp", Boolean),
            ("ramp_portable", Boolean),
            ("ramp_slope_percent", Real),
            ("ramp_length_cm", Real),
            ("ramp_width_cm", Real),
            ("ramp_handrails", Boolean),
            ("has_hoist", Boolean),
            ("approach_surface", Text),
            ("help_can_be_called", Boolean),
            ("bell_height_cm", Real),
            ("has_intercom", Boolean),
            ("measured_on", Date),
            ("measured_by", Text),
            ("measured_how", Text),
            ("photo", Text),
        ],
        flatgeobuf: file!("entrances"),
    },
    Demo {
        id: "lifts",
        title_uk: "Ліфти закладів",
        title_en: "Lifts of venues",
        description: "Sample data. Lifts of invented places and whether they work; venue_id is the id of a feature of venues.",
        audience: Public,
        geometry: Point,
        properties: &[
            ("venue_id", Integer),
            ("name", Text),
            ("is_working", Boolean),
            ("out_of_order_reason", Text),
            ("state_at", DateTime),
            ("works_again_on", Date),
            ("other_way", Text),
            ("lift_door_width_cm", Real),
            ("car_width_cm", Real),
            ("car_depth_cm", Real),
        ],
        flatgeobuf: file!("lifts"),
    },
    Demo {
        id: "housing",
        title_uk: "Житловий фонд",
        title_en: "Housing stock",
        description: "Sample data. Invented apartment houses; flats, years, heating and management are generated.",
        audience: Public,
        geometry: Point,
        properties: &[
            ("address", Text),
            ("levels", Integer),
            ("flats", Integer),
            ("year", Integer),
            ("heating", Text),
            ("management", Text),
        ],
        flatgeobuf: file!("housing"),
    },
    Demo {
        id: "communal_property",
        title_uk: "Комунальне майно",
        title_en: "Communal property",
        description: "Sample data. Invented premises and holders.",
        audience: Public,
        geometry: Point,
        properties: &[("name", Text), ("kind", Text), ("area_m2", Real), ("holder", Text)],
        flatgeobuf: file!("communal_property"),
    },
    Demo {
        id: "water_network",
        title_uk: "Водопровідна мережа",
        title_en: "Water network",
        description: "Sample data on invented alignments. Mains, service connections, valves, hydrants; pipes share end points.",
        audience: Staff,
        geometry: Any,
        properties: &[
            ("kind", Text),
            ("diameter_mm", Integer),
            ("material", Text),
            ("year", Integer),
            ("status", Text),
        ],
        flatgeobuf: file!("water_network"),
    },
    Demo {
        id: "sewer_network",
        title_uk: "Каналізаційна мережа",
        title_en: "Sewer network",
        description: "Sample data on invented alignments. Collectors and branches that run to one treatment plant, with manholes at their joints.",
        audience: Staff,
        geometry: Any,
        properties: &[
            ("kind", Text),
            ("diameter_mm", Integer),
            ("material", Text),
            ("year", Integer),
            ("status", Text),
        ],
        flatgeobuf: file!("sewer_network"),
    },
    Demo {
        id: "heat_network",
        title_uk: "Теплова мережа",
        title_en: "Heat network",
        description: "Sample data on invented alignments. Supply and return pipes from boiler houses, with chambers.",
        audience: Staff,
        geometry: Any,
        properties: &[("kind", Text), ("diameter_mm", Integer), ("year", Integer), ("status", Text)],
        flatgeobuf: file!("heat_network"),
    },
    Demo {
        id: "power_network",
        title_uk: "Електрична мережа",
        title_en: "Power network",
        description: "Sample data on invented alignments. A 110 kV ring, substations, 10 kV cables, transformers and 0.4 kV connections.",
        audience: Staff,
        geometry: Any,
        properties: &[("kind", Text), ("voltage_kv", Real), ("year", Integer), ("status", Text)],
        flatgeobuf: file!("power_network"),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_collection_of_the_table_is_one() {
        assert_eq!(layers().len(), DEMO.len());
        let staff: Vec<String> =
            layers().iter().filter(|l| l.collection.audience == Staff).map(|l| l.collection.id.to_string()).collect();
        assert_eq!(staff, ["water_network", "sewer_network", "heat_network", "power_network"]);
        assert!(layers().iter().all(|l| l.collection.sample && l.collection.description.starts_with("Sample data")));
    }
}
