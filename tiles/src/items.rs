//! Pages of features.

use std::sync::Arc;

use geo::Intersects;
use geo_types::{Coord, Rect};
use misto_model::{Audience, Bbox, Collection, Error, FeatureId, PropertyType, Result};
use serde_json::Value;

use crate::attributes::Attribute;
use crate::audience::visible_columns;
use crate::contents::{Contents, Placed};
use crate::filter::{Compiled, Filter, Known, Period, compile, known};
use crate::grid::GridBox;
use crate::item::{Item, Shown};
use crate::locks::read;
use crate::sorting::{SortKey, Sorting};
use crate::view::Held;

/// Which features, in which order, and which page of them.
#[derive(Debug, Clone, Default)]
pub struct ItemsQuery {
    /// Only features whose geometry intersects the box (OGC API Features Part 1, 7.15.3).
    pub bbox: Option<Bbox>,
    /// Only features whose geometry intersects this outline, which lies inside `bbox`: a box
    /// of another coordinate system (Part 2).
    pub outline: Option<geo_types::Polygon>,
    /// Only features with these values: attribute name, value as text (7.15.5).
    pub equals: Vec<(String, String)>,
    /// Only features for which it is true (Part 3).
    pub filter: Option<Filter>,
    /// Only features of which a date or moment lies within it, and those that have none (7.15.4).
    pub datetime: Option<Period>,
    /// The order; what is alike in all, and everything when there are none, by number.
    pub sort: Vec<SortKey>,
    /// Only these attributes; `None` for all.
    pub properties: Option<Vec<String>>,
    /// Without geometry.
    pub skip_geometry: bool,
    /// Only what follows this feature: the next page.
    pub after: Option<FeatureId>,
    /// With `sort`: what that feature was sorted by, one value a key.
    pub after_values: Vec<Value>,
    /// At most so many.
    pub limit: usize,
}

/// One page.
#[derive(Debug, Clone)]
pub struct Items {
    /// The features, with the attributes that the audience may see.
    pub features: Vec<Item>,
    /// `after` of the next page; `None` when this is the last.
    pub next: Option<FeatureId>,
    /// `after_values` of the next page.
    pub next_values: Vec<Value>,
    /// How many match on all pages.
    pub matched: u64,
}

pub(crate) fn page(held: &Held, query: &ItemsQuery, audience: Audience) -> Result<Items> {
    let collection = &*held.collection;
    let shown = Shown::of(&held.collection, audience, query.properties.as_deref(), !query.skip_geometry)?;
    let sorting = Sorting::of(collection, &query.sort, audience)?;
    let question = Question::of(collection, query, audience)?;
    let (matched, mut found) = if question.is_open() && sorting.is_by_number() {
        let contents = read(&held.contents);
        let page = contents.following(query.after).take(query.limit.saturating_add(1));
        (contents.len(), page.cloned().collect())
    } else {
        let all = question.answers(held)?;
        (all.len(), part(all, &sorting, query)?)
    };
    let more = found.len() > query.limit;
    found.truncate(query.limit);
    let last = found.last().filter(|_| more);
    Ok(Items {
        next: last.map(|placed| placed.id),
        next_values: last.map_or_else(Vec::new, |placed| sorting.values(placed)),
        matched: matched as u64,
        features: found.iter().map(|placed| shown.item(placed)).collect(),
    })
}

/// The page and one more. What follows is told by values, not by counting, so that a
/// page neither repeats nor leaves out what others have not touched.
fn part(all: Vec<Arc<Placed>>, sorting: &Sorting, query: &ItemsQuery) -> Result<Vec<Arc<Placed>>> {
    let wanted = query.limit.saturating_add(1);
    if sorting.is_by_number() {
        let follows = |placed: &Arc<Placed>| query.after.is_none_or(|after| placed.id > after);
        return Ok(all.into_iter().filter(follows).take(wanted).collect());
    }
    let after = query.after.map(|id| sorting.rank_of(&query.after_values, id)).transpose()?;
    let ranked = all.iter().map(|placed| (sorting.rank(placed), placed));
    let mut ranked: Vec<_> =
        ranked.filter(|(rank, _)| after.as_ref().is_none_or(|after| sorting.order(rank, after).is_gt())).collect();
    if ranked.len() > wanted {
        ranked.select_nth_unstable_by(wanted, |(a, _), (b, _)| sorting.order(a, b));
        ranked.truncate(wanted);
    }
    ranked.sort_unstable_by(|(a, _), (b, _)| sorting.order(a, b));
    Ok(ranked.into_iter().map(|(_, placed)| Arc::clone(placed)).collect())
}

/// What is asked of every feature.
pub(crate) struct Question<'a> {
    bbox: Option<Bbox>,
    outline: Option<&'a geo_types::Polygon>,
    conditions: Vec<Condition>,
    filter: Option<Compiled>,
    datetime: Option<Period>,
    times: Vec<(usize, PropertyType)>,
}

impl<'a> Question<'a> {
    fn of(collection: &'a Collection, query: &'a ItemsQuery, audience: Audience) -> Result<Self> {
        let condition = |(name, text): &(String, String)| Condition::of(collection, name, text, audience);
        let conditions = query.equals.iter().map(condition).collect::<Result<Vec<_>>>()?;
        let is_time = |kind| matches!(kind, PropertyType::Date | PropertyType::DateTime);
        let times = visible_columns(collection, audience).filter(|(_, property)| is_time(property.kind));
        Ok(Self {
            conditions,
            outline: query.outline.as_ref(),
            datetime: query.datetime,
            times: times.map(|(column, property)| (column, property.kind)).collect(),
            ..Self::filtered(collection, query.bbox, query.filter.as_ref(), audience)?
        })
    }

