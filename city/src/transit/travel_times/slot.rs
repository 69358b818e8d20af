//! Which part of the week a moment belongs to.

use jiff::civil::{Date, Weekday};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::transit::Network;

/// Half hours of a day.
pub(super) const SLOTS_PER_DAY: usize = 48;
/// Kinds of day times half hours.
pub(super) const SLOTS: usize = 3 * SLOTS_PER_DAY;
const SLOT_S: f64 = 1_800.0;

/// Days that resemble each other in traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayKind {
    /// Monday to Friday.
    Weekday,
    /// Saturday, and days on which the timetable of a Saturday runs.
    Saturday,
    /// Sunday, and days on which the timetable of a Sunday runs.
    Sunday,
}

impl DayKind {
    /// The kind of a day: that of its name in the week, unless the calendar of the feed
    /// has exceptions on it and the services of a Saturday or Sunday nearby run.
    pub fn of(network: &Network, day: Date) -> Self {
        let named = match day.weekday() {
            Weekday::Saturday => Self::Saturday,
            Weekday::Sunday => Self::Sunday,
            _ => Self::Weekday,
        };
        let services = &network.timetable().services;
        if named == Self::Sunday || !services.values().any(|calendar| calendar.exceptions.contains_key(&day)) {
            return named;
        }
        let same_services = |other: Date| services.values().all(|one| one.runs_on(day) == one.runs_on(other));
        let runs_as = |weekday: Weekday| {
            let week = (-7..=7_i64).filter_map(|offset| day.checked_add(offset.days()).ok());
            week.filter(|other| *other != day && other.weekday() == weekday).any(same_services)
        };
        if runs_as(day.weekday()) {
            named
        } else if runs_as(Weekday::Sunday) {
            Self::Sunday
        } else if runs_as(Weekday::Saturday) {
            Self::Saturday
        } else {
            named
        }
    }
}

/// A half hour of a kind of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot(pub u8);

impl Slot {
    pub(super) fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A local clock that is read once and then counts on.
#[derive(Debug, Clone, Copy)]
pub(super) struct LocalClock {
    pub(super) kind: DayKind,
    pub(super) day: Date,
    second_of_day: f64,
}

impl LocalClock {
    pub(super) fn read(network: &Network, at: Timestamp, known: Option<(Date, DayKind)>) -> Self {
        let local = at.to_zoned(network.departures().time_zone().clone());
        let day = local.date();
        let kind = known.filter(|(date, _)| *date == day).map_or_else(|| DayKind::of(network, day), |(_, kind)| kind);
        let time = local.time();
        let second_of_day =
            f64::from(time.hour()) * 3_600.0 + f64::from(time.minute()) * 60.0 + f64::from(time.second());
        Self { kind, day, second_of_day }
    }

    /// The slot so many seconds later; past midnight the kind of day stays.
    pub(super) fn slot(self, later_s: f64) -> Slot {
        let half_hour = ((self.second_of_day + later_s) / SLOT_S).rem_euclid(SLOTS_PER_DAY as f64) as usize;
        Slot((self.kind as usize * SLOTS_PER_DAY + half_hour.min(SLOTS_PER_DAY - 1)) as u8)
    }

    pub(super) fn second_of_day(self) -> f64 {
        self.second_of_day
    }
}
