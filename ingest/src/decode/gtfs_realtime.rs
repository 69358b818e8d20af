//! GTFS-Realtime of somebody else (gtfs.org/documentation/realtime/reference): bytes to vehicles,
//! trips and alerts.
//!
//! A feed is read entity by entity, so that one broken entity costs itself only, and bytes that
//! claim a million things never become a million values at once. What is wrong is told by the
//! entity's id; a field that is not needed is left out and told, one that is needed takes its
//! entity with it.

use std::collections::HashSet;

use jiff::tz::TimeZone;
use misto_model::{
    Bbox, FeedName, Instant, RejectionReason, ServiceAlert, SourceId, TripUpdate, VehicleKey, VehiclePosition,
};
use prost::Message as _;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

use super::Message;
use super::fix::{Context, Settings};
use super::refusal::Refusal;
use super::time;
use crate::gtfs_realtime::{FeedEntity, FeedHeader, Incrementality};

mod alert;
mod trip;
mod vehicle;

/// The largest agencies' feeds are a tenth of it.
pub const MAX_FEED_BYTES: usize = 16 << 20;
/// One trip with every field for a hundred stops, or an alert in ten languages, is a tenth of it.
const MAX_ENTITY_BYTES: usize = 256 << 10;
/// A feed of more things is none of a city.
const MAX_ENTITIES: usize = 200_000;
/// Calls and informed entities of a whole feed: what is short on the wire is long in memory.
const MAX_PARTS: usize = 500_000;
/// So many problems are told, all are counted.
const MAX_PROBLEMS: usize = 200;

/// Whose feed it is.
#[derive(Debug, Clone)]
pub struct RealtimeSource {
    /// Source of its vehicles.
    pub source: SourceId,
    /// The GTFS feed whose ids it speaks of.
    pub feed: FeedName,
    /// Where its vehicles must be.
    pub bounds: Option<Bbox>,
    /// Seconds by which its times may lie ahead of receipt.
    pub clock_tolerance_s: f64,
}

/// Something in a feed that was not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityProblem {
    /// The entity's id; `header` for the feed's own fields; its number (`#3`) when it has no id.
    pub entity: String,
    /// Which field, what was found, what would be right.
    pub refusal: Refusal,
}

/// What a feed said.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RealtimeFeed {
    /// When it was made.
    pub made_at: Option<Instant>,
    /// Whether it replaces what the feed said before; `false` = only what changed.
    pub whole: bool,
    /// Vehicles, each once.
    pub positions: Vec<VehiclePosition>,
    /// Trips.
    pub trip_updates: Vec<TripUpdate>,
    /// Notices.
    pub alerts: Vec<ServiceAlert>,
    /// Ids of entities that are gone, in a feed that tells what changed.
    pub deleted: Vec<String>,
    /// How many entities there were.
    pub entities: u64,
    /// The first of what could not be used.
    pub problems: Vec<EntityProblem>,
    /// How many problems there were.
    pub problems_total: u64,
}

impl RealtimeFeed {
    fn problem(&mut self, entity: &str, refusal: Refusal) {
        self.problems_total += 1;
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(EntityProblem { entity: entity.chars().take(128).collect(), refusal });
        }
    }
}

/// Reads a whole feed.
///
/// # Errors
/// When the bytes are no feed: too long, broken off, without a header, or of another version.
pub fn decode(bytes: &[u8], from: &RealtimeSource, received_at: Instant) -> Result<RealtimeFeed, Refusal> {
    if bytes.len() > MAX_FEED_BYTES {
        let detail = format!("the feed has {} bytes, at most {MAX_FEED_BYTES} are read", bytes.len());
        return Err(Refusal::new(RejectionReason::TooLarge, detail));
    }
    let (header, entities) = parts(bytes)?;
    let settings =
        Settings { bounds: from.bounds, zone: TimeZone::UTC, clock_tolerance_s: from.clock_tolerance_s, kind: None };
    let message = Message { topic: "", payload: bytes, retained: false, received_at };
    let reading =
        Reading { context: Context { source: &from.source, settings: &settings, message: &message }, feed: &from.feed };
    let mut found = RealtimeFeed { entities: entities.len() as u64, ..RealtimeFeed::default() };
    let mut seen = Seen::default();
    reading.header(&header, &mut found)?;
    for (number, entity) in entities.into_iter().enumerate() {
        reading.entity(number, entity, &mut seen, &mut found);
    }
    Ok(found)
}

/// The header and the bytes of each entity; nothing is copied.
fn parts(bytes: &[u8]) -> Result<(FeedHeader, Vec<&[u8]>), Refusal> {
    let broken = |e: &dyn std::fmt::Display| {
        let detail = format!("the bytes are no GTFS-Realtime feed (FeedMessage): {e}");
        Refusal::new(RejectionReason::InvalidField, detail)
    };
    let (mut rest, mut header, mut entities) = (bytes, None, Vec::new());
    while !rest.is_empty() {
        let (tag, kind) = decode_key(&mut rest).map_err(|e| broken(&e))?;
        if kind != WireType::LengthDelimited || !matches!(tag, 1 | 2) {
            skip_field(kind, tag, &mut rest, DecodeContext::default()).map_err(|e| broken(&e))?;
            continue;
        }
        let length = decode_varint(&mut rest).map_err(|e| broken(&e))?;
        let length = usize::try_from(length).ok().filter(|length| *length <= rest.len());
        let Some(length) = length else { return Err(broken(&"it breaks off in the middle")) };
        let (part, after) = rest.split_at(length);
        rest = after;
        match tag {
            1 => header = Some(FeedHeader::decode(part).map_err(|e| broken(&e))?),
            _ if entities.len() == MAX_ENTITIES => {
                let detail = format!("the feed has more than {MAX_ENTITIES} entities");
                return Err(Refusal::new(RejectionReason::TooLarge, detail));
            }
            _ => entities.push(part),
        }
    }
    header.map(|header| (header, entities)).ok_or_else(|| broken(&"it has no header"))
}

