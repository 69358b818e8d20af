//! GeoPackageBinary: a header with the envelope around well-known binary
//! (OGC 12-128r18, clause 2.1.3).

use geo_types::Geometry;

use crate::wkb::{self, Unreadable, each_coordinate};

/// srs_id of WGS 84 longitude/latitude.
pub(super) const WGS_84: i32 = 4326;

/// The smallest box around a geometry, degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Envelope {
    pub(super) min_x: f64,
    pub(super) max_x: f64,
    pub(super) min_y: f64,
    pub(super) max_y: f64,
}

impl Envelope {
    /// Around the geometry; `None` when it is empty.
    pub(super) fn of(geometry: &Geometry) -> Option<Self> {
        let mut envelope = None;
        each_coordinate(geometry, &mut |at| {
            let around = Self { min_x: at.x, max_x: at.x, min_y: at.y, max_y: at.y };
            envelope = Some(envelope.map_or(around, |so_far: Self| so_far.union(around)));
        });
        envelope
    }

    /// Around both.
    pub(super) fn union(self, other: Self) -> Self {
        Self {
            min_x: self.min_x.min(other.min_x),
            max_x: self.max_x.max(other.max_x),
            min_y: self.min_y.min(other.min_y),
            max_y: self.max_y.max(other.max_y),
        }
    }
}

/// The value of a geometry column.
pub(super) fn encode(geometry: &Geometry) -> Vec<u8> {
    let envelope = Envelope::of(geometry);
    // Bit 0: little-endian; bits 1 to 3: envelope of x and y; bit 4: empty.
    let flags = if envelope.is_some() { 0b0000_0011 } else { 0b0001_0001 };
    let mut out = vec![b'G', b'P', 0, flags];
    out.extend(WGS_84.to_le_bytes());
    for edge in envelope.iter().flat_map(|e| [e.min_x, e.max_x, e.min_y, e.max_y]) {
        out.extend(edge.to_le_bytes());
    }
    wkb::write(&mut out, geometry);
    out
}

/// The geometry in a column's value, in the plane; `None` for an empty point.
pub(super) fn decode(blob: &[u8]) -> Result<Option<Geometry>, Unreadable> {
    let (_, wkb) = split(blob)?;
    wkb::read(wkb)
}

/// The envelope of a column's value; `None` when it is empty or unreadable.
pub(super) fn envelope(blob: &[u8]) -> Option<Envelope> {
    match split(blob).ok()? {
        (Some(envelope), _) => Some(envelope),
        // Points commonly come without an envelope in the header.
        (None, wkb) => Envelope::of(&wkb::read(wkb).ok()??),
    }
}

/// The envelope in the header, if there is one, and the well-known binary.
fn split(blob: &[u8]) -> Result<(Option<Envelope>, &[u8]), Unreadable> {
    let cut = || Unreadable("cut off".to_owned());
    let (head, rest) = blob.split_first_chunk::<8>().ok_or_else(cut)?;
    if !head.starts_with(b"GP") {
        return Err(Unreadable("not a GeoPackage geometry".to_owned()));
    }
    let flags = head[3];
    let edges = match (flags >> 1) & 0b111 {
        0 => 0,
        1 => 4,
        2 | 3 => 6,
        4 => 8,
        other => return Err(Unreadable(format!("envelope type {other}"))),
    };
    let (envelope, wkb) = rest.split_at_checked(edges * 8).ok_or_else(cut)?;
    let little = flags & 1 == 1;
    let mut edges = envelope.chunks_exact(8).map(|edge| {
        let edge: [u8; 8] = edge.try_into().unwrap_or_default();
        if little { f64::from_le_bytes(edge) } else { f64::from_be_bytes(edge) }
    });
    let mut next = || edges.next().filter(|edge| edge.is_finite());
    let envelope = match (next(), next(), next(), next()) {
        (Some(min_x), Some(max_x), Some(min_y), Some(max_y)) => Some(Envelope { min_x, max_x, min_y, max_y }),
        _ => None,
    };
    Ok((envelope, wkb))
}

