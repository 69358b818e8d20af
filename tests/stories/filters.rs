//! A planner and a resident ask the map questions: in CQL2 and by place. What they may
//! not see they cannot ask about either, and no question hurts the server.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use misto_tests::{Answer, Client, Mosquitto, Server, eventually, postgres, psql, run_ok};
use serde_json::{Value, json};

/// Percent-encodes a parameter.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

fn ids(page: &Value) -> Vec<i64> {
    page["features"].as_array().expect("features").iter().filter_map(|feature| feature["id"].as_i64()).collect()
}

/// A page that must be there.
fn page(client: &Client, path: &str) -> Value {
    let answer = client.get(path);
    assert_eq!(answer.status, 200, "{path:.200}: {}", answer.text());
    answer.json()
}

/// Every page, by its next links.
fn all(client: &Client, path: &str) -> Vec<Value> {
    let mut features = Vec::new();
    let mut path = path.to_owned();
    loop {
        let page = page(client, &path);
        features.extend(page["features"].as_array().expect("features").iter().cloned());
        let next = page["links"].as_array().and_then(|links| links.iter().find(|link| link["rel"] == "next"));
        match next {
            Some(next) => path = next["href"].as_str().expect("an address").to_owned(),
            None => return features,
        }
    }
}

fn refused(answer: &Answer, field: &str) {
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert_eq!(answer.json()["field"], field, "{}", answer.text());
}

#[test]
fn a_filter_in_text_and_in_json_finds_the_same_everywhere() {
    let (server, _) = Server::demo();
    server.ready();
    let client = server.client();
    let text = "levels >= 5 AND year BETWEEN 1900 AND 1990 AND \
                S_INTERSECTS(geometry, BBOX(24.70,48.91,24.73,48.93))";
    let json = json!({"op": "and", "args": [
        {"op": ">=", "args": [{"property": "levels"}, 5]},
        {"op": "between", "args": [{"property": "year"}, 1900, 1990]},
        {"op": "s_intersects", "args": [{"property": "geometry"}, {"bbox": [24.70, 48.91, 24.73, 48.93]}]}]});
    let path = "/ogc/collections/buildings/items";
    let by_text = page(&client, &format!("{path}?limit=10000&filter={}", encoded(text)));
    let by_json =
        page(&client, &format!("{path}?limit=10000&filter-lang=cql2-json&filter={}", encoded(&json.to_string())));
    assert!(by_text["numberMatched"].as_u64().is_some_and(|matched| matched > 10), "{}", by_text["numberMatched"]);
    assert_eq!(ids(&by_text), ids(&by_json));
    for feature in by_text["features"].as_array().expect("features") {
        let (levels, year) = (&feature["properties"]["levels"], &feature["properties"]["year"]);
        assert!(levels.as_i64() >= Some(5) && (Some(1900)..=Some(1990)).contains(&year.as_i64()), "{feature}");
    }
    let everything = page(&client, &format!("{path}?limit=10000&bbox=24.70,48.91,24.73,48.93"));
    let matches = |feature: &&Value| {
        let number = |name: &str| feature["properties"][name].as_i64();
        number("levels").is_some_and(|levels| levels >= 5) && number("year").is_some_and(|y| (1900..=1990).contains(&y))
    };
    let expected = everything["features"].as_array().expect("features").iter().filter(matches).count();
    assert_eq!(by_text["numberMatched"], expected, "against reading every building of the box");
    let turned = "S_INTERSECTS(geometry, BBOX(48.91,24.70,48.93,24.73)) AND levels >= 5 AND year BETWEEN 1900 AND 1990";
    let crs = encoded("http://www.opengis.net/def/crs/EPSG/0/4326");
    let by_crs = page(&client, &format!("{path}?limit=10000&filter-crs={crs}&filter={}", encoded(turned)));
    assert_eq!(ids(&by_crs), ids(&by_text));

    the_filter_may_stand_in_any_system_that_is_offered(&client, path);

    let slim = page(&client, &format!("{path}?limit=3&properties=levels&skipGeometry=true&sortby=-levels"));
    for feature in slim["features"].as_array().expect("features") {
        let properties = feature["properties"].as_object().expect("attributes");
        assert!(feature["geometry"].is_null() && properties.keys().all(|name| name == "levels"), "{feature}");
    }

    let tile = "/tiles/buildings/14/9316/5632";
    let plain = client.get(tile);
    let filtered = client.get(&format!("{tile}?filter={}&properties=levels", encoded("levels >= 5")));
    let spelled = client.get(&format!("{tile}?filter={}&properties=levels", encoded("(\"levels\" >= 5.0)")));
    assert!(filtered.status == 200 && filtered.bytes.len() < plain.bytes.len() / 2);
    assert_eq!(filtered.header("etag"), spelled.header("etag"));
    refused(&client.get(&format!("/tiles/roads,buildings/14/9316/5632?filter={}", encoded("levels >= 5"))), "levels");
    refused(&client.get(&format!("{tile}?colour=red")), "colour");

    let queryables = page(&client, "/ogc/collections/buildings/queryables");
    assert_eq!(queryables["properties"]["geometry"]["x-ogc-role"], "primary-geometry");
    assert_eq!(queryables["properties"]["levels"]["type"], "integer");
    let schema = page(&client, "/ogc/conformance");
    let classes = schema["conformsTo"].as_array().expect("classes");
    assert!(classes.iter().any(|class| class == "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2"));
}

