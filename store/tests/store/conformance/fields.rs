use misto_model::{Error, Version};
use misto_store::{Field, Store};
use serde_json::{Value, json};

use super::documents::put;

fn field(name: &str, pointer: &str) -> Field {
    Field { name: name.to_owned(), pointer: pointer.to_owned(), unique: false }
}

fn unique(name: &str, pointer: &str) -> Field {
    Field { unique: true, ..field(name, pointer) }
}

async fn keys(store: &Store, name: &str, value: Value) -> Vec<String> {
    let found = store.documents.find("account", name, &value).await.unwrap();
    found.into_iter().map(|document| document.key).collect()
}

async fn create(store: &Store, key: &str, body: Value) -> Result<Version, Error> {
    store.documents.put("account", key, None, &body).await
}

pub async fn documents_are_found_by_a_declared_field(store: Store) {
    let documents = &store.documents;
    create(&store, "оля", json!({"роль": "диспетчер", "a/b": {"~": 1}})).await.unwrap();
    create(&store, "іван", json!({"роль": null, "a/b": {"~": 1.0}})).await.unwrap();
    let fields = [field("роль", "/роль"), field("n", "/a~1b/~0")];
    documents.declare("account", &fields).await.unwrap();
    create(&store, "аня", json!({"роль": "диспетчер", "a/b": true})).await.unwrap();
    create(&store, "марта", json!(["роль"])).await.unwrap();
    documents.put("carrier", "оля", None, &json!({"роль": "диспетчер"})).await.unwrap();
    documents.declare("account", &[fields[1].clone(), fields[0].clone()]).await.unwrap();
    assert_eq!(keys(&store, "роль", json!("диспетчер")).await, ["аня", "оля"]);
    assert_eq!(keys(&store, "n", json!(1)).await, ["оля"]);
    assert_eq!(keys(&store, "n", json!("1")).await, [""; 0]);
    // Unknown is not a value.
    assert_eq!(keys(&store, "роль", json!(null)).await, [""; 0]);

    let body = json!({"роль": "планувальник"});
    documents.put("account", "аня", Some(Version(1)), &body).await.unwrap();
    documents.take("account", "оля").await.unwrap().unwrap();
    assert_eq!(keys(&store, "роль", json!("диспетчер")).await, [""; 0]);
    let found = documents.find("account", "роль", &json!("планувальник")).await.unwrap();
    assert_eq!((found[0].version, &found[0].body), (Version(2), &body));

    documents.declare("account", &[field("r", "/роль")]).await.unwrap();
    assert_eq!(keys(&store, "r", json!("планувальник")).await, ["аня"]);
    let gone = documents.find("account", "роль", &json!("планувальник")).await;
    assert!(matches!(gone, Err(Error::Invalid { field, .. }) if field == "field"));
}

