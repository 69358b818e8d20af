//! What residents tell of a place: a measurement, a blocked ramp, a lift that does not work.
//!
//! A report says what somebody saw; it never makes a place look better by itself.
//! A measurement becomes part of the record when staff accept it. Something that stands in the way
//! at present counts once a second device or staff confirm it, and for a set time only.

use misto_model::{Error, Instant, Precision, Result};
use serde::{Deserialize, Serialize};

pub mod attributes;
mod effect;

pub use attributes::Measure;
pub use effect::{Difference, columns, difference, edited, present, worsen};

/// Longest free text of a report, characters.
pub const MAX_NOTE: usize = 500;
/// Longest word on how something was measured, characters.
pub const MAX_HOW: usize = 60;
/// A report may wait on a telephone without connection for this long, seconds.
pub const OLDEST_S: f64 = 30.0 * 86_400.0;
/// So much may the clock of a telephone be ahead, seconds.
pub const AHEAD_S: f64 = 600.0;

/// Which part of the venue a report is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// The venue, or its only way in.
    #[default]
    Venue,
    /// One of its entrances: the number of the feature of `entrances`.
    Entrance(i64),
    /// One of its lifts: the number of the feature of `lifts`.
    Lift(i64),
}

impl About {
    fn name(self) -> &'static str {
        match self {
            Self::Venue => "a venue",
            Self::Entrance(_) => "an entrance",
            Self::Lift(_) => "a lift",
        }
    }
}

/// What a report says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Claim {
    /// Somebody measured or looked.
    Measurement {
        /// Which attribute.
        attribute: String,
        /// What it is.
        value: Measure,
    },
    /// Something stands on the ramp.
    Blocked,
    /// Nothing stands on the ramp any more.
    Clear,
    /// The lift does not work.
    LiftBroken,
    /// The lift works.
    LiftWorks,
    /// Something else, in words.
    Other,
}

impl Claim {
    /// Whether it says how things are at present, which changes by itself.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Blocked | Self::Clear | Self::LiftBroken | Self::LiftWorks)
    }

    /// Whether it says that something stands in the way at present.
    pub fn is_obstacle(&self) -> bool {
        matches!(self, Self::Blocked | Self::LiftBroken)
    }

    /// Whether it says that an obstacle is gone, and which.
    pub fn ends(&self) -> Option<Self> {
        match self {
            Self::Clear => Some(Self::Blocked),
            Self::LiftWorks => Some(Self::LiftBroken),
            _ => None,
        }
    }

    /// Whether it can be said of this part of a venue.
    ///
    /// # Errors
    /// `Invalid` naming the field that does not fit.
    pub fn check(&self, about: About, note: Option<&str>) -> Result<()> {
        match (self, about) {
            (Self::Measurement { attribute, value }, _) => attributes::measure(about, attribute, *value).map(|_| ()),
            (Self::Blocked | Self::Clear, About::Lift(_)) => {
                Err(Error::invalid("about", "a ramp belongs to the venue or to an entrance, not to a lift"))
            }
            (Self::LiftBroken | Self::LiftWorks, About::Entrance(_)) => {
                Err(Error::invalid("about", "name the lift, or leave it out for the venue's only one"))
            }
            (Self::Other, _) if note.is_none_or(|note| note.trim().is_empty()) => {
                Err(Error::invalid("note", "say in words what is there; a report of kind other needs them"))
            }
            _ => Ok(()),
        }
    }
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// One device told it.
    Open,
    /// A second device saw the same.
    Confirmed,
    /// Staff accepted it.
    Accepted,
    /// Staff refused it.
    Refused,
    /// Its time was over, or what it told ended.
    Expired,
}

impl State {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Confirmed => "confirmed",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Expired => "expired",
        }
    }
}

/// How and by whom a report came to its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// Name of the member of staff; absent when it ended by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When.
    pub at: Instant,
    /// Why, in their words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// One report with all that is kept of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Number of the venue's feature.
    pub venue: i64,
    /// Which part of it.
    #[serde(default)]
    pub about: About,
    /// What it says.
    #[serde(flatten)]
    pub claim: Claim,
    /// By what means it was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub how: Option<String>,
    /// Free words; for staff alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Id of a photo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<String>,
    /// When it was seen, by the clock of the device.
    pub reported_at: Instant,
    /// When it reached the server.
    pub received_at: Instant,
    /// When somebody saw it last.
    pub last_seen_at: Instant,
    /// Devices that saw it, as hashes, the reporter's first; emptied when it is decided.
    #[serde(default)]
    pub devices: Vec<String>,
    /// How many devices saw it.
    pub seen_by: u32,
    /// What became of it.
    pub state: State,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
}

