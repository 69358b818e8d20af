//! A timetable as a GTFS Schedule feed again.
//!
//! The same timetable gives the same bytes. What repeated at a headway was written out as trips
//! when it was read, and stays so. A way without times has no row of stop_times.txt to stand in:
//! its route, stops and shape are published, the way itself is not.

use std::io::{self, Cursor};

use jiff::civil::Date;
use misto_model::{
    Boarding, PathwayMode, PlaceKind, Position, StopDetails, StopTime, Timetable, TransferKind, WheelchairAccess,
};
use zip::write::{SimpleFileOptions, ZipWriter};

type Zip = ZipWriter<Cursor<Vec<u8>>>;

/// A feed as a zip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The zip.
    pub bytes: Vec<u8>,
    /// What the reference asks for and the timetable lacks, and what GTFS has no place for.
    pub notes: Vec<String>,
}

/// Writes all tables; those that the reference lets one leave out only when they have rows.
///
/// # Errors
/// When a table grows beyond what a zip holds (4 GB).
pub fn write(timetable: &Timetable) -> io::Result<Written> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let notes = lacking(timetable);
    agencies(timetable, &mut zip)?;
    stops(timetable, &mut zip)?;
    routes(timetable, &mut zip)?;
    trips(timetable, &mut zip)?;
    stop_times(timetable, &mut zip)?;
    calendar(timetable, &mut zip)?;
    shapes(timetable, &mut zip)?;
    stations(timetable, &mut zip)?;
    feed_info(timetable, &mut zip)?;
    Ok(Written { bytes: zip.finish().map_err(io::Error::other)?.into_inner(), notes })
}

fn lacking(timetable: &Timetable) -> Vec<String> {
    let mut notes = Vec::new();
    let mut note = |wrong: bool, text: &str| notes.extend(wrong.then(|| text.to_owned()));
    note(timetable.agencies.is_empty(), "agency.txt has no row: no agency is known");
    note(
        timetable.agencies.iter().any(|agency| agency.url.is_none()),
        "agency.txt agency_url is empty: it is not known",
    );
    note(timetable.services.is_empty(), "calendar.txt has no row: no service day is known");
    if !timetable.trajectories.is_empty() {
        let ways = timetable.trajectories.len();
        notes.push(format!("{ways} ways without times are left out; their routes, stops and shapes are there"));
    }
    notes
}

/// One table under way.
struct Rows<'a> {
    csv: csv::Writer<&'a mut Zip>,
}

impl<'a> Rows<'a> {
    /// Begins a table. The date of every file is the zip format's first, so that equal timetables
    /// are equal bytes.
    fn begin(zip: &'a mut Zip, file: &str, columns: &[&str]) -> io::Result<Self> {
        let options = SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
        zip.start_file(file, options).map_err(io::Error::other)?;
        let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(zip);
        csv.write_record(columns)?;
        Ok(Self { csv })
    }

    fn row<const N: usize>(&mut self, fields: [&str; N]) -> io::Result<()> {
        self.csv.write_record(fields).map_err(io::Error::other)
    }

    fn end(mut self) -> io::Result<()> {
        self.csv.flush()
    }
}

fn agencies(timetable: &Timetable, zip: &mut Zip) -> io::Result<()> {
    let columns = [
        "agency_id",
        "agency_name",
        "agency_url",
        "agency_timezone",
        "agency_lang",
        "agency_phone",
        "agency_fare_url",
        "agency_email",
    ];
    let mut rows = Rows::begin(zip, "agency.txt", &columns)?;
    for agency in &timetable.agencies {
        rows.row([
            or_empty(&agency.id),
            &agency.name,
            or_empty(&agency.url),
            &timetable.time_zone,
            or_empty(&agency.lang),
            or_empty(&agency.phone),
            or_empty(&agency.fare_url),
            or_empty(&agency.email),
        ])?;
    }
    rows.end()
}

