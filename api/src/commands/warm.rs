//! `misto warm`

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use misto_model::{Bbox, CollectionId, TileCoord};
use serde_json::Value;

use super::progress;
use crate::failure::Failure;

/// Most tiles of one run; beyond it a mistake in a zoom is likelier than a wish.
const MOST_TILES: u64 = 5_000_000;
/// How long one tile may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Have a running server draw tiles before anybody asks for them.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    misto warm --collections roads,buildings\n  \
    misto warm --server http://127.0.0.1:8080 --collections water_bodies,green,roads --zoom 10-16 \\\n    \
    --bbox 24.62,48.86,24.80,48.98 --encoding gzip\n\n\
    Tiles of several collections together are other tiles than those of each: name them as the map asks for them.\n\
    What is warmed stays until an edit reaches it or store.tile_cache_bytes is full; the last line tells of the latter.")]
pub struct Warm {
    /// The running server.
    #[arg(long, default_value = "http://127.0.0.1:8080", value_name = "URL")]
    server: String,
    /// Collections of the tiles, comma-separated, as the map asks for them.
    #[arg(long, value_delimiter = ',', required = true, value_name = "IDS")]
    collections: Vec<CollectionId>,
    /// Zooms, first and last.
    #[arg(long, default_value = "10-16", value_parser = zooms, value_name = "FIRST-LAST")]
    zoom: (u8, u8),
    /// West, south, east, north in degrees; where the collections have features when absent.
    #[arg(long, value_name = "W,S,E,N")]
    bbox: Option<Bbox>,
    /// Coding that the map's browsers ask for: zstd, br, gzip or identity; may be repeated.
    #[arg(long, value_name = "CODING", default_values = ["zstd", "gzip"],
        value_parser = ["zstd", "br", "gzip", "identity"])]
    encoding: Vec<String>,
    /// Requests at once.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=64))]
    parallel: u8,
}

fn zooms(text: &str) -> Result<(u8, u8), String> {
    let expected = || format!("expected two zooms from 0 to {}, as in 10-16", TileCoord::MAX_ZOOM);
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let zoom = |text: &str| text.parse().ok().filter(|zoom| *zoom <= TileCoord::MAX_ZOOM);
    match (zoom(first), zoom(last)) {
        (Some(first), Some(last)) if first <= last => Ok((first, last)),
        _ => Err(expected()),
    }
}

impl Warm {
    /// Asks for every tile once in every coding and prints what came.
    ///
    /// # Errors
    /// When the server does not answer or refuses the collections.
    pub async fn run(self) -> Result<(), Failure> {
        let done = tokio::task::spawn_blocking(move || self.ask());
        done.await.map_err(|cause| Failure::new(format!("the requests ended: {cause}")))?
    }

