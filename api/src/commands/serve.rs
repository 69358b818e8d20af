//! `misto serve`

use std::path::PathBuf;

use tokio::net::TcpListener;

use super::stop::told_to_stop;
use crate::config::Settings;
use crate::failure::Failure;
use crate::role::ProcessRole;

/// Start a server.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  misto serve --config misto.toml\n\n\
    Every key of the file may come from the environment: MISTO_HTTP_LISTEN, MISTO_STORE_URL, MISTO_MQTT_URL, …")]
pub struct Serve {
    /// Configuration file; without it every key has its default.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// What this process does; several processes share a database and a broker.
    #[arg(long, env = "MISTO_ROLE", value_enum, default_value_t = ProcessRole::All)]
    role: ProcessRole,
}

impl Serve {
    /// Runs until told to stop.
    pub async fn run(self) -> Result<(), Failure> {
        let settings = Settings::load(self.config.as_deref())?;
        self.role.fits(&settings)?;
        let listen = settings.http.listen;
        let listener = TcpListener::bind(listen)
            .await
            .map_err(|cause| Failure::new(format!("cannot listen on {listen} (http.listen): {cause}")))?;
        let store = misto_store::open(&settings.store.url).await?;
        tracing::info!(role = ?self.role, address = %listener.local_addr().unwrap_or(listen), "listening");
        crate::serve::run(settings, self.role, store, listener, told_to_stop()?).await
    }
}
