//! Entities that are alerts.

use misto_model::{AlertCause, AlertEffect, InformedEntity, RouteId, ServiceAlert, StopId, Translations};

use super::super::refusal::Refusal;
use super::{Reading, RealtimeFeed, Seen, trip};
use crate::gtfs_realtime as wire;
use crate::gtfs_realtime::{Cause, Effect};

/// Longest text of an alert, in characters.
const MAX_TEXT_CHARS: usize = 20_000;
/// The language of a text that does not say it (BCP 47).
const UNDETERMINED: &str = "und";

pub(super) fn read(reading: &Reading<'_>, id: &str, alert: &wire::Alert, seen: &mut Seen, found: &mut RealtimeFeed) {
    let parts = alert.informed_entity.len() + alert.active_period.len();
    if let Err(refusal) = seen.add("alert.informed_entity", parts) {
        return found.problem(id, refusal);
    }
    let mut own = ServiceAlert { id: id.to_owned(), ..ServiceAlert::default() };
    let texts = [
        ("alert.header_text", &alert.header_text, &mut own.header),
        ("alert.description_text", &alert.description_text, &mut own.description),
        ("alert.url", &alert.url, &mut own.url),
    ];
    for (field, text, to) in texts {
        translations(field, text.as_ref(), to).into_iter().for_each(|refusal| found.problem(id, refusal));
    }
    if own.header.is_empty() && own.description.is_empty() {
        return found.problem(id, Refusal::missing("alert.header_text", "an alert without text tells nobody anything"));
    }
    for (number, entity) in alert.informed_entity.iter().enumerate() {
        match informed(reading, &format!("alert.informed_entity[{number}]"), entity) {
            Ok((entity, wrong)) => {
                wrong.into_iter().for_each(|refusal| found.problem(id, refusal));
                own.informed.push(entity);
            }
            Err(refusal) => found.problem(id, refusal),
        }
    }
    if own.informed.is_empty() {
        let right = "an alert says whom it concerns: agency, route, trip or stop";
        return found.problem(id, Refusal::missing("alert.informed_entity", right));
    }
    for (number, range) in alert.active_period.iter().enumerate() {
        match period(&format!("alert.active_period[{number}]"), range) {
            Ok(period) => own.active.push(period),
            Err(refusal) => found.problem(id, refusal),
        }
    }
    if own.active.is_empty() && !alert.active_period.is_empty() {
        // Not one of its periods can be read, and without a period it would hold always.
        return;
    }
    own.cause = alert.cause.and_then(|number| cause(number, id, found));
    own.effect = alert.effect.and_then(|number| effect(number, id, found));
    found.alerts.push(own);
}

fn translations(field: &str, text: Option<&wire::TranslatedString>, to: &mut Translations) -> Vec<Refusal> {
    let mut wrong = Vec::new();
    for (number, translation) in text.into_iter().flat_map(|text| &text.translation).enumerate() {
        let field = format!("{field}.translation[{number}]");
        let text = translation.text.trim();
        let language = translation.language.as_deref().map(str::trim).filter(|language| !language.is_empty());
        let plain =
            |language: &str| language.len() <= 35 && language.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if text.is_empty() {
            wrong.push(Refusal::missing(&format!("{field}.text"), "a text"));
        } else if text.contains('\0') || text.chars().count() > MAX_TEXT_CHARS {
            let right = format!("at most {MAX_TEXT_CHARS} characters, none of them NUL");
            wrong.push(Refusal::field(&format!("{field}.text"), &text, &right));
        } else if let Some(language) = language.filter(|language| !plain(language)) {
            wrong.push(Refusal::field(&format!("{field}.language"), &language, "a BCP 47 code such as uk"));
        } else {
            to.entry(language.unwrap_or(UNDETERMINED).to_ascii_lowercase()).or_insert_with(|| text.to_owned());
        }
    }
    wrong
}

