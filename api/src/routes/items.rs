//! Features of a collection (OGC 17-069r4, 7.15 and 7.16).

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use misto_model::{Audience, Collection, FeatureId};
use misto_tiles::{Items, ItemsQuery};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::collections::visible;
use super::extract::Segments;
use super::origin::Origin;
use super::page_of_features::{self, Delivery, Page, carried, not_modified, unchanged};
use super::placing::{self, Area};
use super::refinement::{Refinement, after_text, parse_after};
use super::rendition::Wish;
use crate::app::Shared;
use crate::auth::Caller;
use crate::problem::{Answer, Problem};

/// Features of one page when nobody asks for another number.
const DEFAULT_LIMIT: usize = 100;
/// Most features of one page; more are asked for page by page.
pub const MAX_LIMIT: usize = 10_000;

/// Features in the order of their ids; further parameters are attributes that must be equal.
#[utoipa::path(get, path = "/ogc/collections/{id}/items", tag = "ogc",
    params(("id" = String, Path),
        ("bbox" = Option<Vec<f64>>, Query, style = Form, explode = false, min_items = 4, max_items = 6,
            description = "west,south,east,north, or in the order of bbox-crs"),
        ("bbox-crs" = Option<String>, Query, description = "coordinate system of bbox, one that the collection lists"),
        ("crs" = Option<String>, Query, description = "coordinate system of the answer, one that the collection lists"),
        ("f" = Option<String>, Query, description = "geojson, html, geojsonseq, csv, fgb or gpkg; by default what Accept wants"),
        ("limit" = Option<usize>, Query, description = "1 to 10 000; 100 when absent"),
        ("after" = Option<String>, Query, description = "continues after a page; taken from its next link"),
        ("filter" = Option<String>, Query, description = "CQL2, 32 KiB at most; see queryables"),
        ("filter-lang" = Option<String>, Query, description = "cql2-text (the default) or cql2-json"),
        ("filter-crs" = Option<String>, Query, description = "coordinate system of the filter's geometries, one that the collection lists; CRS84 when absent"),
        ("datetime" = Option<String>, Query, description = "a date or moment, or two with / between them; .. leaves an end open"),
        ("sortby" = Option<String>, Query, description = "+name,-levels: attributes or id, - for the greatest first; unknown comes last"),
        ("properties" = Option<String>, Query, description = "only these attributes, comma-separated"),
        ("skipGeometry" = Option<bool>, Query, description = "true leaves geometry out (null)")),
    responses((status = 200, description = "GeoJSON FeatureCollection"),
              (status = 304, description = "As you have it"), (status = 400, body = Problem),
              (status = 404, body = Problem)))]
