use std::sync::Arc;

use jiff::SignedDuration;
use misto_city::transit::{Assignment, MatchReason};
use misto_model::Instant;

use super::*;
use crate::transit::sample;

const MADE_AT: &str = "2026-07-10T03:00:30Z";

fn on_duty(number: usize, made_at: Instant) -> OnDuty {
    let mut fix = serde_json::json!({
        "vehicle": format!("test:/{number}"), "position": {"lon": 24.70, "lat": 48.92},
        "fix_time": made_at, "received_at": made_at, "event": "vp", "extra": {}, "flags": []
    });
    for unknown in ["speed_m_s", "accuracy_m", "odometer_m", "kind", "job", "route", "route_short_name", "direction"] {
        fix[unknown] = serde_json::Value::Null;
    }
    let assignment = Assignment {
        state: ServiceState::Unknown,
        reason: MatchReason::TooFewFixes,
        pattern: None,
        run: None,
        along_m: None,
        next_call: None,
        since: made_at,
        fix_time: made_at,
        stands_since: None,
    };
    OnDuty {
        fix: Arc::new(serde_json::from_value(fix).unwrap()),
        public_id: format!("bus-{number}"),
        label: None,
        low_floor: None,
        assignment,
        predicted: Vec::new(),
    }
}

#[test]
fn a_fleet_of_ten_thousand_is_written_once_however_often_it_is_asked_for() {
    let network = sample::network(&["early"]);
    let made_at: Instant = MADE_AT.parse().unwrap();
    let vehicles: Vec<OnDuty> = (0..10_000).map(|number| on_duty(number, made_at)).collect();
    let made_at_s = made_at.timestamp().as_second() as u64;
    let feeds = Feeds::new(made_at_s, &network, &vehicles, &[], &BTreeSet::new());
    let feed = &feeds.vehicle_positions;
    let mut tags = BTreeSet::new();
    for form in [Form::Protobuf, Form::Json] {
        let plain = feed.written(form, Encoding::Identity).bytes;
        for encoding in Encoding::ALL {
            let first = feed.written(form, encoding);
            assert_eq!(first.encoding, encoding);
            assert!(tags.insert(first.etag.clone()), "{} stands for two representations", first.etag);
            assert!(encoding == Encoding::Identity || first.bytes.len() < plain.len() / 2);
            for _ in 0..100 {
                let again = feed.written(form, encoding);
                assert_eq!((again.bytes.as_ptr(), again.etag), (first.bytes.as_ptr(), first.etag.clone()));
            }
        }
    }
    let told = FeedMessage::decode(feed.written(Form::Protobuf, Encoding::Identity).bytes).unwrap();
    assert_eq!((told.entity.len(), told.header.timestamp), (10_000, Some(made_at_s)));
}

#[test]
fn what_is_old_is_not_in_the_feed() {
    let network = sample::network(&["early"]);
    let made_at: Instant = MADE_AT.parse().unwrap();
    let before = |seconds: i64| Instant::from_timestamp(made_at.timestamp() - SignedDuration::from_secs(seconds));
    let vehicles = [on_duty(1, before(90)), on_duty(2, before(91))];
    let feeds = Feeds::new(made_at.timestamp().as_second() as u64, &network, &vehicles, &[], &BTreeSet::new());
    let told = FeedMessage::decode(feeds.vehicle_positions.written(Form::Protobuf, Encoding::Identity).bytes).unwrap();
    assert_eq!(told.entity.iter().map(|entity| entity.id.as_str()).collect::<Vec<_>>(), ["v:bus-1"]);
}
