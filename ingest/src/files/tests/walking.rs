//! Walking networks: real ones, and ones that are wrong on purpose.

use std::collections::BTreeMap;
use std::path::PathBuf;

use misto_model::Kerb;
use serde_json::{Value, json};

use super::data;
use crate::files::walking::{WalkingDataset, read};

fn kinds(dataset: &WalkingDataset) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for (_, edge) in &dataset.edges {
        *counts.entry(edge.kind.unwrap().word()).or_default() += 1;
    }
    counts
}

fn connected(dataset: &WalkingDataset) -> bool {
    let nodes: std::collections::HashSet<_> = dataset.nodes.iter().map(|(_, node)| node.node_id.clone()).collect();
    dataset.edges.iter().all(|(_, edge)| nodes.contains(&edge.from_node) && nodes.contains(&edge.to_node))
}

#[test]
fn the_campus_comes_in_whole() {
    let Some(folder) = data("opensidewalks/microsoft-campus") else { return };
    let dataset = read(&[folder], None).unwrap();
    println!("{:?} {:?} {:#?}", kinds(&dataset), dataset.notes, dataset.findings);
    assert_eq!((dataset.nodes.len(), dataset.edges.len()), (3_916, 4_368));
    assert_eq!(dataset.findings.left_out, 0);
    let kinds = kinds(&dataset);
    assert_eq!((kinds["steps"], kinds["sidewalk"], kinds["crossing"]), (112, 1_287, 579));
    let kerbs = dataset.nodes.iter().filter_map(|(_, node)| node.kerb).fold([0; 3], |mut counts, kerb| {
        counts[match kerb {
            Kerb::Lowered => 0,
            Kerb::Raised => 1,
            _ => 2,
        }] += 1;
        counts
    });
    assert_eq!(kerbs, [645, 91, 21]);
    let sloped = dataset.edges.iter().filter(|(_, edge)| edge.incline_percent.is_some()).count();
    // One of the 4 004 slopes, 71.7 % on a metre of footway, cannot be meant.
    assert_eq!((sloped, dataset.findings.unknown), (4_003, 1));
    assert_eq!(dataset.findings.first[0].field, "incline");
    assert!(connected(&dataset));
}

#[test]
fn ways_of_helsinki_are_split_where_they_meet() {
    let Some(file) = data("osm-helsinki-prague/Helsinki.osm.pbf") else { return };
    let dataset = read(&[file], None).unwrap();
    let kinds = kinds(&dataset);
    println!(
        "{} nodes, {} edges, {kinds:?}, {:?}, {} unknown, for example {}",
        dataset.nodes.len(),
        dataset.edges.len(),
        dataset.notes,
        dataset.findings.unknown,
        dataset.findings.first.first().map(ToString::to_string).unwrap_or_default(),
    );
    assert!(kinds["steps"] > 20 && kinds["footway"] > 1_000 && kinds["crossing"] > 100, "{kinds:?}");
    assert!(connected(&dataset));
    assert!(dataset.edges.iter().all(|(line, _)| line.len() >= 2));
    let sides = dataset.edges.iter().filter(|(_, edge)| edge.sidewalk.is_some()).count();
    let surfaces = dataset.edges.iter().filter(|(_, edge)| edge.surface.is_some()).count();
    println!("{sides} edges of streets tell of sidewalks, {surfaces} of {} edges their surface", dataset.edges.len());
    assert!(surfaces > 500, "{surfaces}");
}

fn node(id: Value, place: Value) -> Value {
    json!({"type": "Feature", "geometry": {"type": "Point", "coordinates": place}, "properties": {"_id": id}})
}

fn edge(properties: Value) -> Value {
    let mut all = json!({"_id": "e", "_u_id": "1", "_v_id": "2", "highway": "footway"});
    for (key, value) in properties.as_object().unwrap() {
        all[key] = value.clone();
    }
    let line = json!({"type": "LineString", "coordinates": [[24.71, 48.92], [24.712, 48.92]]});
    json!({"type": "Feature", "geometry": line, "properties": all})
}

fn dataset(nodes: Vec<Value>, edges: Vec<Value>) -> WalkingDataset {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, features: Vec<Value>| -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, json!({"type": "FeatureCollection", "features": features}).to_string()).unwrap();
        path
    };
    let files = [write("x.nodes.geojson", nodes), write("x.edges.geojson", edges)];
    read(&files, None).unwrap()
}

