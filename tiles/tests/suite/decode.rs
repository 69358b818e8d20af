//! Reads a tile by the letter of MVT 2.1 and complains of what the letter forbids.

use std::collections::BTreeMap;

use geozero::mvt::{Message, tile};

#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    pub id: u64,
    pub kind: tile::GeomType,
    /// Points (one run), lines, or rings (open).
    pub runs: Vec<Vec<[i32; 2]>>,
    pub attributes: BTreeMap<String, tile::Value>,
}

/// The layers by name.
pub fn decode(bytes: &[u8]) -> BTreeMap<String, Vec<Decoded>> {
    let tile = geozero::mvt::Tile::decode(bytes).expect("a tile");
    let count = tile.layers.len();
    let layers: BTreeMap<_, _> =
        tile.layers.into_iter().map(|layer| (layer.name.clone(), layer_features(&layer))).collect();
    assert_eq!(layers.len(), count, "4.1: each layer has its own name");
    layers
}

fn layer_features(layer: &tile::Layer) -> Vec<Decoded> {
    assert_eq!((layer.version, layer.extent()), (2, 4096));
    assert!(!layer.name.is_empty(), "4.1: a layer has a name");
    assert!(!layer.features.is_empty(), "4.1: a layer has a feature");
    let keys: std::collections::BTreeSet<_> = layer.keys.iter().collect();
    assert_eq!(keys.len(), layer.keys.len(), "4.1: keys are unique");
    layer.features.iter().map(|feature| decode_feature(layer, feature)).collect()
}

fn decode_feature(layer: &tile::Layer, feature: &tile::Feature) -> Decoded {
    assert_eq!(feature.tags.len() % 2, 0);
    let attribute = |pair: &[u32]| (layer.keys[pair[0] as usize].clone(), layer.values[pair[1] as usize].clone());
    let runs = runs(feature.r#type(), &feature.geometry);
    if feature.r#type() == tile::GeomType::Polygon {
        assert!(area(&runs[0]) > 0, "4.3.3.3: the first ring is a shell");
        assert!(runs.iter().all(|ring| area(ring) != 0), "4.3.3.3: a ring has an area");
    }
    Decoded {
        id: feature.id(),
        kind: feature.r#type(),
        runs,
        attributes: feature.tags.chunks(2).map(attribute).collect(),
    }
}

fn runs(kind: tile::GeomType, commands: &[u32]) -> Vec<Vec<[i32; 2]>> {
    let mut runs: Vec<Vec<[i32; 2]>> = Vec::new();
    let mut cursor = [0i32; 2];
    let mut open = false;
    let mut words = commands.iter();
    while let Some(word) = words.next() {
        let (command, count) = (word & 7, word >> 3);
        assert!(count > 0, "4.3.3: a command counts something");
        match (kind, command) {
            (tile::GeomType::Point, 1) => assert!(runs.is_empty(), "4.3.4.2: one command"),
            (_, 1) => assert!(count == 1 && !open, "4.3.4: a run begins with one MoveTo"),
            (_, 2) => assert!(open, "4.3.4: LineTo follows MoveTo"),
            (tile::GeomType::Polygon, 7) => {
                assert!(open && count == 1 && runs.last().unwrap().len() >= 3, "4.3.4.4: a ring of three");
                open = false;
                continue;
            }
            other => panic!("{other:?}"),
        }
        if command == 1 {
            runs.push(Vec::new());
        }
        for _ in 0..count {
            for axis in &mut cursor {
                let word = *words.next().expect("a parameter");
                *axis += (word >> 1) as i32 ^ -((word & 1) as i32);
                assert!((-64..=4160).contains(axis), "{axis} lies beyond the buffer");
            }
            let run = runs.last_mut().unwrap();
            assert!(kind == tile::GeomType::Point || run.last() != Some(&cursor), "4.3.3.2: not both 0");
            run.push(cursor);
        }
        open = kind == tile::GeomType::Polygon || kind == tile::GeomType::Linestring && command == 1;
    }
    assert!(kind != tile::GeomType::Linestring || runs.iter().all(|line| line.len() >= 2));
    runs
}

/// Twice the signed area; positive for a shell.
pub fn area(ring: &[[i32; 2]]) -> i64 {
    (0..ring.len())
        .map(|i| {
            let ([ax, ay], [bx, by]) = (ring[i].map(i64::from), ring[(i + 1) % ring.len()].map(i64::from));
            ax * by - bx * ay
        })
        .sum()
}
