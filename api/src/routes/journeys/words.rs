//! Legs and reasons in words, Ukrainian and English: what a screen reader says.

use misto_city::journey::{Catch, ChangeBasis, Leg, Moment, NoJourney, Ride, RideState, Walk, WalkBasis};
use misto_model::{Instant, StopId};
use serde_json::{Value, json};

use super::view::Telling;

fn both(uk: String, en: String) -> Value {
    json!({"uk": uk, "en": en})
}

/// One leg.
pub(super) fn leg(telling: &Telling<'_>, leg: &Leg) -> Value {
    match leg {
        Leg::Walk(walk) => {
            let name = |stop: &StopId| telling.stop_name(stop);
            let (uk, en) = match &walk.to {
                Some(stop) => (format!("до зупинки «{}»", name(stop)), format!("to the stop {}", name(stop))),
                None => ("до місця призначення".to_owned(), "to where you are going".to_owned()),
            };
            let (way_uk, way_en) = way(&walk.walk);
            both(format!("Пішки {uk}: {way_uk}"), format!("Walk {en}: {way_en}"))
        }
        Leg::Change { from, to, takes_s, basis, step_free, .. } => {
            let (from, to) = (telling.stop_name(from), telling.stop_name(to));
            let min = minutes(*takes_s);
            let (mut uk, mut en) = if *basis == ChangeBasis::SameStop {
                (format!("Пересадка на зупинці «{from}», {min} хв"), format!("Change at {from}, {min} min"))
            } else {
                (
                    format!("Пересадка: від зупинки «{from}» до зупинки «{to}», {min} хв"),
                    format!("Change from {from} to {to}, {min} min"),
                )
            };
            if *basis == ChangeBasis::Straight {
                uk += ", по прямій";
                en += ", as the crow flies";
            }
            if telling.step_free && step_free.is_none() {
                uk += ", сходи невідомо";
                en += ", whether there are steps is unknown";
            }
            both(uk, en)
        }
        Leg::Ride(ride) => self::ride(telling, ride),
    }
}

/// What a way on foot is.
fn way(walk: &Walk) -> (String, String) {
    let (metres, min) = (walk.length_m.round(), minutes(f64::from(walk.walk_s)));
    let (mut uk, mut en) = match walk.basis {
        WalkBasis::Network => (format!("{metres} м, {min} хв"), format!("{metres} m, {min} min")),
        WalkBasis::Straight => (
            format!("близько {metres} м, {min} хв, оцінено по прямій"),
            format!("about {metres} m, {min} min, estimated as the crow flies"),
        ),
    };
    if !walk.barriers.is_empty() {
        uk += &format!(", перешкод: {}", walk.barriers.len());
        en += &format!(", barriers: {}", walk.barriers.len());
    }
    if !walk.unmeasured.is_empty() {
        uk += &format!(", не виміряно ділянок: {}", walk.unmeasured.len());
        en += &format!(", pieces not measured: {}", walk.unmeasured.len());
    }
    (uk, en)
}

fn ride(telling: &Telling<'_>, ride: &Ride) -> Value {
    let calls = &telling.network.pattern(ride.pattern).calls;
    let name = |call: usize| telling.stop_name(&calls[call].stop);
    let (number, stops) = (telling.route_number(ride), ride.calls.1 - ride.calls.0);
    let toward = telling.headsign(ride);
    let toward = |word: &str| toward.as_ref().map(|text| format!(" {word} «{text}»")).unwrap_or_default();
    let (board, alight) = (clock(telling, &ride.board), clock(telling, &ride.alight));
    let ((floor_uk, floor_en), (state_uk, state_en), (catch_uk, catch_en)) =
        (floor(telling, ride), state(ride), catch(ride.catch));
    both(
        format!(
            "Маршрут {number}{} від зупинки «{}» о {}, {floor_uk}{state_uk}; {catch_uk}. Вийдіть на зупинці «{}» о {}, зупинок: {stops}",
            toward("до"),
            name(ride.calls.0),
            board.0,
            name(ride.calls.1),
            alight.0
        ),
        format!(
            "Route {number}{} from {} at {}, {floor_en}{state_en}; {catch_en}. Get off at {} at {}, stops: {stops}",
            toward("to"),
            name(ride.calls.0),
            board.1,
            name(ride.calls.1),
            alight.1
        ),
    )
}

fn floor(telling: &Telling<'_>, ride: &Ride) -> (&'static str, &'static str) {
    match ride.low_floor.map(|floor| floor.is) {
        Some(true) => ("низька підлога, ", "low floor, "),
        Some(false) => ("висока підлога, ", "high floor, "),
        None if telling.step_free => ("підлога невідома, ", "floor unknown, "),
        None => ("", ""),
    }
}

