//! Email: from an address such as `smtps://USER:PASSWORD@HOST/?from=…&to=…`, by lettre.

use std::{fmt, io};

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{SmtpTransport, Transport};
use percent_encoding::percent_decode_str;
use url::Url;

use super::tls;
use super::transport::{Failure, SHORTEST_SECRET, TIMEOUT, clean};
use crate::alert::message::Message;

/// Whether and how the connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Security {
    /// From the first byte.
    Wrapped,
    /// After the greeting; never without.
    StartTls,
    /// For a relay on this machine.
    None,
}

impl Security {
    const fn port(self) -> u16 {
        match self {
            Self::Wrapped => 465,
            Self::StartTls => 587,
            Self::None => 25,
        }
    }
}

/// A mail server with sender and recipients.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Mail {
    host: String,
    port: u16,
    security: Security,
    credentials: Option<(String, String)>,
    from: Mailbox,
    to: Vec<Mailbox>,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mail({}:{})", self.host, self.port)
    }
}

impl Mail {
    /// # Errors
    /// What is wrong with the address, without a full stop and without the address itself.
    pub(super) fn read(wrapped: bool, url: &Url) -> Result<Self, String> {
        let (mut to, mut from, mut starts) = (Vec::new(), None, false);
        for (name, value) in pairs(url) {
            match name {
                "to" => to.extend(value.split(',').map(mailbox)),
                "from" => from = Some(mailbox(&value)?),
                "tls" if value == "required" && !wrapped => starts = true,
                "tls" => {
                    return Err("tls= is allowed with smtp:// only, as tls=required".to_owned());
                }
                _ => {
                    return Err(format!(
                        "{name}= is not a parameter of an email address; allowed are from=, to= and tls="
                    ));
                }
            }
        }
        if to.is_empty() {
            return Err("to= (the recipients) is missing".to_owned());
        }
        let credentials = credentials(url)?;
        let user = credentials
            .as_ref()
            .and_then(|(user, _)| mailbox(user).ok());
        let from = from.or(user);
        let security = match (wrapped, starts) {
            (true, _) => Security::Wrapped,
            (_, true) => Security::StartTls,
            _ => Security::None,
        };
        Ok(Self {
            host: url.host_str().unwrap_or_default().to_owned(),
            port: url.port().unwrap_or(security.port()),
            security,
            credentials,
            from: from.ok_or("from= (the sender) is missing")?,
            to: to.into_iter().collect::<Result<_, _>>()?,
        })
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.security != Security::None
    }

    /// Sends an email; returns the server's answer.
    ///
    /// # Errors
    /// It was not accepted.
    pub(super) fn send(&self, message: &Message) -> Result<String, Failure> {
        let email = self
            .email(message)
            .map_err(|error| Failure::lasting(error.to_string()))?;
        let transport = self
            .transport(&message.host)
            .map_err(|e| self.failure(&e))?;
        let answer = transport
            .send(&email)
            .map_err(|error| self.failure(&error))?;
        let text = answer.message().next().unwrap_or_default();
        Ok(self.clean(&format!("{} {text}", answer.code())))
    }

    fn email(&self, message: &Message) -> Result<lettre::Message, lettre::error::Error> {
        let mut email = lettre::Message::builder()
            .from(self.from.clone())
            .subject(message.title())
            .header(ContentType::TEXT_PLAIN);
        for to in &self.to {
            email = email.to(to.clone());
        }
        email.body(message.text() + "\n")
    }

    fn transport(&self, host: &str) -> Result<SmtpTransport, lettre::transport::smtp::Error> {
        let tls = match self.security {
            Security::None => Tls::None,
            Security::Wrapped => Tls::Wrapper(self.certificates()?),
            Security::StartTls => Tls::Required(self.certificates()?),
        };
        // Brackets around an address belong to the URL only.
        let server = self.host.trim_matches(['[', ']']);
        let mut builder = SmtpTransport::builder_dangerous(server)
            .port(self.port)
            .timeout(Some(TIMEOUT))
            .tls(tls);
        let is_name = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
        if host.chars().all(is_name) {
            builder = builder.hello_name(ClientId::Domain(host.to_owned()));
        }
        if let Some((user, password)) = &self.credentials {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(builder.build())
    }

    fn certificates(&self) -> Result<TlsParameters, lettre::transport::smtp::Error> {
        TlsParameters::builder(self.host.clone())
            .certificate_store(tls::for_mail())
            .build()
    }

    fn failure(&self, error: &lettre::transport::smtp::Error) -> Failure {
        let reason = if is_late(error) {
            format!("no answer within {} s", TIMEOUT.as_secs())
        } else {
            tls::advise(self.clean(&error.to_string()))
        };
        Failure {
            reason,
            passing: !error.is_permanent() && !error.is_client(),
        }
    }

    /// A text without user and password.
    fn clean(&self, text: &str) -> String {
        let secrets: Vec<_> = self
            .credentials
            .iter()
            .flat_map(|(user, password)| [user.clone(), password.clone()])
            .filter(|secret| secret.len() >= SHORTEST_SECRET)
            .collect();
        clean(text, &secrets)
    }
}

/// Whether the server took too long. The library does not report the time-out of a socket read as one.
fn is_late(error: &lettre::transport::smtp::Error) -> bool {
    let first = std::error::Error::source(error);
    let mut causes = std::iter::successors(first, |cause| cause.source());
    let io = causes.find_map(|cause| cause.downcast_ref::<io::Error>());
    let is_late = |error: &io::Error| {
        matches!(
            error.kind(),
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
        )
    };
    error.is_timeout() || io.is_some_and(is_late)
}

/// The pairs of the query. Unlike in a form, + stands for itself, because email addresses contain it.
fn pairs(url: &Url) -> impl Iterator<Item = (&str, String)> {
    let pairs = url.query().unwrap_or_default().split('&');
    let pairs = pairs.filter(|pair| !pair.is_empty());
    pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (name, decode(value))
    })
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn mailbox(text: &str) -> Result<Mailbox, String> {
    let text = text.trim();
    text.parse()
        .map_err(|_| "from= or to= is not an email address".to_owned())
}

fn credentials(url: &Url) -> Result<Option<(String, String)>, String> {
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        (user, Some(password)) if !user.is_empty() => Ok(Some((decode(user), decode(password)))),
        _ => Err("give user and password together: USER:PASSWORD@HOST".to_owned()),
    }
}
