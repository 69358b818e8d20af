//! Edits, inside a transaction that the triggers record.

use deadpool_postgres::GenericClient;
use misto_model::{Edit, Error, Feature, FeatureId, Geometry, GeometryKind, Properties, PropertyType, Result, Version};
use tokio_postgres::types::ToSql;

use super::collections;
use super::reading::{ever_existed, some};
use crate::Context;
use crate::postgis::failure::Done;
use crate::postgis::micros::Micros;
use crate::schema::{Column, Table, Value, check_values, feature_not_found, quoted, shape};
use crate::wkb;

/// A feature ready to be stored: checked against the schema.
pub(super) struct Row {
    geometry: Option<Vec<u8>>,
    widens: bool,
    values: Vec<Value>,
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
        let fitted = geometry.map(|geometry| shape::fit(table, kind, geometry)).transpose()?;
        let widens = fitted.as_ref().is_some_and(|fitted| fitted.widens);
        let geometry = fitted.map(|fitted| {
            let mut bytes = Vec::new();
            wkb::write(&mut bytes, &fitted.geometry);
            bytes
        });
        Ok(Self { geometry, widens, values: check_values(table, properties)? })
    }
}

/// Locks the rows that will be edited, in the order of their keys and before the
/// feed's lock: nobody waits in a circle.
pub(super) async fn lock(client: &impl GenericClient, table: &Table, edits: &[Edit]) -> Done<()> {
    let ids: Vec<i64> = edits
        .iter()
        .filter_map(|edit| match edit {
            Edit::Create { .. } => None,
            Edit::Replace { id, .. } | Edit::Delete { id, .. } => Some(id.0),
        })
        .collect();
    let (name, key) = (quoted(&table.name), quoted(&table.key));
    let lock = format!("SELECT 1 FROM public.{name} WHERE {key} = ANY($1::bigint[]) ORDER BY {key} FOR UPDATE");
    client.query(&lock, &[&ids]).await?;
    Ok(())
}

/// Says who edits and why, for the triggers, which fire at once from here on.
pub(super) async fn begin(client: &impl GenericClient, context: &Context) -> Done<()> {
    client.batch_execute("SET CONSTRAINTS ALL IMMEDIATE").await?;
    let say = client.prepare_cached("SELECT set_config('misto.actor', $1, true), set_config('misto.reason', $2, true)");
    let reason = context.reason.as_deref().unwrap_or_default();
    client.query_one(&say.await?, &[&context.actor.0, &reason]).await?;
    Ok(())
}

/// Applies the edits in order; the caller rolls back when one fails.
pub(super) async fn apply(client: &impl GenericClient, table: &Table, edits: Vec<Edit>) -> Done<Vec<Feature>> {
    let kind = collections::kind(client, table).await?;
    let mut features = Vec::with_capacity(edits.len());
    for edit in edits {
        features.push(match edit {
            Edit::Create { geometry, properties } => {
                let row = [Row::check(table, kind, geometry, &properties)?];
                widen(client, table, &row).await?;
                let ids = insert(client, table, &row).await?;
                current(client, table, ids.first().copied().unwrap_or(FeatureId(0))).await?
            }
            Edit::Replace { id, expected, geometry, properties } => {
                let stands = expect(client, table, id, expected).await?;
                // What other programs stored beyond the plane (heights, curves) stays unless the shape was edited.
                let untouched = stands.geometry == geometry;
                let row = Row::check(table, kind, geometry, &properties)?;
                update(client, table, id, row, untouched).await?;
                current(client, table, id).await?
            }
            Edit::Delete { id, expected } => {
                let stands = expect(client, table, id, expected).await?;
                let delete =
                    format!("DELETE FROM public.{} WHERE {} = $1::bigint", quoted(&table.name), quoted(&table.key));
                client.execute(&client.prepare_cached(&delete).await?, &[&id.0]).await?;
                Feature { version: Version(stands.version.0 + 1), ..stands }
            }
        });
    }
    Ok(features)
}