fn good_nodes() -> Vec<Value> {
    vec![node(json!("1"), json!([24.71, 48.92])), node(json!("2"), json!([24.712, 48.92]))]
}

#[test]
fn each_wrong_feature_is_named_with_its_field_and_the_rest_goes_on() {
    let mut nodes = good_nodes();
    nodes.extend([
        node(Value::Null, json!([24.71, 48.92])),
        node(json!(7), json!([24.71, 48.92])),
        node(json!("1"), json!([24.71, 48.92])),
        node(json!("far"), json!([248.0, 48.92])),
        node(json!("lost"), json!([0, 0])),
    ]);
    let mut line_of_one = edge(json!({"_id": "short"}));
    line_of_one["geometry"]["coordinates"] = json!([[24.71, 48.92]]);
    let mut no_line = edge(json!({"_id": "point"}));
    no_line["geometry"] = json!({"type": "Point", "coordinates": [24.71, 48.92]});
    let edges = vec![
        edge(json!({"_id": "good", "width": 1.5, "incline": -0.083, "length": 146.2})),
        edge(json!({"_id": "good"})),
        edge(json!({"_id": Value::Null})),
        edge(json!({"_id": "a", "_u_id": "nobody"})),
        edge(json!({"_id": "b", "_v_id": Value::Null})),
        edge(json!({"_id": "c", "highway": Value::Null})),
        line_of_one,
        no_line,
        edge(json!({"_id": "d", "foot": "no"})),
        edge(json!({"_id": "doubtful", "width": "wide", "incline": 8.3, "surface": "lava", "step_count": 2.5})),
        edge(json!({"_id": "swapped", "_u_id": "2", "_v_id": "1"})),
    ];
    let dataset = dataset(nodes, edges);
    let told = |left_out: bool| -> Vec<(String, String)> {
        let first = dataset.findings.first.iter().filter(|finding| finding.left_out == left_out);
        first.map(|finding| (finding.feature.clone(), finding.field.clone())).collect()
    };
    let left_out: Vec<String> = told(true).into_iter().map(|(feature, field)| format!("{feature} {field}")).collect();
    assert_eq!(
        left_out,
        [
            "feature 3 _id",
            "feature 4 _id",
            "feature 5 (1) _id",
            "feature 6 (far) geometry",
            "feature 7 (lost) geometry",
            "feature 2 (good) _id",
            "feature 3 _id",
            "feature 4 (a) _u_id",
            "feature 5 (b) _v_id",
            "feature 6 (c) highway",
            "feature 7 geometry",
            "feature 8 (point) geometry",
        ]
        .map(|text| if text == "feature 7 geometry" { "feature 7 (short) geometry" } else { text })
    );
    let unknown: Vec<String> = told(false).into_iter().map(|(_, field)| field).collect();
    for field in ["width", "incline", "surface", "step_count", "_u_id", "_v_id"] {
        assert!(unknown.contains(&field.to_owned()), "{field} in {unknown:?}");
    }
    let ids: Vec<_> = dataset.edges.iter().filter_map(|(_, edge)| edge.edge_id.as_deref()).collect();
    assert_eq!(ids, ["good", "doubtful", "swapped"]);
    let good = &dataset.edges[0].1;
    assert_eq!((good.width_cm, good.incline_percent, good.length_m), (Some(150.0), Some(-8.3), Some(146.2)));
    let doubtful = &dataset.edges[1].1;
    assert_eq!((doubtful.width_cm, doubtful.incline_percent, doubtful.step_count), (None, None, None));
    assert!(
        dataset.notes.iter().any(|note| note.contains("1 edges are closed to people on foot")),
        "{:?}",
        dataset.notes
    );
}

#[test]
fn a_zip_is_read_like_its_folder_and_half_a_dataset_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("osw.zip");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    for (name, features) in [("city/a.nodes.geojson", good_nodes()), ("city/a.edges.geojson", vec![edge(json!({}))])] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        let text = json!({"type": "FeatureCollection", "features": features}).to_string();
        std::io::Write::write_all(&mut zip, text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    let dataset = read(std::slice::from_ref(&path), None).unwrap();
    assert_eq!((dataset.nodes.len(), dataset.edges.len()), (2, 1));
    let nodes_only = folder.path().join("x.nodes.geojson");
    std::fs::write(&nodes_only, "{\"type\":\"FeatureCollection\",\"features\":[]}").unwrap();
    assert!(read(&[nodes_only], None).unwrap_err().to_string().contains("edges"));
}
