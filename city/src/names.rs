//! Names of stops, streets and routes as people type them: with any apostrophe,
//! any case, in Latin letters, on the wrong keyboard, with one slip of the finger.

/// A name or what was typed, folded so that spellings of one name are one text:
/// Latin letters by the official transliteration (Cabinet of Ministers of Ukraine,
/// resolution 55 of 27.01.2010) with the distinctions left out that people miss.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folded(Vec<String>);

impl Folded {
    /// The words of a text.
    pub fn new(text: &str) -> Self {
        let mut words = Vec::new();
        let mut word = String::new();
        for letter in text.chars().flat_map(char::to_lowercase) {
            if APOSTROPHES.contains(&letter) {
                continue;
            }
            match latin(letter) {
                Some(folded) => word.push_str(folded),
                None if letter.is_ascii_alphanumeric() => word.push(letter),
                None if word.is_empty() => {}
                None => words.push(fold(&std::mem::take(&mut word))),
            }
        }
        if !word.is_empty() {
            words.push(fold(&word));
        }
        Self(words)
    }

    /// Whether nothing is left of the text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What somebody looks for.
#[derive(Debug, Clone)]
pub struct Search {
    typed: Folded,
    /// The same keys on a Ukrainian keyboard; `None` when the text is not Latin.
    other_layout: Option<Folded>,
}

impl Search {
    /// `None` when the text holds no letter or digit.
    pub fn new(text: &str) -> Option<Self> {
        let typed = Folded::new(text);
        let is_latin = text.chars().any(|c| c.is_ascii_alphabetic()) && text.is_ascii();
        let other_layout = is_latin.then(|| Folded::new(&text.chars().map(ukrainian_key).collect::<String>()));
        let other_layout = other_layout.filter(|folded| !folded.is_empty());
        (!typed.is_empty() || other_layout.is_some()).then_some(Self { typed, other_layout })
    }

    /// How well a name fits, smaller is better; `None` when it does not.
    pub fn rank(&self, name: &Folded) -> Option<u32> {
        let typed = rank(&self.typed, name);
        let other = self.other_layout.as_ref().and_then(|typed| rank(typed, name)).map(|rank| rank + 1);
        [typed, other].into_iter().flatten().min()
    }
}

const APOSTROPHES: [char; 7] = ['\'', '’', 'ʼ', '`', '‘', '′', '"'];

/// Every typed word must begin, be part of, or nearly be a word of the name.
fn rank(typed: &Folded, name: &Folded) -> Option<u32> {
    if typed.is_empty() {
        return None;
    }
    let mut total = 0;
    for (place, word) in typed.0.iter().enumerate() {
        let best = name.0.iter().enumerate().filter_map(|(at, candidate)| {
            let how = fit(word, candidate)?;
            // The first word of a name weighs more than its last.
            Some(how * 10 + u32::try_from(at.abs_diff(place)).unwrap_or(9).min(9))
        });
        total += best.min()?;
    }
    Some(total)
}

fn fit(typed: &str, word: &str) -> Option<u32> {
    if word == typed {
        Some(0)
    } else if word.starts_with(typed) {
        Some(1)
    } else if typed.len() >= 3 && word.contains(typed) {
        Some(2)
    } else if typed.len() >= 5 && one_slip(typed, word) {
        Some(3)
    } else {
        None
    }
}

/// Whether one letter changed, left out, added or exchanged with its neighbour makes
/// the typed text the beginning of the word.
fn one_slip(typed: &str, word: &str) -> bool {
    let (typed, word) = (typed.as_bytes(), word.as_bytes());
    let same = typed.iter().zip(word).take_while(|(a, b)| a == b).count();
    let begins = |word: &[u8], typed: &[u8]| word.starts_with(typed);
    let after = |bytes: &'_ [u8], skip: usize| bytes.get(same + skip..).unwrap_or_default().to_vec();
    let (changed, left_out, added) = (
        begins(&after(word, 1), &after(typed, 1)) && word.len() > same,
        begins(&after(word, 1), &after(typed, 0)) && word.len() > same,
        begins(&after(word, 0), &after(typed, 1)),
    );
    let exchanged = typed.len() > same + 1
        && word.len() > same + 1
        && typed[same] == word[same + 1]
        && typed[same + 1] == word[same]
        && begins(&after(word, 2), &after(typed, 2));
    same > 0 && (changed || left_out || added || exchanged)
}

fn latin(letter: char) -> Option<&'static str> {
    Some(match letter {
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' | 'ґ' => "g",
        'д' => "d",
        'е' | 'э' => "e",
        'є' => "ie",
        'ж' => "zh",
        'з' => "z",
        'и' | 'і' | 'й' | 'ы' => "i",
        'ї' => "i",
        'к' => "k",
        'л' => "l",
        'м' => "m",
        'н' => "n",
        'о' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' => "u",
        'ф' => "f",
        'х' => "kh",
        'ц' => "ts",
        'ч' => "ch",
        'ш' => "sh",
        'щ' => "shch",
        'ь' | 'ъ' => "",
        'ю' => "iu",
        'я' => "ia",
        'ё' => "io",
        _ => return None,
    })
}

