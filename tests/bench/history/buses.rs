//! The fleet that made the history.

use misto_model::{Bbox, Instant, Position, Precision, VehicleKey, VehicleKind, VehiclePosition};

/// Vehicles.
pub const VEHICLES: usize = 500;
/// Seconds between two fixes.
pub const EVERY_S: usize = 5;
/// Fixes of one vehicle in a day.
pub const DAY_STEPS: usize = 86_400 / EVERY_S;
/// 2026-06-01T00:00:00Z.
const BEGIN: i64 = 1_780_272_000;
/// West and south edge of the city, its width and height, degrees.
pub const CITY: [f64; 4] = [24.62, 48.86, 0.18, 0.12];

/// The moment of a step.
pub fn at(step: usize) -> Instant {
    Instant::from_seconds(BEGIN + (step * EVERY_S) as i64).expect("a moment")
}

/// Name of a vehicle.
pub fn key(vehicle: usize) -> VehicleKey {
    format!("hfp:0018/{}", 10_000 + vehicle).parse().expect("a key")
}

/// From 0 to 1 and back: every place of the city is as likely as another.
fn swing(turns: f64) -> f64 {
    (2.0 * turns.fract() - 1.0).abs()
}

/// Where a vehicle is; `postgis` computes the same.
pub fn position(vehicle: usize, step: usize) -> Position {
    let (v, n) = (vehicle as f64, step as f64);
    let [west, south, width, height] = CITY;
    let lon = west + width * swing(v * 0.618_034 + n * 0.000_37 * (1.0 + v % 7.0));
    let lat = south + height * swing(v * 0.414_214 + n * 0.000_53 * (1.0 + v % 5.0));
    Position::new(lon, lat).expect("a place")
}

/// One fix.
pub fn fix(vehicle: usize, step: usize) -> VehiclePosition {
    let fix_time = at(step);
    let received_at = Instant::from_micros(fix_time.micros() + 900_000, Precision::Microseconds).expect("a moment");
    VehiclePosition {
        vehicle: key(vehicle),
        position: position(vehicle, step),
        fix_time,
        received_at,
        event: "vp".to_owned(),
        speed_m_s: Some(8.2),
        bearing_deg: Some(90.0),
        accuracy_m: None,
        odometer_m: Some(step as f64),
        kind: Some(VehicleKind::Bus),
        job: None,
        route: Some(format!("2{:03}", vehicle % 40)),
        route_short_name: Some(format!("{}", vehicle % 40)),
        direction: Some(0),
        headsign: Some("Вокзал".to_owned()),
        trip_start: Some("11:20".to_owned()),
        operating_day: Some("2026-06-01".to_owned()),
        next_stop: Some("1453120".to_owned()),
        delay_s: Some(20),
        doors_open: Some(false),
        occupancy: None,
        plate: None,
        extra: serde_json::from_str(r#"{"oper":18,"jrn":1,"line":1,"loc":"GPS","journey_type":"journey"}"#)
            .expect("JSON"),
        flags: Vec::new(),
    }
}

/// What is asked.
pub struct Question {
    pub vehicle: Option<usize>,
    pub from: Instant,
    pub to: Instant,
    pub bbox: Option<Bbox>,
}

impl Question {
    /// One whole day of those there are; shorter when there is less.
    pub fn of_day(number: usize, steps: usize) -> Self {
        let first = number % (steps / DAY_STEPS).max(1) * DAY_STEPS;
        Self::of(first, (first + DAY_STEPS - 1).min(steps - 1))
    }

    /// One hour.
    pub fn of_hour(number: usize, steps: usize) -> Self {
        let hour = 3_600 / EVERY_S;
        let first = number * 7 % (steps / hour).max(1) * hour;
        Self::of(first, (first + hour - 1).min(steps - 1))
    }

    fn of(first: usize, last: usize) -> Self {
        Self { vehicle: None, from: at(first), to: at(last), bbox: None }
    }

    /// In a box.
    pub fn within(self, bbox: Bbox) -> Self {
        Self { bbox: Some(bbox), ..self }
    }
}

/// A box so many degrees wide, three quarters as high, somewhere in the city.
pub fn place(number: usize, width: f64) -> Bbox {
    let [west, south, full_width, full_height] = CITY;
    let height = width * 0.75;
    let west = west + (full_width - width) * (number as f64 * 0.618_034).fract();
    let south = south + (full_height - height) * (number as f64 * 0.414_214).fract();
    Bbox::new(west, south, west + width, south + height).expect("a box")
}
