//! Small valid inputs, one of each format, written for these tests: what is
//! damaged here, and what the targets in `fuzz/` begin with.

use geo_types::{Geometry, line_string, point, polygon};
use misto_ingest::decode::{SourceConfig, Sources};
use misto_ingest::files::write;
use misto_ingest::gtfs_realtime::{
    Alert, EntitySelector, FeedEntity, FeedHeader, FeedMessage, Incrementality, Position, StopTimeEvent,
    StopTimeUpdate, TimeRange, TranslatedString, Translation, TripDescriptor, TripUpdate, VehicleDescriptor,
    VehiclePosition,
};
use misto_model::{Audience, Feature, FeatureId, Property, PropertyType, Version};
use prost::Message;
use serde_json::json;

/// A source that takes every topic, and one message of it.
pub struct Wire {
    /// Name of the format.
    pub name: &'static str,
    /// The source but for id and topic, as in the configuration.
    config: &'static str,
    pub topic: &'static str,
    pub payload: &'static str,
}

const fn wire(name: &'static str, config: &'static str, topic: &'static str, payload: &'static str) -> Wire {
    Wire { name, config, topic, payload }
}

const RECORDS: &str = r##"format = "mapped"
bounds = [24.5, 48.7, 24.9, 49.1]
[source.mapping]
records = "/records"
vehicle = { pointer = "/id", transform = "integer_id" }
event = "/event"
time = { pointer = "/ts", form = "posix_ms" }
lat = "/at/0"
lon = "/at/1"
speed = { pointer = "/v", unit = "km/h", unknown = [-1] }
odometer = { pointer = "/odo", unit = "km" }
delay = { pointer = "/late", unit = "min" }
kind = { constant = "plough" }
job = { pointer = "/work", values = { au = "ploughing", su = "spreading" } }
doors_open = "/doors"
extra = { note = "/note" }"##;

const QUANTITIES: &str = r##"format = "mapped"
[source.mapping]
thing = "/sensor"
time = { pointer = "/t", form = "%d.%m.%Y %H:%M:%S" }
lat = "/lat"
lon = "/lon"
readings = [{ pointer = "/P1", observed_property = "pm10", unit = "ug/m3", ceiling = 1999.9 }]"##;

