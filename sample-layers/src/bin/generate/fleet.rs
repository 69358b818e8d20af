//! The register of the invented fleet and the sensors: `fleet.json`.

use misto_model::{Position, VehicleKind, VehicleRegistration};
use misto_sample_layers::{DemoVehicle, SampleDatastream, SampleSensor};

use crate::city::City;
use crate::network::Edge;
use crate::plane::{self, Point};
use crate::sketch::LonLat;
use crate::sketch::routes::ROUTES;
use crate::sketch::streets::Class;
use crate::timetable::{Block, VEHICLES_PER_ROUTE};

/// Utility vehicles: kind, the place around which it works, metres around.
const UTILITY: &[(VehicleKind, LonLat, f64)] = &[
    (VehicleKind::Plough, (24.7110, 48.9210), 900.0),
    (VehicleKind::Plough, (24.7420, 48.9240), 850.0),
    (VehicleKind::Plough, (24.6920, 48.9380), 800.0),
    (VehicleKind::Plough, (24.6960, 48.9040), 850.0),
    (VehicleKind::Spreader, (24.7180, 48.9160), 1100.0),
    (VehicleKind::Spreader, (24.7000, 48.9250), 900.0),
    (VehicleKind::Spreader, (24.7440, 48.9350), 800.0),
    (VehicleKind::WasteTruck, (24.7150, 48.9030), 700.0),
    (VehicleKind::WasteTruck, (24.7450, 48.9180), 600.0),
    (VehicleKind::WasteTruck, (24.6990, 48.8970), 700.0),
    (VehicleKind::WasteTruck, (24.7300, 48.9380), 650.0),
    (VehicleKind::Sweeper, (24.7130, 48.9200), 500.0),
    (VehicleKind::Sweeper, (24.7080, 48.9260), 550.0),
    (VehicleKind::RepairCrew, (24.7240, 48.9110), 1000.0),
    (VehicleKind::RepairCrew, (24.7060, 48.9180), 1200.0),
];

/// The file's bytes: JSON, a vehicle or sensor on each line.
///
/// # Errors
/// When a key of the register is none, or JSON cannot be written.
pub fn file(city: &City, blocks: &[Block]) -> Result<Vec<u8>, String> {
    let buses = blocks.iter().enumerate().map(|(number, block)| bus(number, block));
    let utility = UTILITY.iter().enumerate().map(|(number, vehicle)| utility(city, number, vehicle));
    let vehicles = buses.chain(utility).map(|v| line(&v?)).collect::<Result<Vec<_>, _>>()?;
    let sensors = sensors()?.iter().map(line).collect::<Result<Vec<_>, _>>()?;
    let list = |lines: Vec<String>| lines.join(",\n");
    Ok(format!("{{\n\"vehicles\": [\n{}\n],\n\"sensors\": [\n{}\n]\n}}\n", list(vehicles), list(sensors)).into_bytes())
}

fn line(value: &impl serde::Serialize) -> Result<String, String> {
    serde_json::to_string(value).map_err(|e| e.to_string())
}

/// A third of the vehicles sends HFP, the others the operator's JSON.
fn bus(number: usize, block: &Block) -> Result<DemoVehicle, String> {
    let route = &ROUTES[block.route];
    let name = if route.trolleybus { "trolleybus" } else { "bus" };
    let in_route = number % VEHICLES_PER_ROUTE;
    let key = if in_route.is_multiple_of(3) {
        format!("hfp:0077/{:05}", number + 1)
    } else {
        format!("if-operator:/00000{:010}", 7_000_000 + 37 * (number + 1))
    };
    let registration = VehicleRegistration {
        vehicle: key.parse().map_err(|e| format!("{key}: {e}"))?,
        public_id: format!("demo-{name}-{:02}", number + 1),
        label: Some(format!("{}", 301 + number)),
        kind: Some(if route.trolleybus { VehicleKind::Trolleybus } else { VehicleKind::Bus }),
        low_floor: block.low_floor,
        plate: Some(format!("AT {:04} ZZ", number + 1)),
        operator_name: Some(
            if route.trolleybus {
                "Електротранспорт-зразок (вигаданий)"
            } else {
                "Автобуси-зразок (вигадані)"
            }
            .to_owned(),
        ),
        sample: true,
    };
    Ok(DemoVehicle { registration, block: Some(block.id.clone()), circuit: Vec::new() })
}

fn utility(
    city: &City,
    number: usize,
    &(kind, place, around): &(VehicleKind, LonLat, f64),
) -> Result<DemoVehicle, String> {
    let name = match kind {
        VehicleKind::Plough => "plough",
        VehicleKind::Spreader => "spreader",
        VehicleKind::WasteTruck => "waste-truck",
        VehicleKind::Sweeper => "sweeper",
        _ => "repair-crew",
    };
    let key = format!("owntracks:demo/{name}-{:02}", number + 1);
    let registration = VehicleRegistration {
        vehicle: key.parse().map_err(|e| format!("{key}: {e}"))?,
        public_id: format!("demo-{name}-{:02}", number + 1),
        label: Some(format!("К-{:02}", number + 1)),
        kind: Some(kind),
        low_floor: None,
        plate: Some(format!("AT {:04} ZZ", 101 + number)),
        operator_name: Some("Комунальне підприємство «Приклад» (вигадане)".to_owned()),
        sample: true,
    };
    Ok(DemoVehicle { registration, block: None, circuit: circuit(city, place, around) })
}

