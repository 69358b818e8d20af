//! What a process does: everything, or one of three parts of it.

use crate::config::Settings;
use crate::failure::Failure;

/// Part of the work that a process does (`--role`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ProcessRole {
    /// Everything, in one process.
    All,
    /// Brings in: decodes, commits, tells the others. May run many times.
    Ingest,
    /// Follows the rules of the fleet, each vehicle in one process only. A second one shares the work and takes over.
    Rules,
    /// Answers people and programs. May run many times.
    Web,
}

impl ProcessRole {
    /// Whether this process answers more than its own state.
    pub fn serves_map(self) -> bool {
        matches!(self, Self::All | Self::Web)
    }

    /// Several processes need what they can share.
    ///
    /// # Errors
    /// Which setting stands against it.
    pub fn fits(self, settings: &Settings) -> Result<(), Failure> {
        if self == Self::All {
            return Ok(());
        }
        if settings.store.url.starts_with("geopackage:") {
            return Err(Failure::new(
                "store.url: the embedded store serves one process (--role all); several share a database: postgres://user@host/city",
            ));
        }
        if settings.mqtt.url == "embedded" {
            return Err(Failure::new(
                "mqtt.url: the embedded broker serves one process (--role all); several talk over a broker: mqtt://host:1883",
            ));
        }
        Ok(())
    }
}
