use misto_model::{
    Bbox, DatastreamKey, FixFlag, Instant, Job, OccupancyStatus, Position, Precision, Reading, ReadingFlag,
    ReadingValue, VehicleKey, VehicleKind, VehiclePosition,
};
use misto_store::{Appended, PositionQuery, ReadingQuery, Store};
use serde_json::json;

use super::{at, properties};

/// 2024-02-13T16:32:59Z in microseconds.
const START: i64 = 1_707_841_979_000_000;

fn key(vehicle: &str) -> VehicleKey {
    format!("hfp:0018/{vehicle}").parse().unwrap()
}

fn fix(vehicle: &str, second: i64) -> VehiclePosition {
    VehiclePosition {
        vehicle: key(vehicle),
        position: Position::new(24.7, 48.9).unwrap(),
        fix_time: Instant::from_micros(START + second * 1_000_000, Precision::Seconds).unwrap(),
        received_at: Instant::from_micros(START + second * 1_000_000 + 1_500_000, Precision::Microseconds).unwrap(),
        event: "vp".to_owned(),
        speed_m_s: None,
        bearing_deg: None,
        accuracy_m: None,
        odometer_m: None,
        kind: None,
        job: None,
        route: None,
        route_short_name: None,
        direction: None,
        headsign: None,
        trip_start: None,
        operating_day: None,
        next_stop: None,
        delay_s: None,
        doors_open: None,
        occupancy: None,
        plate: None,
        extra: Default::default(),
        flags: Vec::new(),
    }
}

/// Fixes of one vehicle, one a second.
pub fn track(vehicle: &str, fixes: i64) -> Vec<VehiclePosition> {
    (0..fixes).map(|second| fix(vehicle, second)).collect()
}

pub fn full() -> VehiclePosition {
    VehiclePosition {
        position: Position::new(24.710_6, 48.922_612_345_678_9).unwrap(),
        fix_time: at("2024-02-13T16:32:59.931Z"),
        received_at: at("2024-02-13T16:33:00.000001Z"),
        speed_m_s: Some(0.1 + 0.2),
        bearing_deg: Some(0.0),
        accuracy_m: Some(5.0),
        odometer_m: Some(977_106.0),
        kind: Some(VehicleKind::Trolleybus),
        job: Some(Job::Ploughing),
        route: Some("2550".to_owned()),
        route_short_name: Some("550".to_owned()),
        direction: Some(1),
        headsign: Some("Itäkeskus (M)  Вокзал".to_owned()),
        trip_start: Some("18:05".to_owned()),
        operating_day: Some("2024-02-13".to_owned()),
        next_stop: Some("1465552".to_owned()),
        delay_s: Some(-25),
        doors_open: Some(false),
        occupancy: Some(OccupancyStatus::Empty),
        plate: Some("АТ 1234 ВС".to_owned()),
        extra: properties(json!({"jrn": 22, "loc": "GPS", "глибше": {"так": [1, 2.5, null]}})),
        flags: vec![FixFlag::SpeedImplausible],
        ..fix("00423", 0)
    }
}

async fn all(store: &Store, query: PositionQuery) -> Vec<VehiclePosition> {
    let (mut rows, mut query) = (Vec::new(), query);
    loop {
        let page = store.series.positions(&query).await.unwrap();
        assert!(page.rows.len() <= query.limit);
        rows.extend(page.rows);
        match page.next {
            None => return rows,
            next => query.after = next,
        }
    }
}

pub async fn a_position_returns_as_it_was_told(store: Store) {
    let bare = fix("Машина №7/2", 5);
    store.series.append_positions(&[full(), bare.clone()]).await.unwrap();
    let rows = all(&store, PositionQuery { limit: 10, ..PositionQuery::default() }).await;
    assert_eq!(rows, [full(), bare]);
    assert_eq!(rows[0].fix_time.to_string(), "2024-02-13T16:32:59.931Z");
    assert_eq!(rows[0].received_at.to_string(), "2024-02-13T16:33:00.000001Z");
    assert_eq!(rows[1].fix_time.to_string(), "2024-02-13T16:33:04Z");
}

pub async fn a_redelivery_adds_nothing_and_other_content_is_kept(store: Store) {
    let redelivered = VehiclePosition { received_at: at("2024-02-14T00:00:00Z"), flags: vec![], ..full() };
    let deadrun = VehiclePosition { route: None, headsign: None, ..full() };
    let door = VehiclePosition { event: "doo".to_owned(), ..full() };
    let first =
        store.series.append_positions(&[full(), redelivered.clone(), deadrun.clone(), door.clone()]).await.unwrap();
    assert_eq!(first, Appended { added: 3, redelivered: 1, differing: 1 });
    let again = store.series.append_positions(&[redelivered, deadrun, door, full()]).await.unwrap();
    assert_eq!(again, Appended { added: 0, redelivered: 4, differing: 0 });
    let late = VehiclePosition { delay_s: None, ..full() };
    assert_eq!(
        store.series.append_positions(&[late]).await.unwrap(),
        Appended { added: 1, redelivered: 0, differing: 1 }
    );
    assert_eq!(store.series.count_positions().await.unwrap(), 4);
    assert_eq!(store.series.append_positions(&[]).await.unwrap(), Appended::default());
}

