use super::*;
use crate::transit::sample::network;

fn visit(network: &Network, with_timetable: bool, at: i64) -> StopVisit {
    let pattern = network.patterns().find(|(_, pattern)| pattern.trips.is_empty() != with_timetable).unwrap().0;
    let at = Instant::from_seconds(1_784_000_000 + at).unwrap();
    StopVisit { vehicle: "test:/7".parse().unwrap(), pattern, run: None, call: 0, arrival: at, departure: at }
}

#[test]
fn the_median_is_of_routes_without_a_timetable_and_of_enough_intervals() {
    let network = network(&["early"]);
    let (with, without) = (RouteId("r".into()), RouteId("untimed".into()));
    let mut intervals = Intervals::default();
    // In no order, as vehicles report; one gap among regular intervals.
    for at in [600, 0, 1_200, 1_800, 4_800] {
        intervals.take(&network, &visit(&network, false, at));
        intervals.take(&network, &visit(&network, true, at));
    }
    assert_eq!(intervals.median_s(&without, Some(0)), None, "four intervals are too few");
    intervals.take(&network, &visit(&network, false, 5_400));
    assert_eq!(intervals.median_s(&without, Some(0)), Some(600.0));
    assert_eq!(intervals.median_s(&with, Some(0)), None, "it has a timetable");
    intervals.settle(Instant::from_seconds(1_784_000_000 + 12_600).unwrap());
    assert_eq!(intervals.median_s(&without, Some(0)), None, "what is too old is forgotten");
}

#[test]
fn memory_does_not_grow_with_time() {
    let network = network(&[]);
    let mut intervals = Intervals::default();
    for at in 0..10_000 {
        intervals.take(&network, &visit(&network, false, at));
    }
    let kept: usize = intervals.departures.values().flat_map(BTreeMap::values).map(VecDeque::len).sum();
    assert_eq!(kept, REMEMBERED);
}
