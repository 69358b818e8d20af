//! How often one address may tell something. What is kept is forgotten every hour and
//! bounded: an address is never written down.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use misto_model::Instant;

use crate::app::Shared;
use crate::problem::Problem;

const HOUR_S: f64 = 3_600.0;
/// Addresses that are told apart in one hour; beyond them all others count as one.
const MOST_ADDRESSES: usize = 20_000;

/// What is counted for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// A report or a confirmation.
    Tell,
    /// A photo.
    Photo,
}

/// Counters of one hour.
#[derive(Debug, Default)]
pub struct Limits {
    telling: Mutex<Hour>,
    photos: Mutex<Hour>,
}

#[derive(Debug, Default)]
struct Hour {
    began: Option<Instant>,
    in_all: u32,
    by_address: HashMap<IpAddr, u32>,
    others: u32,
}

impl Hour {
    fn count(&mut self, address: IpAddr, now: Instant, each: u32, all: u32) -> bool {
        let is_over = self.began.is_none_or(|began| !(0.0..HOUR_S).contains(&now.seconds_since(began)));
        if is_over {
            *self = Self { began: Some(now), ..Self::default() };
        }
        let is_known = self.by_address.contains_key(&address);
        let counter = if is_known || self.by_address.len() < MOST_ADDRESSES {
            self.by_address.entry(address).or_default()
        } else {
            &mut self.others
        };
        if *counter >= each || self.in_all >= all {
            return false;
        }
        *counter += 1;
        self.in_all += 1;
        true
    }
}

impl Limits {
    /// Counts one act; false when it is one too many.
    fn admits(&self, act: Act, address: IpAddr, now: Instant, each: u32, all: u32) -> bool {
        let hour = match act {
            Act::Tell => &self.telling,
            Act::Photo => &self.photos,
        };
        hour.lock().unwrap_or_else(PoisonError::into_inner).count(address, now, each, all)
    }
}

/// Who asked, so far as limits tell them apart: a home has one IPv6 network, not one address.
fn told_apart(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        four @ IpAddr::V4(_) => four,
    }
}

/// The caller's address; behind a proxy on this machine the one that the proxy says it heard.
fn address(peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let forwarded = || {
        let last = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
        last.rsplit(',').next()?.trim().parse().ok()
    };
    let heard = if peer.to_canonical().is_loopback() { forwarded() } else { None };
    told_apart(heard.unwrap_or(peer))
}

async fn admitted(act: Act, parts: &mut Parts, app: &Shared) -> Result<(), Problem> {
    let ConnectInfo(peer) =
        ConnectInfo::<SocketAddr>::from_request_parts(parts, app).await.map_err(|_| Problem::internal())?;
    let settings = &app.settings.reports;
    let address = address(peer.ip(), &parts.headers);
    if app.reports.limits.admits(act, address, app.now(), settings.per_address_per_hour, settings.per_hour) {
        return Ok(());
    }
    Err(Problem::too_many("too much was sent from here within an hour; keep it and send it later"))
}

/// Somebody who may tell something now. Stands before the body's extractor, so that nothing of
/// theirs is read before.
pub struct MayTell;

impl FromRequestParts<Shared> for MayTell {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        admitted(Act::Tell, parts, app).await.map(|()| Self)
    }
}

/// Somebody who may send a photo now; one that says it is too large is refused unread.
pub struct MaySendPhoto;

impl FromRequestParts<Shared> for MaySendPhoto {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        let most = app.settings.reports.max_photo_bytes;
        let length = parts.headers.get("content-length").and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if length.is_some_and(|length| length > most as u64) {
            return Err(too_large(most));
        }
        admitted(Act::Photo, parts, app).await.map(|()| Self)
    }
}

/// 413 in words.
pub fn too_large(most: usize) -> Problem {
    Problem::too_large(format!("a photo may have at most {} MB; send a smaller one", most >> 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Instant {
        Instant::from_seconds(second).unwrap()
    }

    #[test]
    fn an_address_has_its_number_and_all_have_theirs() {
        let mut hour = Hour::default();
        let home: IpAddr = "192.0.2.1".parse().unwrap();
        let other: IpAddr = "192.0.2.2".parse().unwrap();
        let third: IpAddr = "192.0.2.3".parse().unwrap();
        assert!(hour.count(home, at(0), 2, 3) && hour.count(home, at(1), 2, 3) && !hour.count(home, at(2), 2, 3));
        assert!(hour.count(other, at(3), 2, 3) && !hour.count(third, at(4), 2, 3), "three in all");
        assert!(hour.count(home, at(3_600), 2, 3), "the next hour");
    }

    #[test]
    fn memory_is_bounded_and_those_beyond_it_share_one_number() {
        let mut hour = Hour::default();
        for n in 0..30_000_u32 {
            hour.count(IpAddr::from(n.to_be_bytes()), at(0), 1, u32::MAX);
        }
        assert_eq!((hour.by_address.len(), hour.others), (MOST_ADDRESSES, 1));
    }

    #[test]
    fn only_a_proxy_on_this_machine_is_believed() {
        let headers: HeaderMap =
            [("x-forwarded-for".parse().unwrap(), "198.51.100.9, 203.0.113.7".parse().unwrap())].into_iter().collect();
        let told = |peer: &str| address(peer.parse().unwrap(), &headers).to_string();
        assert_eq!((told("127.0.0.1").as_str(), told("192.0.2.1").as_str()), ("203.0.113.7", "192.0.2.1"));
        assert_eq!(address("2001:db8:1:2:3::4".parse().unwrap(), &HeaderMap::new()).to_string(), "2001:db8:1:2::");
    }
}
