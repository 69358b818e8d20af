//! Draws the demo city: writes `layers/`, `gtfs/` and `fleet.json` of this crate.
//!
//! ```sh
//! cargo run -p misto-sample-layers --bin generate
//! ```

mod addresses;
mod base;
mod blocks;
mod buildings;
mod city;
mod fleet;
mod network;
mod networks;
mod plane;
mod property;
mod sketch;
mod timetable;
mod transit;
mod write;

use std::collections::BTreeMap;
use std::path::Path;

use city::City;
use misto_sample_layers::collections;
use transit::Transit;

fn main() -> Result<(), String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, bytes) in files()? {
        std::fs::write(folder.join(&name), &bytes).map_err(|e| format!("{name}: {e}"))?;
        println!("{name}: {} bytes", bytes.len());
    }
    Ok(())
}

/// Every generated file by its path in this crate's folder.
fn files() -> Result<BTreeMap<String, Vec<u8>>, String> {
    let city = City::draw();
    let transit = Transit::draw(&city);
    let mut files = BTreeMap::new();
    let taps = networks::taps(&city);
    let all = collections();
    let of_venues = all.iter().find(|collection| collection.id.as_str() == "venues").ok_or("nobody lists venues")?;
    let venues = property::venues(&city, of_venues);
    let order = write::order(of_venues, &venues)?;
    for collection in all.clone() {
        let features = match collection.id.as_str() {
            "water_bodies" => base::water_bodies(&city),
            "green" => base::green(&city),
            "roads" => base::roads(&city),
            "railway" => base::railway(&city),
            "buildings" => base::buildings(&city),
            "places" => base::places(),
            "transit_stops" => transit.stop_features(),
            "transit_routes" => transit.route_features(),
            "venues" => property::venues(&city, &collection),
            "entrances" => property::entrances(&venues, &order, &collection)?,
            "lifts" => property::lifts(&venues, &order)?,
            "housing" => property::housing(&city),
            "communal_property" => property::communal_property(&city),
            "water_network" => networks::water::draw(&city.streets, &taps),
            "sewer_network" => networks::sewer::draw(&city.streets, &taps),
            "heat_network" => networks::heat::draw(&city, &taps),
            "power_network" => networks::power::draw(&city, &taps),
            other => return Err(format!("nobody draws {other}")),
        };
        files.insert(format!("layers/{}.fgb", collection.id), write::flatgeobuf(&collection, &features)?);
    }
    for (name, text) in timetable::feed(&transit) {
        files.insert(format!("gtfs/{name}"), text.into_bytes());
    }
    files.insert("fleet.json".to_owned(), fleet::file(&city, &timetable::blocks(&transit))?);
    Ok(files)
}

#[cfg(test)]
mod tests;
