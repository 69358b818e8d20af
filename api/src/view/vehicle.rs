//! Vehicles as GeoJSON features, for the public and for staff.

use misto_city::fleet::{FleetRules, Freshness, KnownVehicle};
use misto_city::publication::{VehiclePublication, pseudonym, vehicle_publication};
use misto_model::{
    Audience, FixFlag, Instant, Job, OccupancyStatus, VehicleKey, VehicleKind, VehiclePosition, VehicleRegistration,
};
use serde::Serialize;

/// A vehicle, one GeoJSON Feature. A property that is absent is unknown.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct VehicleFeature {
    /// `Feature`
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Public id, or for staff `<source>:<operator>/<vehicle>`.
    pub id: String,
    /// Where it was at `fix_time`.
    pub geometry: PointGeometry,
    /// What is known.
    pub properties: VehicleProperties,
}

/// A GeoJSON Point.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PointGeometry {
    /// `Point`
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Longitude, latitude (WGS 84 degrees).
    pub coordinates: [f64; 2],
}

/// What is known of a vehicle. Absent = unknown.
#[derive(Debug, Default, Serialize, utoipa::ToSchema)]
pub struct VehicleProperties {
    /// Kind of vehicle.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    kind: Option<VehicleKind>,
    /// `live`, `stale` or `lost`, by the age of the fix.
    #[schema(value_type = Option<String>)]
    state: Option<Freshness>,
    /// Age of the fix in seconds when this was written.
    age_s: f64,
    /// When the tracker says it was there (RFC 3339, UTC, the source's precision).
    fix_time: String,
    /// Metres per second.
    #[serde(skip_serializing_if = "Option::is_none")]
    speed_m_s: Option<f64>,
    /// Degrees clockwise from north.
    #[serde(skip_serializing_if = "Option::is_none")]
    bearing_deg: Option<f64>,
    /// Route as passengers know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// Route as the source names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    route_id: Option<String>,
    /// GTFS direction, 0 or 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<u8>,
    /// Text on the front.
    #[serde(skip_serializing_if = "Option::is_none")]
    headsign: Option<String>,
    /// Whether one boards without a step.
    #[serde(skip_serializing_if = "Option::is_none")]
    low_floor: Option<bool>,
    /// How full, only where a sensor measured it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    occupancy: Option<OccupancyStatus>,
    /// Seconds behind schedule as the tracker says, positive = late.
    #[serde(skip_serializing_if = "Option::is_none")]
    delay_s: Option<i32>,
    /// Whether doors are open.
    #[serde(skip_serializing_if = "Option::is_none")]
    doors_open: Option<bool>,
    /// Number painted on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    /// Next stop as the source names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_stop: Option<String>,
    /// Seconds between its last two fixes.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_fix_expected_s: Option<f64>,
    /// The public sees this vehicle so many seconds late.
    #[serde(skip_serializing_if = "Option::is_none")]
    delayed_by_s: Option<u32>,
    /// Whether it is invented sample data.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sample: bool,
    /// Staff only.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    staff: Option<StaffProperties>,
}

/// What staff see besides.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct StaffProperties {
    source: String,
    operator: String,
    vehicle: String,
    received_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    plate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operator_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    job: Option<Job>,
    #[serde(skip_serializing_if = "Option::is_none")]
    accuracy_m: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    odometer_m: Option<f64>,
    #[schema(value_type = Vec<String>)]
    flags: Vec<FixFlag>,
    /// The last fix does not count for the live state: wrong clock, or outside the city.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    history_only: bool,
    /// The device said good-bye.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    signed_off: bool,
    #[schema(value_type = Object)]
    extra: serde_json::Map<String, serde_json::Value>,
}

/// What a view needs to know besides the vehicle.
#[derive(Debug, Clone, Copy)]
pub struct Viewing<'a> {
    /// How old is old.
    pub rules: &'a FleetRules,
    /// The public sees lost vehicles up to this age.
    pub forget_after_s: f64,
    /// Makes public ids for vehicles that are not in the register.
    pub secret: &'a [u8; 32],
    /// Now.
    pub now: Instant,
}

