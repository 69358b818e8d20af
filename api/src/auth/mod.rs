//! Who asks: bearer tokens, sessions and one-time sign-in links.
//!
//! Secrets are 256 random bits, shown once; the store holds their hash. Every
//! request looks in the store, so a token made beside a running server works at
//! once and a removed one stops at once.

mod secret;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use jiff::{SignedDuration, Timestamp};
use misto_model::{Audience, Error, Principal, Role};
use misto_store::Documents;
use serde::{Deserialize, Serialize};

use crate::app::Shared;
use crate::problem::Problem;

pub use secret::{Secret, random_bytes};

/// What a secret gives; the body of documents of the kinds below.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Grant {
    /// Name for the history of changes.
    pub name: String,
    /// What its holder may do.
    pub role: Role,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Kinds of secrets, each a kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrantKind {
    /// `Authorization: Bearer`.
    Token,
    /// Cookie.
    Session,
    /// One-time link.
    SignInLink,
}

impl GrantKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Session => "session",
            Self::SignInLink => "sign_in_link",
        }
    }

    /// How long it lasts.
    pub fn lifetime(self) -> SignedDuration {
        match self {
            Self::Token => SignedDuration::from_hours(24 * 365),
            Self::Session => SignedDuration::from_hours(12),
            Self::SignInLink => SignedDuration::from_hours(24),
        }
    }
}

/// Name of the session cookie.
pub const COOKIE: &str = "misto_session";

/// Makes a secret and stores what it gives.
///
/// # Errors
/// When the store cannot be written.
pub async fn grant(
    documents: &dyn Documents,
    kind: GrantKind,
    name: &str,
    role: Role,
    now: Timestamp,
) -> Result<Secret, Error> {
    let secret = Secret::random();
    let grant = Grant { name: name.to_owned(), role, expires_at: now + kind.lifetime() };
    let body = serde_json::to_value(grant).map_err(|e| Error::unavailable("the grant could not be stored", e))?;
    documents.put(kind.as_str(), &secret.hash(), None, &body).await?;
    Ok(secret)
}

/// What a secret gives now; `None` when it is unknown or has ended.
///
/// # Errors
/// When the store cannot be read.
pub async fn granted(
    documents: &dyn Documents,
    kind: GrantKind,
    secret: &str,
    now: Timestamp,
) -> Result<Option<Grant>, Error> {
    let document = documents.get(kind.as_str(), &Secret::hash_of(secret)).await?;
    Ok(document.and_then(|document| valid(document.body, now)))
}

/// Uses up a secret: of two who come with it only one gets what it gives.
///
/// # Errors
/// When the store cannot be written.
pub async fn take(
    documents: &dyn Documents,
    kind: GrantKind,
    secret: &str,
    now: Timestamp,
) -> Result<Option<Grant>, Error> {
    let document = documents.take(kind.as_str(), &Secret::hash_of(secret)).await?;
    Ok(document.and_then(|document| valid(document.body, now)))
}

fn valid(body: serde_json::Value, now: Timestamp) -> Option<Grant> {
    let grant: Grant = serde_json::from_value(body).ok()?;
    (grant.expires_at > now).then_some(grant)
}

/// The principal of a request. A wrong or ended bearer token is refused rather
/// than taken for a stranger; an ended cookie is a stranger.
#[derive(Debug, Clone)]
pub struct Caller(pub Principal);

impl Caller {
    /// What the caller may see.
    pub fn audience(&self) -> Audience {
        if self.0.is_staff() { Audience::Staff } else { Audience::Public }
    }

    /// Name for the history; `Forbidden` or `sign in` without the role.
    ///
    /// # Errors
    /// 401 for strangers, 403 for staff without the role.
    pub fn require(&self, role: Role) -> Result<&str, Problem> {
        match &self.0 {
            Principal::Anonymous => Err(Problem::sign_in("this is for staff; sign in, or send Authorization: Bearer")),
            Principal::Staff { name, .. } if self.0.has(role) => Ok(name),
            Principal::Staff { role: has, .. } => {
                Err(Problem::forbidden(format!("this needs the role {role}; you are signed in as {has}")))
            }
        }
    }
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        let now = Timestamp::now();
        let documents = app.store.documents.as_ref();
        if let Some(token) = bearer(&parts.headers)? {
            return match granted(documents, GrantKind::Token, token, now).await? {
                Some(grant) => Ok(Self(Principal::Staff { name: grant.name, role: grant.role })),
                None => Err(Problem::sign_in("the bearer token is unknown or has ended")),
            };
        }
        let Some(session) = cookie(&parts.headers) else { return Ok(Self(Principal::Anonymous)) };
        let Some(grant) = granted(documents, GrantKind::Session, session, now).await? else {
            return Ok(Self(Principal::Anonymous));
        };
        // A page elsewhere can send our cookie with a form, but not this header.
        let reads = [Method::GET, Method::HEAD, Method::OPTIONS].contains(&parts.method);
        if !reads && !parts.headers.contains_key("x-misto") {
            return Err(Problem::forbidden("a request with a session cookie needs the header X-Misto: 1"));
        }
        Ok(Self(Principal::Staff { name: grant.name, role: grant.role }))
    }
}

/// A caller with the planner's role. As an extractor it stands before the body's,
/// so that a stranger is refused before anything of theirs is read.
#[derive(Debug, Clone)]
pub struct Planner {
    /// Name for the history.
    pub name: String,
    /// The caller.
    pub caller: Caller,
}

impl FromRequestParts<Shared> for Planner {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, app).await?;
        let name = caller.require(Role::Planner)?.to_owned();
        Ok(Self { name, caller })
    }
}

/// A caller with the dispatcher's role, refused before its parameters are read.
#[derive(Debug, Clone)]
pub struct Dispatcher {
    /// Name for the log.
    pub name: String,
}

impl FromRequestParts<Shared> for Dispatcher {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, app).await?;
        caller.require(Role::Dispatcher).map(|name| Self { name: name.to_owned() })
    }
}

fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let text = value.to_str().ok().and_then(|text| text.split_once(' '));
    match text {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token.trim())),
        _ => Err(Problem::sign_in("only Authorization: Bearer <token> is known here")),
    }
}

/// The session cookie's value.
pub fn cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value)
}
