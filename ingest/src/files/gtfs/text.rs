//! Whether a file is a table of commas in UTF-8, and what to do when it is not.

/// Bytes 0x80 to 0xFF that Ukrainian and Russian text has in Windows-1251: the letters, Ґ Є І Ї,
/// quotation marks, dashes and №.
fn cyrillic_1251(byte: u8) -> bool {
    byte >= 0xc0
        || matches!(
            byte,
            0xa5 | 0xa8 | 0xaa | 0xaf | 0xb2 | 0xb3 | 0xb4 | 0xb8 | 0xb9 | 0xba | 0xbf | 0xab | 0xbb | 0x84 | 0x91
                ..=0x97 | 0xa0
        )
}

/// Line and reason when the file cannot be read as a table.
pub(super) fn not_a_table(name: &str, bytes: &[u8]) -> Option<(u64, String)> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Some((1, format!("the file is UTF-16, GTFS is UTF-8; this converts it: {}", convert(name, "UTF-16"))));
    }
    if let Err(error) = std::str::from_utf8(bytes) {
        return Some(not_utf8(name, bytes, error.valid_up_to()));
    }
    let text = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let header = text.split(|b| matches!(b, b'\n' | b'\r')).next().unwrap_or_default();
    if header.trim_ascii().is_empty() {
        return Some((1, "the first line is empty; it must name the columns".to_owned()));
    }
    let holds = |byte: u8| header.contains(&byte);
    let separator = match () {
        () if holds(b',') => return None,
        () if holds(b';') => "semicolons",
        () if holds(b'\t') => "tabs",
        () => return None,
    };
    Some((
        1,
        format!(
            "the columns are separated by {separator}, GTFS separates them by commas; save the file as \
             comma-separated CSV (in a spreadsheet: field delimiter \",\", text in quotation marks)"
        ),
    ))
}

fn not_utf8(name: &str, bytes: &[u8], valid: usize) -> (u64, String) {
    let line = 1 + bytes[..valid].iter().filter(|byte| **byte == b'\n').count() as u64;
    let foreign = || bytes.iter().copied().filter(|byte| *byte >= 0x80);
    let reason = if foreign().all(cyrillic_1251) {
        format!("the text is not UTF-8 but looks like Windows-1251; this converts it: {}", convert(name, "CP1251"))
    } else {
        format!("the text is not UTF-8; once its encoding is known, this converts it: {}", convert(name, "ENCODING"))
    };
    (line, reason)
}

fn convert(name: &str, from: &str) -> String {
    format!("iconv -f {from} -t UTF-8 {name} > converted && mv converted {name}")
}
