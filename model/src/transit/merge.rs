//! Several feeds as one timetable: the city's, the suburban carrier's.
//!
//! GTFS ids are unique within a feed only. The city's own feed keeps its ids; those
//! of another feed get its name and a colon before them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{RouteId, StopDetails, StopId, Timetable, Trip, TripId};

/// Name of a feed: small Latin letters, digits, `_` and `-`. The feed `city` keeps its ids bare.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FeedName(String);

/// Why a text names no feed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no name of a feed: use 1 to 40 small Latin letters, digits, _ and -")]
pub struct InvalidFeedName(pub String);

/// Why feeds cannot be one timetable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeConflict {
    /// Times of both count from another midnight.
    #[error(
        "feed {feed} has the time zone {own}, the timetable {other}; the feeds of one city must share their agency_timezone"
    )]
    TimeZone {
        /// The feed that differs.
        feed: FeedName,
        /// Its zone.
        own: String,
        /// That of the feeds before.
        other: String,
    },
    /// An id of the city's feed begins with the name of another feed.
    #[error("{id} of {file} stands in feed {feed} and in a feed before it")]
    Id {
        /// The later feed.
        feed: FeedName,
        /// Where the id stands.
        file: &'static str,
        /// The id as it is told.
        id: String,
    },
}

impl FeedName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The city's own feed, whose ids stay bare.
    pub fn city() -> Self {
        Self("city".to_owned())
    }

    /// Whether ids of this feed stay bare.
    pub fn is_city(&self) -> bool {
        self.0 == "city"
    }

    /// An id of this feed as the merged timetable has it.
    pub fn id(&self, id: &str) -> String {
        if self.is_city() { id.to_owned() } else { format!("{}:{id}", self.0) }
    }
}

impl TryFrom<String> for FeedName {
    type Error = InvalidFeedName;
    fn try_from(text: String) -> Result<Self, InvalidFeedName> {
        let letters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        let fits = (1..=40).contains(&text.len()) && text.bytes().all(letters);
        if fits { Ok(Self(text)) } else { Err(InvalidFeedName(text.chars().take(60).collect())) }
    }
}

impl std::str::FromStr for FeedName {
    type Err = InvalidFeedName;
    fn from_str(text: &str) -> Result<Self, InvalidFeedName> {
        text.to_owned().try_into()
    }
}

impl From<FeedName> for String {
    fn from(name: FeedName) -> Self {
        name.0
    }
}

impl std::fmt::Display for FeedName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Timetable {
    /// One timetable of several feeds, with the ids as [`FeedName::id`] tells them. The city's
    /// feed comes first, the others by name. The dates and version of feed_info.txt are those of
    /// the first feed that has any.
    ///
    /// # Errors
    /// When the feeds differ in their time zone, or an id stands in two of them.
    pub fn merged(feeds: impl IntoIterator<Item = (FeedName, Self)>) -> Result<Self, MergeConflict> {
        let mut feeds: Vec<(FeedName, Self)> = feeds.into_iter().collect();
        feeds.sort_by(|(a, _), (b, _)| (!a.is_city(), a).cmp(&(!b.is_city(), b)));
        if feeds.iter().map(|(_, timetable)| timetable.agencies.len()).sum::<usize>() > 1 {
            feeds.iter_mut().for_each(|(name, timetable)| timetable.name_agencies(name));
        }
        let mut merged = Self::default();
        for (number, (name, timetable)) in feeds.into_iter().enumerate() {
            if number == 0 {
                merged.time_zone.clone_from(&timetable.time_zone);
            }
            merged.take(&name, timetable.with_ids_of(&name))?;
        }
        merged.trips.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(merged)
    }

    /// With several agencies each needs an id (GTFS Schedule, agency.txt).
    fn name_agencies(&mut self, feed: &FeedName) {
        let own = if feed.is_city() { "city" } else { "agency" };
        for agency in &mut self.agencies {
            agency.id.get_or_insert_with(|| own.to_owned());
        }
        let [only] = self.agencies.as_slice() else { return };
        for route in self.routes.values_mut() {
            route.agency.get_or_insert_with(|| only.id.clone().unwrap_or_default());
        }
    }

