//! Tiles, edits and questions over a city of 150 000 footprints with ten attributes
//! each, on 20 × 20 km. `cargo bench -p misto-tiles`.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

use divan::Bencher;
use divan::counter::ItemsCount;
use geo_types::{Coord, LineString, Polygon};
use misto_model::{
    Audience, Collection, CollectionId, Feature, FeatureId, GeometryKind, Position, Property, PropertyType, TileCoord,
    Version,
};
use misto_tiles::{Atlas, Encoding, Loading};
use serde_json::json;

const FOOTPRINTS: i64 = 150_000;
const MIDDLE: (f64, f64) = (24.71, 48.92);
/// Half of 20 km in degrees at that latitude.
const REACH: (f64, f64) = (0.137, 0.09);

/// The next of a fixed row of numbers from 0 to 1 (SplitMix64, Steele et al. 2014).
fn lot(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

/// A turned rectangle, every third one with a wing.
fn footprint(id: i64) -> Feature {
    let mut state = id as u64;
    let mut between = |low: f64, high: f64| low + lot(&mut state) * (high - low);
    let (lon, lat) = (MIDDLE.0 + between(-REACH.0, REACH.0), MIDDLE.1 + between(-REACH.1, REACH.1));
    let (width, depth, turn) = (between(8.0, 30.0), between(8.0, 16.0), between(0.0, 1.5));
    let corners: &[(f64, f64)] = if id % 3 == 0 {
        &[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.6, 1.0), (0.6, 2.0), (0.0, 2.0), (0.0, 0.0)]
    } else {
        &[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)]
    };
    let place = |&(u, v): &(f64, f64)| {
        let (east, north) =
            (u * width * turn.cos() - v * depth * turn.sin(), u * width * turn.sin() + v * depth * turn.cos());
        Coord { x: lon + east / 73_000.0, y: lat + north / 111_200.0 }
    };
    let attributes = json!({
        "kind": (["residential", "public", "commercial", "industrial"][id as usize % 4]),
        "levels": id % 16 + 1, "address": format!("вул. Вигадана {}, {}", id / 60, id % 60 + 1), "year": 1900 + id % 120,
        "height_m": (id % 160) as f64 * 0.3, "flats": id % 90, "heated": id % 3 == 0, "roof": "flat",
        "material": (["brick", "panel", "timber"][id as usize % 3]), "holder": format!("ОСББ {}", id % 700)
    });
    Feature {
        id: FeatureId(id),
        version: Version(1),
        geometry: Some(Polygon::new(LineString(corners.iter().map(place).collect()), vec![]).into()),
        properties: attributes.as_object().cloned().unwrap_or_default(),
    }
}

fn buildings() -> Collection {
    use PropertyType::{Boolean, Integer, Real, Text};
    let kinds = [
        ("kind", Text),
        ("levels", Integer),
        ("address", Text),
        ("year", Integer),
        ("height_m", Real),
        ("flats", Integer),
        ("heated", Boolean),
        ("roof", Text),
        ("material", Text),
        ("holder", Text),
    ];
    Collection {
        id: id(),
        title_uk: "Будівлі".into(),
        title_en: "Buildings".into(),
        description: String::new(),
        audience: Audience::Public,
        geometry: GeometryKind::Polygon,
        properties: kinds.map(|(name, kind)| Property { name: name.into(), kind, audience: Audience::Public }).into(),
        sample: true,
        extent: None,
    }
}

fn id() -> CollectionId {
    "buildings".parse().expect("a good name")
}

fn city(cache_bytes: u64) -> Atlas {
    let atlas = Atlas::new(cache_bytes);
    atlas.load(buildings(), (1..=FOOTPRINTS).map(footprint).collect());
    atlas
}

/// Keeps nothing: every tile is made.
static COLD: LazyLock<Atlas> = LazyLock::new(|| city(0));
static WARM: LazyLock<Atlas> = LazyLock::new(|| city(256 << 20));

fn tile_at(zoom: u32, right: f64, down: f64) -> TileCoord {
    let n = f64::from(1u32 << zoom);
    let (lon, lat) = (MIDDLE.0 + REACH.0 * right, (MIDDLE.1 - REACH.1 * down).to_radians());
    let y = (1.0 - lat.tan().asinh() / std::f64::consts::PI) / 2.0;
    TileCoord::new(zoom, ((lon + 180.0) / 360.0 * n) as u32, (y * n) as u32).expect("in the world")
}

fn ask(atlas: &Atlas, at: TileCoord, encoding: Encoding) -> usize {
    let tile = atlas.tile(&[id()], at, Audience::Public, encoding).expect("a tile");
    tile.map_or(0, |tile| tile.bytes.len())
}

#[divan::bench(args = [8, 10, 11, 12, 13, 14, 15, 16, 17])]
fn cold_plain(bencher: Bencher<'_, '_>, zoom: u32) {
    bencher.bench(|| ask(&COLD, tile_at(zoom, 0.01, 0.01), Encoding::Identity));
}

