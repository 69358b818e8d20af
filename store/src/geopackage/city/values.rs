//! Attribute values between JSON and SQL.

use jiff::civil::Date;
use misto_model::{Error, Instant, Properties, PropertyType, Result};
use rusqlite::types::{Value as Sql, ValueRef};
use serde_json::Value as Json;

use super::table::{Column, Table};

/// The values of all columns in their order; attributes left out become NULL.
///
/// # Errors
/// `Invalid` naming the attribute when it is not in the schema or of another type.
pub(super) fn to_sql(table: &Table, properties: &Properties) -> Result<Vec<Sql>> {
    if let Some(unknown) = properties.keys().find(|name| table.column(name).is_none()) {
        let known: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        let reason = format!("collection {} has no such attribute; it has {}", table.id, known.join(", "));
        return Err(Error::invalid(unknown, reason));
    }
    table
        .columns
        .iter()
        .map(|column| properties.get(&column.name).map_or(Ok(Sql::Null), |value| one_to_sql(column, value)))
        .collect()
}

fn one_to_sql(column: &Column, value: &Json) -> Result<Sql> {
    let fits = match (column.kind, value) {
        (_, Json::Null) => Some(Sql::Null),
        (PropertyType::Text, Json::String(text)) => Some(Sql::Text(text.clone())),
        (PropertyType::Integer, Json::Number(number)) => number.as_i64().map(Sql::Integer),
        (PropertyType::Real, Json::Number(number)) => number.as_f64().map(Sql::Real),
        (PropertyType::Boolean, Json::Bool(truth)) => Some(Sql::Integer(i64::from(*truth))),
        (PropertyType::Date, Json::String(text)) => is_date(text).then(|| Sql::Text(text.clone())),
        // GeoPackage wants UTC (OGC 12-128r18, table 1).
        (PropertyType::DateTime, Json::String(text)) => {
            text.parse::<Instant>().ok().map(|at| Sql::Text(at.to_string()))
        }
        _ => None,
    };
    fits.ok_or_else(|| {
        let wanted = match column.kind {
            PropertyType::Text => "a text",
            PropertyType::Integer => "a whole number",
            PropertyType::Real => "a number",
            PropertyType::Boolean => "true or false",
            PropertyType::Date => "a date such as \"2026-07-04\"",
            PropertyType::DateTime => "a moment such as \"2026-07-04T01:04:42Z\"",
        };
        let got: String = value.to_string().chars().take(60).collect();
        Error::invalid(&column.name, format!("{got} does not fit; it takes {wanted} or null"))
    })
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<Date>().is_ok()
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
