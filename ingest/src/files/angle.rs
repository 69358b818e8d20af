//! Latitudes and longitudes as people write them: decimal degrees with point or
//! comma, or degrees, minutes and seconds with a hemisphere (ISO 6709, annex D).

/// Which of the two angles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Axis {
    Longitude,
    Latitude,
}

/// Column names that mean longitude, in small letters.
const LONGITUDE_NAMES: [&str; 10] =
    ["lon", "lng", "long", "longitude", "довгота", "долгота", "x", "lon_dd", "stop_lon", "coord_x"];
/// Column names that mean latitude, in small letters.
const LATITUDE_NAMES: [&str; 8] = ["lat", "latitude", "широта", "y", "latitude_dd", "lat_dd", "stop_lat", "coord_y"];

impl Axis {
    /// The axis that a column's name means, if any: `lat`, `Широта`, `longitude (dms)`.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        let name = name.trim().to_lowercase();
        // What follows a blank, bracket or comma explains the word: "Широта, N", "lat (WGS 84)".
        let word = name.split([' ', '(', ',', ';', '[']).next().unwrap_or_default();
        if LONGITUDE_NAMES.contains(&word) {
            Some(Self::Longitude)
        } else if LATITUDE_NAMES.contains(&word) {
            Some(Self::Latitude)
        } else {
            None
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Longitude => "longitude",
            Self::Latitude => "latitude",
        }
    }

    fn limit(self) -> f64 {
        match self {
            Self::Longitude => 180.0,
            Self::Latitude => 90.0,
        }
    }
}

/// An angle that was read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Angle {
    /// Degrees; north and east positive.
    pub degrees: f64,
    /// Degrees by which the text may differ from the place it means: one unit of its last part.
    pub tolerance: f64,
}

/// Ways to write a hemisphere, in small letters: axis, sign. The longer come first.
const HEMISPHERES: [(&str, Axis, f64); 12] = [
    ("пн.ш.", Axis::Latitude, 1.0),
    ("пд.ш.", Axis::Latitude, -1.0),
    ("сх.д.", Axis::Longitude, 1.0),
    ("зх.д.", Axis::Longitude, -1.0),
    ("пн", Axis::Latitude, 1.0),
    ("пд", Axis::Latitude, -1.0),
    ("сх", Axis::Longitude, 1.0),
    ("зх", Axis::Longitude, -1.0),
    ("n", Axis::Latitude, 1.0),
    ("s", Axis::Latitude, -1.0),
    ("e", Axis::Longitude, 1.0),
    ("w", Axis::Longitude, -1.0),
];

/// Whether the text is written in degrees and minutes or with a hemisphere.
pub(super) fn is_sexagesimal(text: &str) -> bool {
    text.contains(['°', 'º', '˚']) || take_hemisphere(&compact(text)).1.is_some()
}

/// Reads decimal degrees or degrees, minutes and seconds.
///
/// # Errors
/// What is wrong with the text and how it would be right.
pub(super) fn parse(text: &str, axis: Axis) -> Result<Angle, String> {
    let compact = compact(text);
    let (rest, hemisphere) = take_hemisphere(&compact);
    if let Some((written, _)) = hemisphere.filter(|(written, _)| *written != axis) {
        return Err(format!(
            "{text:?} is a {}, but stands where the {} should; are the axes swapped?",
            written.name(),
            axis.name()
        ));
    }
    let unreadable = || format!("{text:?} is no {}: write degrees such as 48.9226, or N 48° 55' 21\"", axis.name());
    let (negative, rest) = match rest.strip_prefix(['-', '−']) {
        Some(rest) if hemisphere.is_none() => (true, rest),
        Some(_) => return Err(unreadable()),
        None => (false, rest.strip_prefix('+').unwrap_or(rest)),
    };
    let parts = parts(rest).ok_or_else(unreadable)?;
    let (mut degrees, mut unit) = (0.0, 1.0);
    for (index, part) in parts.iter().enumerate() {
        if index > 0 && *part >= 60.0 {
            return Err(format!(
                "{text:?} has {part} {}, more than there are",
                if index == 1 { "minutes" } else { "seconds" }
            ));
        }
        unit = 60_f64.powi(-(i32::try_from(index).unwrap_or(0)));
        degrees += part * unit;
    }
    if degrees > axis.limit() {
        return Err(format!("{text:?} is beyond {} degrees of {}", axis.limit(), axis.name()));
    }
    let sign = if negative { -1.0 } else { hemisphere.map_or(1.0, |(_, sign)| sign) };
    Ok(Angle { degrees: sign * degrees, tolerance: unit * 1.01 })
}

