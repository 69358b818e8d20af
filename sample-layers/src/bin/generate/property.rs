//! What stands in the buildings: venues, housing, communal property.

use std::collections::BTreeSet;

use misto_model::{Collection, PropertyType};
use serde_json::{Value, json};

use crate::city::City;
use crate::networks::wall;
use crate::plane::{self, Point};
use crate::sketch::on_board;
use crate::sketch::venues::{ENTRANCES, LIFTS, VENUES};
use crate::write::{Drawn, named};
use misto_sample_layers::Chance;

/// Grounds before doors; most are firm.
const SURFACES: [&str; 7] = ["asphalt", "paving_stones", "paving_stones", "concrete", "tiles", "sett", "gravel"];

/// Venues at the walls of buildings, each in a building of its own.
pub fn venues(city: &City, schema: &Collection) -> Vec<Drawn> {
    let mut chance = Chance::new("venues");
    let mut taken = BTreeSet::new();
    let mut out = Vec::new();
    for venue in VENUES {
        let near = on_board(&[venue.near])[0];
        let Some(building) = closest(city, near, &taken) else { continue };
        taken.insert(building);
        let mut row = vec![
            ("name", json!(venue.name)),
            ("name_en", json!(venue.name_en)),
            ("category", json!(venue.category)),
            ("address", city.addresses[building].as_deref().map_or(Value::Null, named)),
            ("opening_hours", named(venue.hours)),
        ];
        row.extend(measured(schema, venue.measured));
        row.extend(ramp_length(venue.measured).map(|length| ("ramp_length_cm", json!(length))));
        if !venue.measured.is_empty() {
            row.push(("measured_on", json!(format!("2026-{:02}-{:02}", chance.whole(3, 6), chance.whole(1, 28)))));
            row.push(("measured_how", json!("рулетка, рівень (приклад)")));
            row.push(("approach_surface", json!(*chance.one_of(&SURFACES))));
            row.push((
                "measured_by",
                json!(*chance.one_of(&["Волонтер-зразок 1", "Волонтер-зразок 2", "Обстежувач-зразок"])),
            ));
        }
        out.push(Drawn::point(entrance(city, building), row));
    }
    out
}

/// The ways into venues that have several, each by the id that its venue has in the file.
pub fn entrances(venues: &[Drawn], order: &[usize], schema: &Collection) -> Result<Vec<Drawn>, String> {
    let mut out = Vec::new();
    for entrance in ENTRANCES {
        let (id, (x, y)) = place(venues, order, entrance.venue)?;
        let mut row = vec![("venue_id", json!(id)), ("name", json!(entrance.name))];
        row.extend(measured(schema, entrance.measured));
        if !entrance.measured.is_empty() {
            row.push(("measured_on", json!("2026-05-14")));
            row.push(("measured_by", json!("Обстежувач-зразок")));
            row.push(("measured_how", json!("рулетка (приклад)")));
            row.push(("approach_surface", json!("paving_stones")));
        }
        out.push(Drawn::point(plane::snap((x + entrance.off.0, y + entrance.off.1).into()), row));
    }
    Ok(out)
}

/// The lifts of venues.
pub fn lifts(venues: &[Drawn], order: &[usize]) -> Result<Vec<Drawn>, String> {
    let mut out = Vec::new();
    for lift in LIFTS {
        let (id, (x, y)) = place(venues, order, lift.venue)?;
        let row = vec![
            ("venue_id", json!(id)),
            ("name", json!(lift.name)),
            ("is_working", json!(lift.is_working)),
            ("out_of_order_reason", named(lift.reason)),
            ("state_at", named(lift.state_at)),
            ("other_way", named(lift.other_way)),
            ("lift_door_width_cm", json!(lift.door_width_cm)),
        ];
        out.push(Drawn::point(plane::snap((x - 4.0, y + 4.0).into()), row));
    }
    Ok(out)
}

/// Id of a venue in the file (ids count from 1 in the file's order) and where it stands.
fn place(venues: &[Drawn], order: &[usize], name: &str) -> Result<(i64, (f64, f64)), String> {
    let is_it = |venue: &Drawn| venue.attributes.iter().any(|(key, value)| *key == "name" && value == name);
    let drawn = venues.iter().position(is_it).ok_or_else(|| format!("no venue is called {name}"))?;
    let at = order.iter().position(|&index| index == drawn).ok_or_else(|| format!("{name} is not in the file"))?;
    let geo_types::Geometry::Point(point) = venues[drawn].geometry else { return Err(format!("{name} is no point")) };
    Ok((at as i64 + 1, (point.x(), point.y())))
}

