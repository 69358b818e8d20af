//! The city's GTFS-Realtime feeds, encoded once for each look at the fleet.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use bytes::Bytes;
use jiff::Timestamp;
use jiff::civil::Date;
use misto_city::transit::{Network, Predicted, Range, Run, ServiceState};
use misto_ingest::gtfs_realtime::{
    Alert, Cause, Effect, EntitySelector, FeedEntity, FeedHeader, FeedMessage, Incrementality, OccupancyStatus,
    Position, StopRelationship, StopTimeEvent, StopTimeUpdate, TimeRange, TranslatedString, Translation,
    TripDescriptor, TripRelationship, TripUpdate, VERSION, VehicleDescriptor, VehiclePosition, VehicleStopStatus,
    WheelchairAccessible,
};
use misto_model::OccupancyStatus as Occupancy;
use misto_tiles::Encoding;
use prost::Message;

use super::alerts::{StandingAlert, Translated};
use super::shown::OnDuty;

/// A vehicle that was heard of longer ago is not in the feeds (GTFS-Realtime best practices: data
/// should not be older than 90 seconds, when it is read: five seconds may pass until the next look).
const FRESH_S: f64 = 85.0;
/// A vehicle farther from its trip's shape is told without the trip (validator rule E029).
const BESIDE_SHAPE_M: f64 = 200.0;

/// One feed in its two forms, each in every coding that somebody asked for. Whoever asks is
/// given the same bytes.
#[derive(Debug)]
pub struct Feed {
    /// When it was made, POSIX seconds.
    pub made_at_s: u64,
    protobuf: Bytes,
    /// Of the protobuf's bytes.
    tag: String,
    json: OnceLock<Bytes>,
    packed: [[OnceLock<Option<Bytes>>; Encoding::ALL.len()]; 2],
}

/// How a feed is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Protocol buffers.
    Protobuf,
    /// JSON with the names of the specification's JSON mapping.
    Json,
}

/// A feed as it is sent.
#[derive(Debug, Clone)]
pub struct Written {
    /// In the coding below.
    pub bytes: Bytes,
    /// What they are encoded in.
    pub encoding: Encoding,
    /// Strong, of form and coding (RFC 9110, 8.8.3).
    pub etag: String,
}

impl Feed {
    fn new(made_at_s: u64, entity: Vec<FeedEntity>) -> Self {
        let header = FeedHeader {
            gtfs_realtime_version: VERSION.to_owned(),
            incrementality: Some(Incrementality::FullDataset as i32),
            timestamp: Some(made_at_s),
        };
        let protobuf = Bytes::from(FeedMessage { header, entity }.encode_to_vec());
        let tag = blake3::hash(&protobuf).to_hex()[..32].to_owned();
        Self { made_at_s, protobuf, tag, json: OnceLock::new(), packed: Default::default() }
    }

    /// The feed in a form and a coding, made when somebody first asks; as it is where it
    /// cannot be packed.
    pub fn written(&self, form: Form, encoding: Encoding) -> Written {
        let packed = self.packed[form as usize][encoding as usize].get_or_init(|| {
            let packed = encoding.apply(&self.plain(form));
            packed.inspect_err(|cause| tracing::warn!(%cause, "a feed cannot be compressed")).ok()
        });
        let (bytes, encoding) = match packed {
            Some(bytes) => (bytes.clone(), encoding),
            None => (self.plain(form), Encoding::Identity),
        };
        let form = if form == Form::Json { "j" } else { "" };
        Written { bytes, encoding, etag: format!("\"{form}{}{}\"", self.tag, encoding.tag_suffix()) }
    }

    fn plain(&self, form: Form) -> Bytes {
        match form {
            Form::Protobuf => self.protobuf.clone(),
            Form::Json => self.json.get_or_init(|| self.as_json()).clone(),
        }
    }

    fn as_json(&self) -> Bytes {
        let feed = FeedMessage::decode(self.protobuf.clone()).unwrap_or_default();
        serde_json::to_vec(&feed).unwrap_or_default().into()
    }
}