    fn take(&mut self, feed: &FeedName, other: Self) -> Result<(), MergeConflict> {
        if other.time_zone != self.time_zone {
            let (own, other) = (other.time_zone, self.time_zone.clone());
            return Err(MergeConflict::TimeZone { feed: feed.clone(), own, other });
        }
        let taken = |file: &'static str, id: String| MergeConflict::Id { feed: feed.clone(), file, id };
        let trips: std::collections::HashSet<&TripId> = self.trips.iter().map(|trip| &trip.id).collect();
        if let Some(twice) = other.trips.iter().find(|trip| trips.contains(&trip.id)) {
            return Err(taken("trips.txt", twice.id.to_string()));
        }
        // Unnamed agencies are those of a timetable with one agency.
        let own = |id: &Option<String>| id.is_some() && self.agencies.iter().any(|agency| agency.id == *id);
        if let Some(twice) = other.agencies.iter().find(|agency| own(&agency.id)) {
            return Err(taken("agency.txt", twice.id.clone().unwrap_or_default()));
        }
        let conflict = |file| move |id: String| MergeConflict::Id { feed: feed.clone(), file, id };
        unite(&mut self.stops, other.stops).map_err(|id| conflict("stops.txt")(id.0))?;
        unite(&mut self.places, other.places).map_err(|id| conflict("stops.txt")(id.0))?;
        unite(&mut self.routes, other.routes).map_err(|id| conflict("routes.txt")(id.0))?;
        unite(&mut self.services, other.services).map_err(|id| conflict("calendar.txt")(id.0))?;
        unite(&mut self.shapes, other.shapes).map_err(conflict("shapes.txt"))?;
        unite(&mut self.levels, other.levels).map_err(conflict("levels.txt"))?;
        self.agencies.extend(other.agencies);
        self.trips.extend(other.trips);
        self.trajectories.extend(other.trajectories);
        self.pathways.extend(other.pathways);
        self.transfers.extend(other.transfers);
        self.feed_info = self.feed_info.take().or(other.feed_info);
        Ok(())
    }

    fn with_ids_of(self, feed: &FeedName) -> Self {
        if feed.is_city() {
            return self;
        }
        let mut own = self;
        let text = |id: &mut String| *id = feed.id(id);
        let maybe = |id: &mut Option<String>| id.iter_mut().for_each(text);
        let details = |details: &mut Option<Box<StopDetails>>| {
            for StopDetails { parent, level, zone, .. } in details.iter_mut().map(AsMut::as_mut) {
                parent.iter_mut().for_each(|StopId(id)| text(id));
                [level, zone].into_iter().for_each(maybe);
            }
        };
        own.agencies.iter_mut().for_each(|agency| maybe(&mut agency.id));
        for stop in own.stops.values_mut() {
            text(&mut stop.id.0);
            details(&mut stop.details);
        }
        for place in own.places.values_mut() {
            text(&mut place.id.0);
            details(&mut place.details);
        }
        for route in own.routes.values_mut() {
            text(&mut route.id.0);
            maybe(&mut route.agency);
        }
        for Trip { id, route, service, shape, block, stop_times, .. } in &mut own.trips {
            [&mut id.0, &mut route.0, &mut service.0].into_iter().for_each(text);
            [shape, block].into_iter().for_each(maybe);
            stop_times.iter_mut().for_each(|call| text(&mut call.stop.0));
        }
        for trajectory in &mut own.trajectories {
            text(&mut trajectory.route.0);
            maybe(&mut trajectory.shape);
            trajectory.stops.iter_mut().for_each(|StopId(id)| text(id));
        }
        for pathway in &mut own.pathways {
            [&mut pathway.id, &mut pathway.from.0, &mut pathway.to.0].into_iter().for_each(text);
        }
        for transfer in &mut own.transfers {
            [&mut transfer.from_stop, &mut transfer.to_stop].into_iter().flatten().for_each(|StopId(id)| text(id));
            [&mut transfer.from_route, &mut transfer.to_route].into_iter().flatten().for_each(|RouteId(id)| text(id));
            [&mut transfer.from_trip, &mut transfer.to_trip].into_iter().flatten().for_each(|TripId(id)| text(id));
        }
        own.stops = own.stops.into_values().map(|stop| (stop.id.clone(), stop)).collect();
        own.places = own.places.into_values().map(|place| (place.id.clone(), place)).collect();
        own.routes = own.routes.into_values().map(|route| (route.id.clone(), route)).collect();
        own.services = own.services.into_iter().map(|(id, s)| (super::ServiceId(feed.id(&id.0)), s)).collect();
        own.shapes = own.shapes.into_iter().map(|(id, shape)| (feed.id(&id), shape)).collect();
        own.levels = own.levels.into_iter().map(|(id, level)| (feed.id(&id), level)).collect();
        own
    }
}

