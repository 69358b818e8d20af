//! CQL2 text in words.

use misto_model::Result;

use super::invalid;
use super::number::Number;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    /// A bare word: keyword, function or attribute.
    Name(String),
    /// A name in double quotes: always an attribute.
    Quoted(String),
    Text(String),
    Number(Number),
    Symbol(&'static str),
}

/// Two-character symbols first.
const SYMBOLS: [&str; 15] = ["<>", "<=", ">=", "=", "<", ">", "(", ")", ",", "+", "-", "*", "/", "%", "^"];

/// The words, each with the number of its first character, counted from 1.
pub(crate) fn words(text: &str) -> Result<Vec<(Token, usize)>> {
    let mut words = Vec::new();
    let mut rest = text;
    let mut at = 1;
    loop {
        let trimmed = rest.trim_start();
        at += rest[..rest.len() - trimmed.len()].chars().count();
        rest = trimmed;
        let Some(first) = rest.chars().next() else { return Ok(words) };
        let (token, bytes) = word(rest, first).map_err(|reason| invalid(format!("character {at}: {reason}")))?;
        words.push((token, at));
        at += rest[..bytes].chars().count();
        rest = &rest[bytes..];
    }
}

fn word(rest: &str, first: char) -> std::result::Result<(Token, usize), String> {
    if first == '\'' {
        return quoted(rest, '\'').map(|(text, bytes)| (Token::Text(text), bytes));
    }
    if first == '"' {
        return quoted(rest, '"').map(|(name, bytes)| (Token::Quoted(name), bytes));
    }
    if first.is_ascii_digit() || (first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit())) {
        let bytes = number_bytes(rest.as_bytes());
        let number = Number::parse(&rest[..bytes]).ok_or("no number that can be reckoned with")?;
        return Ok((Token::Number(number), bytes));
    }
    if starts_name(first) {
        let bytes = rest.find(|c| !continues_name(c)).unwrap_or(rest.len());
        return Ok((Token::Name(rest[..bytes].to_owned()), bytes));
    }
    let symbol = SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol));
    symbol.map(|symbol| (Token::Symbol(symbol), symbol.len())).ok_or_else(|| format!("{first:?} belongs to no CQL2"))
}

/// A quote is written twice, in texts also as `\'` (B.1, escapeQuote).
fn quoted(rest: &str, quote: char) -> std::result::Result<(String, usize), String> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        let next_is_quote = matches!(chars.peek(), Some((_, next)) if *next == quote);
        match c {
            _ if c == quote && next_is_quote => {
                chars.next();
                text.push(quote);
            }
            _ if c == quote => return Ok((text, at + 1)),
            '\\' if quote == '\'' && next_is_quote => {
                chars.next();
                text.push(quote);
            }
            _ => text.push(c),
        }
    }
    Err(format!("the {quote} is never closed"))
}

fn number_bytes(rest: &[u8]) -> usize {
    let digits = |from: usize| rest[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut end = digits(0);
    if rest.get(end) == Some(&b'.') {
        end += 1 + digits(end + 1);
    }
    if matches!(rest.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(rest.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits((end + 1 + sign).min(rest.len()));
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    end
}

fn starts_name(c: char) -> bool {
    c == ':' || c == '_' || c.is_alphabetic()
}

fn continues_name(c: char) -> bool {
    starts_name(c) || c == '.' || c.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&c)
}
