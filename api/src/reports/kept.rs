//! Reports in the store: told, seen again, decided, ended.

use misto_city::reports::{About, Claim, Decision, Report, Seen, State, columns, edited};
use misto_model::{Actor, CollectionId, Edit, Error, Feature, FeatureId, Property, Version};
use misto_store::{Context, Document, DocumentWrite, LogWrite};
use serde_json::{Value, json};

use super::photos::{PHOTO, photo, remove_photo};
use super::{KIND, announce};
use crate::access::{entrances_id, lifts_id, venues_id};
use crate::app::App;
use crate::problem::{Answer, Problem};

/// Log of what staff do.
const AUDIT: &str = "audit";
/// How often a write is tried again when somebody else wrote the same document.
const TRIES: usize = 4;

/// A report with its id and version.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Key of its document.
    pub id: String,
    /// How often it was saved; in quotes it is the ETag.
    pub version: Version,
    /// The report.
    pub report: Report,
}

impl Kept {
    /// `None`, logged, for one that cannot be read.
    pub fn of(document: Document) -> Option<Self> {
        let read = serde_json::from_value(document.body);
        let read = read.inspect_err(|cause| tracing::warn!(key = document.key, %cause, "a report is left out"));
        Some(Self { id: document.key, version: document.version, report: read.ok()? })
    }

    fn body(&self) -> misto_model::Result<Value> {
        let mut body = serde_json::to_value(&self.report)
            .map_err(|cause| Error::unavailable("the report cannot be kept", cause))?;
        if self.report.is_undecided_or_in_force() {
            body["standing"] = json!(true);
        }
        Ok(body)
    }

    fn put(&self, expected: Option<Version>) -> misto_model::Result<DocumentWrite> {
        Ok(DocumentWrite::Put { kind: KIND.to_owned(), key: self.id.clone(), expected, body: self.body()? })
    }
}

/// What became of what was told.
pub enum Submitted {
    /// It is new.
    New(Kept),
    /// The same was told before: by the same device with the same key, or by others.
    Known(Kept),
}

async fn read(app: &App, id: &str) -> misto_model::Result<Option<Kept>> {
    Ok(app.store.documents.get(KIND, id).await?.and_then(Kept::of))
}

/// Writes it over the version that it was read at.
async fn save(app: &App, mut kept: Kept, more: Vec<DocumentWrite>, log: &[LogWrite]) -> misto_model::Result<Kept> {
    let mut writes = vec![kept.put(Some(kept.version))?];
    writes.extend(more);
    let versions = app.store.documents.write(&writes, log).await?;
    kept.version = versions.first().copied().unwrap_or(kept.version);
    app.reports.put(&kept);
    Ok(kept)
}

/// Takes in a report. One that is sent twice is one, and one that others told already confirms theirs.
///
/// # Errors
/// 409 when the key was used for something else, 400 for a photo that is not there, 503 when
/// too many wait for a decision.
pub async fn submit(app: &App, key: &str, report: Report) -> Answer<Submitted> {
    let device = report.devices.first().cloned().unwrap_or_default();
    let id = app.reports.hash(format!("{device} {key}").as_bytes());
    if let Some(known) = read(app, &id).await? {
        let is_same = known.report.venue == report.venue
            && known.report.about == report.about
            && known.report.claim == report.claim;
        return if is_same { Ok(Submitted::Known(known)) } else { Err(key_was_used()) };
    }
    if let Some(standing) = told_by_others(app, &report) {
        return Ok(Submitted::Known(renew(app, &standing, &device).await?));
    }
    bounded(app, report.venue)?;
    let mut writes = Vec::new();
    if let Some(name) = &report.photo {
        writes.push(photo(app, name).await?.attached(name, &id)?);
    }
    let mut kept = Kept { id, version: Version(0), report };
    writes.insert(0, kept.put(None)?);
    kept.version = match app.store.documents.write(&writes, &[]).await {
        Ok(versions) => versions.first().copied().ok_or_else(Problem::internal)?,
        // The same was sent twice at once.
        Err(Error::Conflict { .. }) => match read(app, &kept.id).await? {
            Some(known) => return Ok(Submitted::Known(known)),
            None => return Err(Problem::invalid("photo", "another report has it already")),
        },
        Err(error) => return Err(error.into()),
    };
    app.reports.put(&kept);
    Ok(Submitted::New(kept))
}

