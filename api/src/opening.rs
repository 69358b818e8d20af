//! When venues are open in the days ahead, worked out once an hour for each text of
//! `opening_hours`: many venues share one, and a page that holds the answer needs nobody to know
//! tomorrow what is open.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use misto_city::opening::{AHEAD, Place};
use serde::Serialize;
use serde_json::{Value, json};

use crate::config::City;

/// Texts that are kept; a hostile collection makes the rest be worked out again.
const MOST_KEPT: usize = 50_000;

/// What was worked out in this hour.
pub struct OpeningBook {
    place: Place,
    read: Mutex<(Timestamp, HashMap<String, Value>)>,
}

/// Opening times of several places, by the text that says them.
#[derive(Debug, Serialize)]
pub struct Openings {
    from: Timestamp,
    until: Timestamp,
    by_text: BTreeMap<String, Value>,
}

impl OpeningBook {
    /// For the clocks and the sun of this city.
    pub fn of(city: &City) -> Self {
        let zone = TimeZone::get(&city.time_zone).unwrap_or(TimeZone::UTC);
        Self { place: Place::new(zone, city.center), read: Mutex::default() }
    }

    /// What these texts mean from this hour on: `open` and `unclear` intervals, or why a text is `unreadable`.
    pub fn ahead<'a>(&self, texts: impl Iterator<Item = &'a str>, now: Timestamp) -> Openings {
        let from = hour(now);
        let until = from.checked_add(AHEAD).unwrap_or(from);
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if read.0 != from || read.1.len() > MOST_KEPT {
            *read = (from, HashMap::new());
        }
        let texts: BTreeSet<&str> = texts.collect();
        let mut by_text = BTreeMap::new();
        for text in texts {
            if !read.1.contains_key(text) {
                let value = match self.place.times(text, from, until) {
                    Ok(times) => json!(times),
                    Err(why) => json!({"unreadable": why.as_str()}),
                };
                read.1.insert(text.to_owned(), value);
            }
            if let Some(value) = read.1.get(text) {
                by_text.insert(text.to_owned(), value.clone());
            }
        }
        Openings { from, until, by_text }
    }
}

fn hour(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second() - now.as_second().rem_euclid(3_600)).unwrap_or(now)
}
