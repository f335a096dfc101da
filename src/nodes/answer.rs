//! The answer of a web address, read whole within limits of time and size.

use std::io::{self, Read};
use std::time::Duration;

use ureq::Agent;
use ureq::tls::TlsConfig;

use super::fetch::Limits;
use crate::alert::delivery::tls;
use crate::alert::delivery::transport::Failure;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Says which program asks, and where its makers are found.
const USER_AGENT: &str = concat!(
    "meshcore-keygen/",
    env!("CARGO_PKG_VERSION"),
    " (keygen; list of nodes)"
);

fn agent(limits: Limits) -> Agent {
    let tls = TlsConfig::builder().root_certs(tls::for_web()).build();
    Agent::config_builder()
        .tls_config(tls)
        .timeout_global(Some(limits.time))
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .max_redirects(5)
        .http_status_as_error(false)
        .user_agent(USER_AGENT)
        .build()
        .new_agent()
}

/// Asks once, and reads the whole answer.
pub(super) fn attempt(address: &str, limits: Limits) -> Result<Vec<u8>, Failure> {
    let request = agent(limits)
        .get(address)
        .header("accept", "application/json, */*");
    let late = || format!("no whole answer within {} s", limits.time.as_secs_f64());
    let mut response = request.call().map_err(|error| match error {
        ureq::Error::Timeout(_) => Failure::passing(late()),
        error => Failure::passing(error.to_string()),
    })?;
    let status = response.status();
    if !status.is_success() {
        return Err(Failure {
            reason: format!("the server answered {status}"),
            passing: status.is_server_error() || matches!(status.as_u16(), 408 | 429),
        });
    }
    let mut bytes = Vec::new();
    let mut body = response.body_mut().as_reader().take(limits.bytes + 1);
    let read = body.read_to_end(&mut bytes);
    read.map_err(|error| match error.kind() {
        io::ErrorKind::TimedOut => Failure::passing(late()),
        _ => Failure::passing(format!(
            "the answer broke off after {} bytes: {error}",
            bytes.len()
        )),
    })?;
    if bytes.len() as u64 > limits.bytes {
        let most = limits.bytes >> 20;
        return Err(Failure::lasting(format!(
            "the answer has more than {most} MiB"
        )));
    }
    if bytes.is_empty() {
        return Err(Failure::lasting("the answer is empty"));
    }
    Ok(bytes)
}
