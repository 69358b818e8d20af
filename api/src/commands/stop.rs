//! Told to stop: Ctrl-C or the service manager.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::failure::Failure;

/// Turns true at the first SIGINT or SIGTERM.
///
/// # Errors
/// When the system does not let us listen for signals.
pub fn told_to_stop() -> Result<watch::Receiver<bool>, Failure> {
    let listen = |kind| signal(kind).map_err(|cause| Failure::new(format!("cannot listen for signals: {cause}")));
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    let (tell, told) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tell.send_replace(true);
    });
    Ok(told)
}
