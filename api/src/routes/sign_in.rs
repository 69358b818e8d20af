//! Signing in and out.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use jiff::Timestamp;
use misto_model::{Principal, Role};
use serde::{Deserialize, Serialize};

use super::extract::{Body, Params};
use crate::app::{App, Shared};
use crate::auth::{COOKIE, Caller, Grant, GrantKind, cookie, grant, granted, take};
use crate::problem::{Answer, Problem};

/// Who is signed in.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SessionView {
    signed_in: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    role: Option<Role>,
}

/// Who is signed in.
#[utoipa::path(get, path = "/auth/session", tag = "auth", responses((status = 200, body = SessionView)))]
pub async fn session(caller: Caller) -> Json<SessionView> {
    Json(match caller.0 {
        Principal::Anonymous => SessionView { signed_in: false, name: None, role: None },
        Principal::Staff { name, role } => SessionView { signed_in: true, name: Some(name), role: Some(role) },
    })
}

/// The secret of a one-time link.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LinkParams {
    token: String,
}

/// Uses up a one-time link: sets the session cookie and leads to the workplace.
#[utoipa::path(get, path = "/auth/login", tag = "auth", params(LinkParams),
    responses((status = 303, description = "Signed in"), (status = 401, body = Problem)))]
pub async fn sign_in_link(
    State(app): State<Shared>,
    headers: HeaderMap,
    Params(params): Params<LinkParams>,
) -> Answer<Response> {
    let taken = take(app.store.documents.as_ref(), GrantKind::SignInLink, &params.token, Timestamp::now()).await?;
    let Some(taken) = taken else {
        let problem = Problem::sign_in("this link was used already or has ended; ask for a new one");
        let reads_html = headers
            .get(header::ACCEPT)
            .and_then(|accept| accept.to_str().ok())
            .is_some_and(|accept| accept.contains("text/html"));
        return Ok(if reads_html { used_up_page() } else { problem.into_response() });
    };
    let target = match taken.role {
        Role::Planner => "/edit",
        Role::Dispatcher | Role::Admin => "/dispatch",
    };
    let cookie = open_session(&app, taken).await?;
    let headers = [(header::LOCATION, HeaderValue::from_static(target)), (header::SET_COOKIE, cookie)];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

fn used_up_page() -> Response {
    let page = "<!doctype html><html lang=\"uk\"><meta charset=\"utf-8\"><title>Misto</title>\
        <p>Це посилання вже використано або його строк минув. Попросіть нове: <code>misto token create</code>.</p>\
        <p lang=\"en\">This link was used already or has ended. Ask for a new one.</p><p><a href=\"/\">Misto</a></p>";
    (StatusCode::UNAUTHORIZED, Html(page)).into_response()
}

/// A token made by `misto token create`.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct TokenBody {
    token: String,
}

/// Exchanges a bearer token for a session cookie.
#[utoipa::path(post, path = "/auth/login", tag = "auth", request_body = TokenBody,
    responses((status = 204, description = "Signed in"), (status = 401, body = Problem)))]
pub async fn sign_in_with_token(State(app): State<Shared>, Body(body): Body<TokenBody>) -> Answer<Response> {
    let documents = app.store.documents.as_ref();
    let found = granted(documents, GrantKind::Token, body.token.trim(), Timestamp::now()).await?;
    let found = found.ok_or_else(|| Problem::sign_in("the token is unknown or has ended"))?;
    let cookie = open_session(&app, found).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

async fn open_session(app: &App, from: Grant) -> Answer<HeaderValue> {
    let documents = app.store.documents.as_ref();
    let secret = grant(documents, GrantKind::Session, &from.name, from.role, Timestamp::now()).await?;
    cookie_header(app, secret.reveal(), GrantKind::Session.lifetime().as_secs())
}

fn cookie_header(app: &App, value: &str, max_age_s: i64) -> Answer<HeaderValue> {
    let secure = if app.settings.http.secure_cookies { "; Secure" } else { "" };
    let text = format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age_s}{secure}");
    HeaderValue::from_str(&text).map_err(|_| Problem::internal())
}

/// Ends the session.
#[utoipa::path(post, path = "/auth/logout", tag = "auth", responses((status = 204, description = "Signed out")))]
pub async fn sign_out(State(app): State<Shared>, _caller: Caller, headers: HeaderMap) -> Answer<Response> {
    if let Some(session) = cookie(&headers) {
        take(app.store.documents.as_ref(), GrantKind::Session, session, Timestamp::now()).await?;
    }
    let ended = cookie_header(&app, "", 0)?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, ended)]).into_response())
}
