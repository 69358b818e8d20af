//! Whom a series is about, as both backends name it.

use misto_model::{DatastreamKey, Event, VehicleKey};

use crate::EventQuery;

/// Series of positions; also the name of its table.
pub(crate) const POSITION: &str = "position";
/// Series of readings; also the name of its table.
pub(crate) const READING: &str = "reading";
/// Series of events; also the name of its table.
pub(crate) const EVENT: &str = "event";

/// Series, source (of an event its kind), owner (operator, thing) and name (vehicle,
/// observed property, what an event is about).
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct SubjectName {
    pub(crate) series: &'static str,
    pub(crate) source: String,
    pub(crate) owner: String,
    pub(crate) name: String,
}

impl From<&VehicleKey> for SubjectName {
    fn from(vehicle: &VehicleKey) -> Self {
        Self {
            series: POSITION,
            source: vehicle.source().to_string(),
            owner: vehicle.operator().to_owned(),
            name: vehicle.vehicle().to_owned(),
        }
    }
}

impl From<&DatastreamKey> for SubjectName {
    fn from(datastream: &DatastreamKey) -> Self {
        Self {
            series: READING,
            source: datastream.source.to_string(),
            owner: datastream.thing.clone(),
            name: datastream.observed_property.clone(),
        }
    }
}

impl From<&Event> for SubjectName {
    fn from(event: &Event) -> Self {
        let (source, name) = (event.kind.to_string(), event.subject.to_string());
        Self { series: EVENT, source, owner: String::new(), name }
    }
}

/// Which subjects of a series: those that agree with all that is told.
#[derive(Default)]
pub(crate) struct Whose {
    pub(crate) source: Option<String>,
    pub(crate) owner: Option<String>,
    pub(crate) name: Option<String>,
}

impl From<&EventQuery> for Whose {
    fn from(query: &EventQuery) -> Self {
        let source = query.kind.as_ref().map(ToString::to_string);
        Self { source, owner: Some(String::new()), name: query.subject.as_ref().map(ToString::to_string) }
    }
}

impl Whose {
    /// That one subject, or all.
    pub(crate) fn one_or_all(subject: Option<impl Into<SubjectName>>) -> Self {
        subject.map_or_else(Self::default, |subject| {
            let SubjectName { source, owner, name, .. } = subject.into();
            Self { source: Some(source), owner: Some(owner), name: Some(name) }
        })
    }

    /// Column and value of what is told.
    pub(crate) fn told(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let columns = [("source", &self.source), ("owner", &self.owner), ("name", &self.name)];
        columns.into_iter().filter_map(|(column, value)| Some((column, value.as_deref()?)))
    }

    /// Whether no two subjects can agree with it.
    pub(crate) fn is_one(&self) -> bool {
        self.told().count() == 3
    }
}
