//! Where a vehicle was.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use misto_city::fleet::seconds_before;
use misto_city::publication::{VehiclePublication, vehicle_publication};
use misto_model::{Audience, Instant, VehicleKey, VehiclePosition};
use misto_store::PositionQuery;
use serde::Deserialize;
use serde_json::json;

use super::extract::{Params, Segments};
use super::vehicles::{named, read};
use crate::app::{App, Shared};
use crate::auth::Caller;
use crate::problem::{Answer, Problem};

/// The public sees tracks of the last hour.
const PUBLIC_TRACK_S: f64 = 3_600.0;
/// Most points of one page.
const MAX_LIMIT: usize = 10_000;
/// Points of one page when nobody asks for another number.
const DEFAULT_LIMIT: usize = 1_000;

/// Which part of the track, in which form.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TrackParams {
    /// Fix time, RFC 3339, inclusive.
    from: Option<String>,
    /// Fix time, RFC 3339, inclusive.
    to: Option<String>,
    /// Points of one page, 1 to 10 000; 1 000 when absent.
    limit: Option<usize>,
    /// Continues after a page; taken from its `next` link.
    after: Option<String>,
    /// `geojson` (points, the default), `linestring`, `gpx` or `csv`.
    format: Option<String>,
}

/// Fixes in the order of fix time, page by page.
#[utoipa::path(get, path = "/vehicles/{id}/track", tag = "vehicles", params(("id" = String, Path), TrackParams),
    responses((status = 200, description = "GeoJSON, GPX or CSV"), (status = 404, body = Problem)))]
pub async fn track(
    State(app): State<Shared>,
    caller: Caller,
    Segments(id): Segments<String>,
    Params(params): Params<TrackParams>,
) -> Answer<Response> {
    let audience = caller.audience();
    let (vehicle, publication) = find(&app, &id, audience)?;
    let format = Form::of(params.format.as_deref())?;
    let limit = params.limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MAX_LIMIT);
    let mut from = instant(params.from.as_deref(), "from")?;
    let mut to = instant(params.to.as_deref(), "to")?;
    if audience == Audience::Public {
        let now = app.now();
        let latest = match publication {
            VehiclePublication::Delayed { seconds } => seconds_before(now, f64::from(seconds)),
            _ => now,
        };
        let earliest = seconds_before(now, PUBLIC_TRACK_S);
        from = Some(from.filter(|from| from.micros() > earliest.micros()).unwrap_or(earliest));
        to = Some(to.filter(|to| to.micros() < latest.micros()).unwrap_or(latest));
    }
    let query = PositionQuery { vehicle: Some(vehicle), from, to, bbox: None, after: params.after.clone(), limit };
    let page = app.store.series.positions(&query).await?;
    let next = page.next.map(|after| next_link(&id, &params, &after));
    Ok(format.write(&page.rows, next, audience))
}

fn find(app: &App, id: &str, audience: Audience) -> Answer<(VehicleKey, VehiclePublication)> {
    let fleet = read(app);
    let not_found = || Problem::not_found(format!("vehicle {id:?} was not found"));
    let key = named(app, &fleet, id, audience).ok_or_else(not_found)?;
    let known = fleet.get(&key).ok_or_else(not_found)?;
    let publication = vehicle_publication(known.kind);
    if audience == Audience::Public && publication == VehiclePublication::StaffOnly {
        return Err(not_found());
    }
    Ok((key, publication))
}

fn instant(text: Option<&str>, field: &str) -> Answer<Option<Instant>> {
    text.map(|text| text.parse().map_err(|wrong| Problem::invalid(field, wrong))).transpose()
}

fn next_link(id: &str, params: &TrackParams, after: &str) -> String {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let mut href = format!("/vehicles/{}/track?after={}", encode(id), encode(after));
    let limit = params.limit.map(|limit| limit.to_string());
    let kept = [("from", &params.from), ("to", &params.to), ("limit", &limit), ("format", &params.format)];
    for (name, value) in kept {
        if let Some(value) = value {
            href.push_str(&format!("&{name}={}", encode(value)));
        }
    }
    href
}

#[derive(Clone, Copy)]
enum Form {
    Points,
    Line,
    Gpx,
    Csv,
}

impl Form {
    fn of(text: Option<&str>) -> Answer<Self> {
        match text {
            None | Some("geojson") => Ok(Self::Points),
            Some("linestring") => Ok(Self::Line),
            Some("gpx") => Ok(Self::Gpx),
            Some("csv") => Ok(Self::Csv),
            Some(other) => {
                Err(Problem::invalid("format", format!("{other:?} is none of geojson, linestring, gpx, csv")))
            }
        }
    }

