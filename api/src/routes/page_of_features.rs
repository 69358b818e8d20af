//! How a page of features, or one feature, is written: GeoJSON with links,
//! a GeoJSON text sequence, a table to read, or a file.

use std::sync::LazyLock;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use misto_ingest::crs::Crs;
use misto_model::{Audience, Collection, CollectionId, Feature, Property};
use misto_tiles::{Item, Items};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::ogc::{absolute, answered, language, link, page};
use super::origin::Origin;
use super::placing;
use super::rendition::{FEATURE, FEATURES, Rendition, Wish};
use crate::app::App;
use crate::auth::random_bytes;
use crate::export::{self, ExportFormat};
use crate::problem::{Answer, Problem};
use crate::view::{feature, html};

/// Tells the versions of this run's memory from those of another run.
static RUN: LazyLock<[u8; 32]> = LazyLock::new(random_bytes);

/// Relation of what a filter may name (19-079r2, /req/queryables/get-queryables-uris).
const QUERYABLES: &str = "http://www.opengis.net/def/rel/ogc/1.0/queryables";

/// In which form and system features are wanted.
pub struct Delivery {
    form: Rendition,
    crs: Crs,
}

/// A page of features with where it stands among the others.
pub struct Page<'a> {
    /// Whose features.
    pub collection: &'a Collection,
    /// Who sees them.
    pub audience: Audience,
    /// The features.
    pub items: &'a Items,
    /// Address of this page.
    pub own: String,
    /// Address of the first page, unless this is it.
    pub first: Option<String>,
    /// Address of the next page.
    pub next: Option<String>,
}

impl Delivery {
    /// From `f=`, `crs=` and Accept. Only GeoJSON is written in other systems than CRS84.
    ///
    /// # Errors
    /// 400 naming the parameter.
    pub fn of(wish: &Wish) -> Answer<Self> {
        let crs = placing::wanted(wish)?;
        let placed = [Rendition::GeoJson, Rendition::GeoJsonSeq];
        let form = wish.form(if crs.is_crs84() { &FEATURES } else { &placed })?;
        Ok(Self { form, crs })
    }

    /// ETag of a page: changes with every edit, whatever the question depends on.
    /// Weak, since the time of the answer stands in it.
    pub fn tag(&self, app: &App, id: &CollectionId, audience: Audience, origin: &Origin, wish: &Wish) -> String {
        let mut hash = blake3::Hasher::new();
        hash.update(&*RUN);
        for collection in app.atlas.collections() {
            hash.update(&app.atlas.version(&collection.id).unwrap_or_default().to_le_bytes());
        }
        let asked = [id.as_str(), self.form.name(), language(wish).code(), &origin.href(""), wish.query()];
        hash.update(format!("{audience:?}\n{}", asked.join("\n")).as_bytes());
        format!("W/\"{}\"", &hash.finalize().to_hex()[..20])
    }

    /// The page.
    ///
    /// # Errors
    /// 400 when a feature has no place in the system that was asked for.
    pub async fn page(&self, app: &App, origin: &Origin, wish: &Wish, asked: Page<'_>, tag: &str) -> Answer<Response> {
        let mut response = match self.form {
            Rendition::Html => return Ok(tagged(self.table(wish, &asked), tag)),
            Rendition::GeoJson | Rendition::Json => self.collection(app, origin, wish, &asked)?,
            Rendition::GeoJsonSeq => self.sequence(&asked)?,
            Rendition::Csv => file(ExportFormat::Csv, &asked).await?,
            Rendition::FlatGeobuf => file(ExportFormat::Flatgeobuf, &asked).await?,
            Rendition::GeoPackage => file(ExportFormat::Gpkg, &asked).await?,
        };
        let headers = response.headers_mut();
        headers.insert(placing::CONTENT_CRS, placing::header_value(&self.crs));
        // An address that no header can carry stands in the body alone.
        if let Ok(links) = HeaderValue::from_str(&self.link_header(origin, wish, &asked)) {
            headers.insert(header::LINK, links);
        }
        Ok(tagged(answered(response), tag))
    }

