//! A bounded queue in front of a terminal or pipe, so that one that blocks or closes delays nobody.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::Builder;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

/// Lines that may wait: results. At about 150 bytes a line this is at most a few megabytes.
const RESULTS: usize = 16_384;

/// Lines that may wait before further lines that are no results are dropped.
const CHATTER: usize = 256;

/// One thing to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// A line for standard output.
    Result(String),
    /// A line for standard error.
    Chatter(String),
    /// The lines at the bottom of a terminal that replace one another; empty: none any more.
    Status(String),
}

/// What an outlet's thread writes with.
pub trait Screen: Send {
    /// Shows a message; may block.
    ///
    /// # Errors
    /// The other side is closed or broken: nothing more will be shown.
    fn show(&mut self, message: Message) -> io::Result<()>;

    /// Leaves the screen tidy at the end.
    fn finish(&mut self) {}
}

/// Lines that were not written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unwritten {
    /// Lines for standard output.
    pub results: u64,
    /// Other lines.
    pub chatter: u64,
}

#[derive(Debug, Default)]
struct Counters {
    /// Messages that the thread is done with.
    handled: AtomicU64,
    results_accepted: AtomicU64,
    results_written: AtomicU64,
    results_refused: AtomicU64,
    chatter_accepted: AtomicU64,
    chatter_written: AtomicU64,
    chatter_refused: AtomicU64,
    broken: AtomicBool,
}

/// The sending side: never blocks.
pub struct Outlet {
    sender: Option<Sender<Message>>,
    done: Receiver<()>,
    counters: Arc<Counters>,
}

impl Outlet {
    /// Starts the thread that writes.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub fn start(name: &str, screen: Box<dyn Screen>) -> io::Result<Self> {
        let (sender, receiver) = bounded(RESULTS);
        let (done_sender, done) = bounded(0);
        let counters = Arc::new(Counters::default());
        let theirs = Arc::clone(&counters);
        Builder::new().name(name.to_owned()).spawn(move || {
            write(screen, &receiver, &theirs);
            drop(done_sender);
        })?;
        Ok(Self {
            sender: Some(sender),
            done,
            counters,
        })
    }

    /// Queues a message, or drops and counts it when there is no room.
    pub fn send(&self, message: Message) {
        let Some(sender) = &self.sender else { return };
        let is_result = matches!(message, Message::Result(_));
        let is_status = matches!(message, Message::Status(_));
        let has_room = is_result || sender.len() < CHATTER;
        let accepted = has_room && sender.try_send(message).is_ok();
        self.counters.offered(is_result, is_status, accepted);
    }

    /// Whether the other side was closed.
    pub fn is_broken(&self) -> bool {
        self.counters.broken.load(Ordering::Relaxed)
    }

    /// Lines other than results that found no room so far.
    pub fn refused(&self) -> u64 {
        self.counters.chatter_refused.load(Ordering::Relaxed)
    }

    /// Waits until everything is written, but not longer than `patience` without progress nor than `limit` in all.
    pub fn close(&mut self, patience: Duration, limit: Duration) -> Unwritten {
        self.sender = None;
        let start = Instant::now();
        let mut handled = self.counters.handled.load(Ordering::Relaxed);
        while self.done.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
            let now = self.counters.handled.load(Ordering::Relaxed);
            if now == handled || start.elapsed() >= limit {
                break;
            }
            handled = now;
        }
        self.counters.unwritten()
    }
}