/// The three feeds of one moment.
#[derive(Debug)]
pub struct Feeds {
    /// Where vehicles are.
    pub vehicle_positions: Feed,
    /// When they arrive.
    pub trip_updates: Feed,
    /// Notices.
    pub alerts: Feed,
}

impl Feeds {
    /// Encodes the feeds; `made_at_s` must be later than that of the feeds before (rules E017, E018).
    pub fn new(
        made_at_s: u64,
        network: &Network,
        vehicles: &[OnDuty],
        alerts: &[StandingAlert],
        cancelled: &BTreeSet<Run>,
    ) -> Self {
        let now = made_at_s as f64;
        let fresh = |one: &&OnDuty| now - one.fix.fix_time.micros() as f64 / 1e6 <= FRESH_S;
        let seen = || vehicles.iter().filter(fresh);
        let positions = seen().map(|one| position(network, one, made_at_s)).collect();
        let mut by_age: Vec<&OnDuty> = seen().collect();
        by_age.sort_by_key(|one| std::cmp::Reverse(one.fix.fix_time.micros()));
        let mut told = BTreeSet::new();
        let mut predicted = Vec::new();
        for is_next in [false, true] {
            for one in &by_age {
                predicted.extend(updates(network, one, is_next, (cancelled, &mut told), made_at_s));
            }
        }
        predicted.sort_by(|a, b| a.id.cmp(&b.id));
        let updates =
            predicted.into_iter().chain(cancelled.iter().map(|run| cancellation(network, *run, made_at_s))).collect();
        let kinds: BTreeSet<u16> = network.timetable().routes.values().map(|route| route.route_type).collect();
        let alerts = alerts.iter().map(|standing| alert(standing, &kinds)).collect();
        Self {
            vehicle_positions: Feed::new(made_at_s, positions),
            trip_updates: Feed::new(made_at_s, updates),
            alerts: Feed::new(made_at_s, alerts),
        }
    }
}

fn position(network: &Network, one: &OnDuty, made_at_s: u64) -> FeedEntity {
    let fix = &one.fix;
    let told = one.run_told().filter(|_| {
        let pattern = one.assignment.pattern.map(|pattern| network.pattern(pattern));
        pattern.is_some_and(|pattern| pattern.line.project(fix.position).off_m < BESIDE_SHAPE_M)
    });
    let call = told.and_then(|run| {
        let call = one.assignment.next_call?;
        Some((network.trip(run.trip).stop_times.get(call)?, one.stands_at_stop(network)))
    });
    let vehicle = VehiclePosition {
        trip: told.map(|run| descriptor(network, run)),
        vehicle: Some(vehicle(one)),
        position: Some(Position {
            latitude: fix.position.lat.degrees() as f32,
            longitude: fix.position.lon.degrees() as f32,
            bearing: fix.bearing_deg.map(|deg| deg as f32),
            odometer: fix.odometer_m,
            speed: fix.speed_m_s.map(|speed| speed as f32),
        }),
        current_stop_sequence: call.map(|(call, _)| call.sequence),
        stop_id: call.map(|(call, _)| call.stop.0.clone()),
        current_status: call.map(|(_, stands)| {
            if stands { VehicleStopStatus::StoppedAt as i32 } else { VehicleStopStatus::InTransitTo as i32 }
        }),
        timestamp: Some(measured_s(one, made_at_s)),
        occupancy_status: fix.occupancy.map(|occupancy| match occupancy {
            Occupancy::Empty => OccupancyStatus::Empty as i32,
            Occupancy::ManySeatsAvailable => OccupancyStatus::ManySeatsAvailable as i32,
            Occupancy::FewSeatsAvailable => OccupancyStatus::FewSeatsAvailable as i32,
            Occupancy::StandingRoomOnly => OccupancyStatus::StandingRoomOnly as i32,
            Occupancy::CrushedStandingRoomOnly => OccupancyStatus::CrushedStandingRoomOnly as i32,
            Occupancy::Full => OccupancyStatus::Full as i32,
        }),
    };
    FeedEntity { id: format!("v:{}", one.public_id), vehicle: Some(vehicle), ..FeedEntity::default() }
}