/// Measurements in the types of the schema.
fn measured(schema: &Collection, measured: &[(&'static str, f64)]) -> Vec<(&'static str, Value)> {
    let typed = |&(name, number): &(&'static str, f64)| {
        let kind = schema.properties.iter().find(|p| p.name == name).map(|p| p.kind);
        let value = match kind {
            Some(PropertyType::Boolean) => json!(number != 0.0),
            Some(PropertyType::Integer) => json!(number as i64),
            _ => json!(number),
        };
        (name, value)
    };
    measured.iter().map(typed).collect()
}

/// As long as it must be to climb the steps at its slope, where both are known, whole decimetres.
fn ramp_length(measured: &[(&'static str, f64)]) -> Option<f64> {
    let number = |wanted: &str| measured.iter().find(|(name, _)| *name == wanted).map(|(_, number)| *number);
    let rise = number("entrance_steps")? * number("step_height_cm")?;
    Some((rise * 100.0 / number("ramp_slope_percent")? / 10.0).round() * 10.0).filter(|length| *length > 0.0)
}

fn closest(city: &City, near: Point, taken: &BTreeSet<usize>) -> Option<usize> {
    let distance = |i: usize| plane::distance(city.buildings[i].centre(), near);
    (0..city.buildings.len()).filter(|i| !taken.contains(i) && city.buildings[*i].kind != "industrial").min_by(
        |&a, &b| {
            (city.addresses[a].is_none(), distance(a))
                .partial_cmp(&(city.addresses[b].is_none(), distance(b)))
                .unwrap_or(std::cmp::Ordering::Equal)
        },
    )
}

/// The wall that looks at the nearest street.
fn entrance(city: &City, building: usize) -> Point {
    let b = &city.buildings[building];
    let centre = b.centre();
    let mut best = (f64::INFINITY, centre);
    for edge in &city.streets.edges {
        if plane::distance(edge.points[0], centre) > 700.0 {
            continue;
        }
        let (metres, d) = plane::locate(&edge.points, centre);
        if d < best.0 {
            best = (d, plane::at(&edge.points, metres).0);
        }
    }
    plane::snap(wall(&b.corners, best.1))
}

/// Apartment houses of three levels and more that have an address.
pub fn housing(city: &City) -> Vec<Drawn> {
    let mut chance = Chance::new("housing");
    let mut out = Vec::new();
    for (b, address) in city.buildings.iter().zip(&city.addresses) {
        if b.kind != "residential" || b.levels < 3 {
            continue;
        }
        let area = plane::turn(&b.corners).abs() / 2.0;
        let flats = (area * b.levels as f64 / 78.0).round().max(2.0) as i64;
        let heating = if b.levels >= 5 {
            *chance.one_of(&["district", "district", "individual_gas"])
        } else {
            *chance.one_of(&["individual_gas", "district", "electric"])
        };
        let management = named(chance.one_of::<&str>(&["osbb", "managing_company", "osbb", ""]));
        let row = vec![
            ("address", address.as_deref().map_or(Value::Null, named)),
            ("levels", json!(b.levels)),
            ("flats", json!(flats)),
            ("year", json!(b.year)),
            ("heating", json!(heating)),
            ("management", management),
        ];
        out.push(Drawn::point(plane::snap(b.centre()), row));
    }
    out
}

/// Some public buildings and premises that belong to the (invented) community.
pub fn communal_property(city: &City) -> Vec<Drawn> {
    let mut chance = Chance::new("communal property");
    let mut out = Vec::new();
    for b in city.buildings.iter().filter(|b| b.kind == "public") {
        if !chance.happens(0.5) {
            continue;
        }
        let number = out.len() + 1;
        let kind = if b.corners.len() > 4 {
            *chance.one_of(&["school", "kindergarten"])
        } else {
            *chance.one_of(&["office", "library", "clinic", "culture", "warehouse"])
        };
        let area = plane::turn(&b.corners).abs() / 2.0 * b.levels as f64;
        let row = vec![
            ("name", json!(format!("Комунальний об'єкт № {number} (вигаданий)"))),
            ("kind", json!(kind)),
            ("area_m2", json!((area * 10.0).round() / 10.0)),
            (
                "holder",
                json!(*chance.one_of(&[
                    "Департамент-зразок",
                    "Комунальне підприємство «Приклад»",
                    "Управління-зразок"
                ])),
            ),
        ];
        out.push(Drawn::point(plane::snap(b.centre()), row));
    }
    out
}
