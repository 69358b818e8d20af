use std::collections::BTreeMap;
use std::time::Duration;

use misto_ingest::decode::Sources;
use misto_ingest::mqtt::{
    BrokerSettings, BrokerUrl, Delivery, Link, MqttConfig, MqttError, Publisher, Session, start_broker,
};
use misto_ingest::replay::{Recording, Speed, play};
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};

use crate::brokers::{Mosquitto, either, embedded, free_port, loopback};

pub fn config(url: &BrokerUrl, name: &str) -> MqttConfig {
    MqttConfig { keep_alive_s: 5, ..MqttConfig::new(url.clone(), name) }
}

pub async fn until(link: &mut watch::Receiver<Link>, fits: impl Fn(&Link) -> bool) {
    let arrived = timeout(Duration::from_secs(20), link.wait_for(|link| fits(link))).await.is_ok();
    assert!(arrived, "the link stays {:?}", link.borrow());
}

pub fn start(config: MqttConfig, capacity: usize) -> Result<(Session, mpsc::Receiver<Delivery>), MqttError> {
    let (deliveries, receiver) = mpsc::channel(capacity);
    Ok((Session::start(config, vec!["t/#".to_owned()], deliveries)?, receiver))
}

pub async fn subscribed(url: &BrokerUrl, name: &str) -> (Session, mpsc::Receiver<Delivery>) {
    let (session, receiver) = start(config(url, name), 100).unwrap();
    until(&mut session.link(), |link| *link == Link::Subscribed).await;
    (session, receiver)
}

pub async fn publish(publisher: &Publisher, numbers: std::ops::Range<u32>) {
    for number in numbers {
        publisher.publish("t/n", number.to_string().into()).await.unwrap();
    }
}

