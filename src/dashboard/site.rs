//! What each path of the page answers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http_body_util::channel::{Channel, Sender};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderName};
use hyper::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::{Mutex, Semaphore, watch};
use tokio::time::timeout;

use super::access::{Access, Wants, is_own_origin};
use super::source::Source;
use crate::http::server::{self, Body, Lasting, answer};

const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json";
const PLAIN: &str = "text/plain; charset=utf-8";

const PAGE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");
const ENTER: &str = include_str!("page/enter.html");

/// Nothing from elsewhere, no script in the page's text, in no frame of another page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Time between two pictures; however many pages are open, there is one for all.
const EVERY: Duration = Duration::from_secs(1);

/// A picture that is older than this is taken anew when somebody asks.
const FRESH: Duration = Duration::from_millis(900);

/// Bytes of the body of a request.
const BODY: usize = 4096;

/// Requests that wait for a search, at a time.
const WAITING: usize = 2;

/// Everything that answers are made from; one for all connections.
pub(super) struct Shared {
    pub access: Access,
    pub source: Arc<Source>,
    /// Whether requests to a search are passed on.
    pub control: bool,
    /// Set once the search has ended.
    pub ended: watch::Receiver<bool>,
    picture: Mutex<Option<(Instant, Bytes)>>,
    waiting: Semaphore,
}

/// The pages.
#[derive(Clone)]
pub(super) struct Site(Arc<Shared>);

impl server::Site for Site {
    async fn respond(&self, request: Request<Incoming>) -> Response<Body> {
        let mut response = self.route(request).await;
        let mut set = |name: HeaderName, value| server::set(&mut response, name, value);
        set(header::CONTENT_SECURITY_POLICY, POLICY);
        set(header::REFERRER_POLICY, "no-referrer");
        set(header::X_FRAME_OPTIONS, "DENY");
        let resource = HeaderName::from_static("cross-origin-resource-policy");
        set(resource, "same-origin");
        response
    }
}

impl Site {
    pub(super) fn new(
        access: Access,
        source: Arc<Source>,
        control: bool,
        ended: watch::Receiver<bool>,
    ) -> Self {
        Self(Arc::new(Shared {
            access,
            source,
            control,
            ended,
            picture: Mutex::default(),
            waiting: Semaphore::new(WAITING),
        }))
    }

    async fn route(&self, request: Request<Incoming>) -> Response<Body> {
        let path = request.uri().path().to_owned();
        let (wants, method) = match path.as_str() {
            "/" | "/page.css" | "/page.js" => (Wants::Page, Method::GET),
            "/live" | "/past" => (Wants::Data, Method::GET),
            "/act" | "/enter" => (Wants::Change, Method::POST),
            _ => {
                return plain(
                    StatusCode::NOT_FOUND,
                    "There is nothing here: the page is at /.",
                );
            }
        };
        let access = &self.0.access;
        if !access.is_host(request.headers()) {
            let text = "This page is asked for by another name than its own: use the address that keygen printed.";
            return plain(StatusCode::MISDIRECTED_REQUEST, text);
        }
        if *request.method() != method {
            let text = format!("Allowed is {method}.");
            return plain(StatusCode::METHOD_NOT_ALLOWED, &text);
        }
        if !is_own_origin(request.headers(), wants) {
            return plain(
                StatusCode::FORBIDDEN,
                "Only the page itself may ask for this.",
            );
        }
        match path.as_str() {
            "/page.css" => {
                return answer(StatusCode::OK, "text/css; charset=utf-8", STYLE.to_owned());
            }
            "/page.js" => {
                return answer(
                    StatusCode::OK,
                    "text/javascript; charset=utf-8",
                    SCRIPT.to_owned(),
                );
            }
            "/enter" => return self.enter(request).await,
            _ => {}
        }
        if let Some(token) = token_in(request.uri().query()) {
            return self.exchange(&token, request.headers());
        }
        if !access.knows(request.headers()) {
            return self.stranger(wants, "");
        }
        match path.as_str() {
            "/live" => self.live(&request),
            "/past" => self.past(request.uri().query()).await,
            "/act" => self.act(request).await,
            _ => answer(StatusCode::OK, HTML, PAGE.to_owned()),
        }
    }

    /// Who has neither cookie nor token is told how to get in.
    fn stranger(&self, wants: Wants, wrong: &str) -> Response<Body> {
        if wants != Wants::Page {
            return plain(
                StatusCode::UNAUTHORIZED,
                "Open the link that keygen printed first.",
            );
        }
        let form = match self.0.access.has_token() {
            true => {
                "<form method=\"post\" action=\"/enter\"><label for=\"token\">Token</label>\
                     <input id=\"token\" name=\"token\" type=\"password\" required autocomplete=\"current-password\">\
                     <button>Open</button></form>"
            }
            false => {
                "<p>Open the link that keygen printed when it started. It lets one browser in, once; \
                      <code>keygen dashboard</code> prints another.</p>"
            }
        };
        let page = ENTER.replace("{wrong}", wrong).replace("{form}", form);
        answer(StatusCode::UNAUTHORIZED, HTML, page)
    }