fn state(ride: &Ride) -> (&'static str, &'static str) {
    match ride.state {
        RideState::Predicted { .. } => ("за прогнозом", "predicted"),
        RideState::Scheduled => ("за розкладом", "by timetable"),
        RideState::Unknown => ("за розкладом; чи їде, невідомо", "by timetable; nobody tells whether it runs"),
        RideState::Lost { .. } => ("зв'язок з машиною втрачено", "its vehicle fell silent"),
    }
}

fn catch(catch: Catch) -> (String, String) {
    let hundredths = |probability: f64| (probability * 100.0).round();
    match catch {
        Catch::Likely { .. } => ("ви, ймовірно, встигнете".to_owned(), "you will probably make it".to_owned()),
        Catch::Tight { probability } => {
            let of = hundredths(probability);
            (format!("впритул, шанс {of} %"), format!("it is tight, {of} %"))
        }
        Catch::ByPlan { spare_s } if spare_s >= 60.0 => {
            let min = (spare_s / 60.0).floor();
            (format!("за планом запас {min} хв"), format!("{min} min to spare by plan"))
        }
        Catch::ByPlan { .. } => ("за планом без запасу".to_owned(), "nothing to spare by plan".to_owned()),
    }
}

/// The local time, with its range where there is one.
fn clock(telling: &Telling<'_>, moment: &Moment) -> (String, String) {
    let zone = telling.network.departures().time_zone();
    let local = |at: Instant| at.timestamp().to_zoned(zone.clone()).strftime("%H:%M").to_string();
    let at = local(moment.likely());
    match moment.expected.map(|range| (local(range.earliest), local(range.latest))) {
        Some((early, late)) if early != late => {
            (format!("{at} (між {early} і {late})"), format!("{at} (between {early} and {late})"))
        }
        _ => (at.clone(), at),
    }
}

fn minutes(seconds: f64) -> f64 {
    (seconds / 60.0).ceil().max(1.0)
}

/// What a journey rests on.
pub(super) fn rests_on(code: &str) -> Value {
    let (uk, en) = match code {
        "straight_walk" => ("шлях пішки оцінено по прямій", "the way on foot is estimated as the crow flies"),
        "unmeasured_way" => ("на шляху пішки є невиміряні ділянки", "parts of the way on foot were not measured"),
        "unknown_steps" => ("чи є сходи на пересадці, невідомо", "whether the change has steps is unknown"),
        "unknown_floor" => ("чи низька підлога, невідомо", "whether the floor is low is unknown"),
        "unknown_boarding" => {
            ("чи доступна зупинка для крісла, невідомо", "whether a wheelchair can board at the stop is unknown")
        }
        "timetable_only" => ("відомий лише розклад", "only the timetable is known"),
        "not_confirmed" => {
            ("рейс мав би їхати, але підтвердження немає", "it should be running, and nobody confirms it")
        }
        _ => ("зв'язок з машиною втрачено", "the vehicle fell silent"),
    };
    both(uk.to_owned(), en.to_owned())
}

/// Why there is no journey.
pub(super) fn reason(why: &NoJourney) -> Value {
    let unfit = |unfit: usize, uk: &str, en: &str| {
        if unfit == 0 {
            (format!("Біля {uk} немає зупинки"), format!("There is no stop near {en}"))
        } else {
            (
                format!("Біля {uk} немає зупинки, доступної для вас; недоступних поруч: {unfit}"),
                format!("There is no stop near {en} where you can board; others near: {unfit}"),
            )
        }
    };
    let (code, (uk, en)) = match why {
        NoJourney::AlreadyThere => {
            ("already_there", ("Ви вже на місці".to_owned(), "Start and end are the same place".to_owned()))
        }
        NoJourney::NoStopNearStart { unfit: near } => ("no_stop_near_start", unfit(*near, "початку", "the start")),
        NoJourney::NoStopNearEnd { unfit: near } => ("no_stop_near_end", unfit(*near, "кінця", "the end")),
        NoJourney::OutsideTimetable { days: Some((first, last)) } => (
            "outside_timetable",
            (format!("Розклад діє з {first} до {last}"), format!("The timetable runs from {first} to {last}")),
        ),
        NoJourney::OutsideTimetable { days: None } => {
            ("outside_timetable", ("У розкладі немає рейсів".to_owned(), "The timetable has no trips".to_owned()))
        }
        NoJourney::NoConnection => (
            "no_connection",
            (
                "Протягом доби немає доступного для вас сполучення".to_owned(),
                "Nothing that you can board leads there within 24 hours".to_owned(),
            ),
        ),
    };
    json!({"code": code, "text": {"uk": uk, "en": en}})
}