async fn current(client: &impl GenericClient, table: &Table, id: FeatureId) -> Done<Feature> {
    let found = some(client, table, &[id]).await?.pop();
    found.ok_or_else(|| feature_not_found(&table.id, id).into())
}

/// The feature, if it stands at the version that the editor saw.
async fn expect(client: &impl GenericClient, table: &Table, id: FeatureId, expected: Version) -> Done<Feature> {
    let conflict = |current| Error::changed(format!("feature {id} of collection {:?}", table.id.as_str()), current);
    match some(client, table, &[id]).await?.pop() {
        Some(stands) if stands.version == expected => Ok(stands),
        Some(other) => Err(conflict(Some(other)).into()),
        None if ever_existed(client, &table.id, id).await? => Err(conflict(None).into()),
        None => Err(feature_not_found(&table.id, id).into()),
    }
}

/// Inserts in order; gives the keys.
pub(super) async fn insert(client: &impl GenericClient, table: &Table, rows: &[Row]) -> Done<Vec<FeatureId>> {
    let columns = Columns::of(table, rows);
    let insert = format!("{} RETURNING {}::bigint", columns.insert(table), quoted(&table.key));
    let rows = client.query(&client.prepare_cached(&insert).await?, &columns.parameters()).await?;
    rows.iter().map(|row| Ok(FeatureId(row.try_get(0)?))).collect()
}

/// Rows of these keys, in the place of those that stand.
pub(super) async fn put(client: &impl GenericClient, table: &Table, keys: &[i64], rows: &[Row]) -> Done<()> {
    let mut columns = Columns::of(table, rows);
    let sets: Vec<String> = columns.names.iter().map(|name| format!("{name} = excluded.{name}")).collect();
    let key = quoted(&table.key);
    columns.add(key.clone(), "key".to_owned(), "key".to_owned(), "bigint", Box::new(keys.to_vec()));
    let put = format!("{} ON CONFLICT ({key}) DO UPDATE SET {}", columns.insert(table), sets.join(", "));
    client.execute(&client.prepare_cached(&put).await?, &columns.parameters()).await?;
    Ok(())
}

/// Columns of rows, each travelling as one array.
struct Columns {
    names: Vec<String>,
    /// What is written, in terms of the aliases.
    given: Vec<String>,
    aliases: Vec<String>,
    arrays: Vec<String>,
    values: Vec<Box<dyn ToSql + Sync + Send>>,
}

impl Columns {
    fn of(table: &Table, rows: &[Row]) -> Self {
        let (names, given, aliases, arrays, values) = (vec![], vec![], vec![], vec![], vec![]);
        let mut columns = Self { names, given, aliases, arrays, values };
        let shapes: Vec<_> = rows.iter().map(|row| row.geometry.clone()).collect();
        let given = "ST_GeomFromWKB(g, 4326)".to_owned();
        columns.add(quoted(&table.geometry), given, "g".to_owned(), "bytea", Box::new(shapes));
        for (at, column) in table.columns.iter().enumerate() {
            let (alias, given) = (format!("c{at}"), format!("c{at}{}", from_carrier(column)));
            columns.add(quoted(&column.name), given, alias, carrier(column), array(column, rows, at));
        }
        columns
    }

    fn add(&mut self, name: String, given: String, alias: String, ty: &str, values: Box<dyn ToSql + Sync + Send>) {
        self.values.push(values);
        self.arrays.push(format!("${}::{ty}[]", self.values.len()));
        self.names.push(name);
        self.given.push(given);
        self.aliases.push(alias);
    }

    fn insert(&self, table: &Table) -> String {
        format!(
            "INSERT INTO public.{}({}) OVERRIDING SYSTEM VALUE SELECT {} FROM unnest({}) WITH ORDINALITY AS told({}, place) ORDER BY place",
            quoted(&table.name),
            self.names.join(", "),
            self.given.join(", "),
            self.arrays.join(", "),
            self.aliases.join(", "),
        )
    }

