//! A small `.osm.pbf`, written by hand (wiki.openstreetmap.org/wiki/PBF_Format):
//! two tagged nodes, a way and a relation, not compressed.

/// Length-delimited field of a protobuf message.
fn bytes_field(number: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    out.extend(varint(content.len() as u64));
    out.extend(content);
    out
}

fn number_field(number: u8, value: u64) -> Vec<u8> {
    let mut out = vec![number << 3];
    out.extend(varint(value));
    out
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

fn signed(value: i64) -> u64 {
    (value << 1 ^ value >> 63) as u64
}

/// Packed signed numbers.
fn packed(values: &[i64]) -> Vec<u8> {
    values.iter().flat_map(|value| varint(signed(*value))).collect()
}

fn block(kind: &str, content: &[u8]) -> Vec<u8> {
    let blob = bytes_field(1, content);
    let header = [bytes_field(1, kind.as_bytes()), number_field(3, blob.len() as u64)].concat();
    [(header.len() as u32).to_be_bytes().to_vec(), header, blob].concat()
}

/// 48.92, 24.71 in units of 100 nanodegrees, as differences between two nodes.
const LAT: [i64; 2] = [489_200_000, 100_000];
const LON: [i64; 2] = [247_100_000, 100_000];

fn nodes() -> Vec<u8> {
    let dense = [
        bytes_field(1, &packed(&[1, 1])),
        bytes_field(8, &packed(&LAT)),
        bytes_field(9, &packed(&LON)),
        // Key 1 value 2 for the first node, nothing for the second.
        bytes_field(10, &[1, 2, 0, 0]),
    ]
    .concat();
    let single = [
        number_field(1, signed(3)),
        bytes_field(2, &[1]),
        bytes_field(3, &[2]),
        number_field(8, signed(489_300_000)),
        number_field(9, signed(247_000_000)),
    ]
    .concat();
    [bytes_field(2, &dense), bytes_field(1, &single)].concat()
}

fn way() -> Vec<u8> {
    let way =
        [number_field(1, 10), bytes_field(2, &[1]), bytes_field(3, &[2]), bytes_field(8, &packed(&[1, 1, 1, -2]))];
    bytes_field(3, &way.concat())
}

fn relation() -> Vec<u8> {
    let relation = [
        number_field(1, 20),
        bytes_field(2, &[1, 3]),
        bytes_field(3, &[2, 4]),
        bytes_field(8, &[5]),
        bytes_field(9, &packed(&[10])),
        bytes_field(10, &[1]),
    ];
    bytes_field(4, &relation.concat())
}

/// The extract; every element fits the filter `building`.
pub fn bytes() -> Vec<u8> {
    let strings: Vec<u8> = ["", "building", "yes", "type", "multipolygon", "outer"]
        .iter()
        .flat_map(|text| bytes_field(1, text.as_bytes()))
        .collect();
    let groups = [nodes(), way(), relation()].map(|group| bytes_field(2, &group)).concat();
    let header = [bytes_field(4, b"OsmSchema-V0.6"), bytes_field(4, b"DenseNodes")].concat();
    [block("OSMHeader", &header), block("OSMData", &[bytes_field(1, &strings), groups].concat())].concat()
}
