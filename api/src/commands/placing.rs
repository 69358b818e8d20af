//! Buildings without coordinates find their place by their address: exactly one address that is
//! meant, or none; what is uncertain is listed and never guessed.

use std::sync::{Arc, Mutex, PoisonError};

use misto_city::addresses::{Addresses, Found, Written};
use misto_ingest::files::{Imported, PLACED_BY};
use misto_model::{CollectionId, FeatureId, Properties};
use misto_store::Store;
use serde_json::Value;

use crate::duplicates::point;
use crate::failure::Failure;

/// Attributes that hold a street, in the order in which they are tried.
const STREETS: [&str; 6] = ["street", "addr:street", "addr_street", "addressThoroughfare", "thoroughfare", "вулиця"];
/// Attributes that hold the number of a house.
const HOUSES: [&str; 8] = [
    "house_number",
    "housenumber",
    "addr:housenumber",
    "addr_housenumber",
    "addressLocatorDesignator",
    "house",
    "number",
    "будинок",
];
/// Attributes that hold a town.
const TOWNS: [&str; 5] = ["town", "city", "addr:city", "addressPostName", "settlement"];
/// Buildings without a place that are listed.
const LISTED: usize = 200;

/// Where an address is.
#[derive(Debug, Clone, PartialEq)]
struct Where {
    id: FeatureId,
    said: String,
    at: geo_types::Point,
}

/// An address as a feature holds it.
struct Held {
    town: Option<String>,
    street: String,
    house: String,
}

impl Held {
    fn written(&self) -> Written<'_> {
        Written { town: self.town.as_deref(), street: &self.street, house: &self.house }
    }
}

/// Looks for places.
pub struct Placer {
    addresses: Addresses<Where>,
    collection: CollectionId,
    told: Arc<Mutex<Told>>,
}

/// What became of the buildings.
#[derive(Debug, Default)]
pub struct Told {
    placed: u64,
    without: u64,
    listed: Vec<String>,
}

impl Placer {
    /// With the addresses of a collection.
    ///
    /// # Errors
    /// When the collection is not there or holds no addresses.
    pub async fn of(store: &Store, collection: &CollectionId) -> Result<Self, Failure> {
        let mut known: Vec<(Held, Where)> = Vec::new();
        let mut after = None;
        loop {
            let page = store.features.page(collection, after, 5_000).await?;
            for feature in page.features {
                let at = feature.geometry.as_ref().and_then(point);
                if let (Some(at), Some(held)) = (at, held(&feature.properties)) {
                    let said = format!("{}, {}", held.street, held.house);
                    known.push((held, Where { id: feature.id, said, at }));
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let addresses = Addresses::new(known.iter().map(|(held, place)| (held.written(), place.clone())));
        if addresses.is_empty() {
            return Err(Failure::new(format!(
                "{collection} holds no addresses: features with a place and the attributes street and house_number, \
                 or address, are needed"
            )));
        }
        Ok(Self { addresses, collection: collection.clone(), told: Arc::default() })
    }

    /// What became of the buildings, once all were placed.
    pub fn told(&self) -> Arc<Mutex<Told>> {
        self.told.clone()
    }

    /// Gives a building its place, where one address is meant.
    pub fn place(&self, building: &mut Imported) {
        if building.geometry.is_some() {
            return;
        }
        let found = of_building(&building.properties).map(|wanted| self.addresses.find(&wanted.written()));
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        match found {
            Some(Found::One(place)) => {
                let by = format!("address {} ({} {})", place.said, self.collection, place.id);
                building.geometry = Some(place.at.into());
                building.properties.insert(PLACED_BY.to_owned(), by.into());
                told.placed += 1;
            }
            uncertain => {
                told.without += 1;
                if told.listed.len() < LISTED {
                    let why = reason(uncertain);
                    told.listed.push(format!("{}: {why}", name(&building.properties)));
                }
            }
        }
    }
}

impl Told {
    /// The list, and a line of counts behind it.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.listed.iter().map(|line| format!("without a place: {line}")).collect();
        let more = self.without - self.listed.len() as u64;
        if more > 0 {
            lines.push(format!("… and {more} more without a place"));
        }
        lines.push(format!("{} placed by address, {} without a place", self.placed, self.without));
        lines
    }
}

fn name(properties: &Properties) -> String {
    let text = |name: &str| properties.get(name).and_then(Value::as_str).unwrap_or("?").to_owned();
    format!("{} ({}), {}", text("uid"), text("name"), text("address"))
}

fn reason(found: Option<Found<Where>>) -> String {
    let list = |places: &[Where]| {
        let places: Vec<String> = places.iter().take(5).map(|place| format!("{} ({})", place.said, place.id)).collect();
        places.join("; ")
    };
    match found {
        None => "it has no street and house number".to_owned(),
        Some(Found::None { like }) if like.is_empty() => "no such address".to_owned(),
        Some(Found::None { like }) => format!("no such address; perhaps {}", list(&like)),
        Some(Found::Several(places)) => format!("several addresses: {}", list(&places)),
        Some(Found::One(place)) => place.said,
    }
}

/// The first of the attributes that is known; the number of a house may be a number in a table.
fn first(properties: &Properties, names: &[&str]) -> Option<String> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.trim().is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    names.iter().find_map(|name| properties.get(*name).and_then(text))
}

/// The address of a feature of the address collection.
fn held(properties: &Properties) -> Option<Held> {
    let town = first(properties, &TOWNS);
    if let (Some(street), Some(house)) = (first(properties, &STREETS), first(properties, &HOUSES)) {
        return Some(Held { town, street, house });
    }
    let address = first(properties, &["address", "адреса"])?;
    let Written { street, house, .. } = Written::of_text(&address)?;
    Some(Held { town, street: street.to_owned(), house: house.to_owned() })
}

/// The address of a building of annex 32.
fn of_building(properties: &Properties) -> Option<Held> {
    let text = |name: &str| first(properties, &[name]);
    let mut house = text("addressLocatorDesignator")?;
    if let Some(building) = text("addressLocatorBuilding") {
        house.push_str(&format!(" корп. {building}"));
    }
    Some(Held { town: text("addressPostName"), street: text("addressThoroughfare")?, house })
}
