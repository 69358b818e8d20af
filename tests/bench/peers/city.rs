//! A city made by lot, always the same for one size: buildings, streets and poles
//! with ten attributes each, on a square whose side grows with the root of the number.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// The middle of the city, degrees.
pub const MIDDLE: (f64, f64) = (24.71, 48.92);
/// Half the side of the city in degrees: 10 km.
pub const REACH: (f64, f64) = (0.137, 0.09);

/// Streets of a city with so many buildings.
pub fn lines(buildings: usize) -> usize {
    buildings / 20
}

/// Poles of a city with so many buildings.
pub fn points(buildings: usize) -> usize {
    buildings / 5
}

/// The next of a fixed row of numbers from 0 to 1 (SplitMix64, Steele et al. 2014).
pub fn lot(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

/// Writes the files; gives each collection's id and file.
pub fn write(folder: &Path, buildings: usize) -> Vec<(&'static str, PathBuf)> {
    vec![
        ("buildings", file(folder, "buildings", buildings, footprint)),
        ("streets", file(folder, "streets", lines(buildings), street)),
        ("poles", file(folder, "poles", points(buildings), pole)),
    ]
}

fn file(folder: &Path, name: &str, count: usize, geometry: fn(u64) -> Value) -> PathBuf {
    let path = folder.join(format!("{name}.geojson"));
    let mut out = BufWriter::new(std::fs::File::create(&path).expect("a file"));
    out.write_all(b"{\"type\":\"FeatureCollection\",\"features\":[").expect("room on the disk");
    for id in 1..=count as u64 {
        let feature = json!({"type": "Feature", "id": id, "geometry": geometry(id), "properties": attributes(id)});
        let comma = if id == 1 { "" } else { ",\n" };
        write!(out, "{comma}{feature}").expect("room on the disk");
    }
    out.write_all(b"]}").expect("room on the disk");
    out.flush().expect("room on the disk");
    path
}

fn attributes(id: u64) -> Value {
    json!({
        "kind": (["residential", "public", "commercial", "industrial"][id as usize % 4]),
        "levels": id % 16 + 1, "address": format!("вул. Вигадана {}, {}", id / 60, id % 60 + 1),
        "year": 1900 + id % 120, "height_m": (id % 160) as f64 * 0.3 + 0.1, "flats": id % 90,
        "heated": id.is_multiple_of(3), "roof": "flat", "material": (["brick", "panel", "timber"][id as usize % 3]),
        "holder": format!("ОСББ {}", id % 700),
    })
}

fn place(state: &mut u64) -> (f64, f64) {
    (MIDDLE.0 + (lot(state) * 2.0 - 1.0) * REACH.0, MIDDLE.1 + (lot(state) * 2.0 - 1.0) * REACH.1)
}

/// Metres from a place, in degrees at that latitude.
fn beside((lon, lat): (f64, f64), east: f64, north: f64) -> Value {
    json!([lon + east / 73_000.0, lat + north / 111_200.0])
}

/// A turned rectangle, every third one with a wing.
fn footprint(id: u64) -> Value {
    let mut state = id;
    let middle = place(&mut state);
    let (width, depth, turn) = (8.0 + lot(&mut state) * 22.0, 8.0 + lot(&mut state) * 8.0, lot(&mut state) * 1.5);
    let corners: &[(f64, f64)] = if id.is_multiple_of(3) {
        &[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.6, 1.0), (0.6, 2.0), (0.0, 2.0), (0.0, 0.0)]
    } else {
        &[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)]
    };
    let corner = |&(u, v): &(f64, f64)| {
        let (u, v) = (u * width, v * depth);
        beside(middle, u * turn.cos() - v * turn.sin(), u * turn.sin() + v * turn.cos())
    };
    json!({"type": "Polygon", "coordinates": [corners.iter().map(corner).collect::<Vec<_>>()]})
}

/// A street of some bends.
fn street(id: u64) -> Value {
    let mut state = id ^ 0x5EED_0001;
    let (mut at, mut heading) = (place(&mut state), lot(&mut state) * std::f64::consts::TAU);
    let bends = 4 + (lot(&mut state) * 16.0) as usize;
    let mut along = Vec::with_capacity(bends);
    for _ in 0..bends {
        along.push(json!([at.0, at.1]));
        heading += lot(&mut state) - 0.5;
        at = (at.0 + 40.0 * heading.cos() / 73_000.0, at.1 + 40.0 * heading.sin() / 111_200.0);
    }
    json!({"type": "LineString", "coordinates": along})
}

fn pole(id: u64) -> Value {
    let at = place(&mut (id ^ 0x5EED_0002));
    json!({"type": "Point", "coordinates": [at.0, at.1]})
}
