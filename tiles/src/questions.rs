//! Questions of place that planners ask: what is nearest, what lies within a distance,
//! what meets the features of another collection.

use std::sync::Arc;

use geo::Intersects;
use geo_types::Geometry;
use misto_model::{Audience, Bbox, CollectionId, Error, Feature, FeatureId, Result};

use crate::Atlas;
use crate::contents::{Entry, Placed};
use crate::distance::{Place, distance_m, reach};
use crate::filter::Filter;
use crate::item::Shown;
use crate::items::Question;
use crate::locks::read;
use crate::view::Held;

/// Most pairs of segments that one question may measure: about a second.
const MOST_PAIRS: usize = 300_000_000;
/// Most vertices of a geometry that is asked from.
const MOST_VERTICES: usize = 1_000;
/// Most features of the other collection that one meeting names.
const MOST_NAMED: usize = 100;

/// The nearest features to a geometry.
#[derive(Debug, Clone)]
pub struct NearQuery {
    /// A point, line or area in WGS 84; 1 000 vertices at most.
    pub to: Geometry<f64>,
    /// Only features for which it is true.
    pub filter: Option<Filter>,
    /// None farther, metres; at most [`Atlas::MAX_DISTANCE_M`].
    pub max_distance_m: f64,
    /// At most so many.
    pub limit: usize,
}

/// The features within a distance of a geometry.
#[derive(Debug, Clone)]
pub struct WithinQuery {
    /// A point, line or area in WGS 84; 1 000 vertices at most.
    pub of: Geometry<f64>,
    /// Metres; 0 for those that meet it; at most [`Atlas::MAX_DISTANCE_M`].
    pub distance_m: f64,
    /// Only features for which it is true.
    pub filter: Option<Filter>,
    /// Only features with a greater number: the page after this feature.
    pub after: Option<FeatureId>,
    /// At most so many.
    pub limit: usize,
}

/// Features with their distances in metres, 0 where they meet the geometry.
#[derive(Debug, Clone)]
pub struct Reached {
    /// This page.
    pub features: Vec<(f64, Arc<Feature>)>,
    /// `after` of the next page; `None` when this is the last.
    pub next: Option<FeatureId>,
    /// How many there are on all pages.
    pub matched: u64,
}

/// The features that meet one of another collection.
#[derive(Debug, Clone)]
pub struct MeetingsQuery {
    /// The other collection; the same one asks which of its features meet each other.
    pub other: CollectionId,
    /// Within so many metres; 0 for those that intersect.
    pub buffer_m: f64,
    /// Only features that intersect the box.
    pub bbox: Option<Bbox>,
    /// Only features for which it is true.
    pub filter: Option<Filter>,
    /// Only features with a greater number: the page after this feature.
    pub after: Option<FeatureId>,
    /// At most so many.
    pub limit: usize,
}

/// A feature and those of the other collection that it meets, by number; 100 at most.
#[derive(Debug, Clone)]
pub struct Meeting {
    /// The feature.
    pub feature: Arc<Feature>,
    /// The others.
    pub meets: Vec<FeatureId>,
}

/// A page of meetings, by the features' numbers.
#[derive(Debug, Clone)]
pub struct Meetings {
    /// This page.
    pub meetings: Vec<Meeting>,
    /// `after` of the next page; `None` when this is the last.
    pub next: Option<FeatureId>,
}

impl Atlas {
    /// The farthest distance that can be asked for, metres.
    pub const MAX_DISTANCE_M: f64 = Place::MAX_DISTANCE_M;

    /// The nearest features to a point, line or area, nearest first, with metres.
    ///
    /// # Errors
    /// `NotFound` as [`Atlas::tile`]; `Invalid` (`to`, `max_distance_m`, `filter` or an attribute).
    pub fn nearest_to(
        &self,
        id: &CollectionId,
        query: &NearQuery,
        audience: Audience,
    ) -> Result<Vec<(f64, Arc<Feature>)>> {
        const FIRST_REACH_M: f64 = 200.0;
        let held = self.seen(id, audience)?;
        let place = asked_from("to", &query.to)?;
        let farthest = metres("max_distance_m", query.max_distance_m)?;
        let question = Question::filtered(&held.collection, None, query.filter.as_ref(), audience)?;
        let shown = Shown::all(&held.collection, audience);
        let mut reach = FIRST_REACH_M.min(farthest);
        let mut found = measured(&held, &place, reach, &question, "to")?;
        while found.len() < query.limit && reach < farthest {
            reach = (reach * 4.0).min(farthest);
            found = measured(&held, &place, reach, &question, "to")?;
        }
        found.sort_by(|(a, x), (b, y)| a.total_cmp(b).then(x.id.cmp(&y.id)));
        found.truncate(query.limit);
        Ok(found.iter().map(|(metres, placed)| (*metres, shown.feature(placed))).collect())
    }

