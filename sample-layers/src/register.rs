//! The register of the demo fleet and the demo sensors, from `fleet.json`.

use misto_model::{Position, SourceId, VehicleRegistration};
use serde::{Deserialize, Serialize};

/// One measured quantity of a sensor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SampleDatastream {
    /// As the decoder names it: the key in `decoded_payload`, or `result`.
    pub observed_property: String,
    /// Name in Ukrainian.
    pub name_uk: String,
    /// Name in English.
    pub name_en: String,
    /// Unit symbol.
    pub unit: String,
}

/// A demo sensor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SampleSensor {
    /// Source of its messages: `tts` or `sensorthings`.
    pub source: SourceId,
    /// Thing as the decoder names it: the device id, or `Datastreams(N)`.
    pub thing: String,
    /// Name in Ukrainian.
    pub name_uk: String,
    /// Name in English.
    pub name_en: String,
    /// Where it stands.
    pub position: Position,
    /// What it measures.
    pub datastreams: Vec<SampleDatastream>,
}

/// How a vehicle of the demo fleet reports and what it drives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DemoVehicle {
    /// Its entry in the register.
    pub registration: VehicleRegistration,
    /// `block_id` of the timetable that it serves every day; utility vehicles have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block: Option<String>,
    /// The loop that a utility vehicle drives, degrees, longitude first; first and last place are the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub circuit: Vec<[f64; 2]>,
}

/// Contents of `fleet.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DemoFleet {
    /// Buses and trolleybuses, then utility vehicles.
    pub vehicles: Vec<DemoVehicle>,
    /// Sensors.
    pub sensors: Vec<SampleSensor>,
}

/// Reads the file that is part of this crate; empty when it is not valid, which a test rules out.
pub(crate) fn demo_fleet() -> DemoFleet {
    serde_json::from_str(include_str!("../fleet.json"))
        .unwrap_or(DemoFleet { vehicles: Vec::new(), sensors: Vec::new() })
}

/// The vehicles of the demo city, with public ids that are neither IMEI nor plate.
pub fn register() -> Vec<VehicleRegistration> {
    demo_fleet().vehicles.into_iter().map(|v| v.registration).collect()
}

/// The sensors of the demo city.
pub fn sensors() -> Vec<SampleSensor> {
    demo_fleet().sensors
}
