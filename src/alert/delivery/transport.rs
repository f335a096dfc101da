//! How a message is sent to each kind of channel, and tried again. The caller supplies the pauses, so that tests need not
//! wait.

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use url::Url;

use super::http::Http;
use super::mail::Mail;
use crate::alert::message::Message;
use crate::alert::{Severity, State};

/// Shorter parts of an address occur in too many words to be removed from a text, and are no secrets.
pub(super) const SHORTEST_SECRET: usize = 3;

/// A web address with credentials. No part of it is shown, because any may be a token.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub(super) url: String,
    /// The value of the authorization header.
    pub(super) authorization: Option<String>,
    /// Texts that an error must not repeat.
    secrets: Vec<String>,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link(…)")
    }
}

impl Link {
    /// An address; user and password become a header: a password alone is a token.
    pub(super) fn new(url: &Url) -> Self {
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let (user, password) = (decode(url.username()), url.password().map(decode));
        let authorization = match (user.as_str(), &password) {
            ("", None) => None,
            ("", Some(token)) => Some(format!("Bearer {token}")),
            (user, password) => {
                let pair = format!("{user}:{}", password.as_deref().unwrap_or_default());
                Some(format!("Basic {}", STANDARD.encode(pair)))
            }
        };
        let mut bare = url.clone();
        // This can't fail for an address with a host.
        let _ = bare.set_username("").and_then(|()| bare.set_password(None));
        let parts = [url.path(), url.query().unwrap_or_default(), user.as_str()];
        let secrets = parts.into_iter().map(str::to_owned).chain(password);
        Self {
            url: bare.to_string(),
            authorization,
            secrets: secrets
                .filter(|secret| secret.len() >= SHORTEST_SECRET)
                .collect(),
        }
    }

    /// The text without any part of this address that may be a secret.
    pub(super) fn clean(&self, text: &str) -> String {
        clean(text, &self.secrets)
    }
}

/// The text with each of these secrets replaced by "…".
pub(super) fn clean(text: &str, secrets: &[String]) -> String {
    let hide = |text: String, secret: &String| text.replace(secret.as_str(), "…");
    secrets.iter().fold(text.to_owned(), hide)
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// As JSON, to any web address.
    Json(Link),
    /// To a webhook that understands Slack's form.
    Slack(Link),
    /// To a topic of an ntfy server.
    Ntfy(Link, String),
    /// As an email.
    Mail(Mail),
    /// Only called, without a message.
    Heartbeat(Link),
}

impl Transport {
    #[cfg(test)]
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Json(_) => "json",
            Self::Slack(_) => "slack",
            Self::Ntfy(..) => "ntfy",
            Self::Mail(_) => "mail",
            Self::Heartbeat(_) => "heartbeat",
        }
    }

    /// Sends once; returns the answer in a few words.
    ///
    /// # Errors
    /// It was not delivered.
    pub(crate) fn send(&self, message: &Message, http: &Http) -> Result<String, Failure> {
        match self {
            Self::Json(link) => http.post(link, &json!(message)),
            Self::Slack(link) => http.post(link, &slack(message)),
            Self::Ntfy(link, topic) => http.post(link, &ntfy(message, topic)),
            Self::Mail(mail) => mail.send(message),
            Self::Heartbeat(link) => http.call(link),
        }
    }
}

/// Slack's form: three characters have a meaning in its texts.
fn slack(message: &Message) -> Value {
    let text = format!("*{}*\n{}", message.title(), message.text());
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    json!({"text": text})
}

/// ntfy's JSON form: unlike its header form it allows any character in title and text.
fn ntfy(message: &Message, topic: &str) -> Value {
    let found = message.public_key.is_some();
    let (priority, tag) = match message.severity {
        _ if found => (4, "key"),
        _ if message.state == State::Resolved => (2, "white_check_mark"),
        Severity::Info => (3, "information_source"),
        Severity::Warning => (4, "warning"),
        Severity::Critical => (5, "rotating_light"),
    };
    json!({
        "topic": topic,
        "title": message.title(),
        "message": message.text(),
        "priority": priority,
        "tags": [tag],
    })
}

/// Pauses between the tries.
pub(crate) const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3)];

/// How long one try may take.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);

/// Why a message was not delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Without a full stop and without anything secret.
    pub reason: String,
    /// Whether another try may succeed.
    pub passing: bool,
}

impl Failure {
    pub(crate) fn passing(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            passing: true,
        }
    }

    pub(crate) fn lasting(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            passing: false,
        }
    }
}

/// Tries up to three times; a lasting failure is not retried.
///
/// # Errors
/// The last failure.
pub(crate) fn deliver<T>(
    mut attempt: impl FnMut() -> Result<T, Failure>,
    mut pause: impl FnMut(Duration),
) -> Result<T, Failure> {
    for wait in PAUSES {
        match attempt() {
            Err(failure) if failure.passing => pause(wait),
            done => return done,
        }
    }
    attempt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(text: &str) -> Link {
        Link::new(&Url::parse(text).unwrap())
    }

    #[test]
    fn user_and_password_are_a_header_and_a_password_alone_is_a_token() {
        let both = link("https://martin:se%20cret@h/x");
        assert_eq!(both.url, "https://h/x");
        assert_eq!(
            both.authorization.as_deref(),
            Some("Basic bWFydGluOnNlIGNyZXQ=")
        );
        let token = link("https://:tk_1@h/");
        assert_eq!(token.authorization.as_deref(), Some("Bearer tk_1"));
        assert_eq!(link("https://h/").authorization, None);
    }

    #[test]
    fn an_error_is_cleaned_of_everything_that_may_be_a_secret() {
        let link = link("https://martin:pass@h/services/T0?token=abc");
        let said = link.clean("GET https://martin:pass@h/services/T0?token=abc failed: h");
        assert_eq!(said, "GET https://…:…@h…?… failed: h");
    }

    /// The pauses that were made, and what came of it.
    fn course(results: &[Result<u8, Failure>]) -> (Vec<Duration>, Result<u8, Failure>) {
        let mut left = results.iter();
        let mut pauses = Vec::new();
        let attempt = || left.next().cloned().unwrap();
        let result = deliver(attempt, |pause| pauses.push(pause));
        (pauses, result)
    }

    #[test]
    fn it_is_tried_three_times_with_growing_pauses() {
        let failed = || Err(Failure::passing("no answer"));
        let (pauses, result) = course(&[failed(), failed(), failed()]);
        assert_eq!((&pauses[..], result), (&PAUSES[..], failed()));
        assert!(PAUSES[0] < PAUSES[1]);
    }

    #[test]
    fn one_that_works_ends_it() {
        let (pauses, result) = course(&[Err(Failure::passing("busy")), Ok(1)]);
        assert_eq!((pauses.len(), result), (1, Ok(1)));
    }

    #[test]
    fn what_will_not_pass_is_tried_once() {
        let (pauses, result) = course(&[Err(Failure::lasting("not found"))]);
        assert!(pauses.is_empty() && result.is_err());
    }
}
