//! Which vehicles were in which part of the map, and when: where to look for a box.

use rusqlite::types::Value as Sql;
use rusqlite::{Connection, Transaction, params};

use super::names::Subject;
use crate::cells;
use crate::geopackage::failure::Done;

/// Microseconds of a slot. Part of the file's format.
const SLOT: i64 = 300_000_000;
/// Slots of a day.
const SLOTS: i64 = 288;
/// Microseconds of a day.
pub(super) const DAY: i64 = SLOT * SLOTS;

/// A cell of the map for five minutes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Visit {
    cell: i64,
    slot: i64,
}

impl Visit {
    pub(super) fn of(time: i64, lon: f64, lat: f64) -> Self {
        Self { cell: cells::cell(lon, lat), slot: time.div_euclid(SLOT) }
    }

    /// Notes that a subject was there. A vehicle stays in a cell for several fixes, so most need no row.
    pub(super) fn note(self, transaction: &Transaction<'_>, subject: &mut Subject) -> Done<()> {
        if subject.visit == Some(self) {
            return Ok(());
        }
        let Self { cell, slot } = self;
        transaction.prepare_cached("INSERT OR IGNORE INTO visit VALUES (?1, ?2, ?3, ?4)")?.execute(params![
            slot.div_euclid(SLOTS),
            cell,
            slot,
            subject.id
        ])?;
        subject.visit = Some(self);
        Ok(())
    }
}

/// Subjects `k.subject` that were in the cells between two times, and from when to when
/// (`k.since`, `k.until`) to look for them. CROSS JOIN keeps the order: one range of the
/// key for each day and cell.
pub(super) fn within(cells: &[i64], from: i64, to: i64, parameters: &mut Vec<Sql>) -> String {
    let days: Vec<i64> = (from.div_euclid(DAY)..=to.div_euclid(DAY)).collect();
    let mut bind = |value: Sql| {
        parameters.push(value);
        format!("?{}", parameters.len())
    };
    let list = |numbers: &[i64]| Sql::Text(format!("{numbers:?}"));
    let (days, cells) = (bind(list(&days)), bind(list(cells)));
    let (first, last) = (bind(Sql::Integer(from.div_euclid(SLOT))), bind(Sql::Integer(to.div_euclid(SLOT))));
    format!(
        "(SELECT DISTINCT v.subject, v.slot * {SLOT} AS since, v.slot * {SLOT} + {SLOT} - 1 AS until
          FROM json_each({days}) AS d CROSS JOIN json_each({cells}) AS c
          CROSS JOIN visit AS v ON v.day = d.value AND v.cell = c.value AND v.slot BETWEEN {first} AND {last}) AS k"
    )
}

/// Days before this one that were visited.
pub(super) fn days_before(connection: &Connection, before: i64) -> Done<Vec<i64>> {
    // One look-up for each day.
    let mut days = connection.prepare_cached(
        "WITH RECURSIVE visited(day) AS (SELECT min(day) FROM visit
           UNION ALL SELECT (SELECT min(v.day) FROM visit AS v WHERE v.day > visited.day) FROM visited WHERE visited.day < ?1)
         SELECT day FROM visited WHERE day < ?1",
    )?;
    let found = days.query_map([before.div_euclid(DAY)], |row| row.get(0))?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// Removes a day's visits of which no fix is left.
pub(super) fn forget(transaction: &Transaction<'_>, day: i64) -> Done<()> {
    transaction
        .prepare_cached(&format!(
            "DELETE FROM visit WHERE day = ?1 AND NOT EXISTS (SELECT 1 FROM position AS r
               WHERE r.subject = visit.subject AND r.time BETWEEN visit.slot * {SLOT} AND visit.slot * {SLOT} + {SLOT} - 1)"
        ))?
        .execute([day])?;
    Ok(())
}
