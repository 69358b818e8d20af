use misto_model::{Error, Version};
use misto_store::Store;
use serde_json::json;

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
