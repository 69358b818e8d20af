//! Attribute values between the seam and SQL.

use misto_model::{Properties, PropertyType, Result};
use rusqlite::types::{Value as Sql, ValueRef};
use serde_json::Value as Json;

use crate::schema::{Table, Value, check_values};

/// The values of all columns in their order; attributes left out become NULL.
///
/// # Errors
/// `Invalid` naming the attribute when it is not in the schema or of another type.
pub(super) fn to_sql(table: &Table, properties: &Properties) -> Result<Vec<Sql>> {
    Ok(check_values(table, properties)?.into_iter().map(one_to_sql).collect())
}

fn one_to_sql(value: Value) -> Sql {
    match value {
        Value::Unknown => Sql::Null,
        Value::Text(text) | Value::Date(text) => Sql::Text(text),
        Value::Integer(number) => Sql::Integer(number),
        Value::Real(number) => Sql::Real(number),
        Value::Truth(truth) => Sql::Integer(i64::from(truth)),
        // GeoPackage wants UTC (OGC 12-128r18, table 1).
        Value::Moment(at) => Sql::Text(at.to_string()),
    }
}

/// A stored value. Another program may have put a value of another type into a
/// column; it is shown as it is rather than bent.
pub(super) fn from_sql(kind: PropertyType, value: ValueRef<'_>) -> Json {
    match value {
        ValueRef::Null => Json::Null,
        ValueRef::Integer(number) if kind == PropertyType::Boolean => Json::Bool(number != 0),
        ValueRef::Integer(number) => number.into(),
        // JSON has no infinity; what cannot be told is unknown.
        ValueRef::Real(number) => number.into(),
        ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into_owned().into(),
        ValueRef::Blob(bytes) => bytes.iter().map(|byte| format!("{byte:02X}")).collect::<String>().into(),
    }
}

/// Attributes from the history: a JSON object that a trigger wrote, where truth is 0 or 1.
pub(super) fn from_history(table: &Table, mut stored: Properties) -> Properties {
    for column in table.columns.iter().filter(|column| column.kind == PropertyType::Boolean) {
        if let Some(value) = stored.get_mut(&column.name)
            && let Some(number) = value.as_i64()
        {
            *value = Json::Bool(number != 0);
        }
    }
    stored
}