/// What stood in the feed already.
#[derive(Default)]
struct Seen {
    entities: HashSet<String>,
    vehicles: HashSet<VehicleKey>,
    parts: usize,
}

impl Seen {
    /// Takes account of what an entity is made of.
    fn add(&mut self, field: &str, parts: usize) -> Result<(), Refusal> {
        self.parts = self.parts.saturating_add(parts);
        if self.parts <= MAX_PARTS {
            return Ok(());
        }
        let detail = format!("{field}: the feed has more than {MAX_PARTS} calls and informed entities so far");
        Err(Refusal::new(RejectionReason::TooLarge, detail))
    }
}

/// A feed while it is read.
struct Reading<'a> {
    context: Context<'a>,
    feed: &'a FeedName,
}

impl Reading<'_> {
    fn header(&self, header: &FeedHeader, found: &mut RealtimeFeed) -> Result<(), Refusal> {
        let version = header.gtfs_realtime_version.as_str();
        if !matches!(version, "1.0" | "2.0") {
            return Err(Refusal::field("header.gtfs_realtime_version", &format_args!("{version:?}"), "2.0 or 1.0"));
        }
        let made_at = header.timestamp.map(|seconds| self.moment("header.timestamp", seconds as f64)).transpose();
        match made_at {
            Ok(at) => found.made_at = at,
            Err(refusal) => found.problem("header", refusal),
        }
        found.whole = header.incrementality != Some(Incrementality::Differential as i32);
        Ok(())
    }

    fn entity(&self, number: usize, bytes: &[u8], seen: &mut Seen, found: &mut RealtimeFeed) {
        let own = format!("#{number}");
        if bytes.len() > MAX_ENTITY_BYTES {
            let detail = format!("the entity has {} bytes, at most {MAX_ENTITY_BYTES} are read", bytes.len());
            return found.problem(&own, Refusal::new(RejectionReason::TooLarge, detail));
        }
        let entity = match FeedEntity::decode(bytes) {
            Ok(entity) => entity,
            Err(e) => {
                let detail = format!("the entity cannot be read: {e}");
                return found.problem(&own, Refusal::new(RejectionReason::InvalidField, detail));
            }
        };
        let id = if entity.id.is_empty() { own } else { entity.id.clone() };
        if let Err(refusal) = checked("id", &entity.id) {
            return found.problem(&id, refusal);
        }
        if entity.id.is_empty() {
            found.problem(&id, Refusal::missing("id", "every entity has one that stays the same"));
        }
        if !seen.entities.insert(id.clone()) {
            return found.problem(&id, Refusal::field("id", &id, "an id that no other entity of the feed has"));
        }
        if entity.is_deleted == Some(true) {
            return found.deleted.push(id);
        }
        if entity.vehicle.is_none() && entity.trip_update.is_none() && entity.alert.is_none() {
            let detail = "the entity is neither a vehicle nor a trip update nor an alert";
            found.problem(&id, Refusal::unsupported(detail));
        }
        if let Some(vehicle) = &entity.vehicle {
            vehicle::read(self, &id, vehicle, seen, found);
        }
        if let Some(update) = &entity.trip_update {
            trip::read(self, &id, update, seen, found);
        }
        if let Some(alert) = &entity.alert {
            alert::read(self, &id, alert, seen, found);
        }
    }

    /// An id of the feed as the city's timetable has it.
    fn id(&self, field: &str, id: &Option<String>) -> Result<Option<String>, Refusal> {
        let Some(id) = id.as_deref().filter(|id| !id.is_empty()) else { return Ok(None) };
        checked(field, id)?;
        Ok(Some(self.feed.id(id)))
    }

    /// A moment that may have been; the future is not refused here.
    fn any_moment(field: &str, seconds: f64) -> Result<Instant, Refusal> {
        let told = time::posix_seconds(field, seconds)?;
        if time::clock_is_wrong(told.at) {
            return Err(Refusal::field(field, &seconds, "seconds since 1970, after the year 2000"));
        }
        Ok(told.at)
    }

    /// A moment of something that has happened.
    fn moment(&self, field: &str, seconds: f64) -> Result<Instant, Refusal> {
        let at = Self::any_moment(field, seconds)?;
        self.context.clock(field, at)?;
        Ok(at)
    }
}

/// A text that is part of a key.
fn checked(field: &str, text: &str) -> Result<(), Refusal> {
    super::fix::key_text(field, text)
}

#[cfg(test)]
mod tests;
