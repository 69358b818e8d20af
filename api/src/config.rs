//! The configuration: one TOML file, one small struct per concern. Every key has
//! a default that works; `MISTO_<SECTION>_<KEY>` overrides a key of a section.

mod foreign;
mod reports;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use misto_city::fleet::FleetRules;
use misto_city::publication::UTILITY_DELAY_S;
use misto_ingest::decode::SourceConfig;
use misto_model::Bbox;
use misto_tiles::Atlas;
use serde::Deserialize;

pub use foreign::ForeignFeed;
pub use reports::ReportSettings;

/// Everything a server needs to know, checked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// `[http]`
    pub http: Http,
    /// `[store]`
    pub store: StoreSettings,
    /// `[mqtt]`
    pub mqtt: Mqtt,
    /// `[city]`
    pub city: City,
    /// `[reports]`
    pub reports: ReportSettings,
    /// `[[source]]`: where vehicles and sensors speak; empty takes the built-in set.
    pub source: Vec<SourceConfig>,
    /// `[[gtfs_realtime]]`: feeds of others; none when empty.
    pub gtfs_realtime: Vec<ForeignFeed>,
}

/// `[http]`: where and how much.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Http {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Largest request body, bytes.
    pub max_body_bytes: usize,
    /// Most live streams at once.
    pub max_streams: usize,
    /// Whether cookies are sent over TLS only; set it behind a TLS proxy.
    pub secure_cookies: bool,
    /// Address under which others reach the server, for links; by default what their requests say.
    pub public_url: Option<String>,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            max_body_bytes: 8 << 20,
            max_streams: 10_000,
            secure_cookies: false,
            public_url: None,
        }
    }
}

/// `[store]`: where things are kept.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreSettings {
    /// `geopackage:PATH` or `postgres://user@host/database`; may hold a password.
    pub url: String,
    /// Days that positions and readings are kept, counted from receipt.
    pub keep_days: u32,
    /// Rejected messages kept for the dispatcher.
    pub keep_rejected: u64,
    /// Memory for finished tiles with all that belongs to them, bytes.
    pub tile_cache_bytes: u64,
    /// Most bytes of a tile below zoom 14 before compression; 0 leaves nothing out.
    pub tile_budget_bytes: u64,
}

impl std::fmt::Debug for StoreSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreSettings")
            .field("keep_days", &self.keep_days)
            .field("keep_rejected", &self.keep_rejected)
            .field("tile_cache_bytes", &self.tile_cache_bytes)
            .field("tile_budget_bytes", &self.tile_budget_bytes)
            .finish_non_exhaustive()
    }
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self {
            url: "geopackage:./data/city.gpkg".to_owned(),
            keep_days: 90,
            keep_rejected: 10_000,
            tile_cache_bytes: 64 << 20,
            tile_budget_bytes: Atlas::TILE_BUDGET_BYTES as u64,
        }
    }
}

/// `[mqtt]`: the broker.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mqtt {
    /// `mqtt://[user:password@]host:port`, or `embedded`.
    pub url: String,
    /// Where the embedded broker listens.
    pub embedded_listen: SocketAddr,
    /// Accepted by the embedded broker and not yet written, bytes; beyond it nobody may publish.
    pub embedded_backlog_bytes: usize,
    /// Name of the persistent session; with several ingest processes, what the names of their sessions begin with.
    pub client_id: String,
    /// Certificates of the authority that signed the broker's (PEM); by default the system's.
    pub ca_file: Option<PathBuf>,
}

impl std::fmt::Debug for Mqtt {
    /// The address may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mqtt").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

impl Default for Mqtt {
    fn default() -> Self {
        Self {
            url: "mqtt://127.0.0.1:1883".to_owned(),
            embedded_listen: SocketAddr::from(([127, 0, 0, 1], 1883)),
            embedded_backlog_bytes: 32 << 20,
            client_id: "misto-ingest".to_owned(),
            ca_file: None,
        }
    }
}

/// `[city]`: names, extent and how old is old.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct City {
    /// Name in Ukrainian.
    pub name_uk: String,
    /// Name in English.
    pub name_en: String,
    /// Whether the contents are invented sample data.
    pub sample: bool,
    /// Middle of the first view, longitude and latitude.
    pub center: [f64; 2],
    /// First view, west, south, east, north.
    pub bounds: Bbox,
    /// Fixes outside are history only, never live; absent = anywhere.
    pub live_bounds: Option<Bbox>,
    /// Time zone of the city.
    pub time_zone: String,
    /// Where people write or call who cannot use the map; the accessibility statement names it.
    pub contact: Option<String>,
    /// Up to this age, in seconds, a fix is live.
    pub stale_after_s: f64,
    /// Up to this age, in seconds, a fix is stale; beyond it the vehicle is lost.
    pub lost_after_s: f64,
    /// The public sees lost vehicles up to this age, in seconds.
    pub forget_after_s: f64,
}

