use misto_model::StopId;

use super::super::super::tests::data;
use super::*;

fn folder(routes: &serde_json::Value, stops: &serde_json::Value) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(ROUTES), routes.to_string()).unwrap();
    std::fs::write(folder.path().join(STOPS), stops.to_string()).unwrap();
    folder
}

fn at(lon: f64) -> serde_json::Value {
    serde_json::json!({"latitude": 48.92, "longitude": lon})
}

fn stops() -> serde_json::Value {
    let stop =
        |id: i64, lon: f64| serde_json::json!({"id": id, "name": format!("Зупинка {id}"), "coordinates": at(lon)});
    serde_json::json!([stop(1, 24.70), stop(2, 24.71), stop(3, 24.72), stop(4, 24.73)])
}

fn route(segments: &[&[f64]]) -> serde_json::Value {
    let segments: Vec<Vec<_>> = segments.iter().map(|s| s.iter().map(|lon| at(*lon)).collect()).collect();
    serde_json::json!([{"id": 7, "name": "5", "type": 2, "color": "0,150,10,255", "trajectory": segments, "stopPoints": [1, 2, 99]}])
}

#[test]
fn segments_in_any_order_are_one_way_with_its_stops() {
    let written = route(&[&[24.71, 24.715, 24.72], &[24.70, 24.71], &[24.72, 24.73]]);
    let feed = read(folder(&written, &stops()).path(), "Europe/Kyiv").unwrap();
    let timetable = feed.timetable;
    let [way] = timetable.trajectories.as_slice() else { panic!("{:?}", timetable.trajectories) };
    assert_eq!(way.stops, ["1", "2", "3", "4"].map(|id| StopId(id.into())));
    let shape = &timetable.shapes[way.shape.as_ref().unwrap()];
    assert_eq!(shape.iter().map(|at| at.lon.degrees()).collect::<Vec<_>>(), [24.70, 24.71, 24.715, 24.72, 24.73]);
    let route = &timetable.routes[&way.route];
    assert_eq!((route.short_name.as_str(), route.route_type, route.color.as_deref()), ("5", 11, Some("00960A")));
    assert_eq!(way.direction, None, "one way is not known to be there or back");
    assert!(feed.notes.iter().any(|note| note.contains("1 ids")), "{:?}", feed.notes);
}

#[test]
fn there_and_back_in_one_list_are_two_directions() {
    let written = route(&[
        &[24.70, 24.71],
        &[24.71, 24.72],
        &[24.72, 24.73],
        &[24.7303, 24.7202],
        &[24.7202, 24.7101],
        &[24.7101, 24.7002],
    ]);
    let timetable = read(folder(&written, &stops()).path(), "Europe/Kyiv").unwrap().timetable;
    let directions: Vec<_> = timetable.trajectories.iter().map(|way| way.direction).collect();
    assert_eq!(directions, [Some(0), Some(1)]);
    assert_eq!(timetable.trajectories[1].stops.first(), Some(&StopId("4".into())));
}

#[test]
fn what_contradicts_the_format_is_told_by_route_and_index() {
    let told =
        |routes: &serde_json::Value, stops: &serde_json::Value| match read(folder(routes, stops).path(), "Europe/Kyiv")
        {
            Err(error) => error.to_string(),
            Ok(feed) => panic!("{feed:?}"),
        };
    let bad = told(&route(&[&[24.70, 240.0]]), &stops());
    assert!(bad.contains("routes.json route \"5\" trajectory[0][1]") && bad.contains("longitude"), "{bad}");
    let bad = told(&route(&[&[24.70]]), &stops());
    assert!(bad.contains("trajectory[0]: a segment leads from stop to stop"), "{bad}");
    let mut kind = route(&[&[24.70, 24.71]]);
    kind[0]["type"] = 77.into();
    assert!(told(&kind, &stops()).contains("77 is none of 1 (bus)"));
    let mut twice = stops();
    twice[1]["id"] = 1.into();
    assert!(told(&route(&[&[24.70, 24.71]]), &twice).contains("stopPoints.json [1] id: 1 stands in the file twice"));
    let mut nowhere = stops();
    nowhere[2]["coordinates"] = serde_json::json!({"latitude": 0, "longitude": 0});
    assert!(told(&route(&[&[24.70, 24.71]]), &nowhere).contains("[2] coordinates: the place is 0,0"));
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(ROUTES), "[]").unwrap();
    assert!(read(folder.path(), "Europe/Kyiv").unwrap_err().to_string().contains("stopPoints.json"));
}

#[test]
fn the_citys_own_routes_are_ways() {
    let Some(path) = data("if-transit-routes") else { return };
    let feed = read(&path, "Europe/Kyiv").unwrap();
    feed.notes.iter().for_each(|note| println!("{note}"));
    let timetable = feed.timetable;
    assert_eq!((feed.counts.routes, feed.counts.stops), (56, 418));
    let routes: BTreeSet<_> = timetable.trajectories.iter().map(|way| &way.route).collect();
    assert_eq!(routes.len(), 56);
    assert!(feed.notes.iter().any(|note| note.starts_with("34 of 56 routes")), "{:?}", feed.notes);
    for way in &timetable.trajectories {
        let shape = &timetable.shapes[way.shape.as_ref().unwrap()];
        assert!(way.stops.len() > 2 && shape.len() > 1);
        for stop in &way.stops {
            let place = timetable.stops[stop].position;
            assert!(shape.iter().any(|vertex| vertex.distance_m(place) <= OWN_STOP_M), "{stop} of {}", way.route);
        }
    }
}
