//! Moments between the seam and `timestamptz`, to the microsecond.

use misto_model::{Error, Instant, Precision};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, accepts, private::BytesMut, to_sql_checked};

/// Microseconds from 1970 to 2000, where PostgreSQL's count begins.
const EPOCH: i64 = 946_684_800_000_000;

/// Microseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Micros(pub(super) i64);

impl ToSql for Micros {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        (self.0 - EPOCH).to_sql(ty, out)
    }
    accepts!(TIMESTAMPTZ);
    to_sql_checked!();
}

impl<'a> FromSql<'a> for Micros {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(i64::from_sql(&Type::INT8, raw)? + EPOCH))
    }
    accepts!(TIMESTAMPTZ);
}

/// Two precisions in one small number: tens and ones.
pub(super) fn precisions(time: Instant, received: Instant) -> i16 {
    digit(time) * 10 + digit(received)
}

pub(super) fn digit(at: Instant) -> i16 {
    match at.precision() {
        Precision::Seconds => 0,
        Precision::Milliseconds => 1,
        Precision::Microseconds => 2,
    }
}

/// A moment with the precision that `digit` stands for.
pub(super) fn instant(at: Micros, digit: i16) -> Result<Instant, Error> {
    let precision = match digit {
        0 => Precision::Seconds,
        1 => Precision::Milliseconds,
        _ => Precision::Microseconds,
    };
    Instant::from_micros(at.0, precision)
        .map_err(|cause| Error::unavailable("a time in the database cannot be read", cause))
}

/// A moment that carries no precision of its own: as few digits as tell it whole.
pub(super) fn shortest(at: Micros) -> Result<Instant, Error> {
    let digit = match at.0 {
        whole if whole % 1_000_000 == 0 => 0,
        thousandths if thousandths % 1_000 == 0 => 1,
        _ => 2,
    };
    instant(at, digit)
}
