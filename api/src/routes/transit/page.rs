//! The page of a stop without a script, for slow links, old phones and paper.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use misto_model::Audience;
use serde::Deserialize;

use super::arrivals::{ArrivalView, stop, view};
use super::stops::loaded;
use crate::app::Shared;
use crate::problem::Answer;
use crate::routes::extract::{Params, Segments};
use crate::routes::origin::Origin;
use crate::routes::rendition::Wish;
use crate::view::html::{Language, Moment, StopPage, stop as stop_html};

/// Rows of the page: more is not read at a stop.
const ROWS: usize = 12;

/// What the links of the page say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageParams {
    lang: Option<String>,
    low_floor: Option<bool>,
}

/// `/stops/{id}`
pub async fn stop_page(
    State(app): State<Shared>,
    origin: Origin,
    Segments(id): Segments<String>,
    Params(params): Params<PageParams>,
    wish: Wish,
) -> Answer<Response> {
    let loaded = loaded(&app)?;
    let stop = stop(&loaded, &id)?;
    let language = match params.lang.as_deref() {
        Some("en") => Language::En,
        Some("uk") => Language::Uk,
        _ if wish.english() => Language::En,
        _ => Language::Uk,
    };
    let low_floor_only = params.low_floor == Some(true);
    let board = view(&app, &loaded, stop, Audience::Public, ROWS, low_floor_only);
    let zone = TimeZone::get(&board.time_zone).unwrap_or(TimeZone::UTC);
    let now = app.now().timestamp();
    let clock = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%H:%M").to_string();
    let parsed = |text: Option<&String>| text?.parse::<Timestamp>().ok();
    let moment = |row: &ArrivalView| {
        let at = parsed(row.time.as_ref())?;
        let range = parsed(row.earliest.as_ref()).zip(parsed(row.latest.as_ref()));
        let minutes = at.duration_since(now).as_secs().div_euclid(60);
        Some(Moment { clock: clock(at), minutes, range: range.map(|(from, to)| (clock(from), clock(to))) })
    };
    let moments = board.departures.iter().map(moment).collect();
    let routes: Vec<_> = loaded.network.departures().routes_of(&stop.id).map(|route| &route.id).collect();
    let concerns = |alert: &crate::transit::alerts::Alert| {
        let whole_network = alert.routes.is_empty() && alert.stops.is_empty();
        whole_network || alert.stops.contains(&stop.id) || alert.routes.iter().any(|route| routes.contains(&route))
    };
    let alerts = app.transit.alerts_at(app.now()).into_iter().filter(|one| concerns(&one.alert)).collect();
    let path = percent_encoding::utf8_percent_encode(&stop.id.0, percent_encoding::NON_ALPHANUMERIC);
    let address = origin.href(&format!("/stops/{path}"));
    let page = StopPage { board: &board, at: clock(now), moments, alerts, address, low_floor_only };
    Ok(stop_html(language, &page).into_response())
}