/// One message of each wire format.
pub const WIRES: [Wire; 9] = [
    wire(
        "hfp",
        r#"format = "hfp-v2""#,
        "/hfp/v2/journey/ongoing/vp/bus/0018/00423/2159/2/Ринок/09:32/2442201/3/60;24/16/58/67",
        r#"{"VP":{"desi":"159","dir":"2","oper":6,"veh":423,"tst":"2026-07-05T11:59:59.000Z","spd":7.5,"hdg":270,"lat":48.92,"long":24.71,"acc":0.1,"dl":-60,"odo":5000,"drst":0,"oday":"2026-07-05","jrn":1,"line":2,"start":"09:32","loc":"GPS","stop":null,"route":"2159","occu":0}}"#,
    ),
    wire(
        "owntracks",
        r#"format = "owntracks""#,
        "owntracks/olena/phone",
        r#"{"_type":"location","tst":1783252799,"lat":48.92,"lon":24.71,"vel":30,"cog":360,"acc":5,"odometer":12.5,"kind":"plough","job":"ploughing","batt":80}"#,
    ),
    wire(
        "if_operator",
        r#"format = "if-operator""#,
        "misto/v1/raw/if-operator/353173060780531",
        r#"[{"imei":"353173060780531","time":"2026-07-05 14:59:59","latitude":"48.92","longitude":"24.71","speed":"30","route_type":3,"route_id":7,"route_short_name":"27","gov_number":"АТ 0001","satellites":"9","spec":{"a":1}}]"#,
    ),
    wire(
        "decree_835",
        r#"format = "decree-835""#,
        "misto/v1/raw/decree-835/uid",
        r#"{"vehiclePosition":{"uid":"u1"," \tidentifier":"id1","vin":"v","number":"AT","timestamp":1783252799,"lat":48.92,"lon":24.71,"speed":8.3,"bearing":90,"odometer":1000,"bodyType":"bus"}}"#,
    ),
    wire(
        "tts",
        r#"format = "tts""#,
        "v3/app@tenant/devices/dev1/up",
        r#"{"end_device_ids":{"device_id":"dev1"},"received_at":"2026-07-05T11:59:59Z","uplink_message":{"f_cnt":17,"received_at":"2026-07-05T11:59:58Z","decoded_payload":{"temperature":1.5,"wet":false,"air":{"pm":[5,7.5]},"state":"ok"},"locations":{"user":{"latitude":48.92,"longitude":24.71}}}}"#,
    ),
    wire(
        "sensorthings",
        r#"format = "sensorthings""#,
        "v1.1/Datastreams(5)/Observations",
        r#"{"result":21.5,"phenomenonTime":"2026-07-05T11:00:00Z/2026-07-05T11:30:00Z","FeatureOfInterest":{"feature":{"type":"Point","coordinates":[24.71,48.92]}}}"#,
    ),
    wire(
        "canonical",
        r#"format = "mapped""#,
        "misto/v1/raw/bus/7",
        r#"[{"time":"2026-07-05T11:59:59.5Z","lat":48.92,"lon":24.71,"operator":"o","event":"vp","speed_m_s":8,"bearing_deg":90,"odometer_m":12,"kind":"bus","delay_s":-30,"doors_open":true,"direction":1,"headsign":"Вокзал"},{"time":"2026-07-05T11:59:59Z","lat":48.92,"lon":24.71,"readings":[{"observed_property":"pm10","value":12.5,"unit":"ug/m3","ceiling":true}]}]"#,
    ),
    wire(
        "mapped",
        RECORDS,
        "fleet/7/gps",
        r#"{"records":[{"id":977106.0,"event":"e","ts":1783252799000,"at":[48.92,24.71],"v":30,"odo":12.5,"late":1,"work":"au","doors":0,"note":{"a":[1]}}]}"#,
    ),
    wire(
        "readings",
        QUANTITIES,
        "air/7",
        r#"{"sensor":"s1","t":"05.07.2026 14:59:59","lat":"48.92","lon":"24.71","P1":"2000"}"#,
    ),
];

impl Wire {
    /// The example of this name.
    pub fn named(name: &str) -> &'static Self {
        WIRES.iter().find(|wire| wire.name == name).expect("a known format")
    }

    /// Its source, alone on every topic.
    pub fn sources(&self) -> Sources {
        #[derive(serde::Deserialize)]
        struct File {
            source: Vec<SourceConfig>,
        }
        let text = format!("[[source]]\nid = \"it\"\ntopic = \"#\"\n{}", self.config);
        let file: File = toml::from_str(&text).expect("a source");
        Sources::new(file.source).expect("a source that can be used")
    }
}

