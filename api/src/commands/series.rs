//! `misto import --mapping`: rows of a table into the history of positions or readings.

use std::path::Path;

use jiff::Timestamp;
use misto_ingest::decode::{Decoded, Message, Sources};
use misto_model::Instant;
use misto_store::{Appended, Store};

use super::replay::{recording, source};
use crate::failure::Failure;

/// Rows stored in one transaction.
const BATCH: usize = 2_000;
/// Refused rows that are printed.
const PRINTED: u64 = 20;

/// Reads every row by the mapping, as a running server would read it from the
/// broker; prints how many are new and which could not be used.
///
/// # Errors
/// When the file or the mapping cannot be read, or the store cannot be written.
#[expect(clippy::print_stdout, reason = "the report is what the command gives")]
pub async fn import(file: &Path, mapping: &Path, store: &Store) -> Result<(), Failure> {
    let source = source(mapping)?;
    let sources = Sources::default();
    let received_at = Instant::from_timestamp(Timestamp::now());
    let mut batch = Decoded::default();
    let mut stored = Appended::default();
    let (mut rows, mut refused, mut flagged) = (0_u64, 0_u64, 0_u64);
    for entry in recording(file, Some(&source))? {
        rows += 1;
        let decoded = match entry {
            Err(unreadable) => {
                refused += 1;
                if refused <= PRINTED {
                    println!("{unreadable}");
                }
                continue;
            }
            Ok(entry) => {
                sources.decode(&Message { topic: &entry.topic, payload: &entry.payload, retained: false, received_at })
            }
        };
        for rejection in &decoded.rejections {
            refused += 1;
            println!("row {rows}: {}: {}", rejection.reason.as_str(), rejection.detail);
        }
        flagged += decoded.readings.iter().filter(|reading| !reading.flags.is_empty()).count() as u64;
        batch.positions.extend(decoded.positions);
        batch.readings.extend(decoded.readings);
        if batch.positions.len() + batch.readings.len() >= BATCH {
            add(&mut stored, write(store, &mut batch).await?);
        }
    }
    add(&mut stored, write(store, &mut batch).await?);
    println!(
        "{}: {rows} rows read, {} stored, {} known already, {refused} refused, {flagged} flagged",
        file.display(),
        stored.added,
        stored.redelivered
    );
    Ok(())
}

async fn write(store: &Store, batch: &mut Decoded) -> Result<Appended, Failure> {
    let mut appended = store.series.append_shared_positions(&std::mem::take(&mut batch.positions)).await?;
    add(&mut appended, store.series.append_readings(&std::mem::take(&mut batch.readings)).await?);
    Ok(appended)
}

fn add(sum: &mut Appended, more: Appended) {
    sum.added += more.added;
    sum.redelivered += more.redelivered;
    sum.differing += more.differing;
}
