//! The schema of a file, learnt from its values.

use std::collections::{HashMap, HashSet};

use misto_model::{Audience, Properties, Property, PropertyType};
use serde_json::Value;

use super::FileError;

/// More attributes than this do not fit a table (SQLite: 2 000 columns, PostgreSQL: 1 600).
pub(super) const MAX_COLUMNS: usize = 1_000;

/// Whole numbers beyond this are not exact as 64-bit floating point.
const EXACT_REAL: u64 = 1 << 53;

/// Names that feature tables and GeoJSON keep for themselves.
const RESERVED: [&str; 4] = ["fid", "geom", "geometry", "id"];

/// A value as a file holds it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Null,
    Boolean(bool),
    Integer(i64),
    Real(f64),
    /// Text that the format calls text.
    Text(String),
    /// Text of a format without types; what it means is told by its look.
    Written(String),
}

impl Cell {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Written(text) => Some(text),
            _ => None,
        }
    }
}

struct Column {
    name: String,
    declared: Option<PropertyType>,
    seen: Option<PropertyType>,
    /// Holds a whole number that a floating point number would round.
    wide: bool,
    /// Values that are no number (NaN, infinite): unknown.
    nonfinite: u64,
}

/// Columns in the order in which they were met.
#[derive(Default)]
pub(super) struct Schema {
    columns: Vec<Column>,
    by_source: HashMap<String, usize>,
    taken: HashSet<String>,
    notes: Vec<String>,
}

impl Schema {
    /// A schema that begins with the columns that the file declares.
    pub(super) fn declared(columns: &[(String, Option<PropertyType>)]) -> Result<Self, FileError> {
        let mut schema = Self::default();
        for (source, declared) in columns {
            schema.add(source, *declared)?;
        }
        Ok(schema)
    }

    /// Takes the values of one row into account.
    pub(super) fn observe(&mut self, cells: &[(String, Cell)]) -> Result<(), FileError> {
        for (source, cell) in cells {
            let index = match self.by_source.get(source) {
                Some(&index) => index,
                None => self.add(source, None)?,
            };
            self.columns[index].observe(cell);
        }
        Ok(())
    }

    fn add(&mut self, source: &str, declared: Option<PropertyType>) -> Result<usize, FileError> {
        let index = self.columns.len();
        if index == MAX_COLUMNS {
            return Err(FileError::Unsupported(format!(
                "the file has more than {MAX_COLUMNS} attributes, which no table holds; leave out those that are not needed"
            )));
        }
        let name = self.free_name(source, index);
        if name != source {
            self.notes.push(format!("attribute {source:?} is stored as {name:?}"));
        }
        self.taken.insert(name.to_lowercase());
        self.by_source.insert(source.to_owned(), index);
        self.columns.push(Column { name, declared, seen: None, wide: false, nonfinite: 0 });
        Ok(index)
    }

    /// A name as close to the source's as a column may have: databases compare
    /// names without case and keep some for themselves.
    fn free_name(&self, source: &str, index: usize) -> String {
        let clean: String = source.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect();
        let wanted = if clean.is_empty() {
            format!("column_{}", index + 1)
        } else if RESERVED.contains(&clean.to_lowercase().as_str()) {
            format!("source_{}", clean.to_lowercase())
        } else {
            clean
        };
        let free = |name: &String| !self.taken.contains(&name.to_lowercase());
        if free(&wanted) {
            return wanted;
        }
        (2..).map(|n| format!("{wanted}_{n}")).find(free).unwrap_or(wanted)
    }

    /// The attributes and what had to be changed about them.
    pub(super) fn properties(&self) -> (Vec<Property>, Vec<String>) {
        let mut notes = self.notes.clone();
        for column in &self.columns {
            let kind = column.kind();
            if let Some(declared) = column.declared.filter(|d| *d != kind) {
                notes.push(format!(
                    "attribute {:?} is declared {declared:?} but holds other values: read as {kind:?}",
                    column.name
                ));
            }
            if column.nonfinite > 0 {
                notes.push(format!(
                    "attribute {:?}: {} values that are no number (NaN, infinite) are unknown",
                    column.name, column.nonfinite
                ));
            }
        }
        let properties = self
            .columns
            .iter()
            .map(|c| Property { name: c.name.clone(), kind: c.kind(), audience: Audience::Public })
            .collect();
        (properties, notes)
    }