impl Viewing<'_> {
    /// The id an audience knows the vehicle by.
    pub fn id(&self, key: &VehicleKey, register: Option<&VehicleRegistration>, audience: Audience) -> String {
        match audience {
            Audience::Staff => key.to_string(),
            Audience::Public => {
                register.map_or_else(|| pseudonym(self.secret, key), |registered| registered.public_id.clone())
            }
        }
    }

    /// The fix that an audience may see now; `None` when it may see none.
    pub fn visible_fix<'k>(&self, known: &'k KnownVehicle, audience: Audience) -> Option<&'k VehiclePosition> {
        if audience == Audience::Staff {
            return Some(&known.last_known);
        }
        let fix = match vehicle_publication(known.kind) {
            VehiclePublication::StaffOnly => None,
            VehiclePublication::Live => known.newest.as_deref(),
            VehiclePublication::Delayed { seconds } => known.newest_before(self.now, f64::from(seconds)),
        }?;
        let forget_after_s = self.forget_after_s + delay_s(known.kind);
        (!known.gone && self.now.seconds_since(fix.fix_time) <= forget_after_s).then_some(fix)
    }

    /// The vehicle as an audience may see it now.
    pub fn feature(
        &self,
        key: &VehicleKey,
        known: &KnownVehicle,
        register: Option<&VehicleRegistration>,
        audience: Audience,
    ) -> Option<VehicleFeature> {
        let fix = self.visible_fix(known, audience)?;
        Some(VehicleFeature {
            kind: "Feature",
            id: self.id(key, register, audience),
            geometry: PointGeometry {
                kind: "Point",
                coordinates: [fix.position.lon.degrees(), fix.position.lat.degrees()],
            },
            properties: self.properties(known, fix, register, audience),
        })
    }

    fn properties(
        &self,
        known: &KnownVehicle,
        fix: &VehiclePosition,
        register: Option<&VehicleRegistration>,
        audience: Audience,
    ) -> VehicleProperties {
        let delay = match (audience, vehicle_publication(known.kind)) {
            (Audience::Public, VehiclePublication::Delayed { seconds }) => Some(seconds),
            _ => None,
        };
        let age_s = self.now.seconds_since(fix.fix_time);
        // A delayed fix is as fresh as it can be at the end of its delay.
        let as_of = misto_city::fleet::seconds_before(self.now, delay.map_or(0.0, f64::from));
        VehicleProperties {
            kind: known.kind,
            state: Some(self.rules.freshness(fix.fix_time, as_of)),
            age_s: (age_s * 10.0).round() / 10.0,
            fix_time: fix.fix_time.to_string(),
            speed_m_s: fix.speed_m_s,
            bearing_deg: fix.bearing_deg,
            route: fix.route_short_name.clone().or_else(|| fix.route.clone()),
            route_id: fix.route.clone(),
            direction: fix.direction,
            headsign: fix.headsign.clone(),
            low_floor: register.and_then(|r| r.low_floor),
            occupancy: fix.occupancy,
            delay_s: fix.delay_s,
            doors_open: fix.doors_open,
            label: register.and_then(|r| r.label.clone()),
            next_stop: fix.next_stop.clone(),
            next_fix_expected_s: known.interval_s.map(|s| (s * 10.0).round() / 10.0),
            delayed_by_s: delay,
            sample: register.is_some_and(|r| r.sample),
            staff: (audience == Audience::Staff).then(|| staff_properties(known, fix, register)),
        }
    }
}

fn delay_s(kind: Option<VehicleKind>) -> f64 {
    match vehicle_publication(kind) {
        VehiclePublication::Delayed { seconds } => f64::from(seconds),
        _ => 0.0,
    }
}

fn staff_properties(
    known: &KnownVehicle,
    fix: &VehiclePosition,
    register: Option<&VehicleRegistration>,
) -> StaffProperties {
    StaffProperties {
        source: fix.vehicle.source().to_string(),
        operator: fix.vehicle.operator().to_owned(),
        vehicle: fix.vehicle.vehicle().to_owned(),
        received_at: fix.received_at.to_string(),
        plate: register.and_then(|r| r.plate.clone()).or_else(|| fix.plate.clone()),
        operator_name: register.and_then(|r| r.operator_name.clone()),
        job: fix.job,
        accuracy_m: fix.accuracy_m,
        odometer_m: fix.odometer_m,
        flags: fix.flags.clone(),
        history_only: known.newest.as_ref().map(|n| n.fix_time) != Some(known.last_known.fix_time),
        signed_off: known.gone,
        extra: fix.extra.clone(),
    }
}
