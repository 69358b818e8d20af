//! What runs besides answering requests. Each task is one loop that ends with
//! the server; none is forgotten: the server waits for all of them.

pub mod demo;
pub mod follow;
pub mod foreign;
pub mod ingest;
pub mod ledger;
pub mod live;
pub mod publish;
pub mod reports;
pub mod retention;
pub mod rules;
pub mod sessions;
pub mod shards;
pub mod timetable;
pub mod transit;