    /// The page's links for those who read no body (17-069r4, /rec/core/link-header).
    fn link_header(&self, origin: &Origin, wish: &Wish, asked: &Page<'_>) -> String {
        let link = |href: &str, rel: &str, form: Rendition| {
            format!("<{}>; rel=\"{rel}\"; type=\"{}\"", origin.href(href), form.bare_media_type())
        };
        let others = FEATURES.into_iter().filter(|form| *form != self.form);
        let own = link(&asked.own, "self", self.form);
        let next = asked.next.iter().map(|next| link(next, "next", self.form));
        let alternate = others.map(|form| link(&other(asked, wish, form), "alternate", form));
        let queryables = format!("/ogc/collections/{}/queryables", asked.collection.id);
        let queryables =
            format!("<{}>; rel=\"{QUERYABLES}\"; type=\"application/schema+json\"", origin.href(&queryables));
        std::iter::once(own).chain(next).chain([queryables]).chain(alternate).collect::<Vec<_>>().join(", ")
    }

    fn collection(&self, app: &App, origin: &Origin, wish: &Wish, asked: &Page<'_>) -> Answer<Response> {
        let mut body = Vec::with_capacity(asked.items.features.len() * 256);
        body.extend_from_slice(b"{\"type\":\"FeatureCollection\",\"features\":[");
        for (n, item) in asked.items.features.iter().enumerate() {
            if n > 0 {
                body.push(b',');
            }
            feature::write_in(&mut body, item, &self.crs, None).map_err(no_place)?;
        }
        let mut tail = json!({
            "numberReturned": asked.items.features.len(),
            "numberMatched": asked.items.matched,
            "timeStamp": app.now().timestamp(),
            "links": links(asked, wish),
        });
        absolute(origin, &mut tail);
        body.extend_from_slice(b"],");
        body.extend_from_slice(&tail.to_string().as_bytes()[1..]);
        Ok(([(header::CONTENT_TYPE, Rendition::GeoJson.media_type())], body).into_response())
    }

    /// RFC 8142: each text between a record separator and a line feed.
    fn sequence(&self, asked: &Page<'_>) -> Answer<Response> {
        let mut body = Vec::with_capacity(asked.items.features.len() * 256);
        for item in &asked.items.features {
            body.push(0x1e);
            feature::write_in(&mut body, item, &self.crs, None).map_err(no_place)?;
            body.push(b'\n');
        }
        Ok(([(header::CONTENT_TYPE, Rendition::GeoJsonSeq.media_type())], body).into_response())
    }

    fn table(&self, wish: &Wish, asked: &Page<'_>) -> Response {
        let features: Vec<Feature> = asked.items.features.iter().map(Item::feature).collect();
        let shown = attributes(asked.collection, asked.audience).into_iter();
        // Attributes that nobody asked for stand in no feature.
        let shown: Vec<&Property> =
            shown.filter(|one| features.iter().any(|feature| feature.properties.contains_key(&one.name))).collect();
        let others: Vec<(String, String)> = FEATURES
            .iter()
            .filter(|form| **form != Rendition::Html)
            .map(|form| (other(asked, wish, *form), form.name().to_owned()))
            .collect();
        let table = html::FeaturesPage {
            collection: asked.collection,
            attributes: &shown,
            features: &features,
            matched: Some(asked.items.matched),
            first: asked.first.clone(),
            next: asked.next.clone(),
            others: &others,
        };
        page(language(wish), html::features(language(wish), &table))
    }
}

fn no_place(reason: String) -> Problem {
    Problem::invalid("crs", reason)
}

/// `crs`, `bbox-crs` and `f` as they were asked, to go on with on the next page.
pub fn carried(wish: &Wish) -> String {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let named = ["crs", "bbox-crs", "f"].into_iter();
    named.filter_map(|name| Some(format!("&{name}={}", encode(&wish.parameter(name)?)))).collect()
}

/// This page in another form.
fn other(asked: &Page<'_>, wish: &Wish, form: Rendition) -> String {
    let kept = wish.query_without_form();
    let and = if kept.is_empty() { "" } else { "&" };
    format!("/ogc/collections/{}/items?{kept}{and}f={}", asked.collection.id, form.name())
}

