//! Decree 835 of the Cabinet of Ministers of Ukraine annex 32: monitoring of
//! barrier-free access. `buildings` have addresses and no coordinates; `norms` say of each building
//! which paragraph of which norm was found to be met. All columns are kept under their own names.

use std::collections::HashMap;
use std::path::Path;

use misto_model::PropertyType;
use serde_json::{Map, Value};

use super::schema::Cell;
use super::survey::{EachRow, Head, Row, Source};
use super::{FileError, Format, Options, Reading, csv, json_table};

/// Columns of `buildings`.
pub const BUILDINGS: [&str; 17] = [
    "uid",
    "monitoringDate",
    "authorityName",
    "authorityId",
    "entityName",
    "entityId",
    "buildingName",
    "CATUTTC",
    "addressPostCode",
    "addressAdminUnitL1",
    "addressAdminUnitL2",
    "addressAdminUnitL3",
    "addressAdminUnitL4",
    "addressPostName",
    "addressThoroughfare",
    "addressLocatorDesignator",
    "addressLocatorBuilding",
];

/// Columns of `norms`.
pub const NORMS: [&str; 8] = [
    "normsNumber",
    "paragraphNumber",
    "paragraphDescription",
    "status",
    "description",
    "image",
    "buildingUid",
    "buildingName",
];

/// Attribute: the rows of `norms` of a building, a JSON array.
pub const NORM_FINDINGS: &str = "norm_findings";
/// Attribute: the address by which a building found its place.
pub const PLACED_BY: &str = "placed_by";
/// In a finding: how its status was spelt, where that was not true or false.
pub(super) const STATUS_AS_GIVEN: &str = "status_as_given";
/// Findings that belong to nobody and are named.
const MAX_NOTES: usize = 20;

/// A source of buildings with their findings.
pub(super) struct Annex32 {
    inner: Box<dyn Source + Send>,
    findings: HashMap<String, Vec<Map<String, Value>>>,
    head: Head,
}

impl Annex32 {
    pub(super) fn of(mut inner: Box<dyn Source + Send>, norms: Option<&Path>) -> Result<Self, FileError> {
        let names: Vec<String> = inner.head().columns.iter().map(|(name, _)| name.clone()).collect();
        for needed in ["uid", "buildingName"] {
            if !names.iter().any(|name| name == needed) {
                return Err(FileError::Unsupported(format!(
                    "annex 32 has a column {needed:?}; here are {}",
                    names.join(", ")
                )));
            }
        }
        let findings = match norms {
            Some(path) => findings(path)?,
            None => HashMap::new(),
        };
        let mut notes = inner.head().notes.clone();
        notes.extend(unattached(&mut *inner, &findings)?);
        let text = |name: &str| (name.to_owned(), Some(PropertyType::Text));
        let columns = names
            .iter()
            .map(|name| text(name))
            .chain(["name", "address", NORM_FINDINGS, PLACED_BY].map(text))
            .collect();
        Ok(Self { inner, findings, head: Head { columns, notes, ..Head::default() } })
    }
}

impl Source for Annex32 {
    fn head(&self) -> &Head {
        &self.head
    }

    fn rows(&mut self, each: EachRow<'_>) -> Result<(), FileError> {
        let findings = &self.findings;
        self.inner.rows(&mut |row| each(building(row, findings)))
    }
}

fn building(mut row: Row, findings: &HashMap<String, Vec<Map<String, Value>>>) -> Row {
    let texts: HashMap<String, String> =
        row.cells.drain(..).filter_map(|(name, cell)| Some((name, text(cell)?))).collect();
    let of = |name: &str| texts.get(name).map(String::as_str).filter(|text| !text.is_empty());
    if row.geometry.is_ok() && of("uid").is_none() {
        row.geometry = Err((Some("uid".to_owned()), "a building without uid cannot be told from others".to_owned()));
    }
    let found = of("uid").and_then(|uid| findings.get(uid));
    let derived = [
        ("name", of("buildingName").map(str::to_owned)),
        ("address", address(&of)),
        (NORM_FINDINGS, found.map(|found| serde_json::json!(found).to_string())),
    ];
    let derived = derived.into_iter().filter_map(|(name, text)| Some((name.to_owned(), Cell::Text(text?))));
    row.cells = derived.collect();
    row.cells
        .extend(texts.into_iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| (name, Cell::Text(text))));
    row
}

