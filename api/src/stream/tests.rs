use std::cell::Cell;
use std::time::Duration;

use misto_model::Bbox;

use super::*;

fn place(lon: f64) -> Position {
    Position::new(lon, 48.92).unwrap()
}

fn seen(hub: &Hub, audience: Audience, id: &str, lon: f64, route: &str) {
    let subject = Subject::Vehicle { position: place(lon), route: Some(route.to_owned()) };
    hub.announce(Event { subject, audience: Some(audience), id: id.to_owned(), data: format!("{lon}") });
}

fn vehicles(within: Option<[f64; 2]>, routes: Option<&str>) -> Arc<Filter> {
    let within = within.map(|[west, east]| Bbox::new(west, 48.0, east, 49.0).unwrap());
    let routes = routes.map(|route| [route.to_owned()].into());
    Arc::new(Filter { within, routes, vehicles: true, ..Filter::default() })
}

fn settled(hub: &Hub, audience: Audience, filter: Arc<Filter>, shown: &[&str]) -> Listener {
    let listener = hub.listen(audience, filter);
    listener.settle(shown.iter().copied());
    listener
}

/// Name and data of what came.
fn come(listener: &Listener) -> Vec<String> {
    let Taken::Letters(letters) = listener.take() else { return vec!["lost".to_owned()] };
    let text = |letter: &Arc<Letter>| String::from_utf8(letter.bytes.to_vec()).unwrap();
    letters
        .iter()
        .map(|letter| text(letter).replace("event: ", "").replace("\ndata:", "").replace("\n\n", ""))
        .collect()
}

#[test]
fn an_event_goes_to_those_who_asked_for_its_place_or_route_and_to_no_other_audience() {
    let hub = Hub::default();
    let here = settled(&hub, Audience::Public, vehicles(Some([24.70, 24.72]), None), &[]);
    let there = settled(&hub, Audience::Public, vehicles(Some([24.80, 24.82]), None), &[]);
    let country = settled(&hub, Audience::Public, vehicles(Some([22.0, 40.0]), None), &[]);
    let route = settled(&hub, Audience::Public, vehicles(None, Some("7")), &[]);
    let both = settled(&hub, Audience::Public, vehicles(Some([24.70, 24.72]), Some("8")), &[]);
    let all = settled(&hub, Audience::Public, vehicles(None, None), &[]);
    let staff = settled(&hub, Audience::Staff, vehicles(None, None), &[]);
    seen(&hub, Audience::Public, "a", 24.71, "7");
    for listener in [&here, &country, &route, &all] {
        assert_eq!(come(listener), ["vehicle 24.71"]);
    }
    for listener in [&there, &both, &staff] {
        assert!(come(listener).is_empty());
    }
    seen(&hub, Audience::Staff, "hfp:1/1", 24.71, "7");
    assert_eq!(come(&staff), ["vehicle 24.71"]);
    for listener in [&here, &there, &country, &route, &both, &all] {
        assert!(come(listener).is_empty(), "the public hears nothing that is meant for staff");
    }
}