/// When the vehicle was measured: a tracker's clock may run a little ahead of ours,
/// but nothing of a feed is younger than the feed (rule E012).
fn measured_s(one: &OnDuty, made_at_s: u64) -> u64 {
    u64::try_from(one.fix.fix_time.micros().div_euclid(1_000_000)).unwrap_or_default().min(made_at_s)
}

fn vehicle(one: &OnDuty) -> VehicleDescriptor {
    let accessible = match one.low_floor {
        Some(true) => WheelchairAccessible::Accessible,
        Some(false) => WheelchairAccessible::Inaccessible,
        None => WheelchairAccessible::Unknown,
    };
    VehicleDescriptor {
        id: Some(one.public_id.clone()),
        label: one.label.clone(),
        license_plate: None,
        wheelchair_accessible: Some(accessible as i32),
    }
}

fn descriptor(network: &Network, run: Run) -> TripDescriptor {
    let trip = network.trip(run.trip);
    TripDescriptor {
        trip_id: Some(trip.id.0.clone()),
        route_id: Some(trip.route.0.clone()),
        direction_id: trip.direction.map(u32::from),
        start_time: None,
        start_date: Some(date(run.day)),
        schedule_relationship: Some(TripRelationship::Scheduled as i32),
    }
}

fn date(day: Date) -> String {
    format!("{:04}{:02}{:02}", day.year(), day.month(), day.day())
}

/// Updates of the run that a vehicle drives, or of those that it will drive next. A run has
/// one: of two vehicles that claim it the one that is on it already, then the one that
/// spoke last, as on the boards.
fn updates(
    network: &Network,
    one: &OnDuty,
    is_next: bool,
    (cancelled, told): (&BTreeSet<Run>, &mut BTreeSet<Run>),
    made_at_s: u64,
) -> Vec<FeedEntity> {
    if one.assignment.state == ServiceState::OffRoute {
        return Vec::new();
    }
    let mut entities = Vec::new();
    for ahead in one.predicted.chunk_by(|a, b| a.run == b.run) {
        let Some(run) = ahead[0].run.filter(|run| !cancelled.contains(run) && !told.contains(run)) else { continue };
        if (one.assignment.run != Some(run)) != is_next {
            continue;
        }
        let mut stops: Vec<StopTimeUpdate> =
            ahead.iter().filter_map(|predicted| stop_time(network, run, predicted)).collect();
        one_after_the_other(&mut stops);
        // A trip whose last arrival is this very second has nothing ahead to tell.
        let is_ahead = |event: &StopTimeEvent| event.time.is_some_and(|time| time > made_at_s.cast_signed());
        if !stops.iter().flat_map(|stop| [stop.arrival, stop.departure]).flatten().any(|event| is_ahead(&event)) {
            continue;
        }
        let update = TripUpdate {
            trip: descriptor(network, run),
            vehicle: Some(vehicle(one)),
            stop_time_update: stops,
            timestamp: Some(measured_s(one, made_at_s)),
            delay: None,
        };
        let id = update_id(network, run);
        told.insert(run);
        entities.push(FeedEntity { id, trip_update: Some(update), ..FeedEntity::default() });
    }
    entities
}

/// A run has one update, whatever becomes of it.
fn update_id(network: &Network, run: Run) -> String {
    format!("t:{}:{}", network.trip(run.trip).id, date(run.day))
}

/// A run that does not take place.
fn cancellation(network: &Network, run: Run, made_at_s: u64) -> FeedEntity {
    let relation = Some(TripRelationship::Canceled as i32);
    let update = TripUpdate {
        trip: TripDescriptor { schedule_relationship: relation, ..descriptor(network, run) },
        vehicle: None,
        stop_time_update: Vec::new(),
        timestamp: Some(made_at_s),
        delay: None,
    };
    FeedEntity { id: update_id(network, run), trip_update: Some(update), ..FeedEntity::default() }
}

