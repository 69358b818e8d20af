use super::{City, other_program, url};
use crate::conformance::log;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_edited_by_another_program_is_noticed() {
    let city = City::open().await;
    let other = other_program(&city.folder.path().join("misto.sqlite"));
    log::tampering_is_noticed(city.store.clone(), |sql| other.execute_batch(sql).unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_append_to_one_chain() {
    let city = City::open().await;
    let second = misto_store::open(&url(city.folder.path())).await.unwrap();
    log::append_at_once(&[city.store, second]).await;
}