pub async fn a_unique_field_is_held_once(store: Store) {
    let documents = &store.documents;
    documents.declare("account", &[unique("email", "/email"), field("role", "/role")]).await.unwrap();
    create(&store, "оля", json!({"email": "olha@місто.укр", "role": "planner"})).await.unwrap();
    create(&store, "іван", json!({"role": "planner"})).await.unwrap();
    create(&store, "аня", json!({"email": null, "role": "planner"})).await.unwrap();
    for (key, expected) in [("марта", None), ("іван", Some(Version(1)))] {
        match documents.put("account", key, expected, &json!({"email": "olha@місто.укр"})).await {
            Err(Error::Conflict { what, current: None }) => {
                assert!(what.contains("email") && what.contains("\"оля\"") && what.contains(key), "{what}");
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(keys(&store, "role", json!("planner")).await, ["аня", "оля", "іван"]);
    // Its own value is no other's.
    documents.put("account", "оля", Some(Version(1)), &json!({"email": "olha@місто.укр"})).await.unwrap();
    documents.take("account", "оля").await.unwrap();
    create(&store, "марта", json!({"email": "olha@місто.укр"})).await.unwrap();
    for odd in [json!(["a"]), json!({}), json!("я".repeat(512))] {
        let refused = create(&store, "довга", json!({ "email": odd })).await;
        assert!(matches!(refused, Err(Error::Invalid { field, .. }) if field == "email"));
    }
    create(&store, "довга", json!({"email": "я".repeat(511)})).await.unwrap();
    assert_eq!(keys(&store, "email", json!("я".repeat(511))).await, ["довга"]);
}

pub async fn documents_may_exchange_unique_values_in_one_transaction(store: Store) {
    store.documents.declare("account", &[unique("desk", "/desk")]).await.unwrap();
    create(&store, "a", json!({"desk": 1})).await.unwrap();
    create(&store, "b", json!({"desk": 2})).await.unwrap();
    let exchange = [put("account", "a", Some(1), json!({"desk": 2})), put("account", "b", Some(1), json!({"desk": 1}))];
    store.documents.write(&exchange, &[]).await.unwrap();
    assert_eq!(
        (keys(&store, "desk", json!(1)).await, keys(&store, "desk", json!(2)).await),
        (vec!["b".to_owned()], vec!["a".to_owned()])
    );
    let both = [put("account", "c", None, json!({"desk": 3})), put("account", "d", None, json!({"desk": 3}))];
    assert!(matches!(store.documents.write(&both, &[]).await, Err(Error::Conflict { .. })));
    assert_eq!(store.documents.list("account").await.unwrap().len(), 2);
}

pub async fn a_field_that_cannot_be_declared_is_refused_and_nothing_changes(store: Store) {
    let documents = &store.documents;
    documents.declare("account", &[field("role", "/role")]).await.unwrap();
    for key in ["аня", "оля"] {
        create(&store, key, json!({"role": "planner", "email": "olha@місто.укр", "tags": [key]})).await.unwrap();
    }
    match documents.declare("account", &[unique("email", "/email")]).await {
        Err(Error::Invalid { field, reason }) => {
            assert_eq!(field, "email");
            assert!(reason.contains("\"аня\"") && reason.contains("\"оля\""), "{reason}");
        }
        other => panic!("{other:?}"),
    }
    for (odd, named) in [
        (field("tags", "/tags"), "tags"),
        (field("role", "role"), "role"),
        (field("role", "/ro~le"), "role"),
        (field("", "/role"), "name"),
        (field("email", ""), "email"),
    ] {
        let refused = documents.declare("account", &[odd]).await;
        assert!(matches!(refused, Err(Error::Invalid { ref field, .. }) if field == named), "{refused:?}");
    }
    let twice = documents.declare("account", &[field("role", "/role"), unique("role", "/email")]).await;
    assert!(matches!(twice, Err(Error::Invalid { field, .. }) if field == "role"));
    assert_eq!(keys(&store, "role", json!("planner")).await, ["аня", "оля"]);
    documents.declare("account", &[]).await.unwrap();
    assert!(matches!(documents.find("account", "role", &json!("planner")).await, Err(Error::Invalid { .. })));
}

pub async fn of_many_writers_one_gets_a_unique_value(store: Store) {
    compete(&[store.clone(), store]).await;
}

/// Many writers want the same value at once, through all of these stores.
pub async fn compete(stores: &[Store]) {
    stores[0].documents.declare("account", &[unique("email", "/email")]).await.unwrap();
    for round in 0..15 {
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                let (store, body) = (stores[writer % stores.len()].clone(), json!({"email": round}));
                tokio::spawn(async move { create(&store, &format!("{round}/{writer}"), body).await })
            })
            .collect();
        let mut written = 0;
        for writer in writers {
            match writer.await.unwrap() {
                Ok(_) => written += 1,
                Err(Error::Conflict { what, .. }) => assert!(what.contains("email"), "{what}"),
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!((written, keys(&stores[0], "email", json!(round)).await.len()), (1, 1));
    }
}

pub async fn what_is_written_while_a_field_is_declared_is_found(store: Store) {
    let writing = {
        let store = store.clone();
        tokio::spawn(async move {
            for n in 0..200 {
                create(&store, &n.to_string(), json!({"role": "planner"})).await.unwrap();
            }
        })
    };
    while store.documents.list("account").await.unwrap().len() < 20 {
        tokio::task::yield_now().await;
    }
    store.documents.declare("account", &[field("role", "/role")]).await.unwrap();
    writing.await.unwrap();
    assert_eq!(keys(&store, "role", json!("planner")).await.len(), 200);
}