/// Nobody is at two stops in one second (validator rule E022). Of a vehicle whose last fix is old
/// several stops may be due just now: each comes a second after the one before.
fn one_after_the_other(stops: &mut [StopTimeUpdate]) {
    let mut before: Option<i64> = None;
    for stop in stops {
        let mut earliest = before.map(|before| before + 1);
        for event in [&mut stop.arrival, &mut stop.departure].into_iter().flatten() {
            let Some(time) = event.time else { continue };
            let at = earliest.map_or(time, |earliest| time.max(earliest));
            let later_s = i32::try_from(at - time).unwrap_or(i32::MAX);
            (event.time, event.delay) = (Some(at), event.delay.map(|delay| delay.saturating_add(later_s)));
            (before, earliest) = (Some(at), Some(at));
        }
    }
}

fn stop_time(network: &Network, run: Run, predicted: &Predicted) -> Option<StopTimeUpdate> {
    let call = network.trip(run.trip).stop_times.get(predicted.call)?;
    let planned = network.planned(run, predicted.call)?;
    let event = |range: &Range, planned: Timestamp| {
        let time = range.likely.micros().div_euclid(1_000_000);
        let half_s = range.latest.seconds_since(range.earliest) / 2.0;
        StopTimeEvent {
            delay: i32::try_from(time - planned.as_second()).ok(),
            time: Some(time),
            uncertainty: Some(half_s.round() as i32),
        }
    };
    let is_first = predicted.call == 0;
    let is_last = predicted.call + 1 == network.trip(run.trip).stop_times.len();
    Some(StopTimeUpdate {
        stop_sequence: Some(call.sequence),
        stop_id: Some(call.stop.0.clone()),
        arrival: (!is_first).then(|| event(&predicted.arrival, planned.arrival)),
        departure: (!is_last).then(|| event(&predicted.departure, planned.departure)),
        schedule_relationship: Some(StopRelationship::Scheduled as i32),
    })
}

fn alert(standing: &StandingAlert, kinds: &BTreeSet<u16>) -> FeedEntity {
    let notice = &standing.alert;
    let seconds = |at: Option<misto_model::Instant>| at.and_then(|at| u64::try_from(at.timestamp().as_second()).ok());
    let period = TimeRange { start: seconds(notice.from), end: seconds(notice.until) };
    let routes = notice.routes.iter().map(|route| EntitySelector { route_id: Some(route.0.clone()), ..<_>::default() });
    let stops = notice.stops.iter().map(|stop| EntitySelector { stop_id: Some(stop.0.clone()), ..<_>::default() });
    let mut informed_entity: Vec<EntitySelector> = routes.chain(stops).collect();
    if informed_entity.is_empty() {
        // The whole network: every kind of route in it.
        let of_kind = |kind: &u16| EntitySelector { route_type: Some(i32::from(*kind)), ..<_>::default() };
        informed_entity.extend(kinds.iter().map(of_kind));
    }
    let alert = Alert {
        active_period: if period.start.or(period.end).is_some() { vec![period] } else { vec![] },
        informed_entity,
        cause: notice.cause.as_deref().and_then(Cause::of_name).map(|cause| cause as i32),
        effect: notice.effect.as_deref().and_then(Effect::of_name).map(|effect| effect as i32),
        url: None,
        header_text: translated(&notice.header),
        description_text: translated(&notice.description),
    };
    FeedEntity { id: format!("a:{}", standing.id), alert: Some(alert), ..FeedEntity::default() }
}

fn translated(text: &Translated) -> Option<TranslatedString> {
    let translation: Vec<Translation> = text
        .texts()
        .map(|(language, text)| Translation { text: text.to_owned(), language: Some(language.to_owned()) })
        .collect();
    (!translation.is_empty()).then_some(TranslatedString { translation })
}

#[cfg(test)]
mod tests;
