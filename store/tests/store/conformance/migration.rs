use misto_model::{Event, Version};
use misto_store::{Chain, EventQuery, Field, KeyedEntry, Store};
use serde_json::json;

use super::at;

/// Rows that both versions 1 hold alike, for the tables of the log and the documents.
pub const OLD_REGISTRY: &str =
    r#"INSERT INTO document(kind, key, version, body) VALUES ('account', 'оля', 3, '{"role": "planner"}')"#;

/// A store of version 1 was opened: what it held stands, and what is new works beside it.
pub async fn what_version_1_held_stands(store: Store) {
    let fixes = store.series.latest_positions().await.unwrap();
    assert_eq!(fixes.len(), 1);
    assert_eq!((fixes[0].vehicle.to_string().as_str(), fixes[0].route.as_deref()), ("hfp:0018/00423", Some("2550")));
    assert_eq!(store.series.append_positions(&fixes).await.unwrap().added, 1, "the invented hash is another");
    assert_eq!(store.series.count_positions().await.unwrap(), 2);

    let event = Event {
        kind: "vehicle_silent".parse().unwrap(),
        subject: "hfp:0018/00423".parse().unwrap(),
        time: at("2026-01-15T06:00:00Z"),
        recorded_at: at("2026-01-15T06:00:01Z"),
        position: None,
        body: serde_json::Map::new(),
    };
    assert_eq!(store.series.append_events(std::slice::from_ref(&event)).await.unwrap().added, 1);
    let page = store.series.events(&EventQuery { limit: 5, ..EventQuery::default() }).await.unwrap();
    assert_eq!(page.rows, [event]);

    let log = &store.log;
    let old = log.newest("audit", None, 10).await.unwrap();
    assert_eq!(
        old.iter().map(|entry| (entry.body.clone(), entry.hash)).collect::<Vec<_>>(),
        [(json!(2), None), (json!(1), None)]
    );
    let chain = |in_order, unchained| Chain { in_order, unchained, broken: None };
    assert_eq!(log.verify("audit").await.unwrap(), chain(0, 2));
    log.append("audit", &[json!(3), json!(4)], at("2026-01-15T06:00:00Z"), None).await.unwrap();
    assert_eq!(log.verify("audit").await.unwrap(), chain(2, 2));
    log.append("audit", &[json!(5)], at("2026-01-15T06:00:00Z"), Some(4)).await.unwrap();
    assert_eq!(log.verify("audit").await.unwrap(), chain(3, 1));
    log.append("audit", &[json!(6)], at("2026-01-15T06:00:00Z"), Some(2)).await.unwrap();
    assert_eq!(log.verify("audit").await.unwrap(), chain(2, 0));

    let again = KeyedEntry { key: "раз".to_owned(), body: json!(7), told: 1 };
    let both = [again.clone(), again];
    assert_eq!(log.append_once("audit", &both, at("2026-01-15T06:00:00Z"), None).await.unwrap(), 1);
    let told: Vec<_> =
        log.newest("audit", None, 2).await.unwrap().into_iter().map(|entry| (entry.key, entry.told)).collect();
    assert_eq!(told, [(Some("раз".to_owned()), 2), (None, 1)]);

    let stands = store.documents.get("account", "оля").await.unwrap().unwrap();
    assert_eq!((stands.version, stands.body), (Version(3), json!({"role": "planner"})));
    let role = Field { name: "role".to_owned(), pointer: "/role".to_owned(), unique: false };
    store.documents.declare("account", &[role]).await.unwrap();
    assert_eq!(store.documents.find("account", "role", &json!("planner")).await.unwrap()[0].key, "оля");
}
