//! The HTTP server: one thread, a bounded number of connections, each with little time, so that whoever asks slowly,
//! too much or wrongly can disturb nobody else.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use tokio::time::timeout;

/// Connections at a time, well below the 1,024 open files that a process usually may have; when one more comes, the
/// oldest is closed.
const CONNECTIONS: usize = 64;

/// Time for a request's head to arrive.
const HEAD: Duration = Duration::from_secs(5);

/// Time for all of a connection, unless it is [`Lasting`]; each serves one request.
const WHOLE: Duration = Duration::from_secs(10);

/// Bytes of a request's head, and of what is buffered of an answer: the least that hyper takes.
const BUFFER: usize = 8192;

/// Pause after the system refused a connection, such as for want of open files.
const REFUSED: Duration = Duration::from_millis(100);

/// Stack of the thread; all of its work is shallow.
const STACK: usize = 256 << 10;

/// Threads beside it that do what may block.
const BLOCKING: usize = 4;

/// The body of an answer: a text, or one that goes on.
pub(crate) type Body = UnsyncBoxBody<Bytes, Infallible>;

/// What is served: an answer to each request.
pub(crate) trait Site: Clone + Send + Sync + 'static {
    /// Answers a request; must not block.
    fn respond(&self, request: Request<Incoming>) -> impl Future<Output = Response<Body>> + Send;
}

/// Set by a site whose answer goes on: its connection has no end by itself, and is closed last where there are too many.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lasting(Arc<AtomicBool>);

impl Lasting {
    /// Marks the connection of a request as one that lasts.
    pub(crate) fn mark<B>(request: &Request<B>) {
        if let Some(lasting) = request.extensions().get::<Self>() {
            lasting.0.store(true, Ordering::Relaxed);
        }
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A text as an answer, with the headers that all have.
pub(crate) fn answer(status: StatusCode, kind: &'static str, body: String) -> Response<Body> {
    let mut response = Response::new(Full::new(Bytes::from(body)).boxed_unsync());
    *response.status_mut() = status;
    set(&mut response, header::CONTENT_TYPE, kind);
    set(&mut response, header::CACHE_CONTROL, "no-store");
    set(&mut response, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    response
}

/// Sets a header of an answer.
pub(crate) fn set<B>(response: &mut Response<B>, name: HeaderName, value: &'static str) {
    let value = HeaderValue::from_static(value);
    response.headers_mut().insert(name, value);
}

/// Starts to serve on a thread of this name, which lasts as long as the process.
///
/// # Errors
/// The system refuses a thread or what it waits with.
pub(crate) fn start(
    name: &str,
    listener: std::net::TcpListener,
    site: impl Site,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING)
        .build()?;
    thread::Builder::new()
        .name(name.to_owned())
        .stack_size(STACK)
        .spawn(move || {
            runtime.block_on(async {
                // It was opened as one that does not block, the only thing that is asked of it.
                if let Ok(listener) = TcpListener::from_std(listener) {
                    accept(listener, site).await;
                }
            });
        })
        .map(drop)
}

/// A connection that is served.
struct Open {
    task: AbortHandle,
    lasting: Lasting,
}

async fn accept(listener: TcpListener, site: impl Site) {
    let mut open = VecDeque::<Open>::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                open.retain(|connection| !connection.task.is_finished());
                make_room(&mut open);
                let lasting = Lasting::default();
                let connection = tokio::spawn(connection(stream, site.clone(), lasting.clone()));
                let task = connection.abort_handle();
                open.push_back(Open { task, lasting });
                // Lets those that were closed give back their files before the next one comes.
                tokio::task::yield_now().await;
            }
            Err(_) => tokio::time::sleep(REFUSED).await,
        }
    }
}

/// Closes the oldest connection if there are too many; one that lasts only where all do.
fn make_room(open: &mut VecDeque<Open>) {
    if open.len() < CONNECTIONS {
        return;
    }
    let short = open.iter().position(|open| !open.lasting.is_set());
    if let Some(oldest) = open.remove(short.unwrap_or(0)) {
        oldest.task.abort();
    }
}

async fn connection(stream: TcpStream, site: impl Site, lasting: Lasting) {
    let marked = lasting.clone();
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(marked.clone());
        let site = site.clone();
        async move { Ok::<_, Infallible>(site.respond(request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(BUFFER)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    // What goes wrong with a connection is the matter of whoever opened it.
    if timeout(WHOLE, connection.as_mut()).await.is_err() && lasting.is_set() {
        let _ = connection.await;
    }
}
