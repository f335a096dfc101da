//! Posts to web addresses: with time limits, and without redirects, because a message is meant for one host.

use std::cell::OnceCell;

use serde_json::Value;
use ureq::http::{Response, StatusCode};
use ureq::tls::TlsConfig;
use ureq::{Agent, Body, Error};

use super::tls;
use super::transport::{Failure, Link, TIMEOUT};

/// Statuses below 500 that are worth another try: the server is busy or was too slow.
const PASSING: [StatusCode; 2] = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];

#[derive(Default)]
pub(crate) struct Http(OnceCell<Agent>);

impl Http {
    /// Created when first needed, because it reads the system's certificates.
    fn agent(&self) -> &Agent {
        self.0.get_or_init(agent)
    }

    /// Posts JSON; returns the answer in a few words.
    ///
    /// # Errors
    /// It was not delivered, or was refused.
    pub(crate) fn post(&self, link: &Link, body: &Value) -> Result<String, Failure> {
        let mut request = self.agent().post(&link.url);
        if let Some(value) = &link.authorization {
            request = request.header("authorization", value);
        }
        let request = request.content_type("application/json");
        judge(request.send(body.to_string()), link)
    }

    /// Sends a GET without a message.
    ///
    /// # Errors
    /// As [`Http::post`].
    pub(crate) fn call(&self, link: &Link) -> Result<String, Failure> {
        let mut request = self.agent().get(&link.url);
        if let Some(value) = &link.authorization {
            request = request.header("authorization", value);
        }
        judge(request.call(), link)
    }
}

fn agent() -> Agent {
    let config = TlsConfig::builder().root_certs(tls::for_web()).build();
    Agent::config_builder()
        .tls_config(config)
        .timeout_global(Some(TIMEOUT))
        // Messages are rare, and servers close what is idle.
        .max_idle_connections(0)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .user_agent(concat!("keygen/", env!("CARGO_PKG_VERSION")))
        .build()
        .new_agent()
}

fn judge(answer: Result<Response<Body>, Error>, link: &Link) -> Result<String, Failure> {
    let status = match answer {
        Ok(response) => response.status(),
        Err(error) => return Err(Failure::passing(link.clean(&words(&error)))),
    };
    let reason = format!("the server answered {status}");
    if status.is_success() {
        return Ok(status.to_string());
    }
    if status.is_redirection() {
        let advice = "redirects are not followed: give the final address";
        return Err(Failure::lasting(format!("{reason}; {advice}")));
    }
    Err(Failure {
        reason,
        passing: status.is_server_error() || PASSING.contains(&status),
    })
}

/// The error in words, without the library's own prefix.
fn words(error: &Error) -> String {
    match error {
        Error::Timeout(_) => format!("no answer within {} s", TIMEOUT.as_secs()),
        Error::HostNotFound => "unknown host".to_owned(),
        Error::Io(error) => {
            let text = error.to_string();
            let text = text.split(" (os error").next();
            tls::advise(text.unwrap_or_default().to_owned())
        }
        error => tls::advise(error.to_string()),
    }
}
