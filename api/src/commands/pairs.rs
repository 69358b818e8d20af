//! Places of a collection that may be one, said after an import.

use misto_city::duplicates::likely;
use misto_model::CollectionId;
use misto_store::Store;

use crate::duplicates::{WITHIN_M, place};
use crate::failure::Failure;

/// Pairs that are printed.
const PRINTED: usize = 20;

/// The pairs in words, and a line of counts behind them; nothing is merged.
///
/// # Errors
/// When the store cannot be read.
pub async fn may_be_one(store: &Store, id: &CollectionId) -> Result<Vec<String>, Failure> {
    let (mut places, mut names, mut after) = (Vec::new(), Vec::new(), None);
    loop {
        let page = store.features.page(id, after, 5_000).await?;
        for feature in &page.features {
            let compared = place(feature);
            names.push(format!("{} {:?}", feature.id, compared.names.first().map_or("", String::as_str)));
            places.push(compared);
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let pairs = likely(&places, WITHIN_M);
    let mut lines: Vec<String> = pairs
        .iter()
        .take(PRINTED)
        .map(|pair| {
            let far = pair.distance_m.map(|metres| format!(", {metres} m apart")).unwrap_or_default();
            format!("may be one place: {} and {}{far}", names[pair.first], names[pair.second])
        })
        .collect();
    if !pairs.is_empty() {
        lines.push(format!("{} pairs in {id} may be one place; nothing was merged", pairs.len()));
    }
    Ok(lines)
}