    /// The row's values in the schema's order and types. `None` when the row
    /// holds an attribute that was never observed.
    pub(super) fn convert(&self, cells: Vec<(String, Cell)>) -> Option<Properties> {
        let mut values = vec![Value::Null; self.columns.len()];
        for (source, cell) in cells {
            let index = *self.by_source.get(&source)?;
            values[index] = self.columns[index].convert(cell);
        }
        Some(self.columns.iter().map(|c| c.name.clone()).zip(values).collect())
    }
}

impl Column {
    fn observe(&mut self, cell: &Cell) {
        let kind = match cell {
            Cell::Null => return,
            Cell::Real(number) if !number.is_finite() => {
                self.nonfinite += 1;
                return;
            }
            Cell::Written(text) if text.is_empty() => return,
            Cell::Boolean(_) => PropertyType::Boolean,
            Cell::Integer(number) => {
                self.wide |= number.unsigned_abs() > EXACT_REAL;
                PropertyType::Integer
            }
            Cell::Real(_) => PropertyType::Real,
            Cell::Text(text) => look_of_text(text),
            Cell::Written(text) => {
                let kind = look_of_written(text);
                self.wide |= kind == PropertyType::Integer
                    && text.parse::<i64>().is_ok_and(|number| number.unsigned_abs() > EXACT_REAL);
                kind
            }
        };
        self.seen = Some(self.seen.map_or(kind, |seen| widen(seen, kind)));
    }

    fn kind(&self) -> PropertyType {
        use PropertyType::{Date, DateTime, Real, Text};
        let kind = match (self.declared, self.seen) {
            (Some(Text), _) | (None, None) => Text,
            // Formats with one type for both (FlatGeobuf) declare dates as moments.
            (Some(DateTime), Some(Date)) => Date,
            (Some(declared), Some(seen)) => widen(declared, seen),
            (Some(kind), None) | (None, Some(kind)) => kind,
        };
        if kind == Real && self.wide { Text } else { kind }
    }

    fn convert(&self, cell: Cell) -> Value {
        match (cell, self.kind()) {
            (Cell::Null, _) => Value::Null,
            (Cell::Written(text), _) if text.is_empty() => Value::Null,
            (Cell::Real(number), _) if !number.is_finite() => Value::Null,
            (Cell::Boolean(value), PropertyType::Boolean) => Value::Bool(value),
            (Cell::Written(text), PropertyType::Boolean) => Value::Bool(text.eq_ignore_ascii_case("true")),
            (Cell::Integer(number), PropertyType::Integer) => Value::from(number),
            (Cell::Integer(number), PropertyType::Real) => Value::from(number as f64),
            (Cell::Real(number), PropertyType::Real) => Value::from(number),
            (Cell::Written(text), PropertyType::Integer) => text.parse::<i64>().map_or(Value::Null, Value::from),
            (Cell::Written(text), PropertyType::Real) => text.parse::<f64>().map_or(Value::Null, Value::from),
            (Cell::Text(text) | Cell::Written(text), _) => Value::String(text),
            (Cell::Boolean(value), _) => Value::String(value.to_string()),
            (Cell::Integer(number), _) => Value::String(number.to_string()),
            (Cell::Real(number), _) => Value::String(number.to_string()),
        }
    }
}

/// The narrowest type that holds both without loss.
fn widen(a: PropertyType, b: PropertyType) -> PropertyType {
    use PropertyType::{Integer, Real, Text};
    match (a, b) {
        (a, b) if a == b => a,
        (Integer, Real) | (Real, Integer) => Real,
        _ => Text,
    }
}

/// Dates and moments that formats without such types write as text: ISO 8601
/// calendar date, RFC 3339 moment with a zone.
fn look_of_text(text: &str) -> PropertyType {
    let dated = text.len() >= 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
    if dated && text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok() {
        PropertyType::Date
    } else if dated && text.len() > 10 && text.parse::<jiff::Timestamp>().is_ok() {
        PropertyType::DateTime
    } else {
        PropertyType::Text
    }
}

