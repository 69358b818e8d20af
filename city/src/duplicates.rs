//! Places that may be one place told by two sources. Only a person merges them: the rule suggests.

use std::collections::HashMap;

use geo_types::Point;
use serde::Serialize;

use crate::names::{Folded, Search};

/// Metres of one degree of latitude.
const METRES_A_DEGREE: f64 = 111_195.0;

/// One place as the rule sees it.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// Longitude and latitude, WGS 84; `None` where nobody placed it.
    pub position: Option<Point>,
    /// What it is called, in any language.
    pub names: Vec<String>,
    /// Ids and addresses of it elsewhere, each with the name of whose it is: `wikidata:Q1`.
    pub ids: Vec<String>,
}

/// Why two places may be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// They have one id elsewhere.
    SameId,
    /// They are near each other and spellings of one name.
    NearAndAlike,
}

/// Two places, by their place in the list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Likely {
    /// The earlier one.
    pub first: usize,
    /// The later one.
    pub second: usize,
    /// Why.
    pub why: Why,
    /// Metres between them; `None` where one has no place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distance_m: Option<f64>,
}

/// Pairs that may be one place: with one id elsewhere, however far apart, or within `within_m`
/// metres and with names that are spellings of each other. In the order of the list.
pub fn likely(places: &[Place], within_m: f64) -> Vec<Likely> {
    let mut found: HashMap<(usize, usize), Why> = near_and_alike(places, within_m);
    found.extend(same_ids(places));
    let mut found: Vec<Likely> = found
        .into_iter()
        .map(|((first, second), why)| Likely { first, second, why, distance_m: distance(places, first, second) })
        .collect();
    found.sort_by_key(|pair| (pair.first, pair.second));
    found
}

fn distance(places: &[Place], first: usize, second: usize) -> Option<f64> {
    Some((metres(places[first].position?, places[second].position?) * 10.0).round() / 10.0)
}

/// Places are cut into cells as wide as the distance, so that only neighbours are compared.
fn near_and_alike(places: &[Place], within_m: f64) -> HashMap<(usize, usize), Why> {
    let names: Vec<Vec<Name>> =
        places.iter().map(|place| place.names.iter().filter_map(|name| Name::of(name)).collect()).collect();
    let highest = places.iter().filter_map(|place| place.position).map(|at| at.y().abs()).fold(0.0, f64::max);
    let tall = within_m / METRES_A_DEGREE;
    let wide = tall / highest.to_radians().cos().max(0.01);
    let cell = |at: Point| ((at.x() / wide).floor() as i64, (at.y() / tall).floor() as i64);
    let mut cells: HashMap<(i64, i64), Vec<usize>> = HashMap::new();
    for (index, place) in places.iter().enumerate() {
        if let Some(at) = place.position.filter(|_| !names[index].is_empty()) {
            cells.entry(cell(at)).or_default().push(index);
        }
    }
    let mut found = HashMap::new();
    for (&(x, y), here) in &cells {
        let around = (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (x + dx, y + dy)));
        for there in around.filter_map(|cell| cells.get(&cell)) {
            for &first in here {
                for &second in there.iter().filter(|second| first < **second) {
                    let near = distance(places, first, second).is_some_and(|metres| metres <= within_m);
                    if near && alike(&names[first], &names[second]) {
                        found.insert((first, second), Why::NearAndAlike);
                    }
                }
            }
        }
    }
    found
}

/// Each with the next that has the same id: a chain says all.
fn same_ids(places: &[Place]) -> HashMap<(usize, usize), Why> {
    let mut last: HashMap<&str, usize> = HashMap::new();
    let mut found = HashMap::new();
    for (index, place) in places.iter().enumerate() {
        for id in place.ids.iter().filter(|id| !id.is_empty()) {
            if let Some(before) = last.insert(id, index).filter(|before| *before != index) {
                found.insert((before, index), Why::SameId);
            }
        }
    }
    found
}

struct Name {
    folded: Folded,
    search: Search,
}

impl Name {
    fn of(text: &str) -> Option<Self> {
        let folded = Folded::new(text);
        Some(Self { search: Search::new(text).filter(|_| !folded.is_empty())?, folded })
    }
}

/// Spellings of one name find each other both ways: each word of one is nearly a word of the other.
fn alike(a: &[Name], b: &[Name]) -> bool {
    a.iter().any(|a| b.iter().any(|b| a.search.rank(&b.folded).is_some() && b.search.rank(&a.folded).is_some()))
}

/// Metres between places of one town.
fn metres(a: Point, b: Point) -> f64 {
    let shrunk = f64::midpoint(a.y(), b.y()).to_radians().cos();
    (((a.x() - b.x()) * shrunk).powi(2) + (a.y() - b.y()).powi(2)).sqrt() * METRES_A_DEGREE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(name: &str, x: f64, ids: &[&str]) -> Place {
        Place {
            position: Some(Point::new(x, 48.92)),
            names: vec![name.to_owned()],
            ids: ids.iter().map(|id| (*id).to_owned()).collect(),
        }
    }

    fn pairs(places: &[Place]) -> Vec<(usize, usize, Why)> {
        likely(places, 50.0).into_iter().map(|pair| (pair.first, pair.second, pair.why)).collect()
    }

    #[test]
    fn spellings_of_one_name_near_each_other_are_suggested() {
        let places = [
            place("Аптека «Здоров’я»", 24.71, &[]),
            place("Apteka Zdorovia", 24.7103, &[]),
            place("Аптека «Здоровя» 2", 24.7101, &[]),
            place("Аптека «Здоров’я»", 24.72, &[]),
            place("Кав’ярня", 24.71, &[]),
        ];
        assert_eq!(pairs(&places), [(0, 1, Why::NearAndAlike)]);
        assert!(likely(&places, 50.0)[0].distance_m.is_some_and(|metres| (20.0..25.0).contains(&metres)));
    }

    #[test]
    fn one_id_elsewhere_is_told_however_far() {
        let mut places =
            vec![place("A", 24.7, &["wikidata:Q1"]), place("B", 24.9, &[]), place("C", 24.8, &["wikidata:Q1"])];
        places.push(Place { ids: vec!["wikidata:Q1".to_owned()], ..Place::default() });
        assert_eq!(pairs(&places), [(0, 2, Why::SameId), (2, 3, Why::SameId)]);
        assert_eq!(pairs(&[place("", 24.7, &[""]), place("", 24.7, &[""])]), []);
    }

    #[test]
    fn ten_thousand_places_are_compared_with_their_neighbours_only() {
        let places: Vec<Place> = (0..10_000)
            .map(|n| Place {
                position: Some(Point::new(24.0 + f64::from(n % 100) * 0.01, 48.0 + f64::from(n / 100) * 0.01)),
                names: vec![format!("Заклад {n}")],
                ids: Vec::new(),
            })
            .collect();
        assert!(likely(&places, 50.0).is_empty());
    }
}
