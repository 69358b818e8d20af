//! The page of a stop: works without a script, small, and can be printed and hung up.

use std::fmt::Write;

use axum::response::Html;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use qrcode::{Color, EcLevel, QrCode};

use super::frame::Language;
use crate::routes::transit::{ArrivalView, ArrivalsView};
use crate::transit::alerts::StandingAlert;

const STYLE: &str = ":root{color-scheme:light dark}body{font:1.125rem/1.4 system-ui,sans-serif;max-width:44rem;margin:0 auto;padding:.8rem}\
a{color:light-dark(#0b57a4,#8ec2ff)}a.go{display:inline-block;padding:.6rem 0;min-height:1.6rem}h1{font-size:1.6rem;line-height:1.2;margin:.2rem 0}\
table{border-collapse:collapse;width:100%}caption{text-align:left;padding:.3rem 0}td,th{padding:.5rem .6rem .5rem 0;text-align:left;vertical-align:top;\
border-bottom:1px solid light-dark(#ccd3da,#3c444d)}td.t{font-size:1.75rem;line-height:1.1;font-weight:700;white-space:nowrap;font-variant-numeric:tabular-nums}\
td small{display:block;font-size:1rem;font-weight:400;white-space:normal}td.t{max-width:11rem}b.r{display:inline-block;border:2px solid;border-radius:.3rem;padding:0 .4rem}\
.note{border-left:.3rem solid light-dark(#b57600,#e8b04a);padding-left:.6rem}.print{display:none}\
:focus-visible{outline:3px solid light-dark(#0b57a4,#8ec2ff)}\
@media print{.screen{display:none}.print{display:block}svg{width:60mm;height:60mm}body{font-size:14pt}}";

/// When a row happens, in local time.
pub struct Moment {
    /// `HH:MM`
    pub clock: String,
    /// Minutes from now.
    pub minutes: i64,
    /// `HH:MM` of the earliest and the latest, when it is predicted.
    pub range: Option<(String, String)>,
}

/// What the page needs to know.
pub struct StopPage<'a> {
    /// The board.
    pub board: &'a ArrivalsView,
    /// Local time of the answer, `HH:MM`.
    pub at: String,
    /// Moments of the rows.
    pub moments: Vec<Option<Moment>>,
    /// Notices of the stop.
    pub alerts: Vec<StandingAlert>,
    /// Where this page is found, for the code to photograph.
    pub address: String,
    /// Whether only rows known to be low-floor are shown.
    pub low_floor_only: bool,
}

/// The page.
pub fn stop(language: Language, page: &StopPage<'_>) -> Html<String> {
    let l = language;
    let stop = &page.board.stop;
    let other = if l == Language::Uk { ("en", "English") } else { ("uk", "Українською") };
    let low_floor = if page.low_floor_only { "" } else { "&low_floor=true" };
    let markup = html! {
        (DOCTYPE)
        html lang=(l.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (stop.name) " · Misto" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { (stop.name) }
                    p {
                        @if let Some(code) = &stop.code { (l.pick("Зупинка № ", "Stop no. ")) (code) ". " }
                        (boarding(l, stop.wheelchair_boarding))
                    }
                    @for standing in &page.alerts { (notice(l, standing)) }
                    div.screen {
                        (rows(l, page))
                        p {
                            a.go href={ "?lang=" (l.code()) @if page.low_floor_only { "&low_floor=true" } } { (l.pick("Оновити", "Refresh")) }
                            " · "
                            a.go href={ "?lang=" (l.code()) (low_floor) } {
                                (if page.low_floor_only { l.pick("Показати всі", "Show all") } else { l.pick("Лише низька підлога", "Low floor only") })
                            }
                            " · " a.go href={ "?lang=" (other.0) } lang=(other.0) { (other.1) }
                            " · " a.go href="/" { (l.pick("Карта", "Map")) }
                        }
                    }
                    div.print {
                        p { (l.pick("Маршрути: ", "Routes: ")) b { (stop.routes.join(", ")) } }
                        (code(&page.address))
                        p { (l.pick("Наведіть камеру телефона: коли наступний автобус і чи зможете ви в нього сісти.",
                            "Point your phone's camera: when the next bus comes, and whether you can board it.")) }
                        p { (page.address) }
                    }
                }
            }
        }
    };
    Html(markup.into_string())
}

fn boarding(l: Language, access: Option<&str>) -> &'static str {
    match access {
        Some("yes") => l.pick("Посадка на візку можлива.", "Boarding with a wheelchair is possible."),
        Some(_) => l.pick("Посадка на візку неможлива.", "Boarding with a wheelchair is not possible."),
        None => {
            l.pick("Чи можлива посадка на візку, невідомо.", "Whether one can board with a wheelchair is not known.")
        }
    }
}

fn notice(l: Language, standing: &StandingAlert) -> Markup {
    let alert = &standing.alert;
    let text = |of: &'_ crate::transit::alerts::Translated| -> Option<String> {
        let mine = if l == Language::Uk { &of.uk } else { &of.en };
        mine.clone().or_else(|| of.texts().next().map(|(_, text)| text.to_owned()))
    };
    html! {
        p.note {
            b { (text(&alert.header).unwrap_or_default()) }
            @if let Some(more) = text(&alert.description) { br; (more) }
        }
    }
}