pub async fn a_track_is_paged_in_the_order_of_fix_time(store: Store) {
    let mut shuffled: Vec<_> = (0..500).map(|n| fix("1", n * 37 % 500)).collect();
    shuffled.extend((0..500).map(|n| fix("2", n)));
    let other = VehiclePosition { speed_m_s: Some(1.0), ..fix("1", 100) };
    shuffled.push(other);
    store.series.append_positions(&shuffled).await.unwrap();
    let rows = all(&store, PositionQuery { vehicle: Some(key("1")), limit: 7, ..PositionQuery::default() }).await;
    assert_eq!(rows.len(), 501);
    assert!(rows.is_sorted_by_key(|row| row.fix_time.micros()));
    assert!(rows.iter().all(|row| row.vehicle == key("1")));
    let (from, to) = (fix("1", 100).fix_time, fix("1", 102).fix_time);
    let some = all(
        &store,
        PositionQuery { vehicle: Some(key("1")), from: Some(from), to: Some(to), limit: 2, ..PositionQuery::default() },
    )
    .await;
    assert_eq!(some.len(), 4);
    let nobody = PositionQuery { vehicle: Some(key("3")), limit: 7, ..PositionQuery::default() };
    assert!(all(&store, nobody).await.is_empty());
    let odd = PositionQuery { after: Some("сторінка".to_owned()), limit: 1, ..PositionQuery::default() };
    assert!(
        matches!(store.series.positions(&odd).await, Err(misto_model::Error::Invalid { field, .. }) if field == "after")
    );
}

pub async fn positions_of_all_are_found_by_box_and_time(store: Store) {
    // Two recordings years apart, several vehicles, one of them elsewhere.
    let place = |mut fix: VehiclePosition, lon: f64| {
        fix.position = Position::new(lon, 48.9).unwrap();
        fix
    };
    let mut told = Vec::new();
    for second in 0..300 {
        for vehicle in ["1", "2", "3"] {
            told.push(place(fix(vehicle, second), if vehicle == "3" { 10.0 } else { 24.7 }));
            told.push(place(fix(vehicle, second + 90_000_000), 24.7));
        }
    }
    store.series.append_positions(&told).await.unwrap();
    let everything = all(&store, PositionQuery { limit: 111, ..PositionQuery::default() }).await;
    assert_eq!(everything.len(), 1_800);
    assert!(everything.is_sorted_by_key(|row| row.fix_time.micros()));
    let query = PositionQuery {
        bbox: Some(Bbox::new(24.0, 48.0, 25.0, 49.0).unwrap()),
        to: Some(fix("1", 299).fix_time),
        limit: 100,
        ..PositionQuery::default()
    };
    let inside = all(&store, query).await;
    assert_eq!(inside.len(), 600);
    assert!(inside.iter().all(|row| row.vehicle != key("3")));
}

/// Vehicles that wander over half a degree, over edges of cells and midnight, with a fix every 20 s.
fn wandering() -> Vec<VehiclePosition> {
    let swing = |turns: f64| (2.0 * turns.fract() - 1.0).abs();
    let place = |vehicle: f64, n: f64| {
        let (lon, lat) =
            (swing(vehicle * 0.618 + n * 0.0031) * 0.5 - 0.2, 48.9 + swing(vehicle * 0.414 + n * 0.0017) * 0.5);
        // To a ten-thousandth, so that some lie on the edge of a cell or of a box.
        Position::new((lon * 1e4).round() / 1e4, (lat * 1e4).round() / 1e4).unwrap()
    };
    let fixes = (0..3_000).map(|n| VehiclePosition {
        position: place((n % 5) as f64, (n / 5) as f64),
        ..fix(&format!("{}", n % 5), n / 5 * 100 + n % 5)
    });
    fixes.collect()
}

async fn ask_boxes(store: &Store, standing: &[VehiclePosition]) {
    let time = |second: i64| Some(fix("0", second).fix_time);
    let mut found = 0;
    for (n, size) in [0.002_5, 0.01, 0.08, 0.6].into_iter().cycle().take(40).enumerate() {
        let (west, south) = (-0.2 + (n * 7 % 40) as f64 * 0.012_5, 48.9 + (n * 11 % 40) as f64 * 0.012_5);
        let bbox = Bbox::new(west, south, west + size, south + size).unwrap();
        let (from, to) = match n % 3 {
            0 => (None, None),
            1 => (time(5_000), time(40_000)),
            _ => (time(25_000), None),
        };
        let holds = |fix: &&VehiclePosition| {
            let (lon, lat, at) = (fix.position.lon.degrees(), fix.position.lat.degrees(), fix.fix_time.micros());
            (west..=bbox.east()).contains(&lon)
                && (south..=bbox.north()).contains(&lat)
                && from.is_none_or(|from| from.micros() <= at)
                && to.is_none_or(|to| at <= to.micros())
        };
        let expected: Vec<_> = standing.iter().filter(holds).cloned().collect();
        let query = PositionQuery { bbox: Some(bbox), from, to, limit: 70, ..PositionQuery::default() };
        let rows = all(store, query).await;
        assert_eq!(rows, expected, "{bbox:?} {from:?} {to:?}");
        found += rows.len();
    }
    assert!(found > 500, "{found}");
}

