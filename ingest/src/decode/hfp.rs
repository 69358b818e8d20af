//! High-frequency positioning v2 as the Helsinki region publishes it: topic and
//! payload belong together and are both checked.
//!
//! The topic's operator owns the vehicle and is part of its key; the payload's
//! `oper` runs the trip. `dl` counts the other way round (negative = late) and
//! `acc` is acceleration, not accuracy.

mod fields;

use misto_model::{OccupancyStatus, VehicleKind, VehiclePosition};
use serde_json::{Map, Value};

use self::fields::{Fields, Key};
use super::borrowed::Borrowed;
use super::fix::{Context, bearing, length, seconds, set_speed};
use super::refusal::Refusal;
use super::time;

/// Events that carry a position (payload key = upper case).
const EVENTS: [&str; 18] = [
    "vp", "due", "arr", "dep", "ars", "pde", "pas", "wait", "doo", "doc", "tlr", "tla", "da", "dout", "ba", "bout",
    "vja", "vjout",
];
/// Levels of a topic with a trip.
const USUAL_LEVELS: usize = 20;
/// What a traffic-light request or answer must name.
const TRAFFIC_LIGHT_FIELDS: [Key; 3] = [Key::Sid, Key::SignalGroup, Key::TlpRequest];
/// Further fields kept for staff, as the source names them.
const KEPT: [Key; 10] =
    [Key::Oper, Key::Jrn, Key::Line, Key::Loc, Key::Stop, Key::Acc, Key::Seq, Key::Ttarr, Key::Ttdep, Key::Sid];

/// What the topic says.
#[derive(Debug, PartialEq)]
struct Topic<'a> {
    journey_type: &'a str,
    event: &'a str,
    mode: &'a str,
    operator: &'a str,
    vehicle: &'a str,
    trip: Option<TripLevels<'a>>,
    /// The location levels are there and empty: `0////`.
    location_is_empty: bool,
}

/// The levels behind the vehicle; deadruns and sign-offs end before them.
#[derive(Debug, PartialEq)]
struct TripLevels<'a> {
    route: &'a str,
    direction: &'a str,
    headsign: String,
    start: &'a str,
    next_stop: &'a str,
}

/// One fix.
pub(super) fn decode(context: &Context<'_>) -> Result<VehiclePosition, Refusal> {
    let topic = read_topic(context.message.topic)?;
    let payload = Borrowed::parse(context.message.payload)?;
    let fields = Fields::of(&payload, topic.event)?;
    check_named_fields(&fields, &topic)?;

    let tst = fields.text(Key::Tst)?.ok_or_else(|| Refusal::missing("tst", "RFC 3339 time of the fix"))?;
    let told = time::rfc3339("tst", tst)?;
    if topic.location_is_empty {
        return Err(Refusal::no_position("the topic's location is empty (0////): the vehicle has no fix"));
    }
    let position = context.place(("lat", "long"), fields.number(Key::Lat)?, fields.number(Key::Long)?)?;
    let vehicle = context.vehicle("topic", topic.operator, topic.vehicle)?;
    let mut fix = context.fix(vehicle, position, "tst", told, topic.event)?;

    set_speed(&mut fix, fields.number(Key::Spd)?);
    fix.bearing_deg = bearing("hdg", fields.number(Key::Hdg)?)?;
    fix.odometer_m = length("odo", fields.number(Key::Odo)?)?;
    fix.kind = kind(topic.mode).or(fix.kind);
    fix.route_short_name = fields.text(Key::Desi)?.map(str::to_owned);
    fix.operating_day = fields.text(Key::Oday)?.map(str::to_owned);
    fix.delay_s = seconds("dl", fields.number(Key::Dl)?.map(|early| -early))?;
    fix.doors_open = fields.number(Key::Drst)?.map(|open| open == 1.0);
    fix.occupancy = match fields.number(Key::Occu)? {
        // 100 is the driver's "full"; 0 is sent by vehicles that measure nothing.
        Some(100.0) => Some(OccupancyStatus::Full),
        _ => None,
    };
    set_trip(&mut fix, &topic, &fields)?;
    keep_extra(&mut fix, &topic, &fields);
    Ok(fix)
}

