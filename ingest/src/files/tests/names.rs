//! The register of geographic names of 2018: degree-minute-second texts,
//! Cyrillic headers, places at 0,0 and places two degrees off.

use geo_types::Geometry;

use super::{all, data, is_point, refused, region, written};
use crate::files::Options;

/// Rows of the file (from 1) that lie outside 23.5,47.7,25.7,49.6, counted independently.
const OUTSIDE: [u64; 11] = [1, 2, 4, 5, 6, 430, 800, 1178, 4295, 4648, 4649];

#[test]
fn dirty_names_go_in_but_for_those_that_have_no_place() {
    for file in ["csv", "geojson"] {
        let Some(path) = data(&format!("if-geonames-2018/fiz-geo-ivano-frankivska.{file}")) else { return };
        let (report, rows) = all(&path, &Options::default()).unwrap();
        assert_eq!((report.read, report.kept), (4_692, 4_690), "{file}");
        assert!(is_point(&report));
        for (refusal, row) in report.refused.first.iter().zip([1, 2]) {
            assert_eq!(refusal.row, row);
            assert!(refusal.reason.contains("0,0"), "{refusal:?}");
        }
        // "N 48° 32’ 26"" "E 24° 35’ 24"", the third row.
        assert_eq!(rows[0].properties["Унормована назва"], "Солоний");
        let Some(Geometry::Point(at)) = rows[0].geometry else { panic!() };
        assert!((at.x() - 24.59).abs() < 1e-9 && (at.y() - 48.540_555_555).abs() < 1e-8, "{at:?}");
    }
}

#[test]
fn with_bounds_the_misplaced_names_are_refused_one_by_one() {
    for file in ["csv", "geojson"] {
        let Some(path) = data(&format!("if-geonames-2018/fiz-geo-ivano-frankivska.{file}")) else { return };
        let options = Options { bounds: Some(region()), ..Options::default() };
        let (report, _) = all(&path, &options).unwrap();
        let rows: Vec<u64> = report.refused.first.iter().map(|r| r.row).collect();
        assert_eq!(rows, OUTSIDE, "{file}");
        assert_eq!(report.kept, 4_681);
    }
}

#[test]
fn protected_areas_are_complete() {
    for file in ["csv", "geojson"] {
        let Some(path) = data(&format!("if-geonames-2018/pzo-ivano-frankivska.{file}")) else { return };
        let (report, _) = all(&path, &Options::default()).unwrap();
        assert_eq!((report.kept, report.refused.total), (330, 0), "{file}: {:?}", report.refused.first);
    }
}

#[test]
fn a_row_whose_columns_disagree_is_refused() {
    let text = "name,lat,lon,Широта (ГМС)\nright,48.5406,24.59,N 48° 32’ 26\"\nswapped,24.59,48.5406,N 48° 32’ 26\"\n";
    let (_folder, path) = written("a.csv", text.as_bytes());
    let (report, _) = all(&path, &Options::default()).unwrap();
    assert_eq!((report.kept, report.refused.total), (1, 1));
    assert_eq!(report.refused.first[0].field.as_deref(), Some("Широта (ГМС)"));
    assert!(report.refused.first[0].reason.contains("swapped"), "{:?}", report.refused);
}

#[test]
fn bad_rows_of_a_table_are_refused_by_column() {
    let text = "\u{feff}Назва;Широта;Довгота;Поверхи\r\nа;48,9226;24,7106;5\r\nб;;;\r\nв;48,9;;1\r\nг;тут;24,7;1\r\nд;48,9;24,7\r\nе;E 48°;24,7;1\r\n\"є\nє\";48° 55' 21\" N;24° 42' 38\" E;2\r\n";
    let (_folder, path) = written("a.csv", text.as_bytes());
    let (report, rows) = all(&path, &Options::default()).unwrap();
    assert_eq!((report.read, report.kept, report.without_geometry), (7, 3, 1));
    let refused: Vec<_> = report.refused.first.iter().map(|r| (r.row, r.field.as_deref())).collect();
    assert_eq!(refused, [(3, Some("Довгота")), (4, Some("Широта")), (5, None), (6, Some("Широта"))]);
    assert_eq!(rows[0].properties["Поверхи"], 5);
    assert!(rows[1].properties["Поверхи"].is_null());
    assert_eq!(rows[2].properties["Назва"], "є\nє");
}

#[test]
fn a_table_that_cannot_be_read_says_why() {
    let options = Options::default();
    let message = |name: &str, content: &[u8]| {
        let (_folder, path) = written(name, content);
        refused(all(&path, &options))
    };
    assert!(message("a.csv", b"a;b\n1;2\n").contains("lon"));
    assert!(message("a.csv", b"").contains("empty"));
    assert!(message("a.csv", &[0xcd, 0xe0, 0xe7, 0xe2, 0xe0, b',', b'x', b',', b'y', b'\n']).contains("Windows-1251"));
    assert!(message("a.csv", b"n,lat,lon\na,48.9,24.7\n\"b,48.9,24.7\nc,48.9,24.7\n").contains("never closed"));
    let (_folder, path) = written("a.csv", b"n,lat,lon\n");
    let named = Options { lon_column: Some("east".to_owned()), ..Options::default() };
    assert!(refused(all(&path, &named)).contains("n, lat, lon"));
}
