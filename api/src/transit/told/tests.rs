use misto_city::transit::Run;
use misto_ingest::decode::gtfs_realtime::RealtimeFeed;
use misto_model::{InformedEntity, ServiceAlert, TripId, TripReference, TripRelation, TripUpdate};

use super::*;
use crate::transit::sample::network;

#[test]
fn what_a_feed_of_others_says_travels_whole() {
    let network = network(&["early", "late"]);
    let day = "2026-07-10".parse().unwrap();
    let read_at: Instant = "2026-07-10T03:00:00Z".parse().unwrap();
    let cancelled = |trip: &str, start_date| TripUpdate {
        trip: TripReference { trip: Some(TripId(trip.into())), start_date, ..TripReference::default() },
        relation: TripRelation::Canceled,
        ..TripUpdate::default()
    };
    let notice = ServiceAlert {
        id: "1".into(),
        header: [("uk".to_owned(), "Об’їзд".to_owned())].into(),
        informed: vec![InformedEntity::default()],
        ..ServiceAlert::default()
    };
    let feed = RealtimeFeed {
        whole: true,
        trip_updates: vec![cancelled("early", Some(day)), cancelled("late", None)],
        alerts: vec![notice],
        ..RealtimeFeed::default()
    };
    let mut said = Foreign::default();
    said.take(&"region".parse().unwrap(), &feed, read_at);
    let back: Foreign = unpacked(&packed(&said).unwrap()).unwrap();
    for trip in ["early", "late"] {
        let run = Run { trip: network.find_trip(&TripId(trip.into())).unwrap(), day };
        assert!(back.cancels(&network, run), "{trip}");
    }
    assert!(back.alerts().eq(said.alerts()) && back.alerts().count() == 1);
    assert_eq!(back.read_at, Some(read_at));
    assert!(unpacked::<Foreign>(b"no zstd").is_err());
}
