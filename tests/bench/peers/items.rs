//! Pages of 1 000 features in a box.

use std::path::Path;
use std::time::Duration;

use misto_tests::{free_port, psql};

use crate::city::{MIDDLE, REACH};
use crate::load::rate;
use crate::peer::{Misto, Peer};
use crate::pyramid::host;
use crate::table;

const DURING: Duration = Duration::from_secs(5);

/// Beside tipg and pygeoapi on the same tables.
pub fn pages(misto: &Misto, database: &str, folder: &Path, rounds: usize) {
    let [west, south, east, north] =
        [MIDDLE.0 - REACH.0 / 4.0, MIDDLE.1 - REACH.1 / 4.0, MIDDLE.0 + REACH.0 / 4.0, MIDDLE.1 + REACH.1 / 4.0];
    let query = format!("items?limit=1000&bbox={west},{south},{east},{north}");
    let ours = format!("/ogc/collections/buildings/{query}");
    let peers = [
        (tipg(database), format!("/collections/public.buildings/{query}&f=geojson")),
        (pygeoapi(database, folder), format!("/collections/buildings/{query}&f=json")),
    ];
    for (peer, theirs) in peers.iter().filter_map(|(peer, path)| Some((peer.as_ref()?, path))) {
        let count = |host: &str, path: &str| {
            let page = misto_tests::Client::new(&format!("http://{host}")).get(path).json();
            page["features"].as_array().map_or(0, Vec::len)
        };
        let (a, b) = (count(host(&misto.server), &ours), count(&peer.host, theirs));
        assert_eq!((a, b), (1000, 1000), "{}: a page of 1 000 on both sides", peer.name);
        let (mut our_rates, mut their_rates) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            their_rates.push(rate(&peer.host, theirs, DURING));
            our_rates.push(rate(host(&misto.server), &ours, DURING));
        }
        table::ratio(&format!("items, page of 1 000 with bbox; {}", peer.name), "pages/s", &our_rates, &their_rates);
    }
}

fn python(variable: &str, name: &str) -> Option<String> {
    let found = std::env::var(variable).ok();
    if found.is_none() {
        println!("{name}: not measured, {variable} names no Python");
    }
    found
}

fn tipg(database: &str) -> Option<Peer> {
    let python = python("TIPG", "tipg")?;
    let port = free_port();
    let arguments =
        ["-m", "uvicorn", "tipg.main:app", "--port", &port.to_string(), "--log-level", "error", "--workers", "2"]
            .map(str::to_owned);
    let environment = [("DATABASE_URL".to_owned(), database.replace("postgres://", "postgresql://"))];
    Some(Peer::start("tipg 1.6, 2 workers", Path::new(&python), &arguments, &environment, port, "/collections"))
}

/// As its documentation sets up a PostgreSQL provider, behind gunicorn with two workers.
fn pygeoapi(database: &str, folder: &Path) -> Option<Peer> {
    let python = python("PYGEOAPI", "pygeoapi")?;
    let port = free_port();
    let rest = database.trim_start_matches("postgres://misto@");
    let (host_port, name) = rest.split_once('/').expect("a database");
    let (db_host, db_port) = host_port.split_once(':').expect("a port");
    let key = psql(
        database,
        "SELECT attname FROM pg_attribute a JOIN pg_index i ON i.indrelid = a.attrelid \
        AND a.attnum = ANY(i.indkey) WHERE i.indisprimary AND a.attrelid = 'buildings'::regclass",
    );
    let geometry = psql(database, "SELECT f_geometry_column FROM geometry_columns WHERE f_table_name = 'buildings'");
    let settings = format!(
        "server:\n  bind: {{host: 127.0.0.1, port: {port}}}\n  url: http://127.0.0.1:{port}\n  mimetype: application/json\n  \
         encoding: utf-8\n  language: en-US\n  limits: {{default_items: 10, max_items: 1000}}\n  \
         map: {{url: 'http://127.0.0.1/', attribution: none}}\nlogging: {{level: ERROR}}\n\
         metadata:\n  identification: {{title: t, description: d, keywords: [k], keywords_type: theme, terms_of_service: none, url: 'http://127.0.0.1'}}\n  \
         license: {{name: none, url: 'http://127.0.0.1'}}\n  provider: {{name: n, url: 'http://127.0.0.1'}}\n  contact: {{name: n, email: 'a@b.c'}}\n\
         resources:\n  buildings:\n    type: collection\n    title: b\n    description: b\n    keywords: [b]\n    \
         extents: {{spatial: {{bbox: [-180, -90, 180, 90], crs: 'http://www.opengis.net/def/crs/OGC/1.3/CRS84'}}}}\n    \
         providers:\n      - type: feature\n        name: PostgreSQL\n        data: {{host: {db_host}, port: {db_port}, dbname: {name}, user: misto, password: '', search_path: [public]}}\n        \
         id_field: {key}\n        table: buildings\n        geom_field: {geometry}\n"
    );
    let file = folder.join("pygeoapi.yaml");
    std::fs::write(&file, settings).expect("a configuration");
    let openapi = folder.join("pygeoapi-openapi.yaml");
    let path = |file: &Path| file.display().to_string();
    let environment = [("PYGEOAPI_CONFIG".to_owned(), path(&file)), ("PYGEOAPI_OPENAPI".to_owned(), path(&openapi))];
    let made = std::process::Command::new(&python)
        .args(["-c", "from pygeoapi import cli; cli()", "openapi", "generate", &path(&file)])
        .args(["--output-file", &path(&openapi)])
        .envs(environment.clone())
        .output();
    if !made.as_ref().is_ok_and(|made| made.status.success()) {
        println!("pygeoapi: not measured, it refuses its configuration: {made:?}");
        return None;
    }
    let arguments =
        ["-m", "gunicorn", "--workers", "2", "--bind", &format!("127.0.0.1:{port}"), "pygeoapi.flask_app:APP"]
            .map(str::to_owned);
    Some(Peer::start(
        "pygeoapi 0.21, 2 workers",
        Path::new(&python),
        &arguments,
        &environment,
        port,
        "/collections/buildings",
    ))
}
