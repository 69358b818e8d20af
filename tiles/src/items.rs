//! Pages of features.

use std::sync::Arc;

use geo::Intersects;
use geo_types::{Coord, Rect};
use misto_model::{Audience, Bbox, Collection, Error, Feature, FeatureId, PropertyType, Result};
use serde_json::Value;

use crate::audience::{as_seen, visible};
use crate::contents::{Contents, Placed};
use crate::grid::GridBox;

/// Which features, and which page of them.
#[derive(Debug, Clone, Default)]
pub struct ItemsQuery {
    /// Only features whose geometry intersects the box (OGC API Features Part 1, 7.15.3).
    pub bbox: Option<Bbox>,
    /// Only features whose geometry intersects this outline, which lies inside `bbox`: a box
    /// of another coordinate system (Part 2).
    pub outline: Option<geo_types::Polygon>,
    /// Only features with these values: attribute name, value as text (7.15.5).
    pub equals: Vec<(String, String)>,
    /// Only features with a greater number: the page after this feature.
    pub after: Option<FeatureId>,
    /// At most so many.
    pub limit: usize,
}

/// One page, ordered by number.
#[derive(Debug, Clone)]
pub struct Items {
    /// The features, with the attributes that the audience may see.
    pub features: Vec<Arc<Feature>>,
    /// `after` of the next page; `None` when this is the last.
    pub next: Option<FeatureId>,
    /// How many match on all pages.
    pub matched: u64,
}

pub(crate) fn page(
    contents: &Contents,
    collection: &Collection,
    query: &ItemsQuery,
    audience: Audience,
) -> Result<Items> {
    let conditions = query
        .equals
        .iter()
        .map(|(name, text)| Condition::of(collection, name, text, audience))
        .collect::<Result<Vec<_>>>()?;
    let reaches = |feature: &Feature| {
        query.outline.as_ref().is_none_or(|outline| feature.geometry.as_ref().is_some_and(|g| g.intersects(outline)))
    };
    let holds = |placed: &&Arc<Placed>| {
        conditions.iter().all(|condition| condition.holds(&placed.feature)) && reaches(&placed.feature)
    };
    let is_after = |placed: &&Arc<Placed>| query.after.is_none_or(|after| placed.feature.id > after);
    let (matched, mut features): (usize, Vec<Arc<Feature>>) = match query.bbox {
        None if conditions.is_empty() => {
            let page = contents.following(query.after).take(query.limit.saturating_add(1));
            (contents.len(), page.map(|placed| Arc::clone(&placed.feature)).collect())
        }
        bbox => {
            let all: Vec<_> = match bbox {
                None => contents.following(None).filter(holds).cloned().collect(),
                Some(bbox) => intersecting(contents, &bbox).into_iter().filter(|placed| holds(&placed)).collect(),
            };
            let page = all.iter().filter(is_after).take(query.limit.saturating_add(1));
            (all.len(), page.map(|placed| Arc::clone(&placed.feature)).collect())
        }
    };
    let more = features.len() > query.limit;
    features.truncate(query.limit);
    let next = if more { features.last().map(|feature| feature.id) } else { None };
    let features = features.iter().map(|feature| as_seen(collection, feature, audience)).collect();
    Ok(Items { features, next, matched: matched as u64 })
}

/// What intersects the box, by number.
pub(crate) fn intersecting(contents: &Contents, bbox: &Bbox) -> Vec<Arc<Placed>> {
    let rect = Rect::new(Coord { x: bbox.west(), y: bbox.south() }, Coord { x: bbox.east(), y: bbox.north() });
    let entries = contents.within(GridBox::around(bbox)).into_iter().map(|entry| entry.placed);
    let touches =
        |placed: &Arc<Placed>| placed.feature.geometry.as_ref().is_some_and(|geometry| geometry.intersects(&rect));
    let mut found: Vec<_> = entries.filter(touches).collect();
    found.sort_unstable_by_key(|placed| placed.feature.id);
    found
}

/// `name` = a value of the attribute's type.
struct Condition<'a> {
    name: &'a str,
    value: Value,
}

impl<'a> Condition<'a> {
    fn of(collection: &Collection, name: &'a str, text: &str, audience: Audience) -> Result<Self> {
        let property = visible(collection, audience)
            .find(|property| property.name == name)
            .ok_or_else(|| Error::invalid(name, format!("{} has no such attribute", collection.id)))?;
        let wrong = |expected| move |_| Error::invalid(name, format!("{:.80} is not {expected}", format!("{text:?}")));
        let value = match property.kind {
            PropertyType::Integer => text.parse::<i64>().map_err(|e| wrong("a whole number")(e.to_string()))?.into(),
            PropertyType::Real => text.parse::<f64>().map_err(|e| wrong("a number")(e.to_string()))?.into(),
            PropertyType::Boolean => text.parse::<bool>().map_err(|e| wrong("true or false")(e.to_string()))?.into(),
            PropertyType::Text | PropertyType::Date | PropertyType::DateTime => text.into(),
        };
        Ok(Self { name, value })
    }

    fn holds(&self, feature: &Feature) -> bool {
        match (feature.properties.get(self.name), &self.value) {
            // 5 and 5.0 are the same number
            (Some(Value::Number(a)), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
            (Some(a), b) => a == b,
            (None, _) => false, // unknown equals nothing
        }
    }
}
