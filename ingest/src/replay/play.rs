//! Playing a recording at a speed.

use std::str::FromStr;
use std::time::Duration;

use misto_model::Instant;
use tokio::time::{Instant as Clock, sleep_until};

use super::{Recording, ReplayError, Unreadable};
use crate::mqtt::Publisher;

/// How fast time passes in a recording.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Speed {
    /// As fast as the broker takes it.
    Unlimited,
    /// So many recorded seconds a second.
    Factor(f64),
}

/// Text that is no speed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no speed: a factor such as 1 or 10, or max (also 0) for as fast as possible")]
pub struct InvalidSpeed(String);

impl FromStr for Speed {
    type Err = InvalidSpeed;
    fn from_str(text: &str) -> Result<Self, InvalidSpeed> {
        match text.parse::<f64>() {
            _ if text == "max" => Ok(Self::Unlimited),
            Ok(0.0) => Ok(Self::Unlimited),
            Ok(factor) if factor.is_finite() && factor > 0.0 => Ok(Self::Factor(factor)),
            _ => Err(InvalidSpeed(text.chars().take(20).collect())),
        }
    }
}

/// How far a replay has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Messages handed to the broker.
    pub sent: u64,
    /// Lines that cannot be read.
    pub unreadable: u64,
    /// Bytes of the file read.
    pub bytes_read: u64,
}

/// What a replay tells on its way.
#[derive(Debug)]
pub enum Told<'a> {
    /// A message was handed over.
    Sent(Progress),
    /// A line cannot be read.
    Unreadable(&'a Unreadable),
}

/// What a replay came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Messages that the broker acknowledged.
    pub sent: u64,
    /// Lines that could not be read.
    pub unreadable: u64,
}

/// Sends every message of the recording in its order, as far apart as recorded
/// divided by the speed, and waits until the broker has them all. A message that
/// is older than the one before it is sent at once.
///
/// # Errors
/// When a topic cannot be published to, or the publisher was stopped.
pub async fn play(
    mut recording: Recording,
    publisher: &Publisher,
    speed: Speed,
    mut tell: impl FnMut(Told<'_>),
) -> Result<Summary, ReplayError> {
    let mut progress = Progress { sent: 0, unreadable: 0, bytes_read: 0 };
    let mut schedule = None;
    while let Some(entry) = recording.next() {
        match entry {
            Err(unreadable) => {
                progress.unreadable += 1;
                tell(Told::Unreadable(&unreadable));
            }
            Ok(entry) => {
                if let (Speed::Factor(factor), Some(at)) = (speed, entry.at) {
                    let (first, begun) = *schedule.get_or_insert_with(|| (at, Clock::now()));
                    sleep_until(begun + offset(first, at, factor)).await;
                }
                publisher.publish(&entry.topic, entry.payload.into()).await?;
                progress.sent += 1;
                progress.bytes_read = recording.bytes_read();
                tell(Told::Sent(progress));
            }
        }
    }
    publisher.flush().await?;
    Ok(Summary { sent: progress.sent, unreadable: progress.unreadable })
}

/// Time from the beginning of the replay; never negative, at most a century.
fn offset(first: Instant, at: Instant, factor: f64) -> Duration {
    Duration::from_secs_f64((at.seconds_since(first) / factor).clamp(0.0, 3.2e9))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_are_read() {
        assert_eq!("10".parse(), Ok(Speed::Factor(10.0)));
        assert_eq!("0".parse(), Ok(Speed::Unlimited));
        assert_eq!("max".parse(), Ok(Speed::Unlimited));
        for wrong in ["-1", "fast", "inf", "NaN", ""] {
            assert!(wrong.parse::<Speed>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn recorded_time_is_divided_by_the_speed() {
        let (first, later) = ("2024-02-13T16:33:00Z".parse().unwrap(), "2024-02-13T16:33:30Z".parse().unwrap());
        assert_eq!(offset(first, later, 10.0), Duration::from_secs(3));
        assert_eq!(offset(later, first, 10.0), Duration::ZERO);
    }
}
