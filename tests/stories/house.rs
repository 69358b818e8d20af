//! The house stands as ARCHITECTURE.md says.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// What each crate of the house may build on.
const MAY_USE: [(&str, &[&str]); 8] = [
    ("misto-model", &[]),
    ("misto-city", &["misto-model"]),
    ("misto-store", &["misto-model"]),
    ("misto-ingest", &["misto-model"]),
    ("misto-tiles", &["misto-model"]),
    ("misto-sample-layers", &["misto-model"]),
    ("misto", &["misto-model", "misto-city", "misto-store", "misto-ingest", "misto-tiles", "misto-sample-layers"]),
    // Stories know the program from outside and send out the demo fleet; the benchmarks also measure single crates.
    ("misto-tests", &["misto-model", "misto-ingest", "misto-store", "misto-tiles", "misto-sample-layers"]),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the house")
}

#[test]
fn dependencies_run_one_way() {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("metadata is JSON");
    let allowed: BTreeMap<&str, &[&str]> = MAY_USE.into_iter().collect();
    let packages = metadata["packages"].as_array().expect("packages");
    assert_eq!(packages.len(), allowed.len(), "a new crate needs its place in this table");
    for package in packages {
        let name = package["name"].as_str().expect("a name");
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            let uses = dependency["name"].as_str().expect("a name");
            let inside = uses == "misto" || uses.starts_with("misto-");
            assert!(!inside || allowed[name].contains(&uses), "{name} must not use {uses}");
        }
    }
}

#[test]
fn the_model_and_the_rules_know_no_io() {
    for (folder, forbidden) in [
        ("model/src", &["std::fs", "std::net", "SystemTime", "Timestamp::now", "tokio", "async fn"][..]),
        ("city/src", &["std::fs", "std::net", "SystemTime", "Timestamp::now", "Instant::now", "tokio", "async fn"][..]),
    ] {
        let mut folders = vec![root().join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).expect("a source file");
                for word in forbidden {
                    assert!(!text.contains(word), "{} knows {word}", path.display());
                }
            }
        }
    }
}

#[test]
fn only_one_folder_of_the_web_map_imports_the_map_library() {
    let mut folders = vec![root().join("web-map/src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let imports = text.lines().any(|line| {
                line.trim_start().starts_with("import") && (line.contains("maplibre-gl") || line.contains("terra-draw"))
            });
            let in_map = path.starts_with(root().join("web-map/src/map"));
            assert!(!imports || in_map, "{} imports the map library", path.display());
        }
    }
}