/// Counts each number that arrives and confirms it, until every one of `wanted` was seen.
pub async fn take(receiver: &mut mpsc::Receiver<Delivery>, wanted: u32, seen: &mut BTreeMap<u32, u32>) {
    while seen.len() < wanted as usize {
        let delivery = timeout(Duration::from_secs(30), receiver.recv()).await.expect("messages keep coming").unwrap();
        let number = std::str::from_utf8(&delivery.payload).unwrap().parse().unwrap();
        *seen.entry(number).or_default() += 1;
        delivery.ack.confirm();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_when_mosquitto_is_killed() {
    // Saved once a second: what Mosquitto accepts and has not saved is lost by a kill, whoever listens.
    let mut broker = Mosquitto::start("autosave_interval 1");
    let url = BrokerUrl::loopback(broker.port);
    let (session, mut receiver) = subscribed(&url, "receiver").await;
    let publisher = Publisher::start(config(&url, "sender")).unwrap();
    publish(&publisher, 0..1_000).await;
    publisher.flush().await.unwrap();
    let mut seen = BTreeMap::new();
    take(&mut receiver, 300, &mut seen).await;
    sleep(Duration::from_millis(2_500)).await;

    let mut link = session.link();
    broker.kill();
    until(&mut link, |link| matches!(link, Link::Lost { cause, .. } if !cause.is_empty())).await;
    let sending = {
        let publisher = publisher.clone();
        tokio::spawn(async move {
            publish(&publisher, 1_000..3_000).await;
            publisher.flush().await
        })
    };
    broker.restart();
    until(&mut link, |link| *link == Link::Subscribed).await;
    take(&mut receiver, 3_000, &mut seen).await;
    timeout(Duration::from_secs(20), sending).await.unwrap().unwrap().unwrap();
    assert_eq!(publisher.acknowledged(), 3_000);
    session.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_confirmed_comes_again() {
    for broker in either() {
        let name = broker.name;
        let (session, mut receiver) = subscribed(&broker.session, "receiver").await;
        let publisher = Publisher::start(config(&broker.publisher, "sender")).unwrap();
        publish(&publisher, 0..10).await;
        publisher.flush().await.unwrap();
        let mut held = Vec::new();
        for _ in 0..10 {
            held.push(timeout(Duration::from_secs(10), receiver.recv()).await.unwrap().unwrap());
        }
        // Confirmed out of order: 0 to 3 and 5 to 9. 4 was never safe, so the broker must not forget 5 to 9 either.
        for (at, delivery) in held.into_iter().enumerate().rev() {
            if at == 4 {
                std::mem::forget(delivery);
            } else {
                delivery.ack.confirm();
            }
        }
        session.stop().await;
        publish(&publisher, 10..20).await;
        publisher.flush().await.unwrap();

        let (session, mut receiver) = subscribed(&broker.session, "receiver").await;
        let mut seen = BTreeMap::new();
        take(&mut receiver, 16, &mut seen).await;
        assert_eq!(seen.keys().copied().collect::<Vec<_>>(), (4..20).collect::<Vec<_>>(), "{name}");
        session.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_given_back_is_delivered_again_without_a_restart() {
    for broker in either() {
        let name = broker.name;
        let (session, mut receiver) = subscribed(&broker.session, "receiver").await;
        let publisher = Publisher::start(config(&broker.publisher, "sender")).unwrap();
        publish(&publisher, 0..3).await;
        drop(timeout(Duration::from_secs(10), receiver.recv()).await.unwrap().unwrap());
        let mut seen = BTreeMap::new();
        take(&mut receiver, 3, &mut seen).await;
        assert!(seen.contains_key(&0), "{name}: {seen:?}");
        session.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_stalls_the_broker_and_not_the_connection() {
    for broker in either() {
        let name = broker.name;
        let (session, mut receiver) = subscribed(&broker.session, "receiver").await;
        let publisher = Publisher::start(config(&broker.publisher, "sender")).unwrap();
        publish(&publisher, 0..2_000).await;
        publisher.flush().await.unwrap();
        // Longer than one and a half keep-alives of 5 s.
        sleep(Duration::from_secs(9)).await;
        assert_eq!(*session.link().borrow(), Link::Subscribed, "{name}");
        let mut seen = BTreeMap::new();
        take(&mut receiver, 2_000, &mut seen).await;
        assert!(seen.values().all(|times| *times == 1), "{name}: the connection never broke");
        session.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_message_is_refused_and_the_stream_goes_on() {
    for broker in either() {
        let name = broker.name;
        let (session, mut receiver) = subscribed(&broker.session, "receiver").await;
        let publisher = Publisher::start(config(&broker.publisher, "sender")).unwrap();
        publisher.publish("t/large", vec![b'x'; 10 * 1024 * 1024].into()).await.unwrap();
        publish(&publisher, 0..1).await;
        let sources = Sources::default();
        for expected in [10 * 1024 * 1024, 1] {
            let delivery = timeout(Duration::from_secs(20), receiver.recv()).await.unwrap().unwrap();
            assert_eq!(delivery.payload.len(), expected, "{name}");
            let topic = "misto/v1/raw/bus/7";
            let decoded = sources.decode(&misto_ingest::decode::Message {
                topic,
                payload: &delivery.payload,
                retained: delivery.retained,
                received_at: delivery.received_at,
            });
            assert_eq!(decoded.rejections.len(), 1);
            delivery.ack.confirm();
        }
        session.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_is_away_is_waited_for() {
    let mut broker = Mosquitto::start("");
    broker.kill();
    let url = BrokerUrl::loopback(broker.port);
    let (session, _receiver) = start(config(&url, "receiver"), 10).unwrap();
    let mut link = session.link();
    until(&mut link, |link| matches!(link, Link::Lost { .. })).await;
    broker.restart();
    until(&mut link, |link| *link == Link::Subscribed).await;
    session.stop().await;

    // Only the broker's start gives the login, so nobody but a publisher can be there before.
    let port = free_port();
    let publisher = Publisher::start(config(&BrokerUrl::loopback(port), "sender")).unwrap();
    let mut link = publisher.link();
    publish(&publisher, 0..10).await;
    until(&mut link, |link| matches!(link, Link::Lost { .. })).await;
    start_broker(&BrokerSettings::new(loopback(port))).unwrap().open();
    timeout(Duration::from_secs(20), publisher.flush()).await.unwrap().unwrap();
    assert_eq!(publisher.acknowledged(), 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_is_played_through_a_broker() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hfp.dump");
    let lines: Vec<String> = (0..50)
        .map(|n| format!("2024-02-13T16:33:{:02}.{:03}Z t/Matinkylä (M)/{n} {{\"VP\":{n}}}", n / 25, (n % 25) * 40))
        .chain(["not a line".to_owned()])
        .collect();
    std::fs::write(&path, lines.join("\n")).unwrap();
    let (url, port) = embedded();
    let (session, mut receiver) = subscribed(&url, "receiver").await;
    let publisher = Publisher::start(config(&BrokerUrl::loopback(port), "sender")).unwrap();
    let recording = Recording::open(&path, None, "2026-07-05T12:00:00Z".parse().unwrap()).unwrap();
    let begun = std::time::Instant::now();
    let mut told = 0;
    let summary = play(recording, &publisher, Speed::Factor(2.0), |_| told += 1).await.unwrap();
    assert_eq!((summary.sent, summary.unreadable, told), (50, 1, 51));
    let took = begun.elapsed();
    assert!(took >= Duration::from_millis(950), "two recorded seconds at double speed took {took:?}");
    for n in 0..50 {
        let delivery = timeout(Duration::from_secs(10), receiver.recv()).await.unwrap().unwrap();
        assert_eq!(delivery.topic, format!("t/Matinkylä (M)/{n}"));
        delivery.ack.confirm();
    }
    session.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_over_tls_is_checked() {
    let folder = tempfile::tempdir().unwrap();
    let openssl = |arguments: &str| {
        let made = std::process::Command::new("openssl").args(arguments.split(' ')).current_dir(&folder).output();
        let made = made.expect("openssl is needed for this test: apt-get install openssl");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    };
    openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=Test-CA -keyout ca.key -out ca.pem");
    openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=Other-CA -keyout other.key -out other.pem");
    openssl("req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout broker.key -out broker.csr");
    std::fs::write(folder.path().join("names"), "subjectAltName=DNS:localhost").unwrap();
    openssl("x509 -req -in broker.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out broker.pem");
    let port = free_port();
    let path = folder.path().display();
    let _broker = Mosquitto::start(&format!(
        "listener {port} 127.0.0.1\ncafile {path}/ca.pem\ncertfile {path}/broker.pem\nkeyfile {path}/broker.key"
    ));
    let url: BrokerUrl = format!("mqtts://localhost:{port}").parse().unwrap();
    let trusting =
        |ca: &str| MqttConfig { ca_file: Some(folder.path().join(ca)), ..MqttConfig::new(url.clone(), "tls") };

    let (session, _receiver) = start(trusting("ca.pem"), 10).unwrap();
    until(&mut session.link(), |link| *link == Link::Subscribed).await;
    session.stop().await;
    let (session, _receiver) = start(trusting("other.pem"), 10).unwrap();
    let mut link = session.link();
    until(&mut link, |link| matches!(link, Link::Lost { cause, .. } if cause.contains("certificate"))).await;
    session.stop().await;
    assert!(start(trusting("absent.pem"), 10).is_err());
}
