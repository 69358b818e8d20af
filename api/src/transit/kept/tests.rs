use super::*;
use crate::transit::sample::network;

fn visit(network: &Network, trip: Option<(&str, &str)>, call: usize, at: &str) -> StopVisit {
    let run = trip
        .map(|(trip, day)| Run { trip: network.find_trip(&TripId(trip.into())).unwrap(), day: day.parse().unwrap() });
    let without_times = || network.patterns().find(|(_, pattern)| pattern.trips.is_empty()).unwrap().0;
    StopVisit {
        vehicle: "test:/7".parse().unwrap(),
        pattern: run.map_or_else(without_times, |run| network.pattern_of(run.trip).unwrap()),
        run,
        call,
        arrival: at.parse().unwrap(),
        departure: at.parse().unwrap(),
    }
}

async fn store_with(visits: &[(&Network, StopVisit)]) -> (tempfile::TempDir, misto_store::Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = misto_store::open(&format!("geopackage:{}/city.gpkg", folder.path().display())).await.unwrap();
    let now = "2026-07-12T00:00:00Z".parse().unwrap();
    let events: Vec<Event> = visits.iter().map(|(network, visit)| event(network, visit, now).unwrap()).collect();
    assert_eq!(store.series.append_events(&events).await.unwrap().added, events.len() as u64);
    (folder, store)
}

#[tokio::test]
async fn a_day_has_the_visits_of_its_runs_though_they_come_after_midnight() {
    let network = network(&["early", "late"]);
    // 01:05 in Kyiv on the 11th: a run of the 10th.
    let late = visit(&network, Some(("late", "2026-07-10")), 1, "2026-07-10T22:05:00Z");
    let early = visit(&network, Some(("early", "2026-07-11")), 0, "2026-07-11T03:00:00Z");
    // 00:30 in Kyiv on the 11th, of a vehicle without a trip: of the calendar day.
    let untimed = visit(&network, None, 0, "2026-07-10T21:30:00Z");
    let all = [late.clone(), early.clone(), untimed.clone()];
    let (_folder, store) = store_with(&all.map(|visit| (&network, visit))).await;
    let day = async |day: &str| of_day(store.series.as_ref(), &network, day.parse().unwrap(), None).await.unwrap();
    let tenth = day("2026-07-10").await;
    assert_eq!((tenth.visits, tenth.left_out), (vec![late], 0));
    let eleventh = day("2026-07-11").await;
    assert_eq!((eleventh.visits, eleventh.left_out), (vec![untimed, early.clone()], 0));
    assert!(day("2026-07-09").await.visits.is_empty());
    let other = RouteId("other".into());
    let of_other = of_day(store.series.as_ref(), &network, "2026-07-11".parse().unwrap(), Some(&other)).await.unwrap();
    assert_eq!((of_other.visits.len(), of_other.left_out), (0, 0));
}

#[tokio::test]
async fn what_the_timetable_does_not_have_any_more_is_counted_and_not_guessed() {
    let former = network(&["early", "late"]);
    let present = network(&["early"]);
    let gone = visit(&former, Some(("late", "2026-07-10")), 1, "2026-07-10T22:05:00Z");
    let stays = visit(&former, Some(("early", "2026-07-10")), 0, "2026-07-10T03:00:00Z");
    let (_folder, store) = store_with(&[(&former, gone), (&former, stays)]).await;
    let found = of_day(store.series.as_ref(), &present, "2026-07-10".parse().unwrap(), None).await.unwrap();
    assert_eq!((found.visits.len(), found.left_out), (1, 1));
    assert_eq!(found.visits[0].run.unwrap().trip, present.find_trip(&TripId("early".into())).unwrap());
}

#[test]
fn a_report_counts_runs_kilometres_and_floors_and_never_a_visit_twice() {
    use misto_city::transit::headway::DayVisits;
    let network = network(&["early", "late"]);
    let day = "2026-07-10".parse().unwrap();
    let run = Some(("early", "2026-07-10"));
    let whole = [("2026-07-10T03:00:00Z", 0), ("2026-07-10T03:01:00Z", 1), ("2026-07-10T03:02:00Z", 2)];
    let mut visits: Vec<StopVisit> = whole.map(|(at, call)| visit(&network, run, call, at)).into();
    visits.push(visits[1].clone());
    let report = DayVisits::new(&network, day, &visits);
    assert_eq!(report.count(), 3);
    let lines = report.lines(|_| Some(true));
    let line = lines.iter().find(|line| line.direction == Some(0)).unwrap();
    assert_eq!((line.visits, line.trips_planned, line.trips_run), (3, 2, 1));
    assert_eq!((line.floor_known, line.low_floor), (1, 1));
    assert!((line.kilometres - 1.0).abs() < 0.02, "{}", line.kilometres);
    let trips: Vec<_> = report.trips_performed().collect();
    assert_eq!((trips.len(), trips[0].calls), (1, (3, 3)));
    assert_eq!(report.stop_visits().count(), 3);
}
