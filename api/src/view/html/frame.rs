//! What every page has: its language, its way back, its look.

use axum::response::Html;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use misto_model::Collection;

/// In which language a page is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Ukrainian.
    Uk,
    /// English.
    En,
}

impl Language {
    /// Of two texts the one in this language.
    pub fn pick<'a>(self, uk: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Uk => uk,
            Self::En => en,
        }
    }

    /// The collection's title; its id while nobody gave it one.
    pub fn title(self, collection: &Collection) -> &str {
        let title = self.pick(&collection.title_uk, &collection.title_en);
        if title.is_empty() { collection.id.as_str() } else { title }
    }

    /// As an HTML attribute and a header name it.
    pub fn code(self) -> &'static str {
        self.pick("uk", "en")
    }
}

/// A page above this one: its address and name.
pub(super) struct Above {
    pub(super) href: String,
    pub(super) name: String,
}

impl Above {
    pub(super) fn new(href: impl Into<String>, name: impl Into<String>) -> Self {
        Self { href: href.into(), name: name.into() }
    }

    /// The pages above a collection's own.
    pub(super) fn collections(language: Language) -> Vec<Self> {
        vec![Self::new("/ogc", "Misto"), Self::new("/ogc/collections", language.pick("Шари", "Collections"))]
    }
}

const STYLE: &str = ":root{color-scheme:light dark}\
body{font:1rem/1.5 system-ui,sans-serif;max-width:70rem;margin:0 auto;padding:1rem}\
a{color:light-dark(#0b57a4,#8ec2ff)}nav ol{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem .6rem;padding:0;margin:0}\
nav li+li::before{content:'/';margin-right:.6rem;opacity:.6}h1{font-size:1.6rem;line-height:1.25}\
table{border-collapse:collapse}caption{text-align:left;padding:.3rem 0}\
th,td{padding:.3rem 1rem .3rem 0;text-align:left;vertical-align:top;border-bottom:1px solid light-dark(#ccd3da,#3c444d)}\
td.number{text-align:right;font-variant-numeric:tabular-nums}.unknown{opacity:.7;font-style:italic}\
.wide{overflow-x:auto}.note{border-left:.25rem solid light-dark(#b57600,#e8b04a);padding-left:.6rem}\
.ways{display:flex;flex-wrap:wrap;gap:.4rem 1.2rem;padding:0;list-style:none}:focus-visible{outline:3px solid light-dark(#0b57a4,#8ec2ff)}";

/// The page around `main`.
pub(super) fn frame(language: Language, title: &str, above: &[Above], main: Markup) -> Html<String> {
    let page = html! {
        (DOCTYPE)
        html lang=(language.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Misto" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                @if !above.is_empty() {
                    nav aria-label=(language.pick("Де ви", "Breadcrumb")) {
                        ol {
                            @for page in above { li { a href=(page.href) { (page.name) } } }
                            li aria-current="page" { (title) }
                        }
                    }
                }
                main { h1 { (title) } (main) }
            }
        }
    };
    Html(page.into_string())
}

/// A list of ways onward.
pub(super) fn ways(label: &str, links: &[(String, String)]) -> Markup {
    html! {
        nav aria-label=(label) {
            ul.ways { @for (href, name) in links { li { a href=(href) { (name) } } } }
        }
    }
}
