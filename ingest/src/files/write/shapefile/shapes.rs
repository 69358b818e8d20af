//! `.shp` and `.shx` (ESRI Shapefile Technical Description, July 1998).

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, Write};

use geo_types::{Coord, Geometry, LineString, Polygon};
use misto_model::{FeatureId, GeometryKind};

use super::WriteError;

/// Shape types of the description.
const NULL: i32 = 0;
const POINT: i32 = 1;
const POLYLINE: i32 = 3;
const POLYGON: i32 = 5;
const MULTIPOINT: i32 = 8;

const HEADER_BYTES: u64 = 100;
const RECORD_HEADER_BYTES: u64 = 8;

/// Shapes on their way out, in a temporary file.
pub(super) struct Shapes {
    waiting: BufWriter<File>,
    /// Type and bytes after the type, a record each.
    records: Vec<(i32, u32)>,
    /// What all are, and the first that is so; `None` while nothing is placed.
    kind: Option<(i32, FeatureId)>,
    /// Used when nothing is placed.
    expected: i32,
    edges: Option<[f64; 4]>,
}

impl Shapes {
    pub(super) fn new(kind: GeometryKind) -> Result<Self, WriteError> {
        let expected = match kind {
            GeometryKind::Point => POINT,
            GeometryKind::Line => POLYLINE,
            GeometryKind::Polygon => POLYGON,
            GeometryKind::Any => NULL,
        };
        let waiting = BufWriter::new(tempfile::tempfile()?);
        Ok(Self { waiting, records: Vec::new(), kind: None, expected, edges: None })
    }

    pub(super) fn add(&mut self, id: FeatureId, geometry: Option<&Geometry>) -> Result<(), WriteError> {
        let content = geometry.map(|geometry| Content::of(id, geometry)).transpose()?.flatten();
        let Some(content) = content else {
            self.records.push((NULL, 0));
            return Ok(());
        };
        self.kind = Some(self.together(content.kind, id)?);
        let [west, south, east, north] = content.edges;
        self.edges = Some(
            self.edges.map_or(content.edges, |[w, s, e, n]| [w.min(west), s.min(south), e.max(east), n.max(north)]),
        );
        self.waiting.write_all(&content.bytes)?;
        let len = u32::try_from(content.bytes.len())
            .map_err(|_| WriteError::Unfit(format!("feature {id} has more vertices than a shapefile holds")))?;
        self.records.push((content.kind, len));
        Ok(())
    }

    /// Points and multipoints become multipoints; nothing else goes together.
    fn together(&self, kind: i32, id: FeatureId) -> Result<(i32, FeatureId), WriteError> {
        match self.kind {
            None => Ok((kind, id)),
            Some((all, first)) if all == kind || (all, kind) == (MULTIPOINT, POINT) => Ok((all, first)),
            Some((POINT, first)) if kind == MULTIPOINT => Ok((MULTIPOINT, first)),
            Some((all, first)) => Err(WriteError::Unfit(format!(
                "a shapefile holds one kind of shape, and feature {first} is {} and feature {id} {}; \
                 export it as GeoPackage, FlatGeobuf or GeoJSON",
                word(all),
                word(kind)
            ))),
        }
    }

    fn file_kind(&self) -> i32 {
        self.kind.map_or(self.expected, |(kind, _)| kind)
    }

    /// Bytes of a record after its header.
    fn content_bytes(&self, (kind, len): (i32, u32)) -> u64 {
        let grown = if kind == POINT && self.file_kind() == MULTIPOINT { 36 } else { 0 };
        4 + u64::from(len) + grown
    }

    pub(super) fn main_bytes(&self) -> u64 {
        let record = |record: &(i32, u32)| RECORD_HEADER_BYTES + self.content_bytes(*record);
        HEADER_BYTES + self.records.iter().map(record).sum::<u64>()
    }

    fn header(&self, bytes: u64) -> Vec<u8> {
        let mut header = Vec::with_capacity(HEADER_BYTES as usize);
        header.extend_from_slice(&9994i32.to_be_bytes());
        header.extend_from_slice(&[0; 20]);
        header.extend_from_slice(&words(bytes));
        header.extend_from_slice(&1000i32.to_le_bytes());
        header.extend_from_slice(&self.file_kind().to_le_bytes());
        self.edges.unwrap_or_default().iter().for_each(|edge| header.extend_from_slice(&edge.to_le_bytes()));
        header.resize(HEADER_BYTES as usize, 0);
        header
    }

    pub(super) fn write_main(&mut self, mut out: impl Write) -> Result<(), WriteError> {
        self.waiting.flush()?;
        let mut file = self.waiting.get_ref();
        file.rewind()?;
        let mut waiting = BufReader::new(file);
        out.write_all(&self.header(self.main_bytes()))?;
        let file_kind = self.file_kind();
        let mut content = Vec::new();
        for (number, record) in (1i32..).zip(&self.records) {
            content.resize(record.1 as usize, 0);
            waiting.read_exact(&mut content)?;
            out.write_all(&number.to_be_bytes())?;
            out.write_all(&words(self.content_bytes(*record)))?;
            if record.0 == POINT && file_kind == MULTIPOINT {
                out.write_all(&MULTIPOINT.to_le_bytes())?;
                out.write_all(&content)?;
                out.write_all(&content)?; // its box
                out.write_all(&1i32.to_le_bytes())?;
            } else {
                out.write_all(&record.0.to_le_bytes())?;
            }
            out.write_all(&content)?;
        }
        Ok(())
    }

