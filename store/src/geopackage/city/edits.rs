//! Edits, inside a transaction that the triggers record.

use misto_model::{Edit, Error, Feature, FeatureId, Geometry, GeometryKind, Properties, Result, Version};
use rusqlite::types::Value as Sql;
use rusqlite::{Connection, params, params_from_iter};

use super::blob::{self, Envelope};
use super::reading::{ever_existed, one};
use super::{collections, values};
use crate::Context;
use crate::geopackage::failure::Done;
use crate::schema::{Table, feature_not_found, quoted, shape};

/// A feature ready to be stored: checked against the schema.
pub(super) struct Row {
    geometry: Option<Shape>,
    values: Vec<Sql>,
}

struct Shape {
    blob: Vec<u8>,
    envelope: Option<Envelope>,
    widens: bool,
}

impl Row {
    /// # Errors
    /// `Invalid` naming the attribute or `geometry`.
    pub(super) fn check(
        table: &Table,
        kind: GeometryKind,
        geometry: Option<Geometry>,
        properties: &Properties,
    ) -> Result<Self> {
        let geometry = geometry.map(|geometry| shape::fit(table, kind, geometry)).transpose()?.map(|fitted| Shape {
            blob: blob::encode(&fitted.geometry),
            envelope: Envelope::of(&fitted.geometry),
            widens: fitted.widens,
        });
        Ok(Self { geometry, values: values::to_sql(table, properties)? })
    }
}

/// Says who edits and why, for the triggers; taken back by [`end`] before the commit.
pub(super) fn begin(connection: &Connection, context: &Context) -> Done<()> {
    end(connection)?;
    connection
        .prepare_cached("INSERT INTO misto_context VALUES (?1, ?2)")?
        .execute(params![context.actor.0, context.reason])?;
    Ok(())
}

/// From here on edits count as another program's.
pub(super) fn end(connection: &Connection) -> Done<()> {
    connection.prepare_cached("DELETE FROM misto_context")?.execute([])?;
    Ok(())
}

/// Applies the edits in order; the caller rolls back when one fails.
pub(super) fn apply(connection: &Connection, table: &Table, edits: Vec<Edit>) -> Done<Vec<Feature>> {
    let kind = collections::kind(connection, table)?;
    let mut desk = Desk::new(connection, table);
    let features = edits
        .into_iter()
        .map(|edit| match edit {
            Edit::Create { geometry, properties } => {
                let id = desk.insert(&Row::check(table, kind, geometry, &properties)?)?;
                desk.current(id)
            }
            Edit::Replace { id, expected, geometry, properties } => {
                let stands = desk.expect(id, expected)?;
                // What other programs stored beyond the plane (heights, curves) stays unless the shape was edited.
                let untouched = stands.geometry == geometry;
                desk.update(id, &Row::check(table, kind, geometry, &properties)?, untouched)?;
                desk.current(id)
            }
            Edit::Delete { id, expected } => {
                let stands = desk.expect(id, expected)?;
                desk.delete(id)?;
                Ok(Feature { version: Version(stands.version.0 + 1), ..stands })
            }
        })
        .collect::<Done<Vec<_>>>()?;
    desk.finish()?;
    Ok(features)
}

/// Appends checked rows.
pub(super) fn append(connection: &Connection, table: &Table, rows: &[Row]) -> Done<()> {
    let mut desk = Desk::new(connection, table);
    for row in rows {
        desk.insert(row)?;
    }
    desk.finish()
}

/// Writes rows of one table and keeps its registers up to date.
pub(super) struct Desk<'a> {
    connection: &'a Connection,
    table: &'a Table,
    touched: Option<Envelope>,
}

impl<'a> Desk<'a> {
    pub(super) fn new(connection: &'a Connection, table: &'a Table) -> Self {
        Self { connection, table, touched: None }
    }

    fn current(&self, id: FeatureId) -> Done<Feature> {
        one(self.connection, self.table, id)?.ok_or_else(|| feature_not_found(&self.table.id, id).into())
    }

    /// The feature, if it stands at the version that the editor saw.
    fn expect(&self, id: FeatureId, expected: Version) -> Done<Feature> {
        let conflict =
            |current| Error::changed(format!("feature {id} of collection {:?}", self.table.id.as_str()), current);
        match one(self.connection, self.table, id)? {
            Some(stands) if stands.version == expected => Ok(stands),
            Some(other) => Err(conflict(Some(other)).into()),
            None if ever_existed(self.connection, self.table, id)? => Err(conflict(None).into()),
            None => Err(feature_not_found(&self.table.id, id).into()),
        }
    }

