//! stops.txt.

use std::collections::BTreeMap;

use misto_model::{Level, Place, PlaceKind, Stop, StopDetails, StopId, WheelchairAccess};

use super::tables::{Problems, Row, Table};
use super::{Problem, fields};

/// What stops.txt holds, where vehicles stop and where they do not.
#[derive(Default)]
pub(super) struct Locations {
    pub stops: BTreeMap<StopId, Stop>,
    pub places: BTreeMap<StopId, Place>,
}

impl Locations {
    pub(super) fn len(&self) -> usize {
        self.stops.len() + self.places.len()
    }

    pub(super) fn contains(&self, id: &StopId) -> bool {
        self.stops.contains_key(id) || self.places.contains_key(id)
    }

    fn kind(&self, id: &StopId) -> Option<Kind> {
        let place = || self.places.get(id).map(|place| Kind::Place(place.kind));
        self.stops.contains_key(id).then_some(Kind::Stop).or_else(place)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Stop,
    Place(PlaceKind),
}

/// Every location by id; stops and entrances that are silent about wheelchairs speak as their station.
pub(super) fn read(table: &Table, levels: &BTreeMap<String, Level>, problems: &mut Problems) -> Locations {
    let mut found = Locations::default();
    if !table.required(problems) || !table.has_columns(&["stop_id"], problems) {
        return found;
    }
    table.each(problems, |row, problems| match location(row) {
        Ok((id, _, _)) if found.contains(&id) => {
            problems.add(row.problem("stop_id", format!("{id} stands in the file twice")));
        }
        Ok((id, stop, place)) => {
            found.stops.extend(stop.map(|stop| (id.clone(), stop)));
            found.places.extend(place.map(|place| (id, place)));
        }
        Err(problem) => problems.refuse(row, "stop_id", problem),
    });
    table.each(problems, |row, problems| {
        let level = row.text("level_id");
        if !level.is_empty() && !levels.contains_key(level) {
            problems.dangling(row, "level_id", &["levels.txt"]);
        }
        check_parent(row, &found, problems);
    });
    inherit(&mut found);
    found
}

type Location = (StopId, Option<Stop>, Option<Place>);

fn location(row: &Row<'_>) -> Result<Location, Problem> {
    let id = StopId(fields::required(row, "stop_id")?);
    let wheelchair_boarding = fields::wheelchair(row, "wheelchair_boarding")?;
    let (code, details) = (row.optional("stop_code"), details(row));
    let kind = match kind(row)? {
        Kind::Stop => {
            let name = fields::required(row, "stop_name")?;
            let position = fields::position(row, "stop_lat", "stop_lon")?;
            return Ok((id.clone(), Some(Stop { id, name, code, position, wheelchair_boarding, details }), None));
        }
        Kind::Place(kind) => kind,
    };
    let within = matches!(kind, PlaceKind::Node | PlaceKind::BoardingArea);
    let name = if within { row.optional("stop_name") } else { Some(fields::required(row, "stop_name")?) };
    let placed = !within || !row.text("stop_lat").is_empty() || !row.text("stop_lon").is_empty();
    let position = placed.then(|| fields::position(row, "stop_lat", "stop_lon")).transpose()?;
    Ok((id.clone(), None, Some(Place { id, kind, name, code, position, wheelchair_boarding, details })))
}

fn kind(row: &Row<'_>) -> Result<Kind, Problem> {
    Ok(match row.text("location_type") {
        "" | "0" => Kind::Stop,
        "1" => Kind::Place(PlaceKind::Station),
        "2" => Kind::Place(PlaceKind::Entrance),
        "3" => Kind::Place(PlaceKind::Node),
        "4" => Kind::Place(PlaceKind::BoardingArea),
        other => return Err(row.problem("location_type", format!("{other:?} is none of 0 to 4"))),
    })
}

fn details(row: &Row<'_>) -> Option<Box<StopDetails>> {
    let details = StopDetails {
        parent: row.optional("parent_station").map(StopId),
        platform_code: row.optional("platform_code"),
        level: row.optional("level_id"),
        zone: row.optional("zone_id"),
        description: row.optional("stop_desc"),
        url: row.optional("stop_url"),
        spoken_name: row.optional("tts_stop_name"),
        time_zone: row.optional("stop_timezone"),
    };
    (details != StopDetails::default()).then(|| Box::new(details))
}

/// Who may lie in what (stops.txt, `parent_station`): stops, entrances and nodes in a station,
/// boarding areas in a stop, stations in nothing.
fn check_parent(row: &Row<'_>, found: &Locations, problems: &mut Problems) {
    let parent = row.text("parent_station");
    let Ok(own) = kind(row) else { return };
    let wanted = match own {
        Kind::Place(PlaceKind::Station) if parent.is_empty() => return,
        Kind::Place(PlaceKind::Station) => {
            return problems.add(row.problem("parent_station", "a station lies in no other station"));
        }
        Kind::Place(PlaceKind::BoardingArea) => Kind::Stop,
        Kind::Stop if parent.is_empty() => return,
        _ => Kind::Place(PlaceKind::Station),
    };
    if parent.is_empty() {
        return problems.add(row.problem("parent_station", "this is required for what lies in a station, and empty"));
    }
    match found.kind(&StopId(parent.to_owned())) {
        None => problems.dangling(row, "parent_station", &["stops.txt"]),
        Some(found) if found != wanted => {
            let right = if wanted == Kind::Stop { "a stop or platform" } else { "a station" };
            problems.add(row.problem("parent_station", format!("{parent} is not {right} (location_type)")));
        }
        Some(_) => {}
    }
}

fn inherit(found: &mut Locations) {
    let of_station: BTreeMap<StopId, WheelchairAccess> = (found.places.iter())
        .filter(|(_, place)| place.kind == PlaceKind::Station)
        .map(|(id, place)| (id.clone(), place.wheelchair_boarding))
        .collect();
    let stops = found.stops.values_mut().map(|stop| (&stop.details, &mut stop.wheelchair_boarding));
    let entrances = (found.places.values_mut())
        .filter(|place| place.kind == PlaceKind::Entrance)
        .map(|place| (&place.details, &mut place.wheelchair_boarding));
    for (details, own) in stops.chain(entrances) {
        let parent = details.as_ref().and_then(|details| details.parent.as_ref());
        if let (WheelchairAccess::Unknown, Some(parent)) = (*own, parent) {
            *own = of_station.get(parent).copied().unwrap_or_default();
        }
    }
}