    /// Gives the cookie for a token. The page is opened by a page of its own, since a browser that follows a link from
    /// another site sends no strict cookie, not even after a redirection.
    fn exchange(&self, token: &str, headers: &hyper::HeaderMap) -> Response<Body> {
        let access = &self.0.access;
        if !access.takes(token) && !access.knows(headers) {
            return self.stranger(
                Wants::Page,
                "<p role=\"alert\">This token is wrong, or was used already.</p>",
            );
        }
        let forward = "<meta http-equiv=\"refresh\" content=\"0;url=/\">";
        let page = ENTER
            .replace("</head>", &format!("{forward}</head>"))
            .replace("{wrong}", "")
            .replace("{form}", "<p><a href=\"/\">Open the page</a></p>");
        let mut response = answer(StatusCode::OK, HTML, page);
        if let Ok(cookie) = access.cookie().parse() {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        response
    }

    async fn enter(&self, request: Request<Incoming>) -> Response<Body> {
        let headers = request.headers().clone();
        let body = body_of(request).await.unwrap_or_default();
        let body = String::from_utf8_lossy(&body).into_owned();
        match token_in(Some(&body)) {
            Some(token) => self.exchange(&token, &headers),
            None => self.stranger(Wants::Page, ""),
        }
    }

    /// A picture each second, as server-sent events, as long as the page is open.
    fn live(&self, request: &Request<Incoming>) -> Response<Body> {
        Lasting::mark(request);
        let (sender, channel) = Channel::new(1);
        tokio::spawn(self.clone().feed(sender));
        let mut response = answer(StatusCode::OK, "text/event-stream", String::new());
        *response.body_mut() = channel.boxed_unsync();
        response
    }

    async fn feed(self, mut to: Sender<Bytes>) {
        let mut ended = self.0.ended.clone();
        loop {
            if to.send_data(self.picture().await).await.is_err() {
                return;
            }
            if timeout(EVERY, ended.wait_for(|ended| *ended)).await.is_ok() {
                let last = self.take_picture().await;
                let _ = to.send_data(last).await;
                return;
            }
        }
    }

    /// The latest picture, taken now if it is old.
    async fn picture(&self) -> Bytes {
        let mut picture = self.0.picture.lock().await;
        if let Some((_, bytes)) = picture.as_ref().filter(|(at, _)| at.elapsed() < FRESH) {
            return bytes.clone();
        }
        let bytes = self.take_picture().await;
        *picture = Some((Instant::now(), bytes.clone()));
        bytes
    }

    async fn take_picture(&self) -> Bytes {
        let shared = Arc::clone(&self.0);
        let take = move || {
            let mut picture = shared.source.picture();
            picture["control"] = shared.control.into();
            format!("data: {picture}\n\n")
        };
        let taken = tokio::task::spawn_blocking(take).await;
        Bytes::from(taken.unwrap_or_default())
    }

    async fn past(&self, query: Option<&str>) -> Response<Body> {
        let Ok(_permit) = self.0.waiting.acquire().await else {
            return busy();
        };
        let session = value_of(query, "session").unwrap_or_default();
        let hours = value_of(query, "hours").and_then(|hours| hours.parse().ok());
        let shared = Arc::clone(&self.0);
        let read = move || shared.source.past(&session, hours.unwrap_or(12));
        let past = tokio::task::spawn_blocking(read).await;
        match past {
            Ok(Ok(past)) => json_of(StatusCode::OK, &json!(past)),
            Ok(Err(error)) => json_of(StatusCode::NOT_FOUND, &json!({"error": error.to_string()})),
            Err(_) => busy(),
        }
    }

    async fn act(&self, request: Request<Incoming>) -> Response<Body> {
        if !self.0.control {
            let error = "This page only shows. Start keygen with --dashboard-control to act on it.";
            return json_of(StatusCode::FORBIDDEN, &json!({"ok": false, "error": error}));
        }
        let kind = request.headers().get(header::CONTENT_TYPE);
        if kind.is_none_or(|kind| kind != JSON) {
            return plain(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Allowed is application/json.",
            );
        }
        let Some(body) = body_of(request).await else {
            return plain(StatusCode::PAYLOAD_TOO_LARGE, "The request is too long.");
        };
        let Ok(_permit) = self.0.waiting.try_acquire() else {
            return busy();
        };
        let source = Arc::clone(&self.0.source);
        let done = tokio::task::spawn_blocking(move || source.carry_out(&body)).await;
        done.map_or_else(|_| busy(), |done| json_of(StatusCode::OK, &done))
    }
}

fn plain(status: StatusCode, text: &str) -> Response<Body> {
    answer(status, PLAIN, format!("{text}\n"))
}

fn json_of(status: StatusCode, value: &Value) -> Response<Body> {
    answer(status, JSON, value.to_string())
}

fn busy() -> Response<Body> {
    let error = "Too many requests are waiting; try again.";
    json_of(
        StatusCode::SERVICE_UNAVAILABLE,
        &json!({"ok": false, "error": error}),
    )
}

async fn body_of(request: Request<Incoming>) -> Option<Bytes> {
    let body = Limited::new(request.into_body(), BODY).collect().await;
    body.ok().map(|body| body.to_bytes())
}

fn token_in(query: Option<&str>) -> Option<String> {
    value_of(query, "token")
}

/// A value of a query or form.
fn value_of(query: Option<&str>, name: &str) -> Option<String> {
    let pairs = url::form_urlencoded::parse(query?.as_bytes());
    let mut values = pairs.filter(|(key, _)| key == name);
    values.next().map(|(_, value)| value.into_owned())
}
