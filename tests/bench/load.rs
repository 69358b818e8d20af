//! A plain load: connections that ask one after the other for a set time.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Connections at once.
const CONNECTIONS: usize = 8;

/// Answers a second of one path, kept alive, gzip accepted.
pub fn rate(host: &str, path: &str, during: Duration) -> f64 {
    let stop = AtomicBool::new(false);
    let answers = AtomicU64::new(0);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| {
                let mut caller = Caller::new(host);
                while !stop.load(Ordering::Relaxed) {
                    caller.ask(host, path);
                    answers.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        std::thread::sleep(during);
        stop.store(true, Ordering::Relaxed);
    });
    answers.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64()
}

/// One connection.
pub struct Caller(BufReader<TcpStream>);

impl Caller {
    /// Connects.
    pub fn new(host: &str) -> Self {
        let stream = TcpStream::connect(host).expect("a server");
        stream.set_nodelay(true).expect("a socket");
        Self(BufReader::with_capacity(1 << 17, stream))
    }

    /// Asks and reads the whole answer; gives its body.
    pub fn ask(&mut self, host: &str, path: &str) -> Vec<u8> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: gzip\r\n\r\n");
        self.0.get_mut().write_all(request.as_bytes()).expect("the server reads");
        let (mut length, mut is_chunked) = (0, false);
        loop {
            let line = self.line().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
            is_chunked |= line.starts_with("transfer-encoding:") && line.contains("chunked");
            if line == "\r\n" {
                break;
            }
        }
        let mut body = Vec::with_capacity(length);
        if !is_chunked {
            self.part(length, &mut body);
            return body;
        }
        // RFC 9112, 7.1
        loop {
            let size = usize::from_str_radix(self.line().trim(), 16).expect("the size of a chunk");
            self.part(size, &mut body);
            self.line();
            if size == 0 {
                return body;
            }
        }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).expect("a line");
        line
    }

    fn part(&mut self, length: usize, body: &mut Vec<u8>) {
        let from = body.len();
        body.resize(from + length, 0);
        self.0.read_exact(&mut body[from..]).expect("a body");
    }
}
