//! Random secrets that are shown once and stored as their hash.

use rand::TryRngCore;
use rand::rngs::OsRng;

/// A secret in the open; it never appears in a log.
pub struct Secret(String);

impl Secret {
    /// 256 bits from the operating system, as 64 hexadecimal digits.
    pub fn random() -> Self {
        Self(blake3::Hash::from(random_bytes()).to_hex().to_string())
    }

    /// The secret itself, to show it once.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored.
    pub fn hash(&self) -> String {
        Self::hash_of(&self.0)
    }

    /// What is stored of a secret that somebody brings.
    pub fn hash_of(secret: &str) -> String {
        blake3::derive_key("misto 2026 stored secrets", secret.as_bytes())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

/// 32 random bytes from the operating system.
pub fn random_bytes() -> [u8; 32] {
    let mut bytes = [0; 32];
    OsRng.try_fill_bytes(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
