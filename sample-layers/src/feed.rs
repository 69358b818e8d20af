//! The demo timetable as a GTFS Schedule feed.

use std::borrow::Cow;

use jiff::ToSpan;
use jiff::civil::Date;

pub(crate) const STOPS: &str = include_str!("../gtfs/stops.txt");
pub(crate) const ROUTES: &str = include_str!("../gtfs/routes.txt");
pub(crate) const TRIPS: &str = include_str!("../gtfs/trips.txt");
pub(crate) const STOP_TIMES: &str = include_str!("../gtfs/stop_times.txt");
pub(crate) const SHAPES: &str = include_str!("../gtfs/shapes.txt");

/// `calendar.txt`: the one service `daily`, every weekday, from 30 days before
/// `today` until 365 days after.
pub fn calendar(today: Date) -> String {
    let first = today.saturating_sub(30.days());
    let last = today.saturating_add(365.days());
    let day = |d: Date| format!("{:04}{:02}{:02}", d.year(), d.month(), d.day());
    format!(
        "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\ndaily,1,1,1,1,1,1,1,{},{}\n",
        day(first),
        day(last)
    )
}

/// The whole feed: file names of the GTFS Schedule reference with their text,
/// the calendar written relative to `today`.
pub fn gtfs(today: Date) -> Vec<(&'static str, Cow<'static, str>)> {
    vec![
        ("agency.txt", include_str!("../gtfs/agency.txt").into()),
        ("feed_info.txt", include_str!("../gtfs/feed_info.txt").into()),
        ("stops.txt", STOPS.into()),
        ("routes.txt", ROUTES.into()),
        ("trips.txt", TRIPS.into()),
        ("stop_times.txt", STOP_TIMES.into()),
        ("shapes.txt", SHAPES.into()),
        ("calendar.txt", calendar(today).into()),
    ]
}
