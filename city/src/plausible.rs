//! The least and the greatest number that an attribute can mean. The ranges are
//! Misto's own and wide: they catch a wrong unit, not a bad door.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Ranges of attributes that are known by name, each in its own unit.
static BY_NAME: LazyLock<BTreeMap<String, (f64, f64)>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../data/plausible.json")).expect("a test reads the file of ranges")
});

/// Units that stand at the end of a name and never go below zero, with the largest
/// number that can be meant.
const UNITS: [(&str, f64); 6] =
    [("_cm", 100_000.0), ("_mm", 100_000.0), ("_m", 1e6), ("_m2", 1e9), ("_percent", 100.0), ("_steps", 1_000.0)];

/// The range of the attribute of this name, in its unit: by its whole name, or by the
/// unit at its end. `None` where neither tells.
pub fn plausible(name: &str) -> Option<(f64, f64)> {
    let by_unit = || UNITS.iter().find(|(unit, _)| name.ends_with(unit)).map(|(_, most)| (0.0, *most));
    BY_NAME.get(name).copied().or_else(by_unit)
}

#[cfg(test)]
mod tests {
    use super::plausible;

    #[test]
    fn a_name_is_known_whole_or_by_its_unit() {
        assert_eq!(plausible("door_width_cm"), Some((20.0, 1_000.0)));
        assert_eq!(plausible("pipe_depth_cm"), Some((0.0, 100_000.0)));
        assert_eq!(plausible("name"), None);
    }
}
