//! The fields of one message, each found once: the payload is walked through a single
//! time, not for every field that is asked for.

use super::super::borrowed::{self, Borrowed};
use super::super::field;
use super::super::refusal::Refusal;

macro_rules! keys {
    ($($key:ident = $name:literal,)*) => {
        /// Names of the fields that are read.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Key { $($key,)* }

        impl Key {
            const COUNT: usize = [$($name),*].len();

            fn named(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$key),)*
                    _ => None,
                }
            }

            /// As the payload spells it.
            pub(super) fn name(self) -> &'static str {
                match self { $(Self::$key => $name,)* }
            }
        }
    };
}

keys! {
    Desi = "desi",
    Dir = "dir",
    Oper = "oper",
    Veh = "veh",
    Tst = "tst",
    Spd = "spd",
    Hdg = "hdg",
    Lat = "lat",
    Long = "long",
    Acc = "acc",
    Dl = "dl",
    Odo = "odo",
    Drst = "drst",
    Oday = "oday",
    Jrn = "jrn",
    Line = "line",
    Start = "start",
    Loc = "loc",
    Stop = "stop",
    Route = "route",
    Occu = "occu",
    Seq = "seq",
    Ttarr = "ttarr",
    Ttdep = "ttdep",
    Sid = "sid",
    SignalGroup = "signal-groupid",
    TlpRequest = "tlp-requestid",
}

/// By key; null is absent, and of several with one name the last counts.
#[derive(Debug)]
pub(super) struct Fields<'v, 'a>([Option<&'v Borrowed<'a>>; Key::COUNT]);

impl<'v, 'a> Fields<'v, 'a> {
    /// Those of the object under the event's name in capitals.
    pub(super) fn of(payload: &'v Borrowed<'a>, event: &str) -> Result<Self, Refusal> {
        let object = payload
            .as_object()
            .ok_or_else(|| Refusal::field("the payload", &"no object", "an object with the event's name as key"))?;
        let key = event.to_uppercase();
        let body = borrowed::get(object, &key).ok_or_else(|| match object.first() {
            Some((other, _)) if other == "APC" => {
                Refusal::unsupported("APC: passenger counts carry no fix that Misto uses")
            }
            Some((other, _)) => Refusal::field(
                "the payload's key",
                &format_args!("{other:?}"),
                &format!("{key}, as the topic's event {event} says"),
            ),
            None => Refusal::missing(&key, "the payload's key is the event in capitals"),
        })?;
        let body = body.as_object().ok_or_else(|| Refusal::field(&key, &body.kind(), "a JSON object"))?;
        let mut found = [None; Key::COUNT];
        for (name, value) in body {
            if let Some(key) = Key::named(name) {
                found[key as usize] = (*value != Borrowed::Null).then_some(value);
            }
        }
        Ok(Self(found))
    }

    /// The raw value; `None` when absent or null.
    pub(super) fn get(&self, key: Key) -> Option<&'v Borrowed<'a>> {
        self.0[key as usize]
    }

    /// A finite number.
    pub(super) fn number(&self, key: Key) -> Result<Option<f64>, Refusal> {
        match self.get(key) {
            None => Ok(None),
            Some(Borrowed::Number(number)) => field::finite(key.name(), number).map(Some),
            Some(Borrowed::Text(text)) => Err(field::number_in_quotes(key.name(), text)),
            Some(other) => Err(Refusal::field(key.name(), &other.kind(), "a number")),
        }
    }

    /// A text; empty or blank is unknown.
    pub(super) fn text(&self, key: Key) -> Result<Option<&'v str>, Refusal> {
        match self.get(key) {
            None => Ok(None),
            Some(Borrowed::Text(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
            Some(other) => Err(Refusal::field(key.name(), &other.kind(), "a text in quotes")),
        }
    }
}