impl Default for City {
    fn default() -> Self {
        Self {
            name_uk: "Івано-Франківськ".to_owned(),
            name_en: "Ivano-Frankivsk".to_owned(),
            sample: false,
            center: [24.7105, 48.9215],
            bounds: Bbox::new(24.62, 48.86, 24.80, 48.98).expect("a box in range"),
            live_bounds: None,
            time_zone: "Europe/Kyiv".to_owned(),
            contact: None,
            stale_after_s: 60.0,
            lost_after_s: 300.0,
            forget_after_s: 1_800.0,
        }
    }
}

impl City {
    /// The rules of the live state.
    pub fn fleet_rules(&self) -> FleetRules {
        FleetRules {
            stale_after_s: self.stale_after_s,
            lost_after_s: self.lost_after_s,
            city: self.live_bounds,
            remember_s: f64::from(UTILITY_DELAY_S) + 60.0,
        }
    }
}

/// The text with `…` in the place of what stands before the `@` of an address.
fn without_logins(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        out.push_str(before);
        out.push_str("://");
        let end = after.find(|c: char| c.is_whitespace() || "\"'`".contains(c)).unwrap_or(after.len());
        rest = after;
        if let Some(at) = after[..end].rfind('@') {
            out.push('…');
            rest = &after[at..];
        }
    }
    out.push_str(rest);
    out
}

/// Why the configuration cannot be used; the text names file, line and key.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {path}: {cause}")]
    Read {
        /// Which.
        path: String,
        /// Why.
        cause: std::io::Error,
    },
    /// The file does not say what it should.
    #[error("{path}: {cause}")]
    File {
        /// Which.
        path: String,
        /// Line, key and what would be right, with the line itself.
        cause: String,
    },
    /// An environment variable does not say what it should.
    #[error("environment variable {name}: {reason}")]
    Environment {
        /// Which.
        name: String,
        /// What would be right.
        reason: String,
    },
    /// A value is of the right type and still makes no sense.
    #[error("{key}: {reason}")]
    Value {
        /// Section and key.
        key: &'static str,
        /// What would be right.
        reason: String,
    },
}

impl Settings {
    /// Reads the file, then the environment.
    ///
    /// # Errors
    /// [`ConfigError`], which names the file and line or the variable.
    pub fn load(path: Option<&Path>) -> Result<Self, ConfigError> {
        let (name, text) = match path {
            None => (String::new(), String::new()),
            Some(path) => {
                let name = path.display().to_string();
                let text =
                    std::fs::read_to_string(path).map_err(|cause| ConfigError::Read { path: name.clone(), cause })?;
                (name, text)
            }
        };
        Self::parse(&name, &text, std::env::vars())
    }

    fn parse(
        name: &str,
        text: &str,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let file_error = |cause: toml::de::Error| ConfigError::File {
            path: name.to_owned(),
            cause: without_logins(&cause.to_string()),
        };
        // Read as a whole first: only then do errors know their line.
        let settings: Self = toml::from_str(text).map_err(file_error)?;
        let mut table: toml::Table = toml::from_str(text).map_err(file_error)?;
        let mut overridden = None;
        for (variable, value) in environment {
            let Some((section, key)) = section_and_key(&variable) else { continue };
            let entry = table.entry(section).or_insert_with(|| toml::Table::new().into());
            if let Some(entries) = entry.as_table_mut() {
                entries.insert(key, toml_value(&value));
                Self::deserialize(table.clone()).map_err(|cause| ConfigError::Environment {
                    name: variable.clone(),
                    reason: without_logins(cause.message()),
                })?;
                overridden = Some(());
            }
        }
        let settings = match overridden {
            None => settings,
            Some(()) => Self::deserialize(table).map_err(file_error)?,
        };
        settings.check()
    }

