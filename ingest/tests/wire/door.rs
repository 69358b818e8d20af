//! Strangers at the embedded broker: whatever one of them does, Misto's own
//! session goes on, and nobody but it hears anything.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use misto_ingest::mqtt::{BrokerSettings, BrokerUrl, Delivery, Link, MqttConfig, Publisher, Session, start_broker};
use rumqttc::QoS;
use rumqttc::mqttbytes::v4::{
    ConnAck, Connect, ConnectReturnCode, LastWill, Packet, PubRel, Publish, Subscribe, SubscribeReasonCode, Unsubscribe,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use crate::brokers::{embedded, free_port, loopback};
use crate::session::{config, publish, start, subscribed, take, until};

const MIB: usize = 1024 * 1024;
const SOON: Duration = Duration::from_secs(10);

/// Bytes to and from the broker, with nobody's manners.
struct Stranger {
    to: OwnedWriteHalf,
    from: OwnedReadHalf,
    buffer: BytesMut,
}

impl Stranger {
    async fn silent(port: u16) -> Self {
        let (from, to) = TcpStream::connect(loopback(port)).await.unwrap().into_split();
        Self { to, from, buffer: BytesMut::new() }
    }

    /// Introduced and let in.
    async fn enter(port: u16, connect: Connect) -> Self {
        let mut stranger = Self::silent(port).await;
        stranger.send(&written(|out| connect.write(out))).await;
        let welcome = ConnAck { session_present: false, code: ConnectReturnCode::Success };
        assert_eq!(stranger.hear().await, Some(Packet::ConnAck(welcome)));
        stranger
    }

    async fn named(port: u16, name: &str) -> Self {
        Self::enter(port, Connect::new(name)).await
    }

    /// Fails only when the connection is closed already, which the tests look at themselves.
    async fn send(&mut self, bytes: &[u8]) {
        let _ = self.to.write_all(bytes).await;
    }

    async fn publish(&mut self, topic: &str, payload: &[u8]) {
        self.send(&publication(topic, 1, payload)).await;
    }

    /// The next packet, or none when the connection was closed.
    async fn hear(&mut self) -> Option<Packet> {
        loop {
            match Packet::read(&mut self.buffer, 64 * MIB) {
                Ok(packet) => return Some(packet),
                Err(rumqttc::mqttbytes::Error::InsufficientBytes(_)) => {}
                Err(error) => panic!("not MQTT: {error:?}"),
            }
            match timeout(SOON * 2, self.from.read_buf(&mut self.buffer)).await.expect("neither answer nor end") {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    async fn is_thrown_out(&mut self) -> bool {
        self.hear().await.is_none()
    }

    async fn is_acknowledged(&mut self) -> bool {
        matches!(self.hear().await, Some(Packet::PubAck(_)))
    }
}

fn written<E: std::fmt::Debug>(write: impl FnOnce(&mut BytesMut) -> Result<usize, E>) -> BytesMut {
    let mut out = BytesMut::new();
    write(&mut out).unwrap();
    out
}

fn publication(topic: &str, pkid: u16, payload: &[u8]) -> BytesMut {
    let publication = Publish { pkid, ..Publish::new(topic, QoS::AtLeastOnce, payload) };
    written(|out| publication.write(out))
}

/// Misto's session, and a tracker that must not be troubled by anybody else.
struct House {
    port: u16,
    session: Session,
    receiver: mpsc::Receiver<Delivery>,
    tracker: Stranger,
    told: u32,
}

impl House {
    async fn new() -> Self {
        let (url, port) = embedded();
        let (session, receiver) = subscribed(&url, "misto").await;
        Self { port, session, receiver, tracker: Stranger::named(port, "tracker").await, told: 0 }
    }

    /// The session hears the tracker, over connections that never broke.
    async fn goes_on(&mut self, after: &str) {
        self.told += 1;
        let text = format!("tracker {}", self.told);
        self.tracker.publish("t/tracker", text.as_bytes()).await;
        assert!(self.tracker.is_acknowledged().await, "the tracker is cut off after {after}");
        let heard = self.hears().await;
        assert_eq!((heard.0.as_str(), &heard.1[..]), ("t/tracker", text.as_bytes()), "after {after}");
        assert_eq!(*self.session.link().borrow(), Link::Subscribed, "after {after}");
    }

    async fn hears(&mut self) -> (String, Bytes) {
        let delivery = timeout(SOON, self.receiver.recv()).await.expect("a message").unwrap();
        delivery.ack.confirm();
        (delivery.topic, delivery.payload)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_who_subscribes_hears_nothing() {
    let mut house = House::new().await;
    let mut stranger = Stranger::named(house.port, "listener").await;
    let subscribe = Subscribe { pkid: 7, ..Subscribe::new("#", QoS::AtLeastOnce) };
    stranger.send(&written(|out| subscribe.write(out))).await;
    let Some(Packet::SubAck(answer)) = stranger.hear().await else { panic!("no SUBACK") };
    assert_eq!((answer.pkid, answer.return_codes), (7, vec![SubscribeReasonCode::Failure]));
    for _ in 0..50 {
        house.goes_on("a subscription").await;
    }
    // Answers come in order: had anything been passed on, it would stand before this one.
    let unsubscribe = Unsubscribe { pkid: 8, topics: vec!["#".to_owned()] };
    stranger.send(&written(|out| unsubscribe.write(out))).await;
    assert!(matches!(stranger.hear().await, Some(Packet::UnsubAck(answer)) if answer.pkid == 8));
    stranger.publish("t/stranger", b"and may speak on").await;
    assert!(stranger.is_acknowledged().await);
    assert_eq!(house.hears().await.0, "t/stranger");
    let more = timeout(Duration::from_millis(500), stranger.from.read_buf(&mut stranger.buffer)).await;
    assert!(more.is_err(), "{:?}", stranger.buffer);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_session_behind_the_door_needs_its_login() {
    let (url, _) = embedded();
    let inside = url.port();
    let mut stranger = Stranger::silent(inside).await;
    stranger.send(&written(|out| Connect::new("misto").write(out))).await;
    assert!(stranger.is_thrown_out().await);
    let mut guessing = Connect::new("misto");
    guessing.set_login("misto", "misto");
    let mut stranger = Stranger::silent(inside).await;
    stranger.send(&written(|out| guessing.write(out))).await;
    assert!(stranger.is_thrown_out().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_name_of_the_session_opens_nothing() {
    let mut house = House::new().await;
    for clean_session in [false, true] {
        let connect = Connect { clean_session, ..Connect::new("misto") };
        let mut stranger = Stranger::enter(house.port, connect).await;
        house.goes_on("a client of the session's name").await;
        stranger.publish("t/stranger", b"x").await;
        // The only answer is the acknowledgement: no message of the session's came here.
        assert!(stranger.is_acknowledged().await);
        assert_eq!(house.hears().await.0, "t/stranger");
        drop(stranger);
        house.goes_on("its end").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_without_a_name_gets_one_and_one_with_a_name_has_it_alone() {
    let mut house = House::new().await;
    let mut nameless = Vec::new();
    for _ in 0..3 {
        nameless.push(Stranger::named(house.port, "").await);
    }
    for stranger in &mut nameless {
        stranger.publish("t/nameless", b"x").await;
        assert!(stranger.is_acknowledged().await);
        assert_eq!(house.hears().await.0, "t/nameless");
    }
    // 1 is also a number that the door gives.
    let mut first = Stranger::named(house.port, "1").await;
    let mut second = Stranger::named(house.port, "1").await;
    assert!(first.is_thrown_out().await);
    second.publish("t/second", b"x").await;
    assert!(second.is_acknowledged().await);
    assert_eq!(house.hears().await.0, "t/second");
    house.goes_on("clients with and without a name").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_the_broker_cannot_bear_does_no_harm() {
    let mut house = House::new().await;
    for _ in 0..3 {
        for name in ["a/b", "#", "+", "$SYS", "ж", "x".repeat(65_535).as_str()] {
            let mut stranger = Stranger::named(house.port, name).await;
            stranger.publish("t/name", b"x").await;
            assert!(stranger.is_acknowledged().await);
            assert_eq!(house.hears().await.0, "t/name");
        }
    }
    house.goes_on("unusual names").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_topic_that_is_not_for_strangers_ends_the_connection() {
    let mut house = House::new().await;
    let forbidden = ["misto/v1/vehicles/x/y", "misto/v1/vehicles", "", "t/#", "t/+", "t/\0", "жук/1"];
    for topic in forbidden {
        let mut stranger = Stranger::named(house.port, "stranger").await;
        stranger.publish("t/before", b"x").await;
        assert!(stranger.is_acknowledged().await);
        assert_eq!(house.hears().await.0, "t/before");
        stranger.publish(topic, b"x").await;
        assert!(stranger.is_thrown_out().await, "{topic:?}");
        house.goes_on(topic).await;
        let mut stranger = Stranger::silent(house.port).await;
        let last_will = Some(LastWill::new(topic, "x", QoS::AtLeastOnce, false));
        stranger.send(&written(|out| Connect { last_will, ..Connect::new("stranger") }.write(out))).await;
        assert!(stranger.is_thrown_out().await, "a will on {topic:?}");
        house.goes_on(topic).await;
    }
    // Not UTF-8.
    let mut stranger = Stranger::named(house.port, "stranger").await;
    stranger.send(&[0x30, 4, 0, 1, 0xff, b'x']).await;
    assert!(stranger.is_thrown_out().await);
    house.goes_on("a topic that is no text").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_else_hears_what_misto_says_and_the_session_hears_a_will() {
    let mut house = House::new().await;
    let last_will = Some(LastWill::new("t/will", "gone", QoS::AtLeastOnce, false));
    let stranger = Stranger::enter(house.port, Connect { last_will, ..Connect::new("mortal") }).await;
    drop(stranger);
    assert_eq!(house.hears().await, ("t/will".to_owned(), Bytes::from_static(b"gone")));
    house.goes_on("a will").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_sent_before_the_end_of_a_connection_arrives() {
    let mut house = House::new().await;
    // The answers stay unread: closing a socket so makes the system reset the connection.
    for round in 0..20 {
        let mut stranger = Stranger::named(house.port, "hasty").await;
        let mut all = BytesMut::new();
        for pkid in 1..=50 {
            all.extend_from_slice(&publication("t/hasty", pkid, format!("{round} {pkid}").as_bytes()));
        }
        stranger.send(&all).await;
        assert!(stranger.is_acknowledged().await);
        stranger.to.shutdown().await.unwrap();
        for pkid in 1..=50 {
            assert_eq!(house.hears().await.1, format!("{round} {pkid}"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exactly_once_is_passed_on_too() {
    let mut house = House::new().await;
    let mut stranger = Stranger::named(house.port, "careful").await;
    let publication = Publish { pkid: 9, ..Publish::new("t/twice", QoS::ExactlyOnce, "x") };
    stranger.send(&written(|out| publication.write(out))).await;
    assert!(matches!(stranger.hear().await, Some(Packet::PubRec(answer)) if answer.pkid == 9));
    stranger.send(&written(|out| PubRel::new(9).write(out))).await;
    assert!(matches!(stranger.hear().await, Some(Packet::PubComp(answer)) if answer.pkid == 9));
    assert_eq!(house.hears().await.0, "t/twice");
    house.goes_on("a message of QoS 2").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_message_passes_and_a_larger_one_ends_its_connection_only() {
    let mut house = House::new().await;
    let limit = BrokerSettings::new(loopback(0)).max_payload_bytes;
    let mut stranger = Stranger::named(house.port, "large").await;
    for bytes in [10 * MIB, limit] {
        stranger.publish("t/large", &vec![b'x'; bytes]).await;
        assert!(stranger.is_acknowledged().await, "{bytes}");
        assert_eq!(house.hears().await.1.len(), bytes);
    }
    stranger.publish("t/large", &vec![b'x'; limit + 80_000]).await;
    assert!(stranger.is_thrown_out().await);
    house.goes_on("a message over the limit").await;
    // Only announced: 256 MB less one byte, the most that MQTT can say.
    let mut stranger = Stranger::named(house.port, "boaster").await;
    stranger.send(&[0x32, 0xff, 0xff, 0xff, 0x7f]).await;
    assert!(stranger.is_thrown_out().await);
    house.goes_on("an announcement").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_ends_its_connection_only() {
    let mut house = House::new().await;
    let connect = written(|out| Connect::new("garbage").write(out));
    let http = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec();
    let mut before = vec![http, vec![0; 64], vec![0xff; 64], vec![0x10, 0], vec![0x30, 2, 0, 0], vec![0xc0, 0]];
    before.extend((12..connect.len()).map(|end| {
        // A CONNECT that says of itself that it ends too early.
        let mut cut = connect[..end].to_vec();
        cut[1] = u8::try_from(end - 2).unwrap();
        cut
    }));
    for garbage in &before {
        let mut stranger = Stranger::silent(house.port).await;
        stranger.send(garbage).await;
        assert!(stranger.is_thrown_out().await, "{garbage:?}");
    }
    house.goes_on("garbage instead of an introduction").await;
    // Every type of packet with nothing in it, with zeroes and with ones; those for a broker are answered or ignored.
    for kind in 0..16u8 {
        for body in [&[][..], &[0], &[0, 0], &[0, 1], &[0; 9], &[0xff; 9]] {
            for flags in [0, 2, 0x0f] {
                let mut stranger = Stranger::named(house.port, "garbage").await;
                let mut packet = vec![kind << 4 | flags, u8::try_from(body.len()).unwrap()];
                packet.extend_from_slice(body);
                stranger.send(&packet).await;
                stranger.send(&[0xc0, 0]).await;
                let _ = stranger.hear().await;
            }
        }
        house.goes_on(&format!("packets of type {kind}")).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silence_and_half_a_packet_end_their_connection_only() {
    let mut house = House::new().await;
    let begun = Instant::now();
    let mut silent = Stranger::silent(house.port).await;
    let mut half = Stranger::silent(house.port).await;
    let connect = written(|out| Connect::new("half").write(out));
    half.send(&connect[..connect.len() / 2]).await;
    // Introduced, and then it stops in the middle: one and a half keep-alives.
    let mut stuck = Stranger::enter(house.port, Connect { keep_alive: 4, ..Connect::new("stuck") }).await;
    let message = publication("t/stuck", 1, &[b'x'; 100]);
    stuck.send(&message[..50]).await;
    // Half a packet and the end.
    let mut gone = Stranger::named(house.port, "gone").await;
    gone.send(&message[..50]).await;
    drop(gone);
    house.goes_on("half a packet").await;
    assert!(stuck.is_thrown_out().await);
    let stuck_for = begun.elapsed();
    house.goes_on("a stuck client").await;
    assert!(silent.is_thrown_out().await);
    assert!(half.is_thrown_out().await);
    let waited = begun.elapsed();
    assert!(stuck_for > Duration::from_secs(5) && stuck_for < Duration::from_secs(9), "{stuck_for:?}");
    assert!(waited > Duration::from_millis(9_500) && waited < Duration::from_secs(15), "{waited:?}");
    // Its own keep-alive is over too, had it not spoken.
    house.goes_on("silence").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_house_has_room_for_misto() {
    let port = free_port();
    let settings = BrokerSettings { max_connections: 3, ..BrokerSettings::new(loopback(port)) };
    let broker = start_broker(&settings).unwrap();
    broker.open();
    let url = broker.url;
    let mut inside = Vec::new();
    for name in ["a", "b", "c"] {
        inside.push(Stranger::named(port, name).await);
    }
    let (session, mut receiver) = subscribed(&url, "misto").await;
    let mut waiting = Stranger::silent(port).await;
    waiting.send(&written(|out| Connect::new("d").write(out))).await;
    let early = timeout(Duration::from_millis(500), waiting.from.read_buf(&mut waiting.buffer)).await;
    assert!(early.is_err(), "a fourth was let in");
    drop(inside.pop());
    assert!(matches!(waiting.hear().await, Some(Packet::ConnAck(_))));
    // Places are used again.
    for _ in 0..20 {
        drop(inside.pop());
        inside.push(Stranger::named(port, "again").await);
    }
    waiting.publish("t/d", b"x").await;
    assert!(waiting.is_acknowledged().await);
    let delivery = timeout(SOON, receiver.recv()).await.unwrap().unwrap();
    assert_eq!(delivery.topic, "t/d");
    delivery.ack.confirm();
    session.stop().await;
}

/// rumqttd acknowledges what nobody has subscribed to, and forgets it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_published_before_misto_has_subscribed_waits_outside() {
    let port = free_port();
    let broker = start_broker(&BrokerSettings::new(loopback(port))).unwrap();
    let publisher = Publisher::start(config(&BrokerUrl::loopback(port), "early")).unwrap();
    publisher.publish("t/early", Bytes::from_static(b"x")).await.unwrap();
    sleep(Duration::from_millis(300)).await;
    assert_eq!(publisher.acknowledged(), 0);
    let config = MqttConfig { backlog: Some(broker.backlog.clone()), ..config(&broker.url, "misto") };
    let (session, mut receiver) = start(config, 10).unwrap();
    let delivery = timeout(SOON, receiver.recv()).await.unwrap().unwrap();
    assert_eq!(delivery.topic, "t/early");
    delivery.ack.confirm();
    session.stop().await;
}

/// rumqttd alone would drop its oldest messages: here more is offered than it keeps.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_may_publish_while_the_backlog_is_full_and_nothing_is_dropped() {
    const MESSAGES: u32 = 800;
    let port = free_port();
    let broker =
        start_broker(&BrokerSettings { backlog_bytes: 16 * MIB, ..BrokerSettings::new(loopback(port)) }).unwrap();
    let config = MqttConfig { backlog: Some(broker.backlog.clone()), ..config(&broker.url, "misto") };
    let (session, mut receiver) = start(config, 10).unwrap();
    until(&mut session.link(), |link| *link == Link::Subscribed).await;
    let publisher = Publisher::start(crate::session::config(&BrokerUrl::loopback(port), "flood")).unwrap();
    let flood = tokio::spawn({
        let publisher = publisher.clone();
        async move {
            for number in 0..MESSAGES {
                let mut payload = number.to_string().into_bytes();
                payload.resize(100_000, b' ');
                publisher.publish("t/n", payload.into()).await.unwrap();
            }
            publisher.flush().await.unwrap();
        }
    });
    timeout(SOON, async {
        while !broker.backlog.is_full() {
            sleep(Duration::from_millis(10)).await
        }
    })
    .await
    .unwrap();
    sleep(Duration::from_millis(500)).await;
    assert!(broker.backlog.bytes() <= broker.backlog.limit());
    assert!(publisher.acknowledged() < 170, "16 MiB hold 167 of them: {}", publisher.acknowledged());
    let mut late = Stranger::silent(port).await;
    late.send(&written(|out| Connect::new("late").write(out))).await;
    let refused = ConnAck { session_present: false, code: ConnectReturnCode::ServiceUnavailable };
    assert_eq!(late.hear().await, Some(Packet::ConnAck(refused)));

    let mut seen = BTreeMap::new();
    while seen.len() < MESSAGES as usize {
        let delivery = timeout(SOON, receiver.recv()).await.expect("messages keep coming").unwrap();
        let number: u32 = std::str::from_utf8(&delivery.payload).unwrap().trim_end().parse().unwrap();
        *seen.entry(number).or_insert(0) += 1;
        delivery.ack.confirm();
    }
    flood.await.unwrap();
    timeout(SOON, async {
        while broker.backlog.bytes() > 0 {
            sleep(Duration::from_millis(10)).await
        }
    })
    .await
    .unwrap();
    let _let_in = Stranger::named(port, "late").await;
    session.stop().await;
}

/// All of it is written before the first acknowledgement is read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_thousand_messages_pass_in_one_breath() {
    let (url, port) = embedded();
    let (session, mut receiver) = subscribed(&url, "misto").await;
    let mut stranger = Stranger::named(port, "fast").await;
    let mut all = BytesMut::new();
    for number in 0..20_000u16 {
        all.extend_from_slice(&publication("t/n", number + 1, number.to_string().as_bytes()));
    }
    let begun = Instant::now();
    let taking = tokio::spawn(async move {
        let mut seen = BTreeMap::new();
        take(&mut receiver, 20_000, &mut seen).await;
        seen
    });
    timeout(SOON * 6, stranger.send(&all)).await.expect("all of it is taken");
    for number in 0..20_000u16 {
        let Some(Packet::PubAck(answer)) = stranger.hear().await else { panic!("no acknowledgement of {number}") };
        assert_eq!(answer.pkid, number + 1);
    }
    let acknowledged = begun.elapsed();
    let seen = timeout(SOON * 6, taking).await.unwrap().unwrap();
    assert!(seen.values().all(|times| *times == 1));
    println!("20 000 messages in one breath: acknowledged in {acknowledged:?}, delivered in {:?}", begun.elapsed());
    session.stop().await;
}

/// For information; the bound only notices a standstill.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_thousand_messages_of_a_publisher_pass() {
    let (url, port) = embedded();
    let (session, mut receiver) = subscribed(&url, "misto").await;
    for (way, to) in [("through the door", BrokerUrl::loopback(port)), ("past the door", url)] {
        let publisher = Publisher::start(config(&to, "sender")).unwrap();
        let begun = Instant::now();
        let sending = {
            let publisher = publisher.clone();
            tokio::spawn(async move {
                publish(&publisher, 0..20_000).await;
                publisher.flush().await
            })
        };
        let mut seen = BTreeMap::new();
        timeout(SOON * 12, take(&mut receiver, 20_000, &mut seen)).await.unwrap();
        timeout(SOON, sending).await.unwrap().unwrap().unwrap();
        let seconds = begun.elapsed().as_secs_f64();
        println!("{:.0} messages/s {way}", 20_000.0 / seconds);
        assert_eq!(publisher.acknowledged(), 20_000);
        assert!(seen.values().all(|times| *times == 1), "{way}: no connection broke");
        // Acknowledgements of the last round are on their way.
        sleep(Duration::from_millis(200)).await;
    }
    session.stop().await;
}
