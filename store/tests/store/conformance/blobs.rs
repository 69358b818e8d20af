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
