//! shapes.txt.

use std::collections::BTreeMap;

use misto_model::{Position, Shape};

use super::fields;
use super::tables::{Problems, Table};

struct Point {
    sequence: u32,
    line: u64,
    place: Position,
}

/// The polylines by `shape_id`, points in the order of their sequence.
pub(super) fn read(table: &Table, problems: &mut Problems) -> BTreeMap<String, Shape> {
    let mut points: BTreeMap<String, Vec<Point>> = BTreeMap::new();
    let columns = ["shape_id", "shape_pt_lat", "shape_pt_lon", "shape_pt_sequence"];
    if table.is_missing() || !table.has_columns(&columns, problems) {
        return BTreeMap::new();
    }
    table.each(problems, |row, problems| {
        let point = || {
            let place = fields::position(row, "shape_pt_lat", "shape_pt_lon")?;
            let sequence = fields::number::<u32>(row, "shape_pt_sequence")?;
            Ok((fields::required(row, "shape_id")?, Point { sequence, line: row.line, place }))
        };
        match point() {
            Ok((id, point)) => points.entry(id).or_default().push(point),
            Err(problem) => problems.refuse(row, "shape_id", problem),
        }
    });
    points.into_iter().map(|(id, points)| (id.clone(), in_order(&id, points, table, problems))).collect()
}

fn in_order(id: &str, mut points: Vec<Point>, table: &Table, problems: &mut Problems) -> Shape {
    points.sort_by_key(|point| point.sequence);
    if let Some(twice) = points.windows(2).find(|pair| pair[0].sequence == pair[1].sequence) {
        let reason = format!("shape {id} has the sequence {} twice", twice[0].sequence);
        problems.add(table.problem(twice[1].line, "shape_pt_sequence", reason));
    }
    if let [only] = points.as_slice() {
        problems.add(table.problem(only.line, "shape_id", format!("shape {id} has one point; a line has two or more")));
    }
    points.into_iter().map(|point| point.place).collect()
}