fn rows(l: Language, page: &StopPage<'_>) -> Markup {
    if page.board.departures.is_empty() {
        let nothing = if page.low_floor_only {
            l.pick(
                "Рейсів, про які відомо, що підлога низька, на два дні вперед немає.",
                "No departure within two days is known to be low-floor.",
            )
        } else {
            l.pick("На два дні вперед відправлень немає.", "There are no departures within two days.")
        };
        return html! { p { (nothing) } };
    }
    html! {
        table {
            caption {
                (l.pick("Станом на ", "As of ")) (page.at)
                @if page.board.based_on == "timetable" { (l.pick(" за розкладом; де автобуси, невідомо", " by the timetable; where the buses are is not known")) }
            }
            thead { tr {
                th scope="col" { (l.pick("Коли", "When")) }
                th scope="col" { (l.pick("Маршрут і підлога", "Route and floor")) }
            } }
            tbody { @for (row, moment) in page.board.departures.iter().zip(&page.moments) { (one(l, row, moment.as_ref())) } }
        }
    }
}

fn one(l: Language, row: &ArrivalView, moment: Option<&Moment>) -> Markup {
    let (large, small) = when(l, row, moment);
    html! {
        tr {
            td.t { (large) small { (small) } }
            td { b.r { (row.route) } " " (row.headsign.as_deref().unwrap_or_default()) small { (floor(l, row)) } }
        }
    }
}

/// The moment, large, and what is known of it in words.
fn when(l: Language, row: &ArrivalView, moment: Option<&Moment>) -> (String, String) {
    let clock = moment.map(|moment| moment.clock.clone()).unwrap_or_else(|| "—".to_owned());
    let minutes = moment.map(|moment| moment.minutes);
    let range = moment.and_then(|moment| moment.range.as_ref()).filter(|(from, to)| from != to);
    let age = row.fix_age_s.map(|seconds| (seconds / 60.0).round() as i64);
    let large = match minutes {
        Some(minutes) if row.state == "predicted" && minutes < 60 => match minutes.max(0) {
            0 => l.pick("зараз", "now").to_owned(),
            minutes => format!("{minutes} {}", l.pick("хв", "min")),
        },
        _ => clock.clone(),
    };
    let small = match row.state {
        "predicted" => {
            let stops = match row.stops_away {
                Some(0) => l.pick("наступна зупинка", "next stop").to_owned(),
                Some(stops) => format!("{} {stops}", l.pick("зупинок до вас:", "stops away:")),
                None => String::new(),
            };
            let old = age.filter(|minutes| *minutes >= 1);
            let old =
                old.map(|minutes| format!("{} {minutes} {}", l.pick("дані", "data"), l.pick("хв тому", "min old")));
            let between = range.map(|(from, to)| format!("{from}–{to}"));
            [Some(between.unwrap_or(clock)), Some(stops).filter(|text| !text.is_empty()), old]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" · ")
        }
        "passed" => {
            let ago = minutes.map_or(0, |minutes| (-minutes).max(0));
            format!("{} {ago} {}", l.pick("проїхав", "passed"), l.pick("хв тому", "min ago"))
        }
        "not_running" => {
            l.pick("рейс не виконується: немає машини", "not running: no vehicle has this trip").to_owned()
        }
        "lost" => {
            let minutes = age.map(|minutes| format!(" {minutes} {}", l.pick("хв", "min"))).unwrap_or_default();
            format!("{}{minutes}", l.pick("зв’язку з машиною немає", "no signal from the vehicle for"))
        }
        "standing" => l
            .pick(
                "машина довго стоїть; коли прибуде, невідомо",
                "the vehicle has stood for long; when it comes is not known",
            )
            .to_owned(),
        "off_route" => l
            .pick(
                "машина зійшла з маршруту; чи прибуде, невідомо",
                "the vehicle left its route; whether it comes is not known",
            )
            .to_owned(),
        "cancelled" => l.pick("скасовано", "cancelled").to_owned(),
        "unknown" => {
            l.pick("за розкладом; чи їде, невідомо", "by the timetable; whether it runs is not known").to_owned()
        }
        _ => l.pick("за розкладом", "by the timetable").to_owned(),
    };
    (large, small)
}

fn floor(l: Language, row: &ArrivalView) -> &'static str {
    match (row.low_floor, row.low_floor_source) {
        (Some(true), Some("timetable")) => l.pick("♿ низька підлога за планом", "♿ low floor, as planned"),
        (Some(true), _) => l.pick("♿ низька підлога", "♿ low floor"),
        (Some(false), _) => l.pick("зі сходинками", "with steps"),
        (None, _) => l.pick("підлога невідома", "floor not known"),
    }
}

/// A code that a phone's camera reads: one path, each row as runs of dark modules.
fn code(address: &str) -> Markup {
    let Ok(code) = QrCode::with_error_correction_level(address.as_bytes(), EcLevel::M) else { return html! {} };
    let width = code.width();
    let colors = code.to_colors();
    let mut path = String::new();
    for (y, row) in colors.chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run[0] == Color::Dark {
                // Writing to a text cannot fail.
                let _ = write!(path, "M{} {}h{n}v1h-{n}z", x + QUIET, y + QUIET, n = run.len());
            }
            x += run.len();
        }
    }
    let side = width + 2 * QUIET;
    html! {
        svg viewBox=(format!("0 0 {side} {side}")) width="200" height="200" role="img" aria-label=(address) {
            rect width="100%" height="100%" fill="#fff" {}
            path d=(path) fill="#000" {}
        }
    }
}

/// Light modules around the code (ISO/IEC 18004, 5.3.8).
const QUIET: usize = 4;
