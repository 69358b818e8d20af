//! The landing page, conformance, and collections.

use axum::response::Html;
use maud::{Markup, html};
use misto_model::{Audience, Bbox, Collection, GeometryKind, Property, PropertyType};

use super::frame::{Above, Language, frame, ways};

/// Where to begin.
pub fn landing(language: Language, city: &str) -> Html<String> {
    let main = html! {
        p { (language.pick(
            "Шари міста, які можна читати, завантажувати та вживати у своїх програмах.",
            "The city's layers, to read, to download and to use in programs of your own.")) }
        (ways(language.pick("Куди далі", "Onward"), &[
            ("/ogc/collections".to_owned(), language.pick("Усі шари", "All collections").to_owned()),
            ("/".to_owned(), language.pick("Карта", "Map").to_owned()),
            ("/docs".to_owned(), language.pick("Опис API", "The API to read").to_owned()),
            ("/ogc/conformance".to_owned(), language.pick("Відповідність стандартам", "Conformance").to_owned()),
        ]))
    };
    frame(language, city, &[], main)
}

/// Which classes of requirements are met.
pub fn conformance(language: Language, classes: &[&str]) -> Html<String> {
    let main = html! { ul { @for class in classes { li { code { (class) } } } } };
    let title = language.pick("Відповідність стандартам", "Conformance");
    frame(language, title, &[Above::new("/ogc", "Misto")], main)
}

/// All collections, each with how many features it has.
pub fn collections(language: Language, all: &[(&Collection, u64)]) -> Html<String> {
    let main = html! {
        table {
            caption { (language.pick("Шари, які ви можете бачити", "Collections that you may see")) }
            thead { tr {
                th scope="col" { (language.pick("Шар", "Collection")) }
                th scope="col" { (language.pick("Об’єктів", "Features")) }
                th scope="col" { (language.pick("Що в ньому", "What it holds")) }
            } }
            tbody { @for (collection, count) in all { tr {
                th scope="row" { a href={ "/ogc/collections/" (collection.id) } { (language.title(collection)) } }
                td.number { (count) }
                td { (collection.description) @if collection.sample { " " (sample(language)) } }
            } } }
        }
    };
    frame(language, language.pick("Шари", "Collections"), &[Above::new("/ogc", "Misto")], main)
}

fn sample(language: Language) -> Markup {
    html! { em { (language.pick("Вигадані дані для показу.", "Invented sample data.")) } }
}

/// One collection: what it holds, its attributes, and how to get it.
pub fn collection(
    language: Language,
    collection: &Collection,
    seen_by: Audience,
    count: u64,
    extent: Option<Bbox>,
    systems: &[String],
) -> Html<String> {
    let id = &collection.id;
    let export = |extension: &str| (format!("/export/{id}.{extension}"), extension.to_owned());
    let attributes = collection.properties.iter().filter(|one| seen_by.may_see(one.audience));
    let main = html! {
        @if !collection.description.is_empty() { p { (collection.description) } }
        @if collection.sample { p.note { (sample(language)) } }
        p { a href={ "/ogc/collections/" (id) "/items" } { (language.pick("Переглянути об’єкти", "See the features")) }
            " (" (count) ")" }
        p { (language.pick("Форма: ", "Shape: ")) (shape(language, collection.geometry)) "." }
        @if let Some(extent) = extent {
            p { (language.pick("Межі (захід, південь, схід, північ): ", "Extent (west, south, east, north): "))
                (format!("{:.5}, {:.5}, {:.5}, {:.5}", extent.west(), extent.south(), extent.east(), extent.north())) }
        }
        h2 { (language.pick("Завантажити весь шар", "Download the whole collection")) }
        (ways(language.pick("Завантажити", "Download"), &["fgb", "gpkg", "shp", "geojson", "geojsonl", "csv"].map(export)))
        (attribute_table(language, attributes))
        details {
            summary { (language.pick("Системи координат, у яких його можна отримати (crs=)", "Coordinate systems to ask for it in (crs=)")) }
            ul { @for system in systems { li { code { (system) } } } }
        }
        (ways(language.pick("Інші форми", "Other forms"), &[
            (format!("/ogc/collections/{id}?f=json"), "JSON".to_owned()),
            (format!("/ogc/collections/{id}/schema"), "JSON Schema".to_owned()),
            (format!("/tiles/{id}.json"), "TileJSON".to_owned()),
        ]))
    };
    frame(language, language.title(collection), &Above::collections(language), main)
}

fn attribute_table<'a>(language: Language, attributes: impl Iterator<Item = &'a Property>) -> Markup {
    html! {
        table {
            caption { (language.pick("Атрибути", "Attributes")) }
            thead { tr {
                th scope="col" { (language.pick("Назва", "Name")) }
                th scope="col" { (language.pick("Тип", "Type")) }
            } }
            tbody { @for attribute in attributes { tr {
                th scope="row" { (attribute.name) }
                td { (kind(language, attribute.kind)) }
            } } }
        }
    }
}

fn shape(language: Language, kind: GeometryKind) -> &'static str {
    match kind {
        GeometryKind::Point => language.pick("точки", "points"),
        GeometryKind::Line => language.pick("лінії", "lines"),
        GeometryKind::Polygon => language.pick("площі", "areas"),
        GeometryKind::Any => language.pick("будь-яка", "any"),
    }
}

fn kind(language: Language, kind: PropertyType) -> &'static str {
    match kind {
        PropertyType::Text => language.pick("текст", "text"),
        PropertyType::Integer => language.pick("ціле число", "whole number"),
        PropertyType::Real => language.pick("число", "number"),
        PropertyType::Boolean => language.pick("так або ні", "yes or no"),
        PropertyType::Date => language.pick("дата", "date"),
        PropertyType::DateTime => language.pick("дата й час", "date and time"),
    }
}