/// Spellings of one sound become one: y, j and i, h and g, double letters.
fn fold(word: &str) -> String {
    let word = word.replace("kh", "h").replace('h', "g").replace("zg", "z").replace("cg", "c").replace("sg", "s");
    let mut folded = String::with_capacity(word.len());
    for letter in word.chars().map(|letter| if matches!(letter, 'y' | 'j') { 'i' } else { letter }) {
        if !folded.ends_with(letter) || letter.is_ascii_digit() {
            folded.push(letter);
        }
    }
    // є and ie are typed as e by half of all people.
    folded.replace("ie", "e")
}

/// The letter that the same key gives on a Ukrainian keyboard.
fn ukrainian_key(key: char) -> char {
    const LATIN: &str = "qwertyuiop[]asdfghjkl;'zxcvbnm,.";
    const UKRAINIAN: &str = "йцукенгшщзхїфівапролджєячсмитьбю";
    let lower = key.to_ascii_lowercase();
    LATIN.chars().zip(UKRAINIAN.chars()).find(|(latin, _)| *latin == lower).map_or(key, |(_, letter)| letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(typed: &str, name: &str) -> bool {
        Search::new(typed).is_some_and(|search| search.rank(&Folded::new(name)).is_some())
    }

    #[test]
    fn spellings_of_one_name_find_it() {
        for typed in ["вокзал", "ВОКЗАЛ", "Vokzal", "vokz", "djrpfk", "вокзла", "вохзал", "вокза", "вокзаал"]
        {
            assert!(finds(typed, "Залізничний вокзал"), "{typed}");
        }
        for typed in ["Привокзальна", "pryvokzalna", "привокз"] {
            assert!(finds(typed, "Привокзальна площа"), "{typed}");
        }
        for typed in ["пам'ятник", "памятник", "пам’ятник", "pamiatnyk", "pamyatnik"] {
            assert!(finds(typed, "Памʼятник Шевченку"), "{typed}");
        }
        for typed in ["вул. Євгена Коновальця", "evgena", "yevhena konovaltsia", "ievgena"] {
            assert!(finds(typed, "вулиця Євгена Коновальця"), "{typed}");
        }
    }

    #[test]
    fn others_are_not_found() {
        for typed in ["аеропорт", "xyz", "воля", "зал1"] {
            assert!(!finds(typed, "Залізничний вокзал"), "{typed}");
        }
        assert!(Search::new(" ’ - ").is_none());
    }

    #[test]
    fn the_nearer_name_comes_first() {
        let search = Search::new("вокзал").unwrap();
        let rank = |name: &str| search.rank(&Folded::new(name)).unwrap();
        assert!(rank("Вокзал") < rank("Залізничний вокзал"));
        assert!(rank("Залізничний вокзал") < rank("Привокзальна площа"));
    }
}
