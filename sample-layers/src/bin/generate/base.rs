//! The base map: water, green, streets, railway, buildings, names.

use serde_json::json;

use crate::city::City;
use crate::plane;
use crate::sketch::streets::Class;
use crate::sketch::{on_board, places::PLACES, rail, water};
use crate::write::{Drawn, named};
use misto_sample_layers::Chance;

pub fn water_bodies(city: &City) -> Vec<Drawn> {
    let row = |kind: &'static str, name: &str, name_en: &str| {
        vec![("kind", json!(kind)), ("name", named(name)), ("name_en", named(name_en))]
    };
    let rivers = city
        .rivers
        .iter()
        .zip(water::RIVERS)
        .map(|(shape, r)| Drawn::polygon(shape.clone(), row("river", r.name, r.name_en)));
    let lakes =
        city.lakes.iter().zip(water::LAKES).map(|(shape, l)| Drawn::polygon(shape.clone(), row("lake", l.0, l.1)));
    let streams = city.streams.iter().zip(water::STREAMS).map(|(line, s)| Drawn::line(line, row("stream", s.0, s.1)));
    rivers.chain(lakes).chain(streams).collect()
}

pub fn green(city: &City) -> Vec<Drawn> {
    let mut out = Vec::new();
    for (kind, name, name_en, shape) in &city.green {
        for part in shape {
            out.push(Drawn::polygon(
                part.clone(),
                vec![("kind", json!(kind)), ("name", named(name)), ("name_en", named(name_en))],
            ));
        }
    }
    out.extend(city.lawns.iter().map(|lawn| Drawn::polygon(lawn.clone(), vec![("kind", json!("grass"))])));
    out
}

pub fn roads(city: &City) -> Vec<Drawn> {
    let mut chance = Chance::new("surface of streets");
    let streets = &city.streets;
    streets
        .edges
        .iter()
        .map(|edge| {
            let line = &streets.lines[edge.line];
            let surface = match line.class {
                Class::Primary | Class::Secondary => "asphalt",
                Class::Footway => "paving_stones",
                Class::Tertiary => *chance.one_of(&["asphalt", "asphalt", "asphalt", "sett"]),
                Class::Residential => *chance.one_of(&["asphalt", "asphalt", "asphalt", "gravel", "sett"]),
                Class::Service => *chance.one_of(&["asphalt", "concrete", "gravel"]),
            };
            let lanes = match line.class {
                Class::Primary => json!(4),
                Class::Secondary | Class::Tertiary => json!(2),
                Class::Residential => {
                    if chance.happens(0.5) {
                        json!(2)
                    } else {
                        json!(null)
                    }
                }
                Class::Service | Class::Footway => json!(null),
            };
            let attributes = vec![
                ("class", json!(line.class.name())),
                ("name", named(line.name)),
                ("name_en", named(line.name_en)),
                ("surface", json!(surface)),
                ("lanes", lanes),
                ("oneway", if line.class == Class::Footway { json!(null) } else { json!(false) }),
                ("width_m", json!(line.class.carriageway_m())),
            ];
            Drawn::line(&edge.points, attributes)
        })
        .collect()
}

pub fn railway(city: &City) -> Vec<Drawn> {
    let lines = city
        .rail
        .iter()
        .zip(rail::LINES)
        .map(|(line, l)| Drawn::line(line, vec![("kind", json!("rail")), ("name", json!(l.0))]));
    let stations = rail::STATIONS.iter().map(|&(name, (lon, lat))| {
        Drawn::point(plane::board(lon, lat), vec![("kind", json!("station")), ("name", json!(name))])
    });
    lines.chain(stations).collect()
}

pub fn buildings(city: &City) -> Vec<Drawn> {
    city.buildings
        .iter()
        .zip(&city.addresses)
        .map(|(b, address)| {
            let attributes = vec![
                ("kind", json!(b.kind)),
                ("levels", json!(b.levels)),
                ("address", address.as_deref().map_or(json!(null), named)),
                ("year", json!(b.year)),
            ];
            Drawn::polygon(plane::polygon(b.corners.clone()), attributes)
        })
        .collect()
}

pub fn places() -> Vec<Drawn> {
    PLACES
        .iter()
        .map(|&(kind, name, name_en, rank, place)| {
            let attributes =
                vec![("kind", json!(kind)), ("name", json!(name)), ("name_en", json!(name_en)), ("rank", json!(rank))];
            Drawn::point(on_board(&[place])[0], attributes)
        })
        .collect()
}
