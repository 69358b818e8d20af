//! `misto check`

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use misto_ingest::decode::Sources;
use misto_ingest::mqtt::BrokerUrl;
use misto_model::Instant;

use crate::config::{ForeignFeed, Settings};
use crate::failure::Failure;
use crate::tasks::foreign::Reader;

/// Read the configuration, connect, report; change nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  misto check --config misto.toml --log")]
pub struct Check {
    /// Configuration file
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Also open the store and check the chain of hashes of each log
    #[arg(long)]
    log: bool,
}

impl Check {
    /// Prints one line for each part; fails when one of them is not in order.
    pub async fn run(self) -> Result<(), Failure> {
        let settings = Settings::load(Some(&self.config))?;
        let sources = Sources::new(settings.source.clone()).map_err(|wrong| Failure::new(wrong.to_string()))?;
        let mut failed = 0;
        let mut say = |part: &str, outcome: Result<String, String>| {
            report(part, &outcome);
            failed += usize::from(outcome.is_err());
        };
        say("config", Ok(format!("{} is in order", self.config.display())));
        say("sources", Ok(sources.subscriptions().join(" ")));
        say("http", listenable("http.listen", settings.http.listen).await);
        say("store", misto_store::look(&settings.store.url).await.map_err(|error| error.to_string()));
        let broker = if settings.mqtt.url == "embedded" {
            listenable("mqtt.embedded_listen", settings.mqtt.embedded_listen).await
        } else {
            broker(&settings.mqtt.url).await
        };
        say("mqtt", broker);
        for feed in &settings.gtfs_realtime {
            say(&format!("gtfs_realtime {}", feed.source), foreign(feed.clone()).await);
        }
        if self.log {
            for (kind, outcome) in logs(&settings.store.url).await? {
                say(&format!("log {kind}"), outcome);
            }
        }
        match failed {
            0 => Ok(()),
            1 => Err(Failure::new("one part is not in order".to_owned())),
            n => Err(Failure::new(format!("{n} parts are not in order"))),
        }
    }
}

/// One reading of a feed of somebody else.
async fn foreign(feed: ForeignFeed) -> Result<String, String> {
    let host = feed.url.to_string();
    let now = Instant::from_timestamp(jiff::Timestamp::now());
    let read = tokio::task::spawn_blocking(move || Reader::new(&feed).read(now)).await;
    let found = read.map_err(|cause| cause.to_string())?.map_err(|reason| format!("{host}: {reason}"))?;
    let found = found.ok_or_else(|| format!("{host} answers that a feed is unchanged that it never sent"))?;
    let counts =
        [(found.positions.len(), "vehicles"), (found.trip_updates.len(), "trips"), (found.alerts.len(), "notices")];
    let counts: Vec<String> = counts.iter().map(|(count, name)| format!("{count} {name}")).collect();
    let problem = found.problems.first().map(|first| {
        format!(
            "; {} parts cannot be used, the first: {}: {}",
            found.problems_total, first.entity, first.refusal.detail
        )
    });
    Ok(format!("{host} answers: {}{}", counts.join(", "), problem.unwrap_or_default()))
}

/// The chain of every log. Whoever keeps the newest hash elsewhere notices later
/// when somebody wrote the whole chain anew.
async fn logs(url: &str) -> Result<Vec<(String, Result<String, String>)>, Failure> {
    let log = misto_store::open(url).await?.log;
    let mut checked = Vec::new();
    for kind in log.kinds().await? {
        let chain = log.verify(&kind).await?;
        let newest = log.newest(&kind, None, 1).await?.first().and_then(|entry| entry.hash);
        let newest = newest.map_or_else(String::new, |hash| format!(", newest {}", hex(&hash)));
        let outcome = match chain.broken {
            None => Ok(format!("{} entries follow from one another{newest}", chain.in_order)),
            Some(broken) => {
                let place = broken.sequence.map_or("its end".to_owned(), |sequence| format!("entry {sequence}"));
                Err(format!("changed by another program at {place}: {}", broken.reason))
            }
        };
        checked.push((kind, outcome));
    }
    Ok(checked)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[expect(clippy::print_stdout, reason = "the report is what the command gives")]
fn report(part: &str, outcome: &Result<String, String>) {
    match outcome {
        Ok(text) => println!("ok      {part}: {text}"),
        Err(text) => println!("FAILED  {part}: {text}"),
    }
}

async fn listenable(key: &str, address: SocketAddr) -> Result<String, String> {
    match tokio::net::TcpListener::bind(address).await {
        Ok(_) => Ok(format!("{address} is free")),
        Err(cause) => Err(format!("cannot listen on {address} ({key}): {cause}")),
    }
}

async fn broker(url: &str) -> Result<String, String> {
    let url: BrokerUrl = url.parse().map_err(|wrong| format!("mqtt.url: {wrong}"))?;
    let connecting = tokio::net::TcpStream::connect((url.host().to_owned(), url.port()));
    match tokio::time::timeout(Duration::from_secs(5), connecting).await {
        Ok(Ok(_)) => Ok(format!("{url} answers")),
        Ok(Err(cause)) => Err(format!("{url} does not answer: {cause}")),
        Err(_) => Err(format!("{url} does not answer within 5 s")),
    }
}
