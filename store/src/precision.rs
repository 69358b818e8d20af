//! How precisely a moment was told, as a small number beside its microseconds.

use misto_model::{Error, Instant, Precision, Result};

/// 0 seconds, 1 milliseconds, 2 microseconds.
pub(crate) fn digit(at: Instant) -> i16 {
    match at.precision() {
        Precision::Seconds => 0,
        Precision::Milliseconds => 1,
        Precision::Microseconds => 2,
    }
}

/// Two precisions in one small number: tens of the time, ones of the receipt.
pub(crate) fn precisions(time: Instant, received: Instant) -> i16 {
    digit(time) * 10 + digit(received)
}

/// A moment with the precision that `digit` stands for.
pub(crate) fn instant(micros: i64, digit: i16) -> Result<Instant> {
    let precision = match digit {
        0 => Precision::Seconds,
        1 => Precision::Milliseconds,
        _ => Precision::Microseconds,
    };
    Instant::from_micros(micros, precision)
        .map_err(|cause| Error::unavailable("a time in the store cannot be read", cause))
}

/// Time and receipt as they were told.
pub(crate) fn instants(time: i64, received: i64, precisions: i16) -> Result<(Instant, Instant)> {
    Ok((instant(time, precisions / 10)?, instant(received, precisions % 10)?))
}
