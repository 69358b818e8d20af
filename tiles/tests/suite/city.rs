//! Collections and features for the tests.

use geo_types::{Coord, Geometry, LineString, Point, Polygon};
use misto_model::{Audience, Collection, Feature, FeatureId, GeometryKind, Property, PropertyType, TileCoord, Version};
use proptest::prelude::*;
use serde_json::json;

pub fn collection(id: &str, audience: Audience) -> Collection {
    let property = |name: &str, kind, audience| Property { name: name.into(), kind, audience };
    Collection {
        id: id.parse().unwrap(),
        title_uk: String::new(),
        title_en: String::new(),
        description: String::new(),
        audience,
        geometry: GeometryKind::Any,
        properties: vec![
            property("name", PropertyType::Text, Audience::Public),
            property("levels", PropertyType::Integer, Audience::Public),
            property("width_m", PropertyType::Real, Audience::Public),
            property("oneway", PropertyType::Boolean, Audience::Public),
            property("rank", PropertyType::Integer, Audience::Public),
            property("keeper", PropertyType::Text, Audience::Staff),
        ],
        sample: false,
        extent: None,
    }
}

pub fn feature(id: i64, geometry: impl Into<Geometry<f64>>) -> Feature {
    let attributes = json!({"name": format!("feature {id}"), "levels": id, "width_m": 2.5, "oneway": id % 2 == 0,
        "rank": null, "keeper": format!("keeper of {id}")});
    Feature {
        id: FeatureId(id),
        version: Version(1),
        geometry: Some(geometry.into()),
        properties: attributes.as_object().unwrap().clone(),
    }
}

/// A place in units of a tile, projected by the formulas of the standard in doubles.
pub fn on_tile(at: TileCoord, place: Coord<f64>) -> [f64; 2] {
    let n = f64::from(1u32 << at.z());
    let lat = place.y.to_radians();
    let x = (place.x + 180.0) / 360.0 * n;
    let y = (1.0 - (lat.tan() + 1.0 / lat.cos()).ln() / std::f64::consts::PI) / 2.0 * n;
    [(x - f64::from(at.x())) * 4096.0, (y - f64::from(at.y())) * 4096.0]
}

/// The tile of a place.
pub fn tile_at(zoom: u32, lon: f64, lat: f64) -> TileCoord {
    let world = on_tile(TileCoord::new(0, 0, 0).unwrap(), Coord { x: lon, y: lat });
    let scale = f64::from(1u32 << zoom) / 4096.0;
    TileCoord::new(zoom, (world[0] * scale) as u32, (world[1] * scale) as u32).unwrap()
}

/// The middle of the test city, degrees.
pub const MIDDLE: (f64, f64) = (24.71, 48.92);

pub fn point() -> impl Strategy<Value = Geometry<f64>> {
    place(0.05).prop_map(|at| Point(at).into())
}

pub fn line() -> impl Strategy<Value = Geometry<f64>> {
    (place(0.05), prop::collection::vec((-0.01..0.01, -0.01..0.01), 1..40)).prop_map(|(start, steps)| {
        let mut at = start;
        let rest = steps.into_iter().map(|(dx, dy)| {
            at = Coord { x: at.x + dx, y: at.y + dy };
            at
        });
        LineString(std::iter::once(start).chain(rest).collect()).into()
    })
}

/// A star around a place, with a smaller star as a hole in every other one: simple rings.
pub fn polygon() -> impl Strategy<Value = Geometry<f64>> {
    (place(0.05), prop::collection::vec(0.5..1.0, 3..60), 1e-5..0.03, any::<bool>()).prop_map(
        |(middle, rays, size, hole)| {
            let count = rays.len() as f64;
            let ring = |size: f64| -> LineString<f64> {
                let spoke = |(i, ray): (usize, &f64)| {
                    let angle = i as f64 / count * std::f64::consts::TAU;
                    Coord { x: middle.x + size * ray * angle.cos(), y: middle.y + size * ray * angle.sin() }
                };
                rays.iter().enumerate().map(spoke).collect()
            };
            // A star of three wide rays may leave the middle; its hole shrinks around the same point and stays within.
            Polygon::new(ring(size), if hole { vec![ring(size * 0.4)] } else { vec![] }).into()
        },
    )
}

pub fn any_shape() -> impl Strategy<Value = Geometry<f64>> {
    prop_oneof![point(), line(), polygon()]
}

fn place(reach: f64) -> impl Strategy<Value = Coord<f64>> {
    (-reach..reach, -reach..reach).prop_map(|(dx, dy)| Coord { x: MIDDLE.0 + dx, y: MIDDLE.1 + dy })
}
