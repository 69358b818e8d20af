//! levels.txt, pathways.txt and transfers.txt.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use misto_model::{Level, Pathway, PathwayMode, PlaceKind, Route, RouteId, StopId, Transfer, TransferKind, TripId};

use super::stops::Locations;
use super::tables::{Problems, Row, Table};
use super::trips::Draft;
use super::{Problem, fields};

pub(super) fn levels(table: &Table, problems: &mut Problems) -> BTreeMap<String, Level> {
    let mut levels = BTreeMap::new();
    if table.is_missing() || !table.has_columns(&["level_id", "level_index"], problems) {
        return levels;
    }
    table.each(problems, |row, problems| {
        let level = || {
            let index = fields::decimal(row, "level_index", -1_000.0..=1_000.0)?
                .ok_or_else(|| row.problem("level_index", "this is required and empty"))?;
            Ok((fields::required(row, "level_id")?, Level { index, name: row.optional("level_name") }))
        };
        match level() {
            Ok((id, level)) => {
                if levels.insert(id.clone(), level).is_some() {
                    problems.add(row.problem("level_id", format!("{id} stands in the file twice")));
                }
            }
            Err(problem) => problems.refuse(row, "level_id", problem),
        }
    });
    levels
}

pub(super) fn pathways(table: &Table, locations: &Locations, problems: &mut Problems) -> Vec<Pathway> {
    let columns = ["pathway_id", "from_stop_id", "to_stop_id", "pathway_mode", "is_bidirectional"];
    let (mut pathways, mut ids) = (Vec::new(), BTreeSet::new());
    if table.is_missing() || !table.has_columns(&columns, problems) {
        return pathways;
    }
    table.each(problems, |row, problems| match pathway(row) {
        Ok(pathway) => {
            if !ids.insert(pathway.id.clone()) {
                problems.add(row.problem("pathway_id", format!("{} stands in the file twice", pathway.id)));
            }
            for (field, end) in [("from_stop_id", &pathway.from), ("to_stop_id", &pathway.to)] {
                if !locations.contains(end) {
                    problems.dangling(row, field, &["stops.txt"]);
                } else if locations.places.get(end).is_some_and(|place| place.kind == PlaceKind::Station) {
                    let reason = format!("{end} is a station; a pathway joins what lies in it");
                    problems.add(row.problem(field, reason));
                }
            }
            pathways.push(pathway);
        }
        Err(problem) => problems.add(problem),
    });
    pathways
}

fn pathway(row: &Row<'_>) -> Result<Pathway, Problem> {
    let mode = match row.text("pathway_mode") {
        "1" => PathwayMode::Walkway,
        "2" => PathwayMode::Stairs,
        "3" => PathwayMode::MovingSidewalk,
        "4" => PathwayMode::Escalator,
        "5" => PathwayMode::Elevator,
        "6" => PathwayMode::FareGate,
        "7" => PathwayMode::ExitGate,
        other => return Err(row.problem("pathway_mode", format!("{other:?} is none of 1 to 7"))),
    };
    let bidirectional = fields::flag(row, "is_bidirectional")?;
    if mode == PathwayMode::ExitGate && bidirectional {
        return Err(row.problem("is_bidirectional", "an exit gate (pathway_mode 7) has one direction"));
    }
    Ok(Pathway {
        id: fields::required(row, "pathway_id")?,
        from: StopId(fields::required(row, "from_stop_id")?),
        to: StopId(fields::required(row, "to_stop_id")?),
        mode,
        bidirectional,
        length_m: fields::decimal(row, "length", 0.0..=100_000.0)?,
        traversal_s: fields::optional_number(row, "traversal_time")?,
        stairs: fields::optional_number(row, "stair_count")?,
        max_slope: fields::decimal(row, "max_slope", -10.0..=10.0)?,
        min_width_m: fields::decimal(row, "min_width", 0.0..=1_000.0)?,
        signposted_as: row.optional("signposted_as"),
        reversed_signposted_as: row.optional("reversed_signposted_as"),
    })
}

pub(super) fn transfers(
    table: &Table,
    locations: &Locations,
    routes: &BTreeMap<RouteId, Route>,
    trips: &HashMap<TripId, Draft>,
    problems: &mut Problems,
) -> Vec<Transfer> {
    let mut transfers = Vec::new();
    if table.is_missing() || !table.has_columns(&["transfer_type"], problems) {
        return transfers;
    }
    table.each(problems, |row, problems| match transfer(row) {
        Ok(transfer) => {
            let stops = [("from_stop_id", &transfer.from_stop), ("to_stop_id", &transfer.to_stop)];
            for (field, _) in stops.iter().filter(|(_, id)| id.as_ref().is_some_and(|id| !locations.contains(id))) {
                problems.dangling(row, field, &["stops.txt"]);
            }
            let ends = [("from_route_id", &transfer.from_route), ("to_route_id", &transfer.to_route)];
            for (field, _) in ends.iter().filter(|(_, id)| id.as_ref().is_some_and(|id| !routes.contains_key(id))) {
                problems.dangling(row, field, &["routes.txt"]);
            }
            let ends = [("from_trip_id", &transfer.from_trip), ("to_trip_id", &transfer.to_trip)];
            for (field, _) in ends.iter().filter(|(_, id)| id.as_ref().is_some_and(|id| !trips.contains_key(id))) {
                problems.dangling(row, field, &["trips.txt"]);
            }
            transfers.push(transfer);
        }
        Err(problem) => problems.add(problem),
    });
    transfers
}

fn transfer(row: &Row<'_>) -> Result<Transfer, Problem> {
    let kind = match row.text("transfer_type") {
        "" | "0" => TransferKind::Recommended,
        "1" => TransferKind::Timed,
        "2" => TransferKind::MinimumTime,
        "3" => TransferKind::Impossible,
        "4" => TransferKind::InSeat,
        "5" => TransferKind::NoInSeat,
        other => return Err(row.problem("transfer_type", format!("{other:?} is none of 0 to 5"))),
    };
    let needed: &[&str] = match kind {
        TransferKind::InSeat | TransferKind::NoInSeat => &["from_trip_id", "to_trip_id"],
        _ => &["from_stop_id", "to_stop_id"],
    };
    for field in needed {
        fields::required(row, field)?;
    }
    Ok(Transfer {
        from_stop: row.optional("from_stop_id").map(StopId),
        to_stop: row.optional("to_stop_id").map(StopId),
        from_route: row.optional("from_route_id").map(RouteId),
        to_route: row.optional("to_route_id").map(RouteId),
        from_trip: row.optional("from_trip_id").map(TripId),
        to_trip: row.optional("to_trip_id").map(TripId),
        kind,
        min_transfer_s: fields::optional_number(row, "min_transfer_time")?,
    })
}
