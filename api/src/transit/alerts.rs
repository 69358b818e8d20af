//! Notices for passengers (GTFS-Realtime Alert), written by a dispatcher in Ukrainian
//! and English; documents of the store.

use misto_city::transit::Network;
use misto_ingest::gtfs_realtime::{Cause, Effect};
use misto_model::{Instant, RouteId, StopId, Version};
use misto_store::Documents;
use serde::{Deserialize, Serialize};

use crate::problem::{Answer, Problem};

/// Kind of the documents.
pub const KIND: &str = "transit_alert";

/// Longest header and description, characters.
const HEADER_CHARS: usize = 200;
const DESCRIPTION_CHARS: usize = 4_000;
/// Most routes and stops of one notice.
const MAX_SELECTED: usize = 1_000;
/// Most notices that stand at once.
pub const MAX_STANDING: usize = 1_000;

/// A text in both languages; at least one is there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Translated {
    /// Ukrainian.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uk: Option<String>,
    /// English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

impl Translated {
    /// Language and text of each there is, Ukrainian first.
    pub fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [("uk", self.uk.as_deref()), ("en", self.en.as_deref())].into_iter().filter_map(|(l, t)| Some((l, t?)))
    }

    fn trim(&mut self) {
        for text in [&mut self.uk, &mut self.en] {
            *text = text.take().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        }
    }
}

/// A notice. Without routes and stops it is about the whole network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// One line.
    pub header: Translated,
    /// The whole text.
    #[serde(default)]
    pub description: Translated,
    /// `Cause` of GTFS-Realtime, for example `CONSTRUCTION`; absent = unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// `Effect` of GTFS-Realtime, for example `DETOUR`; absent = unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<String>,
    /// Ids of routes that it is about.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub routes: Vec<RouteId>,
    /// Ids of stops that it is about.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub stops: Vec<StopId>,
    /// From when it holds (RFC 3339); absent = from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub from: Option<Instant>,
    /// Until when it holds (RFC 3339); absent = until it is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub until: Option<Instant>,
}

/// A notice with its id and version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StandingAlert {
    /// Stable.
    pub id: String,
    /// How often it was saved; in quotes it is the ETag.
    #[schema(value_type = i64)]
    pub version: Version,
    /// The notice.
    #[serde(flatten)]
    pub alert: Alert,
}

impl Alert {
    /// Whether its period holds that moment.
    pub fn holds_at(&self, now: Instant) -> bool {
        self.from.is_none_or(|from| from.micros() <= now.micros())
            && self.until.is_none_or(|until| now.micros() < until.micros())
    }

    /// The notice as it will stand.
    ///
    /// # Errors
    /// 400 naming the field that is wrong.
    pub fn checked(mut self, network: Option<&Network>) -> Answer<Self> {
        self.header.trim();
        self.description.trim();
        if self.header.texts().next().is_none() {
            return Err(Problem::invalid("header", "a notice needs a header in Ukrainian (uk), English (en) or both"));
        }
        for (field, text) in [("header", &self.header), ("description", &self.description)] {
            if let Some((language, _)) = text.texts().find(|(_, text)| text.chars().any(is_unwritable)) {
                let reason = "control characters and marks that turn the direction of writing cannot stand in a notice";
                return Err(Problem::invalid(format!("{field}.{language}"), reason));
            }
        }
        for (field, text, most) in
            [("header", &self.header, HEADER_CHARS), ("description", &self.description, DESCRIPTION_CHARS)]
        {
            if let Some((language, _)) = text.texts().find(|(_, text)| text.chars().count() > most) {
                return Err(Problem::invalid(format!("{field}.{language}"), format!("at most {most} characters")));
            }
        }
        known("cause", self.cause.as_deref(), |name| Cause::of_name(name).is_some(), "CONSTRUCTION")?;
        known("effect", self.effect.as_deref(), |name| Effect::of_name(name).is_some(), "DETOUR")?;
        if self.from.zip(self.until).is_some_and(|(from, until)| from.micros() >= until.micros()) {
            return Err(Problem::invalid("until", "the end must lie after the beginning (from)"));
        }
        if self.routes.len() + self.stops.len() > MAX_SELECTED {
            return Err(Problem::invalid("routes", format!("at most {MAX_SELECTED} routes and stops")));
        }
        let timetable = network.map(Network::timetable);
        let lacks = |id: &RouteId| timetable.is_none_or(|timetable| !timetable.routes.contains_key(id));
        if let Some(unknown) = self.routes.iter().find(|id| lacks(id)) {
            return Err(Problem::invalid("routes", format!("the timetable has no route {unknown}")));
        }
        let lacks = |id: &StopId| timetable.is_none_or(|timetable| !timetable.stops.contains_key(id));
        if let Some(unknown) = self.stops.iter().find(|id| lacks(id)) {
            return Err(Problem::invalid("stops", format!("the timetable has no stop {unknown}")));
        }
        Ok(self)
    }
}

