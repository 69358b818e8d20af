//! FlatGeobuf 3 (flatgeobuf.org/specification).
//!
//! The generated tables of the `flatgeobuf` crate are used behind a verifier;
//! framing, coordinates and attribute bytes are read here, because the crate's
//! own readers allocate what the file claims and index without looking.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use ::flatgeobuf::{
    ColumnType, Crs, GeometryType, Header, size_prefixed_root_as_feature, size_prefixed_root_as_header,
};
use misto_model::PropertyType;

use super::FileError;
use super::schema::Cell;
use super::survey::{EachRow, Head, Row, Source};
use crate::crs::Transform;

mod attributes;
mod geometry;

/// Magic bytes: `fgb`, major version, `fgb`, patch.
const MAGIC: &[u8; 3] = b"fgb";
/// The one major version in use since 2020.
const VERSION: u8 = 3;
/// Headers of real files have a few kilobytes.
const MAX_HEADER: u64 = 10 << 20;
/// A node of the spatial index: four numbers and an offset.
const INDEX_NODE_BYTES: u64 = 40;

/// One column as the header (or a feature of a heterogeneous file) declares it.
struct Column {
    name: String,
    kind: ColumnType,
}

/// A file whose header was read.
pub(super) struct FlatGeobuf {
    path: PathBuf,
    head: Head,
    columns: Vec<Column>,
    geometry_type: GeometryType,
    flattened: bool,
    /// 0: not told.
    features_count: u64,
    features_start: u64,
    length: u64,
}

impl FlatGeobuf {
    pub(super) fn open(path: &Path) -> Result<Self, FileError> {
        let (mut reader, length) = opened(path)?;
        let mut magic = [0; 8];
        read(&mut reader, &mut magic, 0)?;
        if &magic[..3] != MAGIC || &magic[4..7] != MAGIC {
            return Err(FileError::Unsupported(
                "this is no FlatGeobuf: the file does not begin with its magic bytes".to_owned(),
            ));
        }
        if magic[3] != VERSION {
            return Err(FileError::Unsupported(format!(
                "FlatGeobuf version {} is not supported, only version {VERSION}; write the file anew with GDAL 3.1 or newer",
                magic[3]
            )));
        }
        let buffer = framed(&mut reader, 8, length.min(MAX_HEADER))?
            .ok_or_else(|| FileError::damaged("byte 8", "the file ends before its header"))?;
        let header = size_prefixed_root_as_header(&buffer).map_err(|e| FileError::damaged("the header", e))?;
        let after_header = 8 + buffer.len() as u64;
        let index = index_bytes(header.features_count(), header.index_node_size())?;
        if index > length.saturating_sub(after_header) {
            return Err(FileError::damaged(
                "the header",
                format!(
                    "it claims {} features, whose index alone would be longer than the file",
                    header.features_count()
                ),
            ));
        }
        let columns: Vec<Column> = header.columns().iter().flatten().map(|c| column(&c)).collect();
        Ok(Self {
            path: path.to_owned(),
            head: head(&header, &columns)?,
            geometry_type: header.geometry_type(),
            flattened: header.has_z() || header.has_m() || header.has_t() || header.has_tm(),
            features_count: header.features_count(),
            features_start: after_header + index,
            length,
            columns,
        })
    }

    fn row(&self, number: u64, buffer: &[u8]) -> Result<Row, String> {
        let feature = size_prefixed_root_as_feature(buffer).map_err(|e| e.to_string())?;
        let own: Vec<Column> = feature.columns().iter().flatten().map(|c| column(&c)).collect();
        let columns = if own.is_empty() { &self.columns } else { &own };
        let bytes = feature.properties().map(|p| p.bytes()).unwrap_or_default();
        let cells = attributes::cells(bytes, columns)?;
        let geometry = match feature.geometry() {
            Some(geometry) => geometry::read(&geometry, self.geometry_type, 0).map_err(|reason| (None, reason)),
            None => Ok(None),
        };
        Ok(Row { number, geometry, cells, flattened: self.flattened })
    }
}

impl Source for FlatGeobuf {
    fn head(&self) -> &Head {
        &self.head
    }

    fn rows(&mut self, each: EachRow<'_>) -> Result<(), FileError> {
        let (mut reader, length) = opened(&self.path)?;
        if length != self.length {
            return Err(FileError::Changed);
        }
        reader.seek(SeekFrom::Start(self.features_start)).map_err(|e| FileError::io(&self.path, e))?;
        let (mut offset, mut number) = (self.features_start, 0);
        while self.features_count == 0 || number < self.features_count {
            let Some(buffer) = framed(&mut reader, offset, length)? else { break };
            number += 1;
            let row = self
                .row(number, &buffer)
                .map_err(|e| FileError::damaged(format!("feature {number}, byte {offset}"), e))?;
            offset += buffer.len() as u64;
            each(row)?;
        }
        if self.features_count > 0 && number < self.features_count {
            return Err(FileError::damaged(
                format!("byte {length}"),
                format!("the file ends after {number} of the {} features that its header claims", self.features_count),
            ));
        }
        Ok(())
    }
}

