//! How a message is sent to each kind of channel.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use url::Url;

use super::http::Http;
use super::mail::Mail;
use super::retry::Failure;
use crate::alert::Severity;
use crate::alert::message::{Message, State};

/// Shorter parts of an address occur in too many words to be removed from a text, and are no secrets.
pub(super) const SHORTEST_SECRET: usize = 3;

/// A web address with credentials. No part of it is shown, because any may be a token.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Link {
    url: String,
    authorization: Option<String>,
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

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// The value of the authorization header.
    pub(super) fn authorization(&self) -> Option<&str> {
        self.authorization.as_deref()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn link(text: &str) -> Link {
        Link::new(&Url::parse(text).unwrap())
    }

    #[test]
    fn user_and_password_are_a_header_and_a_password_alone_is_a_token() {
        let both = link("https://martin:se%20cret@h/x");
        assert_eq!(both.url(), "https://h/x");
        assert_eq!(both.authorization(), Some("Basic bWFydGluOnNlIGNyZXQ="));
        let token = link("https://:tk_1@h/");
        assert_eq!(token.authorization(), Some("Bearer tk_1"));
        assert_eq!(link("https://h/").authorization(), None);
    }

    #[test]
    fn an_error_is_cleaned_of_everything_that_may_be_a_secret() {
        let link = link("https://martin:pass@h/services/T0?token=abc");
        let said = link.clean("GET https://martin:pass@h/services/T0?token=abc failed: h");
        assert_eq!(said, "GET https://…:…@h…?… failed: h");
    }
}