/// Line breaks and tabs may stand.
fn is_unwritable(letter: char) -> bool {
    letter.is_control() && !matches!(letter, '\n' | '\r' | '\t')
        || matches!(letter, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn known(field: &str, name: Option<&str>, is_known: impl Fn(&str) -> bool, example: &str) -> Answer<()> {
    match name.filter(|name| !is_known(name)) {
        None => Ok(()),
        Some(other) => Err(Problem::invalid(
            field,
            format!("{:?} is none of GTFS-Realtime, for example {example}", other.chars().take(40).collect::<String>()),
        )),
    }
}

/// Every notice of the store.
///
/// # Errors
/// When the store cannot be read. One that cannot be understood is left out and logged.
pub async fn all(documents: &dyn Documents) -> misto_model::Result<Vec<StandingAlert>> {
    let read = documents.list(KIND).await?.into_iter().filter_map(|document| {
        let alert = serde_json::from_value(document.body);
        let alert = alert.inspect_err(|cause| tracing::warn!(key = document.key, %cause, "a notice is left out"));
        Some(StandingAlert { id: document.key, version: document.version, alert: alert.ok()? })
    });
    Ok(read.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(json: serde_json::Value) -> Alert {
        serde_json::from_value(json).unwrap()
    }

    fn refused(json: serde_json::Value) -> String {
        alert(json).checked(None).unwrap_err().field.unwrap()
    }

    #[test]
    fn a_notice_says_what_is_wrong_with_it() {
        assert_eq!(refused(serde_json::json!({"header": {"uk": "  "}})), "header");
        assert_eq!(refused(serde_json::json!({"header": {"en": "x".repeat(201)}})), "header.en");
        assert_eq!(refused(serde_json::json!({"header": {"uk": "Об’їзд"}, "effect": "ОБ’ЇЗД"})), "effect");
        assert_eq!(refused(serde_json::json!({"header": {"uk": "Об’їзд"}, "routes": ["7"]})), "routes");
        let backwards = serde_json::json!({"header": {"uk": "Об’їзд"},
            "from": "2026-11-25T08:00:00Z", "until": "2026-11-25T07:00:00Z"});
        assert_eq!(refused(backwards), "until");
    }

    #[test]
    fn a_notice_holds_in_its_period_only() {
        let notice = alert(serde_json::json!({"header": {"uk": " Об’їзд "}, "effect": "DETOUR",
            "from": "2026-11-25T08:00:00Z", "until": "2026-11-25T09:00:00Z"}))
        .checked(None)
        .unwrap();
        assert_eq!(notice.header.uk.as_deref(), Some("Об’їзд"));
        let holds = |at: &str| notice.holds_at(at.parse().unwrap());
        assert!(holds("2026-11-25T08:00:00Z") && holds("2026-11-25T08:59:59Z"));
        assert!(!holds("2026-11-25T07:59:59Z") && !holds("2026-11-25T09:00:00Z"));
    }
}
