//! The city's layers for other programs: GDAL reads every one of them whole, in
//! any system it asks for; a planner's client writes them; a person reads them.

use std::process::Command;
use std::time::Duration;

use misto_tests::{Answer, Client, Server, eventually};
use serde_json::{Value, json};

/// A zone of UCS-2000 in which the demo city lies: northing first.
const UCS_2000: &str = "http://www.opengis.net/def/crs/EPSG/0/6382";

fn gdal(arguments: &[&str]) -> String {
    let run = Command::new(arguments[0]).args(&arguments[1..]).output().expect("GDAL: apt-get install gdal-bin");
    let err = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{arguments:?}: {err}");
    String::from_utf8_lossy(&run.stdout).into_owned()
}

fn good(answer: Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn collections(client: &Client) -> Vec<(String, u64)> {
    let document = good(client.get("/ogc/collections"));
    let all = document["collections"].as_array().expect("collections");
    let counted = all.iter().map(|one| (text(&one["id"]), one["itemCount"].as_u64().expect("a count")));
    counted.collect()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// The features that GDAL gets from the API, as GeoJSON texts.
fn read_by_gdal(server: &Server, id: &str, more: &[&str]) -> Vec<Value> {
    let source = format!("OAPIF:{}/ogc", server.url());
    let mut arguments = vec!["ogr2ogr", "-f", "GeoJSONSeq", "/vsistdout/", &source, id, "-oo", "PAGE_SIZE=500"];
    arguments.extend(more);
    let lines = gdal(&arguments);
    lines.lines().filter(|line| !line.is_empty()).map(|line| serde_json::from_str(line).expect("GeoJSON")).collect()
}

#[test]
fn gdal_reads_every_layer_whole_and_by_a_box() {
    let (server, _) = Server::demo();
    server.ready();
    let all = collections(&server.client());
    assert!(all.len() >= 8, "{all:?}");
    for (id, count) in &all {
        assert_eq!(read_by_gdal(&server, id, &[]).len() as u64, *count, "{id}");
    }
    let (id, count) = ("buildings", all.iter().find(|(id, _)| id == "buildings").expect("buildings").1);
    let extent = good(server.client().get(&format!("/ogc/collections/{id}")))["extent"]["spatial"]["bbox"][0].clone();
    let edge = |n: usize| extent[n].as_f64().expect("a number");
    // The south-western quarter.
    let quarter = [edge(0), edge(1), (edge(0) + edge(2)) / 2.0, (edge(1) + edge(3)) / 2.0].map(|edge| edge.to_string());
    let items = format!("/ogc/collections/{id}/items?limit=1&bbox={}", quarter.join(","));
    let matched = good(server.client().get(&items))["numberMatched"].as_u64().expect("a count");
    assert!(0 < matched && matched < count, "{matched} of {count}");
    let by_box = ["-spat", &quarter[0], &quarter[1], &quarter[2], &quarter[3]];
    assert_eq!(read_by_gdal(&server, id, &by_box).len() as u64, matched);
}

/// PROJ inside GDAL converts what it read in WGS 84; we convert ourselves.
#[test]
fn coordinates_in_ucs_2000_are_those_of_proj_to_a_centimetre() {
    let (server, _) = Server::demo();
    server.ready();
    let client = server.client();
    let ours = client.get(&format!("/ogc/collections/transit_stops/items?limit=10000&crs={UCS_2000}"));
    assert_eq!(ours.header("content-crs"), Some(format!("<{UCS_2000}>").as_str()));
    let ours = good(ours);
    // 15 decimals by default in RFC 7946 form only for degrees; WKT keeps them all.
    let source = format!("OAPIF:{}/ogc", server.url());
    let theirs = gdal(&[
        "ogr2ogr",
        "-f",
        "CSV",
        "/vsistdout/",
        &source,
        "transit_stops",
        "-t_srs",
        "EPSG:6382",
        "-lco",
        "GEOMETRY=AS_XY",
        "-select",
        "stop_id",
    ]);
    let theirs: Vec<(f64, f64)> = theirs
        .lines()
        .skip(1)
        .map(|line| {
            let mut fields = line.split(',').map(|field| field.parse::<f64>().expect("a coordinate"));
            (fields.next().expect("X"), fields.next().expect("Y"))
        })
        .collect();
    let stops = ours["features"].as_array().expect("features");
    assert_eq!(stops.len(), theirs.len());
    assert!(!stops.is_empty());
    for (stop, (first, second)) in stops.iter().zip(&theirs) {
        let at = &stop["geometry"]["coordinates"];
        let (northing, easting) = (at[0].as_f64().expect("northing"), at[1].as_f64().expect("easting"));
        assert!(northing > 5e6 && easting < 1e6, "northing first: {at}");
        // Whichever axis GDAL's CSV names X, the larger number is the northing.
        let (north, east) = (first.max(*second), first.min(*second));
        assert!((northing - north).abs() < 0.01 && (easting - east).abs() < 0.01, "{at} but PROJ says {north},{east}");
    }
    a_box_in_ucs_2000_is_that_box(&client, stops);
}

fn a_box_in_ucs_2000_is_that_box(client: &Client, stops: &[Value]) {
    let at = |stop: &Value, axis: usize| stop["geometry"]["coordinates"][axis].as_f64().expect("a coordinate");
    let mean = |axis: usize| stops.iter().map(|stop| at(stop, axis)).sum::<f64>() / stops.len() as f64;
    let [north, east] = [mean(0), mean(1)];
    let inside = |stop: &&Value| at(stop, 0) <= north && at(stop, 1) <= east;
    let wanted: Vec<&Value> = stops.iter().filter(inside).map(|stop| &stop["id"]).collect();
    let asked = format!(
        "/ogc/collections/transit_stops/items?limit=10000&crs={UCS_2000}&bbox-crs={UCS_2000}&bbox={},{},{north},{east}",
        north - 1e5,
        east - 1e5
    );
    let found = good(client.get(&asked));
    let found: Vec<&Value> = found["features"].as_array().expect("features").iter().map(|one| &one["id"]).collect();
    assert_eq!(found, wanted);
    assert!(!wanted.is_empty() && wanted.len() < stops.len());
    let refused = client.get("/ogc/collections/transit_stops/items?crs=EPSG:28992");
    assert_eq!((refused.status, &refused.json()["field"]), (400, &json!("crs")));
}

#[test]
fn files_of_a_layer_hold_all_of_it_and_are_read_in_ranges() {
    let (server, _) = Server::demo();
    server.ready();
    let client = server.client();
    let count = collections(&client).into_iter().find(|(id, _)| id == "venues").expect("venues").1;
    for extension in ["fgb", "gpkg", "geojson", "geojsonl", "csv", "shp"] {
        let whole = client.get(&format!("/export/venues.{extension}"));
        assert_eq!(whole.status, 200, "{extension}: {}", whole.text());
        let kept_as = if extension == "shp" { "shp.zip" } else { extension };
        let path = server.folder().join(format!("venues.{kept_as}"));
        std::fs::write(&path, &whole.bytes).expect("a file");
        let said = gdal(&["ogrinfo", "-ro", "-so", "-al", &path.display().to_string()]);
        assert!(said.contains(&format!("Feature Count: {count}\n")), "{extension}: {said}");
    }
    let whole = client.get("/export/venues.fgb");
    let tag = whole.header("etag").expect("an ETag").to_owned();
    let part = client.with("range", "bytes=100-199").with("if-range", &tag).get("/export/venues.fgb");
    assert_eq!((part.status, part.bytes.as_slice()), (206, &whole.bytes[100..200]));
    let range = format!("bytes 100-199/{}", whole.bytes.len());
    assert_eq!(part.header("content-range"), Some(range.as_str()));
    let other = client.with("range", "bytes=100-199").with("if-range", "\"other\"").get("/export/venues.fgb");
    assert_eq!((other.status, other.bytes.len()), (200, whole.bytes.len()));
    assert_eq!(client.with("range", "bytes=999999999-").get("/export/venues.fgb").status, 416);
    assert_eq!(client.with("if-none-match", &tag).get("/export/venues.fgb").status, 304);
    // GDAL's own reader of ranges finds by the index what lies in a box.
    let remote = format!("/vsicurl/{}/export/venues.fgb", server.url());
    let said = gdal(&["ogrinfo", "-ro", "-so", "-al", &remote]);
    assert!(said.contains(&format!("Feature Count: {count}\n")), "{said}");
    pages_in_other_forms(&client);
}

fn pages_in_other_forms(client: &Client) {
    let page = |form: &str| client.get(&format!("/ogc/collections/venues/items?limit=3&f={form}"));
    let sequence = page("geojsonseq").text();
    assert_eq!(sequence.matches('\u{1e}').count(), 3, "{sequence}");
    let table = page("csv");
    assert!(table.header("link").is_some_and(|link| link.contains("rel=\"next\"")), "{:?}", table.headers);
    assert!(table.text().lines().count() >= 4);
    assert!(page("fgb").bytes.starts_with(b"fgb"));
    assert!(page("gpkg").bytes.starts_with(b"SQLite format 3"));
    let refused = page("exe");
    assert_eq!((refused.status, &refused.json()["field"]), (400, &json!("f")));
    let first = page("geojson");
    let tag = first.header("etag").expect("an ETag").to_owned();
    let again = client.with("if-none-match", &tag).get("/ogc/collections/venues/items?limit=3&f=geojson");
    assert_eq!((again.status, again.bytes.len()), (304, 0));
}

#[test]
fn a_person_reads_the_layers_in_ukrainian_or_english_without_script() {
    let (server, _) = Server::demo();
    server.ready();
    let browser = server.client().with("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
    let english = browser.with("accept-language", "en-GB,en;q=0.9,uk;q=0.3");
    let pages = [
        "/ogc",
        "/ogc/",
        "/ogc/conformance",
        "/ogc/collections",
        "/ogc/collections/venues",
        "/ogc/collections/venues/items?limit=5",
        "/ogc/collections/venues/items/1",
    ];
    for path in pages {
        for (reader, language) in [(&browser, "uk"), (&english, "en")] {
            let page = reader.get(path);
            assert_eq!(page.status, 200, "{path}: {}", page.text());
            assert_eq!(page.header("content-language"), Some(language), "{path}");
            assert!(page.header("content-security-policy").is_some());
            let html = page.text();
            assert!(html.contains(&format!("<html lang=\"{language}\">")) && !html.contains("<script"), "{path}");
            let links = html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
            for link in links.filter(|link| !link.contains("/export/")) {
                let link = link.replace("&amp;", "&");
                assert_eq!(reader.get(&link).status, 200, "{path} leads to {link}");
            }
        }
    }
    let items = browser.get("/ogc/collections/venues/items?limit=5").text();
    assert!(items.contains("Далі") && items.contains("rel=\"next\""), "{items}");
}

#[test]
fn links_of_documents_are_absolute_and_lead_somewhere() {
    let (server, _) = Server::demo();
    server.ready();
    let client = server.client();
    for path in
        ["/ogc", "/ogc/collections/roads", "/ogc/collections/roads/items?limit=2", "/ogc/collections/roads/items/1"]
    {
        let document = good(client.get(path));
        for link in document["links"].as_array().expect("links") {
            let href = text(&link["href"]);
            let own = href.strip_prefix(&server.url()).unwrap_or_else(|| panic!("{path}: {href} is not absolute"));
            assert_eq!(client.get(own).status, 200, "{path}: {own}");
            assert!(link["type"].is_string() && link["rel"].is_string(), "{link}");
        }
    }
    let schema = client.get("/ogc/collections/roads/schema");
    assert_eq!(schema.header("content-type"), Some("application/schema+json"));
    let schema = schema.json();
    assert_eq!(schema["properties"]["fid"]["x-ogc-role"], "id");
    assert_eq!(good(client.get("/ogc/api"))["openapi"], "3.0.3");
}

#[test]
fn a_client_writes_as_it_is_announced_one_or_all_or_nothing() {
    let (server, _) = Server::demo();
    server.ready();
    let (stranger, planner) = (server.client(), server.staff("planner"));
    let items = "/ogc/collections/transit_stops/items";
    let allowed = |client: &Client, path: &str| {
        let answer = client.send("OPTIONS", path, None);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.header("allow").expect("Allow").to_owned()
    };
    assert_eq!(allowed(&stranger, items), "GET, HEAD, OPTIONS");
    assert_eq!(allowed(&planner, items), "GET, HEAD, OPTIONS, POST");
    assert_eq!(allowed(&planner, &format!("{items}/1")), "GET, HEAD, OPTIONS, PUT, PATCH, DELETE");

    let stands = good(planner.get(&format!("{items}/1")));
    let count = good(planner.get(&format!("{items}?limit=1")))["numberMatched"].clone();
    let new = |lon: f64, name: &Value| {
        json!({"type": "Feature", "properties": {"name": name},
            "geometry": {"type": "Point", "coordinates": [lon, 48.92]}})
    };
    let batch = |features: Value| json!({"type": "FeatureCollection", "features": features}).to_string().into_bytes();
    let broken = batch(json!([new(24.71, &json!("А")), new(24.72, &json!(7))]));
    let refused = planner.send("POST", items, Some(&broken));
    assert_eq!((refused.status, &refused.json()["field"]), (400, &json!("features[1].properties.name")));
    assert_eq!(good(planner.get(&format!("{items}?limit=1")))["numberMatched"], count, "none was saved");
    let whole = batch(json!([new(24.71, &json!("А")), new(24.72, &json!("Б"))]));
    let saved = planner.send("POST", items, Some(&whole));
    assert_eq!(saved.status, 201, "{}", saved.text());
    let saved = saved.json();
    assert_eq!(saved["features"][1]["properties"]["name"], "Б");

    let path = format!("{items}/{}", saved["features"][0]["id"]);
    let merge = planner.with("content-type", "application/merge-patch+json");
    let patch = json!({"properties": {"name": "В"}}).to_string().into_bytes();
    assert_eq!(merge.send("PATCH", &path, Some(&patch)).status, 428, "without If-Match");
    let patched = merge.with("if-match", "\"1\"").with("prefer", "return=minimal").send("PATCH", &path, Some(&patch));
    assert_eq!(
        (patched.status, patched.header("preference-applied")),
        (204, Some("return=minimal")),
        "{}",
        patched.text()
    );
    assert_eq!(patched.header("etag"), Some("\"2\""));
    let late = merge.with("if-match", "\"1\"").send("PATCH", &path, Some(&patch));
    assert_eq!(
        (late.status, &late.json()["current_version"], &late.json()["current"]["properties"]["name"]),
        (412, &json!(2), &json!("В"))
    );
    moved_in_ucs_2000(&merge, &path);

    let gone = planner.with("if-match", "\"3\"").send("DELETE", &path, None);
    assert_eq!(gone.status, 204, "{}", gone.text());
    assert_eq!(merge.with("if-match", "\"3\"").send("PATCH", &path, Some(&patch)).status, 412, "removed meanwhile");
    let never = format!("{items}/987654321");
    assert_eq!(merge.with("if-match", "\"3\"").send("PATCH", &never, Some(&patch)).status, 404);
    assert_eq!(good(planner.get(&format!("{items}/1"))), stands, "what nobody touched stands as it was");
}

/// PROJ 9.5.1: 24.7106, 48.9226 in WGS 84 is 5421385.565444, 352196.797500 in EPSG:6382.
fn moved_in_ucs_2000(client: &Client, path: &str) {
    let patch = json!({"geometry": {"type": "Point", "coordinates": [5_421_385.565_444, 352_196.797_5]}});
    let moved = client.with("if-match", "\"2\"").with("content-crs", &format!("<{UCS_2000}>")).send(
        "PATCH",
        path,
        Some(patch.to_string().as_bytes()),
    );
    assert_eq!(moved.status, 200, "{}", moved.text());
    let at = good(client.get(path))["geometry"]["coordinates"].clone();
    let (lon, lat) = (at[0].as_f64().expect("a longitude"), at[1].as_f64().expect("a latitude"));
    assert!((lon - 24.7106).abs() < 1e-7 && (lat - 48.9226).abs() < 1e-7, "{at}");
}

#[test]
fn a_page_of_another_origin_reads_what_is_public_and_nothing_more() {
    let (server, _) = Server::demo();
    server.ready();
    let page = server.client().with("origin", "https://elsewhere.example");
    let preflight = |path: &str, method: &str| {
        let asking = page.with("access-control-request-method", method);
        asking.with("access-control-request-headers", "if-none-match").send("OPTIONS", path, None)
    };
    // Feeds are there after the first look at the fleet.
    let made = || (page.get("/gtfs-rt/alerts.pb").status == 200).then_some(());
    eventually("the feeds are made", Duration::from_secs(60), made);
    let open = [
        "/ogc/collections/roads/items?limit=1",
        "/ogc",
        "/tiles/roads/14/9316/5632",
        "/tiles/roads.json",
        "/gtfs-rt/alerts.pb",
        "/gtfs/static.zip",
        "/export/venues.geojson",
    ];
    for path in open {
        let leave = preflight(path, "GET");
        assert_eq!(leave.status, 204, "{path}: {}", leave.text());
        assert_eq!(leave.header("access-control-allow-origin"), Some("*"), "{path}");
        assert!(leave.header("access-control-allow-headers").is_some_and(|all| all.contains("if-none-match")));
        let answer = page.get(path);
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, Some("*")), "{path}");
        for answer in [&leave, &answer] {
            assert_eq!(answer.header("access-control-allow-credentials"), None, "{path}");
        }
        let signed_in = server.staff("planner").with("origin", "https://elsewhere.example").get(path);
        assert_eq!(signed_in.header("access-control-allow-origin"), None, "{path} for staff");
    }
    for (path, method) in [
        ("/ogc/collections/roads/items", "POST"),
        ("/ogc/collections/roads/items/1", "DELETE"),
        ("/vehicles", "GET"),
        ("/auth/session", "GET"),
        ("/auth/sign-out", "POST"),
    ] {
        assert_eq!(preflight(path, method).header("access-control-allow-origin"), None, "{method} {path}");
        assert_eq!(page.get(path).header("access-control-allow-methods"), None, "{path}");
    }
    assert_eq!(page.get("/vehicles").header("access-control-allow-origin"), None);
    let allowed = server.client().send("OPTIONS", "/ogc/collections/roads/items", None);
    assert!(allowed.header("allow").is_some_and(|all| all.contains("GET")), "what OPTIONS says of writing stays");
}