    fn parameters(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.values.iter().map(|values| values.as_ref() as _).collect()
    }
}

async fn update(client: &impl GenericClient, table: &Table, id: FeatureId, row: Row, keep_geometry: bool) -> Done<()> {
    let row = [row];
    let mut sets: Vec<String> = Vec::new();
    let mut parameters: Vec<Box<dyn ToSql + Sync + Send>> = vec![Box::new(id.0)];
    for (at, column) in table.columns.iter().enumerate() {
        parameters.push(array(column, &row, at));
        let place = parameters.len();
        sets.push(format!("{} = (${place}::{}[])[1]{}", quoted(&column.name), carrier(column), from_carrier(column)));
    }
    // A statement needs at least one column to set.
    if !keep_geometry || sets.is_empty() {
        widen(client, table, &row).await?;
        parameters.push(Box::new(row[0].geometry.clone()));
        sets.push(format!("{} = ST_GeomFromWKB(${}::bytea, 4326)", quoted(&table.geometry), parameters.len()));
    }
    let update = format!(
        "UPDATE public.{} SET {} WHERE {} = $1::bigint",
        quoted(&table.name),
        sets.join(", "),
        quoted(&table.key)
    );
    let update = client.prepare_cached(&update).await?;
    let parameters: Vec<&(dyn ToSql + Sync)> = parameters.iter().map(|parameter| parameter.as_ref() as _).collect();
    client.execute(&update, &parameters).await?;
    Ok(())
}

/// Lets the column take any shape where one of the rows does not fit its declared type.
pub(super) async fn widen(client: &impl GenericClient, table: &Table, rows: &[Row]) -> Done<()> {
    if rows.iter().any(|row| row.widens) {
        let (name, geometry) = (quoted(&table.name), quoted(&table.geometry));
        let widen = format!("ALTER TABLE public.{name} ALTER COLUMN {geometry} TYPE public.geometry(Geometry, 4326)");
        client.batch_execute(&widen).await?;
    }
    Ok(())
}

/// The SQL type in which a value travels; the column's own may be narrower.
fn carrier(column: &Column) -> &'static str {
    match column.kind {
        PropertyType::Text | PropertyType::Date => "text",
        PropertyType::Integer => "bigint",
        PropertyType::Real => "double precision",
        PropertyType::Boolean => "boolean",
        PropertyType::DateTime => "timestamptz",
    }
}

fn from_carrier(column: &Column) -> &'static str {
    if column.kind == PropertyType::Date { "::date" } else { "" }
}

/// The values of one column over all rows.
fn array(column: &Column, rows: &[Row], at: usize) -> Box<dyn ToSql + Sync + Send> {
    let values = rows.iter().map(|row| row.values.get(at).cloned().unwrap_or(Value::Unknown));
    match column.kind {
        PropertyType::Text | PropertyType::Date => Box::new(
            values
                .map(|v| if let Value::Text(text) | Value::Date(text) = v { Some(text) } else { None })
                .collect::<Vec<_>>(),
        ),
        PropertyType::Integer => {
            Box::new(values.map(|v| if let Value::Integer(n) = v { Some(n) } else { None }).collect::<Vec<_>>())
        }
        PropertyType::Real => {
            Box::new(values.map(|v| if let Value::Real(n) = v { Some(n) } else { None }).collect::<Vec<_>>())
        }
        PropertyType::Boolean => {
            Box::new(values.map(|v| if let Value::Truth(t) = v { Some(t) } else { None }).collect::<Vec<_>>())
        }
        PropertyType::DateTime => Box::new(
            values
                .map(|v| if let Value::Moment(at) = v { Some(Micros(at.micros())) } else { None })
                .collect::<Vec<_>>(),
        ),
    }
}
