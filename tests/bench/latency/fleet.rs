//! Vehicles that drive in groups, and the publisher of their fixes.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant as Stopwatch};

use bytes::BytesMut;
use jiff::Timestamp;
use rumqttc::QoS;
use rumqttc::mqttbytes::v4::{Connect, Publish};

/// Vehicles of one group: what one listener sees.
pub const GROUP: usize = 50;
/// Groups in one row of the map.
const ROW: usize = 10;
/// Width and height of a group's box, degrees.
const BOX: f64 = 0.02;
/// South-west corner of all, longitude and latitude.
const CORNER: (f64, f64) = (24.6, 48.8);
/// Steps of the publisher.
const STEP: Duration = Duration::from_millis(1);

/// When fixes count, microseconds since 1970.
#[derive(Clone, Copy)]
pub struct Window {
    pub begin: i64,
    pub end: i64,
}

impl Window {
    /// Opens after a while, for a while.
    pub fn beginning_after(warm_up: Duration, during: Duration) -> Self {
        let begin = now() + warm_up.as_micros() as i64;
        Self { begin, end: begin + during.as_micros() as i64 }
    }

    /// Whether a fix of this time counts.
    pub fn holds(self, at: i64) -> bool {
        (self.begin..self.end).contains(&at)
    }

    /// How long until it opens.
    pub fn until_begin(self) -> Duration {
        until(self.begin)
    }

    /// How long until it closes.
    pub fn until_end(self) -> Duration {
        until(self.end)
    }
}

/// The clock, microseconds since 1970.
pub fn now() -> i64 {
    Timestamp::now().as_microsecond()
}

/// How long until a moment; nothing when it is past.
pub fn until(at: i64) -> Duration {
    Duration::from_micros(u64::try_from(at - now()).unwrap_or(0))
}

/// All vehicles.
pub struct Fleet {
    vehicles: usize,
}

impl Fleet {
    /// So many vehicles, in groups of 50.
    pub fn new(vehicles: usize) -> Self {
        assert!(vehicles >= GROUP && vehicles.is_multiple_of(GROUP), "vehicles come in groups of {GROUP}");
        Self { vehicles }
    }

    /// How many groups there are.
    pub fn groups(&self) -> usize {
        self.vehicles / GROUP
    }

    /// West, south, east, north of a group, as `/live` takes it.
    pub fn bbox(&self, group: usize) -> String {
        let (west, south) = corner(group);
        format!("{:.4},{:.4},{:.4},{:.4}", west, south, west + BOX * 0.99, south + BOX * 0.99)
    }

    /// The route of a group as passengers know it.
    pub fn route(&self, group: usize) -> String {
        format!("R{group}")
    }

    /// Publishes so many fixes a second, vehicle after vehicle, until the window closes;
    /// gives how many of each group lie in it.
    pub fn publish(&self, port: u16, rate: usize, window: Window) -> Vec<u64> {
        let mut broker = connect(port);
        let begun = Stopwatch::now();
        let mut counted = vec![0; self.groups()];
        let mut bytes = BytesMut::new();
        let mut sent = 0;
        loop {
            let due = (begun.elapsed().as_secs_f64() * rate as f64) as usize;
            while sent < due {
                let at = now();
                if at >= window.end {
                    return counted;
                }
                let vehicle = sent % self.vehicles;
                self.message(vehicle, sent, at).write(&mut bytes).expect("a packet");
                broker.write_all(&bytes).expect("the broker reads");
                bytes.clear();
                counted[vehicle / GROUP] += u64::from(window.holds(at));
                sent += 1;
            }
            std::thread::sleep(STEP);
        }
    }

    /// One fix as the Helsinki region publishes it.
    fn message(&self, vehicle: usize, number: usize, at: i64) -> Publish {
        let (group, within) = (vehicle / GROUP, vehicle % GROUP);
        let (west, south) = corner(group);
        let lon = west + BOX * (0.1 + 0.8 * within as f64 / GROUP as f64);
        let lat = south + BOX * (0.1 + 0.8 * (number / self.vehicles % 100) as f64 / 100.0);
        let moment = Timestamp::from_microsecond(at).expect("now is a moment");
        let (route, number) = (self.route(group), 10_000 + vehicle);
        let topic =
            format!("/hfp/v2/journey/ongoing/vp/bus/0018/{number}/2{route}/1/Вокзал/11:20/1453120/4/48;24/97/21/05");
        let payload = format!(
            r#"{{"VP":{{"desi":"{route}","dir":"1","oper":18,"veh":{number},"tst":"{moment:.6}","tsi":{tsi},"spd":8.2,"hdg":90,"lat":{lat:.6},"long":{lon:.6},"acc":0.1,"dl":-20,"odo":1000,"drst":0,"oday":"2026-01-01","jrn":1,"line":1,"start":"11:20","loc":"GPS","stop":1453120,"route":"2{route}","occu":0}}}}"#,
            tsi = moment.as_second()
        );
        let mut publish = Publish::new(topic, QoS::AtLeastOnce, payload);
        publish.pkid = u16::try_from(number % 60_000).unwrap_or(0) + 1;
        publish
    }
}

fn corner(group: usize) -> (f64, f64) {
    (CORNER.0 + BOX * (group % ROW) as f64, CORNER.1 + BOX * (group / ROW) as f64)
}

/// A connection to the broker, whose acknowledgements another thread reads and drops.
fn connect(port: u16) -> TcpStream {
    let mut broker = TcpStream::connect(("127.0.0.1", port)).expect("the broker listens");
    broker.set_nodelay(true).expect("a socket");
    let mut bytes = BytesMut::new();
    let mut hello = Connect::new("fleet");
    hello.keep_alive = 600;
    hello.write(&mut bytes).expect("a packet");
    broker.write_all(&bytes).expect("the broker reads");
    let mut answers = broker.try_clone().expect("a second handle");
    let mut welcome = [0; 4];
    answers.read_exact(&mut welcome).expect("CONNACK");
    assert_eq!(welcome[3], 0, "the broker refuses: {welcome:?}");
    std::thread::spawn(move || std::io::copy(&mut answers, &mut std::io::sink()));
    broker
}
