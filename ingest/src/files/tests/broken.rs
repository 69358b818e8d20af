//! Files cut off and with flipped bits: an answer each, never a panic, never
//! more memory than a file of that size can need.

use std::path::PathBuf;

use proptest::prelude::*;

use super::{all, data, written};
use crate::files::{Options, gtfs};

/// A file of each format and how it is read.
fn samples() -> Vec<(&'static str, Vec<u8>, Options)> {
    let tags = Options { tags: vec!["building".parse().unwrap(), "wheelchair".parse().unwrap()], ..Options::default() };
    let files = [
        ("a.fgb", "flatgeobuf/alldatatypes.fgb", Options::default()),
        ("a.fgb", "flatgeobuf/heterogeneous.fgb", Options::default()),
        ("a.fgb", "flatgeobuf/unknown_feature_count.fgb", Options::default()),
        ("a.gpkg", "format-shp-gpkg/gpkg-pyogrio/test_gpkg_nulls.gpkg", Options::default()),
        ("a.gpkg", "format-shp-gpkg/gpkg-pyogrio/line_zm.gpkg", Options::default()),
        ("a.geojson", "natural-earth-110m/null_geom.geojson", Options::default()),
        (
            "a.geojson",
            "format-shp-gpkg/geojson-fixtures-npm/geometry/geometrycollection-xyz.geojson",
            Options::default(),
        ),
        ("a.csv", "if-geonames-2018/pzo-ivano-frankivska.csv", Options::default()),
        ("a.osm.pbf", "format-shp-gpkg/gpkg-pyogrio/sample.osm.pbf", tags),
    ];
    files
        .into_iter()
        .filter_map(|(name, file, options)| Some((name, std::fs::read(data(file)?).unwrap(), options)))
        .collect()
}

#[test]
fn a_file_cut_off_anywhere_is_answered() {
    for (name, bytes, options) in samples() {
        let step = (bytes.len() / 60).max(1);
        for end in (0..bytes.len()).step_by(step) {
            let (_folder, path) = written(name, &bytes[..end]);
            let result = all(&path, &options);
            // Text formats may be whole in the middle; the binary ones never are.
            if name.ends_with("fgb") && end < bytes.len() - 4 {
                assert!(result.is_err(), "{name} cut at {end} of {}", bytes.len());
            }
        }
    }
}

#[test]
fn sizes_that_a_file_cannot_have_are_refused_before_memory_is_asked_for() {
    let Some(path) = data("flatgeobuf/countries.fgb") else { return };
    let bytes = std::fs::read(path).unwrap();
    let header = u32::from_le_bytes([bytes[8], bytes[9], bytes[10], bytes[11]]) as usize;
    // 179 leaves, 12 nodes above them and a root, 40 bytes each, lie between.
    for at in [8, 12 + header + 192 * 40] {
        let mut bytes = bytes.clone();
        bytes[at..at + 4].copy_from_slice(&0xffff_fff0_u32.to_le_bytes());
        let (_folder, path) = written("a.fgb", &bytes);
        assert!(all(&path, &Options::default()).is_err());
    }
    let deep = "[".repeat(1_000_000);
    let feature = format!(r#"{{"type":"Point","coordinates":{deep}"#);
    let (_folder, path) = written("a.geojson", feature.as_bytes());
    assert!(all(&path, &Options::default()).unwrap_err().to_string().contains("recursion"));
}

#[test]
fn a_row_whose_text_holds_nul_is_refused_and_the_others_are_kept() {
    let (_folder, path) = written("a.csv", b"name,lat,lon\nx\0y,48.9,24.7\nz,48.9,24.7\n");
    let (report, rows) = all(&path, &Options::default()).unwrap();
    assert_eq!((rows.len(), report.refused.total), (1, 1));
    assert_eq!(report.refused.first[0].field.as_deref(), Some("name"));
}

proptest! {
    #![proptest_config(crate::cases(200))]
    #[test]
    fn flipped_bits_are_answered(sample in 0_usize..64, flips in proptest::collection::vec((any::<proptest::sample::Index>(), 0_u8..8), 1..24)) {
        let samples = samples();
        if samples.is_empty() {
            return Ok(());
        }
        let (name, mut bytes, options) = samples[sample % samples.len()].clone();
        for (index, bit) in flips {
            let at = index.index(bytes.len());
            bytes[at] ^= 1 << bit;
        }
        let (_folder, path) = written(name, &bytes);
        let _answered = all(&path, &options);
    }

    #[test]
    fn a_damaged_feed_is_answered(flips in proptest::collection::vec((any::<proptest::sample::Index>(), 0_u8..8), 1..24), cut in any::<proptest::sample::Index>()) {
        let Some(feed) = data("gtfs-caltrain/caltrain_20160406.zip") else { return Ok(()) };
        let mut bytes = std::fs::read(feed).unwrap();
        let whole: (tempfile::TempDir, PathBuf) = written("cut.zip", &bytes[..cut.index(bytes.len())]);
        prop_assert!(gtfs::read(&whole.1).is_err());
        for (index, bit) in flips {
            let at = index.index(bytes.len());
            bytes[at] ^= 1 << bit;
        }
        let (_folder, path) = written("a.zip", &bytes);
        let _answered = gtfs::read(&path);
    }
}
