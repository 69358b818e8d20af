use serde_json::json;

use super::*;

const DAYS: u32 = 3;

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn report(claim: Claim) -> Report {
    let seen = at("2026-11-20T08:00:00Z");
    Report {
        venue: 1,
        about: About::Venue,
        claim,
        how: None,
        note: None,
        photo: None,
        reported_at: seen,
        received_at: seen,
        last_seen_at: seen,
        devices: vec!["first".to_owned()],
        seen_by: 1,
        state: State::Open,
        decision: None,
    }
}

fn door(value: f64) -> Claim {
    Claim::Measurement { attribute: "door_width_cm".to_owned(), value: Measure::Number(value) }
}

fn staff(at_text: &str, reason: Option<&str>) -> Decision {
    Decision { by: Some("Ольга".to_owned()), at: at(at_text), reason: reason.map(str::to_owned) }
}

#[test]
fn only_a_second_device_confirms() {
    let mut blocked = report(Claim::Blocked);
    let now = at("2026-11-20T09:00:00Z");
    assert!(!blocked.hinders_at(now, DAYS), "one device is not enough");
    assert_eq!(blocked.seen("first", now).unwrap(), Seen::Again);
    assert_eq!((blocked.state, blocked.seen_by, blocked.last_seen_at), (State::Open, 1, now));
    assert_eq!(blocked.seen("second", now).unwrap(), Seen::Confirmed);
    assert!(blocked.hinders_at(now, DAYS));
    assert_eq!(blocked.seen("second", now).unwrap(), Seen::Again);
    assert_eq!((blocked.state, blocked.seen_by), (State::Confirmed, 2));
    assert!(report(Claim::Other).seen("second", now).is_err(), "nobody else reads free words");
}

#[test]
fn what_is_so_at_present_ends_by_itself_unless_somebody_sees_it_again() {
    let mut blocked = report(Claim::Blocked);
    blocked.seen("second", at("2026-11-21T08:00:00Z")).unwrap();
    assert!(blocked.hinders_at(at("2026-11-24T07:59:59Z"), DAYS));
    assert!(!blocked.stands_at(at("2026-11-24T08:00:00Z"), DAYS));
    blocked.seen("first", at("2026-11-23T08:00:00Z")).unwrap();
    assert!(blocked.hinders_at(at("2026-11-24T08:00:00Z"), DAYS));
    let measured = report(door(68.0));
    assert!(measured.stands_at(at("2027-11-24T08:00:00Z"), DAYS), "a door does not change by itself");
    assert!(!measured.hinders_at(at("2026-11-20T08:00:01Z"), DAYS));
}

#[test]
fn staff_decide_once_and_devices_are_forgotten() {
    let mut measured = report(door(68.0));
    let now = "2026-11-20T10:00:00Z";
    assert!(measured.decide(false, staff(now, None), DAYS).is_err(), "a refusal says why");
    measured.decide(true, staff(now, None), DAYS).unwrap();
    assert_eq!((measured.state, measured.devices.len(), measured.seen_by), (State::Accepted, 0, 1));
    assert!(measured.decide(false, staff(now, Some("ні")), DAYS).is_err());
    let mut blocked = report(Claim::Blocked);
    blocked.decide(true, staff(now, None), DAYS).unwrap();
    assert!(blocked.hinders_at(at(now), DAYS), "staff alone confirm");
    assert!(blocked.decide(true, staff(now, None), DAYS).is_err());
    blocked.seen("second", at(now)).unwrap();
    assert_eq!((blocked.seen_by, blocked.devices.len()), (1, 0));
    blocked.decide(false, staff(now, Some("вільно")), DAYS).unwrap();
    assert!(!blocked.hinders_at(at(now), DAYS), "and staff end it");
    let mut lift = Report { about: About::Lift(4), ..report(Claim::LiftBroken) };
    lift.decide(true, staff(now, None), DAYS).unwrap();
    assert!(!lift.stands_at(at(now), DAYS), "what the record says, the record ends");
}

#[test]
fn the_record_is_edited_with_who_measured() {
    let record =
        json!({"door_width_cm": 90, "name": "Аптека", "provenance": "{\"has_ramp\":{\"measured_by\":\"city\"}}"});
    let record = record.as_object().unwrap();
    let told = Report { how: Some("tape".to_owned()), photo: Some("p1".to_owned()), ..report(door(68.0)) };
    assert_eq!(difference(&told.claim, record), Difference { present: Some(Measure::Number(90.0)), by: Some(-22.0) });
    let new = edited(&told, "r1", record).unwrap().unwrap();
    assert_eq!((&new["door_width_cm"], &new["name"]), (&json!(68.0), &json!("Аптека")));
    let provenance: serde_json::Value = serde_json::from_str(new["provenance"].as_str().unwrap()).unwrap();
    assert_eq!(provenance["has_ramp"]["measured_by"], "city", "of others nothing is lost");
    assert_eq!(
        provenance["door_width_cm"],
        json!({"measured_by": "resident", "measured_on": "2026-11-20T08:00:00Z", "measured_how": "tape", "photo": "p1"})
    );
    let unreadable = json!({"provenance": "by Olha"});
    assert!(edited(&told, "r1", unreadable.as_object().unwrap()).is_err());
    assert_eq!(difference(&told.claim, unreadable.as_object().unwrap()), Difference { present: None, by: None });
    assert_eq!(edited(&report(Claim::Blocked), "r1", record).unwrap(), None);
}

#[test]
fn a_lift_that_works_again_loses_why_it_did_not() {
    let record = json!({"is_working": false, "out_of_order_reason": "двигун", "state_at": "2026-11-01T00:00:00Z"});
    let works = Report { about: About::Lift(4), ..report(Claim::LiftWorks) };
    let new = edited(&works, "r1", record.as_object().unwrap()).unwrap().unwrap();
    assert_eq!((&new["is_working"], &new["out_of_order_reason"]), (&json!(true), &json!(null)));
    assert_eq!(new["state_at"], "2026-11-20T08:00:00Z");
}

#[test]
fn a_claim_fits_what_it_is_about() {
    let field = |claim: Claim, about, note| match claim.check(about, note) {
        Err(Error::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(field(Claim::Blocked, About::Lift(1), None), "about");
    assert_eq!(field(Claim::LiftBroken, About::Entrance(1), None), "about");
    assert_eq!(field(Claim::Other, About::Venue, Some("  ")), "note");
    assert_eq!(field(door(5.0), About::Venue, None), "value");
    assert!(Claim::Blocked.check(About::Entrance(1), None).is_ok());
}

#[test]
fn a_telephone_may_be_late_and_a_little_ahead() {
    let now = at("2026-11-20T08:00:00Z");
    assert_eq!(reported_at(at("2026-11-19T08:00:00Z"), now).unwrap(), at("2026-11-19T08:00:00Z"));
    assert_eq!(reported_at(at("2026-11-20T08:05:00Z"), now).unwrap(), now);
    assert!(reported_at(at("2026-11-20T09:00:00Z"), now).is_err());
    assert!(reported_at(at("2026-10-01T09:00:00Z"), now).is_err());
}

#[test]
fn what_is_kept_is_read_back() {
    for claim in [door(68.5), Claim::Blocked, Claim::Other] {
        let kept = Report { about: About::Entrance(7), ..report(claim) };
        let text = serde_json::to_string(&kept).unwrap();
        assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), kept, "{text}");
    }
}