    /// A question of box and filter alone.
    pub(crate) fn filtered(
        collection: &Collection,
        bbox: Option<Bbox>,
        filter: Option<&Filter>,
        audience: Audience,
    ) -> Result<Self> {
        let filter = filter.map(|filter| compile(filter, collection, audience)).transpose()?;
        Ok(Self { bbox, outline: None, conditions: Vec::new(), filter, datetime: None, times: Vec::new() })
    }

    /// Whether it holds for everything.
    fn is_open(&self) -> bool {
        self.bbox.is_none()
            && self.outline.is_none()
            && self.conditions.is_empty()
            && self.filter.is_none()
            && self.datetime.is_none()
    }

    /// All it holds for, by number. The lock is held for the search alone.
    pub(crate) fn answers(&self, held: &Held) -> Result<Vec<Arc<Placed>>> {
        let bounds = self.bbox.or_else(|| self.filter.as_ref()?.bounds());
        let mut found: Vec<Arc<Placed>> = match bounds {
            None => read(&held.contents).following(None).cloned().collect(),
            Some(bounds) => {
                let entries = read(&held.contents).within(GridBox::around(&bounds));
                entries.into_iter().map(|entry| entry.placed).collect()
            }
        };
        self.affordable(found.len())?;
        found.retain(|placed| self.holds(placed));
        if bounds.is_some() {
            found.sort_unstable_by_key(|placed| placed.id);
        }
        Ok(found)
    }

    pub(crate) fn affordable(&self, features: usize) -> Result<()> {
        self.filter.as_ref().map_or(Ok(()), |filter| filter.affordable(features))
    }

    pub(crate) fn holds(&self, placed: &Placed) -> bool {
        self.conditions.iter().all(|condition| condition.holds(placed))
            && self.datetime.is_none_or(|period| self.is_within(period, placed))
            && self.bbox.is_none_or(|bbox| touches(placed, rect_of(&bbox)))
            && self.outline.is_none_or(|outline| meets(placed, outline))
            && self.filter.as_ref().is_none_or(|filter| filter.matches(placed))
    }

    fn is_within(&self, period: Period, placed: &Placed) -> bool {
        let time = |(column, kind): &(usize, PropertyType)| match known(placed.row.get(*column)?, *kind)? {
            Known::Time(instant) => Some(Period::at(instant)),
            _ => None,
        };
        let mut times = self.times.iter().filter_map(time).peekable();
        times.peek().is_none() || times.any(|time| time.intersects(period))
    }
}

fn rect_of(bbox: &Bbox) -> Rect<f64> {
    Rect::new(Coord { x: bbox.west(), y: bbox.south() }, Coord { x: bbox.east(), y: bbox.north() })
}

fn touches(placed: &Placed, rect: Rect<f64>) -> bool {
    placed.geometry.as_ref().is_some_and(|geometry| geometry.intersects(&rect))
}

fn meets(placed: &Placed, outline: &geo_types::Polygon) -> bool {
    placed.geometry.as_ref().is_some_and(|geometry| geometry.intersects(outline))
}

/// What intersects the box, by number.
pub(crate) fn intersecting(contents: &Contents, bbox: &Bbox) -> Vec<Arc<Placed>> {
    let rect = rect_of(bbox);
    let entries = contents.within(GridBox::around(bbox)).into_iter().map(|entry| entry.placed);
    let mut found: Vec<_> = entries.filter(|placed| touches(placed, rect)).collect();
    found.sort_unstable_by_key(|placed| placed.id);
    found
}

/// `name` = a value of the attribute's type.
struct Condition {
    column: usize,
    value: Value,
}

impl Condition {
    fn of(collection: &Collection, name: &str, text: &str, audience: Audience) -> Result<Self> {
        let (column, property) = visible_columns(collection, audience)
            .find(|(_, property)| property.name == name)
            .ok_or_else(|| Error::invalid(name, format!("{} has no such attribute", collection.id)))?;
        let wrong = |expected| move |_| Error::invalid(name, format!("{:.80} is not {expected}", format!("{text:?}")));
        let value = match property.kind {
            PropertyType::Integer => text.parse::<i64>().map_err(|e| wrong("a whole number")(e.to_string()))?.into(),
            PropertyType::Real => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => number.into(),
                _ => return Err(wrong("a number")(String::new())),
            },
            PropertyType::Boolean => text.parse::<bool>().map_err(|e| wrong("true or false")(e.to_string()))?.into(),
            PropertyType::Text | PropertyType::Date | PropertyType::DateTime => text.into(),
        };
        Ok(Self { column, value })
    }

    fn holds(&self, placed: &Placed) -> bool {
        let wanted = Attribute::of(&self.value);
        match placed.row.get(self.column) {
            None | Some(Attribute::Null) => false, // unknown equals nothing
            Some(value) if value == wanted => true,
            // 5 and 5.0 are the same number
            Some(value) => value.as_f64().is_some_and(|value| wanted.as_f64() == Some(value)),
        }
    }
}
