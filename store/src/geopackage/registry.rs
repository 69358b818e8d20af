//! `misto.sqlite`: documents and log. Readable by its owner only, since it holds
//! accounts and sessions. Several processes may use it at once; nothing is cached.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use misto_model::Result;

use super::file::{File, Layout};
use super::pool::Pool;

static LAYOUT: Layout = Layout {
    steps: &[include_str!("registry.sql"), include_str!("registry_2.sql"), include_str!("registry_3.sql")],
    private: true,
    claim: super::claim_own,
    // A document that goes takes its row of the index along.
    prepare: |connection| connection.pragma_update(None, "foreign_keys", true),
};

/// The opened file.
pub(super) struct Registry {
    pub(super) writer: Pool,
    pub(super) readers: Pool,
}

impl Registry {
    /// See [`File::look`].
    pub(super) fn look(path: &Path) -> Result<()> {
        File::look(path, &LAYOUT)
    }

    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = Arc::new(File::open(path, &LAYOUT)?);
        let patience = Duration::from_secs(5);
        Ok(Self { writer: Pool::new(Arc::clone(&file), 1, patience), readers: Pool::new(file, 2, patience) })
    }
}
