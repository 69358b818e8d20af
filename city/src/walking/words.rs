//! Turns and troubles in words, Ukrainian and English. Names of streets stay as they are
//! written: they follow a colon, so that no case has to be guessed.

use serde::Serialize;

use super::answer::Mention;
use super::troubles::Trouble;
use super::turns::{Direction, Turn, TurnKind};

/// One sentence without a full stop, in each language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Words {
    /// Ukrainian.
    pub uk: String,
    /// English.
    pub en: String,
}

/// Ukrainian and English of one text.
type Pair = (&'static str, &'static str);

pub(super) fn of_turn(turn: &Turn) -> Words {
    let mut words = doing(turn);
    if let Some(street) = turn.street.as_deref().filter(|_| turn.kind != TurnKind::Arrive) {
        words.add(&format!(": {street}"), &format!(": {street}"));
    } else if let Some((uk, en)) =
        turn.way.and_then(way).filter(|_| matches!(turn.kind, TurnKind::Walk | TurnKind::Depart))
    {
        words.add(&format!(": {uk}"), &format!(": {en}"));
    }
    if let Some(steps) = turn.steps {
        words.add(&format!(", сходинок: {steps}"), &format!(", steps: {steps}"));
    }
    if turn.length_m >= 0.5 {
        words.add(&format!(", {}", metres_uk(turn.length_m)), &format!(", {}", metres_en(turn.length_m)));
    }
    if let Some(landmark) = &turn.landmark {
        words.add(&format!("; поруч: {landmark}"), &format!("; beside: {landmark}"));
    }
    words.list(&turn.barriers, ("перешкода", "barrier"));
    words.list(&turn.unmeasured, ("не виміряно", "not measured"));
    words
}

impl Words {
    fn of((uk, en): Pair) -> Self {
        Self { uk: uk.to_owned(), en: en.to_owned() }
    }

    fn add(&mut self, uk: &str, en: &str) {
        self.uk.push_str(uk);
        self.en.push_str(en);
    }

    fn list(&mut self, numbers: &[usize], (uk, en): Pair) {
        if numbers.is_empty() {
            return;
        }
        let numbers: Vec<String> = numbers.iter().map(usize::to_string).collect();
        let numbers = numbers.join(", ");
        self.add(&format!("; {uk} {numbers}"), &format!("; {en} {numbers}"));
    }
}

