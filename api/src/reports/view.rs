//! A report as others read it.

use misto_city::reports::{About, Claim, Decision, Difference, Report, State, difference};
use misto_model::{Audience, Instant};
use serde::Serialize;

use super::kept::{Kept, record_of};
use crate::access::venues_id;
use crate::app::App;

/// A report. Nobody learns who told it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ReportView {
    id: String,
    venue: i64,
    /// `venue`, `{"entrance": id}` or `{"lift": id}`.
    #[schema(value_type = Object)]
    about: About,
    /// `measurement` (with `attribute` and `value`), `blocked`, `clear`, `lift_broken`, `lift_works` or `other`.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    claim: Claim,
    #[serde(skip_serializing_if = "Option::is_none")]
    how: Option<String>,
    /// open, confirmed, accepted, refused or expired.
    #[schema(value_type = String)]
    state: State,
    /// Whether it counts in the verdict now.
    counts: bool,
    /// When it was seen first (RFC 3339).
    #[schema(value_type = String)]
    reported_at: Instant,
    /// When it was seen last.
    #[schema(value_type = String)]
    last_seen_at: Instant,
    /// How many devices saw it.
    seen_by: u32,
    /// When it ends unless somebody sees it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    ends_at: Option<Instant>,
    /// Id of its photo; for everybody once it is confirmed or accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    photo: Option<String>,
    /// What the record says now (`present`), and by how much the report differs (`by`).
    #[serde(flatten)]
    #[schema(value_type = Object)]
    difference: Difference,
    /// For staff.
    #[serde(flatten)]
    staff: Option<StaffPart>,
}

/// What staff read beside.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct StaffPart {
    version: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    venue_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[schema(value_type = String)]
    received_at: Instant,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    decision: Option<Decision>,
}

/// What everybody may read.
pub fn for_everybody(app: &App, kept: Kept) -> ReportView {
    let is_shown = matches!(kept.report.state, State::Confirmed | State::Accepted);
    let photo = kept.report.photo.clone().filter(|_| is_shown);
    ReportView { photo, ..view(app, kept, Audience::Public) }
}

/// What staff read, who decide about it.
pub fn for_staff(app: &App, kept: Kept) -> ReportView {
    let report = &kept.report;
    let venue = app.atlas.get(&venues_id(), misto_model::FeatureId(report.venue), Audience::Staff);
    let venue_name = venue.and_then(|venue| venue.properties.get("name")?.as_str().map(str::to_owned));
    let staff = StaffPart {
        version: kept.version.0,
        venue_name,
        note: report.note.clone(),
        received_at: report.received_at,
        decision: report.decision.clone(),
    };
    ReportView { staff: Some(staff), ..view(app, kept, Audience::Staff) }
}

fn view(app: &App, kept: Kept, audience: Audience) -> ReportView {
    let days = app.settings.reports.temporary_days;
    let (collection, id) = record_of(&kept.report);
    let record = app.atlas.get(&collection, id, audience);
    let told = record.map(|record| difference(&kept.report.claim, &record.properties));
    let Report { venue, about, claim, how, photo, reported_at, last_seen_at, seen_by, state, .. } = kept.report.clone();
    ReportView {
        id: kept.id,
        venue,
        about,
        claim,
        how,
        state,
        counts: kept.report.hinders_at(app.now(), days),
        reported_at,
        last_seen_at,
        seen_by,
        ends_at: kept.report.ends_at(days),
        photo,
        difference: told.unwrap_or(Difference { present: None, by: None }),
        staff: None,
    }
}
