//! stops.txt and shapes.txt.

use std::collections::BTreeMap;

use misto_model::{Position, Shape, Stop, StopId, WheelchairAccess};

use super::tables::{Problems, Row, Table};
use super::{Problem, fields, required};

/// `location_type` of a station; stops and platforms have 0 or nothing.
const STATION: &str = "1";

/// A row of stops.txt of whatever kind.
pub(super) struct Location {
    /// The stop; `None` for stations, entrances, nodes and boarding areas, where nobody boards.
    pub boarding: Option<Stop>,
    wheelchair: WheelchairAccess,
    parent: Option<(StopId, u64)>,
    station: bool,
}

/// Every location by id; stops that are silent about wheelchairs speak as their station.
pub(super) fn read(table: &Table, problems: &mut Problems) -> BTreeMap<StopId, Location> {
    let mut locations = BTreeMap::new();
    if !required(table, problems) || !table.has_columns(&["stop_id"], problems) {
        return locations;
    }
    table.each(problems, |row, problems| match location(row) {
        Ok((id, location)) => {
            if locations.insert(id.clone(), location).is_some() {
                problems.add(row.problem("stop_id", format!("{id} stands in the file twice")));
            }
        }
        Err(problem) => problems.add(problem),
    });
    inherit(table, &mut locations, problems);
    locations
}

fn location(row: &Row<'_>) -> Result<(StopId, Location), Problem> {
    let id = StopId(fields::id(row, "stop_id")?);
    let wheelchair = fields::wheelchair(row, "wheelchair_boarding")?;
    let kind = row.text("location_type");
    if !matches!(kind, "" | "0" | "1" | "2" | "3" | "4") {
        return Err(row.problem("location_type", format!("{kind:?} is none of 0 to 4")));
    }
    let boarding = if matches!(kind, "" | "0") {
        Some(Stop {
            id: id.clone(),
            name: fields::id(row, "stop_name")?,
            code: row.optional("stop_code"),
            position: fields::position(row, "stop_lat", "stop_lon")?,
            wheelchair_boarding: wheelchair,
        })
    } else {
        None
    };
    let parent = row.optional("parent_station").map(|parent| (StopId(parent), row.line));
    Ok((id, Location { boarding, wheelchair, parent, station: kind == STATION }))
}

fn inherit(table: &Table, locations: &mut BTreeMap<StopId, Location>, problems: &mut Problems) {
    let stations: BTreeMap<StopId, WheelchairAccess> =
        locations.iter().filter(|(_, l)| l.station).map(|(id, l)| (id.clone(), l.wheelchair)).collect();
    for location in locations.values_mut() {
        let (Some((parent, line)), Some(stop)) = (&location.parent, &mut location.boarding) else { continue };
        match stations.get(parent) {
            None => {
                problems.add(table.problem(*line, "parent_station", format!("{parent} is no station of this feed")))
            }
            Some(of_station) if stop.wheelchair_boarding == WheelchairAccess::Unknown => {
                stop.wheelchair_boarding = *of_station;
            }
            Some(_) => {}
        }
    }
}

/// The polylines by `shape_id`, points in the order of their sequence.
pub(super) fn shapes(table: &Table, problems: &mut Problems) -> BTreeMap<String, Shape> {
    let mut points: BTreeMap<String, Vec<(u32, Position)>> = BTreeMap::new();
    let columns = ["shape_id", "shape_pt_lat", "shape_pt_lon", "shape_pt_sequence"];
    if table.is_missing() || !table.has_columns(&columns, problems) {
        return BTreeMap::new();
    }
    table.each(problems, |row, problems| {
        let point = || {
            let place = fields::position(row, "shape_pt_lat", "shape_pt_lon")?;
            Ok((fields::id(row, "shape_id")?, fields::number::<u32>(row, "shape_pt_sequence")?, place))
        };
        match point() {
            Ok((id, sequence, place)) => points.entry(id).or_default().push((sequence, place)),
            Err(problem) => problems.add(problem),
        }
    });
    let mut shapes = BTreeMap::new();
    for (id, mut points) in points {
        points.sort_by_key(|(sequence, _)| *sequence);
        if let Some(twice) = points.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            problems.add(table.problem(
                0,
                "shape_pt_sequence",
                format!("shape {id} has the sequence {} twice", twice[0].0),
            ));
        }
        shapes.insert(id, points.into_iter().map(|(_, place)| place).collect());
    }
    shapes
}
