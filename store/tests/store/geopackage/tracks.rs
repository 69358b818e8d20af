use misto_model::{Instant, Position, Precision, VehiclePosition};

use super::City;

/// A fix as HFP tells it, of one of `fleet` vehicles.
fn fix(n: i64, fleet: i64) -> VehiclePosition {
    let at = 1_700_000_000_000_000 + (n / fleet) * 1_000_000 + n % 1_000 * 1_000;
    serde_json::from_value(serde_json::json!({
        "vehicle": format!("hfp:0018/{:05}", n % fleet),
        "position": {"lon": 24.6 + (n % 977) as f64 * 1e-4, "lat": 48.9 + (n % 461) as f64 * 1e-4},
        "fix_time": Instant::from_micros(at, Precision::Milliseconds).unwrap(),
        "received_at": Instant::from_micros(at + 700_000, Precision::Microseconds).unwrap(),
        "event": "vp", "speed_m_s": (n % 20) as f64 + 0.25, "bearing_deg": (n % 360) as f64, "odometer_m": (n / fleet * 9) as f64,
        "kind": "bus", "route": format!("25{:02}", n % 40), "route_short_name": "550", "direction": 1, "headsign": "Itäkeskus (M)",
        "trip_start": "18:05", "operating_day": "2024-02-13", "next_stop": "1465552", "delay_s": n % 90, "doors_open": false,
        "extra": {}, "flags": []
    }))
    .unwrap()
}

/// Processor time of this process in seconds: on a busy machine the clock on the wall says little.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = stat.rsplit(") ").next().unwrap_or_default().split(' ').skip(11).take(2);
    ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Not a test of speed: says the figure. `STORE_POSITIONS=1000000 cargo test --release -p misto-store -- --ignored --nocapture positions_a_second`
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn positions_a_second() {
    let all: i64 = std::env::var("STORE_POSITIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(200_000);
    for (fleet, size) in [(1_000, 1_000), (100, 1_000), (1_000, 5_000)] {
        let city = City::open().await;
        let batches: Vec<Vec<_>> =
            (0..all / size).map(|batch| (0..size).map(|n| fix(batch * size + n, fleet)).collect()).collect();
        let (start, busy) = (std::time::Instant::now(), processor_seconds());
        for batch in &batches {
            assert_eq!(city.store.series.append_positions(batch).await.unwrap().added, size as u64);
        }
        let busy = processor_seconds() - busy;
        let seconds = start.elapsed().as_secs_f64();
        let start = std::time::Instant::now();
        for batch in &batches {
            assert_eq!(city.store.series.append_positions(batch).await.unwrap().redelivered, size as u64);
        }
        let again = start.elapsed().as_secs_f64();
        let start = std::time::Instant::now();
        let latest = city.store.series.latest_positions().await.unwrap();
        let asked = start.elapsed();
        assert_eq!(latest.len() as i64, fleet);
        assert_eq!(
            latest[0].position,
            Position::new(latest[0].position.lon.degrees(), latest[0].position.lat.degrees()).unwrap()
        );
        let bytes = std::fs::metadata(city.folder.path().join("tracks.sqlite")).unwrap().len();
        println!(
            "{all} positions, {fleet} vehicles, batches of {size}: {:.0}/s new ({:.0} a processor second), {:.0}/s redelivered; latest of all in {asked:?}; {} bytes each",
            all as f64 / seconds,
            all as f64 / busy,
            all as f64 / again,
            bytes as i64 / all
        );
    }
}
