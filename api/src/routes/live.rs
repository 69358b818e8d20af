//! The live stream of one browser (server-sent events, WHATWG HTML 9.2).

use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event as Line, KeepAlive, Sse};
use futures::Stream;
use misto_model::{Audience, Bbox};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;

use super::extract::{Params, bbox};
use super::{sensors, vehicles};
use crate::app::{App, Shared};
use crate::auth::Caller;
use crate::problem::{Answer, Problem};
use crate::stream::{Event, Subject};

/// Which part of the city and what of it.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct LiveParams {
    /// West, south, east, north; the whole city when absent.
    bbox: Option<String>,
    /// Comma-separated: `vehicles`, `readings`, `tiles`; all when absent.
    kinds: Option<String>,
    /// Comma-separated route numbers as passengers know them; all vehicles when absent.
    routes: Option<String>,
}

/// Begins with `snapshot`, then `vehicle`, `gone`, `reading`, `tiles`. A reader
/// that is too slow gets a new `snapshot` instead of what it missed; `reset` asks
/// it to fetch everything anew.
#[utoipa::path(get, path = "/live", tag = "vehicles", params(LiveParams),
    responses((status = 200, description = "text/event-stream"), (status = 503, body = Problem)))]
pub async fn live(
    State(app): State<Shared>,
    caller: Caller,
    Params(params): Params<LiveParams>,
) -> Answer<Sse<impl Stream<Item = Result<Line, Infallible>>>> {
    let viewer = Viewer {
        audience: caller.audience(),
        within: bbox(params.bbox.as_deref())?,
        wants: Wants::of(params.kinds.as_deref())?,
        routes: params.routes.as_deref().map(|routes| routes.split(',').map(str::to_owned).collect()),
    };
    let place = Place::take(&app)?;
    Ok(Sse::new(lines(app, viewer, place)).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

/// One of the streams that the server has room for; given back when dropped.
struct Place(Shared);

impl Place {
    fn take(app: &Shared) -> Answer<Self> {
        let most = app.settings.http.max_streams as i64;
        let place = Self(Arc::clone(app));
        if app.metrics.streams.inc() >= most {
            return Err(Problem::unavailable("too many live streams are open; the lists still work"));
        }
        Ok(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.metrics.streams.dec();
    }
}

struct Wants {
    vehicles: bool,
    readings: bool,
    tiles: bool,
}

impl Wants {
    fn of(kinds: Option<&str>) -> Answer<Self> {
        let Some(kinds) = kinds else { return Ok(Self { vehicles: true, readings: true, tiles: true }) };
        let mut wants = Self { vehicles: false, readings: false, tiles: false };
        for kind in kinds.split(',').filter(|kind| !kind.is_empty()) {
            match kind {
                "vehicles" => wants.vehicles = true,
                "readings" => wants.readings = true,
                "tiles" => wants.tiles = true,
                other => {
                    return Err(Problem::invalid("kinds", format!("{other:?} is none of vehicles, readings, tiles")));
                }
            }
        }
        Ok(wants)
    }
}

struct Viewer {
    audience: Audience,
    within: Option<Bbox>,
    wants: Wants,
    routes: Option<HashSet<String>>,
}

fn lines(app: Shared, viewer: Viewer, place: Place) -> impl Stream<Item = Result<Line, Infallible>> {
    async_stream::stream! {
        let _place = place;
        // Listen before the snapshot is taken, so that nothing falls between them.
        let mut events = app.hub.listen();
        let mut stopping = app.stopping.clone();
        let (line, mut shown) = snapshot(&app, &viewer);
        yield Ok(line);
        loop {
            let event = tokio::select! {
                event = events.recv() => event,
                _ = stopping.wait_for(|stop| *stop) => break,
            };
            match event {
                Ok(event) => {
                    if let Some(line) = viewer.line(&app, &event, &mut shown) {
                        yield Ok(line);
                    }
                }
                Err(RecvError::Lagged(_)) => {
                    events = events.resubscribe();
                    let (line, anew) = snapshot(&app, &viewer);
                    shown = anew;
                    yield Ok(line);
                    yield Ok(Line::default().event("reset").data(json!({"reason": "slow"}).to_string()));
                }
                Err(RecvError::Closed) => break,
            }
        }
    }
}

/// The state now, and the ids of the vehicles in it.
fn snapshot(app: &App, viewer: &Viewer) -> (Line, HashSet<String>) {
    let vehicles =
        if viewer.wants.vehicles { vehicles::visible(app, viewer.audience, viewer.within, &[]) } else { Vec::new() };
    let readings = if viewer.wants.readings { sensors::known(app) } else { Vec::new() };
    let shown = vehicles.iter().map(|vehicle| vehicle.id.clone()).collect();
    let data = json!({
        "now": app.now(),
        "vehicles": vehicles,
        "readings": readings,
        "mqtt": app.link().as_str(),
    });
    (Line::default().event("snapshot").data(data.to_string()), shown)
}

impl Viewer {
    /// Whether vehicles on this route are wanted; one without a route is on none.
    fn follows(&self, route: Option<&str>) -> bool {
        self.routes.as_ref().is_none_or(|routes| route.is_some_and(|route| routes.contains(route)))
    }

    /// The event as this viewer may read it; `None` when it is not for them.
    fn line(&self, app: &App, event: &Event, shown: &mut HashSet<String>) -> Option<Line> {
        if event.audience.is_some_and(|audience| audience != self.audience) {
            return None;
        }
        let inside = |position| self.within.is_none_or(|bbox| bbox.contains(position));
        let name = match &event.subject {
            Subject::Vehicle { position, route } if self.wants.vehicles => {
                if !inside(*position) || !self.follows(route.as_deref()) {
                    return shown.remove(&event.id).then(|| gone(&event.id));
                }
                if !shown.contains(&event.id) {
                    shown.insert(event.id.clone());
                }
                "vehicle"
            }
            Subject::VehicleGone if self.wants.vehicles => {
                return shown.remove(&event.id).then(|| gone(&event.id));
            }
            Subject::Reading { position } if self.wants.readings && position.is_none_or(inside) => "reading",
            Subject::Tiles { collection } if self.wants.tiles => {
                let visible = app.atlas.collection(collection).is_some_and(|c| c.audience == Audience::Public);
                if self.audience == Audience::Public && !visible {
                    return None;
                }
                "tiles"
            }
            Subject::Reset => "reset",
            _ => return None,
        };
        Some(Line::default().event(name).data(&event.data))
    }
}

fn gone(id: &str) -> Line {
    Line::default().event("gone").data(json!({"id": id}).to_string())
}
