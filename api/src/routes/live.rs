//! The live stream of one browser (server-sent events, WHATWG HTML 9.2).

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use futures::Stream;
use misto_model::Audience;
use serde::Deserialize;
use serde_json::json;
use tokio::time::{Instant as Stopwatch, sleep, sleep_until};

use super::extract::{Params, bbox};
use super::{sensors, vehicles};
use crate::app::{App, Shared};
use crate::auth::Caller;
use crate::problem::{Answer, Problem};
use crate::stream::{Filter, Letter, Listener, Taken};

/// Which part of the city and what of it.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct LiveParams {
    /// West, south, east, north; the whole city when absent.
    bbox: Option<String>,
    /// Comma-separated: `vehicles`, `readings`, `tiles`, `arrivals`, `alerts`; all when absent.
    kinds: Option<String>,
    /// Comma-separated route numbers as passengers know them; all vehicles when absent.
    routes: Option<String>,
}

/// Least time between two writes to one stream: what comes meanwhile goes out together.
/// The first event after a pause goes at once. A write costs some ten microseconds
/// of processor, so this bounds what a viewer costs; it is well below what anybody sees.
const PACE: Duration = Duration::from_millis(20);
/// A sign of life when there is nothing to tell, so that nothing between closes the connection.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);

/// Begins with `snapshot`, then `vehicle`, `gone`, `reading`, `tiles`,
/// `arrivals` (whose boards changed) and `alert` (ask for the notices anew). A reader that
/// takes nothing for a second gets only the newest of each vehicle, and one that is slower
/// still a new `snapshot` instead of what it missed; `reset` asks it to fetch everything anew.
#[utoipa::path(get, path = "/live", tag = "vehicles", params(LiveParams),
    responses((status = 200, description = "text/event-stream"), (status = 503, body = Problem)))]
pub async fn live(State(app): State<Shared>, caller: Caller, Params(params): Params<LiveParams>) -> Answer<Response> {
    let viewer = Viewer { audience: caller.audience(), filter: Arc::new(filter(&params)?) };
    let place = Place::take(&app)?;
    let headers = [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-cache")];
    Ok((headers, Body::from_stream(written(app, viewer, place))).into_response())
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

fn filter(params: &LiveParams) -> Answer<Filter> {
    let routes = params.routes.as_deref().map(|routes| routes.split(',').map(str::to_owned).collect());
    let mut filter = Filter { within: bbox(params.bbox.as_deref())?, routes, ..Filter::default() };
    let kinds = params.kinds.as_deref().unwrap_or("vehicles,readings,tiles,arrivals,alerts");
    for kind in kinds.split(',').filter(|kind| !kind.is_empty()) {
        match kind {
            "vehicles" => filter.vehicles = true,
            "readings" => filter.readings = true,
            "tiles" => filter.tiles = true,
            "arrivals" => filter.arrivals = true,
            "alerts" => filter.alerts = true,
            other => {
                return Err(Problem::invalid(
                    "kinds",
                    format!("{other:?} is none of vehicles, readings, tiles, arrivals, alerts"),
                ));
            }
        }
    }
    Ok(filter)
}

/// Who looks, and at what.
struct Viewer {
    audience: Audience,
    filter: Arc<Filter>,
}

fn written(app: Shared, viewer: Viewer, place: Place) -> impl Stream<Item = Result<Bytes, Infallible>> {
    async_stream::stream! {
        let _place = place;
        let mut stopping = app.stopping.clone();
        // Listen before the snapshot is taken, so that nothing falls between them.
        let listener = app.hub.listen(viewer.audience, Arc::clone(&viewer.filter));
        yield Ok(snapshot(&app, &viewer, &listener));
        loop {
            let went = Stopwatch::now();
            let come = async {
                sleep_until(went + PACE).await;
                listener.ready().await;
            };
            let come = tokio::select! {
                () = come => Some(listener.take()),
                () = sleep(SIGN_OF_LIFE) => None,
                _ = stopping.wait_for(|stop| *stop) => break,
            };
            match come {
                Some(Taken::Letters(letters)) => {
                    let bytes = viewer.together(&app, &letters);
                    if !bytes.is_empty() {
                        yield Ok(bytes);
                    }
                }
                Some(Taken::Lost) => {
                    listener.begin_anew();
                    yield Ok(snapshot(&app, &viewer, &listener));
                    yield Ok(Bytes::from_static(b"event: reset\ndata: {\"reason\":\"slow\"}\n\n"));
                }
                None => yield Ok(Bytes::from_static(b":\n\n")),
            }
        }
    }
}

/// The state now, for a listener that knows nothing yet.
fn snapshot(app: &App, viewer: &Viewer, listener: &Listener) -> Bytes {
    let filter = &viewer.filter;
    let mut vehicles =
        if filter.vehicles { vehicles::visible(app, viewer.audience, filter.within, &[]) } else { Vec::new() };
    vehicles.retain(|vehicle| filter.follows(vehicle.properties.route.as_deref()));
    let readings = if filter.readings { sensors::known(app) } else { Vec::new() };
    let data = json!({
        "now": app.now(),
        "vehicles": vehicles,
        "readings": readings,
        "mqtt": app.link().as_str(),
    });
    listener.settle(vehicles.iter().map(|vehicle| vehicle.id.as_str()));
    Bytes::from(format!("event: snapshot\ndata: {data}\n\n"))
}

impl Viewer {
    /// The letters as this viewer may read them, for one write.
    fn together(&self, app: &App, letters: &[Arc<Letter>]) -> Bytes {
        if let [letter] = letters {
            return if self.may_read(app, letter) { letter.bytes.clone() } else { Bytes::new() };
        }
        let mut all = BytesMut::with_capacity(letters.iter().map(|letter| letter.bytes.len()).sum());
        letters
            .iter()
            .filter(|letter| self.may_read(app, letter))
            .for_each(|letter| all.extend_from_slice(&letter.bytes));
        all.freeze()
    }

    /// What a desk cannot know: which collections are public now.
    fn may_read(&self, app: &App, letter: &Letter) -> bool {
        let Some(collection) = &letter.collection else { return true };
        self.audience == Audience::Staff
            || app.atlas.collection(collection).is_some_and(|standing| standing.audience == Audience::Public)
    }
}
