//! Residents tell what they measured or saw at a place, and that they see it too. Nobody has to
//! sign in; a device is known by a random number of its own, of which a hash is kept.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use misto_city::reports::{About, Claim, MAX_HOW, MAX_NOTE, Measure, Report, State as ReportState, reported_at};
use misto_model::{Audience, Feature, FeatureId, Instant};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::extract::{Body, NoParams, Params, Segments};
use crate::access::{VENUE_ID, entrances_id, lifts_id, venues_id};
use crate::app::{App, Shared};
use crate::auth::Caller;
use crate::problem::{Answer, Problem};
use crate::reports::{
    MaySendPhoto, MayTell, PHOTO, ReportView, Submitted, for_everybody, keep_photo, of_venue, photo, renew, submit,
    too_large,
};

/// Largest body of a report, bytes.
pub const MAX_REPORT_BYTES: usize = 16 << 10;

/// What a resident tells.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportBody {
    /// Made on the device for this report, 8 to 64 letters, digits and `-`: sent twice, it counts once.
    key: String,
    /// Made once on the device at random, 16 to 64 letters, digits and `-`; sent here only.
    device: String,
    /// `measurement`, `blocked`, `clear`, `lift_broken`, `lift_works` or `other`.
    kind: String,
    /// `venue`, `{"entrance": id}` or `{"lift": id}`; the venue when absent.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    about: About,
    /// Of a measurement: which attribute of the venue, entrance or lift.
    attribute: Option<String>,
    /// Of a measurement: a number in the unit that the attribute's name ends with, or true or false.
    #[schema(value_type = Option<Object>)]
    value: Option<Measure>,
    /// By what means it was measured, for example `tape`.
    how: Option<String>,
    /// Free words; read by staff only.
    note: Option<String>,
    /// Id of a photo that was sent before.
    photo: Option<String>,
    /// When it was seen (RFC 3339).
    #[schema(value_type = String)]
    reported_at: Instant,
}

/// Who sees it too.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeenBody {
    /// The device's random number.
    device: String,
}

/// Reports about a place that stand.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReportsView {
    reports: Vec<ReportView>,
}

/// Tells something of a place.
#[utoipa::path(post, path = "/access/venues/{id}/reports", tag = "access", params(("id" = i64, Path)),
    request_body = ReportBody,
    responses((status = 201, body = ReportView), (status = 200, body = ReportView, description = "It was told before; another device confirms it so"),
              (status = 400, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
              (status = 413, body = Problem), (status = 429, body = Problem), (status = 503, body = Problem)))]
pub async fn create_report(
    State(app): State<Shared>,
    _: MayTell,
    Segments(id): Segments<i64>,
    Body(body): Body<ReportBody>,
) -> Answer<Response> {
    public_venue(&app, id)?;
    let key = random_id("key", &body.key, 8)?.to_owned();
    let report = checked(&app, id, body)?;
    let (status, kept) = match submit(&app, &key, report).await? {
        Submitted::New(kept) => (StatusCode::CREATED, kept),
        Submitted::Known(kept) => (StatusCode::OK, kept),
    };
    Ok((status, Json(for_everybody(&app, kept))).into_response())
}

/// Somebody sees the same. A second device confirms it; each time it lasts longer.
#[utoipa::path(post, path = "/access/reports/{id}/confirm", tag = "access", params(("id" = String, Path)),
    request_body = SeenBody,
    responses((status = 200, body = ReportView), (status = 400, body = Problem), (status = 404, body = Problem),
              (status = 429, body = Problem), (status = 503, body = Problem)))]
pub async fn confirm_report(
    State(app): State<Shared>,
    _: MayTell,
    Segments(id): Segments<String>,
    Body(body): Body<SeenBody>,
) -> Answer<Json<ReportView>> {
    let device = app.reports.device(random_id("device", &body.device, 16)?);
    Ok(Json(for_everybody(&app, renew(&app, &id, &device).await?)))
}

/// What was told of a place and stands: not confirmed, confirmed, or in force.
#[utoipa::path(get, path = "/access/venues/{id}/reports", tag = "access", params(("id" = i64, Path)),
    responses((status = 200, body = ReportsView), (status = 404, body = Problem)))]
pub async fn venue_reports(
    State(app): State<Shared>,
    Segments(id): Segments<i64>,
    Params(NoParams {}): Params<NoParams>,
) -> Answer<Response> {
    public_venue(&app, id)?;
    let told = of_venue(&app, id).await?.into_iter();
    // Free words of strangers are not for everybody.
    let told = told.filter(|kept| kept.report.claim != Claim::Other);
    let reports = told.map(|kept| for_everybody(&app, kept)).collect();
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(ReportsView { reports })).into_response())
}

/// Takes in a photo for a report; the answer names it. It is written anew at most 1 600 pixels
/// wide or high, without place, time and camera. One that no report names goes after a day.
#[utoipa::path(post, path = "/access/photos", tag = "access",
    request_body(content = Vec<u8>, content_type = "image/jpeg", description = "JPEG, PNG or WebP"),
    responses((status = 201, description = "`{\"id\": …}`"), (status = 400, body = Problem), (status = 413, body = Problem),
              (status = 415, body = Problem), (status = 429, body = Problem), (status = 503, body = Problem)))]
