//! The survey card of a place: works without a script, and is printed empty or filled in.

use axum::response::Html;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use misto_city::survey::{Answer, Answers, Card, Criterion, Outcome, Tally};

use super::frame::Language;

const STYLE: &str = ":root{color-scheme:light dark}body{font:1rem/1.4 system-ui,sans-serif;max-width:50rem;margin:0 auto;padding:.8rem}\
a{color:light-dark(#0b57a4,#8ec2ff);display:inline-block;padding:.6rem 0;min-height:1.6rem}h1{font-size:1.5rem;line-height:1.2;margin:.3rem 0}\
table{border-collapse:collapse;width:100%}caption{text-align:left;padding:.3rem 0}\
td,th{padding:.45rem .5rem;text-align:left;vertical-align:top;border:1px solid light-dark(#82868d,#7c8593)}\
td.a,th.a{text-align:center;width:4.5rem}td.n{text-align:right;font-variant-numeric:tabular-nums}\
.result{font-size:1.25rem;font-weight:700;border-left:.3rem solid;padding-left:.6rem}.lines{height:5rem;border-bottom:1px solid}\
.sign{display:flex;flex-wrap:wrap;gap:1rem 2rem;margin-top:1rem}.sign span{flex:1 1 12rem;border-bottom:1px solid;min-height:2rem}\
small{display:block}:focus-visible{outline:3px solid light-dark(#0b57a4,#8ec2ff)}\
@media print{:root{color-scheme:light}nav{display:none}body{font-size:10.5pt;padding:0}tr{break-inside:avoid}td,th{padding:.25rem .4rem}}";

/// What the page shows.
pub struct SurveyPage<'a> {
    /// Number of the venue.
    pub venue: i64,
    /// Its name in the language of the page; may be empty.
    pub name: &'a str,
    /// Its address, where it is known.
    pub address: Option<&'a str>,
    /// The card.
    pub card: &'static Card,
    /// The day of the survey; `None` for a form to fill in.
    pub date: Option<String>,
    /// Its answers.
    pub answers: Option<&'a Answers>,
    /// Its result.
    pub result: Option<Tally>,
    /// Free words of the surveyor.
    pub remark: Option<&'a str>,
    /// The surveyor, for staff.
    pub by: Option<&'a str>,
    /// Days of all surveys of the venue, the newest first.
    pub dates: Vec<String>,
}

/// The page.
pub fn survey(language: Language, page: &SurveyPage<'_>) -> Html<String> {
    let l = language;
    let title = l.pick(&page.card.uk, &page.card.en);
    let markup = html! {
        (DOCTYPE)
        html lang=(l.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · " (page.name) " · Misto" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (ways(l, page))
                main {
                    h1 { (title) }
                    p {
                        b { @if page.name.is_empty() { (l.pick("Заклад", "Venue")) " " (page.venue) } @else { (page.name) } }
                        @if let Some(address) = page.address { br; (address) }
                        br; (l.pick("Дата обстеження: ", "Day of the survey: "))
                        @match &page.date { Some(date) => { time datetime=(date) { (date) } } None => { "____________________" } }
                        @if let Some(by) = page.by { br; (l.pick("Обстежив: ", "Surveyed by: ")) (by) }
                    }
                    @if let Some(result) = &page.result { (outcome(l, result)) }
                    (questions(l, page))
                    h2 { (l.pick("Зауваження", "Remarks")) }
                    @match page.remark {
                        Some(remark) => { p style="white-space:pre-line" { (remark) } }
                        None if page.date.is_some() => { p { "—" } }
                        None => { div.lines {} div.lines {} }
                    }
                    @if page.date.is_none() {
                        div.sign {
                            span { (l.pick("Обстежив", "Surveyed by")) }
                            span { (l.pick("Підпис", "Signature")) }
                        }
                    }
                    p { small { (l.pick(&page.card.source_uk, &page.card.source)) " (" (page.card.as_of) ")" } }
                }
            }
        }
    };
    Html(markup.into_string())
}

fn ways(l: Language, page: &SurveyPage<'_>) -> Markup {
    let other = if l == Language::Uk { ("en", "English") } else { ("uk", "Українською") };
    let same = match &page.date {
        Some(date) => format!("&date={date}"),
        None => "&empty=true".to_owned(),
    };
    html! {
        nav aria-label=(l.pick("Сторінки", "Pages")) {
            a href={ "/?venue=" (page.venue) } { (l.pick("Карта", "Map")) }
            " · " a href={ "?lang=" (l.code()) "&empty=true" } { (l.pick("Порожня карта", "Empty card")) }
            @for date in page.dates.iter().filter(|date| Some(*date) != page.date.as_ref()).take(10) {
                " · " a href={ "?lang=" (l.code()) "&date=" (date) } { (date) }
            }
            " · " a href={ "?lang=" (other.0) (same) } lang=(other.0) { (other.1) }
        }
    }
}

fn outcome(l: Language, tally: &Tally) -> Markup {
    let words = match tally.outcome {
        Outcome::BarrierFree => l.pick("Безбар’єрно", "Barrier-free"),
        Outcome::Partly => l.pick("Частково безбар’єрно", "Partly barrier-free"),
        Outcome::Barriers => l.pick("Є бар’єри", "With barriers"),
        Outcome::Incomplete => l.pick("Обстеження не завершено", "The survey is not complete"),
    };
    html! {
        p.result { (words) }
        p {
            (l.pick("Так: ", "Yes: ")) (tally.yes) ". " (l.pick("Ні: ", "No: ")) (tally.no)
            @if tally.critical_no > 0 { (l.pick(", з них критичних: ", ", critical among them: ")) (tally.critical_no) }
            ". " (l.pick("Не застосовується: ", "Not applicable: ")) (tally.not_applicable)
            ". " (l.pick("Без відповіді: ", "Not answered: ")) (tally.unanswered) "."
        }
    }
}

fn questions(l: Language, page: &SurveyPage<'_>) -> Markup {
    html! {
        table {
            caption { (l.pick("★ критичний: одне «ні» означає, що бар’єри є", "★ critical: one no means that there are barriers")) }
            thead { tr {
                th scope="col" { (l.pick("№", "No.")) }
                th scope="col" { (l.pick("Критерій", "Criterion")) }
                th.a scope="col" { (l.pick("Так", "Yes")) }
                th.a scope="col" { (l.pick("Ні", "No")) }
                th.a scope="col" { (l.pick("Не заст.", "N/A")) }
            } }
            tbody { @for (number, criterion) in page.card.criteria.iter().enumerate() { (question(l, page, number + 1, criterion)) } }
        }
    }
}

fn question(l: Language, page: &SurveyPage<'_>, number: usize, criterion: &Criterion) -> Markup {
    let given = page.answers.and_then(|answers| answers.get(&criterion.id));
    let mark = |answer: Answer, words: &'static str| {
        let is_given = given == Some(&answer);
        html! { td.a { @if is_given { span role="img" aria-label=(words) { "☒" } } @else { span aria-hidden="true" { "☐" } } } }
    };
    html! {
        tr {
            td.n { (number) }
            td {
                (l.pick(&criterion.uk, &criterion.en))
                @if criterion.critical { " " span role="img" aria-label=(l.pick("критичний", "critical")) { "★" } }
            }
            (mark(Answer::Yes, l.pick("так", "yes")))
            (mark(Answer::No, l.pick("ні", "no")))
            (mark(Answer::NotApplicable, l.pick("не застосовується", "not applicable")))
        }
    }
}
