//! A line between the program and a server, cut again and again at random bytes.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// Where connections are cut.
#[derive(Debug, Clone, Copy)]
pub struct Cuts {
    /// At most so many; what connects later stays whole.
    pub most: usize,
    /// At most so many bytes go towards the server before a cut.
    pub towards_server: u64,
    /// At most so many bytes go towards the client before a cut.
    pub towards_client: u64,
    /// Bytes are counted once the client has sent this, in one piece; on one
    /// connection of eight from the first.
    pub after: &'static [u8],
}

/// A running line; it ends with this guard.
pub struct Proxy {
    port: u16,
    line: Arc<Line>,
}

struct Line {
    server: u16,
    cuts: Cuts,
    made: AtomicUsize,
    random: AtomicU64,
    ended: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
}

impl Proxy {
    /// Stands before the server on this port of the loopback. `MISTO_FAULT_SEED`
    /// repeats the byte counts of an earlier run.
    ///
    /// # Panics
    /// When there is no port.
    pub fn start(server: u16, cuts: Cuts) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let seed = seed();
        println!("a line is cut up to {} times: MISTO_FAULT_SEED={seed}", cuts.most);
        let line = Arc::new(Line {
            server,
            cuts,
            made: AtomicUsize::new(0),
            random: AtomicU64::new(seed),
            ended: AtomicBool::new(false),
            open: Mutex::default(),
        });
        let own = Arc::clone(&line);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if own.ended.load(Ordering::Acquire) {
                    return;
                }
                // A server that is away closes its clients' connections too.
                let _refused = own.pass(client);
            }
        });
        Self { port, line }
    }

    /// Where clients connect.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Cuts made so far.
    pub fn made(&self) -> usize {
        self.line.made.load(Ordering::Acquire)
    }

    /// Whether no more will be made.
    pub fn is_whole(&self) -> bool {
        self.made() >= self.line.cuts.most
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.line.ended.store(true, Ordering::Release);
        let _wakes_the_listener = TcpStream::connect(("127.0.0.1", self.port));
        for connection in self.line.open.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _already_closed = connection.shutdown(Shutdown::Both);
        }
    }
}

fn seed() -> u64 {
    let told = std::env::var("MISTO_FAULT_SEED").ok().and_then(|seed| seed.parse().ok());
    let now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(1, |since| since.as_micros() as u64);
    told.unwrap_or_else(now)
}

impl Line {
    fn pass(self: &Arc<Self>, client: TcpStream) -> std::io::Result<()> {
        let server = TcpStream::connect(("127.0.0.1", self.server))?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let counting = Arc::new(AtomicBool::new(self.random().is_multiple_of(8)));
        let (up, down) = self.shares();
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.extend([client.try_clone()?, server.try_clone()?]);
        drop(open);
        self.direction(client.try_clone()?, server.try_clone()?, up, Arc::clone(&counting));
        self.direction(server, client, down, counting);
        Ok(())
    }

    /// Bytes until the cut towards server and client: one of the two is cut.
    fn shares(&self) -> (Option<u64>, Option<u64>) {
        if self.random().is_multiple_of(2) {
            (Some(self.random() % self.cuts.towards_server + 1), None)
        } else {
            (None, Some(self.random() % self.cuts.towards_client + 1))
        }
    }

    fn direction(self: &Arc<Self>, from: TcpStream, to: TcpStream, share: Option<u64>, counting: Arc<AtomicBool>) {
        let line = Arc::clone(self);
        std::thread::spawn(move || {
            let _either_end_closed = line.copy(&from, &to, share, &counting);
            let _already_closed = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
        });
    }

    fn copy(
        &self,
        mut from: &TcpStream,
        mut to: &TcpStream,
        mut share: Option<u64>,
        counting: &AtomicBool,
    ) -> std::io::Result<()> {
        let mut buffer = [0; 16 * 1024];
        loop {
            let read = from.read(&mut buffer)?;
            let some = &buffer[..read];
            if some.is_empty() {
                return Ok(());
            }
            if some.windows(self.cuts.after.len().max(1)).any(|window| window == self.cuts.after) {
                counting.store(true, Ordering::Release);
            }
            match share.filter(|_| counting.load(Ordering::Acquire)) {
                Some(left) if left <= read as u64 && self.is_next() => return to.write_all(&some[..left as usize]),
                Some(left) => share = Some(left.saturating_sub(read as u64)),
                None => {}
            }
            to.write_all(some)?;
        }
    }

    /// Whether one more cut is to be made; it counts as made.
    fn is_next(&self) -> bool {
        let next = |made| (made < self.cuts.most).then_some(made + 1);
        self.made.fetch_update(Ordering::AcqRel, Ordering::Acquire, next).is_ok()
    }

    /// Splitmix64.
    fn random(&self) -> u64 {
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        let state = self.random.fetch_add(STEP, Ordering::AcqRel).wrapping_add(STEP);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}