    fn ask(&self) -> Result<(), Failure> {
        let names = self.collections.iter().map(CollectionId::as_str).collect::<Vec<_>>().join(",");
        let server = self.server.trim_end_matches('/');
        let agent: ureq::Agent = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).build().into();
        let bbox = match self.bbox {
            Some(bbox) => bbox,
            None => bounds(&agent, server, &names)?,
        };
        let tiles: Vec<TileCoord> = self.tiles(&bbox)?;
        let told = progress::bar(tiles.len() as u64, "tiles");
        let (next, bytes, empty) = (AtomicUsize::new(0), AtomicU64::new(0), AtomicU64::new(0));
        let begun = Instant::now();
        std::thread::scope(|scope| {
            let work = || -> Result<(), Failure> {
                while let Some(at) = tiles.get(next.fetch_add(1, Relaxed)) {
                    for coding in &self.encoding {
                        let url = format!("{server}/tiles/{names}/{at}");
                        let mut answer =
                            agent.get(&url).header("accept-encoding", coding).call().map_err(unanswered)?;
                        empty.fetch_add(u64::from(answer.status() == 204), Relaxed);
                        let got = answer.body_mut().with_config().limit(1 << 30).read_to_vec().map_err(unanswered)?;
                        bytes.fetch_add(got.len() as u64, Relaxed);
                    }
                    told.inc(1);
                }
                Ok(())
            };
            let asking: Vec<_> = (0..self.parallel).map(|_| scope.spawn(work)).collect();
            let ended = |thread: std::thread::ScopedJoinHandle<'_, Result<(), Failure>>| {
                thread.join().unwrap_or_else(|_| Err(Failure::new("a request panicked")))
            };
            asking.into_iter().map(ended).collect::<Result<Vec<()>, Failure>>()
        })?;
        told.finish_and_clear();
        println!(
            "{} tiles in {}, {} answers of them empty, {} MB, {:.1} s",
            tiles.len(),
            self.encoding.join(" and "),
            empty.into_inner(),
            bytes.into_inner() / 1_000_000,
            begun.elapsed().as_secs_f64()
        );
        println!(
            "The server keeps store.tile_cache_bytes of tiles at most; misto_tiles_cached_bytes at /metrics says how many."
        );
        Ok(())
    }

    /// The tiles of the box, the lowest zooms first.
    fn tiles(&self, bbox: &Bbox) -> Result<Vec<TileCoord>, Failure> {
        let (first, last) = self.zoom;
        let ranges: Vec<_> = (first..=last).map(|zoom| (zoom, columns_and_rows(zoom, bbox))).collect();
        let count: u64 = ranges.iter().map(|(_, ([w, n], [e, s]))| u64::from(e - w + 1) * u64::from(s - n + 1)).sum();
        if count > MOST_TILES {
            return Err(Failure::new(format!(
                "these are {count} tiles, more than {MOST_TILES}: take a lower --zoom or a smaller --bbox"
            )));
        }
        let all = ranges.into_iter().flat_map(|(zoom, ([west, north], [east, south]))| {
            (north..=south)
                .flat_map(move |y| (west..=east).filter_map(move |x| TileCoord::new(u32::from(zoom), x, y).ok()))
        });
        Ok(all.collect())
    }
}

/// First and last column and row (OGC 17-083r4, Annex D.1).
fn columns_and_rows(zoom: u8, bbox: &Bbox) -> ([u32; 2], [u32; 2]) {
    let across = f64::from(1u32 << zoom);
    let whole = |v: f64| (v * across).clamp(0.0, across - 1.0) as u32;
    let column = |lon: f64| whole((lon + 180.0) / 360.0);
    let row =
        |lat: f64| whole((1.0 - lat.clamp(-85.06, 85.06).to_radians().tan().asinh() / std::f64::consts::PI) / 2.0);
    ([column(bbox.west()), row(bbox.north())], [column(bbox.east()), row(bbox.south())])
}

/// Where the collections have features, as TileJSON says.
fn bounds(agent: &ureq::Agent, server: &str, names: &str) -> Result<Bbox, Failure> {
    let mut answer = agent.get(format!("{server}/tiles/{names}.json")).call().map_err(unanswered)?;
    let text = answer.body_mut().read_to_string().map_err(unanswered)?;
    let document: Value = serde_json::from_str(&text).map_err(|wrong| Failure::new(format!("TileJSON: {wrong}")))?;
    serde_json::from_value(document["bounds"].clone())
        .map_err(|_| Failure::new(format!("{names} hold no feature with a place; there is nothing to warm")))
}

fn unanswered(cause: ureq::Error) -> Failure {
    Failure::new(format!("the server does not give the tiles: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zooms_are_two_numbers_in_order() {
        assert_eq!(zooms("10-16"), Ok((10, 16)));
        assert_eq!(zooms("12"), Ok((12, 12)));
        assert!(zooms("16-10").is_err() && zooms("10-25").is_err() && zooms("ten").is_err());
    }

    #[test]
    fn a_box_is_covered_to_its_edges() {
        let bbox = Bbox::new(24.62, 48.86, 24.80, 48.98).unwrap();
        let ([west, north], [east, south]) = columns_and_rows(14, &bbox);
        let tile = |x, y| TileCoord::new(14, x, y).unwrap().bbox();
        assert!(tile(west, north).west() <= 24.62 && tile(west, north).north() >= 48.98);
        assert!(tile(east, south).east() >= 24.80 && tile(east, south).south() <= 48.86);
        let world = Bbox::new(-180.0, -90.0, 180.0, 90.0).unwrap();
        assert_eq!(columns_and_rows(3, &world), ([0, 0], [7, 7]));
    }
}
