//! The form in which travel times are kept: lists instead of tables.

use misto_model::StopId;
use serde::{Deserialize, Serialize};

use super::calibration::Calibration;
use super::crowding::Crowding;
use super::deviation::{Lessons, Wave};
use super::profile::Tally;
use super::slot::SLOTS;
use super::{AtStop, Link, Shape, TravelTimes};

/// Without what vehicles do just now: that is over when the state is read again.
#[derive(Serialize, Deserialize)]
pub(super) struct Saved {
    stops: Vec<StopId>,
    at_stops: Vec<AtStop>,
    links: Vec<(u32, u32, Link)>,
    shape: Vec<Tally>,
    city: Wave,
    lessons: Lessons,
    calibration: Calibration,
    crowding: Crowding,
    observations: u64,
}

impl From<TravelTimes> for Saved {
    fn from(times: TravelTimes) -> Self {
        let mut stops: Vec<(u32, StopId)> = times.stops.into_iter().map(|(id, number)| (number, id)).collect();
        stops.sort_unstable();
        let mut links: Vec<_> = times.links.into_iter().map(|((from, to), link)| (from, to, link)).collect();
        links.sort_unstable_by_key(|(from, to, _)| (*from, *to));
        Self {
            stops: stops.into_iter().map(|(_, id)| id).collect(),
            at_stops: times.at_stops,
            links,
            shape: times.shape.tallies,
            city: times.city,
            lessons: times.lessons,
            calibration: times.calibration,
            crowding: times.crowding,
            observations: times.observations,
        }
    }
}

impl From<Saved> for TravelTimes {
    /// Numbers that point nowhere are left out: the state may have been cut.
    fn from(saved: Saved) -> Self {
        let mut at_stops = saved.at_stops;
        at_stops.resize_with(saved.stops.len(), AtStop::default);
        let known = |number: u32| (number as usize) < at_stops.len();
        let links = saved.links.into_iter().filter(|(from, to, _)| known(*from) && known(*to));
        let mut shape = Shape::default();
        for (slot, tally) in saved.shape.into_iter().take(SLOTS).enumerate() {
            shape.set(slot, tally);
        }
        Self {
            links: links.map(|(from, to, link)| ((from, to), link)).collect(),
            stops: saved.stops.into_iter().zip(0..).collect(),
            at_stops,
            shape,
            city: saved.city,
            shares: saved.lessons.shares(),
            lessons: saved.lessons,
            calibration: saved.calibration,
            crowding: saved.crowding,
            observations: saved.observations,
            ..Self::default()
        }
    }
}