/// A GTFS-Realtime feed with one entity of each kind.
pub fn realtime() -> Vec<u8> {
    const AT: u64 = 1_783_252_790;
    let text = |text: &str| Some(text.to_owned());
    let trip = TripDescriptor {
        trip_id: text("t"),
        route_id: text("r"),
        direction_id: Some(1),
        start_time: text("25:10:00"),
        start_date: text("20260705"),
        schedule_relationship: Some(0),
    };
    let vehicle = VehiclePosition {
        trip: Some(trip.clone()),
        vehicle: Some(VehicleDescriptor { id: text("7"), label: text("301"), ..VehicleDescriptor::default() }),
        position: Some(Position {
            latitude: 48.92,
            longitude: 24.71,
            bearing: Some(90.0),
            odometer: Some(12.0),
            speed: Some(8.0),
        }),
        current_stop_sequence: Some(2),
        stop_id: text("b"),
        timestamp: Some(AT),
        occupancy_status: Some(1),
        ..VehiclePosition::default()
    };
    let event =
        |after_s: i64| StopTimeEvent { time: Some(AT as i64 + after_s), delay: Some(60), uncertainty: Some(30) };
    let call = |sequence: u32| StopTimeUpdate {
        stop_sequence: Some(sequence),
        stop_id: text("b"),
        arrival: Some(event(60 * i64::from(sequence))),
        departure: Some(event(60 * i64::from(sequence) + 20)),
        ..StopTimeUpdate::default()
    };
    let update =
        TripUpdate { trip, stop_time_update: vec![call(2), call(3)], timestamp: Some(AT), ..TripUpdate::default() };
    let translated = |uk: &str| {
        let translation = vec![Translation { text: uk.to_owned(), language: text("uk") }];
        Some(TranslatedString { translation })
    };
    let alert = Alert {
        active_period: vec![TimeRange { start: Some(AT), end: None }],
        informed_entity: vec![EntitySelector { route_id: text("r"), ..EntitySelector::default() }],
        cause: Some(8),
        effect: Some(4),
        header_text: translated("Об’їзд"),
        description_text: translated("Через вул. Галицьку"),
        ..Alert::default()
    };
    let entity = |id: &str| FeedEntity { id: id.to_owned(), ..FeedEntity::default() };
    let header = FeedHeader {
        gtfs_realtime_version: "2.0".to_owned(),
        incrementality: Some(Incrementality::FullDataset as i32),
        timestamp: Some(AT),
    };
    let entity = vec![
        FeedEntity { vehicle: Some(vehicle), ..entity("v") },
        FeedEntity { trip_update: Some(update), ..entity("t") },
        FeedEntity { alert: Some(alert), ..entity("a") },
    ];
    FeedMessage { header, entity }.encode_to_vec()
}

/// One file of each format: its name and its bytes.
pub fn files() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("a.fgb", flatgeobuf()),
        ("a.geojson", geojson()),
        ("a.gpkg", geopackage()),
        ("a.csv", CSV.as_bytes().to_vec()),
        ("a.osm.pbf", super::extract::bytes()),
    ]
}

/// A table with both ways to say where.
pub const CSV: &str = "назва;Широта;lon;geom;n;seen\n\
    Ринок;48.92;24.71;;1;2026-07-05\n\
    \"вул. \"\"Січових\"\"\";;;LINESTRING Z (24.71 48.92 250, 24.72 48.93 251);2.5;\n\
    Хата;N 48° 55' 21\";24° 42' 36\" E;;;true\n";

/// A shape as text.
pub const WKT: &str = "GEOMETRYCOLLECTION (POINT Z (24.71 48.92 250), POLYGON ((24 48, 25 48, 25 49, 24 48)), MULTIPOINT (24 48, (25 48)), LINESTRING EMPTY)";

/// The tables of a feed, in the order of [`FEED_FILES`].
pub const FEED: [&str; 9] = [
    "agency_name,agency_url,agency_timezone\nДепо,http://example.org,Europe/Kyiv\n",
    "stop_id,stop_name,stop_lat,stop_lon,location_type,parent_station,wheelchair_boarding\na,Ринок,48.92,24.71,0,,1\nb,Вокзал,48.93,24.72,,,2\n",
    "route_id,route_short_name,route_long_name,route_type\nr,27,Ринок – Вокзал,3\n",
    "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\ns,1,1,1,1,1,0,0,20260101,20261231\n",
    "service_id,date,exception_type\ns,20260824,2\n",
    "shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\nsh,48.92,24.71,1\nsh,48.93,24.72,2\n",
    "route_id,service_id,trip_id,trip_headsign,direction_id,shape_id,wheelchair_accessible\nr,s,t,Вокзал,0,sh,1\n",
    "trip_id,arrival_time,departure_time,stop_id,stop_sequence\nt,07:00:00,07:00:00,a,1\nt,,,a,2\nt,07:10:00,07:10:00,b,3\n",
    "trip_id,start_time,end_time,headway_secs\nt,07:00:00,08:00:00,600\n",
];