#[cfg(test)]
mod tests {
    use geo_types::{
        Geometry, GeometryCollection, LineString, MultiPoint, Point, Polygon, line_string, point, polygon,
    };
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn returns(geometry: Geometry) {
        assert_eq!(decode(&encode(&geometry)), Ok(Some(geometry)));
    }

    #[test]
    fn every_kind_returns_as_it_was() {
        let hole = LineString::from(vec![(1.0, 1.0), (2.0, 1.0), (2.0, 2.0), (1.0, 1.0)]);
        let area = polygon![(x: 0.0, y: 0.0), (x: 9.0, y: 0.0), (x: 9.0, y: 9.0), (x: 0.0, y: 0.0)];
        let ringed = Polygon::new(area.exterior().clone(), vec![hole]);
        let line = line_string![(x: 24.7, y: 48.9), (x: 24.8, y: 48.95)];
        returns(point!(x: 24.7, y: 48.9).into());
        returns(line.clone().into());
        returns(ringed.clone().into());
        returns(MultiPoint(vec![Point::new(1.0, 2.0), Point::new(3.0, 4.0)]).into());
        returns(geo_types::MultiLineString(vec![line.clone(), line.clone()]).into());
        returns(geo_types::MultiPolygon(vec![ringed, area]).into());
        returns(Geometry::GeometryCollection(GeometryCollection(vec![line.into(), Point::new(1.0, 2.0).into()])));
        returns(LineString(Vec::new()).into());
        returns(Polygon::new(LineString(Vec::new()), Vec::new()).into());
        returns(Geometry::GeometryCollection(GeometryCollection(Vec::new())));
    }

    #[test]
    fn height_and_measure_are_left_out() {
        // LINESTRING ZM (1 2 3 4, 5 6 7 8), big-endian, no envelope.
        let mut blob = vec![b'G', b'P', 0, 0, 0, 0, 0x10, 0xe6, 0];
        blob.extend(3002_u32.to_be_bytes());
        blob.extend(2_u32.to_be_bytes());
        (1..=8).for_each(|n| blob.extend(f64::from(n).to_be_bytes()));
        assert_eq!(decode(&blob), Ok(Some(line_string![(x: 1.0, y: 2.0), (x: 5.0, y: 6.0)].into())));
        assert_eq!(envelope(&blob), Some(Envelope { min_x: 1.0, max_x: 5.0, min_y: 2.0, max_y: 6.0 }));
    }

    #[test]
    fn an_empty_point_is_no_geometry_and_a_curve_says_so() {
        let mut empty = vec![b'G', b'P', 0, 0b0001_0001, 0xe6, 0x10, 0, 0, 1];
        empty.extend(1_u32.to_le_bytes());
        empty.extend([f64::NAN.to_le_bytes(), f64::NAN.to_le_bytes()].concat());
        assert_eq!(decode(&empty), Ok(None));
        assert_eq!(envelope(&empty), None);
        let mut curve = vec![b'G', b'P', 0, 1, 0xe6, 0x10, 0, 0, 1];
        curve.extend(8_u32.to_le_bytes());
        curve.extend(0_u32.to_le_bytes());
        assert!(decode(&curve).unwrap_err().0.contains("curves"));
    }

    #[test]
    fn a_promise_of_four_billion_vertices_takes_no_memory() {
        let mut blob = vec![b'G', b'P', 0, 1, 0xe6, 0x10, 0, 0, 1];
        blob.extend(2_u32.to_le_bytes());
        blob.extend(u32::MAX.to_le_bytes());
        assert!(decode(&blob).unwrap_err().0.contains("4294967295"));
        // A collection that holds itself, ten thousand times.
        let mut deep = vec![b'G', b'P', 0, 1, 0xe6, 0x10, 0, 0];
        for _ in 0..10_000 {
            deep.push(1);
            deep.extend(7_u32.to_le_bytes());
            deep.extend(1_u32.to_le_bytes());
        }
        assert!(decode(&deep).unwrap_err().0.contains("nested"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode(&bytes);
            let mut geometry = encode(&line_string![(x: 24.7, y: 48.9), (x: 24.8, y: 48.95)].into());
            let kept = geometry.len() - bytes.len().min(60);
            geometry.truncate(kept);
            geometry.extend(&bytes);
            let _ = (decode(&geometry), envelope(&geometry));
        }
    }
}