fn opened(path: &Path) -> Result<(BufReader<File>, u64), FileError> {
    let file = File::open(path).map_err(|e| FileError::io(path, e))?;
    let length = file.metadata().map_err(|e| FileError::io(path, e))?.len();
    Ok((BufReader::new(file), length))
}

fn read(reader: &mut impl Read, buffer: &mut [u8], offset: u64) -> Result<(), FileError> {
    reader.read_exact(buffer).map_err(|e| FileError::damaged(format!("byte {offset}"), e))
}

/// A length of four bytes and as many bytes after it, together; `None` at the
/// end of the file. Nothing longer than `limit` is allocated.
fn framed(reader: &mut impl Read, offset: u64, limit: u64) -> Result<Option<Vec<u8>>, FileError> {
    let mut buffer = Vec::new();
    reader.take(4).read_to_end(&mut buffer).map_err(|e| FileError::damaged(format!("byte {offset}"), e))?;
    let Ok(prefix) = <[u8; 4]>::try_from(buffer.as_slice()) else {
        return if buffer.is_empty() {
            Ok(None)
        } else {
            Err(FileError::damaged(format!("byte {offset}"), "the file ends inside a length"))
        };
    };
    let size = u64::from(u32::from_le_bytes(prefix));
    if size < 8 || size > limit.saturating_sub(offset + 4) {
        return Err(FileError::damaged(
            format!("byte {offset}"),
            format!("a length of {size} bytes does not fit the file"),
        ));
    }
    let got =
        reader.take(size).read_to_end(&mut buffer).map_err(|e| FileError::damaged(format!("byte {offset}"), e))?;
    if (got as u64) < size {
        return Err(FileError::damaged(
            format!("byte {offset}"),
            format!("{size} bytes were announced and {got} are there"),
        ));
    }
    Ok(Some(buffer))
}

/// Length of the packed R-tree: all levels of nodes, from the leaves to one root.
fn index_bytes(features: u64, node_size: u16) -> Result<u64, FileError> {
    if features == 0 || node_size == 0 {
        return Ok(0);
    }
    if node_size < 2 {
        return Err(FileError::damaged("the header", "an index node must have room for at least two entries"));
    }
    let (mut level, mut nodes) = (features, features);
    while level > 1 {
        level = level.div_ceil(u64::from(node_size));
        nodes = nodes.saturating_add(level);
    }
    // A tree of one feature still has a leaf and a root.
    let nodes = if features == 1 { 2 } else { nodes };
    Ok(nodes.saturating_mul(INDEX_NODE_BYTES))
}

fn column(column: &::flatgeobuf::Column<'_>) -> Column {
    Column { name: column.name().to_owned(), kind: column.type_() }
}

fn head(header: &Header<'_>, columns: &[Column]) -> Result<Head, FileError> {
    let mut notes = Vec::new();
    for binary in columns.iter().filter(|c| c.kind == ColumnType::Binary) {
        notes.push(format!("attribute {:?} holds binary data and is left out", binary.name));
    }
    let transform = match header.crs() {
        Some(crs) => transform(&crs, &mut notes)?,
        None => unnamed(&mut notes),
    };
    let columns =
        columns.iter().filter(|c| c.kind != ColumnType::Binary).map(|c| (c.name.clone(), declared(c.kind))).collect();
    Ok(Head { columns, transform, skipped_layers: Vec::new(), notes })
}

fn transform(crs: &Crs<'_>, notes: &mut Vec<String>) -> Result<Transform, FileError> {
    let organisation = crs.org().unwrap_or("EPSG");
    let found = match (crs.code(), crs.code_string()) {
        (0, None) if crs.wkt().is_none() && crs.name().is_none() => return Ok(unnamed(notes)),
        (0, None) => Transform::of_name(crs.name().or(crs.wkt()).unwrap_or_default()),
        (0, Some(code)) => Transform::of_name(&format!("{organisation}:{code}")),
        (code, _) => Transform::of_name(&format!("{organisation}:{code}")),
    };
    found.map_err(FileError::Unsupported)
}

fn unnamed(notes: &mut Vec<String>) -> Transform {
    notes.push("the file names no coordinate system: read as WGS 84 longitude and latitude".to_owned());
    Transform::Identity
}

fn declared(kind: ColumnType) -> Option<PropertyType> {
    match kind {
        ColumnType::Bool => Some(PropertyType::Boolean),
        ColumnType::Float | ColumnType::Double => Some(PropertyType::Real),
        ColumnType::String | ColumnType::Json => Some(PropertyType::Text),
        ColumnType::DateTime => Some(PropertyType::DateTime),
        _ => Some(PropertyType::Integer),
    }
}