fn key_was_used() -> Problem {
    Problem::with_status(
        axum::http::StatusCode::CONFLICT,
        "key: was used for another report; make a new one for each report",
    )
}

fn told_by_others(app: &App, report: &Report) -> Option<String> {
    let (now, days) = (app.now(), app.settings.reports.temporary_days);
    let standing = app.reports.standing();
    let same = standing
        .get(&report.venue)?
        .iter()
        .find(|kept| kept.report.says_the_same_as(report) && kept.report.stands_at(now, days))?;
    Some(same.id.clone())
}

fn bounded(app: &App, venue: i64) -> Answer<()> {
    let settings = &app.settings.reports;
    let standing = app.reports.standing();
    if standing.get(&venue).is_some_and(|reports| reports.len() >= settings.max_open_per_venue) {
        return Err(Problem::too_many("many reports of this place wait for a decision already; send it later"));
    }
    if standing.values().map(Vec::len).sum::<usize>() >= settings.max_open {
        return Err(Problem::unavailable("too many reports wait for a decision; keep it and send it later"));
    }
    Ok(())
}

/// Somebody sees it too.
///
/// # Errors
/// 404 when it does not stand, 400 for free words, 503 when others write it all the time.
pub async fn renew(app: &App, id: &str, device: &str) -> Answer<Kept> {
    let days = app.settings.reports.temporary_days;
    for _ in 0..TRIES {
        let now = app.now();
        let standing = read(app, id).await?.filter(|kept| kept.report.stands_at(now, days));
        let mut kept = standing.ok_or_else(|| Problem::not_found("this report does not stand any more"))?;
        let seen = kept.report.seen(device, now)?;
        match save(app, kept, Vec::new(), &[]).await {
            Ok(kept) => {
                if seen == Seen::Confirmed {
                    after_confirmation(app, &kept).await?;
                }
                return Ok(kept);
            }
            Err(Error::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Problem::unavailable("others tell the same at this moment; try again"))
}

/// What is confirmed counts from now on: in the verdict, or against what it ends.
async fn after_confirmation(app: &App, kept: &Kept) -> Answer<()> {
    if let Some(ended) = kept.report.claim.ends() {
        end_obstacles(app, kept, &ended).await?;
    }
    if kept.report.claim.is_temporary() {
        announce(app);
    }
    Ok(())
}

async fn end_obstacles(app: &App, by: &Kept, ended: &Claim) -> Answer<()> {
    let standing = app.reports.standing();
    for obstacle in standing.get(&by.report.venue).into_iter().flatten() {
        if obstacle.report.claim == *ended && obstacle.report.about == by.report.about {
            expire(app, obstacle.clone(), Some(&by.id)).await?;
        }
    }
    Ok(())
}

/// Its time is over, or another report says that it is. Its photo goes.
///
/// # Errors
/// When the store cannot be written. One that changed meanwhile is left for the next time.
pub async fn expire(app: &App, mut kept: Kept, by: Option<&str>) -> misto_model::Result<()> {
    let reason = by.map(|report| format!("report {report}"));
    kept.report.expire(Decision { by: None, at: app.now(), reason });
    let photo = kept.report.photo.take();
    match save(app, kept, Vec::new(), &[]).await {
        Ok(_) => {}
        Err(Error::Conflict { .. }) => return Ok(()),
        Err(error) => return Err(error),
    }
    match photo {
        Some(photo) => remove_photo(app, &photo).await,
        None => Ok(()),
    }
}

/// Staff accept or refuse a report. What is accepted is part of the record when this returns.
///
/// # Errors
/// 404 for no report, 412 when it changed since it was read, 400 when it was decided already or
/// the record cannot take it.
pub async fn decide(
    app: &App,
    id: &str,
    expected: Version,
    accept: bool,
    by: &str,
    reason: Option<String>,
) -> Answer<Kept> {
    let _alone = app.reports.deciding.lock().await;
    let mut kept = read(app, id).await?.ok_or_else(|| Problem::not_found(format!("report {id:?} was not found")))?;
    if kept.version != expected {
        return Err(Error::changed(format!("report {id:?}"), None).into());
    }
    let decision = Decision { by: Some(by.to_owned()), at: app.now(), reason: reason.clone() };
    kept.report.decide(accept, decision, app.settings.reports.temporary_days)?;
    if accept {
        edit_record(app, &kept, by).await?;
    }
    let photo = if accept { None } else { kept.report.photo.take() };
    let act = if accept { "accept report" } else { "refuse report" };
    let entry = json!({"at": app.now(), "actor": by, "act": act, "id": id, "body": {"reason": reason}});
    let said = LogWrite { kind: AUDIT.to_owned(), entries: vec![entry], at: app.now(), keep: None };
    let kept = save(app, kept, Vec::new(), &[said]).await?;
    if let Some(photo) = photo {
        remove_photo(app, &photo).await?;
    }
    if accept && let Some(ended) = kept.report.claim.ends() {
        end_obstacles(app, &kept, &ended).await?;
    }
    if kept.report.claim.is_temporary() {
        announce(app);
    }
    Ok(kept)
}

/// Collection and number of the feature that a report is about.
pub fn record_of(report: &Report) -> (CollectionId, FeatureId) {
    match report.about {
        About::Venue => (venues_id(), FeatureId(report.venue)),
        About::Entrance(id) => (entrances_id(), FeatureId(id)),
        About::Lift(id) => (lifts_id(), FeatureId(id)),
    }
}

/// Saves what was accepted the way a planner's edit is saved: history, change feed and map follow.
async fn edit_record(app: &App, kept: &Kept, by: &str) -> Answer<()> {
    let wanted = columns(&kept.report);
    if wanted.is_empty() {
        return Ok(());
    }
    let (collection, id) = record_of(&kept.report);
    let known = app.atlas.collection(&collection).ok_or_else(|| gone(&collection, id))?;
    let missing: Vec<_> =
        wanted.into_iter().filter(|(name, _)| known.properties.iter().all(|p| p.name != *name)).collect();
    let mut described = (*known).clone();
    if !missing.is_empty() {
        let audience = described.audience;
        let added = missing.into_iter().map(|(name, kind)| Property { name, kind, audience });
        described.properties.extend(added);
        app.store.features.define(&described).await?;
    }
    let context = Context { actor: Actor(by.to_owned()), reason: Some(format!("report {}", kept.id)) };
    for _ in 0..TRIES {
        let found: Vec<Feature> = app.store.features.get(&collection, &[id]).await?;
        let current = found.into_iter().next().ok_or_else(|| gone(&collection, id))?;
        let Some(properties) = edited(&kept.report, &kept.id, &current.properties)? else { return Ok(()) };
        misto_city::editing::validate(&described, None, &properties)?;
        let edit = Edit::Replace { id, expected: current.version, geometry: current.geometry, properties };
        match app.store.features.apply(&collection, vec![edit], &context).await {
            Ok(_) => return crate::routes::followed(app).await,
            Err(Error::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Problem::unavailable("the record is being changed by others; try again"))
}

fn gone(collection: &CollectionId, id: FeatureId) -> Problem {
    Problem::invalid("about", format!("{collection} {id} does not stand any more; refuse the report"))
}

/// Reports about a venue that stand, the newest first.
///
/// # Errors
/// When the store cannot be read.
pub async fn of_venue(app: &App, venue: i64) -> misto_model::Result<Vec<Kept>> {
    let (now, days) = (app.now(), app.settings.reports.temporary_days);
    let found = app.store.documents.find(KIND, "venue", &json!(venue)).await?;
    let standing = found.into_iter().filter_map(Kept::of).filter(|kept| kept.report.stands_at(now, days));
    Ok(newest_first(standing.collect()))
}

/// Reports of these states, the newest first.
///
/// # Errors
/// When the store cannot be read.
pub async fn all_of(app: &App, states: &[State]) -> misto_model::Result<Vec<Kept>> {
    let mut all = Vec::new();
    for state in states {
        all.extend(
            app.store.documents.find(KIND, "state", &json!(state.as_str())).await?.into_iter().filter_map(Kept::of),
        );
    }
    Ok(newest_first(all))
}

fn newest_first(mut reports: Vec<Kept>) -> Vec<Kept> {
    reports.sort_by_key(|kept| std::cmp::Reverse(kept.report.received_at.micros()));
    reports
}

/// Kind of the documents of photos, for the document that says whose one is.
pub(super) fn attach(name: &str, expected: Version, body: Value) -> DocumentWrite {
    DocumentWrite::Put { kind: PHOTO.to_owned(), key: name.to_owned(), expected: Some(expected), body }
}
