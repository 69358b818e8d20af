//! Numbers for what repeats: vehicles, datastreams, journeys.

use std::collections::HashMap;

use misto_model::VehicleKey;
use rusqlite::{Connection, OptionalExtension, params};

use super::visits::Visit;
use crate::geopackage::failure::Done;
use crate::subject::SubjectName;

/// Beyond so many names the memory is emptied and filled anew from the file.
const MOST: usize = 200_000;

/// Numbers known so far; only ever a copy of what the file says.
#[derive(Default)]
pub(super) struct Names {
    /// `PRAGMA data_version` that they were read under.
    data: Option<i64>,
    /// By their own keys: a name would be written out for every fix.
    vehicles: HashMap<VehicleKey, Subject>,
    /// All but vehicles.
    subjects: HashMap<SubjectName, Subject>,
    journeys: HashMap<i64, i64>,
}

/// A vehicle or a datastream.
#[derive(Clone, Copy)]
pub(super) struct Subject {
    pub(super) id: i64,
    /// Its greatest time so far; a row beyond it cannot be a redelivery.
    pub(super) newest: i64,
    /// The visit that was noted last.
    pub(super) visit: Option<Visit>,
}

impl Names {
    /// Forgets what another process may have changed.
    pub(super) fn refresh(&mut self, connection: &Connection) -> Done<()> {
        let data: i64 = connection.pragma_query_value(None, "data_version", |row| row.get(0))?;
        if self.data != Some(data) || self.vehicles.len() + self.subjects.len() + self.journeys.len() > MOST {
            *self = Self { data: Some(data), ..Self::default() };
        }
        Ok(())
    }

    /// Forgets greatest times and visits, because rows are removed.
    pub(super) fn forget_newest(&mut self) {
        self.vehicles.clear();
        self.subjects.clear();
    }

    /// The number of a vehicle, made when it is new.
    pub(super) fn vehicle(&mut self, connection: &Connection, vehicle: &VehicleKey) -> Done<&mut Subject> {
        if !self.vehicles.contains_key(vehicle) {
            let subject = find_subject(connection, &SubjectName::from(vehicle))?;
            self.vehicles.insert(vehicle.clone(), subject);
        }
        // As below.
        Ok(self.vehicles.get_mut(vehicle).expect("was put there above"))
    }

    /// The number of another subject, made when it is new.
    pub(super) fn subject(&mut self, connection: &Connection, name: &SubjectName) -> Done<&mut Subject> {
        if !self.subjects.contains_key(name) {
            let subject = find_subject(connection, name)?;
            self.subjects.insert(name.clone(), subject);
        }
        // Entry by reference would cost a clone of the name for every fix.
        Ok(self.subjects.get_mut(name).expect("was put there above"))
    }

    /// The number of a journey with this hash, made by `insert` when it is new.
    pub(super) fn journey(
        &mut self,
        connection: &Connection,
        hash: i64,
        insert: impl FnOnce() -> Done<i64>,
    ) -> Done<i64> {
        if let Some(id) = self.journeys.get(&hash) {
            return Ok(*id);
        }
        let found = connection
            .prepare_cached("SELECT id FROM journey WHERE hash = ?1")?
            .query_row([hash], |row| row.get(0))
            .optional()?;
        let id = found.map_or_else(insert, Ok)?;
        self.journeys.insert(hash, id);
        Ok(id)
    }
}

fn find_subject(connection: &Connection, name: &SubjectName) -> Done<Subject> {
    let named = params![name.series, name.source, name.owner, name.name];
    connection
        .prepare_cached("INSERT OR IGNORE INTO subject(series, source, owner, name) VALUES (?1, ?2, ?3, ?4)")?
        .execute(named)?;
    let id: i64 = connection
        .prepare_cached("SELECT id FROM subject WHERE series = ?1 AND source = ?2 AND owner = ?3 AND name = ?4")?
        .query_row(named, |row| row.get(0))?;
    let newest: Option<i64> = connection
        .prepare_cached(&format!("SELECT max(time) FROM {} WHERE subject = ?1", name.series))?
        .query_row([id], |row| row.get(0))?;
    Ok(Subject { id, newest: newest.unwrap_or(i64::MIN), visit: None })
}
