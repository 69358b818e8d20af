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
    let vehicles = [on_duty(1, before(85)), on_duty(2, before(86))];
    let feeds = Feeds::new(made_at.timestamp().as_second() as u64, &network, &vehicles, &[], &BTreeSet::new());
    let told = FeedMessage::decode(feeds.vehicle_positions.written(Form::Protobuf, Encoding::Identity).bytes).unwrap();
    assert_eq!(told.entity.iter().map(|entity| entity.id.as_str()).collect::<Vec<_>>(), ["v:bus-1"]);
}

#[test]
fn stops_that_are_due_at_once_come_one_after_the_other() {
    let event = |time| Some(StopTimeEvent { time: Some(time), delay: Some(10), uncertainty: None });
    let stop = |arrival, departure| StopTimeUpdate { arrival, departure, ..StopTimeUpdate::default() };
    let mut stops = [
        stop(None, event(100)),
        stop(event(100), event(100)),
        stop(event(100), event(130)),
        stop(event(131), event(131)),
        stop(event(131), None),
    ];
    one_after_the_other(&mut stops);
    let told: Vec<_> = stops.iter().flat_map(|stop| [stop.arrival, stop.departure]).flatten().collect();
    let times: Vec<_> = told.iter().map(|event| (event.time.unwrap(), event.delay.unwrap())).collect();
    let expected = [(100, 10), (101, 11), (101, 11), (102, 12), (130, 10), (131, 10), (131, 10), (132, 11)];
    assert_eq!(times, expected, "the delay tells the same as the time");
}

#[test]
fn an_old_fix_gives_an_update_whose_stops_follow_each_other() {
    use misto_city::transit::{Range, Run};
    let network = sample::network(&["early"]);
    let made_at: Instant = MADE_AT.parse().unwrap();
    let trip = network.find_trip(&misto_model::TripId("early".into())).unwrap();
    let run = Run { trip, day: "2026-07-10".parse().unwrap() };
    let pattern = network.pattern_of(trip).unwrap();
    let range = Range { earliest: made_at, likely: made_at, latest: made_at };
    let mut one = on_duty(1, made_at);
    (one.assignment.state, one.assignment.pattern, one.assignment.run) =
        (ServiceState::InService, Some(pattern), Some(run));
    let due = |call| Predicted { pattern, run: Some(run), call, arrival: range, departure: range };
    one.predicted = vec![due(1), due(2)];
    let made_at_s = made_at.timestamp().as_second() as u64;
    let feeds = Feeds::new(made_at_s, &network, &[one], &[], &BTreeSet::new());
    let told = FeedMessage::decode(feeds.trip_updates.written(Form::Protobuf, Encoding::Identity).bytes).unwrap();
    let stops = &told.entity[0].trip_update.as_ref().unwrap().stop_time_update;
    let arrivals: Vec<_> = stops.iter().map(|stop| stop.arrival.unwrap().time.unwrap() as u64 - made_at_s).collect();
    assert_eq!(arrivals, [0, 1]);
    assert!(stops.iter().all(|stop| stop.schedule_relationship == Some(StopRelationship::Scheduled as i32)));
}
