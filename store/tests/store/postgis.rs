//! What only the database promises: other programs edit the tables while Misto
//! follows, and the feed is in the order of commits.

use std::time::{Duration, Instant};

use misto_model::{Actor, Audience, Change, ChangeKind, Edit, Error, FeatureId, Version};
use misto_store::{FeedPage, Store};
use serde_json::json;

use crate::conformance::{fields, log, migration, named, planner, streets};
use crate::postgres::{Postgres, postgres, psql, try_psql};

async fn open() -> (Store, String) {
    let url = postgres().database();
    (misto_store::open(&url).await.unwrap(), url)
}

/// Follows the feed until `enough` says so; fails after 10 seconds.
async fn follow(store: &Store, after: i64, enough: impl Fn(&[Change], bool) -> bool) -> (Vec<Change>, i64) {
    let (start, mut upto, mut changes, mut schema) = (Instant::now(), after, Vec::new(), false);
    while !enough(&changes, schema) {
        assert!(start.elapsed() < Duration::from_secs(10), "only {changes:?}");
        let FeedPage { changes: more, redefined, upto: reached } = store.features.changes(upto, 10_000).await.unwrap();
        (upto, schema) = (reached, schema | !redefined.is_empty());
        changes.extend(more);
        let _nothing_yet = tokio::time::timeout(Duration::from_millis(200), store.features.wait_for_change(upto)).await;
    }
    (changes, upto)
}

