//! Writes the examples to `corpus/<target>/`, where cargo-fuzz looks for what to begin with.

use std::path::Path;

use misto_fuzz::examples::{CSV, FEED, WIRES, WKT, feed, files, geopackage_shape, realtime};

/// Forms of times and a time in each.
const TIMES: [&str; 5] = [
    "rfc3339\n2026-07-05T11:59:59.5+03:00",
    "posix_s\n1783252799",
    "posix_ms\n1783252799000",
    "local\n2026-10-25 03:30:00",
    "%d.%m.%Y %H:%M:%S%.f\n05.07.2026 14:59:59.25",
];
const FILTERS: [&str; 3] =
    ["a/#\na/+/b\na/x/b", "#\n$SYS/#\n$SYS/up", "misto/v1/raw/+/+\nmisto/v1/raw/bus/+\nmisto/v1/raw/bus/"];
const SOURCE: &str = "id = \"it\"\nformat = \"mapped\"\nbounds = [24, 48, 25, 49]\ntime_zone = \"Europe/Kyiv\"\n[mapping]\nvehicle = { topic_level = 5 }\ntime = { pointer = \"/t\", form = \"posix_s\" }\nlat = \"/lat\"\nlon = \"/lon\"\nspeed = { pointer = \"/v\", unit = \"knots\" }\n\n{\"t\":1783252799,\"lat\":48.92,\"lon\":24.71,\"v\":9}";

/// CONNECT of a client named `c`, then PUBLISH with QoS 1 on `t`, SUBSCRIBE to `#`, PINGREQ, DISCONNECT.
const CLIENT: &[u8] =
    b"\x10\x0d\0\x04MQTT\x04\x02\0\x3c\0\x01c\x32\x06\0\x01t\0\x01x\x82\x06\0\x02\0\x01#\0\xc0\0\xe0\0";

fn main() -> std::io::Result<()> {
    for wire in &WIRES {
        seed(wire.name, 0, format!("{}\n{}", wire.topic, wire.payload).as_bytes())?;
    }
    for (target, (_, content)) in ["flatgeobuf", "geojson", "geopackage", "csv", "osm_pbf"].into_iter().zip(files()) {
        seed(target, 0, &content)?;
    }
    for (target, texts) in [("time_form", &TIMES[..]), ("topic_filter", &FILTERS[..]), ("mapping", &[SOURCE][..])] {
        for (number, text) in texts.iter().enumerate() {
            seed(target, number, text.as_bytes())?;
        }
    }
    seed("csv", 1, CSV.as_bytes())?;
    seed("wkt", 0, WKT.as_bytes())?;
    seed("wkb", 0, &geopackage_shape())?;
    // Behind the GeoPackage's own header of eight bytes.
    seed("store_wkb", 0, &geopackage_shape()[8..])?;
    seed("gtfs_zip", 0, &feed())?;
    seed("gtfs_tables", 0, FEED.map(|table| table.trim_end().to_owned()).join("\n\n").as_bytes())?;
    seed("gtfs_realtime", 0, &realtime())?;
    seed("door", 0, CLIENT)
}

fn seed(target: &str, number: usize, content: &[u8]) -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join(format!("example-{number}")), content)
}
