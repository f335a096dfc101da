//! Reads `--notify URL`: which channel takes it, and from which severity on.

use std::fmt;

use url::Url;

use super::label;
use super::mail::Mail;
use crate::alert::Severity;
use crate::alert::delivery::transport::{Link, Transport};

/// What is allowed, as a sentence.
pub(crate) const ALLOWED: &str = "Allowed are https://…, slack://…, ntfy://HOST/TOPIC and smtps://USER:PASSWORD@HOST/?to=…, \
                           each with #info, #warning or #critical behind it; docs/alerts.md has all forms.";

/// Letters of an ntfy topic.
const TOPIC: usize = 64;

/// An outside channel. Its address is shown to nobody: it may hold a token.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Channel {
    pub transport: Transport,
    /// The least severity that is sent there.
    pub minimum: Severity,
    /// What may be shown of its address.
    pub label: String,
    /// Whether everybody on the way can read what is sent.
    pub is_open: bool,
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Channel({}, from {})", self.label, self.minimum)
    }
}

impl Channel {
    /// Reads an address.
    ///
    /// # Errors
    /// What is wrong with it, without a full stop and without the address itself.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let (scheme, mut url) = split(text)?;
        let minimum = minimum(&url)?;
        url.set_fragment(None);
        let label = label::of(scheme, &url);
        let transport = match scheme {
            "https" | "http" => Transport::Json(Link::new(&url)),
            "slack" | "slack+http" if url.path().len() > 1 => Transport::Slack(Link::new(&url)),
            "slack" | "slack+http" => return Err("the webhook's path is missing".to_owned()),
            "ntfy" | "ntfy+http" => ntfy(&url)?,
            "smtps" | "smtp" => Transport::Mail(Mail::read(scheme == "smtps", &url)?),
            _ => return Err(format!("there is no channel for {scheme}://")),
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
            _ => Err("that is no https:// address without a severity".to_owned()),
        }
    }
}

/// The scheme as it was typed, and the rest as an address that can be read strictly.
fn split(text: &str) -> Result<(&str, Url), String> {
    let missing = || "that is no address with :// in it".to_owned();
    let (scheme, rest) = text.trim().split_once("://").ok_or_else(missing)?;
    let plain = |c: char| c.is_ascii_lowercase() || c == '+';
    if scheme.is_empty() || !scheme.chars().all(plain) {
        return Err(missing());
    }
    if rest.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("there is a blank in it; write %20".to_owned());
    }
    // The default port of ftp is one that no mail server has, so a port that was typed is kept.
    let strict = match scheme {
        "smtp" | "smtps" => "ftp",
        "http" | "slack+http" | "ntfy+http" => "http",
        _ => "https",
    };
    let url = Url::parse(&format!("{strict}://{rest}"));
    let url = url.map_err(|error| format!("the address can't be read ({error})"))?;
    Ok((scheme, url))
}

fn minimum(url: &Url) -> Result<Severity, String> {
    match url.fragment() {
        None => Ok(Severity::default()),
        Some(name) => {
            Severity::named(name).ok_or_else(|| "there is no such severity behind the #".to_owned())
        }
    }
}

/// The topic is the last part of the path; what is before it is where the server is.
fn ntfy(url: &Url) -> Result<Transport, String> {
    let path = url.path().to_owned();
    let (base, topic) = path.rsplit_once('/').unwrap_or_default();
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    if topic.is_empty() || topic.len() > TOPIC || !topic.chars().all(fits) {
        return Err("the topic is missing, or none that ntfy takes".to_owned());
    }
    let mut server = url.clone();
    server.set_path(&format!("{base}/"));
    Ok(Transport::Ntfy(Link::new(&server), topic.to_owned()))
}

/// Whether nothing that is sent there leaves the machine.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
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
    fn the_least_severity_stands_behind_the_hash() {
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
    fn what_no_channel_takes_is_refused_and_not_repeated() {
        for (text, said) in [
            ("", "://"),
            ("secret", "://"),
            ("HTTPS", "://"),
            ("gopher://h/secret", "no channel for gopher"),
            ("https://", "can't be read"),
            ("https://h:99999/secret", "can't be read"),
            ("https://h/a secret", "blank"),
            ("slack://h", "path is missing"),
            ("ntfy://h", "topic"),
            ("ntfy://h/", "topic"),
            ("ntfy://h/se%20cret", "topic"),
            ("smtps://u:secret@h", "to="),
            ("smtps://h/?to=a@b.org", "from="),
            ("smtps://u@h/?to=a@b.org&from=a@b.org", "password"),
            ("smtps://h/?to=secret&from=a@b.org", "no email address"),
            ("smtps://h/?to=a@b.org&form=a@b.org", "form="),
            ("smtps://h/?to=a@b.org&from=a@b.org&tls=none", "tls="),
        ] {
            let error = Channel::read(text).unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
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
}
