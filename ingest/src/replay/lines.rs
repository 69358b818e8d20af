//! Recordings of one message a line.

use std::io::{BufRead, Read};

use misto_model::Instant;
use serde_json::Value;

use super::{Entry, Unreadable};

/// A longer line is no recorded message.
const LONGEST_LINE: u64 = 1024 * 1024;

/// `<receive time> <topic> <json>`, or a JSON object alone (OwnTracks), one a line.
pub struct LineReader<R> {
    from: R,
    line: u64,
    bytes: u64,
    /// The medium failed: told once, then the recording ends.
    broken: bool,
}

impl<R: BufRead> LineReader<R> {
    /// Over any reader.
    pub fn new(from: R) -> Self {
        Self { from, line: 0, bytes: 0, broken: false }
    }

    /// Bytes read so far.
    pub fn bytes_read(&self) -> u64 {
        self.bytes
    }

    fn unreadable(&self, reason: impl Into<String>) -> Unreadable {
        Unreadable { line: self.line, reason: reason.into() }
    }

    /// The next line without its end; what is beyond the longest line is skipped.
    fn take_line(&mut self) -> std::io::Result<Option<(Vec<u8>, bool)>> {
        let mut line = Vec::new();
        let taken = self.from.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? as u64;
        self.bytes += taken;
        if taken == 0 {
            return Ok(None);
        }
        self.line += 1;
        let whole = line.last() == Some(&b'\n') || taken < LONGEST_LINE;
        if !whole {
            self.bytes += skip_line(&mut self.from)?;
        }
        while matches!(line.last(), Some(b'\n' | b'\r')) {
            line.pop();
        }
        Ok(Some((line, whole)))
    }
}

impl<R: BufRead> Iterator for LineReader<R> {
    type Item = Result<Entry, Unreadable>;
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (line, whole) = match self.take_line() {
                Ok(Some(line)) => line,
                Ok(None) => return None,
                Err(_) if self.broken => return None,
                Err(cause) => {
                    self.broken = true;
                    self.line += 1;
                    return Some(Err(self.unreadable(format!("cannot be read: {cause}"))));
                }
            };
            if !whole {
                return Some(Err(self.unreadable(format!("is longer than {LONGEST_LINE} bytes"))));
            }
            let Ok(text) = std::str::from_utf8(&line) else {
                return Some(Err(self.unreadable("is not UTF-8")));
            };
            if !text.trim().is_empty() {
                return Some(entry(text.trim()).map_err(|reason| self.unreadable(reason)));
            }
        }
    }
}

fn skip_line(from: &mut impl BufRead) -> std::io::Result<u64> {
    let mut skipped = 0;
    loop {
        let buffer = from.fill_buf()?;
        if buffer.is_empty() {
            return Ok(skipped);
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let count = end.map_or(buffer.len(), |at| at + 1);
        from.consume(count);
        skipped += count as u64;
        if end.is_some() {
            return Ok(skipped);
        }
    }
}

fn entry(line: &str) -> Result<Entry, String> {
    if line.starts_with('{') {
        return owntracks(line);
    }
    let form = "<receive time> <topic> <json> is expected";
    let (time, rest) = line.split_once(char::is_whitespace).ok_or(form)?;
    let at: Instant = time.parse().map_err(|error| format!("{error}; {form}"))?;
    // The topic may hold blanks: the payload begins at the first brace behind one.
    let json = rest
        .match_indices(['{', '['])
        .map(|(at, _)| at)
        .find(|at| *at == 0 || rest[..*at].ends_with(char::is_whitespace))
        .ok_or_else(|| format!("no JSON follows the topic; {form}"))?;
    let (topic, payload) = (rest[..json].trim(), &rest[json..]);
    if topic.is_empty() || topic == "*" {
        // OwnTracks Recorder writes a star in place of the topic.
        return Ok(Entry { at: Some(at), ..owntracks(payload)? });
    }
    Ok(Entry { at: Some(at), topic: topic.to_owned(), payload: payload.as_bytes().to_vec() })
}

/// An OwnTracks object alone: its topic stands in `topic`, or is made of `tid`.
fn owntracks(line: &str) -> Result<Entry, String> {
    let value: Value = serde_json::from_str(line).map_err(|error| format!("is not JSON: {error}"))?;
    let text = |key: &str| value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let topic = match (text("topic"), text("tid")) {
        (Some(topic), _) => topic.to_owned(),
        (None, Some(tid)) => format!("owntracks/replay/{tid}"),
        (None, None) => return Err("names neither topic nor tid: nobody knows whose it is".to_owned()),
    };
    let at = value.get("tst").and_then(Value::as_i64).and_then(|tst| Instant::from_seconds(tst).ok());
    Ok(Entry { at, topic, payload: line.as_bytes().to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Vec<Result<Entry, Unreadable>> {
        LineReader::new(text).collect()
    }

    #[test]
    fn lines_are_taken_apart() {
        let text = "2024-02-13T16:33:00.005271Z /hfp/v2/x/Matinkylä (M)/09:32 {\"VP\":{\"a\":1}}\n\n{\"_type\":\"location\",\"tid\":\"07\",\"tst\":1427634603}\r\n2024-02-13T16:33:00Z\t*                 \t{\"topic\":\"owntracks/u/d\"}";
        let entries: Vec<Entry> = read(text.as_bytes()).into_iter().map(Result::unwrap).collect();
        assert_eq!(entries[0].topic, "/hfp/v2/x/Matinkylä (M)/09:32");
        assert_eq!(entries[0].payload, b"{\"VP\":{\"a\":1}}");
        assert_eq!(entries[0].at.unwrap().to_string(), "2024-02-13T16:33:00.005271Z");
        assert_eq!(
            (entries[1].topic.as_str(), entries[1].at.unwrap().to_string().as_str()),
            ("owntracks/replay/07", "2015-03-29T13:10:03Z")
        );
        assert_eq!(entries[2].topic, "owntracks/u/d");
    }

    #[test]
    fn an_unreadable_line_is_told_and_the_rest_goes_on() {
        let mut text = b"yesterday topic {}\n2024-02-13T16:33:00Z topic\n\xff\xfe\n{\"a\":1}\n".to_vec();
        text.extend(std::iter::repeat_n(b'x', 3 * 1024 * 1024));
        text.extend(b"\n2024-02-13T16:33:00Z t {}");
        let found = read(&text);
        let reasons: Vec<String> =
            found.iter().filter_map(|entry| entry.as_ref().err()).map(ToString::to_string).collect();
        for (reason, part) in reasons.iter().zip([
            "line 1: \"yesterday\"",
            "line 2: no JSON",
            "line 3: is not UTF-8",
            "line 4: names neither",
            "line 5: is longer",
        ]) {
            assert!(reason.starts_with(part), "{reason}");
        }
        assert_eq!((reasons.len(), found.len()), (5, 6));
        assert_eq!(found[5].as_ref().unwrap().topic, "t");
    }
}
