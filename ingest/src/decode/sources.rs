//! The configured sources: which of them a message belongs to, and how it is read.

use std::sync::Arc;

use misto_model::{RejectionReason, SourceId};
use serde_json::Value;

use super::config::{Format, InvalidSource, SourceConfig};
use super::fix::{Context, Settings};
use super::mapping::Mapping;
use super::refusal::Refusal;
use super::topic::TopicFilter;
use super::{Decoded, Message, canonical, decree835, hfp, if_operator, json, mapped, owntracks, sensorthings, tts};

/// Sources of the default configuration, in the order they are asked.
const BUILT_IN: [(&str, Format); 6] = [
    ("hfp", Format::HfpV2),
    ("owntracks", Format::Owntracks),
    ("tts", Format::Tts),
    ("sensorthings", Format::Sensorthings),
    ("if-operator", Format::IfOperator),
    ("decree-835", Format::Decree835),
];
/// Where trackers of sources that nobody configured publish canonical JSON.
const RAW: &str = "misto/v1/raw/+/+";
/// The level of [`RAW`] that names the source.
const RAW_SOURCE_LEVEL: usize = 4;

/// The character NUL as JSON spells it.
const NUL: &[u8] = br"\u0000";

/// How a source's payload is read.
#[derive(Debug, Clone)]
enum Reader {
    Hfp,
    Owntracks,
    IfOperator,
    Decree835,
    Canonical,
    Mapped(Box<Mapping>),
    Tts,
    Sensorthings,
}

/// Who a source is: a name of the configuration, or the one in the topic.
#[derive(Debug, Clone)]
enum Named {
    As(SourceId),
    ByTopic,
}

#[derive(Debug, Clone)]
struct Source {
    named: Named,
    filter: TopicFilter,
    reader: Reader,
    settings: Settings,
    max_payload_bytes: usize,
}

/// Every source that messages are taken from.
#[derive(Debug, Clone)]
pub struct Sources {
    sources: Vec<Source>,
    canonical: Mapping,
}

impl Sources {
    /// The built-in sources with `configured` before them; a configured source
    /// replaces the built-in one of its name.
    ///
    /// # Errors
    /// When a source cannot be used, naming it and the key.
    pub fn new(configured: Vec<SourceConfig>) -> Result<Self, InvalidSource> {
        let mut sources = Vec::new();
        for (at, config) in configured.iter().enumerate() {
            if configured[..at].iter().any(|other| other.id == config.id) {
                return Err(InvalidSource::Twice(config.id.clone()));
            }
            let source = Source::resolve(config)?;
            if config.enabled {
                sources.push(source);
            }
        }
        for (name, format) in BUILT_IN {
            let id: SourceId = name.parse().expect("the built-in names are small letters, digits and hyphens");
            if configured.iter().all(|config| config.id != id) {
                sources.push(Source::resolve(&SourceConfig::new(id, format))?);
            }
        }
        let raw = SourceConfig {
            topic: Some(RAW.parse().expect("a well-formed filter")),
            ..SourceConfig::new("raw".parse().expect("small letters"), Format::Mapped)
        };
        sources.push(Source { named: Named::ByTopic, ..Source::resolve(&raw)? });
        Ok(Self { sources, canonical: canonical::mapping() })
    }

    /// Filters to subscribe to; none lies within another, so nothing is delivered twice.
    pub fn subscriptions(&self) -> Vec<String> {
        let mut kept: Vec<&TopicFilter> = Vec::new();
        for source in &self.sources {
            if kept.iter().any(|wider| wider.covers(&source.filter)) {
                continue;
            }
            kept.retain(|narrower| !source.filter.covers(narrower));
            kept.push(&source.filter);
        }
        kept.into_iter().map(|filter| filter.as_str().to_owned()).collect()
    }

    /// Reads one message. What cannot be used stands in `rejections`.
    pub fn decode(&self, message: &Message<'_>) -> Decoded {
        let mut decoded = Decoded::default();
        self.decode_into(message, &mut decoded);
        decoded
    }

    /// Reads one message and adds what it holds.
    pub fn decode_into(&self, message: &Message<'_>, decoded: &mut Decoded) {
        // Brokers refuse such a topic (MQTT 3.1.1, 1.5.3); names of devices are taken from it.
        if message.topic.contains('\0') {
            decoded.rejections.push(Refusal::topic("the topic holds the character NUL").of(message, ""));
            return;
        }
        let Some(source) = self.sources.iter().find(|source| source.filter.matches(message.topic)) else {
            let refusal = Refusal::new(RejectionReason::UnknownTopic, "no source is configured for this topic");
            decoded.rejections.push(refusal.of(message, ""));
            return;
        };
        let id = match source.id(message.topic) {
            Ok(id) => id,
            Err(refusal) => {
                decoded.rejections.push(refusal.of(message, ""));
                return;
            }
        };
        let context = Context { source: &id, settings: &source.settings, message };
        if let Err(refusal) = source.fits(message).and_then(|()| source.read(&context, &self.canonical, decoded)) {
            decoded.rejections.push(refusal.of(message, id.as_str()));
        }
    }
}

