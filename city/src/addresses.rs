//! Which address is meant? Spelling is forgiven (apostrophes, Latin letters, short words for kinds
//! of streets, `5-А` for `5а`), nothing else: what fits no address or several is told, not guessed.

use std::collections::HashMap;

use crate::names::Folded;

/// Words for kinds of streets; the first of each line is the whole word.
const KINDS: [&[&str]; 12] = [
    &["вулиця", "вул", "ул", "улица", "vulytsia", "vul", "street", "st"],
    &["проспект", "просп", "пр", "prospekt", "avenue", "ave"],
    &["провулок", "пров", "provulok", "lane"],
    &["площа", "пл", "ploshcha", "square"],
    &["бульвар", "бульв", "бул", "bulvar", "boulevard"],
    &["набережна", "наб", "naberezhna", "embankment"],
    &["шосе", "shose"],
    &["проїзд", "proizd"],
    &["узвіз", "uzviz"],
    &["майдан", "maidan"],
    &["тупик", "туп", "tupyk"],
    &["алея", "aleia"],
];
/// Words before the name of a town.
const TOWNS: [&str; 9] = ["м", "місто", "с", "село", "смт", "селище", "city", "town", "village"];

/// An address as a source writes it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written<'a> {
    /// The town, where it is told.
    pub town: Option<&'a str>,
    /// The street with the word for its kind, or without.
    pub street: &'a str,
    /// The number of the house with its letter and building.
    pub house: &'a str,
}

impl<'a> Written<'a> {
    /// An address in one text: `вул. Шевченка, 12`; the house begins with the first part that is a
    /// number. `None` when there is no number.
    pub fn of_text(text: &'a str) -> Option<Self> {
        let begins_house = |part: &str| without_house_word(part.trim()).starts_with(|c: char| c.is_ascii_digit());
        let mut from = 0;
        for part in text.split(',') {
            if from > 0 && begins_house(part) {
                let street = text[..from].trim_end_matches(',').trim();
                // Of a town before the street only the street is meant.
                let street = street.rsplit(',').next().unwrap_or(street).trim();
                return (!street.is_empty()).then(|| Self { town: None, street, house: text[from..].trim() });
            }
            from += part.len() + 1;
        }
        let (street, house) = text.trim().rsplit_once(char::is_whitespace)?;
        begins_house(house).then(|| Self { town: None, street: street.trim_end_matches(',').trim(), house })
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found<T> {
    /// Exactly one address is meant.
    One(T),
    /// Several are: each with its own place.
    Several(Vec<T>),
    /// None is; these streets have the number and a longer or shorter name.
    None {
        /// What a person may choose from.
        like: Vec<T>,
    },
}

/// Addresses to look in.
#[derive(Debug)]
pub struct Addresses<T> {
    by_house: HashMap<House, Vec<(Street, Option<Folded>, T)>>,
}

impl<T: Clone + PartialEq> Addresses<T> {
    /// The addresses, each with what it stands for.
    pub fn new<'a>(addresses: impl IntoIterator<Item = (Written<'a>, T)>) -> Self {
        let mut by_house: HashMap<House, Vec<_>> = HashMap::new();
        for (written, meant) in addresses {
            let (street, house) = (Street::of(written.street), house(written.house));
            if !street.words.is_empty() && !house.is_empty() {
                by_house.entry(house).or_default().push((street, written.town.and_then(town), meant));
            }
        }
        Self { by_house }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_house.is_empty()
    }

    /// The address that is meant.
    pub fn find(&self, wanted: &Written<'_>) -> Found<T> {
        let (street, wanted_town) = (Street::of(wanted.street), wanted.town.and_then(town));
        let Some(candidates) = self.by_house.get(&house(wanted.house)).filter(|_| !street.words.is_empty()) else {
            return Found::None { like: Vec::new() };
        };
        let (mut same, mut like): (Vec<T>, Vec<T>) = (Vec::new(), Vec::new());
        for (candidate, town, meant) in candidates {
            if wanted_town.is_some() && town.is_some() && *town != wanted_town {
                continue;
            }
            let into = match street.compare(candidate) {
                Likeness::Same => &mut same,
                Likeness::Near => &mut like,
                Likeness::Other => continue,
            };
            if !into.contains(meant) {
                into.push(meant.clone());
            }
        }
        match same.len() {
            0 => Found::None { like },
            1 => Found::One(same.swap_remove(0)),
            _ => Found::Several(same),
        }
    }
}

/// The number of a house, spelt one way.
type House = Vec<String>;

#[derive(Debug)]
struct Street {
    kind: Option<usize>,
    words: Vec<Folded>,
}

enum Likeness {
    Same,
    Near,
    Other,
}

