//! Each source has a login and may say what is its own, nothing else; nobody but
//! Misto hears it. A real Mosquitto with the files of `examples/mosquitto`, where
//! only paths and ports are others. A broker acknowledges a publish that it denies
//! (MQTT 3.1.1, 3.3.5), so what counts is what those hear who may hear.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use misto_tests::{Mosquitto, Server, eventually, free_port};
use tempfile::TempDir;

const SOON: Duration = Duration::from_secs(20);
const PLUGIN: &str = "/usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so";
const RAW: &str = "$share/misto/misto/v1/raw/#";
const VEHICLES: &str = "misto/v1/vehicles/#";
/// Everybody's password is the name, spelt so.
const SECRET: &str = "-secret";

/// A broker with logins and its two doors.
struct Guarded {
    broker: Mosquitto,
    trackers: u16,
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/mosquitto").join(name)
}

fn succeed(command: &mut Command) {
    let output = command.output().expect("the command runs");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The example with this machine's paths and ports, and a certificate beside it.
fn prepared(name: &str, folder: &Path) -> (String, u16, u16) {
    let certificate = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    let whom = ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
    let files = ["-keyout", "privkey.pem", "-out", "fullchain.pem"];
    succeed(Command::new("openssl").args(certificate).args(whom).args(files).current_dir(folder));
    let (inner, outer, here) = (free_port(), free_port(), folder.display().to_string());
    let text = std::fs::read_to_string(example(name)).expect("the example");
    let text = text
        .replace("/var/lib/mosquitto", &here)
        .replace("/etc/mosquitto/certs", &here)
        .replace("/etc/mosquitto", &here)
        .replace("listener 1883 127.0.0.1", &format!("listener {inner} 127.0.0.1"))
        .replace("listener 8883", &format!("listener {outer} 127.0.0.1"));
    // Started by root it would take another user, who cannot read the folder.
    (text + "\nuser root\n", inner, outer)
}

fn with_files() -> Guarded {
    let folder = TempDir::new().expect("a folder");
    let (config, inner, trackers) = prepared("mosquitto.conf", folder.path());
    for (file, names) in [
        ("misto.passwd", &["misto-ingest", "misto-rules", "misto-web"][..]),
        ("trackers.passwd", &["ploughs", "buses", "olena", "hfp"][..]),
    ] {
        let file = folder.path().join(file);
        std::fs::write(&file, "").expect("room on the disk");
        for name in names {
            succeed(Command::new("mosquitto_passwd").arg("-b").arg(&file).args([name, &*format!("{name}{SECRET}")]));
        }
    }
    for acl in ["misto.acl", "trackers.acl"] {
        std::fs::copy(example(acl), folder.path().join(acl)).expect("the example");
    }
    Guarded { broker: Mosquitto::configured(folder, inner, config), trackers }
}

/// `None`, said plainly, where Mosquitto came without its plugin.
fn with_dynamic_security() -> Option<Guarded> {
    if !Path::new(PLUGIN).exists() {
        println!("SKIPPED: {PLUGIN} is not there");
        return None;
    }
    let folder = TempDir::new().expect("a folder");
    let (config, inner, trackers) = prepared("mosquitto-dynsec.conf", folder.path());
    let file = folder.path().join("dynamic-security.json");
    succeed(Command::new("mosquitto_ctrl").args(["dynsec", "init"]).arg(&file).args(["admin", "admin-secret"]));
    let broker = Mosquitto::configured(folder, inner, config);
    let port = inner.to_string();
    let admin = ["-h", "127.0.0.1", "-p", &port, "-u", "admin", "-P", "admin-secret"];
    let mut roles = Command::new(example("dynsec.sh"));
    for name in ["ingest", "rules", "web"] {
        roles.env(format!("MISTO_{}_PASSWORD", name.to_uppercase()), format!("misto-{name}{SECRET}"));
    }
    succeed(roles.args(admin));
    for (source, topic) in [
        ("ploughs", "misto/v1/raw/ploughs/+"),
        ("buses", "misto/v1/raw/buses/+"),
        ("olena", "owntracks/olena/+"),
        ("hfp", "/hfp/v2/#"),
    ] {
        let password = format!("{source}{SECRET}");
        succeed(Command::new(example("dynsec-source.sh")).args([source, topic, &password]).args(admin));
    }
    Some(Guarded { broker, trackers })
}

impl Guarded {
    fn tool(&self, tool: &str, user: &str) -> Command {
        let mut command = Command::new(tool);
        command.args(["-h", "127.0.0.1", "-V", "311", "-q", "1"]);
        if user.starts_with("misto") {
            command.args(["-p", &self.broker.port().to_string()]);
        } else {
            command.args(["-p", &self.trackers.to_string()]);
            command.arg("--cafile").arg(self.broker.folder().join("fullchain.pem"));
        }
        if !user.is_empty() {
            command.args(["-u", user, "-P", &format!("{user}{SECRET}")]);
        }
        command
    }

    /// Whether the broker let the user in; what it did with the message is another question.
    fn publish(&self, user: &str, topic: &str, message: &str) -> bool {
        let mut command = self.tool("mosquitto_pub", user);
        command.args(["-t", topic, "-m", message]).output().expect("mosquitto_pub runs").status.success()
    }

    fn listen(&self, user: &str, filter: &str) -> Ear {
        let place = TempDir::new().expect("a folder");
        let file = std::fs::File::create(place.path().join("heard")).expect("a file");
        let mut command = self.tool("mosquitto_sub", user);
        let child = command.args(["-v", "-t", filter]).stdout(file).stderr(Stdio::null()).spawn();
        Ear { child: child.expect("mosquitto_sub runs: apt-get install mosquitto-clients"), place }
    }
}

/// A subscriber and what it heard; it ends with this guard.
struct Ear {
    child: Child,
    place: TempDir,
}

impl Ear {
    /// Topics of what came, in order, each once.
    fn heard(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.place.path().join("heard")).unwrap_or_default();
        let mut topics: Vec<String> =
            text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
        topics.dedup();
        topics
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        let _already_gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn fix(lon: f64) -> String {
    serde_json::json!({"time": jiff::Timestamp::now().to_string(), "lat": 48.92, "lon": lon, "kind": "bus"}).to_string()
}

fn vehicles(server: &Server) -> Vec<String> {
    let fleet = server.staff("dispatcher").get("/vehicles").json();
    let features = fleet["features"].as_array().expect("vehicles");
    let mut ids: Vec<String> = features.iter().filter_map(|v| v["id"].as_str().map(str::to_owned)).collect();
    ids.sort();
    ids
}

/// Publishes until the ear hears it: then the ear is there.
fn awake(guarded: &Guarded, user: &str, topic: &str, ear: &Ear) {
    eventually(&format!("{topic} is heard"), SOON, || {
        assert!(guarded.publish(user, topic, &fix(24.7)));
        ear.heard().iter().any(|heard| heard == topic).then_some(())
    });
}

fn everybody_keeps_to_their_own(guarded: &Guarded) {
    let url = format!("mqtt://misto-ingest:misto-ingest{SECRET}@127.0.0.1:{}", guarded.broker.port());
    let mut server = Server::start(&url, "");
    server.ready();
    let (ingest, rules, web) = (
        guarded.listen("misto-ingest", RAW),
        guarded.listen("misto-rules", VEHICLES),
        guarded.listen("misto-web", VEHICLES),
    );
    let curious = ["#", "misto/v1/raw/#", VEHICLES, "owntracks/#"].map(|filter| guarded.listen("ploughs", filter));
    awake(guarded, "ploughs", "misto/v1/raw/ploughs/7", &ingest);
    awake(guarded, "misto-ingest", "misto/v1/vehicles/0/first", &rules);
    awake(guarded, "misto-ingest", "misto/v1/vehicles/0/first", &web);

    for denied in ["misto/v1/raw/buses/7", "misto/v1/vehicles/0/x", "owntracks/olena/phone", "misto/v1/raw/ploughs/a/b"]
    {
        assert!(guarded.publish("ploughs", denied, &fix(24.8)), "{denied}: denied in silence");
    }
    for denied in ["misto/v1/vehicles/0/x", "misto/v1/raw/misto-web/7", "misto/v1/raw/buses/7"] {
        guarded.publish("misto-web", denied, &fix(24.8));
    }
    for stranger in ["", "stranger"] {
        assert!(!guarded.publish(stranger, "misto/v1/raw/ploughs/8", &fix(24.8)), "{stranger:?} was let in");
    }
    // What comes last came through after all that was denied.
    assert!(guarded.publish("buses", "misto/v1/raw/buses/1", &fix(24.7)));
    assert!(guarded.publish("misto-ingest", "misto/v1/vehicles/0/last", "{}"));
    let ends_with = |ear: &Ear, last: &str| ear.heard().last().is_some_and(|heard| heard == last).then_some(());
    for ear in [&rules, &web] {
        eventually("the last vehicle is heard", SOON, || ends_with(ear, "misto/v1/vehicles/0/last"));
        assert_eq!(ear.heard(), ["misto/v1/vehicles/0/first", "misto/v1/vehicles/0/last"]);
    }
    eventually("the last fix is heard", SOON, || ends_with(&ingest, "misto/v1/raw/buses/1"));
    assert_eq!(ingest.heard(), ["misto/v1/raw/ploughs/7", "misto/v1/raw/buses/1"]);
    eventually("Misto knows the bus", SOON, || (vehicles(&server) == ["buses:/1", "ploughs:/7"]).then_some(()));

    // What is said while Misto is away waits for it, and phones have their own topic.
    server.stop();
    assert!(guarded.publish("buses", "misto/v1/raw/buses/2", &fix(24.7)));
    let phone =
        format!("{{\"_type\":\"location\",\"tst\":{},\"lat\":48.9,\"lon\":24.7}}", jiff::Timestamp::now().as_second());
    assert!(guarded.publish("olena", "owntracks/olena/phone", &phone));
    server.up();
    let all = ["buses:/1", "buses:/2", "owntracks:olena/phone", "ploughs:/7"];
    eventually("Misto knows who spoke meanwhile", SOON, || (vehicles(&server) == all).then_some(()));
    for ear in &curious {
        assert!(ear.heard().is_empty(), "a tracker heard {:?}", ear.heard());
    }
}

#[test]
fn rights_in_files_keep_every_source_to_its_own_topics() {
    let guarded = with_files();
    everybody_keeps_to_their_own(&guarded);
    // Misto's logins are worth nothing where trackers knock.
    let mut command = guarded.tool("mosquitto_pub", "");
    let user = ["-u", "misto-ingest", "-P", &format!("misto-ingest{SECRET}"), "-t", "misto/v1/vehicles/0/x", "-m", "x"];
    assert!(
        !command.args(user).output().expect("mosquitto_pub runs").status.success(),
        "misto-ingest came from outside"
    );
}

#[test]
fn dynamic_security_keeps_every_source_to_its_own_topics() {
    let Some(guarded) = with_dynamic_security() else { return };
    // In a group that shares the work a listener without rights would be given messages that it may not have.
    let _thief = guarded.listen("ploughs", RAW);
    everybody_keeps_to_their_own(&guarded);
}