    fn write(self, fixes: &[VehiclePosition], next: Option<String>, audience: Audience) -> Response {
        let (content_type, body) = match self {
            Self::Points => ("application/geo+json", points(fixes, next.as_deref(), audience)),
            Self::Line => ("application/geo+json", line(fixes, next.as_deref())),
            Self::Gpx => ("application/gpx+xml", gpx(fixes)),
            Self::Csv => ("text/csv; charset=utf-8", csv(fixes)),
        };
        let mut response = ([(header::CONTENT_TYPE, content_type)], body).into_response();
        let link = next.and_then(|href| format!("<{href}>; rel=\"next\"").parse().ok());
        if let Some(link) = link {
            response.headers_mut().insert(header::LINK, link);
        }
        response
    }
}

fn links(next: Option<&str>) -> serde_json::Value {
    next.map_or_else(|| json!([]), |href| json!([{"rel": "next", "href": href, "type": "application/geo+json"}]))
}

fn points(fixes: &[VehiclePosition], next: Option<&str>, audience: Audience) -> String {
    let features: Vec<serde_json::Value> = fixes.iter().map(|fix| point(fix, audience)).collect();
    json!({
        "type": "FeatureCollection",
        "numberReturned": features.len(),
        "features": features,
        "links": links(next),
    })
    .to_string()
}

fn point(fix: &VehiclePosition, audience: Audience) -> serde_json::Value {
    let mut properties = serde_json::Map::new();
    let mut put = |name: &str, value: serde_json::Value| {
        if !value.is_null() {
            properties.insert(name.to_owned(), value);
        }
    };
    put("fix_time", json!(fix.fix_time));
    put("event", json!(fix.event));
    put("speed_m_s", json!(fix.speed_m_s));
    put("bearing_deg", json!(fix.bearing_deg));
    put("route", json!(fix.route_short_name.as_ref().or(fix.route.as_ref())));
    put("direction", json!(fix.direction));
    put("headsign", json!(fix.headsign));
    put("next_stop", json!(fix.next_stop));
    put("delay_s", json!(fix.delay_s));
    if audience == Audience::Staff {
        put("received_at", json!(fix.received_at));
        put("odometer_m", json!(fix.odometer_m));
        put("accuracy_m", json!(fix.accuracy_m));
        put("job", json!(fix.job));
        if !fix.flags.is_empty() {
            put("flags", json!(fix.flags));
        }
    }
    json!({
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": coordinates(fix)},
        "properties": properties,
    })
}

fn coordinates(fix: &VehiclePosition) -> [f64; 2] {
    [fix.position.lon.degrees(), fix.position.lat.degrees()]
}

/// RFC 7946, 3.1.4 wants two positions for a line, so a single fix has no line.
fn line(fixes: &[VehiclePosition], next: Option<&str>) -> String {
    let coordinates: Vec<[f64; 2]> = fixes.iter().map(coordinates).collect();
    let geometry = if coordinates.len() < 2 {
        serde_json::Value::Null
    } else {
        json!({"type": "LineString", "coordinates": coordinates})
    };
    let times: Vec<String> = fixes.iter().map(|fix| fix.fix_time.to_string()).collect();
    json!({
        "type": "Feature",
        "geometry": geometry,
        "properties": {"fix_times": times},
        "links": links(next),
    })
    .to_string()
}

/// GPX 1.1 (topografix.com/GPX/1/1): one track with one segment.
fn gpx(fixes: &[VehiclePosition]) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <gpx version=\"1.1\" creator=\"Misto\" xmlns=\"http://www.topografix.com/GPX/1/1\"><trk><trkseg>\n",
    );
    for fix in fixes {
        let [lon, lat] = coordinates(fix);
        out.push_str(&format!("<trkpt lat=\"{lat}\" lon=\"{lon}\"><time>{}</time></trkpt>\n", fix.fix_time));
    }
    out.push_str("</trkseg></trk></gpx>\n");
    out
}

fn csv(fixes: &[VehiclePosition]) -> String {
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let mut out = String::from("fix_time,lon,lat,speed_m_s,bearing_deg,event\n");
    for fix in fixes {
        let [lon, lat] = coordinates(fix);
        // The event comes from outside: quoted as RFC 4180 says.
        let event = fix.event.replace('"', "\"\"");
        let (speed, bearing) = (number(fix.speed_m_s), number(fix.bearing_deg));
        out.push_str(&format!("{},{lon},{lat},{speed},{bearing},\"{event}\"\n", fix.fix_time));
    }
    out
}