pub async fn items(
    State(app): State<Shared>,
    caller: Caller,
    origin: Origin,
    wish: Wish,
    Segments(id): Segments<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Answer<Response> {
    let collection = visible(&app, &id, &caller)?;
    let (delivery, area) = (Delivery::of(&wish)?, placing::area(&wish)?);
    let asked = Asked::parse(query.as_deref().unwrap_or(""), &collection, caller.audience())?;
    let tag = delivery.tag(&app, &collection.id, caller.audience(), &origin, &wish);
    if unchanged(&headers, &tag) {
        return Ok(not_modified(&tag));
    }
    let items = answered(&app, &collection, asked.query(area)?, caller.audience()).await?;
    let href = |after: Option<&str>| asked.href(&format!("/ogc/collections/{id}/items"), after) + &carried(&wish);
    let page = Page {
        collection: &collection,
        audience: caller.audience(),
        items: &items,
        own: href(asked.after.as_deref()),
        first: asked.after.as_ref().map(|_| href(None)),
        next: items.next.map(|next| href(Some(&after_text(next, &items.next_values)))),
    };
    delivery.page(&app, &origin, &wish, page, &tag).await
}

/// What is asked of every feature is answered where it cannot hold up other requests.
async fn answered(app: &Shared, collection: &Collection, query: ItemsQuery, audience: Audience) -> Answer<Items> {
    let plain = query.filter.is_none() && query.datetime.is_none() && query.sort.is_empty();
    if plain {
        return Ok(app.atlas.items(&collection.id, &query, audience)?);
    }
    let _turn = app.costly.turn(audience).await?;
    let (app, id) = (app.clone(), collection.id.clone());
    let found = tokio::task::spawn_blocking(move || app.atlas.items(&id, &query, audience)).await;
    Ok(found.map_err(|cause| {
        tracing::error!(%cause, "a page of items could not be found");
        Problem::internal()
    })??)
}

struct Asked {
    bbox_text: Option<String>,
    limit: usize,
    after: Option<String>,
    equals: Vec<(String, String)>,
    refinement: Refinement,
}

impl Asked {
    fn query(&self, area: Area) -> Answer<ItemsQuery> {
        let (after, after_values) = match &self.after {
            Some(text) => parse_after(text).map(|(id, values)| (Some(id), values))?,
            None => (None, Vec::new()),
        };
        let query = ItemsQuery {
            bbox: area.bbox,
            outline: area.outline,
            equals: self.equals.clone(),
            limit: self.limit,
            after,
            after_values,
            ..ItemsQuery::default()
        };
        self.refinement.apply(query)
    }

    fn parse(query: &str, collection: &Collection, audience: Audience) -> Answer<Self> {
        let pairs: Vec<(String, String)> = serde_urlencoded(query)?;
        let mut asked = Self {
            bbox_text: None,
            limit: DEFAULT_LIMIT,
            after: None,
            equals: Vec::new(),
            refinement: Refinement::default(),
        };
        for (name, value) in pairs {
            match name.as_str() {
                "bbox" => asked.bbox_text = Some(value),
                "limit" => {
                    let limit: usize =
                        value.parse().map_err(|_| Problem::invalid("limit", "expected a whole number from 1"))?;
                    if limit == 0 {
                        return Err(Problem::invalid("limit", "expected a whole number from 1"));
                    }
                    // A larger number is lowered, as 17-069r4, 7.15.2 allows.
                    asked.limit = limit.min(MAX_LIMIT);
                }
                "after" => asked.after = Some(value),
                "f" | "crs" | "bbox-crs" => {}
                name if asked.refinement.takes(name, &value)? => {}
                attribute => {
                    let known = collection
                        .properties
                        .iter()
                        .any(|property| property.name == attribute && audience.may_see(property.audience));
                    if !known {
                        return Err(Problem::invalid(attribute, "no such parameter or attribute"));
                    }
                    asked.equals.push((name, value));
                }
            }
        }
        Ok(asked)
    }

    fn href(&self, path: &str, after: Option<&str>) -> String {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let mut href = format!("{path}?limit={}", self.limit);
        if let Some(bbox) = &self.bbox_text {
            href.push_str(&format!("&bbox={}", encode(bbox)));
        }
        for (name, value) in &self.equals {
            href.push_str(&format!("&{}={}", encode(name), encode(value)));
        }
        href.push_str(&self.refinement.href());
        if let Some(after) = after {
            href.push_str(&format!("&after={}", encode(after)));
        }
        href
    }
}

fn serde_urlencoded(query: &str) -> Answer<Vec<(String, String)>> {
    let uri = format!("/?{query}").parse().map_err(|_| Problem::invalid("query", "not a query string"))?;
    axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&uri)
        .map(|pairs| pairs.0)
        .map_err(|refused| Problem::invalid("query", refused.body_text()))
}

/// One feature; its ETag is what a save must send as If-Match.
#[utoipa::path(get, path = "/ogc/collections/{id}/items/{feature}", tag = "ogc",
    params(("id" = String, Path), ("feature" = i64, Path),
        ("f" = Option<String>, Query, description = "geojson or html; by default what Accept wants"),
        ("crs" = Option<String>, Query, description = "coordinate system of the answer, one that the collection lists")),
    responses((status = 200, description = "GeoJSON Feature with ETag"), (status = 304, description = "As you have it"),
              (status = 400, body = Problem), (status = 404, body = Problem)))]
pub async fn item(
    State(app): State<Shared>,
    caller: Caller,
    origin: Origin,
    wish: Wish,
    Segments((id, feature)): Segments<(String, String)>,
    headers: HeaderMap,
) -> Answer<Response> {
    wish.only(&["f", "crs"])?;
    let collection = visible(&app, &id, &caller)?;
    let number = feature_id(&id, &feature)?;
    let found = app.atlas.get(&collection.id, number, caller.audience()).ok_or_else(|| no_feature(&id, &feature))?;
    page_of_features::item(&origin, &wish, &headers, &collection, caller.audience(), &found)
}

/// A feature's number in a path: a text that is none names no feature.
///
/// # Errors
/// 404.
pub fn feature_id(collection: &str, text: &str) -> Answer<FeatureId> {
    text.parse().map(FeatureId).map_err(|_| no_feature(collection, text))
}

fn no_feature(collection: &str, text: &str) -> Problem {
    let text: String = text.chars().take(40).collect();
    Problem::not_found(format!("feature {text} of {collection} was not found"))
}
