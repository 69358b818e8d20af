//! Live state of the fleet: which fix counts, how old it is, what the public may
//! know of it now.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use hashbrown::HashTable;
use misto_model::{Bbox, FixFlag, Instant, VehicleKey, VehicleKind, VehiclePosition, VehicleRegistration};

use misto_model::Precision;

/// How fresh a vehicle's newest fix is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Freshness {
    /// As it should be.
    Live,
    /// Old enough that the vehicle may be elsewhere.
    Stale,
    /// So old that only the last known place can be told.
    Lost,
}

/// Settings of the live state.
#[derive(Debug, Clone, PartialEq)]
pub struct FleetRules {
    /// Up to this age a fix is live.
    pub stale_after_s: f64,
    /// Up to this age it is stale, beyond it lost.
    pub lost_after_s: f64,
    /// Where the city's vehicles are; a fix outside is history only. `None` = anywhere.
    pub city: Option<Bbox>,
    /// How long fixes are remembered so that a delayed publication can show them.
    pub remember_s: f64,
}

/// A clock kept by NTP is put back by less, seconds.
const CLOCK_STEP_S: f64 = 60.0;

/// The most fixes remembered for one vehicle, whatever its rate.
const REMEMBERED_FIXES: usize = 720;

impl FleetRules {
    /// How fresh a fix of this time is now. A fix slightly ahead of the clock is live.
    pub fn freshness(&self, fix_time: Instant, now: Instant) -> Freshness {
        let age_s = now.seconds_since(fix_time);
        if age_s <= self.stale_after_s {
            Freshness::Live
        } else if age_s <= self.lost_after_s {
            Freshness::Stale
        } else {
            Freshness::Lost
        }
    }
}

/// What a fix did to the live state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Observed {
    /// It is the newest of its vehicle.
    Newest,
    /// A newer one is known; live state never goes back in time.
    Older,
    /// It is history only: its clock is wrong or it lies outside the city.
    HistoryOnly,
}

/// What is known of one vehicle.
#[derive(Debug, Clone)]
pub struct KnownVehicle {
    /// The newest fix that counts for live state; `None` when all were history only.
    pub newest: Option<Arc<VehiclePosition>>,
    /// The newest fix of all, by fix time; staff see it even when it is history only.
    pub last_known: Arc<VehiclePosition>,
    /// Seconds between the last two fixes; `None` before the second.
    pub interval_s: Option<f64>,
    /// When it last spoke again after it was lost; `None` when it never was.
    pub found: Option<Found>,
    /// Whether the device said good-bye (OwnTracks `lwt`) after its last fix.
    pub gone: bool,
    /// Kind by the register, else by the newest message that told one.
    pub kind: Option<VehicleKind>,
    recent: VecDeque<Arc<VehiclePosition>>,
}

/// A vehicle that was lost and spoke again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// Time of the fix that ended the silence.
    pub at: Instant,
    /// Seconds since the fix before it.
    pub silent_s: f64,
}

impl KnownVehicle {
    /// Whose.
    pub fn vehicle(&self) -> &VehicleKey {
        &self.last_known.vehicle
    }

    fn new(first: Arc<VehiclePosition>, kind: Option<VehicleKind>) -> Self {
        let recent = VecDeque::new();
        Self { newest: None, last_known: first, interval_s: None, found: None, gone: false, kind, recent }
    }

    /// Takes a fix that is newer than all before it.
    fn move_to(&mut self, fix: Arc<VehiclePosition>, rules: &FleetRules) {
        self.interval_s = self.newest.as_ref().map(|newest| fix.fix_time.seconds_since(newest.fix_time));
        if let Some(silent_s) = self.interval_s.filter(|silent_s| *silent_s > rules.lost_after_s) {
            self.found = Some(Found { at: fix.fix_time, silent_s });
        }
        self.gone = false;
        // Passengers see their vehicles at once; only what is published late is remembered.
        if self.kind.is_some_and(|kind| !kind.is_transit()) {
            remember(&mut self.recent, Arc::clone(&fix), rules.remember_s);
        }
        self.newest = Some(fix);
    }

