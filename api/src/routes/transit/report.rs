//! The report of a service day: what the city pays the carrier by.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use axum::Json;
use axum::extract::State;
use jiff::civil::Date;
use misto_city::transit::Network;
use misto_city::transit::headway::{DayVisits, LineReport, PlannedHeadway, StopReport};
use misto_model::{RouteId, VehicleKey};
use serde::{Deserialize, Serialize};

use super::stops::loaded;
use crate::app::{App, Shared};
use crate::auth::Dispatcher;
use crate::problem::{Answer, Problem};
use crate::routes::extract::Params;
use crate::transit::Loaded;
use crate::transit::kept::{self, OfDay};

/// Which day.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ReportParams {
    /// Service day, `YYYY-MM-DD`; today in the city when absent.
    day: Option<String>,
    /// Id of a route; all when absent.
    route: Option<String>,
}

/// A service day. Shares stand beside the counts that they are of; absent = unknown.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReportView {
    day: String,
    /// Zone that the service day belongs to.
    time_zone: String,
    /// Whether the day is over. Until then what is planned is that of the whole day.
    complete: bool,
    /// Stop visits that were used; 0 when nobody was observed that day, or it is forgotten.
    observations: usize,
    /// Stop visits whose trip or way the present timetable does not have: they are in no figure.
    left_out: u64,
    lines: Vec<LineView>,
    stops: Vec<StopView>,
}

/// One direction of a route.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct LineView {
    route_id: String,
    /// Number as passengers know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    route: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<u8>,
    #[serde(flatten)]
    figures: LineFigures,
}

/// What was run. Nothing but the plan is known of a line of which no vehicle was observed.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct LineFigures {
    /// Stop visits that were observed.
    pub visits: usize,
    /// Trips of the timetable; 0 when the line has none.
    pub trips_planned: usize,
    /// Of them those of which at least half of the stops were visited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trips_run: Option<usize>,
    /// `trips_run` of `trips_planned`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trips_run_share: Option<f64>,
    /// Trips of vehicles of which only the way is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trips_without_plan: Option<usize>,
    /// Along the way, between the first and the last visited stop of each trip.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kilometres: Option<f64>,
    /// Trips that were run by a vehicle of which the register knows whether its floor is low.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor_known: Option<usize>,
    /// Of them those with a low floor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low_floor: Option<usize>,
    /// `low_floor` of `floor_known`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low_floor_share: Option<f64>,
}

/// One direction of a route at one stop.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct StopView {
    route_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<u8>,
    stop_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop: Option<String>,
    #[serde(flatten)]
    figures: StopFigures,
}

/// How regular the departures were. Seconds.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct StopFigures {
    /// Departures that were observed.
    pub observations: usize,
    /// Departures of the timetable.
    pub planned: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_headway_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planned_headway_s: Option<f64>,
    /// `timetable`, or `observed` (the median) when the route has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planned_is: Option<&'static str>,
    /// Mean wait of who comes at any moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average_wait_s: Option<f64>,
    /// What they waited longer than planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excess_wait_s: Option<f64>,
    /// Intervals that could be compared with a plan.
    pub compared: usize,
    /// Of them under a quarter of the plan.
    pub bunched: usize,
    /// `bunched` of `compared`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bunched_share: Option<f64>,
    /// Of `compared` those over one and a half times the plan.
    pub gaps: usize,
    /// `gaps` of `compared`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gaps_share: Option<f64>,
    /// Departures whose trip is known.
    pub timed: usize,
    /// Of them one minute early to five minutes late.
    pub on_time: usize,
    /// `on_time` of `timed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_time_share: Option<f64>,
}

