//! Reads `--notify URL`: the channel and its minimum severity; and the part of an address that may be shown.

use std::fmt;

use url::Url;

use super::mail::Mail;
use crate::alert::Severity;
use crate::alert::delivery::transport::{Link, Transport};

pub(crate) const ALLOWED: &str = "Allowed are https://…, slack://…, ntfy://HOST/TOPIC and smtps://USER:PASSWORD@HOST/?to=…, \
                           each with an optional #info, #warning or #critical; docs/alerts.md lists all forms.";

/// The longest ntfy topic.
const TOPIC: usize = 64;

/// An outside channel. Its address is never shown, because it may contain a token.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Channel {
    pub transport: Transport,
    /// The lowest severity that is sent there.
    pub minimum: Severity,
    /// The part of its address that may be shown.
    pub label: String,
    /// Whether messages are sent unencrypted over the network.
    pub is_open: bool,
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Channel({}, from {})", self.label, self.minimum)
    }
}

impl Channel {
    /// # Errors
    /// What is wrong with the address, without a full stop and without the address itself.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let (scheme, mut url) = split(text)?;
        let minimum = minimum(&url)?;
        url.set_fragment(None);
        let label = label(scheme, &url);
        let transport = match scheme {
            "https" | "http" => Transport::Json(Link::new(&url)),
            "slack" | "slack+http" if url.path().len() > 1 => Transport::Slack(Link::new(&url)),
            "slack" | "slack+http" => return Err("the webhook's path is missing".to_owned()),
            "ntfy" | "ntfy+http" => ntfy(&url)?,
            "smtps" | "smtp" => Transport::Mail(Mail::read(scheme == "smtps", &url)?),
            _ => return Err(format!("{scheme}:// is not supported")),
        };
        let is_open = match &transport {
            Transport::Mail(mail) => !mail.is_encrypted(),
            _ => url.scheme() == "http",
        };
        Ok(Self {
            is_open: is_open && !is_loopback(&url),
            transport,
            minimum,
            label,
        })
    }

    /// Reads the address of a heartbeat, which is only called.
    ///
    /// # Errors
    /// As [`Channel::read`].
    pub(crate) fn heartbeat(text: &str) -> Result<Self, String> {
        let channel = Self::read(text)?;
        match channel.transport {
            Transport::Json(link) if !text.contains('#') => Ok(Self {
                transport: Transport::Heartbeat(link),
                ..channel
            }),
            _ => Err("a heartbeat needs an https:// address without #severity".to_owned()),
        }
    }
}

/// The scheme as it was typed, and the rest as an address that can be read strictly.
fn split(text: &str) -> Result<(&str, Url), String> {
    let missing = || "it is not an address with ://".to_owned();
    let (scheme, rest) = text.trim().split_once("://").ok_or_else(missing)?;
    let plain = |c: char| c.is_ascii_lowercase() || c == '+';
    if scheme.is_empty() || !scheme.chars().all(plain) {
        return Err(missing());
    }
    if rest.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("it contains a space; write %20".to_owned());
    }
    // The default port of ftp is one that no mail server has, so a port that was typed is kept.
    let strict = match scheme {
        "smtp" | "smtps" => "ftp",
        "http" | "slack+http" | "ntfy+http" => "http",
        _ => "https",
    };
    let url = Url::parse(&format!("{strict}://{rest}"));
    let url = url.map_err(|error| format!("it is not a valid address ({error})"))?;
    Ok((scheme, url))
}

fn minimum(url: &Url) -> Result<Severity, String> {
    match url.fragment() {
        None => Ok(Severity::default()),
        Some(name) => (name.parse()).map_err(|_| "the severity after # is unknown".to_owned()),
    }
}

/// The topic is the last part of the path; the rest is the server's address.
fn ntfy(url: &Url) -> Result<Transport, String> {
    let path = url.path().to_owned();
    let (base, topic) = path.rsplit_once('/').unwrap_or_default();
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    if topic.is_empty() || topic.len() > TOPIC || !topic.chars().all(fits) {
        return Err("the topic is missing or not a valid ntfy topic".to_owned());
    }
    let mut server = url.clone();
    server.set_path(&format!("{base}/"));
    Ok(Transport::Ntfy(Link::new(&server), topic.to_owned()))
}

/// Whether the host is this machine.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Shown instead of a command or an invalid address.
const HIDDEN: &str = "(set, not shown)";

/// Shown instead of user, password, path and query.
const REST: &str = "…";

/// `scheme://host:port/…`; `scheme` is the one that was typed.
fn label(scheme: &str, url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url
        .port()
        .map_or_else(String::new, |port| format!(":{port}"));
    let has_rest = url.path().len() > 1 || url.query().is_some() || !url.username().is_empty();
    let rest = if has_rest { REST } else { "" };
    format!("{scheme}://{host}{port}/{rest}")
}

/// A value of a setting that may hold secrets: each address reduced to its host, everything else hidden.
pub(crate) fn redact(text: &str) -> String {
    let words: Option<Vec<_>> = text.split_whitespace().map(redact_one).collect();
    let words = words.filter(|words| !words.is_empty());
    words.map_or_else(|| HIDDEN.to_owned(), |words| words.join(" "))
}