fn set_trip(fix: &mut VehiclePosition, topic: &Topic<'_>, fields: &Fields<'_, '_>) -> Result<(), Refusal> {
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let trip = topic.trip.as_ref();
    fix.route = trip.and_then(|t| given(t.route)).or(fields.text(Key::Route)?.map(str::to_owned));
    fix.direction = match trip.map(|t| t.direction).or(fields.text(Key::Dir)?) {
        Some("1") => Some(0),
        Some("2") => Some(1),
        _ => None,
    };
    fix.headsign = trip.and_then(|t| given(&t.headsign));
    fix.trip_start = trip.and_then(|t| given(t.start)).or(fields.text(Key::Start)?.map(str::to_owned));
    // EOL: the end of the line, no stop follows.
    fix.next_stop = trip.and_then(|t| given(t.next_stop)).filter(|stop| stop != "EOL");
    Ok(())
}

fn keep_extra(fix: &mut VehiclePosition, topic: &Topic<'_>, fields: &Fields<'_, '_>) {
    fix.extra = Map::with_capacity(KEPT.len() + 1);
    for key in KEPT {
        if let Some(value) = fields.get(key) {
            fix.extra.insert(key.name().to_owned(), value.to_value());
        }
    }
    // Part of the content: the same vehicle and instant is seen once in a journey and once in a deadrun.
    fix.extra.insert("journey_type".to_owned(), Value::from(topic.journey_type));
}

/// Fields whose values come from a short list; each that cannot be is named.
fn check_named_fields(fields: &Fields<'_, '_>, topic: &Topic<'_>) -> Result<(), Refusal> {
    let mut wrong: Vec<Refusal> = Vec::new();
    let mut allow = |key: Key, fits: bool, right: &str| {
        if !fits {
            let found = fields.get(key).map_or(Value::Null, Borrowed::to_value);
            wrong.push(Refusal::field(key.name(), &found, right));
        }
    };
    allow(Key::Dir, matches!(text(fields, Key::Dir), None | Some("1" | "2")), "\"1\" or \"2\"");
    allow(Key::Drst, matches!(whole(fields, Key::Drst), None | Some(0 | 1)), "0 (closed) or 1 (open)");
    allow(Key::Oday, text(fields, Key::Oday).is_none_or(is_day), "a day as YYYY-MM-DD");
    allow(Key::Start, text(fields, Key::Start).is_none_or(is_hour_and_minute), "a local time as HH:MM");
    allow(
        Key::Loc,
        matches!(text(fields, Key::Loc), None | Some("GPS" | "ODO" | "MAN" | "DR" | "N/A")),
        "GPS, ODO, MAN, DR or N/A",
    );
    allow(Key::Occu, matches!(whole(fields, Key::Occu), None | Some(0..=100)), "0 to 100");
    if fields.get(Key::Veh).is_some() {
        let same = topic.vehicle.parse::<i64>().ok() == whole(fields, Key::Veh);
        if !same {
            allow(Key::Veh, same, &format!("{}, as the topic says", topic.vehicle));
        }
    }
    if let Some(first) = wrong.first() {
        let details: Vec<&str> = wrong.iter().map(|refusal| refusal.detail.as_str()).collect();
        return Err(Refusal::new(first.reason, details.join("; ")));
    }
    if matches!(topic.event, "tlr" | "tla") {
        for key in TRAFFIC_LIGHT_FIELDS {
            if fields.get(key).is_none() {
                return Err(Refusal::missing(
                    key.name(),
                    "a traffic-light message (TLR, TLA) names the junction, the signal group and the request",
                ));
            }
        }
    }
    Ok(())
}

/// The text under a key; a value of another type reads as a text that fits nothing.
fn text<'v>(fields: &Fields<'v, '_>, key: Key) -> Option<&'v str> {
    fields.get(key).map(|value| value.as_str().unwrap_or("\0"))
}

/// The whole number under a key; anything else reads as one that fits nothing.
fn whole(fields: &Fields<'_, '_>, key: Key) -> Option<i64> {
    fields.get(key).map(|value| value.as_i64().unwrap_or(i64::MIN))
}