/// A large area written in UCS-2000 is the box that `bbox` means in that system: its edges
/// are straight there, not here.
fn the_filter_may_stand_in_any_system_that_is_offered(client: &Client, path: &str) {
    let crs = "http://www.opengis.net/def/crs/EPSG/0/6382";
    let all = page(client, &format!("{path}?limit=10000&crs={crs}"));
    let middle = |axis: usize| {
        let first = |feature: &Value| feature["geometry"]["coordinates"][0][0][axis].as_f64();
        let places: Vec<f64> = all["features"].as_array().expect("features").iter().filter_map(first).collect();
        places.iter().sum::<f64>() / places.len() as f64
    };
    let [north, east] = [middle(0).round(), middle(1).round()];
    let corners = [north - 30_000.0, east - 30_000.0, north, east].map(|metres| metres.to_string()).join(",");
    let by_box = page(client, &format!("{path}?limit=10000&bbox={corners}&bbox-crs={crs}"));
    let filter = encoded(&format!("S_INTERSECTS(geometry, BBOX({corners}))"));
    let by_filter = page(client, &format!("{path}?limit=10000&filter={filter}&filter-crs={crs}"));
    assert_eq!(ids(&by_filter), ids(&by_box));
    let found = by_filter["numberMatched"].as_u64().expect("a count");
    assert!(0 < found && Some(found) < all["numberMatched"].as_u64(), "{found}");
    let tile = format!("/tiles/buildings/12/2329/1408?filter={filter}&filter-crs={crs}");
    assert_eq!(client.get(&tile).status, 200);
    refused(&client.get(&format!("{path}?filter={filter}&filter-crs=EPSG:28992")), "filter-crs");
}

/// Whoever asks costly questions by the dozen waits in a short queue, and nobody else waits.
#[test]
fn many_costly_questions_of_one_hold_up_nobody_else() {
    let (server, _) = Server::demo();
    server.ready();
    let wild = "%25a%25b%25c%25d%25e%25f%25g%25";
    let test = format!("ACCENTI(CASEI(address))%20LIKE%20ACCENTI(CASEI('{wild}'))");
    let costly = format!("/ogc/collections/buildings/items?filter={}", vec![test; 40].join("%20OR%20"));
    let asking: Vec<_> = (0..80)
        .map(|_| {
            let (client, costly) = (server.client(), costly.clone());
            std::thread::spawn(move || {
                let answer = client.get(&costly);
                (answer.status, answer.header("retry-after").map(str::to_owned))
            })
        })
        .collect();
    std::thread::sleep(Duration::from_millis(300));
    let (mut slowest, client) = (Duration::ZERO, server.client());
    for _ in 0..20 {
        let begun = Instant::now();
        assert_eq!(client.get("/ogc/collections/buildings/items?limit=10").status, 200);
        slowest = slowest.max(begun.elapsed());
    }
    let staff = server.staff("planner").get("/ogc/collections/buildings/items?filter=levels%20%3E%203&limit=1");
    assert_eq!(staff.status, 200, "staff do not wait behind the public");
    let answers: Vec<_> = asking.into_iter().map(|one| one.join().expect("an answer")).collect();
    let count = |status: u16| answers.iter().filter(|(found, _)| *found == status).count();
    println!("{} answered, {} told to come again, a plain page took {slowest:?} at most", count(200), count(503));
    assert_eq!(count(200) + count(503), answers.len(), "{answers:?}");
    assert!(count(200) > 0 && count(503) > 0, "{answers:?}");
    assert!(answers.iter().all(|(status, retry)| *status == 200 || retry.is_some()), "{answers:?}");
}

