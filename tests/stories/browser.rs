//! The web map in a real browser: what a resident, a dispatcher and a planner see and do.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use misto_tests::{Server, eventually};

#[test]
fn the_three_screens_work_in_a_browser() {
    let (server, mqtt_port) = Server::demo();
    server.ready();
    let printed = eventually("the links are printed", Duration::from_secs(20), || {
        let printed = server.printed();
        printed.contains("Planner").then_some(printed)
    });
    let link = |who: &str| {
        let line = printed.lines().find(|line| line.starts_with(who)).expect("a link");
        line.split_whitespace().nth(1).expect("an address").to_owned()
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser/run.mjs");
    let output = Command::new("node")
        .arg(script)
        .env("MISTO_URL", server.url())
        .env("MISTO_MQTT_PORT", mqtt_port.to_string())
        .env("MISTO_DISPATCHER_LINK", link("Dispatcher"))
        .env("MISTO_PLANNER_LINK", link("Planner"))
        .env("MISTO_SCREENSHOTS", std::env::var("MISTO_SCREENSHOTS").unwrap_or_default())
        .output()
        .expect("node runs");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    println!("{out}");
    assert!(output.status.success(), "{out}\n{err}\n{}", server.log());
    assert!(!server.log().contains("ERROR"), "{}", server.log());
}
