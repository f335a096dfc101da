//! What each path of the HTTP server answers.

use std::io;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};

use hyper::body::Incoming;
use hyper::{Method, Request, Response, StatusCode, header};

use super::family::{self, Format};
use super::process::{self, Reader};
use super::{probes, search};
use crate::http::server::{self, Body, answer, set};
use crate::status::{LatestSnapshot, Seen};

const PLAIN: &str = "text/plain; charset=utf-8";

/// What stands at `/`.
const INDEX: &str = "<!DOCTYPE html>\n<html lang=\"en\"><head><title>keygen</title></head><body><h1>keygen</h1><ul>\n\
    <li><a href=\"/metrics\">/metrics</a>: for Prometheus</li>\n\
    <li><a href=\"/livez\">/livez</a>: whether the process and its supervisor answer</li>\n\
    <li><a href=\"/readyz\">/readyz</a>: whether the search is confirmed to go on</li>\n\
    <li><a href=\"/status\">/status</a>: where it stands, as JSON</li>\n</ul></body></html>\n";

/// An answer without the headers that all have.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The media type.
    pub kind: &'static str,
    /// The body.
    pub body: String,
}

impl Answer {
    fn plain(status: StatusCode, text: &str) -> Self {
        Self {
            status,
            kind: PLAIN,
            body: format!("{text}\n"),
        }
    }

    fn ok(kind: &'static str, body: String) -> Self {
        Self {
            status: StatusCode::OK,
            kind,
            body,
        }
    }
}

/// Everything that answers are made from.
#[derive(Clone, Debug)]
pub(super) struct Site {
    latest: LatestSnapshot,
    process: Arc<Mutex<Reader>>,
}

impl server::Site for Site {
    async fn respond(&self, request: Request<Incoming>) -> Response<Body> {
        let accept = request.headers().get(header::ACCEPT);
        let accept = accept.and_then(|value| value.to_str().ok());
        let answered = self.answer(request.method(), request.uri().path(), accept);
        let mut response = answer(answered.status, answered.kind, answered.body);
        if answered.status == StatusCode::METHOD_NOT_ALLOWED {
            set(&mut response, header::ALLOW, "GET, HEAD");
        }
        response
    }
}

impl Site {
    /// Answers from the latest snapshot.
    pub(super) fn new(latest: LatestSnapshot) -> Self {
        Self {
            latest,
            process: Arc::default(),
        }
    }

    /// The answer to a request.
    fn answer(&self, method: &Method, path: &str, accept: Option<&str>) -> Answer {
        if !matches!(path, "/" | "/metrics" | "/livez" | "/readyz" | "/status") {
            let text = "There is nothing here: see /metrics, /livez, /readyz and /status.";
            return Answer::plain(StatusCode::NOT_FOUND, text);
        }
        if method != Method::GET && method != Method::HEAD {
            let text = "Allowed are GET and HEAD.";
            return Answer::plain(StatusCode::METHOD_NOT_ALLOWED, text);
        }
        let seen = self.latest.look();
        match path {
            "/livez" => probe(probes::live(seen.as_ref())),
            "/readyz" => probe(probes::ready(seen.as_ref())),
            "/" => Answer::ok("text/html; charset=utf-8", INDEX.to_owned()),
            _ => match seen {
                None => probe(Err("the search has not begun".to_owned())),
                Some(seen) if path == "/metrics" => self.metrics(&seen, Format::accepted(accept)),
                Some(seen) => status(&seen),
            },
        }
    }

    fn metrics(&self, seen: &Seen, format: Format) -> Answer {
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        let mut families = search::families(&seen.snapshot);
        families.extend(process::families(&process.read()));
        Answer::ok(format.media_type(), family::write(families, None, format))
    }
}

fn probe(word: Result<String, String>) -> Answer {
    match word {
        Ok(text) => Answer::plain(StatusCode::OK, &format!("ok: {text}")),
        Err(text) => Answer::plain(StatusCode::SERVICE_UNAVAILABLE, &format!("not ok: {text}")),
    }
}

fn status(seen: &Seen) -> Answer {
    match serde_json::to_string(&*seen.snapshot) {
        Ok(json) => Answer::ok("application/json", json + "\n"),
        Err(error) => Answer::plain(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

/// Starts to serve on a thread of its own, which lasts as long as the process.
///
/// # Errors
/// The system refuses a thread or what it waits with.
pub(crate) fn start(listener: TcpListener, latest: LatestSnapshot) -> io::Result<()> {
    server::start("metrics", listener, Site::new(latest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::Snapshot;

    fn site() -> Site {
        let latest = LatestSnapshot::default();
        latest.put(Snapshot {
            candidates: 5,
            ..Snapshot::default()
        });
        Site::new(latest)
    }

    fn get(path: &str) -> Answer {
        site().answer(&Method::GET, path, None)
    }

    #[test]
    fn every_path_answers() {
        assert!(
            get("/metrics")
                .body
                .contains("\nkeygen_candidates_total 5\n")
        );
        assert!(
            get("/metrics")
                .body
                .contains("\nprocess_resident_memory_bytes ")
        );
        assert_eq!(get("/livez").status, StatusCode::OK);
        assert_eq!(get("/readyz").status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(get("/").body.contains("/metrics"));
        let status: serde_json::Value = serde_json::from_str(&get("/status").body).unwrap();
        assert_eq!(status["candidates"], 5);
    }

    #[test]
    fn prometheus_gets_the_format_that_it_asks_for() {
        let accept = Some("application/openmetrics-text;version=1.0.0");
        let answer = site().answer(&Method::GET, "/metrics", accept);
        assert!(answer.kind.starts_with("application/openmetrics-text"));
        assert!(answer.body.ends_with("# EOF\n"));
    }

    #[test]
    fn other_paths_and_methods_are_refused() {
        for path in ["/x", "", "*", "/metrics/", "/../etc/passwd", "//metrics"] {
            assert_eq!(get(path).status, StatusCode::NOT_FOUND, "{path}");
        }
        for method in [
            Method::POST,
            Method::DELETE,
            Method::from_bytes(b"BREW").unwrap(),
        ] {
            let answer = site().answer(&method, "/metrics", None);
            assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        }
    }

    #[test]
    fn before_the_first_picture_nothing_is_made_up() {
        for path in ["/metrics", "/status", "/livez", "/readyz"] {
            let answer = Site::new(LatestSnapshot::default()).answer(&Method::GET, path, None);
            assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
        }
    }
}