fn doing(turn: &Turn) -> Words {
    let where_to = turn.direction.map(direction);
    match turn.kind {
        TurnKind::Arrive => Words::of(("Ви на місці", "You are there")),
        TurnKind::Depart => match turn.bearing_deg.map(compass) {
            Some((uk, en)) => Words { uk: format!("Рушайте на {uk}"), en: format!("Head {en}") },
            None => Words::of(("Рушайте", "Set out")),
        },
        TurnKind::Walk => Words::of(where_to.unwrap_or(("Ідіть далі", "Go on"))),
        kind => {
            let (uk, en) = match kind {
                TurnKind::Cross => ("перейдіть дорогу", "cross the street"),
                TurnKind::Steps => ("сходами", "take the steps"),
                TurnKind::Lift => ("ліфтом", "take the lift"),
                _ => ("ескалатором", "take the escalator"),
            };
            match where_to.filter(|_| turn.direction != Some(Direction::Straight)) {
                Some((way_uk, way_en)) => Words { uk: format!("{way_uk}, {uk}"), en: format!("{way_en}, {en}") },
                None => Words { uk: capital(uk), en: capital(en) },
            }
        }
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn direction(direction: Direction) -> Pair {
    match direction {
        Direction::Straight => ("Ідіть прямо", "Go straight on"),
        Direction::SlightLeft => ("Тримайтеся ліворуч", "Keep left"),
        Direction::Left => ("Поверніть ліворуч", "Turn left"),
        Direction::SharpLeft => ("Різко поверніть ліворуч", "Turn sharp left"),
        Direction::SlightRight => ("Тримайтеся праворуч", "Keep right"),
        Direction::Right => ("Поверніть праворуч", "Turn right"),
        Direction::SharpRight => ("Різко поверніть праворуч", "Turn sharp right"),
        Direction::Back => ("Розверніться", "Turn around"),
    }
}

fn compass(degrees: f64) -> Pair {
    const NAMES: [Pair; 8] = [
        ("північ", "north"),
        ("північний схід", "north-east"),
        ("схід", "east"),
        ("південний схід", "south-east"),
        ("південь", "south"),
        ("південний захід", "south-west"),
        ("захід", "west"),
        ("північний захід", "north-west"),
    ];
    NAMES[(degrees / 45.0).round() as usize % 8]
}

/// A kind of way by the collection's word.
fn way(word: &str) -> Option<Pair> {
    Some(match word {
        "footway" => ("доріжка", "footway"),
        "sidewalk" => ("тротуар", "sidewalk"),
        "pedestrian" => ("пішохідна вулиця", "pedestrian street"),
        "living_street" => ("житлова вулиця", "living street"),
        "path" => ("стежка", "path"),
        "road" => ("вулиця", "street"),
        "busy_road" => ("вулиця з рухом", "busy street"),
        _ => return None,
    })
}

fn metres_uk(metres: f64) -> String {
    format!("{} м", metres.round().max(1.0))
}

fn metres_en(metres: f64) -> String {
    format!("{} m", metres.round().max(1.0))
}

pub(super) fn of_mention(mention: &Mention) -> Words {
    let mut words = Words::default();
    for (index, trouble) in mention.what.iter().enumerate() {
        let (uk, en) = trouble_words(*trouble, mention.measured.is_some());
        let amount =
            |number: Option<f64>, comma: bool| number.map_or(String::new(), |n| amount(n, mention.unit, comma));
        let put = |text: &str, comma: bool| {
            text.replace("{measured}", &amount(mention.measured, comma))
                .replace("{needed}", &amount(mention.needed, comma))
        };
        let joint = if index == 0 { "" } else { ", " };
        words.add(&format!("{joint}{}", put(uk, true)), &format!("{joint}{}", put(en, false)));
    }
    if mention.length_m >= 0.5 {
        words.add(&format!(", {}", metres_uk(mention.length_m)), &format!(", {}", metres_en(mention.length_m)));
    }
    if let Some(street) = &mention.street {
        words.add(&format!(": {street}"), &format!(": {street}"));
    }
    words
}

fn amount(number: f64, unit: Option<&str>, ukrainian: bool) -> String {
    let mut text = ((number * 10.0).round() / 10.0).to_string();
    if ukrainian {
        text = text.replace('.', ",");
    }
    match unit {
        Some("cm") if ukrainian => format!("{text} см"),
        Some(unit) => format!("{text} {unit}"),
        None => text,
    }
}

fn trouble_words(trouble: Trouble, measured: bool) -> Pair {
    match trouble {
        Trouble::Blocked => ("прохід закритий", "the way is blocked"),
        Trouble::OutOfService => ("ліфт не працює", "the lift is out of order"),
        Trouble::Steps if measured => ("сходинок: {measured}", "steps: {measured}"),
        Trouble::Steps => ("сходи, кількість сходинок невідома", "steps, nobody counted them"),
        Trouble::SteepUp => ("підйом {measured}, вам потрібно до {needed}", "{measured} up, you need at most {needed}"),
        Trouble::SteepDown => {
            ("спуск {measured}, вам потрібно до {needed}", "{measured} down, you need at most {needed}")
        }
        Trouble::Narrow => ("ширина {measured}, вам потрібно {needed}", "width {measured}, you need {needed}"),
        Trouble::Surface => ("покриття не для коліс", "a surface not for wheels"),
        Trouble::Uneven => ("нерівне покриття", "an uneven surface"),
        Trouble::Kerb if measured => {
            ("бордюр {measured}, вам потрібно до {needed}", "kerb {measured}, you need at most {needed}")
        }
        Trouble::Kerb => ("високий бордюр", "a raised kerb"),
        Trouble::Obstacle if measured => {
            ("прохід {measured}, вам потрібно {needed}", "passage {measured}, you need {needed}")
        }
        Trouble::Obstacle => ("хвіртка або турнікет, де ви не пройдете", "a gate or turnstile that you do not pass"),
        Trouble::Escalator => ("ескалатор не для коліс", "an escalator is not for wheels"),
        Trouble::NoSound => ("світлофор без звуку", "no signal to hear"),
        Trouble::NoTactile => ("немає тактильної смуги", "no tactile strip"),
        Trouble::StepsUnknown => ("ніхто не порахував сходинки", "nobody counted the steps"),
        Trouble::SlopeUnknown => ("ніхто не виміряв ухил", "nobody measured the slope"),
        Trouble::WidthUnknown => ("ніхто не виміряв ширину", "nobody measured the width"),
        Trouble::SurfaceUnknown => ("невідомо, яке покриття", "nobody said what the surface is"),
        Trouble::KerbUnknown => ("невідомо, який бордюр", "nobody said how high the kerb is"),
        Trouble::ObstacleUnknown => ("ніхто не виміряв ширину проходу", "nobody measured the passage"),
        Trouble::ServiceUnknown => ("невідомо, чи працює ліфт", "nobody said whether the lift works"),
        Trouble::SoundUnknown => ("невідомо, чи світлофор зі звуком", "nobody said whether the signal can be heard"),
        Trouble::TactileUnknown => ("невідомо, чи є тактильна смуга", "nobody said whether there is a tactile strip"),
        Trouble::SidewalkUnknown => ("невідомо, чи є тротуар", "nobody said whether there is a sidewalk"),
    }
}