/// What becomes of a report when somebody says that they see it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// A second device: it is confirmed now.
    Confirmed,
    /// A device that had seen it, or one more: it lasts longer.
    Again,
}

/// Devices counted of one report; more only renew it.
const MOST_DEVICES: usize = 16;

impl Report {
    /// Whether it says the same of the same part.
    pub fn says_the_same_as(&self, other: &Self) -> bool {
        self.venue == other.venue
            && self.about == other.about
            && self.claim == other.claim
            && self.claim != Claim::Other
    }

    /// When it ends by itself; `None` for what lasts until somebody decides.
    pub fn ends_at(&self, temporary_days: u32) -> Option<Instant> {
        let after = self.last_seen_at.micros().checked_add(i64::from(temporary_days) * 86_400_000_000)?;
        let ends = || Instant::from_micros(after, Precision::Seconds).ok();
        self.claim.is_temporary().then(ends).flatten()
    }

    /// Whether it is still to be decided, or in force as an obstacle.
    pub fn stands_at(&self, now: Instant, temporary_days: u32) -> bool {
        let is_over = self.ends_at(temporary_days).is_some_and(|end| end.micros() <= now.micros());
        self.is_undecided_or_in_force() && !is_over
    }

    /// The same whatever the time. An accepted obstacle is in force where the record has no place for it;
    /// that a lift does not work is in the record of the lift.
    pub fn is_undecided_or_in_force(&self) -> bool {
        match self.state {
            State::Open | State::Confirmed => true,
            State::Accepted => self.claim.is_obstacle() && columns(self).is_empty(),
            State::Refused | State::Expired => false,
        }
    }

    /// Whether it stands in somebody's way now: an obstacle that more than one device or staff saw.
    pub fn hinders_at(&self, now: Instant, temporary_days: u32) -> bool {
        let is_sure = matches!(self.state, State::Confirmed | State::Accepted);
        self.claim.is_obstacle() && is_sure && self.stands_at(now, temporary_days)
    }

    /// Somebody sees it too. The device that told it, or saw it, only renews it.
    ///
    /// # Errors
    /// `Invalid` (field `kind`) for free words, which nobody but staff reads.
    pub fn seen(&mut self, device: &str, now: Instant) -> Result<Seen> {
        if self.claim == Claim::Other {
            return Err(Error::invalid("kind", "free words are read by staff only, so nobody else can confirm them"));
        }
        if self.last_seen_at.micros() < now.micros() {
            self.last_seen_at = now;
        }
        // Of what was accepted nobody knows any more who saw it.
        let is_known = self.devices.iter().any(|known| known == device);
        if is_known || self.state == State::Accepted || self.devices.len() >= MOST_DEVICES {
            return Ok(Seen::Again);
        }
        self.seen_by = self.seen_by.saturating_add(1);
        self.devices.push(device.to_owned());
        if self.state == State::Open {
            self.state = State::Confirmed;
            return Ok(Seen::Confirmed);
        }
        Ok(Seen::Again)
    }

    /// Staff accept or refuse it. Which devices saw it is forgotten.
    ///
    /// # Errors
    /// `Invalid` (field `state`) when it was decided already or ended, (field `reason`) for a
    /// refusal without one.
    pub fn decide(&mut self, accept: bool, decision: Decision, temporary_days: u32) -> Result<()> {
        if !self.stands_at(decision.at, temporary_days) || accept && self.state == State::Accepted {
            return Err(Error::invalid("state", format!("the report is {} already", self.state.as_str())));
        }
        if !accept && decision.reason.is_none() {
            return Err(Error::invalid("reason", "say why it is refused"));
        }
        if accept {
            self.last_seen_at = decision.at;
        }
        self.end(if accept { State::Accepted } else { State::Refused }, decision);
        Ok(())
    }

    /// It ended by itself.
    pub fn expire(&mut self, decision: Decision) {
        self.end(State::Expired, decision);
    }

    fn end(&mut self, state: State, decision: Decision) {
        self.state = state;
        self.decision = Some(decision);
        self.devices.clear();
    }
}

/// When it was seen, if a telephone can say so.
///
/// # Errors
/// `Invalid` (field `reported_at`) when it lies in the future or too far back.
pub fn reported_at(told: Instant, now: Instant) -> Result<Instant> {
    let age_s = now.seconds_since(told);
    if age_s < -AHEAD_S {
        return Err(Error::invalid("reported_at", format!("{told} lies in the future; now it is {now}")));
    }
    if age_s > OLDEST_S {
        return Err(Error::invalid("reported_at", format!("{told} is more than 30 days ago; look again")));
    }
    Ok(if age_s < 0.0 { now } else { told })
}

#[cfg(test)]
mod tests;
