//! The threads that listen for requests and pass them on to the loop: few, small, and never in a worker's way.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::Builder;
use std::time::Duration;

use crossbeam_channel::Sender;

use super::endpoint::{Listener, Stream};
use super::{Ask, connection, protocol};

/// Connections at the same time; more are told to come again.
const MOST: usize = 32;

/// A connection's thread reads a line and writes one.
const STACK: usize = 256 << 10;

/// A pause after the system refused a connection, so that trouble that lasts costs nothing.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(100);

/// Writing a refusal never waits longer.
const REFUSAL_TIMEOUT: Duration = Duration::from_millis(1);

/// A search that listens; when it is dropped, nobody finds it any more.
#[derive(Debug)]
pub(crate) struct Server {
    file: PathBuf,
}

impl Server {
    /// Begins to listen in the folder of a session whose lock this process holds.
    ///
    /// # Errors
    /// What the system said.
    pub(crate) fn open(folder: &Path, asks: Sender<Ask>) -> io::Result<Self> {
        Self::start(Listener::open(folder)?, asks)
    }

    fn start(listener: Listener, asks: Sender<Ask>) -> io::Result<Self> {
        let file = listener.file().to_owned();
        Builder::new()
            .name("control".to_owned())
            .stack_size(STACK)
            .spawn(move || listen(&listener, &asks))?;
        Ok(Self { file })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // What can't be removed is replaced by the next process.
        let _ = std::fs::remove_file(&self.file);
    }
}

/// Takes connections as long as the process lives.
fn listen(listener: &Listener, asks: &Sender<Ask>) {
    let open = Arc::new(AtomicUsize::new(0));
    loop {
        match listener.accept() {
            Ok(stream) => take(stream, listener.token(), asks, &open),
            Err(_) => std::thread::sleep(ACCEPT_RETRY_DELAY),
        }
    }
}

/// Serves a connection on a thread of its own, or refuses it.
fn take(mut stream: Stream, token: Option<String>, asks: &Sender<Ask>, open: &Arc<AtomicUsize>) {
    if open.fetch_add(1, Ordering::Relaxed) >= MOST {
        open.fetch_sub(1, Ordering::Relaxed);
        let busy = protocol::busy("too many connections; try again");
        // Whoever does not read it is gone anyway.
        let _ = stream
            .set_patience(REFUSAL_TIMEOUT, REFUSAL_TIMEOUT)
            .and_then(|()| stream.write_all(busy.as_bytes()));
        return;
    }
    let (asks, counter) = (asks.clone(), Arc::clone(open));
    let thread = Builder::new()
        .name("control".to_owned())
        .stack_size(STACK)
        .spawn(move || {
            // A connection that breaks concerns nobody else.
            let _ = connection::serve(stream, token.as_deref(), &asks);
            counter.fetch_sub(1, Ordering::Relaxed);
        });
    if thread.is_err() {
        open.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