    /// The features within a distance of a geometry, by number.
    ///
    /// # Errors
    /// `NotFound` as [`Atlas::tile`]; `Invalid` (`of`, `distance_m`, `filter` or an attribute).
    pub fn within(&self, id: &CollectionId, query: &WithinQuery, audience: Audience) -> Result<Reached> {
        let held = self.seen(id, audience)?;
        let place = asked_from("of", &query.of)?;
        let distance = metres("distance_m", query.distance_m)?;
        let question = Question::filtered(&held.collection, None, query.filter.as_ref(), audience)?;
        let shown = Shown::all(&held.collection, audience);
        let mut found = measured(&held, &place, distance, &question, "of")?;
        let matched = found.len() as u64;
        found.retain(|(_, placed)| query.after.is_none_or(|after| placed.id > after));
        found.sort_unstable_by_key(|(_, placed)| placed.id);
        let more = found.len() > query.limit;
        found.truncate(query.limit);
        let features: Vec<_> = found.iter().map(|(metres, placed)| (*metres, shown.feature(placed))).collect();
        let next = features.last().filter(|_| more).map(|(_, feature)| feature.id);
        Ok(Reached { features, next, matched })
    }

    /// The features that meet one of another collection, by number.
    ///
    /// # Errors
    /// `NotFound` as [`Atlas::tile`], for either collection; `Invalid` (`buffer_m`, `bbox`
    /// when the page takes too long without a smaller one, `filter` or an attribute).
    pub fn meetings(&self, id: &CollectionId, query: &MeetingsQuery, audience: Audience) -> Result<Meetings> {
        let (held, other) = (self.seen(id, audience)?, self.seen(&query.other, audience)?);
        let buffer = metres("buffer_m", query.buffer_m)?;
        let question = Question::filtered(&held.collection, query.bbox, query.filter.as_ref(), audience)?;
        let shown = Shown::all(&held.collection, audience);
        let mut pairs = 0;
        let mut meetings = Vec::new();
        let candidates = question.answers(&held)?;
        let follows = |placed: &&Arc<Placed>| query.after.is_none_or(|after| placed.id > after);
        for placed in candidates.iter().filter(follows) {
            let meets = met(placed, &other, held.number == other.number, buffer, &mut pairs)?;
            if !meets.is_empty() {
                meetings.push(Meeting { feature: shown.feature(placed), meets });
            }
            if meetings.len() > query.limit {
                break;
            }
        }
        let more = meetings.len() > query.limit;
        meetings.truncate(query.limit);
        let next = meetings.last().filter(|_| more).map(|meeting| meeting.feature.id);
        Ok(Meetings { meetings, next })
    }
}

fn asked_from(field: &str, geometry: &Geometry<f64>) -> Result<Place> {
    let place = Place::of(geometry)
        .ok_or_else(|| Error::invalid(field, "a geometry between 85.05° S and 85.05° N, longitude first"))?;
    if place.vertex_count() > MOST_VERTICES {
        let reason = format!("{} vertices; at most {MOST_VERTICES} are taken", place.vertex_count());
        return Err(Error::invalid(field, reason));
    }
    Ok(place)
}

fn metres(field: &str, metres: f64) -> Result<f64> {
    if (0.0..=Place::MAX_DISTANCE_M).contains(&metres) {
        return Ok(metres);
    }
    Err(Error::invalid(field, format!("expected 0 to {} metres", Place::MAX_DISTANCE_M)))
}

/// What lies within so many metres, in no order.
fn measured(
    held: &Held,
    place: &Place,
    most: f64,
    question: &Question<'_>,
    field: &str,
) -> Result<Vec<(f64, Arc<Placed>)>> {
    let entries = read(&held.contents).within(place.reach(most));
    question.affordable(entries.len())?;
    let mut pairs = 0;
    let mut found = Vec::new();
    for Entry { placed, .. } in entries {
        spend(&mut pairs, place.vertex_count() * placed.shape.vertex_count(), field)?;
        if let Some(metres) = place.distance_m(&placed.shape, most).filter(|metres| *metres <= most)
            && question.holds(&placed)
        {
            found.push((metres, placed));
        }
    }
    Ok(found)
}

fn spend(pairs: &mut usize, more: usize, field: &str) -> Result<()> {
    *pairs += more;
    if *pairs > MOST_PAIRS {
        return Err(Error::invalid(
            field,
            "too many features with too many vertices are in reach; ask of a smaller area",
        ));
    }
    Ok(())
}

/// The others that a feature meets, by number.
fn met(placed: &Arc<Placed>, other: &Held, itself: bool, buffer: f64, pairs: &mut usize) -> Result<Vec<FeatureId>> {
    let (Some(geometry), Some(bounds)) = (&placed.geometry, placed.bounds()) else { return Ok(Vec::new()) };
    let entries = read(&other.contents).within(reach(bounds, buffer));
    let mut meets = Vec::new();
    for Entry { placed: theirs, .. } in &entries {
        if itself && theirs.id == placed.id {
            continue;
        }
        spend(pairs, placed.shape.vertex_count() * theirs.shape.vertex_count(), "bbox")?;
        let together = if buffer > 0.0 {
            distance_m(&placed.shape, &theirs.shape, buffer).is_some_and(|metres| metres <= buffer)
        } else {
            theirs.geometry.as_ref().is_some_and(|theirs| geometry.intersects(theirs))
        };
        if together {
            meets.push(theirs.id);
        }
    }
    meets.sort_unstable();
    meets.truncate(MOST_NAMED);
    Ok(meets)
}
