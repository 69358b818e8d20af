//! Stops along the streets and the way of each route past them.

use std::collections::BTreeMap;

use serde_json::json;

use crate::addresses::Addresses;
use crate::buildings::holds;
use crate::city::City;
use crate::network::{Edge, Streets};
use crate::plane::{self, Point};
use crate::sketch::routes::{ROUTES, Route, STOP_NAMES};
use crate::sketch::streets::Class;
use crate::write::{Drawn, named};
use misto_sample_layers::Chance;

/// A stop at the kerb.
pub struct Stop {
    pub id: String,
    pub name: String,
    pub place: Point,
    /// `yes`, `no`; `None` is unknown.
    pub boarding: Option<&'static str>,
}

/// A route in one direction: its line, and its stops with metres from the line's start.
pub struct Way {
    pub route: &'static Route,
    pub direction: usize,
    pub line: Vec<Point>,
    pub stops: Vec<(usize, f64)>,
}

impl Way {
    pub fn shape_id(&self) -> String {
        format!("{}-{}", self.route.id, self.direction)
    }

    pub fn headsign(&self) -> &'static str {
        if self.direction == 0 { self.route.ends.1 } else { self.route.ends.0 }
    }
}

/// Stops and ways of all routes.
pub struct Transit {
    pub stops: Vec<Stop>,
    pub ways: Vec<Way>,
}

/// Metres between stops along a street, about.
const SPACING_M: f64 = 430.0;
/// Closer than this a route passes a stop by.
const CLOSEST_M: f64 = 270.0;

/// A place where buses may stop.
struct Site {
    metres: f64,
    /// In the direction of the line or against it.
    forward: bool,
    foot: Point,
    kerb: Point,
}

impl Transit {
    pub fn draw(city: &City) -> Self {
        let streets = &city.streets;
        let sites = sites(city);
        let mut used: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        let (mut stops, mut ways) = (Vec::new(), Vec::new());
        let numbers = Addresses::new(streets);
        let mut chance = Chance::new("stops");
        for route in ROUTES {
            let there = path(streets, route);
            let back: Vec<(usize, bool)> = there.iter().rev().map(|&(edge, forward)| (edge, !forward)).collect();
            for (direction, path) in [there, back].into_iter().enumerate() {
                let (line, passed) = follow(streets, &path, &sites);
                let mut way = Way { route, direction, line: Vec::new(), stops: Vec::new() };
                let (Some(&(_, first)), Some(&(_, last))) = (passed.first(), passed.last()) else { continue };
                for (site, metres) in passed {
                    let stop = *used.entry(site).or_insert_with(|| {
                        stops.push(stop(stops.len(), &sites[&site.0][site.1], &numbers, &mut chance));
                        stops.len() - 1
                    });
                    way.stops.push((stop, metres - first));
                }
                way.line = section(&line, first, last);
                ways.push(way);
            }
        }
        Self { stops, ways }
    }

    pub fn stop_features(&self) -> Vec<Drawn> {
        let row = |s: &Stop| {
            vec![
                ("stop_id", json!(s.id)),
                ("name", json!(s.name)),
                ("wheelchair_boarding", named(s.boarding.unwrap_or_default())),
            ]
        };
        self.stops.iter().map(|s| Drawn::point(s.place, row(s))).collect()
    }

    pub fn route_features(&self) -> Vec<Drawn> {
        let row = |w: &Way| {
            vec![
                ("route_id", json!(w.route.id)),
                ("short_name", json!(w.route.short_name)),
                ("long_name", json!(format!("{} – {}", w.route.ends.0, w.route.ends.1))),
                ("kind", json!(if w.route.trolleybus { "trolleybus" } else { "bus" })),
                ("direction", json!(w.direction)),
                ("color", json!(format!("#{}", w.route.color))),
            ]
        };
        self.ways.iter().map(|w| Drawn::line(&w.line, row(w))).collect()
    }
}

fn for_buses(streets: &Streets, edge: &Edge) -> bool {
    streets.lines[edge.line].drawn && streets.class(edge) < Class::Residential
}