fn kinds(changes: &[Change]) -> Vec<(i64, ChangeKind)> {
    changes.iter().map(|change| (change.id.0, change.kind)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn edits_from_psql_are_recorded_and_announced_like_our_own() {
    let (store, url) = open().await;
    store.features.define(&streets()).await.unwrap();
    let (_, start) = follow(&store, 0, |_, schema| schema).await;
    psql(
        &url,
        "INSERT INTO streets(name, lanes, geom) VALUES ('Мазепи', 2, ST_SetSRID(ST_MakePoint(24.7, 48.9), 4326)), ('Шевченка', NULL, NULL);
         UPDATE streets SET name = 'Гетьмана Мазепи' WHERE fid = 1; UPDATE streets SET fid = 7 WHERE fid = 2; DELETE FROM streets WHERE fid = 7",
    );
    let (changes, upto) = follow(&store, start, |changes, _| changes.len() >= 6).await;
    use ChangeKind::{Delete, Insert, Update};
    assert_eq!(kinds(&changes), [(1, Insert), (2, Insert), (1, Update), (2, Delete), (7, Insert), (7, Delete)]);
    let history = store.features.history(&streets().id, FeatureId(1)).await.unwrap();
    let newest = &history[0];
    assert_eq!((&newest.actor, &newest.reason, newest.feature.version), (&Actor::external(), &None, Version(2)));
    assert_eq!(newest.feature.properties["name"], json!("Гетьмана Мазепи"));
    assert_eq!(newest.feature.properties["lanes"], json!(2));
    assert!(newest.feature.geometry.is_some());
    // Our own edit of the version that psql left.
    let edit =
        Edit::Replace { id: FeatureId(1), expected: Version(2), geometry: None, properties: named("Мазепи") };
    let edited = store.features.apply(&streets().id, vec![edit], &planner("рішення № 7")).await.unwrap();
    assert_eq!(edited[0].version, Version(3));
    psql(&url, "TRUNCATE streets");
    let (changes, _) = follow(&store, upto, |changes, _| changes.len() >= 2).await;
    assert_eq!(kinds(&changes), [(1, Update), (1, Delete)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_slow_transaction_wrote_first_is_fed_when_it_commits() {
    let (store, url) = open().await;
    store.features.define(&streets()).await.unwrap();
    let (_, start) = follow(&store, 0, |_, schema| schema).await;
    let slow = {
        let url = url.clone();
        std::thread::spawn(move || {
            psql(&url, "BEGIN; INSERT INTO streets(fid, name) VALUES (100, 'повільна'); SELECT pg_sleep(1.5); COMMIT");
        })
    };
    tokio::time::sleep(Duration::from_millis(500)).await;
    // An open transaction of another program holds nobody up.
    let begun = Instant::now();
    let create = Edit::Create { geometry: None, properties: named("швидка") };
    let quick = store.features.apply(&streets().id, vec![create], &planner("")).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(1), "waited for the other transaction");
    let (changes, upto) = follow(&store, start, |changes, _| !changes.is_empty()).await;
    assert_eq!(kinds(&changes), [(quick[0].id.0, ChangeKind::Insert)]);
    slow.join().unwrap();
    let (changes, _) = follow(&store, upto, |changes, _| !changes.is_empty()).await;
    assert_eq!(kinds(&changes), [(100, ChangeKind::Insert)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_writers_lose_nothing_and_the_feed_is_whole() {
    let (store, url) = open().await;
    store.features.define(&streets()).await.unwrap();
    let (_, start) = follow(&store, 0, |_, schema| schema).await;
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let url = url.clone();
            std::thread::spawn(move || {
                let sql = format!(
                    "DO $$ BEGIN FOR n IN 1..50 LOOP INSERT INTO streets(name) VALUES ('{writer}/' || n); COMMIT; END LOOP; END $$"
                );
                psql(&url, &sql);
            })
        })
        .collect();
    // Whoever listens is thrown out in the middle.
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(30)).await;
        psql(
            &url,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_class%' AND application_name = 'misto'",
        );
    }
    let mut created = 0;
    for n in 0..50 {
        let create = Edit::Create { geometry: None, properties: named(&format!("наша {n}")) };
        // A connection that was thrown out may be met once.
        created += u32::from(store.features.apply(&streets().id, vec![create], &planner("")).await.is_ok());
    }
    for writer in writers {
        writer.join().unwrap();
    }
    let expected = 200 + created as usize;
    let (changes, _) = follow(&store, start, |changes, _| changes.len() >= expected).await;
    assert_eq!(changes.len(), expected);
    assert!(changes.windows(2).all(|two| two[0].sequence < two[1].sequence));
    let stands: usize = psql(&url, "SELECT count(*) FROM streets").parse().unwrap();
    assert_eq!(stands, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_that_comes_changes_or_goes_is_followed() {
    let (store, url) = open().await;
    psql(
        &url,
        "CREATE TABLE дерева (id serial PRIMARY KEY); CREATE TABLE trees (id serial PRIMARY KEY, species varchar(40), girth numeric, geometry geometry(PointZ, 4326));
         CREATE TABLE flat (id serial PRIMARY KEY, geom geometry(Point, 3857)); INSERT INTO trees(species, girth, geometry) VALUES ('липа', 1.25, ST_SetSRID(ST_MakePoint(24.7, 48.9, 240), 4326))",
    );
    let (changes, upto) = follow(&store, 0, |changes, schema| schema && !changes.is_empty()).await;
    assert_eq!(kinds(&changes), [(1, ChangeKind::Insert)]);
    let collections = store.features.collections().await.unwrap();
    assert_eq!(collections.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["trees"]);
    assert_eq!(collections[0].audience, Audience::Staff);
    let trees = &collections[0].id;
    let tree = store.features.get(trees, &[FeatureId(1)]).await.unwrap().remove(0);
    assert_eq!(serde_json::Value::from(tree.properties.clone()), json!({"species": "липа", "girth": 1.25}));
    // The height that another program stored stays when only the name is edited.
    let properties = json!({"species": "клен", "girth": null}).as_object().unwrap().clone();
    let edit = Edit::Replace { id: tree.id, expected: tree.version, geometry: tree.geometry, properties };
    store.features.apply(trees, vec![edit], &planner("")).await.unwrap();
    assert_eq!(psql(&url, "SELECT ST_Z(geometry) FROM trees"), "240");
    let too_long = json!({"species": "ж".repeat(41)}).as_object().unwrap().clone();
    let create = vec![Edit::Create { geometry: None, properties: too_long }];
    let refused = store.features.apply(trees, create, &planner("")).await;
    assert!(matches!(refused, Err(Error::Invalid { .. })));
    psql(&url, "ALTER TABLE trees ADD COLUMN crown text; UPDATE trees SET crown = 'куляста'");
    let (_, upto) = follow(&store, upto, |changes, schema| schema && changes.len() >= 2).await;
    let tree = store.features.get(trees, &[FeatureId(1)]).await.unwrap().remove(0);
    assert_eq!((&tree.properties["crown"], tree.version), (&json!("куляста"), Version(3)));
    psql(&url, "ALTER TABLE trees DROP COLUMN crown; DROP TABLE trees");
    let (changes, _) = follow(&store, upto, |changes, schema| schema && !changes.is_empty()).await;
    assert_eq!(changes.last().map(|change| change.kind), Some(ChangeKind::Delete));
    assert!(store.features.collections().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_of_another_user_holds_nobody_up_and_another_user_may_edit_ours() {
    let superuser = postgres().database();
    let service = superuser.replace("misto@", "service@");
    psql(
        &superuser,
        "CREATE ROLE service LOGIN; CREATE ROLE draughtsman LOGIN; GRANT CREATE ON SCHEMA public TO service;
         DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO service', current_database()); END $$;
         CREATE TABLE public.roads (id serial PRIMARY KEY, geom geometry(Point, 4326))",
    );
    let store = misto_store::open(&service).await.unwrap();
    assert!(store.features.collections().await.unwrap().is_empty());
    store.features.define(&streets()).await.unwrap();
    let (_, start) = follow(&store, 0, |_, schema| schema).await;
    psql(&service, "GRANT SELECT, INSERT, UPDATE, DELETE ON public.streets TO draughtsman");
    psql(&superuser.replace("misto@", "draughtsman@"), "INSERT INTO public.streets(name) VALUES ('Набережна')");
    let (changes, _) = follow(&store, start, |changes, _| !changes.is_empty()).await;
    assert_eq!(kinds(&changes), [(1, ChangeKind::Insert)]);
    let spying = try_psql(&superuser.replace("misto@", "draughtsman@"), "SELECT * FROM misto_private.document");
    assert!(spying.is_err_and(|said| said.contains("permission denied")), "documents are Misto's own");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_of_another_program_is_named_and_recovers_by_itself() {
    let (store, url) = open().await;
    store.features.define(&streets()).await.unwrap();
    let create = || vec![Edit::Create { geometry: None, properties: named("а") }];
    store.features.apply(&streets().id, create(), &planner("")).await.unwrap();
    let holder = {
        let url = url.clone();
        std::thread::spawn(move || psql(&url, "BEGIN; LOCK TABLE streets; SELECT pg_sleep(4); COMMIT"))
    };
    tokio::time::sleep(Duration::from_millis(500)).await;
    match store.features.apply(&streets().id, create(), &planner("")).await {
        Err(Error::Unavailable { reason, .. }) => assert!(reason.contains("lock"), "{reason}"),
        other => panic!("{other:?}"),
    }
    holder.join().unwrap();
    store.features.apply(&streets().id, create(), &planner("")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_that_start_at_once_make_one_schema_and_a_newer_one_is_refused() {
    let url = postgres().database();
    let looked = misto_store::look(&url).await.unwrap();
    assert!(looked.contains("will be made"), "{looked}");
    let starting: Vec<_> = (0..4)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move { misto_store::open(&url).await.map(|_| ()) })
        })
        .collect();
    for one in starting {
        one.await.unwrap().unwrap();
    }
    let looked = misto_store::look(&url).await.unwrap();
    assert!(looked.contains("tables stand"), "{looked}");
    psql(&url, "INSERT INTO misto_private.schema(version) VALUES (99)");
    match misto_store::open(&url).await {
        Err(Error::Unavailable { reason, .. }) => assert!(reason.contains("newer Misto"), "{reason}"),
        other => panic!("{:?}", other.err()),
    }
    let looked = misto_store::look(&url).await.unwrap_err();
    assert!(looked.to_string().contains("newer Misto"), "{looked}");
    let nowhere = misto_store::open("postgres://misto:geheim@127.0.0.1:1/city").await.err().unwrap();
    assert!(matches!(nowhere, Error::Unavailable { .. }), "{nowhere:?}");
    assert!(!format!("{nowhere:?}").contains("geheim"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_append_the_same_fixes_and_each_is_kept_once() {
    let (one, url) = open().await;
    let two = misto_store::open(&url).await.unwrap();
    let batch = crate::conformance::series::track("7", 2_000);
    let (first, second) = tokio::join!(one.series.append_positions(&batch), two.series.append_positions(&batch));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!((first.added + second.added, first.redelivered + second.redelivered), (2_000, 2_000));
    assert_eq!(one.series.count_positions().await.unwrap(), 2_000);
    // A day of fixes received on their day lies in a partition of its own.
    assert_eq!(psql(&url, "SELECT count(*) FROM misto_private.position_20240213"), "2000");
    assert_eq!(one.series.forget_received_before("2025-01-01T00:00:00Z".parse().unwrap()).await.unwrap(), 2_000);
    assert_eq!(psql(&url, "SELECT to_regclass('misto_private.position_20240213')"), "");
    assert_eq!(two.series.append_positions(&batch).await.unwrap().added, 2_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_edited_from_psql_is_noticed() {
    let (store, url) = open().await;
    let tell = |sql: &str| drop(psql(&url, &format!("SET search_path = misto_private; {sql}")));
    log::tampering_is_noticed(store, tell).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_append_to_one_chain() {
    let (one, url) = open().await;
    let two = misto_store::open(&url).await.unwrap();
    log::append_at_once(&[one, two]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_of_version_1_is_migrated_with_its_rows() {
    let url = postgres().database();
    let version_1 = "CREATE SCHEMA misto_private;
        CREATE TABLE misto_private.schema (version integer PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());
        INSERT INTO misto_private.schema(version) VALUES (1);";
    let rows = "INSERT INTO log(kind, at, precision, body) VALUES ('audit', '2026-01-01Z', 0, '1'), ('audit', '2026-01-01Z', 0, '2');
        INSERT INTO subject(series, source, owner, name, newest) VALUES ('position', 'hfp', '0018', '00423', '2024-02-13 16:32:59Z');
        INSERT INTO journey(hash, route) VALUES (77, '2550');
        INSERT INTO position(subject, fix_time, event, hash, precision, received_at, lon, lat, journey)
          VALUES (1, '2024-02-13 16:32:59Z', 'vp', 5, 2, '2024-02-13 16:33:00.5Z', 24.7, 48.9, 1)";
    let schema = include_str!("../../src/postgis/schema.sql");
    psql(&url, &format!("{version_1} {schema}; SET search_path = misto_private; {}; {rows}", migration::OLD_REGISTRY));
    migration::what_version_1_held_stands(misto_store::open(&url).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_processes_one_gets_a_unique_value() {
    let (one, url) = open().await;
    let two = misto_store::open(&url).await.unwrap();
    fields::compete(&[one, two]).await;
}

/// A server whose database `city` answers over TLS only, and the authority of its certificate.
fn behind_tls(folder: &std::path::Path) -> Postgres {
    let openssl = |arguments: &str| {
        let made = std::process::Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output();
        let made = made.expect("openssl is needed for this test: apt-get install openssl");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    };
    openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=Test-CA -keyout ca.key -out ca.pem");
    openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=Other-CA -keyout other.key -out other.pem");
    openssl("req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr");
    std::fs::write(folder.join("names"), "subjectAltName=IP:127.0.0.1").unwrap();
    openssl("x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem");
    // PostgreSQL runs as another user.
    for file in ["server.key", "server.pem"] {
        std::fs::set_permissions(folder.join(file), std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    }
    std::fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    Postgres::start_with(Some(folder))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_over_tls_is_checked_and_a_plain_one_is_not_tried_instead() {
    let folder = tempfile::TempDir::new().unwrap();
    let server = behind_tls(folder.path());
    let plain = server.url("city");
    let checked = |authority: &str| {
        format!("{plain}?sslmode=verify-full&sslrootcert={}", folder.path().join(authority).display())
    };
    let store = misto_store::open(&checked("ca.pem")).await.unwrap();
    store.features.define(&streets()).await.unwrap();
    // The line that hears of changes is protected too.
    let (_, start) = follow(&store, 0, |_, schema| schema).await;
    let created = Edit::Create { geometry: None, properties: named("Мазепи") };
    store.features.apply(&streets().id, vec![created], &planner("рішення № 7")).await.unwrap();
    follow(&store, start, |changes, _| !changes.is_empty()).await;
    let lines = psql(
        &server.url("postgres"),
        "SELECT count(*) FILTER (WHERE NOT ssl), count(*) FILTER (WHERE ssl) > 1
        FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE datname = 'city'",
    );
    assert_eq!(lines, "0|t");
    for refused in [checked("other.pem"), plain.clone()] {
        let refused = misto_store::open(&refused).await.err().unwrap();
        assert!(matches!(refused, Error::Unavailable { .. }), "{refused:?}");
    }
    let elsewhere = checked("ca.pem").replace("127.0.0.1", "localhost");
    assert!(misto_store::open(&elsewhere).await.is_err(), "the certificate is for another name");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_stands_still_is_said_to_and_taken_up_again() {
    let (store, url) = open().await;
    let pids = psql(
        &url,
        "SELECT string_agg(pid::text, ' ') FROM pg_stat_activity WHERE application_name = 'misto' AND datname = current_database()",
    );
    let signal = |name: &str| {
        let sent = std::process::Command::new("kill").arg(name).args(pids.split(' ')).status().unwrap();
        assert!(sent.success());
    };
    signal("-STOP");
    let begun = Instant::now();
    let asked = store.documents.get("account", "nobody").await;
    let waited = begun.elapsed();
    signal("-CONT");
    assert!(matches!(asked, Err(Error::Unavailable { .. })), "{asked:?} after {waited:?}");
    let mut answered = store.documents.get("account", "nobody").await;
    while answered.is_err() && begun.elapsed() < Duration::from_secs(60) {
        tokio::time::sleep(Duration::from_millis(200)).await;
        answered = store.documents.get("account", "nobody").await;
    }
    assert_eq!(answered.unwrap(), None);
}