impl Street {
    fn of(text: &str) -> Self {
        let text = text.to_lowercase().replace("пр-т", "проспект").replace("б-р", "бульвар");
        let mut street = Self { kind: None, words: Vec::new() };
        for word in words(&text) {
            match KINDS.iter().position(|kind| kind.contains(&word)) {
                Some(kind) if street.kind.is_none() => street.kind = Some(kind),
                _ => street.words.push(Folded::new(word)),
            }
        }
        street.words.retain(|word| !word.is_empty());
        street
    }

    fn compare(&self, other: &Self) -> Likeness {
        let kinds_differ = matches!((self.kind, other.kind), (Some(a), Some(b)) if a != b);
        let inside = |a: &Self, b: &Self| a.words.iter().all(|word| b.words.contains(word));
        match (inside(self, other), inside(other, self)) {
            (true, true) if !kinds_differ => Likeness::Same,
            (true, _) | (_, true) => Likeness::Near,
            _ => Likeness::Other,
        }
    }
}

/// The words of a text; an apostrophe is a part of its word.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && !"'’ʼ`".contains(c)).filter(|word| !word.is_empty())
}

fn town(text: &str) -> Option<Folded> {
    let lower = text.to_lowercase();
    let name: Vec<&str> = words(&lower).filter(|word| !TOWNS.contains(word)).collect();
    Some(Folded::new(&name.join(" "))).filter(|name| !name.is_empty())
}

/// `5-А`, `5 а` and `5A` are one number; `12/14` keeps its parts; `корп. 2` is its building.
fn house(text: &str) -> House {
    let text = text.to_lowercase().replace("корпус", "к").replace("корп", "к");
    let plain = |part: &str| part.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let parts = without_house_word(&text).split('/').map(plain);
    parts.map(|part| part.chars().map(latin).collect()).filter(|part: &String| !part.is_empty()).collect()
}

fn without_house_word(text: &str) -> &str {
    let text = text.trim_start();
    let rest = ["будинок", "буд.", "буд", "б.", "№"].iter().find_map(|word| text.strip_prefix(word));
    rest.unwrap_or(text).trim_start()
}

/// Letters of houses that look alike are typed in either alphabet.
fn latin(letter: char) -> char {
    match letter {
        'а' => 'a',
        'в' => 'b',
        'с' => 'c',
        'е' => 'e',
        'і' => 'i',
        'к' => 'k',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn city() -> Addresses<u32> {
        let written = |street, house| Written { town: None, street, house };
        Addresses::new([
            (written("вулиця Шевченка", "5"), 1),
            (written("вулиця Шевченка", "5а"), 2),
            (written("площа Шевченка", "7"), 3),
            (written("вулиця Євгена Коновальця", "12/14"), 4),
            (written("вулиця Лесі Українки", "3 корпус 2"), 5),
            (written("Кам’яна", "1"), 6),
            (written("вулиця Польова", "9"), 7),
            (written("вулиця Польова", "9"), 8),
        ])
    }

    fn find(text: &str) -> Found<u32> {
        city().find(&Written::of_text(text).unwrap())
    }

    #[test]
    fn spelling_is_forgiven() {
        for (text, place) in [
            ("вул. Шевченка, 5", 1),
            ("Шевченка 5", 1),
            ("vul. Shevchenka, 5-А", 2),
            ("вулиця шевченка, буд. 5 A", 2),
            ("місто, вул. Євгена Коновальця, 12/14", 4),
            ("вул. Лесі Українки, 3, корп. 2", 5),
            ("вулиця Камʼяна, 1", 6),
        ] {
            assert_eq!(find(text), Found::One(place), "{text}");
        }
    }

    #[test]
    fn nothing_is_guessed() {
        let none = |like: &[u32]| Found::None { like: like.to_vec() };
        assert_eq!(find("вул. Шевченка, 6"), none(&[]));
        assert_eq!(find("вул. Шевченка, 7"), none(&[3]), "a square is no street");
        assert_eq!(find("вул. Коновальця, 12/14"), none(&[4]), "somebody may choose it");
        assert_eq!(find("вул. Шевченко, 5"), none(&[]));
        assert_eq!(find("вул. Польова, 9"), Found::Several(vec![7, 8]));
        assert_eq!(Written::of_text("вулиця Шевченка"), None);
        assert_eq!(Written::of_text("5"), None);
    }

    #[test]
    fn towns_count_where_both_are_told() {
        let at = |town| Written { town, street: "Лісова", house: "1" };
        let addresses = Addresses::new([(at(Some("с. Угринів")), 1), (at(Some("м. Тисмениця")), 2), (at(None), 3)]);
        assert_eq!(addresses.find(&at(Some("Угринів"))), Found::Several(vec![1, 3]));
        assert_eq!(addresses.find(&at(None)), Found::Several(vec![1, 2, 3]));
    }
}
