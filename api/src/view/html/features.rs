//! Features as a table, and one feature with all its attributes.

use axum::response::Html;
use maud::{Markup, html};
use misto_model::{Collection, Feature, Geometry, Property};
use serde_json::Value;

use super::frame::{Above, Language, frame, ways};

/// One page of features.
pub struct FeaturesPage<'a> {
    /// Their collection.
    pub collection: &'a Collection,
    /// The attributes that the reader may see.
    pub attributes: &'a [&'a Property],
    /// The features.
    pub features: &'a [Feature],
    /// How many there are on all pages, where that is known.
    pub matched: Option<u64>,
    /// The first page, unless this is it.
    pub first: Option<String>,
    /// The next page.
    pub next: Option<String>,
    /// The same page in other forms: address and name.
    pub others: &'a [(String, String)],
}

/// Features as a table.
pub fn features(language: Language, page: &FeaturesPage<'_>) -> Html<String> {
    let id = &page.collection.id;
    let count = page.features.len();
    let caption = match page.matched {
        Some(all) => format!("{count} {} {all}", language.pick("із", "of")),
        None => count.to_string(),
    };
    let main = html! {
        div.wide tabindex="0" role="region" aria-label=(language.pick("Таблиця об’єктів", "Table of features")) {
            table {
                caption { (caption) }
                thead { tr {
                    th scope="col" { "№" }
                    @for attribute in page.attributes { th scope="col" { (attribute.name) } }
                } }
                tbody { @for feature in page.features { tr {
                    th scope="row" { a href={ "/ogc/collections/" (id) "/items/" (feature.id) } { (feature.id) } }
                    @for attribute in page.attributes { (cell(language, feature.properties.get(&attribute.name))) }
                } } }
            }
        }
        (paging(language, page))
        (ways(language.pick("Інші форми", "Other forms"), page.others))
    };
    let mut above = Above::collections(language);
    above.push(Above::new(format!("/ogc/collections/{id}"), language.title(page.collection)));
    frame(language, language.pick("Об’єкти", "Features"), &above, main)
}

fn paging(language: Language, page: &FeaturesPage<'_>) -> Markup {
    html! {
        nav aria-label=(language.pick("Сторінки", "Pages")) {
            ul.ways {
                @if let Some(first) = &page.first { li { a href=(first) { (language.pick("Спочатку", "First page")) } } }
                @if let Some(next) = &page.next { li { a rel="next" href=(next) { (language.pick("Далі", "Next page")) } } }
            }
        }
    }
}

fn cell(language: Language, value: Option<&Value>) -> Markup {
    match value {
        Some(Value::Number(number)) => html! { td.number { (number) } },
        other => html! { td { (text(language, other)) } },
    }
}

/// A value in words; what nobody knows is said to be unknown.
fn text(language: Language, value: Option<&Value>) -> Markup {
    match value {
        None | Some(Value::Null) => html! { span.unknown { (language.pick("невідомо", "unknown")) } },
        Some(Value::Bool(true)) => html! { (language.pick("так", "yes")) },
        Some(Value::Bool(false)) => html! { (language.pick("ні", "no")) },
        Some(Value::String(text)) => html! { (text) },
        Some(other) => html! { (other) },
    }
}

/// One feature with all attributes that the reader may see.
pub fn feature(
    language: Language,
    collection: &Collection,
    attributes: &[&Property],
    feature: &Feature,
) -> Html<String> {
    let id = &collection.id;
    let main = html! {
        table {
            caption { (language.pick("Атрибути", "Attributes")) }
            tbody {
                @for attribute in attributes { tr {
                    th scope="row" { (attribute.name) }
                    td { (text(language, feature.properties.get(&attribute.name))) }
                } }
                tr { th scope="row" { (language.pick("Місце", "Place")) } td { (place(language, feature.geometry.as_ref())) } }
                tr { th scope="row" { (language.pick("Версія", "Version")) } td { (feature.version) } }
            }
        }
        (ways(language.pick("Інші форми", "Other forms"),
            &[(format!("/ogc/collections/{id}/items/{}?f=geojson", feature.id), "GeoJSON".to_owned())]))
    };
    let mut above = Above::collections(language);
    above.push(Above::new(format!("/ogc/collections/{id}"), language.title(collection)));
    above.push(Above::new(format!("/ogc/collections/{id}/items"), language.pick("Об’єкти", "Features")));
    frame(language, &format!("{} {}", language.title(collection), feature.id), &above, main)
}

fn place(language: Language, geometry: Option<&Geometry>) -> Markup {
    let kind = match geometry {
        None => return html! { span.unknown { (language.pick("невідомо", "unknown")) } },
        Some(Geometry::Point(at)) => {
            return html! { (format!("{:.6}, {:.6}", at.y(), at.x())) " (" (language.pick("широта, довгота", "latitude, longitude")) ")" };
        }
        Some(Geometry::MultiPoint(_)) => language.pick("кілька точок", "several points"),
        Some(Geometry::Line(_) | Geometry::LineString(_)) => language.pick("лінія", "a line"),
        Some(Geometry::MultiLineString(_)) => language.pick("кілька ліній", "several lines"),
        Some(Geometry::Polygon(_) | Geometry::Rect(_) | Geometry::Triangle(_)) => language.pick("площа", "an area"),
        Some(Geometry::MultiPolygon(_)) => language.pick("кілька площ", "several areas"),
        Some(Geometry::GeometryCollection(_)) => language.pick("кілька форм", "several shapes"),
    };
    html! { (kind) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use misto_model::{Audience, FeatureId, GeometryKind, PropertyType, Version};
    use serde_json::json;

    #[test]
    fn a_text_stays_a_text_and_the_unknown_is_said() {
        let name = Property { name: "<b>назва</b>".into(), kind: PropertyType::Text, audience: Audience::Public };
        let seats = Property { name: "seats".into(), kind: PropertyType::Integer, audience: Audience::Public };
        let collection = Collection {
            id: "benches".parse().unwrap(),
            title_uk: "Лавки & стільці".into(),
            title_en: "Benches".into(),
            description: String::new(),
            audience: Audience::Public,
            geometry: GeometryKind::Point,
            properties: Vec::new(),
            sample: false,
            extent: None,
        };
        let bench = Feature {
            id: FeatureId(7),
            version: Version(1),
            geometry: None,
            properties: [(name.name.clone(), json!("<script>alert(1)</script>\""))].into_iter().collect(),
        };
        let Html(page) = feature(Language::Uk, &collection, &[&name, &seats], &bench);
        assert!(!page.contains("<script") && !page.contains("<b>"), "{page}");
        assert!(page.contains("&lt;script&gt;") && page.contains("Лавки &amp; стільці 7"), "{page}");
        assert_eq!(page.matches("невідомо").count(), 2, "{page}");
    }
}