#[test]
fn a_question_that_cannot_be_answered_is_refused_and_hurts_nobody() {
    let (server, _) = Server::demo();
    server.ready();
    let client = server.client();
    let path = "/ogc/collections/buildings/items";
    let ask = |filter: &str| client.get(&format!("{path}?filter={}", encoded(filter)));
    refused(&ask("\"levels\"\"; DROP TABLE buildings; --\" = 1"), "levels\"; DROP TABLE buildings; --");
    refused(&ask("levels = 1; DELETE FROM buildings"), "filter");
    refused(&ask("1 = 1 UNION SELECT"), "filter");
    refused(&ask("imei = '1'"), "imei");
    refused(&ask("levels = 'many'"), "levels");
    refused(&client.get(&format!("{path}?sortby=-imei")), "imei");
    refused(&client.get(&format!("{path}?properties=levels,imei")), "imei");
    refused(&client.get(&format!("{path}?datetime=yesterday")), "datetime");
    refused(&client.get(&format!("{path}?filter=levels=1&filter=levels=2")), "filter");
    refused(&client.get(&format!("{path}?filter=levels=1&filter-lang=sql")), "filter-lang");
    refused(&client.get(&format!("{path}?sortby=levels&after=5")), "after");
    let started = Instant::now();
    // Plain, so that they fit into an address.
    refused(&client.get(&format!("{path}?filter={}levels=1{}", "(".repeat(10_000), ")".repeat(10_000))), "filter");
    refused(&client.get(&format!("{path}?filter={}levels=1", "NOT+".repeat(7_000))), "filter");
    refused(&client.get(&format!("{path}?filter-lang=cql2-json&filter={}", "[".repeat(10_000))), "filter");
    refused(&client.get(&format!("{path}?filter=levels=1{}", "+OR+levels=1".repeat(4_000))), "filter");
    refused(&client.get(&format!("{path}?filter=name='{}'", "a".repeat(50_000))), "filter");
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    // Longer than any address may be: refused before it is read.
    let huge = client.try_send("GET", &format!("{path}?filter=name='{}'", "a".repeat(1 << 20)), None);
    assert!(huge.is_err() || huge.is_ok_and(|answer| [400, 414, 431].contains(&answer.status)));
    assert!(page(&client, &format!("{path}?limit=1"))["numberMatched"].as_u64() > Some(1_000));
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

/// Benches with a keeper that only staff may see.
fn benches() -> (Server, Mosquitto) {
    let broker = Mosquitto::start();
    let mut server = Server::start(&broker.url(), "");
    let file = server.folder().join("benches.geojson");
    let feature = |n: i64| {
        json!({"type": "Feature", "properties": {"name": format!("Лавка {}", n % 7), "seats": n % 5, "keeper": "Оксана"},
            "geometry": {"type": "Point", "coordinates": [24.71 + n as f64 * 1e-4, 48.92]}})
    };
    let document = json!({"type": "FeatureCollection", "features": (1..=60).map(feature).collect::<Vec<_>>()});
    std::fs::write(&file, document.to_string()).expect("a file");
    let file = file.display().to_string();
    run_ok(&["import", &file, "--collection", "benches", "--public", "--store", &server.store()]);
    server.stop();
    let city = rusqlite::Connection::open(server.folder().join("city.gpkg")).expect("the file");
    let changed = city
        .execute("UPDATE misto_property SET audience = 'staff' WHERE collection = 'benches' AND name = 'keeper'", [])
        .expect("one attribute is hidden");
    assert_eq!(changed, 1);
    drop(city);
    server.up();
    server.ready();
    (server, broker)
}

#[test]
fn the_public_learns_nothing_of_a_staff_attribute_by_asking() {
    let (server, _broker) = benches();
    let (public, staff) = (server.client(), server.staff("planner"));
    let path = "/ogc/collections/benches/items";
    for query in [
        "filter=keeper='Оксана'",
        "filter=keeper='nobody'",
        "filter=keeper+IS+NULL",
        "filter=seats=99+AND+keeper='Оксана'",
        "sortby=keeper",
        "properties=keeper",
        "keeper=x",
    ] {
        let query = query.replace("Оксана", &encoded("Оксана"));
        let answer = public.get(&format!("{path}?{query}"));
        refused(&answer, "keeper");
        let unknown = public.get(&format!("{path}?{}", query.replace("keeper", "nothing")));
        let same = unknown.text().replace("nothing", "keeper");
        assert_eq!(answer.text(), same, "{query}: as if there were no such attribute");
    }
    let found = page(&staff, &format!("{path}?filter=keeper%3D%27{}%27", encoded("Оксана")));
    assert_eq!(found["numberMatched"], 60);
    refused(&public.get("/tiles/benches/14/9316/5632?filter=keeper+IS+NULL"), "keeper");
    refused(&public.get("/tiles/benches/14/9316/5632?properties=keeper"), "keeper");
    assert_eq!(staff.get("/tiles/benches/14/9316/5632?properties=keeper").status, 200);
    assert!(page(&public, "/ogc/collections/benches/queryables")["properties"]["keeper"].is_null());
    assert_eq!(page(&staff, "/ogc/collections/benches/queryables")["properties"]["keeper"]["type"], "string");
    refused(&public.get("/ogc/collections/benches/nearest?to=24.71,48.92&filter=keeper+IS+NULL"), "keeper");
}

#[test]
fn sorted_pages_show_every_bench_once_while_others_edit() {
    let (server, _broker) = benches();
    let (public, planner) = (server.client(), server.staff("planner"));
    let path = "/ogc/collections/benches/items";
    let seats = |feature: &Value| feature["properties"]["seats"].as_i64().expect("seats");
    let mut seen = Vec::new();
    let mut next = format!("{path}?sortby=-seats,name&limit=7");
    let mut round = 0;
    while !next.is_empty() {
        let page = page(&public, &next);
        seen.extend(page["features"].as_array().expect("features").iter().cloned());
        // Meanwhile one comes that belongs to the front, and the last one shown goes.
        let new = json!({"type": "Feature", "properties": {"name": "Нова", "seats": 4},
            "geometry": {"type": "Point", "coordinates": [24.70, 48.92]}});
        let created = planner.send("POST", path, Some(new.to_string().as_bytes()));
        assert_eq!(created.status, 201, "{}", created.text());
        let last = ids(&page).last().copied().expect("a page holds something");
        let etag = public.get(&format!("{path}/{last}")).header("etag").expect("an ETag").to_owned();
        let gone = planner.with("if-match", &etag).send("DELETE", &format!("{path}/{last}"), None);
        assert!([200, 204].contains(&gone.status), "{}", gone.text());
        let link = page["links"].as_array().and_then(|links| links.iter().find(|link| link["rel"] == "next"));
        let here = server.url();
        next = link.map_or(String::new(), |link| link["href"].as_str().expect("an address").replace(&here, ""));
        round += 1;
    }
    assert!(round >= 9, "{round} pages");
    let old: Vec<&Value> = seen.iter().filter(|feature| feature["id"].as_i64() <= Some(60)).collect();
    let distinct: BTreeSet<i64> = old.iter().filter_map(|feature| feature["id"].as_i64()).collect();
    assert_eq!((old.len(), distinct.len()), (60, 60), "each of those that stood at the beginning, once");
    assert!(old.windows(2).all(|pair| seats(pair[0]) >= seats(pair[1])), "in order");
}

#[test]
fn an_edit_reaches_the_filtered_tile() {
    let (server, _broker) = benches();
    let (public, planner) = (server.client(), server.staff("planner"));
    let tile = format!("/tiles/benches/16/37266/22530?filter={}", encoded("seats = 3"));
    let (x, y) = (37266, 22530);
    let before = public.get(&tile);
    let bench = public.get("/ogc/collections/benches/items/5");
    let mut body = bench.json();
    let (west, north) = place_of(16, x, y);
    body["geometry"]["coordinates"] = json!([west, north]);
    body["properties"]["seats"] = json!(3);
    let etag = bench.header("etag").expect("an ETag");
    let saved = planner.with("if-match", etag).send(
        "PUT",
        "/ogc/collections/benches/items/5",
        Some(body.to_string().as_bytes()),
    );
    assert_eq!(saved.status, 200, "{}", saved.text());
    let after = public.get(&tile);
    assert_eq!(after.status, 200, "it is in the tile now");
    assert_ne!(before.header("etag"), after.header("etag"));
}

/// The middle of a tile.
fn place_of(z: u32, x: u32, y: u32) -> (f64, f64) {
    let n = f64::from(1u32 << z);
    let lat = (std::f64::consts::PI * (1.0 - 2.0 * (f64::from(y) + 0.5) / n)).sinh().atan().to_degrees();
    ((f64::from(x) + 0.5) / n * 360.0 - 180.0, lat)
}

#[test]
fn a_planner_asks_what_is_near_and_what_crosses() {
    let (server, _) = Server::demo();
    server.ready();
    let (public, planner) = (server.client(), server.staff("planner"));
    let near = page(&public, "/ogc/collections/transit_stops/nearest?to=24.7097,48.9215&limit=5");
    let metres: Vec<f64> =
        near["features"].as_array().expect("features").iter().filter_map(|f| f["distance_m"].as_f64()).collect();
    assert!(metres.len() == 5 && metres.is_sorted(), "{metres:?}");
    let line = encoded("LINESTRING(24.70 48.92, 24.72 48.925)");
    let within = all(&public, &format!("/ogc/collections/transit_stops/within?of={line}&distance_m=150&limit=3"));
    let by_filter = encoded("within_distance(geometry, LINESTRING(24.70 48.92, 24.72 48.925), 150)");
    let found = page(&public, &format!("/ogc/collections/transit_stops/items?limit=1000&filter={by_filter}"));
    let of_pages: Vec<i64> = within.iter().filter_map(|feature| feature["id"].as_i64()).collect();
    assert!(of_pages.len() > 3 && of_pages == ids(&found), "{of_pages:?}");

    let crossing = "/ogc/collections/water_network/intersecting?collection=roads&limit=50&bbox=24.70,48.91,24.72,48.93";
    assert_eq!(public.get(crossing).status, 404, "the public knows of no pipes");
    let the_other_way = "/ogc/collections/roads/intersecting?collection=water_network";
    let missing = public.get(&the_other_way.replace("water_network", "no_such_network")).text();
    assert_eq!(public.get(the_other_way).text(), missing.replace("no_such_network", "water_network"));
    let crossing = all(&planner, crossing);
    assert!(
        crossing.iter().any(|pipe| pipe["meets"].as_array().is_some_and(|meets| !meets.is_empty())),
        "{crossing:?}"
    );
    for (path, field) in [
        ("nearest?to=here", "to"),
        ("nearest?to=24.7,148.9", "to"),
        ("nearest?to=24.7,48.9&limit=0", "limit"),
        ("nearest?to=24.7,48.9&max_distance_m=-1", "max_distance_m"),
        ("within?of=24.7,48.9&distance_m=1e9", "distance_m"),
        ("intersecting?collection=roads&bbox=1,2", "bbox"),
        ("nearest?to=24.7,48.9&colour=red", "colour"),
    ] {
        refused(&public.get(&format!("/ogc/collections/transit_stops/{path}")), field);
    }
    eventually("the document names them", Duration::from_secs(5), || {
        let document = public.get("/openapi.json").json();
        let named = |path: &str| document["paths"][path]["get"].is_object();
        (named("/ogc/collections/{id}/nearest")
            && named("/ogc/collections/{id}/within")
            && named("/ogc/collections/{id}/intersecting")
            && named("/ogc/collections/{id}/queryables"))
        .then_some(())
    });
}

#[test]
fn distances_are_those_of_postgis() {
    let (server, _) = Server::demo();
    server.ready();
    let client = server.client();
    let database = postgres().database();
    let route = "LINESTRING(24.7100 48.9200, 24.7112 48.9206, 24.7120 48.9215, 24.7131 48.9221)";
    let mut compared = 0;
    for (collection, place) in [
        ("buildings", "POINT(24.7097 48.9215)"),
        ("buildings", route),
        ("transit_stops", "POINT(24.65 48.90)"),
        ("transit_stops", route),
    ] {
        let found = page(&client, &format!("/ogc/collections/{collection}/nearest?to={}&limit=60", encoded(place)));
        let features = found["features"].as_array().expect("features");
        let ours: Vec<f64> = features.iter().filter_map(|feature| feature["distance_m"].as_f64()).collect();
        let measure = |feature: &Value| {
            format!(
                "SELECT ST_Distance(ST_GeomFromGeoJSON('{}')::geography, 'SRID=4326;{place}'::geography)",
                feature["geometry"]
            )
        };
        let answer = psql(&database, &features.iter().map(measure).collect::<Vec<_>>().join(" UNION ALL "));
        let theirs: Vec<f64> = answer.lines().map(|line| line.parse().expect("metres")).collect();
        assert_eq!((ours.len(), theirs.len()), (60, 60));
        for (ours, theirs) in ours.iter().zip(&theirs) {
            assert!(
                (ours - theirs).abs() <= 0.02 + theirs * 1e-3,
                "{collection} {place}: {ours} m, PostGIS {theirs} m"
            );
            compared += 1;
        }
    }
    assert_eq!(compared, 240);
}
