//! `.dbf`: the attributes as a dBASE III table.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, Write};

use misto_model::{Feature, Property, PropertyType};
use serde_json::Value;

use super::WriteError;

/// Most bytes of a field's name.
const NAME_BYTES: usize = 10;
/// Most bytes of a field.
const FIELD_BYTES: usize = 254;
/// Most fields of a table, the number of the feature among them.
const MAX_FIELDS: usize = 255;
/// Stands for an unknown value while it waits; longer than any field.
const UNKNOWN: u8 = u8::MAX;

/// One field of the table.
struct Field<'a> {
    name: String,
    /// `None`: the number of the feature.
    property: Option<&'a Property>,
    width: u8,
    decimals: u8,
    /// How many texts were too long.
    cut: u64,
}

/// Rows on their way out, in a temporary file.
pub(super) struct Table<'a> {
    waiting: BufWriter<File>,
    fields: Vec<Field<'a>>,
    count: u64,
}

impl<'a> Table<'a> {
    pub(super) fn new(schema: &'a [Property]) -> Result<Self, WriteError> {
        if schema.len() >= MAX_FIELDS {
            return Err(WriteError::Unfit(format!(
                "{} attributes; a shapefile holds {}",
                schema.len(),
                MAX_FIELDS - 1
            )));
        }
        let names = names(std::iter::once("fid").chain(schema.iter().map(|property| property.name.as_str())));
        let properties = std::iter::once(None).chain(schema.iter().map(Some));
        let field = |(name, property)| Field { name, property, width: 1, decimals: 0, cut: 0 };
        let fields = names.into_iter().zip(properties).map(field).collect();
        Ok(Self { waiting: BufWriter::new(tempfile::tempfile()?), fields, count: 0 })
    }

    pub(super) fn add(&mut self, feature: &Feature) -> Result<(), WriteError> {
        for field in &mut self.fields {
            match field.text(feature)? {
                Some(text) => {
                    field.widen(&text);
                    self.waiting.write_all(&[text.len() as u8])?;
                    self.waiting.write_all(text.as_bytes())?;
                }
                None => self.waiting.write_all(&[UNKNOWN])?,
            }
        }
        self.count += 1;
        Ok(())
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    fn header_bytes(&self) -> u64 {
        32 + 32 * self.fields.len() as u64 + 1
    }

    /// Bytes of a row: a mark that it is not deleted, and its fields.
    fn row_bytes(&self) -> u64 {
        1 + self.fields.iter().map(|field| u64::from(field.width)).sum::<u64>()
    }

    pub(super) fn bytes(&self) -> u64 {
        self.header_bytes() + self.count * self.row_bytes() + 1
    }

    pub(super) fn write(&mut self, mut out: impl Write) -> Result<(), WriteError> {
        self.waiting.flush()?;
        let mut file = self.waiting.get_ref();
        file.rewind()?;
        let mut waiting = BufReader::new(file);
        out.write_all(&self.header())?;
        let mut text = Vec::new();
        for _ in 0..self.count {
            out.write_all(b" ")?;
            for field in &self.fields {
                let mut len = [0];
                waiting.read_exact(&mut len)?;
                text.resize(if len[0] == UNKNOWN { 0 } else { len[0].into() }, 0);
                waiting.read_exact(&mut text)?;
                out.write_all(&field.padded(&text, len[0] == UNKNOWN))?;
            }
        }
        out.write_all(&[0x1a])?;
        Ok(())
    }

    fn header(&self) -> Vec<u8> {
        // dBASE III without a memo. No day of the last change, so that the same features give the same bytes.
        let mut header = vec![0x03, 0, 1, 1];
        header.extend_from_slice(&(self.count as u32).to_le_bytes());
        header.extend_from_slice(&(self.header_bytes() as u16).to_le_bytes());
        header.extend_from_slice(&(self.row_bytes() as u16).to_le_bytes());
        header.resize(32, 0);
        for field in &self.fields {
            let start = header.len();
            header.extend_from_slice(field.name.as_bytes());
            header.resize(start + 11, 0);
            header.push(field.letter());
            header.resize(start + 16, 0);
            header.extend_from_slice(&[field.width, field.decimals]);
            header.resize(start + 32, 0);
        }
        header.push(0x0d);
        header
    }

    /// Which field is which attribute, and how many of its texts were cut.
    pub(super) fn write_names(&self, out: impl Write) -> Result<(), WriteError> {
        let mut writer = ::csv::Writer::from_writer(out);
        let failed = |error: ::csv::Error| WriteError::Format(error.to_string());
        writer.write_record(["field", "attribute", "texts_cut"]).map_err(failed)?;
        for field in &self.fields {
            let attribute = field.property.map_or("", |property| property.name.as_str());
            writer.write_record([&field.name, attribute, &field.cut.to_string()]).map_err(failed)?;
        }
        writer.flush()?;
        Ok(())
    }
}

impl Field<'_> {
    fn letter(&self) -> u8 {
        match self.property.map(|property| property.kind) {
            None | Some(PropertyType::Integer | PropertyType::Real) => b'N',
            Some(PropertyType::Text | PropertyType::DateTime) => b'C',
            Some(PropertyType::Boolean) => b'L',
            Some(PropertyType::Date) => b'D',
        }
    }