pub async fn a_box_finds_what_lies_in_it_and_nothing_else(store: Store) {
    let mut told = wandering();
    let late = told.split_off(1_500);
    store.series.append_positions(&told).await.unwrap();
    ask_boxes(&store, &told).await;
    store.series.settle(at("2024-06-01T00:00:00Z")).await.unwrap();
    ask_boxes(&store, &told).await;
    store.series.append_positions(&late).await.unwrap();
    told.extend(late);
    ask_boxes(&store, &told).await;
    assert_eq!(store.series.settle(at("2024-06-01T00:00:00Z")).await.unwrap(), 0, "done already");
    // The first part is forgotten and told again.
    let half = told[1_500].received_at;
    assert_eq!(store.series.forget_received_before(half).await.unwrap(), 1_500);
    ask_boxes(&store, &told[1_500..]).await;
    store.series.append_positions(&told).await.unwrap();
    ask_boxes(&store, &told).await;
}

pub async fn the_latest_fix_is_the_one_of_greatest_fix_time(store: Store) {
    assert!(store.series.latest_positions().await.unwrap().is_empty());
    store.series.append_positions(&[fix("1", 50), fix("2", 7)]).await.unwrap();
    store.series.append_positions(&[fix("1", 20), fix("3", 1)]).await.unwrap();
    let mut latest = store.series.latest_positions().await.unwrap();
    latest.sort_by(|a, b| a.vehicle.cmp(&b.vehicle));
    assert_eq!(latest, [fix("1", 50), fix("2", 7), fix("3", 1)]);
}

pub fn reading(property: &str, second: i64, result: ReadingValue) -> Reading {
    Reading {
        datastream: DatastreamKey {
            source: "tts".parse().unwrap(),
            thing: "повітря-1".to_owned(),
            observed_property: property.to_owned(),
        },
        phenomenon_time: Instant::from_micros(START + second * 1_000_000 + 123, Precision::Microseconds).unwrap(),
        received_at: Instant::from_seconds(START / 1_000_000 + second + 2).unwrap(),
        result,
        unit: None,
        position: None,
        flags: Vec::new(),
        event: String::new(),
    }
}

pub async fn readings_keep_their_type_and_their_digits(store: Store) {
    let mut ceiling = reading("pm2_5", 3, ReadingValue::Number(1999.9));
    ceiling.unit = Some("ug/m3".to_owned());
    ceiling.position = Some(Position::new(24.7, 48.9).unwrap());
    ceiling.flags = vec![ReadingFlag::Ceiling];
    let told = [
        reading("door", 0, ReadingValue::Truth(false)),
        reading("state", 1, ReadingValue::Text("тихо".to_owned())),
        reading("pm2_5", 2, ReadingValue::Number(0.0)),
        ceiling.clone(),
    ];
    assert_eq!(store.series.append_readings(&told).await.unwrap().added, 4);
    let unflagged = Reading { flags: vec![], received_at: at("2024-03-01T00:00:00Z"), ..ceiling.clone() };
    let differing = Reading { result: ReadingValue::Number(12.0), ..ceiling.clone() };
    let done = store.series.append_readings(&[unflagged, differing]).await.unwrap();
    assert_eq!(done, Appended { added: 1, redelivered: 1, differing: 1 });
    let page = store.series.readings(&ReadingQuery { limit: 4, ..ReadingQuery::default() }).await.unwrap();
    assert_eq!(page.rows[..3], told[..3]);
    let rest =
        store.series.readings(&ReadingQuery { limit: 4, after: page.next, ..ReadingQuery::default() }).await.unwrap();
    assert_eq!((rest.rows.len(), rest.next), (1, None));
    let only = ReadingQuery { datastream: Some(ceiling.datastream.clone()), limit: 10, ..ReadingQuery::default() };
    assert_eq!(store.series.readings(&only).await.unwrap().rows.len(), 3);
    assert_eq!(store.series.latest_readings().await.unwrap().len(), 3);
}

pub async fn what_was_received_long_ago_is_forgotten(store: Store) {
    let old = fix("1", 0);
    let replayed = VehiclePosition { received_at: at("2026-01-01T00:00:00Z"), ..fix("1", 1) };
    store.series.append_positions(&[old.clone(), replayed.clone()]).await.unwrap();
    store.series.append_readings(&[reading("pm10", 0, ReadingValue::Number(1.0))]).await.unwrap();
    assert_eq!(store.series.forget_received_before(at("2025-01-01T00:00:00Z")).await.unwrap(), 2);
    assert_eq!(store.series.count_positions().await.unwrap(), 1);
    assert_eq!(store.series.latest_positions().await.unwrap(), [replayed]);
    assert!(store.series.latest_readings().await.unwrap().is_empty());
    assert_eq!(store.series.append_positions(&[old]).await.unwrap().added, 1);
}