pub async fn create_photo(
    State(app): State<Shared>,
    _: MaySendPhoto,
    body: Result<axum::body::Bytes, axum::extract::rejection::BytesRejection>,
) -> Answer<Response> {
    let bytes = body.map_err(|refused| match refused.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(app.settings.reports.max_photo_bytes),
        _ => Problem::invalid("body", "the photo did not arrive whole; send it again"),
    })?;
    let id = keep_photo(&app, bytes).await?;
    Ok((StatusCode::CREATED, Json(json!({"id": id}))).into_response())
}

/// A photo of a report that was confirmed or accepted; staff see every one.
#[utoipa::path(get, path = "/access/photos/{id}", tag = "access", params(("id" = String, Path)),
    responses((status = 200, description = "image/jpeg"), (status = 404, body = Problem)))]
pub async fn show_photo(State(app): State<Shared>, caller: Caller, Segments(id): Segments<String>) -> Answer<Response> {
    let missing = || Problem::not_found("this photo was not found");
    let kept = photo(&app, &id).await.map_err(|problem| if problem.status == 400 { missing() } else { problem })?;
    if !caller.0.is_staff() && !kept.is_public(&app).await? {
        return Err(missing());
    }
    let blob = app.store.blobs.get(PHOTO, &id).await?.ok_or_else(missing)?;
    let mut response = blob.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin"));
    if !caller.0.is_staff() {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    }
    Ok(response)
}

pub(super) fn public_venue(app: &App, id: i64) -> Answer<Arc<Feature>> {
    app.loaded_with(&[venues_id()], Audience::Public)?;
    let venue = app.atlas.get(&venues_id(), FeatureId(id), Audience::Public);
    venue.ok_or_else(|| Problem::not_found(format!("venue {id} was not found")))
}

fn checked(app: &App, venue: i64, body: ReportBody) -> Answer<Report> {
    let now = app.now();
    let device = app.reports.device(random_id("device", &body.device, 16)?);
    let note = text("note", body.note, MAX_NOTE)?;
    let how = text("how", body.how, MAX_HOW)?;
    let claim = claim(&body.kind, body.attribute, body.value)?;
    claim.check(body.about, note.as_deref())?;
    belongs(app, venue, body.about)?;
    Ok(Report {
        venue,
        about: body.about,
        claim,
        how,
        note,
        photo: body.photo,
        reported_at: reported_at(body.reported_at, now)?,
        received_at: now,
        last_seen_at: reported_at(body.reported_at, now)?,
        devices: vec![device],
        seen_by: 1,
        state: ReportState::Open,
        decision: None,
    })
}

fn claim(kind: &str, attribute: Option<String>, value: Option<Measure>) -> Answer<Claim> {
    let needed = |field| Problem::invalid(field, "is needed for a measurement");
    let claim = match kind {
        "measurement" => {
            let attribute = attribute.ok_or_else(|| needed("attribute"))?;
            return Ok(Claim::Measurement { attribute, value: value.ok_or_else(|| needed("value"))? });
        }
        "blocked" => Claim::Blocked,
        "clear" => Claim::Clear,
        "lift_broken" => Claim::LiftBroken,
        "lift_works" => Claim::LiftWorks,
        "other" => Claim::Other,
        _ => {
            let reason = "expected measurement, blocked, clear, lift_broken, lift_works or other";
            return Err(Problem::invalid("kind", reason));
        }
    };
    if attribute.is_some() || value.is_some() {
        return Err(Problem::invalid("attribute", "belongs to a report of kind measurement only"));
    }
    Ok(claim)
}

/// An entrance or a lift has to be one of this venue.
fn belongs(app: &App, venue: i64, about: About) -> Answer<()> {
    let (collection, id) = match about {
        About::Venue => return Ok(()),
        About::Entrance(id) => (entrances_id(), id),
        About::Lift(id) => (lifts_id(), id),
    };
    let part = app.atlas.get(&collection, FeatureId(id), Audience::Public);
    let owner = part.and_then(|part| part.properties.get(VENUE_ID)?.as_i64());
    if owner == Some(venue) {
        Ok(())
    } else {
        Err(Problem::invalid("about", format!("the venue has no {id} in {collection}")))
    }
}

fn random_id<'a>(field: &str, text: &'a str, least: usize) -> Answer<&'a str> {
    let letters = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if letters && (least..=64).contains(&text.len()) {
        return Ok(text);
    }
    Err(Problem::invalid(field, format!("expected {least} to 64 letters, digits and -, made at random")))
}

fn text(field: &str, text: Option<String>, most: usize) -> Answer<Option<String>> {
    let Some(text) = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()) else { return Ok(None) };
    if text.chars().count() > most {
        return Err(Problem::invalid(field, format!("at most {most} characters")));
    }
    if text.chars().any(|letter| letter.is_control() && letter != '\n') {
        return Err(Problem::invalid(field, "control characters cannot stand in it"));
    }
    Ok(Some(text))
}
