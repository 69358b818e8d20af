use misto_model::Version;
use misto_store::Store;

pub async fn a_blob_is_replaced_as_a_whole(store: Store) {
    let blobs = &store.blobs;
    assert!(blobs.get("gtfs", "місто").await.unwrap().is_none());
    assert_eq!(blobs.version("gtfs", "місто").await.unwrap(), None);
    let long: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    assert_eq!(blobs.put("gtfs", "місто", &long).await.unwrap(), Version(1));
    assert_eq!(blobs.get("gtfs", "місто").await.unwrap().unwrap().bytes, long);
    assert_eq!(blobs.put("gtfs", "місто", &[]).await.unwrap(), Version(2));
    let stands = blobs.get("gtfs", "місто").await.unwrap().unwrap();
    assert_eq!((stands.version, stands.bytes.len()), (Version(2), 0));
    assert_eq!(blobs.version("gtfs", "місто").await.unwrap(), Some(Version(2)));
    assert_eq!(blobs.version("gtfs", "село").await.unwrap(), None);
}

pub async fn a_blob_that_is_removed_is_gone(store: Store) {
    let blobs = &store.blobs;
    assert!(!blobs.remove("photo", "a").await.unwrap());
    blobs.put("photo", "a", b"one").await.unwrap();
    blobs.put("photo", "b", b"two").await.unwrap();
    assert!(blobs.remove("photo", "a").await.unwrap());
    assert!(blobs.get("photo", "a").await.unwrap().is_none());
    assert_eq!(blobs.names().await.unwrap(), [("photo".to_owned(), "b".to_owned())]);
    assert_eq!(blobs.put("photo", "a", b"three").await.unwrap(), Version(1));
}