fn is_day(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

fn is_hour_and_minute(text: &str) -> bool {
    let Some((hour, minute)) = text.split_once(':') else { return false };
    let two = |part: &str, below: u8| {
        part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()) && part.parse::<u8>().is_ok_and(|n| n < below)
    };
    two(hour, 24) && two(minute, 60)
}

fn kind(mode: &str) -> Option<VehicleKind> {
    match mode {
        "bus" | "ubus" => Some(VehicleKind::Bus),
        "trolleybus" => Some(VehicleKind::Trolleybus),
        "tram" => Some(VehicleKind::Tram),
        "train" | "metro" | "ferry" | "robot" => Some(VehicleKind::OtherTransit),
        _ => None,
    }
}

/// `/hfp/v2/<journey type>/<temporal type>/<event>/<mode>/<operator>/<vehicle>[/<route>/…]`.
fn read_topic(topic: &str) -> Result<Topic<'_>, Refusal> {
    let form = |what: &str| {
        Refusal::topic(format!(
            "{what}: /hfp/v2/<journey|deadrun|signoff>/<ongoing|upcoming>/<event>/<mode>/<operator>/<vehicle>/… is expected"
        ))
    };
    let mut levels: Vec<&str> = Vec::with_capacity(USUAL_LEVELS);
    levels.extend(topic.trim_start_matches('/').split('/'));
    let ["hfp", "v2", journey_type, temporal_type, event, mode, operator, vehicle, rest @ ..] = levels.as_slice()
    else {
        return Err(form("too few levels, or not hfp/v2"));
    };
    if !matches!(*journey_type, "journey" | "deadrun" | "signoff") {
        return Err(form(&format!("journey type {journey_type:?}")));
    }
    if !matches!(*temporal_type, "ongoing" | "upcoming") {
        return Err(form(&format!("temporal type {temporal_type:?}")));
    }
    if !EVENTS.contains(event) {
        return Err(Refusal::unsupported(format!("event {event:?} is none of {}", EVENTS.join(", "))));
    }
    if operator.is_empty() || vehicle.is_empty() {
        return Err(form("operator and vehicle must not be empty"));
    }
    let (trip, location_is_empty) = match read_trip(rest) {
        _ if rest.iter().all(|level| level.is_empty()) => (None, false),
        Ok((trip, location_is_empty)) => (Some(trip), location_is_empty),
        // Deadruns and sign-offs may leave out any of the trip's levels.
        Err(_) if *journey_type != "journey" => (None, rest.ends_with(&["0", "", "", "", ""])),
        Err(refusal) => return Err(refusal),
    };
    Ok(Topic { journey_type, event, mode, operator, vehicle, trip, location_is_empty })
}

/// `<route>/<direction>/<headsign>/<start>/<next stop>/<geohash level>/<lat;lon>/<d>/<d>/<d>[/<sid>]`,
/// read from both ends: a headsign may hold slashes.
fn read_trip<'a>(levels: &[&'a str]) -> Result<(TripLevels<'a>, bool), Refusal> {
    let form = || {
        Refusal::topic(
            "behind the vehicle <route>/<1|2>/<headsign>/<HH:mm>/<next stop>/<geohash level>/<lat;lon>/<digits>/<digits>/<digits> is expected",
        )
    };
    let start = (3..levels.len()).rev().find(|at| {
        is_hour_and_minute(levels[*at])
            && levels.get(at + 2).is_some_and(|level| matches!(*level, "0" | "1" | "2" | "3" | "4" | "5"))
    });
    let start = start.ok_or_else(form)?;
    let (route, direction) = (levels[0], levels[1]);
    if !matches!(direction, "1" | "2") {
        return Err(Refusal::topic(format!("direction {direction:?}: 1 or 2 is expected")));
    }
    let location_is_empty = match levels.get(start + 3) {
        Some(location) => location.is_empty(),
        None => return Err(form()),
    };
    let trip = TripLevels {
        route,
        direction,
        headsign: levels[2..start].join("/"),
        start: levels[start],
        next_stop: levels[start + 1],
    };
    Ok((trip, location_is_empty))
}
