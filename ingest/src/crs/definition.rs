//! Parameters of the systems.

/// Parameters after the EPSG dataset, v11. UCS-2000 → WGS 84: EPSG:5840, 1 m.
pub(super) fn definition(code: i64) -> Option<String> {
    let utm = |zone: i64, rest: &str| Some(format!("+proj=utm +zone={zone} {rest} +units=m +no_defs"));
    let ucs_2000 = |lon: f64, x: i64| {
        Some(format!(
            "+proj=etmerc +lat_0=0 +lon_0={lon} +k=1 +x_0={x} +y_0=0 +ellps=krass +towgs84=24,-121,-76 +units=m +no_defs"
        ))
    };
    match code {
        32_601..=32_660 => utm(code - 32_600, "+datum=WGS84"),
        32_701..=32_760 => utm(code - 32_700, "+south +datum=WGS84"),
        25_828..=25_838 => utm(code - 25_800, "+ellps=GRS80 +towgs84=0,0,0"),
        2180 => Some(
            "+proj=tmerc +lat_0=0 +lon_0=19 +k=0.9993 +x_0=500000 +y_0=-5300000 +ellps=GRS80 +towgs84=0,0,0 +units=m +no_defs".to_owned(),
        ),
        5561 => Some("+proj=longlat +ellps=krass +towgs84=24,-121,-76 +no_defs".to_owned()),
        // Gauss-Krüger in zones of 6 degrees, with and without the zone before the easting.
        5562..=5565 => ucs_2000((21 + 6 * (code - 5562)) as f64, 500_000 + 1_000_000 * (code - 5558)),
        5566..=5569 => ucs_2000((21 + 6 * (code - 5566)) as f64, 500_000),
        // The same in zones of 3 degrees.
        5570..=5576 => ucs_2000((21 + 3 * (code - 5570)) as f64, 500_000 + 1_000_000 * (code - 5563)),
        5577..=5583 => ucs_2000((21 + 3 * (code - 5577)) as f64, 500_000),
        // Ukraine TM zones 7 to 13.
        6381..=6387 => ucs_2000((21 + 3 * (code - 6381)) as f64, 300_000),
        _ => {
            let (_, meridian) = LOCAL.iter().find(|(local, _)| *local == code)?;
            ucs_2000(*meridian, 300_000)
        }
    }
}

/// The local systems of the Ukrainian oblasts and cities, UCS-2000 / LCS: code and central meridian.
pub(super) const LOCAL: [(i64, f64); 27] = [
    (9821, 30.5),
    (9831, 34.5),
    (9832, 28.0 + 2.0 / 3.0),
    (9833, 24.0 + 5.0 / 6.0),
    (9834, 35.0),
    (9835, 37.5),
    (9836, 28.5),
    (9837, 23.5),
    (9838, 36.0),
    (9839, 24.75),
    (9840, 32.0),
    (9841, 39.0),
    (9851, 24.0),
    (9852, 31.0 + 5.0 / 6.0),
    (9853, 30.0),
    (9854, 33.0 + 5.0 / 6.0),
    (9855, 27.0),
    (9856, 34.5),
    (9857, 25.5),
    (9858, 36.5),
    (9859, 33.5),
    (9860, 27.0),
    (9861, 31.5),
    (9862, 26.0),
    (9863, 32.0),
    (9864, 30.5),
    (9865, 33.0),
];
