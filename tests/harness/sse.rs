//! A reader of server-sent events.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{PATIENCE, say_if_late};

/// An open stream; it closes with this guard.
pub struct Stream {
    events: mpsc::Receiver<(String, Value)>,
    connection: TcpStream,
}

/// A stream that was asked for and is not read.
pub struct Unread(TcpStream);

impl Unread {
    /// Begins to read.
    ///
    /// # Panics
    /// When the system gives no second handle.
    pub fn read(self) -> Stream {
        Stream::reading(self.0)
    }
}

impl Stream {
    /// Opens `path` of the server at `url` as a stranger, or with a bearer token.
    ///
    /// # Panics
    /// When nobody answers.
    pub fn open(url: &str, path: &str, token: Option<&str>) -> Self {
        Self::unread(url, path, token).read()
    }

    /// As [`Stream::open`], and reads nothing yet.
    ///
    /// # Panics
    /// When nobody answers.
    pub fn unread(url: &str, path: &str, token: Option<&str>) -> Unread {
        use std::io::Write;
        let host = url.trim_start_matches("http://");
        let mut connection = TcpStream::connect(host).expect("the server listens");
        let authorization = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        let request = format!("GET {path} HTTP/1.0\r\nHost: {host}\r\n{authorization}\r\n");
        connection.write_all(request.as_bytes()).expect("the server reads");
        Unread(connection)
    }

    fn reading(connection: TcpStream) -> Self {
        let reader = BufReader::new(connection.try_clone().expect("a second handle"));
        let (send, events) = mpsc::channel();
        std::thread::spawn(move || {
            let mut name = String::new();
            for line in reader.lines().map_while(Result::ok) {
                if let Some(event) = line.strip_prefix("event:") {
                    name = event.trim().to_owned();
                } else if let Some(data) = line.strip_prefix("data:") {
                    let data = serde_json::from_str(data.trim()).unwrap_or(Value::Null);
                    if send.send((name.clone(), data)).is_err() {
                        return;
                    }
                }
            }
        });
        Self { events, connection }
    }

    /// The next event that fits; one that comes later than it should is said, as [`crate::eventually`] does.
    ///
    /// # Panics
    /// When none comes.
    pub fn next(&self, what: &str, within: Duration, fits: impl Fn(&str, &Value) -> bool) -> Value {
        let begun = Instant::now();
        let until = begun + within + PATIENCE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            match self.events.recv_timeout(left) {
                Ok((name, data)) if fits(&name, &data) => {
                    say_if_late(what, begun, within);
                    return data;
                }
                Ok(_) => {}
                Err(_) => panic!("{what}: no such event within {:?}", within + PATIENCE),
            }
        }
    }

    /// Everything that comes within the time.
    pub fn all(&self, within: Duration) -> Vec<(String, Value)> {
        let until = Instant::now() + within;
        let mut all = Vec::new();
        while let Ok(event) = self.events.recv_timeout(until.saturating_duration_since(Instant::now())) {
            all.push(event);
        }
        all
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let _already_closed = self.connection.shutdown(std::net::Shutdown::Both);
    }
}
