//! `misto`: one municipal map for a city.

mod access;
mod app;
mod auth;
mod commands;
mod config;
mod cors;
mod costly;
mod duplicates;
mod export;
mod failure;
mod layers;
mod metrics;
mod opening;
mod problem;
mod reports;
mod role;
mod routes;
mod serve;
mod stream;
mod tasks;
mod transit;
mod view;

use std::process::ExitCode;

use clap::Parser;

/// A message is some fifty small allocations; with the system's allocator a third of
/// the time of a drain was spent in them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = commands::Arguments::parse();
    commands::start_log();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(cause) => return commands::failed(&format!("the runtime cannot start: {cause}")),
    };
    match runtime.block_on(commands::run(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => commands::failed(&failure.to_string()),
    }
}