const STOP_COLUMNS: [&str; 14] = [
    "stop_id",
    "stop_code",
    "stop_name",
    "tts_stop_name",
    "stop_desc",
    "stop_lat",
    "stop_lon",
    "zone_id",
    "stop_url",
    "location_type",
    "parent_station",
    "stop_timezone",
    "wheelchair_boarding",
    "level_id",
];

fn stops(timetable: &Timetable, zip: &mut Zip) -> io::Result<()> {
    let columns = [STOP_COLUMNS.as_slice(), &["platform_code"]].concat();
    let mut rows = Rows::begin(zip, "stops.txt", &columns)?;
    let none = StopDetails::default();
    let mut row = |id: &str,
                   code: &Option<String>,
                   name: &str,
                   at: Option<Position>,
                   kind,
                   wheelchair,
                   details: &Option<Box<StopDetails>>| {
        let details = details.as_deref().unwrap_or(&none);
        let [lat, lon] = degrees(at);
        rows.row([
            id,
            or_empty(code),
            name,
            or_empty(&details.spoken_name),
            or_empty(&details.description),
            &lat,
            &lon,
            or_empty(&details.zone),
            or_empty(&details.url),
            kind,
            details.parent.as_ref().map_or("", |id| &id.0),
            or_empty(&details.time_zone),
            tristate(wheelchair),
            or_empty(&details.level),
            or_empty(&details.platform_code),
        ])
    };
    for place in timetable.places.values() {
        let kind = match place.kind {
            PlaceKind::Station => "1",
            PlaceKind::Entrance => "2",
            PlaceKind::Node => "3",
            PlaceKind::BoardingArea => "4",
        };
        let (name, wheelchair) = (or_empty(&place.name), place.wheelchair_boarding);
        row(&place.id.0, &place.code, name, place.position, kind, wheelchair, &place.details)?;
    }
    for stop in timetable.stops.values() {
        let (at, wheelchair) = (Some(stop.position), stop.wheelchair_boarding);
        row(&stop.id.0, &stop.code, &stop.name, at, "0", wheelchair, &stop.details)?;
    }
    rows.end()
}

fn routes(timetable: &Timetable, zip: &mut Zip) -> io::Result<()> {
    let columns = [
        "route_id",
        "agency_id",
        "route_short_name",
        "route_long_name",
        "route_desc",
        "route_type",
        "route_url",
        "route_color",
        "route_text_color",
        "route_sort_order",
    ];
    let mut rows = Rows::begin(zip, "routes.txt", &columns)?;
    for route in timetable.routes.values() {
        rows.row([
            &route.id.0,
            or_empty(&route.agency),
            &route.short_name,
            &route.long_name,
            or_empty(&route.description),
            &route.route_type.to_string(),
            or_empty(&route.url),
            or_empty(&route.color),
            or_empty(&route.text_color),
            &number(route.sort_order),
        ])?;
    }
    rows.end()
}

fn trips(timetable: &Timetable, zip: &mut Zip) -> io::Result<()> {
    let columns = [
        "route_id",
        "service_id",
        "trip_id",
        "trip_headsign",
        "trip_short_name",
        "direction_id",
        "block_id",
        "shape_id",
        "wheelchair_accessible",
        "bikes_allowed",
    ];
    let mut rows = Rows::begin(zip, "trips.txt", &columns)?;
    for trip in &timetable.trips {
        rows.row([
            &trip.route.0,
            &trip.service.0,
            &trip.id.0,
            or_empty(&trip.headsign),
            or_empty(&trip.short_name),
            &number(trip.direction),
            or_empty(&trip.block),
            or_empty(&trip.shape),
            tristate(trip.wheelchair_accessible),
            match trip.bikes_allowed {
                None => "",
                Some(true) => "1",
                Some(false) => "2",
            },
        ])?;
    }
    rows.end()
}

