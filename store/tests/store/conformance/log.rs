use misto_store::Store;
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
