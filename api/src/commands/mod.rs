//! The command line: one file per command.

mod backup;
mod check;
mod copy;
mod demo;
mod export;
mod gtfs;
mod import;
mod pairs;
mod placing;
mod progress;
mod replay;
mod rows;
mod series;
mod serve;
mod stop;
mod token;
mod warm;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::failure::Failure;

/// One municipal map for a city.
#[derive(Debug, Parser)]
#[command(name = "misto", version, about, propagate_version = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the demo city: broker, store, layers, fleet and web map.
    Demo(demo::Demo),
    /// Start a server.
    Serve(serve::Serve),
    /// Read a file into a collection, or a table into the history.
    Import(Box<import::Import>),
    /// Write a collection to a file.
    Export(export::Export),
    /// Play a recording of positions through a broker.
    Replay(replay::Replay),
    /// Read the configuration, connect, report; change nothing.
    Check(check::Check),
    /// Move everything from one store to another.
    Copy(copy::Copy),
    /// Keep a copy of the embedded store, also while Misto runs.
    Backup(backup::Backup),
    /// Put a kept copy in the place of an embedded store that does not exist.
    Restore(backup::Restore),
    /// Have a running server draw tiles before anybody asks for them.
    Warm(warm::Warm),
    /// Timetables.
    #[command(subcommand)]
    Gtfs(gtfs::Gtfs),
    /// Access tokens for staff.
    #[command(subcommand)]
    Token(token::Token),
}

/// Runs the command.
///
/// # Errors
/// What went wrong, in words.
pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    match arguments.command {
        Command::Demo(demo) => Box::pin(demo.run()).await,
        Command::Serve(serve) => Box::pin(serve.run()).await,
        Command::Import(import) => Box::pin(import.run()).await,
        Command::Export(export) => Box::pin(export.run()).await,
        Command::Replay(replay) => Box::pin(replay.run()).await,
        Command::Check(check) => Box::pin(check.run()).await,
        Command::Copy(copy) => Box::pin(copy.run()).await,
        Command::Backup(backup) => Box::pin(backup.run()).await,
        Command::Restore(restore) => Box::pin(restore.run()).await,
        Command::Warm(warm) => warm.run().await,
        Command::Gtfs(gtfs) => Box::pin(gtfs.run()).await,
        Command::Token(token) => Box::pin(token.run()).await,
    }
}

/// Log to standard error; `RUST_LOG` chooses what. The embedded broker logs each
/// client and topic: only when it is asked for by name.
pub fn start_log() {
    use std::io::IsTerminal;
    let chosen = std::env::var("RUST_LOG").unwrap_or_else(|_| "info".to_owned());
    let filter = if chosen.contains("rumqttd") { chosen } else { format!("{chosen},rumqttd=off") };
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        // A log on a full disk is told nowhere: printing that it cannot be written would panic.
        .log_internal_errors(false)
        .init();
}

/// Says why on standard error; exit code 1.
#[expect(clippy::print_stderr, reason = "the person at the terminal reads it")]
pub fn failed(reason: &str) -> ExitCode {
    eprintln!("misto: {reason}");
    ExitCode::from(1)
}

/// The store that a command works on.
#[derive(Debug, clap::Args)]
pub struct StoreArgument {
    /// Where things are kept: geopackage:./data/city.gpkg or postgres://user@host/city
    #[arg(
        long = "store",
        env = "MISTO_STORE_URL",
        hide_env_values = true,
        default_value = "geopackage:./data/city.gpkg",
        value_name = "URL"
    )]
    url: String,
}

impl StoreArgument {
    async fn open(&self) -> Result<misto_store::Store, Failure> {
        Ok(misto_store::open(&self.url).await?)
    }
}
