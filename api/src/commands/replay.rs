//! `misto replay`

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use misto_ingest::decode::SourceConfig;
use misto_ingest::mqtt::{BrokerUrl, Link, MqttConfig, Publisher};
use misto_ingest::replay::{Recording, Speed, Told, play};
use misto_model::Instant;

use super::progress;
use crate::failure::Failure;

/// How long the broker may take to answer at the start.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// Unreadable lines that are printed.
const PRINTED: u64 = 20;

/// Play a recording of positions through a broker.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    misto replay hfp.dump --broker mqtt://127.0.0.1:1883 --speed 10\n  \
    misto replay ploughs.csv --mapping ploughs.toml --broker mqtt://127.0.0.1:1883 --speed max\n\n\
    Lines `<time> <topic> <json>` (HFP dumps), OwnTracks JSON lines, or a CSV with a mapping:\n  \
    id = \"ploughs\"\n  format = \"mapped\"\n  [mapping]\n  vehicle = { pointer = \"/truck\", transform = \"integer_id\" }\n  \
    time = \"/time\"\n  lat = \"/latitude\"\n  lon = \"/longitude\"\n  kind = { constant = \"plough\" }")]
pub struct Replay {
    /// The recordings, one after the other.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// mqtt://[user:password@]host:port
    #[arg(long, value_name = "URL")]
    broker: BrokerUrl,
    /// A factor such as 1 or 10, or max
    #[arg(long, default_value = "1")]
    speed: Speed,
    /// What the columns of a CSV mean (TOML).
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
}

impl Replay {
    /// Ends with a line of counts.
    #[expect(clippy::print_stdout, reason = "the report is what the command gives")]
    pub async fn run(self) -> Result<(), Failure> {
        let source = self.mapping.as_deref().map(source).transpose()?;
        let config = MqttConfig::new(self.broker.clone(), &format!("misto-replay-{}", std::process::id()));
        let publisher = Publisher::start(config).map_err(|wrong| Failure::new(wrong.to_string()))?;
        connected(&publisher).await?;
        for file in &self.files {
            let recording = recording(file, source.as_ref())?;
            let bytes = std::fs::metadata(file).map_or(0, |metadata| metadata.len());
            let bar = progress::bar(bytes, "playing");
            let mut printed = 0;
            let played = play(recording, &publisher, self.speed, |told| match told {
                Told::Sent(progress) => bar.set_position(progress.bytes_read),
                Told::Unreadable(line) => {
                    printed += 1;
                    if printed <= PRINTED {
                        bar.suspend(|| println!("{}: {line}", file.display()));
                    }
                }
            })
            .await
            .map_err(|wrong| Failure::new(wrong.to_string()))?;
            bar.finish_and_clear();
            println!("{}: {} messages sent, {} lines unreadable", file.display(), played.sent, played.unreadable);
            if played.sent == 0 && played.unreadable > 0 {
                return Err(Failure::new(format!("{}: no line could be used", file.display())));
            }
        }
        Ok(())
    }
}

/// A source with the mapping of a table.
///
/// # Errors
/// When the file cannot be read or says something else; the text names line and key.
pub fn source(mapping: &Path) -> Result<SourceConfig, Failure> {
    let failed = |cause: String| Failure::new(format!("{}: {cause}", mapping.display()));
    let text = std::fs::read_to_string(mapping).map_err(|cause| failed(cause.to_string()))?;
    toml::from_str(&text).map_err(|wrong| failed(wrong.to_string()))
}

/// Opens a recording.
///
/// # Errors
/// When it cannot be opened or a table lacks its mapping.
pub fn recording(file: &Path, source: Option<&SourceConfig>) -> Result<Recording, Failure> {
    let now = Instant::from_timestamp(Timestamp::now());
    Recording::open(file, source, now).map_err(|wrong| Failure::new(wrong.to_string()))
}

async fn connected(publisher: &Publisher) -> Result<(), Failure> {
    let mut link = publisher.link();
    let subscribed = link.wait_for(|link| !matches!(link, Link::Connecting));
    match tokio::time::timeout(CONNECT_WITHIN, subscribed).await {
        Ok(Ok(link)) => match &*link {
            Link::Lost { cause, .. } => Err(Failure::new(format!("the broker does not answer: {cause}"))),
            _ => Ok(()),
        },
        _ => Err(Failure::new(format!("the broker does not answer within {} s", CONNECT_WITHIN.as_secs()))),
    }
}