#[divan::bench(args = [8, 10, 11, 12, 13, 14, 15, 16, 17])]
fn cold_gzip(bencher: Bencher<'_, '_>, zoom: u32) {
    bencher.bench(|| ask(&COLD, tile_at(zoom, 0.01, 0.01), Encoding::Gzip));
}

#[divan::bench]
fn cold_gzip_z12_to_z17_in_random_order(bencher: Bencher<'_, '_>) {
    // As many of each zoom as the city has: 4 times more a zoom.
    let state = AtomicU64::new(1);
    bencher.counter(ItemsCount::new(100usize)).bench(|| {
        for _ in 0..100 {
            let mut own = state.fetch_add(1, Relaxed) << 20;
            let zoom = 17 - (lot(&mut own).max(1e-3).ln() / -4f64.ln()).min(5.0) as u32;
            let at = tile_at(zoom, lot(&mut own) * 2.0 - 1.0, lot(&mut own) * 2.0 - 1.0);
            divan::black_box(ask(&COLD, at, Encoding::Gzip));
        }
    });
}

#[divan::bench(threads = [1, 2])]
fn warm_gzip(bencher: Bencher<'_, '_>) {
    bencher.bench(|| ask(&WARM, tile_at(14, 0.01, 0.01), Encoding::Gzip));
}

#[divan::bench]
fn edit_beside_kept_tiles(bencher: Bencher<'_, '_>) {
    for step in 0..10_000 {
        ask(&WARM, tile_at(17, f64::from(step % 100) / 50.0 - 1.0, f64::from(step / 100) / 50.0 - 1.0), Encoding::Gzip);
    }
    let next = AtomicI64::new(1);
    bencher
        .with_inputs(|| {
            let id = next.fetch_add(1, Relaxed) % FOOTPRINTS + 1;
            let mut moved = footprint(id);
            moved.properties.insert("levels".into(), json!(next.load(Relaxed)));
            vec![(FeatureId(id), Some(moved))]
        })
        .bench_values(|changes| WARM.apply(&id(), changes).expect("an edit").version);
}

/// A river of 100 000 vertices is moved beside 20 000 kept tiles of zoom 20.
#[divan::bench(sample_count = 20)]
fn river_beside_deep_tiles(bencher: Bencher<'_, '_>) {
    let atlas = Atlas::new(1 << 30);
    let bend = |i: u32, shift: f64| Coord {
        x: MIDDLE.0 + f64::from(i) * 2e-6,
        y: MIDDLE.1 + (f64::from(i) / 6_000.0).sin() / 25.0 + shift,
    };
    let river = |shift: f64| Feature {
        geometry: Some(LineString((0..100_000).map(|i| bend(i, shift)).collect()).into()),
        ..footprint(1)
    };
    atlas.load(buildings(), vec![river(0.0)]);
    let fill = || {
        let corner = tile_at(20, 0.0, 0.0);
        for i in 0..20_000u32 {
            let at = TileCoord::new(20, corner.x() + i % 200, corner.y() + i / 200).expect("in the world");
            ask(&atlas, at, Encoding::Gzip);
        }
    };
    let next = AtomicU64::new(1);
    bencher
        .with_inputs(|| {
            fill();
            vec![(FeatureId(1), Some(river(next.fetch_add(1, Relaxed) as f64 * 1e-6)))]
        })
        .bench_values(|changes| atlas.apply(&id(), changes).expect("an edit").version);
}

#[divan::bench]
fn nearest_ten(bencher: Bencher<'_, '_>) {
    let from = Position::new(MIDDLE.0, MIDDLE.1).expect("a place");
    bencher.bench(|| COLD.nearest(&id(), from, 10, f64::INFINITY, Audience::Public).map(|found| found.len()));
}

#[divan::bench(sample_count = 5)]
fn load(bencher: Bencher<'_, '_>) {
    let atlas = Atlas::new(0);
    bencher
        .counter(ItemsCount::new(FOOTPRINTS as usize))
        .with_inputs(|| (1..=FOOTPRINTS).map(footprint).collect::<Vec<_>>())
        .bench_values(|features| atlas.load(buildings(), features).version);
}

/// Resident bytes of this process (Linux); 0 elsewhere.
fn resident_bytes() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<i64>().ok()).unwrap_or(0) * 1024
}

fn main() {
    let before = resident_bytes();
    let atlas = Atlas::new(0);
    let mut loading = Loading::of(buildings());
    for first in (1..=FOOTPRINTS).step_by(5_000) {
        loading.add((first..(first + 5_000).min(FOOTPRINTS + 1)).map(footprint).collect());
    }
    atlas.put(loading);
    let each = (resident_bytes() - before) / FOOTPRINTS;
    let index = atlas.statistics().collections[0].index_bytes as i64 / FOOTPRINTS;
    println!(
        "{FOOTPRINTS} footprints: {each} bytes each in the atlas, {index} of them reckoned for indexes and shapes"
    );
    for zoom in [8, 10, 11, 12, 13, 14, 15, 16, 17] {
        let at = tile_at(zoom, 0.01, 0.01);
        println!("z{zoom}: {} bytes, {} in gzip", ask(&atlas, at, Encoding::Identity), ask(&atlas, at, Encoding::Gzip));
    }
    drop(atlas);
    divan::main();
}
