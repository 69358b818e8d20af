//! A reason in words.

use super::Reason;

/// The languages of the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Ukrainian.
    Ukrainian,
    /// English.
    English,
}

impl Reason {
    /// One sentence without a full stop: `door 67 cm, you need 73 cm`.
    pub fn words(&self, language: Language) -> String {
        let pattern = pattern(self.code, language);
        let amount = |number: Option<f64>| match number {
            Some(number) => self.amount(number, language),
            None => "?".to_owned(),
        };
        pattern
            .replace("{measured}", &amount(self.measured))
            .replace("{needed}", &amount(self.needed))
            .replace("{attribute}", self.attribute)
    }

    fn amount(&self, number: f64, language: Language) -> String {
        let number = (number * 10.0).round() / 10.0;
        match (self.unit, language) {
            (Some("cm"), Language::Ukrainian) => format!("{} см", number.to_string().replace('.', ",")),
            (Some(unit), Language::Ukrainian) => format!("{} {unit}", number.to_string().replace('.', ",")),
            (Some(unit), Language::English) => format!("{number} {unit}"),
            (None, _) => number.to_string(),
        }
    }
}

/// Ukrainian and English of each code.
fn pattern(code: &'static str, language: Language) -> &'static str {
    let (uk, en) = match code {
        "door_too_narrow" => ("двері {measured}, вам потрібно {needed}", "door {measured}, you need {needed}"),
        "door_tight" => {
            ("двері {measured}, без допомоги потрібно {needed}", "door {measured}, without help you need {needed}")
        }
        "door_unmeasured" => ("ніхто не виміряв ширину дверей", "nobody measured the door width"),
        "threshold_too_high" => {
            ("поріг {measured}, вам потрібно до {needed}", "threshold {measured}, you need at most {needed}")
        }
        "threshold_high" => {
            ("поріг {measured}, без допомоги — до {needed}", "threshold {measured}, without help at most {needed}")
        }
        "steps" => ("сходинок: {measured}, пандуса немає", "steps: {measured}, no ramp"),
        "too_many_steps" => ("сходинок: {measured}, ви долаєте {needed}", "steps: {measured}, you can take {needed}"),
        "steps_unmeasured" => ("ніхто не порахував сходинки", "nobody counted the steps"),
        "ramp_unmeasured" => ("невідомо, чи є пандус", "nobody said whether there is a ramp"),
        "ramp_slope_unmeasured" => ("ніхто не виміряв ухил пандуса", "nobody measured the ramp slope"),
        "ramp_too_steep" => {
            ("ухил пандуса {measured}, вам потрібно до {needed}", "ramp slope {measured}, you need at most {needed}")
        }
        "ramp_too_narrow" => {
            ("ширина пандуса {measured}, вам потрібно {needed}", "ramp width {measured}, you need {needed}")
        }
        "ramp_blocked" => ("пандус зараз заблоковано", "the ramp is blocked at present"),
        "revolving_door" => ("двері обертаються, інших поруч немає", "a revolving door and no other beside it"),
        "hoist" => ("підіймач для крісла, потрібен працівник", "a platform lift over the steps, staff operate it"),
        "ramp_is_laid" => ("пандус переносний, його має хтось покласти", "a portable ramp, somebody has to lay it"),
        "ramp_too_long" => (
            "підйом пандуса {measured} без відпочинку, вам потрібно до {needed}",
            "the ramp rises {measured} without a rest, you need at most {needed}",
        ),
        "ramp_length_unmeasured" => ("ніхто не виміряв довжину пандуса", "nobody measured the length of the ramp"),
        "surface_not_firm" => ("нетверде або нерівне покриття перед входом", "loose or bumpy ground before the door"),
        "surface_unknown" => ("невідомо, яке покриття перед входом", "nobody said what the ground before the door is"),
        "lift_out_of_order" => {
            ("ліфт не працює, без нього не потрапити", "the lift is out of order, there is no other way")
        }
        "lift_unknown" => ("потрібен ліфт, невідомо, чи він працює", "a lift is needed, nobody said whether it works"),
        "toilet_door_too_narrow" => {
            ("двері туалету {measured}, вам потрібно {needed}", "toilet door {measured}, you need {needed}")
        }
        "implausible" => (
            "{attribute}: {measured} — такого бути не може, виміряйте ще раз",
            "{attribute}: {measured} cannot be meant, measure again",
        ),
        "help_at_the_door" => ("допоможуть біля дверей", "somebody helps at the door"),
        "no_help" => ("викликати допомогу не можна", "help cannot be called"),
        "help_unknown" => ("невідомо, чи можна викликати допомогу", "nobody said whether help can be called"),
        "no_audio" => ("немає звукової інформації", "no information to hear"),
        "audio_unknown" => ("невідомо, чи є звукова інформація", "nobody said whether there is information to hear"),
        "no_visual" => ("немає візуальної інформації", "no information to see"),
        "visual_unknown" => ("невідомо, чи є візуальна інформація", "nobody said whether there is information to see"),
        "no_tactile" => ("немає тактильної інформації", "no information to touch"),
        "tactile_unknown" => {
            ("невідомо, чи є тактильна інформація", "nobody said whether there is information to touch")
        }
        "no_toilet" => ("немає доступного туалету", "no accessible toilet"),
        "toilet_unknown" => ("невідомо, чи доступний туалет", "nobody said whether the toilet is accessible"),
        "no_parking" => ("немає місць для людей з інвалідністю", "no accessible parking space"),
        "parking_unknown" => {
            ("невідомо, чи є місця для людей з інвалідністю", "nobody said whether there is accessible parking")
        }
        _ => (code, code),
    };
    match language {
        Language::Ukrainian => uk,
        Language::English => en,
    }
}