    fn check(self) -> Result<Self, ConfigError> {
        if self.city.stale_after_s <= 0.0 || self.city.lost_after_s < self.city.stale_after_s {
            return Err(ConfigError::Value {
                key: "city.lost_after_s",
                reason: "must not be smaller than stale_after_s, and both must be positive".to_owned(),
            });
        }
        self.gtfs_realtime.iter().try_for_each(ForeignFeed::check)?;
        self.reports.check()?;
        if jiff::tz::TimeZone::get(&self.city.time_zone).is_err() {
            return Err(ConfigError::Value {
                key: "city.time_zone",
                reason: format!("{:?} is no time zone; for example Europe/Kyiv", self.city.time_zone),
            });
        }
        Ok(self)
    }
}

/// `MISTO_HTTP_LISTEN` → `http`, `listen`; other variables are nobody's business here.
fn section_and_key(variable: &str) -> Option<(String, String)> {
    let rest = variable.strip_prefix("MISTO_")?;
    let (section, key) = rest.split_once('_')?;
    ["HTTP", "STORE", "MQTT", "CITY", "REPORTS"]
        .contains(&section)
        .then(|| (section.to_lowercase(), key.to_lowercase()))
}

/// Numbers and truth values as such, everything else as text.
fn toml_value(text: &str) -> toml::Value {
    if let Ok(whole) = text.parse::<i64>() {
        toml::Value::Integer(whole)
    } else if let Ok(number) = text.parse::<f64>() {
        toml::Value::Float(number)
    } else if let Ok(truth) = text.parse::<bool>() {
        toml::Value::Boolean(truth)
    } else {
        toml::Value::String(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, environment: &[(&str, &str)]) -> Result<Settings, String> {
        let environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Settings::parse("misto.toml", text, environment).map_err(|e| e.to_string())
    }

    #[test]
    fn the_smallest_configuration_is_none() {
        assert_eq!(parse("", &[]).unwrap().http.listen.port(), 8080);
    }

    #[test]
    fn an_error_names_file_line_and_key() {
        let message = parse("[http]\nlisten = \"127.0.0.1:80\"\n[store]\nurll = \"x\"\n", &[]).unwrap_err();
        assert!(message.contains("misto.toml") && message.contains("line 4") && message.contains("urll"), "{message}");
        let message = parse("[http]\nlisten = 5\n", &[]).unwrap_err();
        assert!(message.contains("line 2"), "{message}");
    }

    #[test]
    fn the_environment_overrides_a_key() {
        let settings = parse("[http]\nlisten = \"127.0.0.1:1\"", &[("MISTO_HTTP_LISTEN", "127.0.0.1:9")]).unwrap();
        assert_eq!(settings.http.listen.port(), 9);
        let message = parse("", &[("MISTO_HTTP_LISTEN", "nowhere")]).unwrap_err();
        assert!(message.contains("MISTO_HTTP_LISTEN"), "{message}");
        assert!(parse("", &[("MISTO_TEST_DATA", "x")]).is_ok());
    }

    #[test]
    fn a_feed_of_others_is_checked_and_its_key_is_not_printed() {
        let feed = |rest: &str| format!("[[gtfs_realtime]]\nsource = \"region\"\n{rest}\n");
        let settings = parse(&feed("url = \"https://host:8443/vp.pb?key=secret\""), &[]).unwrap();
        let one = &settings.gtfs_realtime[0];
        assert_eq!((one.every_s, one.feed.is_city(), one.url.to_string().as_str()), (30, true, "host:8443"));
        assert!(!format!("{settings:?}").contains("secret"));
        for (wrong, named) in [
            ("url = \"ftp://host/vp.pb\"", "url"),
            ("url = \"/vp.pb\"", "url"),
            ("url = \"https://host/\"\nevery_s = 1", "gtfs_realtime.every_s"),
            ("url = \"https://host/\"\nevery = 9", "every"),
            ("", "url"),
        ] {
            let message = parse(&feed(wrong), &[]).unwrap_err();
            assert!(message.contains(named), "{message}");
        }
    }

    #[test]
    fn a_password_in_an_address_is_not_printed() {
        let settings = parse(
            "[mqtt]\nurl = \"mqtt://me:secret@host:1883\"\n[store]\nurl = \"postgres://me:secret@host/city\"",
            &[],
        )
        .unwrap();
        assert!(!format!("{settings:?}").contains("secret"));
        for wrong in ["[store]\nurl = \"postgres://me:sec@ret@host/city", "[store]\nurll = 'mqtts://me:sec@ret@host'"] {
            let message = parse(wrong, &[]).unwrap_err();
            assert!(
                message.contains("://…@host") && message.contains("line 2") && !message.contains("ret"),
                "{message}"
            );
        }
    }
}