/// Small letters, one kind of mark for each unit, no blanks but those between digits.
fn compact(text: &str) -> String {
    let marked: String = text
        .to_lowercase()
        .replace("''", "\"")
        .chars()
        .map(|c| match c {
            'º' | '˚' => '°',
            '’' | '′' | '‘' | 'ʼ' | '`' | '´' => '\'',
            '”' | '″' | '“' | '»' => '"',
            c if c.is_whitespace() => ' ',
            c => c,
        })
        .collect();
    marked.replace("''", "\"").replace(". ", ".").trim().to_owned()
}

fn take_hemisphere(text: &str) -> (&str, Option<(Axis, f64)>) {
    for (name, axis, sign) in HEMISPHERES {
        let rest = text.strip_prefix(name).or_else(|| text.strip_suffix(name));
        if let Some(rest) = rest.map(str::trim) {
            return (rest, Some((axis, sign)));
        }
    }
    (text, None)
}

/// One to three numbers: degrees, minutes, seconds. Only the last may have a
/// fraction, and units must come in order.
fn parts(text: &str) -> Option<Vec<f64>> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    for mark in ['°', '\'', '"'] {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',').unwrap_or(rest.len());
        let (number, tail) = rest.split_at(end);
        if !number.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        parts.push(number.replace(',', ".").parse::<f64>().ok().filter(|n| n.is_finite())?);
        // A mark, a blank (48 32 26), or the end.
        let tail = tail.trim_start();
        rest = tail.strip_prefix(mark).unwrap_or(tail).trim_start();
        if rest.is_empty() {
            return Some(parts);
        }
        if number.contains(['.', ',']) || rest.starts_with(['°', '\'', '"']) {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_people_write_an_angle_are_read() {
        for text in [
            "N 48° 32’ 26\"",
            "48°32'26\"N",
            "48 32 26",
            "48.540555556",
            "48,540555556",
            "N 48° 32’ 26\" ",
            "48°32′26″ пн. ш.",
            "48º32'26''",
            "48° 32.4333333'",
        ] {
            let angle = parse(text, Axis::Latitude).unwrap_or_else(|e| panic!("{e}"));
            assert!((angle.degrees - 48.540_555_556).abs() < 1e-7, "{text}: {angle:?}");
        }
        assert_eq!(parse("W 24° 30’", Axis::Longitude).unwrap().degrees, -24.5);
        assert_eq!(parse("-24.5", Axis::Longitude).unwrap().degrees, -24.5);
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        for text in [
            "",
            "північ",
            "48° 72’",
            "48° 32’ 75\"",
            "48.5° 30’",
            "N -48",
            "91",
            "1 2 3 4",
            "1.2.3",
            "nan",
            "inf",
            "48'32°",
            "--5",
            "E 24° 0’",
        ] {
            assert!(parse(text, Axis::Latitude).is_err(), "{text}");
        }
        assert!(parse("E 24° 0’", Axis::Latitude).unwrap_err().contains("swapped"));
    }

    #[test]
    fn columns_are_recognised_in_both_languages() {
        assert_eq!(Axis::of_name("Широта"), Some(Axis::Latitude));
        assert_eq!(Axis::of_name(" LON "), Some(Axis::Longitude));
        assert_eq!(Axis::of_name("Довгота (WGS 84)"), Some(Axis::Longitude));
        assert_eq!(Axis::of_name("Широта вулиці"), Some(Axis::Latitude));
        assert_eq!(Axis::of_name("platform"), None);
    }
}