#[test]
fn who_shows_a_vehicle_hears_once_that_it_left() {
    let hub = Hub::default();
    let here = settled(&hub, Audience::Public, vehicles(Some([24.70, 24.72]), None), &["a"]);
    let route = settled(&hub, Audience::Public, vehicles(None, Some("7")), &[]);
    seen(&hub, Audience::Public, "a", 24.90, "7");
    assert_eq!(come(&here), [r#"gone {"id":"a"}"#]);
    assert_eq!(come(&route), ["vehicle 24.9"]);
    seen(&hub, Audience::Public, "a", 24.91, "8");
    assert!(come(&here).is_empty());
    assert_eq!(come(&route), [r#"gone {"id":"a"}"#]);
    seen(&hub, Audience::Public, "a", 24.71, "8");
    hub.announce_to(Audience::Public, &Subject::VehicleGone, "a", || None);
    assert_eq!(come(&here), ["vehicle 24.71", r#"gone {"id":"a"}"#]);
}

#[test]
fn what_leaves_while_the_snapshot_is_made_does_not_stay_on_the_map() {
    let hub = Hub::default();
    let here = hub.listen(Audience::Public, vehicles(Some([24.70, 24.72]), None));
    seen(&hub, Audience::Public, "left", 24.90, "7");
    seen(&hub, Audience::Public, "came back", 24.90, "7");
    seen(&hub, Audience::Public, "came back", 24.71, "7");
    seen(&hub, Audience::Public, "elsewhere", 24.90, "7");
    hub.announce_to(Audience::Public, &Subject::VehicleGone, "gone", || None);
    here.settle(["left", "came back", "gone", "stands"]);
    assert_eq!(come(&here), ["vehicle 24.71", r#"gone {"id":"left"}"#, r#"gone {"id":"gone"}"#]);
    seen(&hub, Audience::Public, "stands", 24.90, "7");
    seen(&hub, Audience::Public, "came back", 24.90, "7");
    assert_eq!(come(&here), [r#"gone {"id":"stands"}"#, r#"gone {"id":"came back"}"#]);
}

#[test]
fn an_event_is_written_once_and_only_for_readers() {
    let hub = Hub::default();
    let written = Cell::new(0);
    let subject = Subject::Vehicle { position: place(24.71), route: None };
    let announce = || {
        hub.announce_to(Audience::Public, &subject, "a", || {
            written.set(written.get() + 1);
            Some("{}".to_owned())
        });
    };
    let _elsewhere = settled(&hub, Audience::Public, vehicles(Some([24.80, 24.82]), None), &[]);
    announce();
    assert_eq!(written.get(), 0);
    let _readers = [(); 3].map(|()| settled(&hub, Audience::Public, vehicles(None, None), &[]));
    announce();
    assert_eq!(written.get(), 1);
}

#[test]
fn a_slow_reader_gets_the_newest_of_each_vehicle_and_a_slower_one_begins_anew() {
    let hub = Hub::default();
    let all = settled(&hub, Audience::Public, vehicles(None, None), &[]);
    for fix in 0..1_000 {
        seen(&hub, Audience::Public, "a", f64::from(fix) / 100.0, "7");
    }
    assert_eq!(come(&all).len(), 1_000, "a reader that keeps up is told everything");
    seen(&hub, Audience::Public, "a", 0.0, "7");
    std::thread::sleep(Duration::from_millis(1_100));
    for fix in 1..=1_000 {
        seen(&hub, Audience::Public, if fix % 2 == 0 { "a" } else { "b" }, f64::from(fix) / 100.0, "7");
    }
    let left = come(&all);
    assert!(left.len() < 70, "{}", left.len());
    assert_eq!(left[left.len() - 2..], ["vehicle 9.99", "vehicle 10"]);
    assert!(hub.coalesced() > 900);
    for pause_ms in [0, 1_100] {
        seen(&hub, Audience::Public, "a", 0.0, "7");
        std::thread::sleep(Duration::from_millis(pause_ms));
        for fix in 0..9_000 {
            seen(&hub, Audience::Public, "a", f64::from(fix) / 100.0, "7");
        }
        assert_eq!(hub.waiting(), 0, "nothing is kept for a reader that begins anew");
        assert_eq!(come(&all), ["lost"]);
    }
}

#[test]
fn who_leaves_is_forgotten() {
    let hub = Hub::default();
    let filters = [vehicles(Some([24.70, 24.72]), None), vehicles(None, Some("7")), vehicles(None, None)];
    let listeners = filters.map(|filter| settled(&hub, Audience::Public, filter, &["a", "b"]));
    seen(&hub, Audience::Public, "c", 24.71, "7");
    drop(listeners);
    let left = format!("{:?}", *locked(&hub.public));
    assert!(left.contains("members: {}, by_cell: {}, by_route: {}, anywhere: [], showing: {}, opening: []"), "{left}");
    assert!(!hub.is_heard_by(Audience::Public));
}