/// What was observed of a service day against what was planned: by line the kilometres and
/// trips that were run and the share of low floors, by stop intervals and punctuality.
/// A day of which nobody was observed answers with `observations` 0 and the plan alone.
#[utoipa::path(get, path = "/dispatch/reports/transit", tag = "dispatch", params(ReportParams),
    responses((status = 200, body = ReportView), (status = 400, body = Problem), (status = 401, body = Problem),
              (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn report(
    State(app): State<Shared>,
    _: Dispatcher,
    Params(params): Params<ReportParams>,
) -> Answer<Json<ReportView>> {
    let asked = Asked::of(&app, &params)?;
    let OfDay { visits, left_out } = asked.read(&app).await?;
    let now = app.now();
    let made = move || {
        let network = &asked.loaded.network;
        let of_day = DayVisits::new(network, asked.day, &visits);
        let ends_at = kept::ends_at(network, asked.day);
        ReportView {
            day: asked.day.to_string(),
            time_zone: network.timetable().time_zone.clone(),
            complete: ends_at.is_some_and(|ends_at| ends_at.micros() < now.micros()),
            observations: of_day.count(),
            left_out,
            lines: asked.lines(&of_day, &floors(&app)).iter().map(|line| line_view(network, line)).collect(),
            stops: asked.stops(&of_day).iter().map(|stop| stop_view(network, stop)).collect(),
        }
    };
    Ok(Json(tokio::task::spawn_blocking(made).await.map_err(|_| Problem::internal())?))
}

/// A report that somebody wants.
pub(super) struct Asked {
    pub loaded: Arc<Loaded>,
    pub day: Date,
    route: Option<RouteId>,
}

impl Asked {
    /// # Errors
    /// 400 naming the parameter; 404 without a timetable.
    pub(super) fn of(app: &App, params: &ReportParams) -> Answer<Self> {
        let loaded = loaded(app)?;
        let zone = loaded.network.departures().time_zone().clone();
        let today = app.now().timestamp().to_zoned(zone).date();
        let day = match params.day.as_deref() {
            None => today,
            Some(text) => {
                let wrong = |_| {
                    let text: String = text.chars().take(40).collect();
                    Problem::invalid("day", format!("{text:?} is no day; for example {today}"))
                };
                text.parse::<Date>().map_err(wrong)?
            }
        };
        if day > today {
            return Err(Problem::invalid("day", format!("{day} has not come yet; today is {today}")));
        }
        let route = params.route.clone().map(RouteId);
        if let Some(route) = route.as_ref().filter(|id| !loaded.network.timetable().routes.contains_key(id)) {
            let text: String = route.0.chars().take(80).collect();
            return Err(Problem::invalid("route", format!("the timetable has no route {text:?}")));
        }
        Ok(Self { loaded, day, route })
    }

    pub(super) async fn read(&self, app: &App) -> Answer<OfDay> {
        kept::of_day(app.store.series.as_ref(), &self.loaded.network, self.day, self.route.as_ref()).await
    }

    fn is_asked(&self, route: &RouteId) -> bool {
        self.route.as_ref().is_none_or(|asked| asked == route)
    }

    pub(super) fn lines(&self, of_day: &DayVisits<'_>, floors: &HashMap<VehicleKey, bool>) -> Vec<LineReport> {
        let mut lines = of_day.lines(|vehicle| floors.get(vehicle).copied());
        lines.retain(|line| self.is_asked(&line.route));
        lines
    }

    pub(super) fn stops(&self, of_day: &DayVisits<'_>) -> Vec<StopReport> {
        let mut stops = of_day.stops();
        stops.retain(|stop| self.is_asked(&stop.route));
        stops
    }
}

/// What the register says of floors.
pub(super) fn floors(app: &App) -> HashMap<VehicleKey, bool> {
    let fleet = app.fleet.read().unwrap_or_else(PoisonError::into_inner);
    fleet.register().filter_map(|register| Some((register.vehicle.clone(), register.low_floor?))).collect()
}

/// The number of a route.
pub(super) fn number(network: &Network, route: &RouteId) -> Option<String> {
    network.timetable().routes.get(route).map(|route| route.short_name.clone())
}

fn line_view(network: &Network, line: &LineReport) -> LineView {
    LineView {
        route_id: line.route.to_string(),
        route: number(network, &line.route),
        direction: line.direction,
        figures: LineFigures::of(line),
    }
}

fn stop_view(network: &Network, stop: &StopReport) -> StopView {
    StopView {
        route_id: stop.route.to_string(),
        direction: stop.direction,
        stop_id: stop.stop.to_string(),
        stop: network.timetable().stops.get(&stop.stop).map(|stop| stop.name.clone()),
        figures: StopFigures::of(stop),
    }
}

impl LineFigures {
    pub(super) fn of(line: &LineReport) -> Self {
        let seen = line.visits > 0;
        Self {
            visits: line.visits,
            trips_planned: line.trips_planned,
            trips_run: seen.then_some(line.trips_run),
            trips_run_share: share(line.trips_run, line.trips_planned).filter(|_| seen),
            trips_without_plan: seen.then_some(line.trips_without_plan),
            kilometres: seen.then_some((line.kilometres * 1e3).round() / 1e3),
            floor_known: seen.then_some(line.floor_known),
            low_floor: (line.floor_known > 0).then_some(line.low_floor),
            low_floor_share: share(line.low_floor, line.floor_known),
        }
    }
}

impl StopFigures {
    pub(super) fn of(stop: &StopReport) -> Self {
        let tenths = |seconds: Option<f64>| seconds.map(|seconds| (seconds * 10.0).round() / 10.0);
        Self {
            observations: stop.observations,
            planned: stop.planned,
            mean_headway_s: tenths(stop.mean_headway_s),
            planned_headway_s: tenths(stop.planned_headway.map(PlannedHeadway::seconds)),
            planned_is: stop.planned_headway.map(|planned| match planned {
                PlannedHeadway::Timetable(_) => "timetable",
                PlannedHeadway::ObservedMedian(_) => "observed",
            }),
            average_wait_s: tenths(stop.average_wait_s),
            excess_wait_s: tenths(stop.excess_wait_s),
            compared: stop.compared,
            bunched: stop.bunched,
            bunched_share: share(stop.bunched, stop.compared),
            gaps: stop.gaps,
            gaps_share: share(stop.gaps, stop.compared),
            timed: stop.timed,
            on_time: stop.on_time,
            on_time_share: share(stop.on_time, stop.timed),
        }
    }
}

/// A share of none is unknown.
fn share(part: usize, of: usize) -> Option<f64> {
    (of > 0).then(|| (part as f64 / of as f64 * 1e4).round() / 1e4)
}