    pub(super) fn write_index(&self, mut out: impl Write) -> Result<(), WriteError> {
        out.write_all(&self.header(HEADER_BYTES + 8 * self.records.len() as u64))?;
        let mut at = HEADER_BYTES;
        for record in &self.records {
            let bytes = self.content_bytes(*record);
            out.write_all(&words(at))?;
            out.write_all(&words(bytes))?;
            at += RECORD_HEADER_BYTES + bytes;
        }
        Ok(())
    }
}

/// Lengths stand in words of 16 bits; a file that has more was refused before.
fn words(bytes: u64) -> [u8; 4] {
    ((bytes / 2) as u32).to_be_bytes()
}

fn word(kind: i32) -> &'static str {
    match kind {
        POINT => "a point",
        MULTIPOINT => "several points",
        POLYLINE => "a line",
        _ => "an area",
    }
}

/// One shape without its type.
struct Content {
    kind: i32,
    edges: [f64; 4],
    bytes: Vec<u8>,
}

impl Content {
    /// `None` for a shape without a place.
    fn of(id: FeatureId, geometry: &Geometry) -> Result<Option<Self>, WriteError> {
        Ok(match geometry {
            Geometry::Point(point) => Some(Self {
                kind: POINT,
                edges: [point.x(), point.y(), point.x(), point.y()],
                bytes: [point.x().to_le_bytes(), point.y().to_le_bytes()].concat(),
            }),
            Geometry::MultiPoint(points) => Self::several(&points.iter().map(|point| point.0).collect::<Vec<_>>()),
            Geometry::Line(line) => Self::parts(POLYLINE, vec![vec![line.start, line.end]]),
            Geometry::LineString(line) => Self::lines(std::slice::from_ref(line)),
            Geometry::MultiLineString(lines) => Self::lines(&lines.0),
            Geometry::Polygon(polygon) => Self::polygons(std::slice::from_ref(polygon)),
            Geometry::MultiPolygon(polygons) => Self::polygons(&polygons.0),
            Geometry::Rect(rect) => Self::polygons(&[rect.to_polygon()]),
            Geometry::Triangle(triangle) => Self::polygons(&[triangle.to_polygon()]),
            Geometry::GeometryCollection(_) => {
                return Err(WriteError::Unfit(format!(
                    "feature {id} is a collection of shapes, which a shapefile cannot hold; \
                     export it as GeoPackage, FlatGeobuf or GeoJSON"
                )));
            }
        })
    }

    fn several(points: &[Coord]) -> Option<Self> {
        let edges = edges(points)?;
        let mut bytes = Vec::with_capacity(36 + 16 * points.len());
        edges.iter().for_each(|edge| bytes.extend_from_slice(&edge.to_le_bytes()));
        bytes.extend_from_slice(&(points.len() as u32).to_le_bytes());
        add_places(&mut bytes, points);
        Some(Self { kind: MULTIPOINT, edges, bytes })
    }

    fn lines(lines: &[LineString]) -> Option<Self> {
        Self::parts(POLYLINE, lines.iter().filter(|line| line.0.len() >= 2).map(|line| line.0.clone()).collect())
    }

    /// An outer ring runs clockwise, a hole against the clock.
    fn polygons(polygons: &[Polygon]) -> Option<Self> {
        let rings = polygons.iter().filter(|polygon| !polygon.exterior().0.is_empty()).flat_map(|polygon| {
            let holes = polygon.interiors().iter().filter(|ring| !ring.0.is_empty());
            std::iter::once(wound(polygon.exterior(), true)).chain(holes.map(|ring| wound(ring, false)))
        });
        Self::parts(POLYGON, rings.collect())
    }

    fn parts(kind: i32, parts: Vec<Vec<Coord>>) -> Option<Self> {
        let places = parts.concat();
        let edges = edges(&places)?;
        let mut bytes = Vec::with_capacity(40 + 4 * parts.len() + 16 * places.len());
        edges.iter().for_each(|edge| bytes.extend_from_slice(&edge.to_le_bytes()));
        bytes.extend_from_slice(&(parts.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&(places.len() as u32).to_le_bytes());
        let mut start = 0u32;
        for part in &parts {
            bytes.extend_from_slice(&start.to_le_bytes());
            start += part.len() as u32;
        }
        add_places(&mut bytes, &places);
        Some(Self { kind, edges, bytes })
    }
}

fn add_places(bytes: &mut Vec<u8>, places: &[Coord]) {
    for at in places {
        bytes.extend_from_slice(&at.x.to_le_bytes());
        bytes.extend_from_slice(&at.y.to_le_bytes());
    }
}

fn edges(places: &[Coord]) -> Option<[f64; 4]> {
    let first = places.first()?;
    Some(places.iter().fold([first.x, first.y, first.x, first.y], |[w, s, e, n], at| {
        [w.min(at.x), s.min(at.y), e.max(at.x), n.max(at.y)]
    }))
}

fn wound(ring: &LineString, clockwise: bool) -> Vec<Coord> {
    let mut places = ring.0.clone();
    if places.first() != places.last() {
        places.extend(places.first().copied());
    }
    let doubled: f64 = places.windows(2).map(|pair| pair[0].x * pair[1].y - pair[1].x * pair[0].y).sum();
    if (doubled < 0.0) != clockwise {
        places.reverse();
    }
    places
}
