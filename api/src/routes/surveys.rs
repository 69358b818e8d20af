//! Surveys of places by the official card: planners keep them, everybody reads and prints them.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use misto_city::survey::{Answers, CARD, Tally, check, measured, tally};
use misto_model::{Audience, Error, Version};
use misto_store::{DocumentWrite, LogWrite};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::extract::{Body, NoParams, Params, Segments};
use super::rendition::Wish;
use super::reports::public_venue;
use super::writing::expected;
use crate::app::{App, Shared};
use crate::auth::{Caller, Planner};
use crate::problem::{Answer, Problem};
use crate::view::html::{Language, SurveyPage, survey as survey_html};

/// Kind of the documents; the key is `<venue>/<date>`.
const KIND: &str = "survey";
const AUDIT: &str = "audit";
/// Longest remark, characters.
const MAX_REMARK: usize = 2_000;

/// A survey as it is sent.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SurveyBody {
    /// By criterion of the card: `yes`, `no` or `not_applicable`; one left out is not answered.
    #[schema(value_type = Object)]
    answers: Answers,
    /// Free words.
    remark: Option<String>,
}

/// A survey as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Survey {
    venue: i64,
    date: Date,
    /// Edition of the card.
    card: String,
    answers: Answers,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    remark: Option<String>,
    by: String,
}

/// A survey with its result.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SurveyView {
    venue: i64,
    #[schema(value_type = String)]
    date: Date,
    card: String,
    #[schema(value_type = Object)]
    answers: Answers,
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<String>,
    /// `outcome` (barrier_free, partly, barriers, incomplete) and the numbers behind it.
    #[schema(value_type = Object)]
    result: Tally,
    /// Who surveyed; for staff.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    version: i64,
}

/// Surveys of a place, the card they answer, and what its measurements answer by themselves.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SurveysView {
    /// The card with its criteria and its source.
    #[schema(value_type = Object)]
    card: &'static misto_city::survey::Card,
    /// The newest first.
    surveys: Vec<SurveyView>,
    /// Answers to begin a survey with.
    #[schema(value_type = Object)]
    measured: Answers,
}

struct Kept {
    version: Version,
    survey: Survey,
}

impl Kept {
    fn view(self, names: bool) -> SurveyView {
        let Survey { venue, date, card, answers, remark, by } = self.survey;
        let result = tally(&CARD.criteria, &answers);
        SurveyView { venue, date, card, answers, remark, result, by: names.then_some(by), version: self.version.0 }
    }
}

async fn kept(app: &App, venue: i64) -> Answer<Vec<Kept>> {
    let mut found = Vec::new();
    for document in app.store.documents.find(KIND, "venue", &json!(venue)).await? {
        match serde_json::from_value(document.body) {
            Ok(survey) => found.push(Kept { version: document.version, survey }),
            Err(cause) => tracing::warn!(key = document.key, %cause, "a survey cannot be read and is left out"),
        }
    }
    found.sort_by_key(|kept: &Kept| std::cmp::Reverse(kept.survey.date));
    Ok(found)
}

fn measured_of(app: &App, venue: i64) -> Answer<Answers> {
    let feature = public_venue(app, venue)?;
    let read = app.venues.read(&app.atlas, std::slice::from_ref(&feature), Audience::Public);
    Ok(read.first().map(|read| measured(&read.venue)).unwrap_or_default())
}

/// Surveys of a place.
#[utoipa::path(get, path = "/access/venues/{id}/surveys", tag = "access", params(("id" = i64, Path)),
    responses((status = 200, body = SurveysView), (status = 404, body = Problem)))]
pub async fn surveys(
    State(app): State<Shared>,
    caller: Caller,
    Segments(id): Segments<i64>,
    Params(NoParams {}): Params<NoParams>,
) -> Answer<Json<SurveysView>> {
    let measured = measured_of(&app, id)?;
    let names = caller.0.is_staff();
    let surveys = kept(&app, id).await?.into_iter().map(|kept| kept.view(names)).collect();
    Ok(Json(SurveysView { card: &CARD, surveys, measured }))
}

/// Keeps the survey of a place on a day; over one that stands with If-Match.
#[utoipa::path(put, path = "/dispatch/access/venues/{id}/surveys/{date}", tag = "dispatch", request_body = SurveyBody,
    params(("id" = i64, Path), ("date" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = SurveyView), (status = 400, body = Problem), (status = 401, body = Problem),
              (status = 403, body = Problem), (status = 404, body = Problem), (status = 412, body = Problem),
              (status = 428, body = Problem)))]