/// Puts a table behind another; the first id that both have is the error.
fn unite<K: Ord + Clone, V>(all: &mut BTreeMap<K, V>, mut more: BTreeMap<K, V>) -> Result<(), K> {
    if let Some(twice) = more.keys().find(|id| all.contains_key(*id)) {
        return Err(twice.clone());
    }
    all.append(&mut more);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Agency, Position, Route, Stop, StopTime, Trajectory, Transfer, WheelchairAccess};
    use super::*;

    fn feed(zone: &str) -> Timetable {
        let stop = |id: &str| Stop {
            id: StopId(id.into()),
            name: id.into(),
            code: None,
            position: Position::new(24.7, 48.9).unwrap(),
            wheelchair_boarding: WheelchairAccess::Unknown,
            details: Some(Box::new(StopDetails { parent: Some(StopId("st".into())), ..StopDetails::default() })),
        };
        let call = |id: &str| StopTime { stop: StopId(id.into()), ..StopTime::default() };
        Timetable {
            time_zone: zone.into(),
            agencies: vec![Agency::from("Тролейбус")],
            stops: [stop("a"), stop("b")].map(|s| (s.id.clone(), s)).into(),
            routes: [(RouteId("r".into()), Route { id: RouteId("r".into()), ..Route::default() })].into(),
            trips: vec![Trip {
                id: TripId("t".into()),
                route: RouteId("r".into()),
                shape: Some("s".into()),
                stop_times: vec![call("a"), call("b")],
                ..Trip::default()
            }],
            shapes: [("s".to_owned(), vec![])].into(),
            trajectories: vec![Trajectory {
                route: RouteId("r".into()),
                direction: None,
                headsign: None,
                shape: Some("s".into()),
                stops: vec![StopId("a".into())],
            }],
            transfers: vec![Transfer { from_stop: Some(StopId("a".into())), ..Transfer::default() }],
            ..Timetable::default()
        }
    }

    fn name(text: &str) -> FeedName {
        text.parse().unwrap()
    }

    #[test]
    fn the_citys_ids_stay_and_the_others_carry_their_feed() {
        let kyiv = "Europe/Kyiv";
        let merged = Timetable::merged([(name("suburban"), feed(kyiv)), (name("city"), feed(kyiv))]).unwrap();
        assert_eq!(merged.trips.iter().map(|t| t.id.0.as_str()).collect::<Vec<_>>(), ["suburban:t", "t"]);
        let trip = &merged.trips[0];
        assert_eq!((trip.route.0.as_str(), trip.shape.as_deref()), ("suburban:r", Some("suburban:s")));
        for call in &trip.stop_times {
            let stop = &merged.stops[&call.stop];
            assert_eq!(stop.details.as_ref().unwrap().parent, Some(StopId("suburban:st".into())));
        }
        assert!(merged.shapes.contains_key("suburban:s") && merged.routes.contains_key(&trip.route));
        assert_eq!(merged.trajectories[1].stops, [StopId("suburban:a".into())]);
        assert_eq!(merged.transfers[1].from_stop, Some(StopId("suburban:a".into())));
        let agencies: Vec<_> = merged.agencies.iter().map(|a| a.id.as_deref()).collect();
        assert_eq!(agencies, [Some("city"), Some("suburban:agency")]);
        assert_eq!(merged.routes[&trip.route].agency.as_deref(), Some("suburban:agency"));
    }

    #[test]
    fn one_feed_stays_as_it_is() {
        assert_eq!(Timetable::merged([(name("city"), feed("Europe/Kyiv"))]).unwrap(), feed("Europe/Kyiv"));
    }

    #[test]
    fn another_midnight_and_an_id_that_stands_twice_are_refused() {
        let other = [(name("city"), feed("Europe/Kyiv")), (name("east"), feed("Europe/Warsaw"))];
        let told = Timetable::merged(other).unwrap_err().to_string();
        assert!(told.contains("east") && told.contains("Europe/Warsaw"), "{told}");
        let mut sly = feed("Europe/Kyiv");
        sly.trips[0].id = TripId("east:t".into());
        let told = Timetable::merged([(name("city"), sly), (name("east"), feed("Europe/Kyiv"))]).unwrap_err();
        assert!(told.to_string().starts_with("east:t of trips.txt"), "{told}");
    }

    #[test]
    fn a_timetable_stored_with_the_names_of_its_agencies_is_still_read() {
        let old = r#"{"time_zone":"Europe/Kyiv","agencies":["Тролейбус"],"stops":{},"routes":{},"trips":[],"services":{},"shapes":{}}"#;
        let timetable: Timetable = serde_json::from_str(old).unwrap();
        assert_eq!(timetable.agencies, [Agency::from("Тролейбус")]);
        let again = serde_json::to_string(&feed("Europe/Kyiv")).unwrap();
        assert_eq!(serde_json::from_str::<Timetable>(&again).unwrap(), feed("Europe/Kyiv"));
    }

    #[test]
    fn names_of_feeds_are_plain() {
        for bad in ["", "Місто", "a b", "a:b", "../x", "CITY"] {
            assert!(bad.parse::<FeedName>().is_err(), "{bad}");
        }
    }
}
