use misto_store::{Chain, KeyedEntry, Store};
use serde_json::json;

use super::at;

pub async fn the_newest_entries_are_kept(store: Store) {
    let log = &store.log;
    let moment = at("2026-07-04T01:04:42.123456Z");
    for n in 0..7 {
        log.append("rejected", &[json!({"n": n, "причина": "без місця"}), json!({"n": n + 100})], moment, Some(5))
            .await
            .unwrap();
        log.append("audit", &[json!(n)], moment, None).await.unwrap();
    }
    assert_eq!(log.count("rejected").await.unwrap(), 5);
    assert_eq!(log.count("audit").await.unwrap(), 7);
    assert_eq!(log.count("nothing").await.unwrap(), 0);
    let newest = log.newest("rejected", None, 3).await.unwrap();
    assert_eq!(newest.iter().map(|e| e.body["n"].as_i64().unwrap()).collect::<Vec<_>>(), [106, 6, 105]);
    assert_eq!((newest[1].at, &newest[1].body["причина"]), (moment, &json!("без місця")));
    let older = log.newest("rejected", Some(newest[2].sequence), 10).await.unwrap();
    assert_eq!(older.iter().map(|e| e.body["n"].as_i64().unwrap()).collect::<Vec<_>>(), [5, 104]);
}

fn keyed(key: &str) -> KeyedEntry {
    KeyedEntry { key: key.to_owned(), body: json!({ "про": key }), told: 1 }
}

pub async fn what_is_told_again_is_counted_and_adds_nothing(store: Store) {
    let log = &store.log;
    let (first, later) = (at("2026-07-04T01:04:42Z"), at("2026-07-04T02:00:00Z"));
    let batch = [keyed("а"), keyed("б"), keyed("а")];
    assert_eq!(log.append_once("rejected", &batch, first, Some(9)).await.unwrap(), 2);
    // Redelivered with something new in between, and with another body under a key that stands.
    let other = KeyedEntry { body: json!("інше"), told: 5, ..keyed("б") };
    assert_eq!(log.append_once("rejected", &[keyed("а"), keyed("в"), other], later, Some(9)).await.unwrap(), 1);
    assert_eq!(log.append_once("rejected", &[keyed("в")], later, Some(9)).await.unwrap(), 0);
    assert_eq!(log.append_once("rejected", &[], later, Some(9)).await.unwrap(), 0);
    // Another kind knows nothing of these keys, and entries without a key are always new.
    assert_eq!(log.append_once("audit", &[keyed("а")], later, None).await.unwrap(), 1);
    log.append("rejected", &[json!(1), json!(1)], later, Some(9)).await.unwrap();
    let told = |key: &str, at, told| (Some(key.to_owned()), json!({ "про": key }), at, told);
    let entries = log.oldest("rejected", None, 9).await.unwrap();
    let found: Vec<_> = entries.into_iter().map(|entry| (entry.key, entry.body, entry.at, entry.told)).collect();
    let bare = (None, json!(1), later, 1);
    assert_eq!(found, [told("а", first, 3), told("б", first, 6), told("в", later, 2), bare.clone(), bare]);
    assert_eq!(log.verify("rejected").await.unwrap(), whole(5));
}

pub async fn an_entry_that_was_forgotten_is_new_again(store: Store) {
    let (log, moment) = (&store.log, at("2026-07-04T01:04:42Z"));
    for key in ["а", "б", "в"] {
        assert_eq!(log.append_once("rejected", &[keyed(key)], moment, Some(2)).await.unwrap(), 1);
    }
    // Being told again does not make an entry newer.
    assert_eq!(log.append_once("rejected", &[keyed("б")], moment, Some(2)).await.unwrap(), 0);
    assert_eq!(log.append_once("rejected", &[keyed("а")], moment, Some(2)).await.unwrap(), 1);
    let kept: Vec<_> =
        log.oldest("rejected", None, 9).await.unwrap().into_iter().filter_map(|entry| entry.key).collect();
    assert_eq!(kept, ["в", "а"]);
    assert_eq!(log.verify("rejected").await.unwrap(), whole(2));
}

fn whole(in_order: u64) -> Chain {
    Chain { in_order, ..Chain::default() }
}

pub async fn entries_are_a_chain_from_the_oldest_that_is_kept(store: Store) {
    let log = &store.log;
    let moment = at("2026-07-04T01:04:42Z");
    assert_eq!(log.verify("audit").await.unwrap(), whole(0));
    for n in 0..9 {
        log.append("rejected", &[json!({"n": n, "причина": "без місця"}), json!("\0")], moment, Some(5)).await.unwrap();
        log.append("audit", &[json!({"хто": "Оксана", "n": 0.1})], moment, None).await.unwrap();
    }
    log.append("rejected", &[], moment, Some(5)).await.unwrap();
    assert_eq!(log.verify("rejected").await.unwrap(), whole(5));
    assert_eq!(log.verify("audit").await.unwrap(), whole(9));
    // The same said again has a hash of its own.
    let hashes: Vec<_> = log.newest("audit", None, 9).await.unwrap().into_iter().map(|entry| entry.hash).collect();
    assert!(hashes.iter().all(|hash| hash.is_some() && hashes.iter().filter(|other| *other == hash).count() == 1));
    log.append("rejected", &[json!(1), json!(2)], moment, Some(0)).await.unwrap();
    assert_eq!(log.verify("rejected").await.unwrap(), whole(0));
    log.append("rejected", &[json!(3)], moment, None).await.unwrap();
    assert_eq!(log.verify("rejected").await.unwrap(), whole(1));
}