/// Street, house and building, as far as they are told.
fn address<'a>(of: &impl Fn(&str) -> Option<&'a str>) -> Option<String> {
    let mut address = of("addressThoroughfare")?.to_owned();
    if let Some(house) = of("addressLocatorDesignator") {
        address.push_str(&format!(", {house}"));
    }
    if let Some(building) = of("addressLocatorBuilding") {
        address.push_str(&format!(", корп. {building}"));
    }
    Some(address)
}

fn text(cell: Cell) -> Option<String> {
    match cell {
        Cell::Null => None,
        Cell::Boolean(value) => Some(value.to_string()),
        Cell::Integer(value) => Some(value.to_string()),
        Cell::Real(value) => Some(value.to_string()),
        Cell::Text(text) | Cell::Written(text) => Some(text),
    }
}

/// The rows of `norms` by building.
fn findings(path: &Path) -> Result<HashMap<String, Vec<Map<String, Value>>>, FileError> {
    let options = Options { reading: Reading::Annex32, ..Options::default() };
    let mut source: Box<dyn Source> = match Format::of_path(path) {
        Some(Format::GeoJson) => Box::new(json_table::JsonTable::open(path, "norms", &options)?),
        _ => Box::new(csv::Csv::open(path, &options)?),
    };
    if !source.head().columns.iter().any(|(name, _)| name == "buildingUid") {
        return Err(FileError::Option {
            option: "norms",
            reason: "the findings of annex 32 have a column \"buildingUid\"".to_owned(),
        });
    }
    let mut findings: HashMap<String, Vec<Map<String, Value>>> = HashMap::new();
    source.rows(&mut |row| {
        let mut finding = Map::new();
        for (name, cell) in row.cells {
            if let Some(text) = text(cell).filter(|text| !text.is_empty()) {
                finding.insert(name, text.into());
            }
        }
        let uid = finding.shift_remove("buildingUid").and_then(|uid| uid.as_str().map(str::to_owned));
        status(&mut finding);
        findings.entry(uid.unwrap_or_default()).or_default().push(finding);
        Ok(())
    })?;
    Ok(findings)
}

/// The status is true or false; another spelling of it is kept beside it, and what means neither stays a text.
fn status(finding: &mut Map<String, Value>) {
    let Some(given) = finding.get("status").and_then(Value::as_str).map(str::to_owned) else { return };
    let meant = match given.to_lowercase().as_str() {
        "true" | "1" | "так" | "yes" => true,
        "false" | "0" | "ні" | "no" => false,
        _ => return,
    };
    if given != meant.to_string() {
        finding.insert(STATUS_AS_GIVEN.to_owned(), given.into());
    }
    finding.insert("status".to_owned(), meant.into());
}

/// Findings of buildings that the file does not hold.
fn unattached(
    inner: &mut dyn Source,
    findings: &HashMap<String, Vec<Map<String, Value>>>,
) -> Result<Vec<String>, FileError> {
    let mut lost: HashMap<&str, usize> = findings.iter().map(|(uid, rows)| (uid.as_str(), rows.len())).collect();
    inner.rows(&mut |row| {
        let uid = row.cells.into_iter().find(|(name, _)| name == "uid").and_then(|(_, cell)| text(cell));
        if let Some(uid) = uid {
            lost.remove(uid.as_str());
        }
        Ok(())
    })?;
    let mut lost: Vec<_> = lost.into_iter().collect();
    lost.sort_unstable();
    let more = lost.len().saturating_sub(MAX_NOTES);
    let mut notes: Vec<String> = lost
        .iter()
        .take(MAX_NOTES)
        .map(|(uid, rows)| format!("{rows} findings are of building {uid:?}, which is not in the file: left out"))
        .collect();
    if more > 0 {
        notes.push(format!("findings of {more} more buildings are left out"));
    }
    Ok(notes)
}