/// A loop on the streets around a place, which prefers streets it has not driven yet.
fn circuit(city: &City, (lon, lat): LonLat, around: f64) -> Vec<[f64; 2]> {
    let streets = &city.streets;
    let may = |e: &Edge| streets.class(e) <= Class::Residential;
    let centre = plane::board(lon, lat);
    let corners = [(0.0, 1.0), (0.8, 0.6), (0.9, -0.5), (0.1, -1.0), (-0.8, -0.6), (-0.9, 0.5)];
    let nodes: Vec<usize> = corners
        .iter()
        .map(|&(x, y)| streets.nearest_node(centre + Point { x: x * around, y: y * around }, may))
        .collect();
    let mut driven = vec![false; streets.edges.len()];
    let mut line: Vec<Point> = vec![streets.nodes[nodes[0]]];
    for k in 0..nodes.len() {
        let index = |e: &Edge| {
            streets.joined[e.from].iter().find(|(i, _)| std::ptr::eq(&streets.edges[*i], e)).map_or(0, |(i, _)| *i)
        };
        let cost =
            |e: &Edge| if may(e) { e.length_m() * if driven[index(e)] { 4.0 } else { 1.0 } } else { f64::INFINITY };
        let way = streets.way(nodes[k], nodes[(k + 1) % nodes.len()], cost).unwrap_or_default();
        for (edge, node) in way {
            driven[edge] = true;
            let mut points = streets.edges[edge].points.clone();
            if streets.edges[edge].to != node {
                points.reverse();
            }
            line.extend(points.into_iter().skip(1));
        }
    }
    line.into_iter().map(plane::degrees).map(|p| [p.x, p.y]).collect()
}

fn sensors() -> Result<Vec<SampleSensor>, String> {
    let stream = |(observed_property, name_uk, name_en, unit): &(&str, &str, &str, &str)| SampleDatastream {
        observed_property: (*observed_property).to_owned(),
        name_uk: (*name_uk).to_owned(),
        name_en: (*name_en).to_owned(),
        unit: (*unit).to_owned(),
    };
    let sensor = |&(source, thing, name_uk, name_en, (lon, lat), streams): &Sensor| {
        Ok(SampleSensor {
            source: source.parse().map_err(|e| format!("{source}: {e}"))?,
            thing: thing.to_owned(),
            name_uk: name_uk.to_owned(),
            name_en: name_en.to_owned(),
            position: Position::new(lon, lat).map_err(|e| e.to_string())?,
            datastreams: streams.iter().map(stream).collect(),
        })
    };
    SENSORS.iter().map(sensor).collect()
}

/// Source, thing, names, place; property, names and unit of each quantity.
type Sensor = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    LonLat,
    &'static [(&'static str, &'static str, &'static str, &'static str)],
);

const AIR: &[(&str, &str, &str, &str)] = &[
    ("pm2_5", "Дрібний пил PM2.5", "Fine dust PM2.5", "µg/m³"),
    ("pm10", "Пил PM10", "Dust PM10", "µg/m³"),
    ("temperature", "Температура", "Temperature", "°C"),
    ("humidity", "Вологість", "Humidity", "%"),
];

const SENSORS: &[Sensor] = &[
    (
        "tts",
        "demo-air-centre",
        "Повітря: Вічевий майдан (приклад)",
        "Air: Vichevyi Maidan (example)",
        (24.7128, 48.9209),
        AIR,
    ),
    ("tts", "demo-air-pasichna", "Повітря: Пасічна (приклад)", "Air: Pasichna (example)", (24.6912, 48.9372), AIR),
    (
        "tts",
        "demo-river",
        "Бистриця Солотвинська, рівень (приклад)",
        "Bystrytsia Solotvynska, level (example)",
        (24.6945, 48.9290),
        &[
            ("water_level", "Рівень води", "Water level", "m"),
            ("water_temperature", "Температура води", "Water temperature", "°C"),
        ],
    ),
    (
        "sensorthings",
        "Datastreams(1)",
        "Шум: Привокзальна площа (приклад)",
        "Noise: Station Square (example)",
        (24.7220, 48.9239),
        &[("result", "Рівень шуму", "Sound level", "dB")],
    ),
    (
        "sensorthings",
        "Datastreams(2)",
        "Повітря: Каскад (приклад)",
        "Air: Kaskad (example)",
        (24.7455, 48.9262),
        &[("result", "Дрібний пил PM2.5", "Fine dust PM2.5", "µg/m³")],
    ),
    (
        "sensorthings",
        "Datastreams(3)",
        "Температура: міське озеро (приклад)",
        "Temperature: City Lake (example)",
        (24.6955, 48.9152),
        &[("result", "Температура повітря", "Air temperature", "°C")],
    ),
];