fn redact_one(word: &str) -> Option<String> {
    let (scheme, rest) = word.split_once("://")?;
    let plain = scheme
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || c == '+');
    let url = Url::parse(&format!("https://{rest}")).ok()?;
    (plain && url.host_str().is_some()).then(|| {
        let hides = url.fragment().is_some_and(|f| !f.is_empty());
        let shown = label(scheme, &url);
        let severity = url
            .fragment()
            .and_then(|name| name.parse::<Severity>().ok());
        match severity {
            Some(severity) => format!("{shown}#{severity}"),
            None if hides => format!("{shown}#{REST}"),
            None => shown,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg_attr(not(feature = "network"), ignore = "without the feature network")]
    fn each_scheme_has_its_channel() {
        for (text, transport, open) in [
            ("https://h/x?y=1", "json", false),
            ("http://127.0.0.1:80/x", "json", false),
            ("http://h/x", "json", true),
            ("slack://hooks.slack.com/services/x", "slack", false),
            ("slack+http://[::1]:1/x", "slack", false),
            ("ntfy://ntfy.sh/my-topic_1", "ntfy", false),
            ("ntfy+http://h/base/topic", "ntfy", true),
            ("smtps://u:p@h/?from=a@b.org&to=c@d.org", "mail", false),
            (
                "smtp://localhost:25/?from=a@b.org&to=c@d.org,e@f.org",
                "mail",
                false,
            ),
            ("smtp://h/?from=a@b.org&to=c@d.org", "mail", true),
            (
                "smtp://u:p@h/?from=a@b.org&to=c@d.org&tls=required",
                "mail",
                false,
            ),
        ] {
            let channel = Channel::read(text).unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(
                (channel.transport.name(), channel.is_open),
                (transport, open),
                "{text}"
            );
        }
    }

    #[test]
    fn the_minimum_severity_follows_the_hash() {
        let minimum = |text| Channel::read(text).map(|channel| channel.minimum);
        assert_eq!(minimum("https://h/x"), Ok(Severity::Info));
        assert_eq!(minimum("ntfy://h/x#warning"), Ok(Severity::Warning));
        assert_eq!(minimum("https://h/x#critical"), Ok(Severity::Critical));
        assert!(
            minimum("https://h/x#urgent")
                .unwrap_err()
                .contains("severity")
        );
    }

    #[test]
    #[cfg_attr(not(feature = "network"), ignore = "without the feature network")]
    fn an_address_that_no_channel_accepts_is_refused_and_not_repeated() {
        for (text, expected) in [
            ("", "://"),
            ("secret", "://"),
            ("HTTPS", "://"),
            ("gopher://h/secret", "gopher:// is not supported"),
            ("https://", "not a valid address"),
            ("https://h:99999/secret", "not a valid address"),
            ("https://h/a secret", "space"),
            ("slack://h", "path is missing"),
            ("ntfy://h", "topic"),
            ("ntfy://h/", "topic"),
            ("ntfy://h/se%20cret", "topic"),
            ("smtps://u:secret@h", "to="),
            ("smtps://h/?to=a@b.org", "from="),
            ("smtps://u@h/?to=a@b.org&from=a@b.org", "password"),
            ("smtps://h/?to=secret&from=a@b.org", "not an email address"),
            ("smtps://h/?to=a@b.org&form=a@b.org", "form="),
            ("smtps://h/?to=a@b.org&from=a@b.org&tls=none", "tls="),
        ] {
            let error = Channel::read(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_heartbeat_is_a_web_address() {
        assert!(Channel::heartbeat("https://h/ping").is_ok());
        for wrong in ["ntfy://h/x", "https://h/x#critical", "x"] {
            assert!(Channel::heartbeat(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    #[cfg_attr(not(feature = "network"), ignore = "without the feature network")]
    fn nothing_shows_what_is_in_an_address() {
        let text = "smtps://user:secret@h/?from=a@b.org&to=c@d.org";
        let shown = format!("{:?}", Channel::read(text).unwrap());
        assert_eq!(shown, "Channel(smtps://h/…, from info)");
        let transport = format!("{:?}", Channel::read(text).unwrap().transport);
        assert!(
            !transport.contains("secret") && !transport.contains("user"),
            "{transport}"
        );
    }

    #[test]
    fn the_host_stays_and_all_that_can_be_a_secret_goes() {
        for (text, shown) in [
            (
                "https://hooks.slack.com/services/T0/B0/xyz",
                "https://hooks.slack.com/…",
            ),
            (
                "smtps://me:pass@mail.example.org:465/?to=a@b.c#critical",
                "smtps://mail.example.org:465/…#critical",
            ),
            (
                "ntfy://ntfy.sh/topic ntfy://[::1]:80/x",
                "ntfy://ntfy.sh/… ntfy://[::1]:80/…",
            ),
            ("https://host?token=1", "https://host/…"),
            ("https://host/#token", "https://host/#…"),
            ("https://host", "https://host/"),
            ("token", HIDDEN),
            ("https://host/ token", HIDDEN),
            ("tok en://host", HIDDEN),
            ("curl -H 'X: y' https://host/", HIDDEN),
            ("", HIDDEN),
        ] {
            assert_eq!(redact(text), shown, "{text}");
        }
    }
}
