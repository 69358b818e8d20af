//! Many open streams, read by one thread that looks for one marker.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use memchr::memmem;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::fleet::{Fleet, Window, now, until};
use super::spread::Spread;

/// Listeners that ask for everything.
const UNFILTERED: usize = 2;

/// What they heard.
#[derive(Default)]
pub struct Heard {
    pub filtered: Spread,
    pub unfiltered: Spread,
}

/// How many events should be heard, if each fix were one.
pub fn expected(sent: &[u64], fleet: &Fleet, listeners: usize) -> u64 {
    let few: u64 = (0..listeners).map(|listener| sent[listener % fleet.groups()]).sum();
    few + UNFILTERED as u64 * sent.iter().sum::<u64>()
}

/// Opens all streams and reads them until some time after the window.
pub fn read(url: &str, fleet: &Fleet, listeners: usize, window: Window, afterwards: Duration) -> Heard {
    let host = url.trim_start_matches("http://").to_owned();
    let heard = Rc::new(RefCell::new(Heard::default()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let tasks = tokio::task::LocalSet::new();
    for listener in 0..listeners + UNFILTERED {
        let group = listener % fleet.groups();
        let filter = match listener {
            everything if everything >= listeners => String::new(),
            even if even.is_multiple_of(2) => format!("&bbox={}", fleet.bbox(group)),
            _ => format!("&routes={}", fleet.route(group)),
        };
        let (host, heard) = (host.clone(), Rc::clone(&heard));
        tasks.spawn_local(async move {
            let mut stream = open(&host, &filter).await;
            let add = |at: i64| {
                if window.holds(at) {
                    let late = now() - at;
                    let mut heard = heard.borrow_mut();
                    let spread = if filter.is_empty() { &mut heard.unfiltered } else { &mut heard.filtered };
                    spread.add(late);
                }
            };
            follow(&mut stream, add).await;
        });
    }
    let over = until(window.end) + afterwards;
    runtime.block_on(tasks.run_until(async { tokio::time::sleep(over).await }));
    drop(tasks);
    heard.take()
}

async fn open(host: &str, filter: &str) -> TcpStream {
    let mut stream = TcpStream::connect(host).await.expect("the server listens");
    let request = format!("GET /live?kinds=vehicles{filter} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("the server reads");
    stream
}

/// Gives the fix time of every `vehicle` event, microseconds since 1970.
async fn follow(stream: &mut TcpStream, mut heard: impl FnMut(i64)) {
    let event = memmem::Finder::new("event: vehicle");
    let time = memmem::Finder::new("\"fix_time\":\"");
    let mut bytes: Vec<u8> = Vec::with_capacity(1 << 16);
    loop {
        if stream.read_buf(&mut bytes).await.is_ok_and(|read| read == 0) {
            return;
        }
        let mut done = 0;
        while let Some(found) = event.find(&bytes[done..]) {
            let begin = done + found;
            let Some(text) = time.find(&bytes[begin..]).map(|at| begin + at + time.needle().len()) else { break };
            let Some(length) = memchr::memchr(b'"', &bytes[text..]) else { break };
            let text = std::str::from_utf8(&bytes[text..text + length]).unwrap_or_default();
            let at: jiff::Timestamp = text.parse().expect("a time");
            heard(at.as_microsecond());
            done = begin + event.needle().len();
        }
        // A marker may lie across two reads.
        let pending = event.find(&bytes[done..]).map(|at| done + at);
        let keep = pending.unwrap_or_else(|| bytes.len().saturating_sub(event.needle().len()).max(done));
        bytes.drain(..keep);
    }
}