    fn insert(&mut self, row: &Row) -> Done<FeatureId> {
        self.touch(row)?;
        let names: String = self.table.columns.iter().map(|column| format!(", {}", quoted(&column.name))).collect();
        let places: String = (0..self.table.columns.len()).map(|index| format!(", ?{}", index + 2)).collect();
        let mut statement = self.connection.prepare_cached(&format!(
            "INSERT INTO {}({}{names}) VALUES (?1{places}) RETURNING {}",
            quoted(&self.table.name),
            quoted(&self.table.geometry),
            quoted(&self.table.key)
        ))?;
        let values = std::iter::once(blob_of(row)).chain(row.values.iter().cloned());
        Ok(statement.query_row(params_from_iter(values), |row| row.get(0).map(FeatureId))?)
    }

    /// A row of this key, in the place of one that stands.
    pub(super) fn put(&mut self, id: FeatureId, row: &Row) -> Done<()> {
        self.touch(row)?;
        let columns: Vec<String> = std::iter::once(&self.table.geometry)
            .chain(self.table.columns.iter().map(|column| &column.name))
            .map(|name| quoted(name))
            .collect();
        let places: String = (0..columns.len()).map(|index| format!(", ?{}", index + 2)).collect();
        let sets: Vec<String> = columns.iter().map(|name| format!("{name} = excluded.{name}")).collect();
        let key = quoted(&self.table.key);
        let mut statement = self.connection.prepare_cached(&format!(
            "INSERT INTO {}({key}, {}) VALUES (?1{places}) ON CONFLICT ({key}) DO UPDATE SET {}",
            quoted(&self.table.name),
            columns.join(", "),
            sets.join(", ")
        ))?;
        let values = [Sql::Integer(id.0), blob_of(row)].into_iter().chain(row.values.iter().cloned());
        statement.execute(params_from_iter(values))?;
        Ok(())
    }

    fn update(&mut self, id: FeatureId, row: &Row, keep_geometry: bool) -> Done<()> {
        let mut names: Vec<&str> = self.table.columns.iter().map(|column| column.name.as_str()).collect();
        let mut values = row.values.clone();
        // A statement needs at least one column to set.
        if !keep_geometry || names.is_empty() {
            self.touch(row)?;
            names.push(&self.table.geometry);
            values.push(blob_of(row));
        }
        let sets: Vec<String> =
            names.iter().enumerate().map(|(index, name)| format!("{} = ?{}", quoted(name), index + 1)).collect();
        values.push(Sql::Integer(id.0));
        self.connection
            .prepare_cached(&format!(
                "UPDATE {} SET {} WHERE {} = ?{}",
                quoted(&self.table.name),
                sets.join(", "),
                quoted(&self.table.key),
                values.len()
            ))?
            .execute(params_from_iter(values))?;
        Ok(())
    }

    /// Gives whether there was one.
    pub(super) fn delete(&self, id: FeatureId) -> Done<bool> {
        let gone = self
            .connection
            .prepare_cached(&format!(
                "DELETE FROM {} WHERE {} = ?1",
                quoted(&self.table.name),
                quoted(&self.table.key)
            ))?
            .execute([id.0])?;
        Ok(gone > 0)
    }

    /// Remembers the shape for the extent, and widens the declared type where it does not fit.
    fn touch(&mut self, row: &Row) -> Done<()> {
        let Some(shape) = &row.geometry else { return Ok(()) };
        if shape.widens {
            self.connection
                .prepare_cached("UPDATE gpkg_geometry_columns SET geometry_type_name = 'GEOMETRY' WHERE table_name = ?1 AND geometry_type_name <> 'GEOMETRY'")?
                .execute([&self.table.name])?;
        }
        self.touched = match (self.touched, shape.envelope) {
            (Some(so_far), Some(envelope)) => Some(so_far.union(envelope)),
            (so_far, envelope) => so_far.or(envelope),
        };
        Ok(())
    }

    /// Keeps the register of contents up to date. The extent only grows, which the
    /// standard allows, until the table is empty.
    pub(super) fn finish(self) -> Done<()> {
        let Self { connection, table, touched } = self;
        let name = &table.name;
        connection
            .prepare_cached(
                "UPDATE gpkg_contents SET last_change = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE table_name = ?1",
            )?
            .execute([name])?;
        if let Some(e) = touched {
            connection
                .prepare_cached(
                    "UPDATE gpkg_contents SET min_x = min(COALESCE(min_x, ?2), ?2), max_x = max(COALESCE(max_x, ?3), ?3),
                     min_y = min(COALESCE(min_y, ?4), ?4), max_y = max(COALESCE(max_y, ?5), ?5) WHERE table_name = ?1",
                )?
                .execute(params![name, e.min_x, e.max_x, e.min_y, e.max_y])?;
        } else if !connection.prepare_cached(&format!("SELECT 1 FROM {} LIMIT 1", quoted(name)))?.exists([])? {
            connection
                .prepare_cached("UPDATE gpkg_contents SET min_x = NULL, max_x = NULL, min_y = NULL, max_y = NULL WHERE table_name = ?1")?
                .execute([name])?;
        }
        Ok(())
    }
}

fn blob_of(row: &Row) -> Sql {
    row.geometry.as_ref().map_or(Sql::Null, |shape| Sql::Blob(shape.blob.clone()))
}