    /// The newest fix at least `delay_s` old, for delayed publication. It is
    /// measured by fix time and by receipt: a fix that arrives late is not shown early.
    pub fn newest_before(&self, now: Instant, delay_s: f64) -> Option<&VehiclePosition> {
        self.recent
            .iter()
            .rev()
            .find(|fix| now.seconds_since(fix.fix_time) >= delay_s && now.seconds_since(fix.received_at) >= 0.0)
            .map(Arc::as_ref)
    }
}

/// The newest fix of every vehicle ever known.
#[derive(Debug, Default)]
pub struct Fleet {
    /// Found by the key that their newest fix holds anyway. Boxed, because up to half of
    /// a table is empty places.
    vehicles: HashTable<Box<KnownVehicle>>,
    hashes: RandomState,
    register: HashMap<VehicleKey, VehicleRegistration>,
    by_public_id: HashMap<String, VehicleKey>,
}

impl Fleet {
    /// Takes over the city's register; it replaces the former one.
    pub fn set_register(&mut self, register: Vec<VehicleRegistration>) {
        self.by_public_id = register.iter().map(|r| (r.public_id.clone(), r.vehicle.clone())).collect();
        self.register = register.into_iter().map(|r| (r.vehicle.clone(), r)).collect();
        for known in &mut self.vehicles {
            if let Some(kind) = self.register.get(known.vehicle()).and_then(|r| r.kind) {
                known.kind = Some(kind);
            }
        }
    }

    /// The city's register as it was taken over.
    pub fn register(&self) -> impl Iterator<Item = &VehicleRegistration> {
        self.register.values()
    }

    /// What the register says of a vehicle.
    pub fn registration(&self, vehicle: &VehicleKey) -> Option<&VehicleRegistration> {
        self.register.get(vehicle)
    }

    /// The vehicle behind a public id of the register.
    pub fn by_public_id(&self, public_id: &str) -> Option<&VehicleKey> {
        self.by_public_id.get(public_id)
    }

    /// Takes in one fix.
    pub fn observe(&mut self, fix: impl Into<Arc<VehiclePosition>>, rules: &FleetRules) -> Observed {
        let fix = fix.into();
        let counts = counts_for_live_state(&fix, rules);
        let registered = self.register.get(&fix.vehicle).and_then(|r| r.kind);
        let hash = self.hashes.hash_one(&fix.vehicle);
        let Some(known) = self.vehicles.find_mut(hash, |known| *known.vehicle() == fix.vehicle) else {
            let mut known = KnownVehicle::new(Arc::clone(&fix), registered.or(fix.kind));
            let observed = if counts { Observed::Newest } else { Observed::HistoryOnly };
            if counts {
                known.move_to(fix, rules);
            }
            let hashes = &self.hashes;
            self.vehicles.insert_unique(hash, Box::new(known), |known| hashes.hash_one(known.vehicle()));
            return observed;
        };
        known.kind = registered.or(fix.kind).or(known.kind);
        if fix.fix_time.micros() >= known.last_known.fix_time.micros() || clock_was_put_back(&known.last_known, &fix) {
            known.last_known = Arc::clone(&fix);
        }
        if !counts {
            return Observed::HistoryOnly;
        }
        known.newest.take_if(|newest| clock_was_put_back(newest, &fix));
        known.recent.retain(|recent| !clock_was_put_back(recent, &fix));
        if known.newest.as_ref().is_some_and(|newest| fix.fix_time.micros() <= newest.fix_time.micros()) {
            return Observed::Older;
        }
        known.move_to(fix, rules);
        Observed::Newest
    }

    /// The device said good-bye; gives whether the vehicle was known.
    pub fn leave(&mut self, vehicle: &VehicleKey) -> bool {
        let hash = self.hashes.hash_one(vehicle);
        self.vehicles.find_mut(hash, |known| known.vehicle() == vehicle).map(|known| known.gone = true).is_some()
    }