/// As [`look_of_text`], and numbers and true/false. `007` is a code, not the
/// number seven; `1,5` may be two numbers; both stay text.
fn look_of_written(text: &str) -> PropertyType {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let numeric = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'-' | b'+'));
    let padded = digits.len() > 1 && digits.starts_with('0') && digits.as_bytes()[1].is_ascii_digit();
    if numeric && !padded {
        if text.parse::<i64>().is_ok() {
            return PropertyType::Integer;
        }
        let whole = digits.bytes().all(|b| b.is_ascii_digit());
        if !whole && text.parse::<f64>().is_ok_and(f64::is_finite) {
            return PropertyType::Real;
        }
    }
    if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
        return PropertyType::Boolean;
    }
    look_of_text(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learnt(values: &[Cell]) -> (PropertyType, Vec<Value>) {
        let mut schema = Schema::default();
        for value in values {
            schema.observe(&[("a".to_owned(), value.clone())]).unwrap();
        }
        let converted =
            values.iter().map(|v| schema.convert(vec![("a".to_owned(), v.clone())]).unwrap()["a"].clone()).collect();
        (schema.properties().0[0].kind, converted)
    }

    fn written(text: &str) -> Cell {
        Cell::Written(text.to_owned())
    }

    #[test]
    fn types_widen_only_as_far_as_the_values_need() {
        assert_eq!(
            learnt(&[written("1"), written(""), written("2.5")]),
            (PropertyType::Real, vec![1.0.into(), Value::Null, 2.5.into()])
        );
        assert_eq!(learnt(&[written("1"), written("two")]), (PropertyType::Text, vec!["1".into(), "two".into()]));
        assert_eq!(
            learnt(&[Cell::Integer(1), Cell::Boolean(true)]),
            (PropertyType::Text, vec!["1".into(), "true".into()])
        );
        assert_eq!(learnt(&[written("True"), written("false")]).0, PropertyType::Boolean);
        assert_eq!(learnt(&[Cell::Null]).0, PropertyType::Text);
    }

    #[test]
    fn codes_and_long_numbers_are_not_turned_into_other_numbers() {
        assert_eq!(learnt(&[written("007")]), (PropertyType::Text, vec!["007".into()]));
        assert_eq!(learnt(&[written("1,5")]).0, PropertyType::Text);
        assert_eq!(learnt(&[written("nan")]).0, PropertyType::Text);
        assert_eq!(
            learnt(&[written("99999999999999999999")]),
            (PropertyType::Text, vec!["99999999999999999999".into()])
        );
        let long = 9_007_199_254_740_993;
        assert_eq!(
            learnt(&[Cell::Integer(long), Cell::Real(0.5)]),
            (PropertyType::Text, vec![long.to_string().into(), "0.5".into()])
        );
    }

    #[test]
    fn dates_are_dates_and_moments_need_a_zone() {
        assert_eq!(learnt(&[written("2024-02-29")]).0, PropertyType::Date);
        assert_eq!(learnt(&[written("2023-02-29")]).0, PropertyType::Text);
        assert_eq!(learnt(&[written("2024-02-29T10:00:00+02:00")]).0, PropertyType::DateTime);
        assert_eq!(learnt(&[written("2024-02-29T10:00:00")]).0, PropertyType::Text);
        assert_eq!(learnt(&[written("пн-05-29-ї")]).0, PropertyType::Text);
    }

    #[test]
    fn names_change_only_where_they_must() {
        let mut schema = Schema::default();
        let names = ["Вид об'єкту", "", "fid", "Name", "name", "ID", "addr:street"];
        for name in names {
            schema.observe(&[(name.to_owned(), Cell::Null)]).unwrap();
        }
        let (properties, notes) = schema.properties();
        let stored: Vec<_> = properties.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(stored, ["Вид об'єкту", "column_2", "source_fid", "Name", "name_2", "source_id", "addr:street"]);
        assert_eq!(notes.len(), 4);
    }

    #[test]
    fn more_attributes_than_a_table_holds_are_refused() {
        let mut schema = Schema::default();
        let cells: Vec<_> = (0..=MAX_COLUMNS).map(|n| (format!("a{n}"), Cell::Null)).collect();
        assert!(schema.observe(&cells).unwrap_err().to_string().contains("1000"));
    }
}
