//! Bytes to a JSON value, with the errors that real trackers make.

use misto_model::RejectionReason;
use serde_json::Value;

use super::refusal::Refusal;

/// Bytes to JSON (RFC 8259).
///
/// # Errors
/// Bytes that are not UTF-8; text that is not JSON; `NaN`, `Infinity` and
/// numbers beyond a double where a number belongs.
pub(super) fn parse(payload: &[u8]) -> Result<Value, Refusal> {
    let text = text(payload)?;
    serde_json::from_str(text).map_err(|error| syntax(text, &error))
}

/// Bytes to text.
pub(super) fn text(payload: &[u8]) -> Result<&str, Refusal> {
    std::str::from_utf8(payload).map_err(|error| {
        Refusal::new(
            RejectionReason::InvalidUtf8,
            format!("byte {} is not UTF-8: the payload must be UTF-8 text", error.valid_up_to() + 1),
        )
    })
}

/// What is wrong with a text that is no JSON.
pub(super) fn syntax(text: &str, error: &serde_json::Error) -> Refusal {
    let not_a_number = |token: &str| {
        Refusal::new(
            RejectionReason::InvalidField,
            format!(
                "{token} at line {} column {} is no JSON number: leave an unknown value out or write null",
                error.line(),
                error.column()
            ),
        )
    };
    if error.to_string().starts_with("number out of range") {
        return not_a_number("a number beyond the range of a double");
    }
    match token_at(text, error) {
        Some(token) => not_a_number(token),
        None => Refusal::new(RejectionReason::InvalidJson, format!("not JSON: {error}")),
    }
}

/// `NaN` or `Infinity` written where the parser stopped: the parser points at
/// the token's first letter or, after a sign, the one behind it.
fn token_at(text: &str, error: &serde_json::Error) -> Option<&'static str> {
    let line = text.split('\n').nth(error.line().checked_sub(1)?)?.as_bytes();
    let column = error.column();
    (column.saturating_sub(3)..column.min(line.len())).find_map(|start| {
        ["NaN", "Infinity", "-NaN", "-Infinity", "nan", "inf"]
            .into_iter()
            .find(|token| line[start..].starts_with(token.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(payload: &[u8], expected: RejectionReason) {
        let refusal = parse(payload).unwrap_err();
        assert_eq!(refusal.reason, expected, "{refusal:?}");
    }

    #[test]
    fn unreadable_bytes_say_why() {
        check(b"{\"lat\":\xff}", RejectionReason::InvalidUtf8);
        check(b"", RejectionReason::InvalidJson);
        check(b"{\"lat\":1", RejectionReason::InvalidJson);
        for number in ["NaN", "Infinity", "-Infinity", "1e400", "-1e999"] {
            check(format!("{{\"lat\":{number},\"lon\":2}}").as_bytes(), RejectionReason::InvalidField);
            check(format!("{{\n \"lat\": {number}\n}}").as_bytes(), RejectionReason::InvalidField);
        }
        check("[".repeat(5000).as_bytes(), RejectionReason::InvalidJson);
    }
}
