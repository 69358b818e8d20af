//! Which attribute names and values fit.

use jiff::civil::Date;
use misto_model::{Error, Instant, Properties, Property, PropertyType, Result};
use serde_json::Value as Json;

use super::{Column, Table};

/// More attributes than this are refused (SQLite's own bound is 2000 columns, PostgreSQL's 1600).
const MOST_ATTRIBUTES: usize = 500;

/// An attribute value that fits its column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Unknown,
    Text(String),
    Integer(i64),
    Real(f64),
    Truth(bool),
    /// `YYYY-MM-DD`.
    Date(String),
    Moment(Instant),
}

/// The values of all columns in their order; attributes left out become unknown.
///
/// # Errors
/// `Invalid` naming the attribute when it is not in the schema or of another type.
pub(crate) fn check_values(table: &Table, properties: &Properties) -> Result<Vec<Value>> {
    if let Some(unknown) = properties.keys().find(|name| table.column(name).is_none()) {
        let known: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        let reason = format!("collection {} has no such attribute; it has {}", table.id, known.join(", "));
        return Err(Error::invalid(unknown, reason));
    }
    table
        .columns
        .iter()
        .map(|column| properties.get(&column.name).map_or(Ok(Value::Unknown), |value| check_value(column, value)))
        .collect()
}

fn check_value(column: &Column, value: &Json) -> Result<Value> {
    let fits = match (column.kind, value) {
        (_, Json::Null) => Some(Value::Unknown),
        (_, Json::String(text)) if text.contains('\0') => {
            return Err(Error::invalid(&column.name, "a text must not hold the character NUL"));
        }
        (PropertyType::Text, Json::String(text)) => Some(Value::Text(text.clone())),
        (PropertyType::Integer, Json::Number(number)) => number.as_i64().map(Value::Integer),
        (PropertyType::Real, Json::Number(number)) => number.as_f64().map(Value::Real),
        (PropertyType::Boolean, Json::Bool(truth)) => Some(Value::Truth(*truth)),
        (PropertyType::Date, Json::String(text)) => is_date(text).then(|| Value::Date(text.clone())),
        (PropertyType::DateTime, Json::String(text)) => text.parse::<Instant>().ok().map(Value::Moment),
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

/// Names for the key and the geometry column that no attribute uses: a number or
/// shape that the source has under the usual names stays an attribute.
///
/// # Errors
/// `Invalid` when all are taken.
pub(crate) fn names_for_key_and_geometry(properties: &[Property]) -> Result<(&'static str, &'static str)> {
    let taken = |name: &str| properties.iter().any(|property| property.name.eq_ignore_ascii_case(name));
    let free = |names: [&'static str; 3]| names.into_iter().find(|name| !taken(name));
    match (free(["fid", "misto_fid", "misto_id"]), free(["geom", "misto_geom", "misto_shape"])) {
        (Some(key), Some(geometry)) => Ok((key, geometry)),
        _ => Err(Error::invalid(
            "properties",
            "the names misto_fid, misto_id, misto_geom and misto_shape are kept for Misto",
        )),
    }
}

/// # Errors
/// `Invalid` when there are too many names, one cannot be a column, or two are the same.
pub(crate) fn check_names(properties: &[Property], taken: &[&str], most_bytes: usize) -> Result<()> {
    if properties.len() > MOST_ATTRIBUTES {
        return Err(Error::invalid("properties", format!("at most {MOST_ATTRIBUTES} attributes are possible")));
    }
    let mut seen: Vec<String> = taken.iter().map(|name| name.to_lowercase()).collect();
    for property in properties {
        let name = &property.name;
        if name.trim().is_empty() || name.chars().any(char::is_control) || name.chars().count() > 200 {
            return Err(Error::invalid(
                "properties",
                format!("{name:?} is no attribute name: use 1 to 200 visible characters"),
            ));
        }
        if name.len() > most_bytes {
            return Err(Error::invalid(
                name,
                format!("the name is too long for this store: at most {most_bytes} bytes (a Cyrillic letter takes 2)"),
            ));
        }
        let folded = name.to_lowercase();
        if seen.contains(&folded) {
            return Err(Error::invalid(name, "the name is taken (capital and small letters count as the same)"));
        }
        seen.push(folded);
    }
    Ok(())
}