pub async fn keep_survey(
    State(app): State<Shared>,
    planner: Planner,
    Segments((id, date)): Segments<(i64, String)>,
    headers: HeaderMap,
    Body(body): Body<SurveyBody>,
) -> Answer<Response> {
    public_venue(&app, id)?;
    let survey = checked(&app, id, &date, planner.name, body)?;
    let key = format!("{id}/{}", survey.date);
    let stands = app.store.documents.get(KIND, &key).await?.is_some();
    let over = if stands || headers.contains_key(header::IF_MATCH) { Some(expected(&headers)?) } else { None };
    let body = serde_json::to_value(&survey).map_err(|_| Problem::internal())?;
    let act = if stands { "replace survey" } else { "create survey" };
    let entry = json!({"at": app.now(), "actor": survey.by, "act": act, "id": key, "body": body});
    let said = LogWrite { kind: AUDIT.to_owned(), entries: vec![entry], at: app.now(), keep: None };
    let put = DocumentWrite::Put { kind: KIND.to_owned(), key, expected: over, body };
    let versions = app.store.documents.write(&[put], &[said]).await?;
    let version = versions.into_iter().next().ok_or_else(Problem::internal)?;
    let tag = HeaderValue::from_str(&format!("\"{}\"", version.0)).map_err(|_| Problem::internal())?;
    Ok(([(header::ETAG, tag)], Json(Kept { version, survey }.view(true))).into_response())
}

fn checked(app: &App, venue: i64, date: &str, by: String, body: SurveyBody) -> Answer<Survey> {
    let date: Date = date.parse().map_err(|_| Problem::invalid("date", "expected a day such as 2026-11-25"))?;
    let zone = TimeZone::get(&app.settings.city.time_zone).unwrap_or(TimeZone::UTC);
    if date > app.now().timestamp().to_zoned(zone).date() {
        return Err(Problem::invalid("date", "the day of a survey cannot lie in the future"));
    }
    check(&body.answers)?;
    if body.answers.is_empty() {
        return Err(Problem::invalid("answers", "nothing is answered"));
    }
    let remark = body.remark.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if remark.as_ref().is_some_and(|text| text.chars().count() > MAX_REMARK || text.contains('\0')) {
        return Err(Problem::invalid("remark", format!("at most {MAX_REMARK} characters, without NUL")));
    }
    Ok(Survey { venue, date, card: CARD.version.clone(), answers: body.answers, remark, by })
}

/// What the links of the page say.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageParams {
    lang: Option<String>,
    /// The day of a survey; the newest when absent.
    date: Option<String>,
    /// A form to fill in by hand.
    empty: Option<bool>,
}

/// `/access/venues/{id}/survey`: the newest survey, or the form, to read and to print.
pub async fn survey_page(
    State(app): State<Shared>,
    caller: Caller,
    Segments(id): Segments<i64>,
    Params(params): Params<PageParams>,
    wish: Wish,
) -> Answer<Response> {
    let feature = public_venue(&app, id)?;
    let language = match params.lang.as_deref() {
        Some("en") => Language::En,
        Some("uk") => Language::Uk,
        _ if wish.english() => Language::En,
        _ => Language::Uk,
    };
    let mut found = kept(&app, id).await?;
    let dates: Vec<String> = found.iter().map(|kept| kept.survey.date.to_string()).collect();
    let chosen = match &params.date {
        _ if params.empty == Some(true) => None,
        None => (!found.is_empty()).then(|| found.swap_remove(0)),
        Some(date) => {
            let at = dates.iter().position(|one| one == date);
            let missing = || Error::not_found(format!("a survey of {:?}", date.chars().take(20).collect::<String>()));
            Some(found.swap_remove(at.ok_or_else(missing)?))
        }
    };
    let text = |name: &str| feature.properties.get(name).and_then(|value| value.as_str());
    let chosen = chosen.map(|kept| kept.view(caller.0.is_staff()));
    let page = SurveyPage {
        venue: id,
        name: language.pick(text("name").unwrap_or_default(), text("name_en").or(text("name")).unwrap_or_default()),
        address: text("address"),
        card: &CARD,
        date: chosen.as_ref().map(|survey| survey.date.to_string()),
        answers: chosen.as_ref().map(|survey| &survey.answers),
        result: chosen.as_ref().map(|survey| survey.result),
        remark: chosen.as_ref().and_then(|survey| survey.remark.as_deref()),
        by: chosen.as_ref().and_then(|survey| survey.by.as_deref()),
        dates,
    };
    Ok(survey_html(language, &page).into_response())
}

/// Says by which members surveys are found.
///
/// # Errors
/// When the store cannot be written.
pub async fn declare(documents: &dyn misto_store::Documents) -> misto_model::Result<()> {
    let venue = misto_store::Field { name: "venue".to_owned(), pointer: "/venue".to_owned(), unique: false };
    documents.declare(KIND, &[venue]).await
}
