//! Which elements of an extract to take.

/// A text that is no filter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no tag filter: write a key such as amenity, or key=value such as building=yes")]
pub struct InvalidTagFilter(pub String);

/// Elements with a key, or with a key of one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagFilter {
    key: String,
    value: Option<String>,
}

impl TagFilter {
    /// Whether one of the tags is meant.
    pub fn fits<'a>(&self, tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> bool {
        tags.into_iter()
            .any(|(key, value)| key == self.key && self.value.as_deref().is_none_or(|wanted| wanted == value))
    }
}

impl std::str::FromStr for TagFilter {
    type Err = InvalidTagFilter;
    /// `amenity`, `amenity=*`, `building=yes`.
    fn from_str(text: &str) -> Result<Self, InvalidTagFilter> {
        let (key, value) = match text.split_once('=') {
            Some((key, "*")) => (key, None),
            Some((key, value)) => (key, Some(value.trim())),
            None => (text, None),
        };
        let key = key.trim();
        if key.is_empty() || value.is_some_and(str::is_empty) {
            return Err(InvalidTagFilter(text.chars().take(80).collect()));
        }
        Ok(Self { key: key.to_owned(), value: value.map(str::to_owned) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_means_a_key_or_one_value_of_it() {
        let building: TagFilter = "building=yes".parse().unwrap();
        assert!(building.fits([("name", "x"), ("building", "yes")]));
        assert!(!building.fits([("building", "garage")]));
        let any: TagFilter = "building=*".parse().unwrap();
        assert!(any.fits([("building", "garage")]));
        for bad in ["", "=yes", "building="] {
            assert!(bad.parse::<TagFilter>().is_err(), "{bad}");
        }
    }
}