type Informed = (InformedEntity, Vec<Refusal>);

fn informed(reading: &Reading<'_>, field: &str, entity: &wire::EntitySelector) -> Result<Informed, Refusal> {
    let (named, wrong) = entity.trip.as_ref().map(|trip| trip::named(reading, &format!("{field}.trip"), trip)).unzip();
    let trip = named.map(|named| named.reference).filter(|reference| *reference != Default::default());
    let route_type = entity.route_type.map(|kind| {
        u16::try_from(kind).map_err(|_| Refusal::field(&format!("{field}.route_type"), &kind, "a route_type of GTFS"))
    });
    let own = InformedEntity {
        agency: reading.id(&format!("{field}.agency_id"), &entity.agency_id)?,
        route: reading.id(&format!("{field}.route_id"), &entity.route_id)?.map(RouteId),
        route_type: route_type.transpose()?,
        trip,
        stop: reading.id(&format!("{field}.stop_id"), &entity.stop_id)?.map(StopId),
    };
    if own == InformedEntity::default() {
        return Err(Refusal::missing(field, "an agency, a route, a trip or a stop"));
    }
    Ok((own, wrong.unwrap_or_default()))
}

type Period = (Option<misto_model::Instant>, Option<misto_model::Instant>);

fn period(field: &str, range: &wire::TimeRange) -> Result<Period, Refusal> {
    let moment = |name: &str, at: Option<u64>| {
        let at = at.filter(|at| *at > 0);
        at.map(|at| Reading::any_moment(&format!("{field}.{name}"), at as f64)).transpose()
    };
    let (start, end) = (moment("start", range.start)?, moment("end", range.end)?);
    if let (Some(start), Some(end)) = (start, end)
        && end.seconds_since(start) < 0.0
    {
        return Err(Refusal::field(&format!("{field}.end"), &end, "a moment after the start"));
    }
    Ok((start, end))
}

fn cause(number: i32, id: &str, found: &mut RealtimeFeed) -> Option<AlertCause> {
    let Ok(cause) = Cause::try_from(number) else {
        found.problem(id, Refusal::field("alert.cause", &number, "a Cause of the reference"));
        return None;
    };
    Some(match cause {
        Cause::UnknownCause => return None,
        Cause::OtherCause => AlertCause::OtherCause,
        Cause::TechnicalProblem => AlertCause::TechnicalProblem,
        Cause::Strike => AlertCause::Strike,
        Cause::Demonstration => AlertCause::Demonstration,
        Cause::Accident => AlertCause::Accident,
        Cause::Holiday => AlertCause::Holiday,
        Cause::Weather => AlertCause::Weather,
        Cause::Maintenance => AlertCause::Maintenance,
        Cause::Construction => AlertCause::Construction,
        Cause::PoliceActivity => AlertCause::PoliceActivity,
        Cause::MedicalEmergency => AlertCause::MedicalEmergency,
    })
}

fn effect(number: i32, id: &str, found: &mut RealtimeFeed) -> Option<AlertEffect> {
    let Ok(effect) = Effect::try_from(number) else {
        found.problem(id, Refusal::field("alert.effect", &number, "an Effect of the reference"));
        return None;
    };
    Some(match effect {
        Effect::UnknownEffect => return None,
        Effect::NoService => AlertEffect::NoService,
        Effect::ReducedService => AlertEffect::ReducedService,
        Effect::SignificantDelays => AlertEffect::SignificantDelays,
        Effect::Detour => AlertEffect::Detour,
        Effect::AdditionalService => AlertEffect::AdditionalService,
        Effect::ModifiedService => AlertEffect::ModifiedService,
        Effect::OtherEffect => AlertEffect::OtherEffect,
        Effect::StopMoved => AlertEffect::StopMoved,
        Effect::NoEffect => AlertEffect::NoEffect,
        Effect::AccessibilityIssue => AlertEffect::AccessibilityIssue,
    })
}