fn stop_times(timetable: &Timetable, zip: &mut Zip) -> io::Result<()> {
    let columns = [
        "trip_id",
        "arrival_time",
        "departure_time",
        "stop_id",
        "stop_sequence",
        "stop_headsign",
        "pickup_type",
        "drop_off_type",
        "timepoint",
    ];
    let mut rows = Rows::begin(zip, "stop_times.txt", &columns)?;
    for trip in &timetable.trips {
        for StopTime { stop, sequence, arrival_s, departure_s, pickup, drop_off, timepoint, headsign } in
            &trip.stop_times
        {
            rows.row([
                &trip.id.0,
                &time(*arrival_s),
                &time(*departure_s),
                &stop.0,
                &sequence.to_string(),
                headsign.as_deref().unwrap_or_default(),
                boarding(*pickup),
                boarding(*drop_off),
                timepoint.map_or("", flag),
            ])?;
        }
    }
    rows.end()
}

fn calendar(timetable: &Timetable, zip: &mut Zip) -> io::Result<()> {
    let columns = [
        "service_id",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "start_date",
        "end_date",
    ];
    let mut rows = Rows::begin(zip, "calendar.txt", &columns)?;
    for (id, service) in &timetable.services {
        let Some((first, last)) = service.period else { continue };
        let [mon, tue, wed, thu, fri, sat, sun] = service.weekdays.map(flag);
        rows.row([&id.0, mon, tue, wed, thu, fri, sat, sun, &date(first), &date(last)])?;
    }
    rows.end()?;
    if timetable.services.values().all(|service| service.exceptions.is_empty()) {
        return Ok(());
    }
    let mut rows = Rows::begin(zip, "calendar_dates.txt", &["service_id", "date", "exception_type"])?;
    for (id, service) in &timetable.services {
        for (day, added) in &service.exceptions {
            rows.row([&id.0, &date(*day), if *added { "1" } else { "2" }])?;
        }
    }
    rows.end()
}

fn shapes(timetable: &Timetable, zip: &mut Zip) -> io::Result<()> {
    if timetable.shapes.is_empty() {
        return Ok(());
    }
    let columns = ["shape_id", "shape_pt_lat", "shape_pt_lon", "shape_pt_sequence"];
    let mut rows = Rows::begin(zip, "shapes.txt", &columns)?;
    for (id, shape) in &timetable.shapes {
        for (sequence, place) in shape.iter().enumerate() {
            let [lat, lon] = degrees(Some(*place));
            rows.row([id, &lat, &lon, &(sequence + 1).to_string()])?;
        }
    }
    rows.end()
}

fn stations(timetable: &Timetable, zip: &mut Zip) -> io::Result<()> {
    if !timetable.levels.is_empty() {
        let mut rows = Rows::begin(zip, "levels.txt", &["level_id", "level_index", "level_name"])?;
        for (id, level) in &timetable.levels {
            rows.row([id, &level.index.to_string(), or_empty(&level.name)])?;
        }
        rows.end()?;
    }
    pathways(timetable, zip)?;
    transfers(timetable, zip)
}

fn pathways(timetable: &Timetable, zip: &mut Zip) -> io::Result<()> {
    if timetable.pathways.is_empty() {
        return Ok(());
    }
    let columns = [
        "pathway_id",
        "from_stop_id",
        "to_stop_id",
        "pathway_mode",
        "is_bidirectional",
        "length",
        "traversal_time",
        "stair_count",
        "max_slope",
        "min_width",
        "signposted_as",
        "reversed_signposted_as",
    ];
    let mut rows = Rows::begin(zip, "pathways.txt", &columns)?;
    for pathway in &timetable.pathways {
        rows.row([
            &pathway.id,
            &pathway.from.0,
            &pathway.to.0,
            match pathway.mode {
                PathwayMode::Walkway => "1",
                PathwayMode::Stairs => "2",
                PathwayMode::MovingSidewalk => "3",
                PathwayMode::Escalator => "4",
                PathwayMode::Elevator => "5",
                PathwayMode::FareGate => "6",
                PathwayMode::ExitGate => "7",
            },
            flag(pathway.bidirectional),
            &number(pathway.length_m),
            &number(pathway.traversal_s),
            &number(pathway.stairs),
            &number(pathway.max_slope),
            &number(pathway.min_width_m),
            or_empty(&pathway.signposted_as),
            or_empty(&pathway.reversed_signposted_as),
        ])?;
    }
    rows.end()
}