fn links(asked: &Page<'_>, wish: &Wish) -> Vec<Value> {
    let id = &asked.collection.id;
    let mut links = vec![
        link("self", asked.own.clone(), "application/geo+json", "This page"),
        link("collection", format!("/ogc/collections/{id}"), "application/json", "The collection"),
    ];
    for form in FEATURES.into_iter().filter(|form| *form != Rendition::GeoJson) {
        links.push(link("alternate", other(asked, wish, form), form.bare_media_type(), "This page in another form"));
    }
    if let Some(next) = &asked.next {
        links.push(link("next", next.clone(), "application/geo+json", "Next page"));
    }
    links
}

async fn file(format: ExportFormat, asked: &Page<'_>) -> Answer<Response> {
    let (collection, audience) = (asked.collection.clone(), asked.audience);
    let features = asked.items.features.clone();
    let written = tokio::task::spawn_blocking(move || {
        export::bytes(format, &collection, audience, features.iter().map(|item| Ok(item.feature())))
    });
    let bytes = written.await.map_err(|_| Problem::internal())?.map_err(|cause| {
        tracing::error!(%cause, "a page of features could not be written");
        Problem::internal()
    })?;
    Ok(([(header::CONTENT_TYPE, format.media_type())], bytes).into_response())
}

/// The attributes that an audience may see.
fn attributes(collection: &Collection, audience: Audience) -> Vec<&Property> {
    collection.properties.iter().filter(|one| audience.may_see(one.audience)).collect()
}

/// One feature in the form that is wanted.
///
/// # Errors
/// 400 naming the parameter that cannot be met.
pub fn item(
    origin: &Origin,
    wish: &Wish,
    headers: &HeaderMap,
    collection: &Collection,
    audience: Audience,
    found: &Feature,
) -> Answer<Response> {
    let crs = placing::wanted(wish)?;
    let form = wish.form(if crs.is_crs84() { &FEATURE } else { &FEATURE[..1] })?;
    if form == Rendition::Html {
        let shown = attributes(collection, audience);
        return Ok(page(language(wish), html::feature(language(wish), collection, &shown, found)));
    }
    let tag = format!("\"{}\"", found.version);
    if unchanged(headers, &tag) {
        return Ok(not_modified(&tag));
    }
    single(origin, &collection.id, found, &crs).map(answered)
}

/// A feature as GeoJSON with its ETag, which is what a save must send as If-Match.
///
/// # Errors
/// 400 when it has no place in the system.
pub fn single(origin: &Origin, collection: &CollectionId, found: &Feature, crs: &Crs) -> Answer<Response> {
    let path = format!("/ogc/collections/{collection}/items/{}", found.id);
    let mut links = json!([
        link("self", path.clone(), "application/geo+json", "This feature"),
        link("alternate", format!("{path}?f=html"), "text/html", "This feature to read"),
        link("collection", format!("/ogc/collections/{collection}"), "application/json", "The collection"),
    ]);
    absolute(origin, &mut links);
    let mut body = Vec::new();
    feature::write_in(&mut body, found, crs, Some(&links)).map_err(no_place)?;
    let kind = HeaderValue::from_static(Rendition::GeoJson.media_type());
    let headers = [(header::CONTENT_TYPE, kind), (placing::CONTENT_CRS, placing::header_value(crs))];
    Ok(tagged((headers, body).into_response(), &format!("\"{}\"", found.version)))
}

/// Whether the caller holds what this ETag stands for (RFC 9110, 13.1.2: weak comparison).
pub fn unchanged(headers: &HeaderMap, tag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let held = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    held.flat_map(|value| value.split(',')).any(|one| one.trim() == "*" || bare(one) == bare(tag))
}

/// 304.
pub fn not_modified(tag: &str) -> Response {
    tagged(answered(StatusCode::NOT_MODIFIED.into_response()), tag)
}

fn tagged(mut response: Response, tag: &str) -> Response {
    if let Ok(tag) = HeaderValue::from_str(tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}
