//! The HTTP server: one thread, a bounded number of connections, each with little time, so that whoever asks slowly,
//! too much or wrongly can disturb nobody else.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::thread;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

use super::answer::Site;
use crate::status::LatestSnapshot;

/// Connections at a time, well below the 1,024 open files that a process usually may have; when one more comes, the
/// oldest is closed.
const CONNECTIONS: usize = 64;

/// Time for a request's head to arrive.
const HEAD: Duration = Duration::from_secs(5);

/// Time for all of a connection; each serves one request.
const WHOLE: Duration = Duration::from_secs(10);

/// Bytes of a request's head, and of what is buffered of an answer: the least that hyper takes.
const BUFFER: usize = 8192;

/// Pause after the system refused a connection, such as for want of open files.
const REFUSED: Duration = Duration::from_millis(100);

/// Stack of the thread; all of its work is shallow.
const STACK: usize = 256 << 10;

/// Starts to serve on a thread of its own, which lasts as long as the process.
///
/// # Errors
/// The system refuses a thread or what it waits with.
pub(crate) fn start(listener: std::net::TcpListener, latest: LatestSnapshot) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    thread::Builder::new()
        .name("metrics".to_owned())
        .stack_size(STACK)
        .spawn(move || {
            runtime.block_on(async {
                // It was opened as one that does not block, the only thing that is asked of it.
                if let Ok(listener) = TcpListener::from_std(listener) {
                    accept(listener, Site::new(latest)).await;
                }
            });
        })
        .map(drop)
}

async fn accept(listener: TcpListener, site: Site) {
    let mut open = VecDeque::<AbortHandle>::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                open.retain(|connection| !connection.is_finished());
                if open.len() >= CONNECTIONS
                    && let Some(oldest) = open.pop_front()
                {
                    oldest.abort();
                }
                let connection = tokio::spawn(connection(stream, site.clone()));
                open.push_back(connection.abort_handle());
                // Lets those that were closed give back their files before the next one comes.
                tokio::task::yield_now().await;
            }
            Err(_) => tokio::time::sleep(REFUSED).await,
        }
    }
}

async fn connection(stream: TcpStream, site: Site) {
    let service = service_fn(move |request| {
        let response = respond(&site, &request);
        async { Ok::<_, Infallible>(response) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(BUFFER)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    // What goes wrong with a connection is the matter of whoever opened it.
    let _ = tokio::time::timeout(WHOLE, connection).await;
}

fn respond(site: &Site, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let accept = request.headers().get(header::ACCEPT);
    let accept = accept.and_then(|value| value.to_str().ok());
    let answer = site.answer(request.method(), request.uri().path(), accept);
    let mut response = Response::new(Full::new(Bytes::from(answer.body)));
    *response.status_mut() = answer.status;
    let headers = response.headers_mut();
    let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
    set(header::CONTENT_TYPE, answer.kind);
    set(header::CACHE_CONTROL, "no-store");
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    if answer.status == StatusCode::METHOD_NOT_ALLOWED {
        set(header::ALLOW, "GET, HEAD");
    }
    response
}