    /// Forgets all vehicles but these.
    pub fn retain(&mut self, keep: impl Fn(&VehicleKey) -> bool) {
        self.vehicles.retain(|known| keep(known.vehicle()));
    }

    /// One vehicle.
    pub fn get(&self, vehicle: &VehicleKey) -> Option<&KnownVehicle> {
        let hash = self.hashes.hash_one(vehicle);
        self.vehicles.find(hash, |known| known.vehicle() == vehicle).map(Box::as_ref)
    }

    /// Every vehicle ever known, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&VehicleKey, &KnownVehicle)> {
        self.vehicles.iter().map(|known| (known.vehicle(), known.as_ref()))
    }

    /// How many vehicles are known.
    pub fn len(&self) -> usize {
        self.vehicles.len()
    }

    /// Whether no vehicle is known.
    pub fn is_empty(&self) -> bool {
        self.vehicles.is_empty()
    }
}

/// Whether a fix may become live at all. Its age is another question
/// ([`FleetRules::freshness`]): an old fix counts, but is lost from the start.
fn counts_for_live_state(fix: &VehiclePosition, rules: &FleetRules) -> bool {
    let in_city = rules.city.is_none_or(|city| city.contains(fix.position));
    in_city && !fix.flags.contains(&FixFlag::ClockWrong)
}

/// Whether `known` was received when our own clock ran ahead: it lies in the future
/// of a fix that came after it. Nothing can be compared with it.
fn clock_was_put_back(known: &VehiclePosition, fix: &VehiclePosition) -> bool {
    let ahead = |at: Instant| at.seconds_since(fix.received_at) > CLOCK_STEP_S;
    ahead(known.received_at) && ahead(known.fix_time)
}

/// Keeps the fixes of the last `remember_s` seconds and one before them.
fn remember(recent: &mut VecDeque<Arc<VehiclePosition>>, fix: Arc<VehiclePosition>, remember_s: f64) {
    let horizon = fix.fix_time;
    recent.push_back(fix);
    while recent.len() > REMEMBERED_FIXES
        || (recent.len() > 1 && horizon.seconds_since(recent[1].fix_time) > remember_s)
    {
        recent.pop_front();
    }
}

