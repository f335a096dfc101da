//! A message to an outside channel: public facts only, with host, session and time.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::{KeyFacts, Severity, State};
use crate::alert::throttle::Notice;
use crate::key::hex;
use crate::text::number::counted;

/// The version of the JSON form.
const VERSION: u32 = 1;

/// Who sends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sender {
    /// The machine's name.
    pub host: String,
    /// The session's name, if there is one.
    pub session: Option<String>,
}

impl Sender {
    /// A sender on this machine.
    pub(crate) fn here(session: Option<String>) -> Self {
        let host = sysinfo::System::host_name();
        Self {
            host: host.unwrap_or_else(|_| "unknown".to_owned()),
            session,
        }
    }
}

/// A message; serialises to what `--notify https://…` posts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Message {
    v: u32,
    pub name: &'static str,
    pub state: State,
    pub severity: Severity,
    pub message: String,
    /// Such as "worker-1".
    pub subject: String,
    pub host: String,
    pub session: Option<String>,
    /// When, in UTC.
    pub time: Timestamp,
    /// Alerts that were not sent to this channel since its last message.
    pub held_back: u64,
    /// The public key that was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The pattern that it fits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// The start of a claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// How far beyond it the key lies, in decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<String>,
    /// More about it.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub details: Value,
    version: &'static str,
}

impl Message {
    /// The message of a notice.
    pub(crate) fn new(notice: &Notice, sender: &Sender) -> Self {
        let change = &notice.change;
        let fact = |get: fn(&KeyFacts) -> &String| change.key.as_ref().map(|key| get(key).clone());
        let claim = change.key.as_ref().and_then(|key| key.claim);
        Self {
            v: VERSION,
            name: change.name,
            state: change.state,
            severity: change.severity(),
            message: change.message.clone(),
            subject: change.subject.name(),
            host: sender.host.clone(),
            session: sender.session.clone(),
            time: change.at,
            held_back: notice.held_back,
            public_key: fact(|key| &key.public_key),
            file: fact(|key| &key.file),
            pattern: fact(|key| &key.pattern),
            start: claim.map(|claim| hex::encode(&claim.start)),
            offset: claim.map(|claim| claim.offset.to_string()),
            details: change.details.clone(),
            version: env!("CARGO_PKG_VERSION"),
        }
    }

    /// One line: what, and where from.
    pub(crate) fn title(&self) -> String {
        let name = self.name;
        let what = match self.state {
            State::Resolved => format!("{name} is over"),
            State::Occurred if self.severity == Severity::Info => name.to_owned(),
            _ => format!("{}: {name}", self.severity),
        };
        format!("keygen: {what} ({})", self.origin())
    }

    /// "night on host", or "host".
    fn origin(&self) -> String {
        match &self.session {
            Some(session) => format!("{session} on {}", self.host),
            None => self.host.clone(),
        }
    }

    /// Everything in words, without the title.
    pub(crate) fn text(&self) -> String {
        let session = match &self.session {
            Some(session) => format!("session {session}"),
            None => "no session".to_owned(),
        };
        let time = self.time.strftime("%Y-%m-%d %H:%M:%S UTC");
        let mut text = format!("{}\n\nHost {}, {session}, {time}", self.message, self.host);
        if self.held_back > 0 {
            let alerts = counted(self.held_back, "alert");
            let were = if self.held_back == 1 { "was" } else { "were" };
            text += &format!("\n{alerts} {were} held back since the last message.");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::judge;
    use crate::exit::Ending;

    fn message(held_back: u64) -> Message {
        let change = judge::of_end(Ending::Found, "1 key found", Timestamp::UNIX_EPOCH);
        let sender = Sender {
            host: "north".to_owned(),
            session: Some("night".to_owned()),
        };
        Message::new(&Notice { change, held_back }, &sender)
    }

    #[test]
    fn every_form_names_host_session_and_time() {
        let message = message(2);
        assert_eq!(message.title(), "keygen: ended (night on north)");
        let text = message.text();
        for part in [
            "Host north, session night, 1970-01-01 00:00:00 UTC",
            "1 key found",
            "2 alerts were held back",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let value = serde_json::to_value(&message).unwrap();
        assert_eq!(
            (
                &value["host"],
                &value["session"],
                &value["time"],
                &value["v"]
            ),
            (
                &"north".into(),
                &"night".into(),
                &"1970-01-01T00:00:00Z".into(),
                &1.into()
            )
        );
        assert_eq!(value["details"]["ending"], "found");
    }
}
