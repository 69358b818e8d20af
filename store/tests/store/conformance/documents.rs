use misto_model::{Error, Version};
use misto_store::{DocumentWrite, LogWrite, Store};
use serde_json::{Value, json};

use super::at;

pub fn put(kind: &str, key: &str, expected: Option<i64>, body: Value) -> DocumentWrite {
    DocumentWrite::Put { kind: kind.to_owned(), key: key.to_owned(), expected: expected.map(Version), body }
}

fn remove(kind: &str, key: &str, expected: i64) -> DocumentWrite {
    DocumentWrite::Remove { kind: kind.to_owned(), key: key.to_owned(), expected: Version(expected) }
}

fn told(kind: &str, entry: Value) -> LogWrite {
    LogWrite { kind: kind.to_owned(), entries: vec![entry], at: at("2026-07-04T01:04:42Z"), keep: None }
}

pub async fn a_document_has_versions(store: Store) {
    let documents = &store.documents;
    assert_eq!(documents.get("account", "оля").await.unwrap(), None);
    assert_eq!(documents.put("account", "оля", None, &json!({"role": "planner"})).await.unwrap(), Version(1));
    assert!(matches!(
        documents.put("account", "оля", None, &json!({})).await,
        Err(Error::Conflict { current: None, .. })
    ));
    let body = json!({"role": "admin", "since": "2026-07-04", "n": 0.1});
    assert_eq!(documents.put("account", "оля", Some(Version(1)), &body).await.unwrap(), Version(2));
    assert!(matches!(documents.put("account", "оля", Some(Version(1)), &body).await, Err(Error::Conflict { .. })));
    assert!(matches!(documents.put("account", "іван", Some(Version(1)), &body).await, Err(Error::Conflict { .. })));
    let stands = documents.get("account", "оля").await.unwrap().unwrap();
    assert_eq!((stands.version, stands.body), (Version(2), body));
    documents.put("account", "аня", None, &json!(null)).await.unwrap();
    documents.put("session", "x", None, &json!(1)).await.unwrap();
    let keys: Vec<_> = documents.list("account").await.unwrap().into_iter().map(|one| one.key).collect();
    assert_eq!(keys, ["аня", "оля"]);
}

pub async fn only_one_takes_a_document(store: Store) {
    for round in 0..20 {
        let key = format!("link-{round}");
        store.documents.put("link", &key, None, &json!({"role": "dispatcher"})).await.unwrap();
        let takers: Vec<_> = (0..8)
            .map(|_| {
                let (store, key) = (store.clone(), key.clone());
                tokio::spawn(async move { store.documents.take("link", &key).await.unwrap() })
            })
            .collect();
        let mut taken = 0;
        for taker in takers {
            taken += usize::from(taker.await.unwrap().is_some());
        }
        assert_eq!(taken, 1);
        assert_eq!(store.documents.get("link", &key).await.unwrap(), None);
    }
}

pub async fn documents_and_log_are_written_together_or_not_at_all(store: Store) {
    let (documents, log) = (&store.documents, &store.log);
    let first = [
        put("alert", "аварія", None, json!({"стан": "нова"})),
        put("alert", "аварія", Some(1), json!({"стан": "прийнята"})),
        put("setting", "ніч", None, json!(true)),
    ];
    let versions = documents.write(&first, &[told("audit", json!({"хто": "Оксана"})), told("alerts", json!(1))]).await;
    assert_eq!(versions.unwrap(), [Version(1), Version(2), Version(1)]);
    assert_eq!((log.count("audit").await.unwrap(), log.count("alerts").await.unwrap()), (1, 1));
    for late in
        [put("setting", "ніч", Some(2), json!(false)), remove("setting", "ніч", 2), remove("setting", "день", 1)]
    {
        let steps = [put("alert", "друга", None, json!({})), remove("alert", "аварія", 2), late];
        let refused = documents.write(&steps, &[told("audit", json!(2))]).await;
        assert!(matches!(refused, Err(Error::Conflict { .. })), "{refused:?}");
    }
    assert_eq!(documents.list("alert").await.unwrap().len(), 1);
    assert_eq!(log.count("audit").await.unwrap(), 1);
    let steps = [remove("alert", "аварія", 2), put("alert", "аварія", None, json!("знову"))];
    assert_eq!(documents.write(&steps, &[told("audit", json!(2))]).await.unwrap(), [Version(2), Version(1)]);
    assert_eq!(log.verify("audit").await.unwrap().in_order, 2);
    assert_eq!(documents.write(&[], &[told("audit", json!(3))]).await.unwrap(), []);
    assert_eq!(log.count("audit").await.unwrap(), 3);
}