pub async fn a_kind_has_one_chain_whoever_appends(store: Store) {
    append_at_once(&[store.clone(), store]).await;
}

/// Several append to one kind at once through all of these stores.
pub async fn append_at_once(stores: &[Store]) {
    let moment = at("2026-07-04T01:04:42Z");
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let store = stores[writer % stores.len()].clone();
            tokio::spawn(async move {
                for n in 0..25 {
                    let entries = [json!({"хто": writer, "n": n}), json!({"хто": writer, "n": n, "далі": true})];
                    store.log.append("audit", &entries, moment, None).await.unwrap();
                    store.log.append("rejected", &entries, moment, Some(7)).await.unwrap();
                    let same = [keyed(&format!("{n}")), keyed(&format!("{writer}/{n}"))];
                    store.log.append_once("told", &same, moment, None).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(stores[0].log.verify("audit").await.unwrap(), whole(400));
    assert_eq!(stores[0].log.verify("rejected").await.unwrap(), whole(7));
    // 25 that all told, and 25 of each.
    assert_eq!(stores[0].log.verify("told").await.unwrap(), whole(225));
    let told = stores[0].log.oldest("told", None, 300).await.unwrap().into_iter().map(|entry| entry.told).sum::<u64>();
    assert_eq!(told, 400);
}

/// Six entries of a kind, then `sql` is told to the database; `{3}` is the sequence of
/// the third. The chain must break at the entry of that place, 0 for the end.
const TAMPERED: [(&str, usize); 9] = [
    ("UPDATE log SET body = '{\"n\":7}' WHERE sequence = {3}", 3),
    ("UPDATE log SET body = '{\"n\": 3}' WHERE sequence = {3}", 3),
    ("UPDATE log SET at = '2020-01-01T00:00:00Z' WHERE sequence = {3}", 3),
    ("UPDATE log SET hash = NULL WHERE sequence = {3}", 3),
    ("UPDATE log SET hash = (SELECT l.hash FROM log AS l WHERE l.sequence = {2}) WHERE sequence = {3}", 3),
    ("UPDATE log SET kind = 'elsewhere' WHERE sequence = {3}", 4),
    ("DELETE FROM log WHERE sequence = {3}", 4),
    ("DELETE FROM log WHERE sequence < {3}", 3),
    ("DELETE FROM log WHERE sequence > {3} AND kind = (SELECT l.kind FROM log AS l WHERE l.sequence = {3})", 0),
];

/// `tell` says SQL to the tables of the log behind the store's back.
pub async fn tampering_is_noticed(store: Store, tell: impl Fn(&str)) {
    let moment = at("2026-07-04T01:04:42Z");
    for (case, (sql, breaks)) in TAMPERED.into_iter().enumerate() {
        let kind = format!("журнал {case}");
        for n in 1..=6 {
            store.log.append(&kind, &[json!({ "n": n })], moment, None).await.unwrap();
        }
        assert_eq!(store.log.verify(&kind).await.unwrap(), whole(6));
        let mut sequences: Vec<i64> =
            store.log.newest(&kind, None, 6).await.unwrap().into_iter().map(|entry| entry.sequence).collect();
        sequences.reverse();
        tell(&(1..=6).fold(sql.to_owned(), |sql, n| sql.replace(&format!("{{{n}}}"), &sequences[n - 1].to_string())));
        let chain = store.log.verify(&kind).await.unwrap();
        let broken = chain.broken.unwrap_or_else(|| panic!("{sql}: not noticed"));
        assert_eq!(broken.sequence, breaks.checked_sub(1).map(|at| sequences[at]), "{sql}");
        tell(&format!("DELETE FROM log; DELETE FROM log_chain WHERE kind = '{kind}'"));
    }
    // An entry of elsewhere among those that stand.
    store.log.append("audit", &[json!(1)], moment, None).await.unwrap();
    store.log.append("elsewhere", &[json!(2)], moment, None).await.unwrap();
    store.log.append("audit", &[json!(3)], moment, None).await.unwrap();
    tell("UPDATE log SET kind = 'audit' WHERE kind = 'elsewhere'");
    let broken = store.log.verify("audit").await.unwrap();
    assert_eq!((broken.in_order, broken.broken.is_some()), (1, true));
}