    /// What stands in the field, without padding; `None` where it is unknown.
    fn text(&mut self, feature: &Feature) -> Result<Option<String>, WriteError> {
        let Some(property) = self.property else { return Ok(Some(feature.id.to_string())) };
        let value = match feature.properties.get(&property.name) {
            None | Some(Value::Null) => return Ok(None),
            Some(value) => value,
        };
        let text = match property.kind {
            PropertyType::Text | PropertyType::DateTime => value.as_str().map(|text| self.fitting(text)),
            PropertyType::Integer => value.as_i64().map(|whole| whole.to_string()),
            PropertyType::Real => value.as_f64().map(shortest),
            PropertyType::Boolean => value.as_bool().map(|value| if value { "T" } else { "F" }.to_owned()),
            PropertyType::Date => value.as_str().and_then(day),
        };
        text.map(Some).ok_or_else(|| WriteError::Value {
            feature: feature.id,
            property: property.name.clone(),
            kind: property.kind,
        })
    }

    /// As much of a text as a field holds, in whole characters. NUL would end it for some readers.
    fn fitting(&mut self, text: &str) -> String {
        let end = text.floor_char_boundary(FIELD_BYTES);
        self.cut += u64::from(end < text.len());
        text[..end].replace('\0', " ")
    }

    fn widen(&mut self, text: &str) {
        self.width = self.width.max(text.len() as u8);
        let after_point = text.split_once('.').map_or(0, |(_, digits)| digits.len());
        if self.property.is_some_and(|property| property.kind == PropertyType::Real) {
            // Without decimals it would be read as whole.
            self.decimals = self.decimals.max(after_point.clamp(1, 15) as u8);
            self.width = self.width.max(self.decimals + 2);
        }
        if self.letter() == b'D' {
            self.width = 8;
        }
    }

    /// Numbers stand at the right, and the unknown is blank but for a truth value, which has a sign for it.
    fn padded(&self, text: &[u8], unknown: bool) -> Vec<u8> {
        let blanks = vec![b' '; usize::from(self.width).saturating_sub(text.len())];
        match self.letter() {
            b'L' if unknown => vec![b'?'],
            b'N' => [blanks.as_slice(), text].concat(),
            _ => [text, blanks.as_slice()].concat(),
        }
    }
}

/// The shortest text that reads back as the same number, at most 24 bytes.
fn shortest(number: f64) -> String {
    let plain = number.to_string();
    if plain.len() <= 24 { plain } else { format!("{number:e}") }
}

/// `YYYY-MM-DD` without its dashes.
fn day(text: &str) -> Option<String> {
    let date: jiff::civil::Date = text.parse().ok()?;
    (0..=9999).contains(&date.year()).then(|| date.strftime("%Y%m%d").to_string())
}

/// Names of at most ten bytes that differ even where case does not count; what is cut or
/// taken already ends with a number.
fn names<'n>(all: impl Iterator<Item = &'n str>) -> Vec<String> {
    let mut taken = HashSet::new();
    all.map(|name| {
        let clean: String = name.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
        let clean = if clean.is_empty() { "_".to_owned() } else { clean };
        let first = clean[..clean.floor_char_boundary(NAME_BYTES)].to_owned();
        let numbered = (1..).map(|n| {
            let end = format!("_{n}");
            format!("{}{end}", &clean[..clean.floor_char_boundary(NAME_BYTES - end.len())])
        });
        let free = std::iter::once(first).chain(numbered).find(|name| taken.insert(name.to_lowercase()));
        free.unwrap_or_default()
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_and_differ() {
        let given = ["fid", "FID", "surface_kind", "surface_kind_2", "назва вулиці", "назва", "", "a b"];
        let fields = names(given.into_iter());
        assert_eq!(fields, ["fid", "FID_1", "surface_ki", "surface__1", "назва", "назв_1", "_", "a_b"]);
        assert!(fields.iter().all(|name| name.len() <= NAME_BYTES));
    }

    #[test]
    fn numbers_read_back() {
        for number in [0.1, -1.234_567_890_123_456_7e-308, 1e300, 3.0, f64::MAX, 123_456_789.123_456_78] {
            let text = shortest(number);
            assert!(text.len() <= 24 && text.parse::<f64>().unwrap().to_bits() == number.to_bits(), "{text}");
        }
    }
}