/// The moment `seconds` before `now`, whole microseconds.
pub fn seconds_before(now: Instant, seconds: f64) -> Instant {
    Instant::from_micros(now.micros() - (seconds * 1e6) as i64, Precision::Microseconds).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use misto_model::Position;

    fn at(seconds: i64) -> Instant {
        Instant::from_seconds(1_790_000_000 + seconds).unwrap()
    }

    fn fix(vehicle: &str, seconds: i64, lon: f64) -> VehiclePosition {
        VehiclePosition {
            vehicle: vehicle.parse().unwrap(),
            position: Position::new(lon, 48.92).unwrap(),
            fix_time: at(seconds),
            received_at: at(seconds),
            event: "vp".into(),
            speed_m_s: None,
            bearing_deg: None,
            accuracy_m: None,
            odometer_m: None,
            kind: None,
            job: None,
            route: None,
            route_short_name: None,
            direction: None,
            headsign: None,
            trip_start: None,
            operating_day: None,
            next_stop: None,
            delay_s: None,
            doors_open: None,
            occupancy: None,
            plate: None,
            extra: serde_json::Map::new(),
            flags: vec![],
        }
    }

    fn rules() -> FleetRules {
        FleetRules {
            stale_after_s: 60.0,
            lost_after_s: 300.0,
            city: Some(Bbox::new(24.6, 48.8, 24.8, 49.0).unwrap()),
            remember_s: 400.0,
        }
    }

    #[test]
    fn live_state_never_goes_back_in_time() {
        let mut fleet = Fleet::default();
        assert_eq!(fleet.observe(fix("a:1/1", 10, 24.71), &rules()), Observed::Newest);
        assert_eq!(fleet.observe(fix("a:1/1", 5, 24.70), &rules()), Observed::Older);
        assert_eq!(fleet.observe(fix("a:1/1", 10, 24.72), &rules()), Observed::Older);
        let key = "a:1/1".parse().unwrap();
        assert_eq!(fleet.get(&key).unwrap().newest.as_ref().unwrap().position.lon.degrees(), 24.71);
    }

    #[test]
    fn a_fix_of_the_time_when_our_clock_ran_ahead_does_not_stand_for_hours() {
        let mut fleet = Fleet::default();
        let key = "a:1/1".parse().unwrap();
        fleet.observe(fix("a:1/1", 7_200, 24.71), &rules());
        assert_eq!(fleet.observe(fix("a:1/1", 10, 24.72), &rules()), Observed::Newest);
        let known = fleet.get(&key).unwrap();
        assert_eq!(known.newest.as_ref().unwrap().fix_time, at(10));
        assert_eq!((known.last_known.fix_time, known.interval_s), (at(10), None));
        // A tracker ahead of a clock that is right keeps its order.
        let mut ahead = fix("a:1/1", 40, 24.73);
        ahead.received_at = at(11);
        assert_eq!(fleet.observe(ahead, &rules()), Observed::Newest);
        assert_eq!(fleet.observe(fix("a:1/1", 12, 24.74), &rules()), Observed::Older);
    }

    #[test]
    fn live_stale_and_lost_are_three_things() {
        let rules = rules();
        assert_eq!(rules.freshness(at(0), at(60)), Freshness::Live);
        assert_eq!(rules.freshness(at(0), at(61)), Freshness::Stale);
        assert_eq!(rules.freshness(at(0), at(301)), Freshness::Lost);
        assert_eq!(rules.freshness(at(5), at(0)), Freshness::Live);
    }

    #[test]
    fn another_city_and_a_wrong_clock_are_history_only() {
        let mut fleet = Fleet::default();
        assert_eq!(fleet.observe(fix("a:1/1", 0, 25.0), &rules()), Observed::HistoryOnly);
        let mut wrong = fix("a:1/2", 0, 24.7);
        wrong.flags.push(FixFlag::ClockWrong);
        assert_eq!(fleet.observe(wrong, &rules()), Observed::HistoryOnly);
        assert_eq!(fleet.len(), 2, "staff still know both");
        assert!(fleet.iter().all(|(_, known)| known.newest.is_none()));
    }

    #[test]
    fn a_vehicle_that_was_lost_is_found_again() {
        let mut fleet = Fleet::default();
        for seconds in [0, 10, 400, 410] {
            fleet.observe(fix("a:1/1", seconds, 24.7), &rules());
        }
        let known = fleet.get(&"a:1/1".parse().unwrap()).unwrap();
        assert_eq!(known.found, Some(Found { at: at(400), silent_s: 390.0 }));
        assert!(known.recent.is_empty(), "what is published at once needs no memory");
    }

    #[test]
    fn a_delayed_publication_shows_the_fix_of_five_minutes_ago() {
        let mut fleet = Fleet::default();
        for seconds in 0..=600 {
            let plough = VehiclePosition { kind: Some(VehicleKind::Plough), ..fix("a:1/1", seconds, 24.7) };
            fleet.observe(plough, &rules());
        }
        let key = "a:1/1".parse().unwrap();
        let known = fleet.get(&key).unwrap();
        assert_eq!(known.newest_before(at(600), 300.0).unwrap().fix_time, at(300));
        assert!(known.recent.len() <= 403);
        assert_eq!(known.interval_s, Some(1.0));
    }

    #[test]
    fn a_new_truck_is_unknown_to_the_public_for_five_minutes() {
        let mut fleet = Fleet::default();
        fleet.observe(VehiclePosition { kind: Some(VehicleKind::Plough), ..fix("a:1/1", 0, 24.7) }, &rules());
        let key = "a:1/1".parse().unwrap();
        assert!(fleet.get(&key).unwrap().newest_before(at(299), 300.0).is_none());
    }
}
