//! Sensors with their newest readings.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::app::{App, Shared};
use crate::view::sensor::{SensorFeature, feature};

/// All sensors.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SensorCollection {
    #[serde(rename = "type")]
    kind: &'static str,
    features: Vec<SensorFeature>,
    /// When this was written.
    #[serde(rename = "timeStamp")]
    time_stamp: String,
}

/// Every sensor that ever gave a reading, with the newest of each quantity.
pub fn known(app: &App) -> Vec<SensorFeature> {
    let now = app.now();
    let things = app.things.load();
    let sensors = app.sensors.read().unwrap_or_else(std::sync::PoisonError::into_inner);
    sensors.iter().filter_map(|(key, thing)| feature(key, thing, things.get(&key.to_string()), now)).collect()
}

/// Every sensor that ever gave a reading, with the newest of each quantity.
#[utoipa::path(get, path = "/sensors", tag = "sensors", responses((status = 200, body = SensorCollection)))]
pub async fn sensors(State(app): State<Shared>) -> Json<SensorCollection> {
    Json(SensorCollection { kind: "FeatureCollection", features: known(&app), time_stamp: app.now().to_string() })
}