impl Counters {
    fn offered(&self, is_result: bool, is_status: bool, accepted: bool) {
        let counter = match (is_result, accepted) {
            (true, true) => &self.results_accepted,
            (true, false) => &self.results_refused,
            (false, _) if is_status => return,
            (false, true) => &self.chatter_accepted,
            (false, false) => &self.chatter_refused,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    fn unwritten(&self) -> Unwritten {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let lost =
            |accepted, written, refused| get(refused) + get(accepted).saturating_sub(get(written));
        Unwritten {
            results: lost(
                &self.results_accepted,
                &self.results_written,
                &self.results_refused,
            ),
            chatter: lost(
                &self.chatter_accepted,
                &self.chatter_written,
                &self.chatter_refused,
            ),
        }
    }
}

/// The thread: shows what comes, and after an error only counts.
fn write(mut screen: Box<dyn Screen>, receiver: &Receiver<Message>, counters: &Counters) {
    for message in receiver {
        let written = match message {
            Message::Result(_) => Some(&counters.results_written),
            Message::Chatter(_) => Some(&counters.chatter_written),
            Message::Status(_) => None,
        };
        if !counters.broken.load(Ordering::Relaxed) {
            match screen.show(message) {
                Ok(()) => {
                    if let Some(counter) = written {
                        counter.fetch_add(1, Ordering::Relaxed);
                    }
                }
                Err(_) => counters.broken.store(true, Ordering::Relaxed),
            }
        }
        counters.handled.fetch_add(1, Ordering::Relaxed);
    }
    screen.finish();
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    const MOMENT: Duration = Duration::from_millis(1);
    const LONG: Duration = Duration::from_secs(60);

    /// Keeps what it is shown; waits for a permit before each message if it has a gate.
    struct Page {
        shown: Arc<Mutex<Vec<Message>>>,
        gate: Option<Receiver<()>>,
    }

    impl Screen for Page {
        fn show(&mut self, message: Message) -> io::Result<()> {
            if let Some(gate) = &self.gate {
                gate.recv().map_err(|_| io::ErrorKind::BrokenPipe)?;
            }
            self.shown.lock().unwrap().push(message);
            Ok(())
        }
    }

    fn outlet(gate: Option<Receiver<()>>) -> (Outlet, Arc<Mutex<Vec<Message>>>) {
        let shown = Arc::new(Mutex::new(Vec::new()));
        let page = Page {
            shown: Arc::clone(&shown),
            gate,
        };
        (Outlet::start("test", Box::new(page)).unwrap(), shown)
    }

    #[test]
    fn messages_are_shown_in_order() {
        let (mut outlet, shown) = outlet(None);
        let messages = [
            Message::Chatter("a".to_owned()),
            Message::Result("b".to_owned()),
        ];
        messages
            .iter()
            .cloned()
            .for_each(|message| outlet.send(message));
        assert_eq!(outlet.close(LONG, LONG), Unwritten::default());
        assert_eq!(*shown.lock().unwrap(), messages);
    }

    #[test]
    fn a_reader_that_sleeps_delays_nobody_and_dropped_lines_are_counted() {
        let (_gate, closed) = bounded(0);
        let (mut outlet, _) = outlet(Some(closed));
        for _ in 0..1000 {
            outlet.send(Message::Chatter(String::new()));
        }
        outlet.send(Message::Result("key".to_owned()));
        let unwritten = outlet.close(MOMENT, LONG);
        assert_eq!((unwritten.results, unwritten.chatter), (1, 1000));
    }

    #[test]
    fn results_have_more_room_than_other_lines() {
        let (gate, closed) = bounded(RESULTS);
        let (mut outlet, shown) = outlet(Some(closed));
        for _ in 0..1000 {
            outlet.send(Message::Chatter(String::new()));
            outlet.send(Message::Result("key".to_owned()));
        }
        (0..2000).for_each(|_| gate.send(()).unwrap());
        let unwritten = outlet.close(LONG, LONG);
        assert_eq!(unwritten.results, 0);
        assert!(unwritten.chatter >= 1000 - CHATTER as u64);
        let shown = shown.lock().unwrap().len() as u64;
        assert_eq!(shown + unwritten.chatter, 2000);
    }

    #[test]
    fn a_closed_pipe_is_noticed_and_everything_after_it_is_counted() {
        let (gate, closed) = bounded(0);
        drop(gate);
        let (mut outlet, _) = outlet(Some(closed));
        outlet.send(Message::Result("key".to_owned()));
        outlet.send(Message::Result("key".to_owned()));
        outlet.send(Message::Status("no line of its own".to_owned()));
        let unwritten = outlet.close(LONG, LONG);
        assert!(outlet.is_broken());
        assert_eq!((unwritten.results, unwritten.chatter), (2, 0));
    }
}
