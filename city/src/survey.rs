//! A survey of a place by the official card: every criterion is yes, no, not applicable or not
//! answered, and the result follows from the answers. The card is data: `city/data/survey_card.json`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use misto_model::{Error, Result, Venue};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::plausible::plausible;

/// The card in use.
pub static CARD: LazyLock<Card> =
    LazyLock::new(|| serde_json::from_str(include_str!("../data/survey_card.json")).expect("a test reads the card"));

/// One edition of the card.
#[derive(Debug, Serialize, Deserialize)]
pub struct Card {
    /// Date of this edition.
    pub version: String,
    /// Its title in Ukrainian.
    pub uk: String,
    /// Its title in English.
    pub en: String,
    /// Where it comes from, and what it is not.
    pub source: String,
    /// The same in Ukrainian.
    pub source_uk: String,
    /// When it was read there, `YYYY-MM`.
    pub as_of: String,
    /// What is asked, in order.
    pub criteria: Vec<Criterion>,
}

/// One question of the card.
#[derive(Debug, Serialize, Deserialize)]
pub struct Criterion {
    /// Stable name.
    pub id: String,
    /// The question in Ukrainian, as a statement.
    pub uk: String,
    /// The question in English.
    pub en: String,
    /// Whether a no alone makes the place one with barriers.
    pub critical: bool,
    /// Where its attributes are measured.
    pub part: Part,
    /// It is asked only where this holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applies_if: Option<Condition>,
    /// It is met where one of these holds.
    pub any: Vec<Condition>,
}

/// Where attributes are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// At the door.
    Entrance,
    /// Anywhere at the venue.
    Venue,
}

/// Something that measurements can tell.
#[derive(Debug, Serialize, Deserialize)]
pub struct Condition {
    /// The attribute of the model.
    pub attribute: String,
    /// What is asked of it.
    #[serde(flatten)]
    pub demand: Demand,
}

/// What is asked of an attribute, in its unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Demand {
    /// Not less.
    AtLeast(f64),
    /// Not more.
    AtMost(f64),
    /// It has to be there, or not.
    Present(bool),
}

/// What the surveyor answers; no answer is not one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It is met.
    Yes,
    /// It is not.
    No,
    /// It cannot be asked here, and is left out of the count.
    NotApplicable,
}

/// Answers by criterion; one that is absent is not answered.
pub type Answers = BTreeMap<String, Answer>;

/// What the card says of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// All that applies is met.
    BarrierFree,
    /// Something that is not critical is not met.
    Partly,
    /// Something critical is not met.
    Barriers,
    /// Something is not answered, and nothing critical is not met.
    Incomplete,
}

/// A result with what it was counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// What the card says.
    pub outcome: Outcome,
    /// Criteria met.
    pub yes: usize,
    /// Criteria not met.
    pub no: usize,
    /// Criteria not met that are critical.
    pub critical_no: usize,
    /// Criteria left out of the count.
    pub not_applicable: usize,
    /// Criteria that nobody answered.
    pub unanswered: usize,
}

/// The result of a survey.
///
/// A critical no is decided whatever else is missing; any other result needs every answer, and
/// at least one criterion that applies.
pub fn tally(criteria: &[Criterion], answers: &Answers) -> Tally {
    let mut tally =
        Tally { outcome: Outcome::Incomplete, yes: 0, no: 0, critical_no: 0, not_applicable: 0, unanswered: 0 };
    for criterion in criteria {
        match answers.get(&criterion.id) {
            Some(Answer::Yes) => tally.yes += 1,
            Some(Answer::No) => {
                tally.no += 1;
                tally.critical_no += usize::from(criterion.critical);
            }
            Some(Answer::NotApplicable) => tally.not_applicable += 1,
            None => tally.unanswered += 1,
        }
    }
    tally.outcome = if tally.critical_no > 0 {
        Outcome::Barriers
    } else if tally.unanswered > 0 || tally.yes + tally.no == 0 {
        Outcome::Incomplete
    } else if tally.no > 0 {
        Outcome::Partly
    } else {
        Outcome::BarrierFree
    };
    tally
}

/// Whether every answer is to a criterion of the card.
///
/// # Errors
/// `Invalid` naming the one that is not, and those that are.
pub fn check(answers: &Answers) -> Result<()> {
    let is_known = |id: &String| CARD.criteria.iter().any(|criterion| criterion.id == *id);
    match answers.keys().find(|id| !is_known(id)) {
        None => Ok(()),
        Some(unknown) => {
            let known: Vec<&str> = CARD.criteria.iter().map(|criterion| criterion.id.as_str()).collect();
            let unknown: String = unknown.chars().take(40).collect();
            Err(Error::invalid(format!("answers.{unknown}"), format!("the card asks for {}", known.join(", "))))
        }
    }
}

/// What measurements of the place answer by themselves, to begin a survey with. Of several
/// entrances it is not known which the card is about: they answer nothing.
pub fn measured(venue: &Venue) -> Answers {
    let members = |value| match value {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    };
    let of_venue = members(serde_json::to_value(venue));
    let of_door = match venue.entrances.as_slice() {
        [] => of_venue.clone(),
        [only] => members(serde_json::to_value(only)),
        _ => Map::new(),
    };
    let answer = |criterion: &Criterion| match criterion.part {
        Part::Entrance => answered(criterion, &of_door),
        Part::Venue => answered(criterion, &of_venue),
    };
    CARD.criteria.iter().filter_map(|criterion| Some((criterion.id.clone(), answer(criterion)?))).collect()
}

fn answered(criterion: &Criterion, of: &Map<String, Value>) -> Option<Answer> {
    if let Some(condition) = &criterion.applies_if
        && !condition.holds(of)?
    {
        return Some(Answer::NotApplicable);
    }
    let mut is_no = true;
    for condition in &criterion.any {
        match condition.holds(of) {
            Some(true) => return Some(Answer::Yes),
            Some(false) => {}
            None => is_no = false,
        }
    }
    is_no.then_some(Answer::No)
}

impl Condition {
    /// `None` when nobody measured it, or a number stands there that cannot be meant.
    fn holds(&self, of: &Map<String, Value>) -> Option<bool> {
        let value = of.get(&self.attribute)?;
        if let Demand::Present(wanted) = self.demand {
            return value.as_bool().map(|there| there == wanted);
        }
        let number = value.as_f64()?;
        if plausible(&self.attribute).is_some_and(|(least, most)| !(least..=most).contains(&number)) {
            return None;
        }
        match self.demand {
            Demand::AtLeast(least) => Some(number >= least),
            Demand::AtMost(most) => Some(number <= most),
            Demand::Present(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
