//! `[reports]`: what residents may tell, and how much of it.

use serde::Deserialize;

use super::ConfigError;

/// Bounds of residents' reports.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReportSettings {
    /// Days that a blocked ramp or a broken lift counts after somebody saw it last.
    pub temporary_days: u32,
    /// Largest photo that is taken in, bytes.
    pub max_photo_bytes: usize,
    /// Reports, confirmations and photos of one address in an hour, each.
    pub per_address_per_hour: u32,
    /// The same of all addresses together.
    pub per_hour: u32,
    /// Reports about one venue that may wait for a decision.
    pub max_open_per_venue: usize,
    /// Reports that may wait for a decision in all.
    pub max_open: usize,
}

impl Default for ReportSettings {
    fn default() -> Self {
        Self {
            temporary_days: 3,
            max_photo_bytes: 10 << 20,
            per_address_per_hour: 60,
            per_hour: 2_000,
            max_open_per_venue: 50,
            max_open: 5_000,
        }
    }
}

impl ReportSettings {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if (1..=365).contains(&self.temporary_days) {
            return Ok(());
        }
        let reason = format!("{} days: use 1 to 365", self.temporary_days);
        Err(ConfigError::Value { key: "reports.temporary_days", reason })
    }
}
