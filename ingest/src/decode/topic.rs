//! MQTT topic filters (MQTT 3.1.1, 4.7).

use serde::{Deserialize, Serialize};

/// A topic filter that follows MQTT 3.1.1, 4.7.1: `+` stands for one level, `#`
/// for all that follow.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TopicFilter(String);

/// Text that is no topic filter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no MQTT topic filter: + and # stand alone between slashes, # comes last, at most 65535 bytes")]
pub struct InvalidTopicFilter(String);

impl TopicFilter {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a message on this topic is meant. `#` and `+` in the first level
    /// do not reach `$` topics (4.7.2).
    pub fn matches(&self, topic: &str) -> bool {
        if topic.starts_with('$') && !self.0.starts_with('$') {
            return false;
        }
        let mut levels = topic.split('/');
        for wanted in self.0.split('/') {
            if wanted == "#" {
                return true;
            }
            match levels.next() {
                Some(level) if wanted == "+" || wanted == level => {}
                _ => return false,
            }
        }
        levels.next().is_none()
    }

    /// Whether every topic that `other` means is meant by this one too, so that
    /// subscribing to both would deliver twice.
    pub fn covers(&self, other: &Self) -> bool {
        // A wildcard in the first level does not reach `$` topics (4.7.2).
        if other.0.starts_with('$') && !self.0.starts_with('$') {
            return false;
        }
        let mut theirs = other.0.split('/');
        for ours in self.0.split('/') {
            if ours == "#" {
                return true;
            }
            match theirs.next() {
                Some("#") | None => return false,
                Some(level) if ours == "+" || ours == level => {}
                Some(_) => return false,
            }
        }
        theirs.next().is_none()
    }
}

impl TryFrom<String> for TopicFilter {
    type Error = InvalidTopicFilter;
    fn try_from(text: String) -> Result<Self, InvalidTopicFilter> {
        let levels: Vec<&str> = text.split('/').collect();
        let last = levels.len() - 1;
        let fits = !text.is_empty()
            && text.len() <= 65_535
            && !text.contains('\0')
            && levels
                .iter()
                .enumerate()
                .all(|(at, level)| *level == "+" || (*level == "#" && at == last) || !level.contains(['+', '#']));
        if fits { Ok(Self(text)) } else { Err(InvalidTopicFilter(text.chars().take(80).collect())) }
    }
}

impl std::str::FromStr for TopicFilter {
    type Err = InvalidTopicFilter;
    fn from_str(text: &str) -> Result<Self, InvalidTopicFilter> {
        text.to_owned().try_into()
    }
}

impl From<TopicFilter> for String {
    fn from(filter: TopicFilter) -> String {
        filter.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(text: &str) -> TopicFilter {
        text.parse().unwrap()
    }

    #[test]
    fn wildcards_stand_for_levels() {
        for (pattern, topic, expected) in [
            ("/hfp/v2/#", "/hfp/v2/journey/ongoing/vp", true),
            ("/hfp/v2/#", "/hfp/v2", true),
            ("/hfp/v2/#", "hfp/v2/x", false),
            ("v3/+/devices/+/up", "v3/app@t/devices/d/up", true),
            ("v3/+/devices/+/up", "v3/app@t/devices/d/up/x", false),
            ("misto/v1/raw/+/+", "misto/v1/raw/a/", true),
            ("#", "$SYS/uptime", false),
        ] {
            assert_eq!(filter(pattern).matches(topic), expected, "{pattern} {topic}");
        }
        for bad in ["", "a/#/b", "a+/b", "v1.1/Datastreams(+)/Observations", "a\0"] {
            assert!(bad.parse::<TopicFilter>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_wider_filter_covers_a_narrower_one() {
        assert!(filter("misto/v1/raw/+/+").covers(&filter("misto/v1/raw/if-operator/+")));
        assert!(filter("a/#").covers(&filter("a/+/b")));
        assert!(!filter("a/+").covers(&filter("a/#")));
        assert!(!filter("#").covers(&filter("$SYS/#")) && filter("$SYS/#").covers(&filter("$SYS/+")));
        assert!(!filter("misto/v1/raw/if-operator/+").covers(&filter("misto/v1/raw/+/+")));
    }
}
