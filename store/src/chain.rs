//! The hash chain over the entries of one kind.
//!
//! An entry's hash is BLAKE3 over the hash of the entry before and what it says
//! itself, so whoever changes, removes or inserts an entry would have to write all
//! hashes after it anew. Sequence numbers are not hashed: a log copied from its
//! first entry on has the same hashes elsewhere. Nor is how often an entry was told:
//! that changes afterwards. The form is part of the stores' format.

use crate::{Broken, Chain};

/// BLAKE3, 32 bytes.
pub(crate) type Hash = [u8; 32];

/// What stands before the first entry.
pub(crate) const BEGINNING: Hash = [0; 32];

/// The hash of an entry; `at` in RFC 3339, `body` the JSON text as it is stored.
pub(crate) fn link(previous: &Hash, kind: &str, at: &[u8], body: &[u8]) -> Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(previous);
    for part in [kind.as_bytes(), at, body] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// The hashes of new entries, each linked to the one before.
pub(crate) fn links<'b>(last: Hash, kind: &str, at: &str, bodies: impl Iterator<Item = &'b str>) -> Vec<Hash> {
    let follow = |last: &mut Hash, body: &str| {
        *last = link(last, kind, at.as_bytes(), body.as_bytes());
        Some(*last)
    };
    bodies.scan(last, follow).collect()
}

/// What the store keeps of a kind's chain beside its entries.
pub(crate) struct Ends {
    /// Entries up to this sequence are older than the chain and have no hash.
    pub(crate) since: i64,
    /// Hash of the entry before the oldest kept.
    pub(crate) before: Hash,
    /// Hash of the newest entry.
    pub(crate) last: Hash,
}

impl Default for Ends {
    fn default() -> Self {
        Self { since: 0, before: BEGINNING, last: BEGINNING }
    }
}

/// Follows a chain from the oldest entry to the newest.
pub(crate) struct Walk<'a> {
    kind: &'a str,
    ends: Ends,
    reached: Hash,
    chain: Chain,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(kind: &'a str, ends: Ends) -> Self {
        Self { kind, reached: ends.before, ends, chain: Chain::default() }
    }

    /// The next entry; `false` when it does not belong there and the rest need not be read.
    pub(crate) fn step(&mut self, sequence: i64, at: &[u8], body: &[u8], hash: Option<&[u8]>) -> bool {
        if sequence <= self.ends.since {
            self.chain.unchained += 1;
            return true;
        }
        self.reached = link(&self.reached, self.kind, at, body);
        if hash != Some(&self.reached) {
            let reason =
                "it does not follow from the entry before it: it was changed or inserted, or one before it was removed";
            self.chain.broken = Some(Broken { sequence: Some(sequence), reason });
            return false;
        }
        self.chain.in_order += 1;
        true
    }

    /// The verdict, when no entry is left.
    pub(crate) fn end(mut self) -> Chain {
        if self.chain.broken.is_none() && self.reached != self.ends.last {
            let reason = "the newest entry is not the one that was appended last: entries were removed from the end";
            self.chain.broken = Some(Broken { sequence: None, reason });
        }
        self.chain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_depends_on_all_that_an_entry_says_and_on_the_one_before() {
        let one = link(&BEGINNING, "audit", b"2026-01-01T00:00:00Z", b"{}");
        for other in [
            link(&one, "audit", b"2026-01-01T00:00:00Z", b"{}"),
            link(&BEGINNING, "audi", b"t2026-01-01T00:00:00Z", b"{}"),
            link(&BEGINNING, "audit", b"2026-01-01T00:00:01Z", b"{}"),
            link(&BEGINNING, "audit", b"2026-01-01T00:00:00Z", b"{ }"),
        ] {
            assert_ne!(one, other);
        }
        // The form is kept in every store: this hash may never change.
        assert_eq!(
            blake3::Hash::from(one).to_hex().as_str(),
            "03c7ee5529c092862e4f71709984663969b1f64da668d52e4ac90deeb12e56a4"
        );
    }
}