fn transfers(timetable: &Timetable, zip: &mut Zip) -> io::Result<()> {
    if timetable.transfers.is_empty() {
        return Ok(());
    }
    let columns = [
        "from_stop_id",
        "to_stop_id",
        "from_route_id",
        "to_route_id",
        "from_trip_id",
        "to_trip_id",
        "transfer_type",
        "min_transfer_time",
    ];
    let mut rows = Rows::begin(zip, "transfers.txt", &columns)?;
    for rule in &timetable.transfers {
        rows.row([
            rule.from_stop.as_ref().map_or("", |id| &id.0),
            rule.to_stop.as_ref().map_or("", |id| &id.0),
            rule.from_route.as_ref().map_or("", |id| &id.0),
            rule.to_route.as_ref().map_or("", |id| &id.0),
            rule.from_trip.as_ref().map_or("", |id| &id.0),
            rule.to_trip.as_ref().map_or("", |id| &id.0),
            match rule.kind {
                TransferKind::Recommended => "0",
                TransferKind::Timed => "1",
                TransferKind::MinimumTime => "2",
                TransferKind::Impossible => "3",
                TransferKind::InSeat => "4",
                TransferKind::NoInSeat => "5",
            },
            &number(rule.min_transfer_s),
        ])?;
    }
    rows.end()
}

fn feed_info(timetable: &Timetable, zip: &mut Zip) -> io::Result<()> {
    let Some(info) = &timetable.feed_info else { return Ok(()) };
    let columns = [
        "feed_publisher_name",
        "feed_publisher_url",
        "feed_lang",
        "default_lang",
        "feed_start_date",
        "feed_end_date",
        "feed_version",
        "feed_contact_email",
        "feed_contact_url",
    ];
    let mut rows = Rows::begin(zip, "feed_info.txt", &columns)?;
    rows.row([
        &info.publisher_name,
        &info.publisher_url,
        &info.lang,
        or_empty(&info.default_lang),
        &info.start_date.map(date).unwrap_or_default(),
        &info.end_date.map(date).unwrap_or_default(),
        or_empty(&info.version),
        or_empty(&info.contact_email),
        or_empty(&info.contact_url),
    ])?;
    rows.end()
}

fn or_empty(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or_default()
}

fn number(number: Option<impl ToString>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

fn degrees(place: Option<Position>) -> [String; 2] {
    place.map(|at| [at.lat.degrees().to_string(), at.lon.degrees().to_string()]).unwrap_or_default()
}

fn time(seconds: Option<u32>) -> String {
    seconds.map(|s| format!("{:02}:{:02}:{:02}", s / 3_600, s / 60 % 60, s % 60)).unwrap_or_default()
}

fn date(day: Date) -> String {
    format!("{:04}{:02}{:02}", day.year(), day.month(), day.day())
}

fn flag(yes: bool) -> &'static str {
    if yes { "1" } else { "0" }
}

fn tristate(access: WheelchairAccess) -> &'static str {
    match access {
        WheelchairAccess::Unknown => "0",
        WheelchairAccess::Yes => "1",
        WheelchairAccess::No => "2",
    }
}

fn boarding(rule: Boarding) -> &'static str {
    match rule {
        Boarding::Regular => "0",
        Boarding::None => "1",
        Boarding::PhoneAgency => "2",
        Boarding::AskDriver => "3",
    }
}
