//! The service days that matter to a question, with the services that run on each.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::lanes::Lanes;
use crate::transit::Network;

/// One service day.
#[derive(Debug)]
pub(super) struct Day {
    pub(super) date: Date,
    /// Seconds from the base of the question to the moment from which its times count.
    pub(super) offset_s: i32,
    /// Which services run, by number.
    pub(super) runs: Vec<bool>,
}

/// Moments of one question are seconds after its base.
#[derive(Debug)]
pub(super) struct Days {
    pub(super) base_s: i64,
    pub(super) days: Vec<Day>,
}

impl Days {
    /// The days of which trips may be under way in a period, without those on which nothing
    /// runs; `until` leaves out later ones.
    pub(super) fn new(network: &Network, lanes: &Lanes, from: Timestamp, to: Timestamp, until: Option<Date>) -> Self {
        let base_s = from.as_second();
        let margin = SignedDuration::from_hours(1);
        // The calendar counts departures; arrivals may be later by a day only in a feed of ferries.
        let found = network.service_days(from, to.checked_add(margin).unwrap_or(to));
        let services = &network.timetable().services;
        let day = |(date, start): (Date, Timestamp)| {
            let calendars = lanes.services.iter().map(|id| services.get(id));
            let runs: Vec<bool> = calendars.map(|calendar| calendar.is_some_and(|it| it.runs_on(date))).collect();
            Day { date, offset_s: (start.as_second() - base_s) as i32, runs }
        };
        let days = found.into_iter().filter(|(date, _)| until.is_none_or(|last| *date <= last)).map(day);
        Self { base_s, days: days.filter(|day| day.runs.contains(&true)).collect() }
    }
}
