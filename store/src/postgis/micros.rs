//! Moments between the seam and `timestamptz`, to the microsecond.

use misto_model::{Instant, Result as Told};
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, accepts, private::BytesMut, to_sql_checked};

use crate::precision::instant;

/// Microseconds from 1970 to 2000, where PostgreSQL's count begins.
const EPOCH: i64 = 946_684_800_000_000;

/// Microseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

/// A moment that carries no precision of its own: as few digits as tell it whole.
pub(super) fn shortest(at: Micros) -> Told<Instant> {
    let digit = match at.0 {
        whole if whole % 1_000_000 == 0 => 0,
        thousandths if thousandths % 1_000 == 0 => 1,
        _ => 2,
    };
    instant(at.0, digit)
}
