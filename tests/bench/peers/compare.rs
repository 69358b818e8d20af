//! Whether two servers answer the same.

use std::collections::BTreeMap;
use std::io::Read;

use geozero::mvt::{Message, Tile};
use misto_tests::Client;

use crate::peer::{Misto, Peer, martin_path, misto_path};

/// Every twentieth tile of the deep zooms, all of the others: same status, same
/// number of features in each layer. Prints how many agree and where they do not.
pub fn answers(misto: &Misto, peer: &Peer, tiles: &[(u32, u32, u32)]) {
    let (ours, theirs) = (misto.server.client(), Client::new(&format!("http://{}", peer.host)));
    let mut by_zoom: BTreeMap<u32, (u32, u32, u64, u64)> = BTreeMap::new();
    for &at in tiles.iter().enumerate().filter(|(n, at)| at.0 < 15 || n % 20 == 0).map(|(_, at)| at) {
        let (a, b) = (counts(&ours, &misto_path(at)), counts(&theirs, &martin_path(at)));
        let total = |counts: &BTreeMap<String, u64>| counts.values().sum::<u64>();
        let row = by_zoom.entry(at.0).or_default();
        row.0 += 1;
        row.1 += u32::from(a == b);
        row.2 += total(&a);
        row.3 += total(&b);
    }
    println!("answers beside {}: tiles compared, tiles with equal counts, features at Misto, at the peer", peer.name);
    for (zoom, (compared, equal, ours, theirs)) in by_zoom {
        println!("  z{zoom}: {compared}, {equal}, {ours}, {theirs}");
    }
}

fn counts(client: &Client, path: &str) -> BTreeMap<String, u64> {
    let answer = client.with("accept-encoding", "gzip").get(path);
    assert!([200, 204].contains(&answer.status), "{path}: {}", answer.status);
    let mut plain = answer.bytes;
    if plain.starts_with(&[0x1f, 0x8b]) {
        let packed = std::mem::take(&mut plain);
        flate2::read::MultiGzDecoder::new(packed.as_slice()).read_to_end(&mut plain).expect("gzip");
    }
    let tile = Tile::decode(plain.as_slice()).expect("a vector tile");
    tile.layers.iter().map(|layer| (layer.name.clone(), layer.features.len() as u64)).collect()
}
