//! What the public sees: the publication policy per kind of vehicle and the
//! public ids. Policy per collection and attribute stands in the collection's
//! schema ([`misto_model::Audience`]).

use misto_model::{VehicleKey, VehicleKind};

/// How the public sees vehicles of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VehiclePublication {
    /// At once.
    Live,
    /// So many seconds late.
    Delayed {
        /// Seconds between the fix and its publication.
        seconds: u32,
    },
    /// Not at all.
    StaffOnly,
}

/// Delay of utility vehicles: long enough that nobody can meet the truck, short
/// enough to see whether the own street was served. Helsinki's public plough
/// data uses the same five minutes.
pub const UTILITY_DELAY_S: u32 = 300;

/// The policy for a kind. A vehicle whose kind nobody knows is for staff only:
/// unknown is never public.
pub fn vehicle_publication(kind: Option<VehicleKind>) -> VehiclePublication {
    match kind {
        None => VehiclePublication::StaffOnly,
        Some(kind) if kind.is_transit() => VehiclePublication::Live,
        Some(_) => VehiclePublication::Delayed { seconds: UTILITY_DELAY_S },
    }
}

/// A public id for a vehicle that the register does not know: stable for one
/// installation, and nobody without `secret` can find the vehicle's own id from it.
pub fn pseudonym(secret: &[u8; 32], vehicle: &VehicleKey) -> String {
    let digest = blake3::keyed_hash(secret, vehicle.to_string().as_bytes());
    format!("v-{}", &digest.to_hex()[..12])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_table() {
        assert_eq!(vehicle_publication(Some(VehicleKind::Trolleybus)), VehiclePublication::Live);
        assert_eq!(vehicle_publication(Some(VehicleKind::Plough)), VehiclePublication::Delayed { seconds: 300 });
        assert_eq!(vehicle_publication(None), VehiclePublication::StaffOnly);
    }

    #[test]
    fn a_pseudonym_shows_nothing_of_the_vehicle_and_differs_between_installations() {
        let imei: VehicleKey = "if-operator:/000001234567890".parse().unwrap();
        let here = pseudonym(&[1; 32], &imei);
        assert!(!here.contains("1234567890"));
        assert_eq!(here, pseudonym(&[1; 32], &imei));
        assert_ne!(here, pseudonym(&[2; 32], &imei));
    }
}
