//! A body that is written while it is sent: a writer that blocks, on one side of
//! a short queue, and the answer on the other.

use std::io::{Error, ErrorKind, Write};

use axum::body::Body;
use bytes::Bytes;
use misto_ingest::files::write::WriteError;
use tokio::sync::mpsc;

/// Bytes of one piece.
const PIECE: usize = 64 << 10;
/// Pieces that may wait; the writer waits beyond.
const WAITING: usize = 4;

/// The body that `write` produces on a thread of its own. When it fails, or the
/// reader goes away, the other side ends too; a body that ended early is no whole answer.
pub fn piped(write: impl FnOnce(&mut dyn Write) -> Result<u64, WriteError> + Send + 'static) -> Body {
    let (sender, mut receiver) = mpsc::channel::<Result<Bytes, Error>>(WAITING);
    tokio::task::spawn_blocking(move || {
        let mut pipe = Pipe { sender, piece: Vec::with_capacity(PIECE) };
        let ended = write(&mut pipe).and_then(|_| pipe.flush().map_err(WriteError::from));
        match ended {
            Ok(()) => {}
            Err(WriteError::Io(gone)) if gone.kind() == ErrorKind::BrokenPipe => {}
            Err(cause) => {
                tracing::error!(%cause, "a collection could not be exported to its end");
                let _reader_may_be_gone = pipe.sender.blocking_send(Err(Error::other("the export ended early")));
            }
        }
    });
    Body::from_stream(async_stream::stream! {
        while let Some(piece) = receiver.recv().await {
            yield piece;
        }
    })
}

struct Pipe {
    sender: mpsc::Sender<Result<Bytes, Error>>,
    piece: Vec<u8>,
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE));
        self.sender
            .blocking_send(Ok(piece.into()))
            .map_err(|_| Error::new(ErrorKind::BrokenPipe, "the reader went away"))
    }
}