/// Names of the tables of a feed.
pub const FEED_FILES: [&str; 9] = [
    "agency.txt",
    "stops.txt",
    "routes.txt",
    "calendar.txt",
    "calendar_dates.txt",
    "shapes.txt",
    "trips.txt",
    "stop_times.txt",
    "frequencies.txt",
];

/// The feed in one file.
pub fn feed() -> Vec<u8> {
    use std::io::Write;
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, text) in FEED_FILES.into_iter().zip(FEED) {
        out.start_file(name, stored).expect("room in memory");
        out.write_all(text.as_bytes()).expect("room in memory");
    }
    out.finish().expect("room in memory").into_inner()
}

fn schema() -> Vec<Property> {
    [("назва", PropertyType::Text), ("levels", PropertyType::Integer), ("width_m", PropertyType::Real)]
        .map(|(name, kind)| Property { name: name.to_owned(), kind, audience: Audience::Public })
        .to_vec()
}

fn features() -> Vec<write::Outgoing> {
    let shapes: [Option<Geometry>; 4] = [
        Some(point! { x: 24.71, y: 48.92 }.into()),
        Some(line_string![(x: 24.71, y: 48.92), (x: 24.72, y: 48.93)].into()),
        Some(polygon![(x: 24.0, y: 48.0), (x: 25.0, y: 48.0), (x: 25.0, y: 49.0), (x: 24.0, y: 48.0)].into()),
        None,
    ];
    let values = json!({"назва": "Ринок", "levels": 3, "width_m": 0.9});
    (1..)
        .zip(shapes)
        .map(|(id, geometry)| {
            let properties = values.as_object().cloned().unwrap_or_default();
            Ok(Feature { id: FeatureId(id), version: Version(1), geometry, properties })
        })
        .collect()
}

fn flatgeobuf() -> Vec<u8> {
    let mut out = Vec::new();
    write::flatgeobuf(&mut out, "a", &schema(), features()).expect("room in memory");
    out
}

fn geojson() -> Vec<u8> {
    let mut out = Vec::new();
    write::geojson(&mut out, &schema(), features()).expect("room in memory");
    out
}

/// A point as a GeoPackage keeps it (OGC 12-128r18, 2.1.3): header, then well-known binary.
pub fn geopackage_shape() -> Vec<u8> {
    let mut shape = b"GP\0\x01\xe6\x10\0\0\x01\x01\0\0\0".to_vec();
    shape.extend(24.71_f64.to_le_bytes());
    shape.extend(48.92_f64.to_le_bytes());
    shape
}

/// A small GeoPackage with one layer of one point.
pub fn geopackage() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.gpkg");
    let connection = rusqlite::Connection::open(&path).expect("a database");
    connection
        .execute_batch(
            "PRAGMA page_size = 512; PRAGMA synchronous = OFF;
            CREATE TABLE gpkg_spatial_ref_sys(srs_name, srs_id INTEGER PRIMARY KEY, organization, organization_coordsys_id);
            INSERT INTO gpkg_spatial_ref_sys VALUES('WGS 84', 4326, 'EPSG', 4326);
            CREATE TABLE gpkg_contents(table_name, data_type);
            INSERT INTO gpkg_contents VALUES('a', 'features');
            CREATE TABLE gpkg_geometry_columns(table_name, column_name, srs_id);
            INSERT INTO gpkg_geometry_columns VALUES('a', 'geom', 4326);
            CREATE TABLE a(fid INTEGER PRIMARY KEY, geom POINT, name TEXT, levels INTEGER, width REAL, built DATE);",
        )
        .expect("tables");
    connection
        .execute("INSERT INTO a VALUES(1, ?1, 'Ринок', 3, 0.9, '2026-07-05')", [geopackage_shape()])
        .expect("a row");
    drop(connection);
    std::fs::read(&path).expect("the file")
}
