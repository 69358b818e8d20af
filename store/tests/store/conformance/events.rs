use misto_model::{Error, Event, Instant, Position, Precision};
use misto_store::{Appended, EventQuery, Store};
use serde_json::json;

use super::{at, properties};

/// 2026-01-15T06:00:00Z in seconds.
const START: i64 = 1_768_456_800;

fn event(kind: &str, subject: &str, second: i64) -> Event {
    Event {
        kind: kind.parse().unwrap(),
        subject: subject.parse().unwrap(),
        time: Instant::from_seconds(START + second).unwrap(),
        recorded_at: Instant::from_micros((START + second) * 1_000_000 + 1_234_567, Precision::Microseconds).unwrap(),
        position: None,
        body: properties(json!({})),
    }
}

pub fn silent() -> Event {
    Event {
        time: at("2026-01-15T06:00:00.250Z"),
        position: Some(Position::new(24.710_6, 48.922_612_345_678_9).unwrap()),
        body: properties(json!({"причина": "немає зв’язку", "after_s": 0.1, "\0": [null, {"так": true}]})),
        ..event("vehicle_silent", "plough:/Машина 7/2", 0)
    }
}

async fn all(store: &Store, query: EventQuery) -> Vec<Event> {
    let (mut rows, mut query) = (Vec::new(), query);
    loop {
        let page = store.series.events(&query).await.unwrap();
        assert!(page.rows.len() <= query.limit);
        rows.extend(page.rows);
        match page.next {
            None => return rows,
            next => query.after = next,
        }
    }
}

pub async fn an_event_returns_as_it_was_told(store: Store) {
    let before = Event { time: at("1969-12-31T23:59:59Z"), ..event("zone_enter", "зона №1", 0) };
    let done = store.series.append_events(&[silent(), before.clone()]).await.unwrap();
    assert_eq!(done, Appended { added: 2, ..Appended::default() });
    let rows = all(&store, EventQuery { limit: 10, ..EventQuery::default() }).await;
    assert_eq!(rows, [before, silent()]);
    assert_eq!(rows[1].time.to_string(), "2026-01-15T06:00:00.250Z");
    assert_eq!(store.series.append_events(&[]).await.unwrap(), Appended::default());
}

pub async fn a_repeated_event_adds_nothing_and_other_facts_are_kept(store: Store) {
    let again = Event { recorded_at: at("2026-01-16T00:00:00Z"), ..silent() };
    let elsewhere = Event { position: None, ..silent() };
    let first = store.series.append_events(&[silent(), again.clone(), elsewhere.clone()]).await.unwrap();
    assert_eq!(first, Appended { added: 2, redelivered: 1, differing: 1 });
    let other_kind = Event { kind: "vehicle_heard".parse().unwrap(), ..silent() };
    let second = store.series.append_events(&[elsewhere, again, other_kind]).await.unwrap();
    assert_eq!(second, Appended { added: 1, redelivered: 2, differing: 0 });
    let other_facts = Event { body: properties(json!({"причина": "стоїть у депо"})), ..silent() };
    let third = store.series.append_events(&[other_facts]).await.unwrap();
    assert_eq!(third, Appended { added: 1, redelivered: 0, differing: 1 });
    assert_eq!(store.series.count_events().await.unwrap(), 4);
    assert_eq!(store.series.count_positions().await.unwrap(), 0);
}

pub async fn events_are_paged_by_kind_by_subject_and_by_both(store: Store) {
    let mut told = Vec::new();
    for second in (0..200).rev() {
        for subject in ["1", "2", "Площа Ринок"] {
            told.push(event("stop_visit", subject, second));
        }
        told.push(event("zone_enter", "1", second + 10_000_000));
    }
    store.series.append_events(&told).await.unwrap();
    let query = |kind: Option<&str>, subject: Option<&str>| EventQuery {
        kind: kind.map(|kind| kind.parse().unwrap()),
        subject: subject.map(|subject| subject.parse().unwrap()),
        limit: 7,
        ..EventQuery::default()
    };
    for (kind, subject, expected) in [
        (None, None, 800),
        (Some("stop_visit"), None, 600),
        (None, Some("1"), 400),
        (Some("stop_visit"), Some("Площа Ринок"), 200),
        (Some("zone_exit"), None, 0),
        (Some("zone_enter"), Some("2"), 0),
    ] {
        let rows = all(&store, query(kind, subject)).await;
        assert_eq!(rows.len(), expected, "{kind:?} {subject:?}");
        assert!(rows.is_sorted_by_key(|row| row.time.micros()));
        assert!(rows.iter().all(|row| kind.is_none_or(|kind| row.kind.as_str() == kind)));
        assert!(rows.iter().all(|row| subject.is_none_or(|subject| row.subject.as_str() == subject)));
    }
    let (from, to) = (event("stop_visit", "1", 50).time, event("stop_visit", "1", 52).time);
    let some = EventQuery { from: Some(from), to: Some(to), limit: 2, ..query(Some("stop_visit"), None) };
    assert_eq!(all(&store, some).await.len(), 9);
    let odd = EventQuery { after: Some("1.1.1.\0".to_owned()), ..query(None, None) };
    assert!(matches!(store.series.events(&odd).await, Err(Error::Invalid { field, .. }) if field == "after"));
}

pub async fn what_was_recorded_long_ago_is_forgotten(store: Store) {
    // What happened long ago and was recorded today stays.
    let late = Event { recorded_at: at("2026-03-01T00:00:00Z"), ..event("stop_visit", "1", 1) };
    store.series.append_events(&[silent(), event("stop_visit", "1", 0), late.clone()]).await.unwrap();
    assert_eq!(store.series.forget_received_before(at("2026-02-01T00:00:00Z")).await.unwrap(), 2);
    assert_eq!(store.series.count_events().await.unwrap(), 1);
    assert_eq!(all(&store, EventQuery { limit: 9, ..EventQuery::default() }).await, [late]);
    assert_eq!(store.series.append_events(&[silent()]).await.unwrap().added, 1);
}