/// Places to stop on both sides of every street where buses may run, by line.
fn sites(city: &City) -> BTreeMap<usize, Vec<Site>> {
    let mut out = BTreeMap::new();
    for (index, line) in city.streets.lines.iter().enumerate() {
        let long = plane::line_length(&line.points);
        if !line.drawn || line.class >= Class::Residential || long < 220.0 {
            continue;
        }
        let count = (long / SPACING_M).round().max(1.0);
        let mut list = Vec::new();
        for k in 0..count as usize {
            let middle = long * (k as f64 + 0.5) / count;
            for forward in [true, false] {
                // The stop lies behind the middle in the direction of travel, so that the two are not opposite.
                let metres = (middle + if forward { 22.0 } else { -22.0 }).clamp(5.0, long - 5.0);
                let (foot, direction) = plane::at(&line.points, metres);
                let side = plane::left(direction) * (line.class.carriageway_m() / 2.0 + 2.5);
                let kerb = plane::snap(if forward { foot - side } else { foot + side });
                if city.rivers.iter().all(|r| !holds(&r.exterior().0, foot)) {
                    list.push(Site { metres, forward, foot, kerb });
                }
            }
        }
        out.insert(index, list);
    }
    out
}

/// Edges of a route with whether each is run in its own direction.
fn path(streets: &Streets, route: &Route) -> Vec<(usize, bool)> {
    let nodes: Vec<usize> = route
        .past
        .iter()
        .map(|&(lon, lat)| streets.nearest_node(plane::board(lon, lat), |e| for_buses(streets, e)))
        .collect();
    let mut path = Vec::new();
    for pair in nodes.windows(2) {
        let cost = |e: &Edge| match streets.class(e) {
            _ if !for_buses(streets, e) => f64::INFINITY,
            Class::Primary | Class::Secondary => e.length_m(),
            _ => e.length_m() * 1.3,
        };
        for (edge, node) in streets.way(pair[0], pair[1], cost).unwrap_or_default() {
            path.push((edge, streets.edges[edge].to == node));
        }
    }
    path
}

type Passed = Vec<((usize, usize), f64)>;

/// The line of a path and the sites it passes with metres from its start.
fn follow(streets: &Streets, path: &[(usize, bool)], sites: &BTreeMap<usize, Vec<Site>>) -> (Vec<Point>, Passed) {
    let (mut line, mut passed, mut walked): (Vec<Point>, Passed, f64) = (Vec::new(), Vec::new(), 0.0);
    for &(index, forward) in path {
        let edge = &streets.edges[index];
        let long = edge.length_m();
        let mut here: Passed = Vec::new();
        for (number, site) in sites.get(&edge.line).into_iter().flatten().enumerate() {
            let (metres, off) = plane::locate(&edge.points, site.foot);
            let on_edge = off < 0.5 && (edge.start_m - 1.0..edge.start_m + long + 1.0).contains(&site.metres);
            if site.forward == forward && on_edge {
                here.push(((edge.line, number), walked + if forward { metres } else { long - metres }));
            }
        }
        here.sort_by(|a, b| a.1.total_cmp(&b.1));
        passed.extend(here);
        let mut points = edge.points.clone();
        if !forward {
            points.reverse();
        }
        line.extend(points.into_iter().skip(usize::from(!line.is_empty())));
        walked += long;
    }
    let mut last = f64::NEG_INFINITY;
    passed.retain(|&(_, metres)| {
        let far = metres - last >= CLOSEST_M;
        if far {
            last = metres;
        }
        far
    });
    (line, passed)
}

/// The part of a line between two distances from its start.
fn section(line: &[Point], from: f64, to: f64) -> Vec<Point> {
    let (mut out, mut walked) = (vec![plane::snap(plane::at(line, from).0)], 0.0);
    for w in line.windows(2) {
        walked += plane::distance(w[0], w[1]);
        if walked > from + 0.5 && walked < to - 0.5 {
            out.push(w[1]);
        }
    }
    out.push(plane::snap(plane::at(line, to).0));
    out.dedup_by_key(|p| plane::degrees(*p));
    out
}

fn stop(number: usize, site: &Site, numbers: &Addresses<'_>, chance: &mut Chance) -> Stop {
    let near = |&&(_, (lon, lat), around): &&(&str, (f64, f64), f64)| {
        plane::distance(plane::board(lon, lat), site.foot) < around
    };
    let name = match STOP_NAMES.iter().find(near) {
        Some((name, ..)) => (*name).to_owned(),
        None => match numbers.street_of(site.foot, 5.0).or_else(|| numbers.street_of(site.foot, 400.0)) {
            Some((street, number)) => format!("{street}, {number}"),
            None => format!("Зупинка {}", number + 1),
        },
    };
    let boarding = *chance.one_of(&[Some("yes"), Some("yes"), Some("yes"), Some("no"), Some("no"), None, None, None]);
    Stop { id: format!("{}", 1001 + number), name, place: site.kerb, boarding }
}