impl Default for Sources {
    /// The built-in sources alone.
    fn default() -> Self {
        Self::new(Vec::new()).expect("the built-in sources are tested")
    }
}

impl Source {
    fn resolve(config: &SourceConfig) -> Result<Self, InvalidSource> {
        let reader = match config.format {
            Format::HfpV2 => Reader::Hfp,
            Format::Owntracks => Reader::Owntracks,
            Format::IfOperator => Reader::IfOperator,
            Format::Decree835 => Reader::Decree835,
            Format::Tts => Reader::Tts,
            Format::Sensorthings => Reader::Sensorthings,
            Format::Mapped => match &config.mapping {
                None => Reader::Canonical,
                Some(mapping) => Reader::Mapped(Box::new(
                    Mapping::new(mapping.clone())
                        .map_err(|error| InvalidSource::Mapping { id: config.id.clone(), error })?,
                )),
            },
        };
        Ok(Self {
            named: Named::As(config.id.clone()),
            filter: config.filter()?,
            reader,
            settings: config.settings()?,
            max_payload_bytes: config.payload_limit(),
        })
    }

    fn id(&self, topic: &str) -> Result<SourceId, Refusal> {
        match &self.named {
            Named::As(id) => Ok(id.clone()),
            Named::ByTopic => {
                let level = topic.split('/').nth(RAW_SOURCE_LEVEL - 1).unwrap_or_default();
                level.parse().map_err(|error: misto_model::InvalidVehicleKey| Refusal::topic(error.to_string()))
            }
        }
    }

    fn fits(&self, message: &Message<'_>) -> Result<(), Refusal> {
        let bytes = message.payload.len();
        if bytes > self.max_payload_bytes {
            let detail = format!("{bytes} bytes; this source may send {}", self.max_payload_bytes);
            return Err(Refusal::new(RejectionReason::TooLarge, detail));
        }
        if bytes == 0 {
            return Err(Refusal::unsupported(
                "an empty payload: the sender cleared its retained message (MQTT 3.1.1, 3.3.1.3)",
            ));
        }
        // No text of a database holds it: a message with one could never be committed.
        let has_escapes = message.payload.contains(&b'\\');
        if has_escapes && message.payload.windows(NUL.len()).any(|bytes| bytes == NUL) {
            return Err(Refusal::new(
                RejectionReason::InvalidField,
                r"a text holds \u0000 (NUL): no field may hold that character",
            ));
        }
        Ok(())
    }

    fn read(&self, context: &Context<'_>, canonical: &Mapping, into: &mut Decoded) -> Result<(), Refusal> {
        match &self.reader {
            Reader::Hfp => into.positions.push(Arc::new(hfp::decode(context)?)),
            Reader::Owntracks => match owntracks::decode(context)? {
                owntracks::Heard::Location(fix) => into.positions.push(Arc::new(*fix)),
                owntracks::Heard::LastWill(gone) => into.gone.push(gone),
            },
            Reader::Tts => into.readings.extend(tts::decode(context)?),
            Reader::Sensorthings => into.readings.push(sensorthings::decode(context)?),
            Reader::IfOperator => each(context, None, into, |record, into| {
                into.positions.push(Arc::new(if_operator::decode(context, record)?));
                Ok(())
            })?,
            Reader::Decree835 => each(context, None, into, |record, into| {
                into.positions.push(Arc::new(decree835::decode(context, record)?));
                Ok(())
            })?,
            Reader::Canonical => each(context, None, into, |record, into| {
                match canonical::readings(context, record) {
                    Some(readings) => into.readings.extend(readings?),
                    None => into.positions.push(Arc::new(mapped::position(context, canonical, record)?)),
                }
                Ok(())
            })?,
            Reader::Mapped(mapping) => each(context, mapping.rules().records.as_deref(), into, |record, into| {
                if mapping.rules().readings.is_empty() {
                    into.positions.push(Arc::new(mapped::position(context, mapping, record)?));
                } else {
                    into.readings.extend(mapped::readings(context, mapping, record)?);
                }
                Ok(())
            })?,
        }
        Ok(())
    }
}

/// Reads one record, or each record of a list: a bad one is refused and the rest goes on.
fn each(
    context: &Context<'_>,
    records: Option<&str>,
    into: &mut Decoded,
    read: impl Fn(&Value, &mut Decoded) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let payload = json::parse(context.message.payload)?;
    let found = match records {
        None => &payload,
        Some(pointer) => payload.pointer(pointer).ok_or_else(|| Refusal::missing(pointer, "the list of records"))?,
    };
    let Some(list) = found.as_array() else { return read(found, into) };
    if list.is_empty() {
        return Err(Refusal::unsupported("an empty list: nobody reported"));
    }
    for (at, record) in list.iter().enumerate() {
        if let Err(refusal) = read(record, into) {
            let detail = format!("record {}: {}", at + 1, refusal.detail);
            into.rejections.push(Refusal::new(refusal.reason, detail).of(context.message, context.source.as_str()));
        }
    }
    Ok(())
}
