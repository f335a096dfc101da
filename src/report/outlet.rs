//! A bounded queue in front of a terminal or pipe, so that one that blocks or closes delays nothing else.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use crate::key::PublicKey;
use crate::queue::Queue;
use crate::session::announcements::SharedAnnounced;

/// Lines that may wait: results. At about 150 bytes a line this is at most a few megabytes.
const RESULTS: usize = 16_384;

/// Lines that may wait before further lines other than results are dropped.
const CHATTER: usize = 256;

/// One thing to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Message {
    /// A line for standard output.
    Result(String),
    /// A line for standard error.
    Chatter(String),
    /// The lines at the bottom of a terminal, which replace the previous ones; empty: remove them.
    Status(String),
}

/// What waits to be shown, and the key that is announced with it.
struct Queued {
    /// `None`: the user asked not to see it, and the key counts as announced.
    message: Option<Message>,
    announces: Option<PublicKey>,
}

/// What an outlet's thread writes to.
pub(crate) trait Screen: Send {
    /// Shows a message; may block.
    ///
    /// # Errors
    /// The other side is closed or broken: nothing more is shown.
    fn show(&mut self, message: Message) -> io::Result<()>;

    /// Leaves the screen tidy at the end.
    fn finish(&mut self) {}
}

/// Lines that were not written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unwritten {
    /// Lines for standard output.
    pub results: u64,
    /// Other lines.
    pub chatter: u64,
}

#[derive(Debug, Default)]
struct Counters {
    /// Messages that the thread has dealt with.
    handled: AtomicU64,
    results: Tally,
    chatter: Tally,
    broken: AtomicBool,
}

/// Counts of lines of one kind.
#[derive(Debug, Default)]
struct Tally {
    accepted: AtomicU64,
    written: AtomicU64,
    refused: AtomicU64,
}

impl Tally {
    fn unwritten(&self) -> u64 {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        get(&self.refused) + get(&self.accepted).saturating_sub(get(&self.written))
    }
}

/// The sending side: never blocks.
pub(crate) struct Outlet {
    queue: Queue<Queued>,
    counters: Arc<Counters>,
}

impl Outlet {
    /// Starts the thread that writes; keys whose lines were written are noted in `announced`.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(crate) fn start(
        name: &str,
        screen: Box<dyn Screen>,
        announced: SharedAnnounced,
    ) -> io::Result<Self> {
        let counters = Arc::new(Counters::default());
        let theirs = Arc::clone(&counters);
        let queue = Queue::start(name, RESULTS, move |queued, _| {
            write(screen, &queued, &theirs, &announced);
        })?;
        Ok(Self { queue, counters })
    }

    /// Queues a message, or drops and counts it when there is no room.
    pub(crate) fn send(&self, message: Message) {
        self.queue(Queued {
            message: Some(message),
            announces: None,
        });
    }

    /// Queues the line that announces a key. Without one, because the user asked not to see it, it is only noted.
    pub(crate) fn announce(&self, key: PublicKey, message: Option<Message>) {
        self.queue(Queued {
            message,
            announces: Some(key),
        });
    }

    fn queue(&self, queued: Queued) {
        let Some(message) = &queued.message else {
            // If the queue is full, the note is made by the next run, which finds the key unannounced.
            self.queue.send(queued);
            return;
        };
        let tally = self.counters.of(message);
        let has_room = matches!(message, Message::Result(_)) || self.queue.len() < CHATTER;
        let accepted = has_room && self.queue.send(queued);
        if let Some(tally) = tally {
            let counter = if accepted {
                &tally.accepted
            } else {
                &tally.refused
            };
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Whether the other side was closed.
    #[cfg(test)]
    fn is_broken(&self) -> bool {
        self.counters.broken.load(Ordering::Relaxed)
    }

    /// Lines other than results that found no room so far.
    pub(crate) fn refused(&self) -> u64 {
        self.counters.chatter.refused.load(Ordering::Relaxed)
    }

    /// Waits until everything is written, but not longer than `patience` without progress nor than `limit` in all.
    pub(crate) fn close(&mut self, patience: Duration, limit: Duration) -> Unwritten {
        self.queue.close();
        let start = Instant::now();
        let mut handled = self.counters.handled.load(Ordering::Relaxed);
        while !self.queue.has_ended_within(patience) {
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
    /// The tally of messages like this one; a status is not counted.
    fn of(&self, message: &Message) -> Option<&Tally> {
        match message {
            Message::Result(_) => Some(&self.results),
            Message::Chatter(_) => Some(&self.chatter),
            Message::Status(_) => None,
        }
    }

    fn unwritten(&self) -> Unwritten {
        Unwritten {
            results: self.results.unwritten(),
            chatter: self.chatter.unwritten(),
        }
    }
}

/// The thread: shows messages, and after an error only counts them.
fn write(
    mut screen: Box<dyn Screen>,
    receiver: &Receiver<Queued>,
    counters: &Counters,
    announced: &SharedAnnounced,
) {
    for queued in receiver {
        if !counters.broken.load(Ordering::Relaxed) {
            let tally = (queued.message.as_ref()).and_then(|message| counters.of(message));
            match (write_one(&mut *screen, queued, announced), tally) {
                (Ok(()), Some(tally)) => _ = tally.written.fetch_add(1, Ordering::Relaxed),
                (Ok(()), None) => {}
                (Err(_), _) => counters.broken.store(true, Ordering::Relaxed),
            }
        }
        counters.handled.fetch_add(1, Ordering::Relaxed);
    }
    screen.finish();
}

/// Shows a message between the two notes about the key that it announces.
fn write_one(
    screen: &mut dyn Screen,
    queued: Queued,
    announced: &SharedAnnounced,
) -> io::Result<()> {
    if let Some(message) = queued.message {
        if let Some(key) = &queued.announces {
            announced.note_about(key);
        }
        screen.show(message)?;
    }
    if let Some(key) = &queued.announces {
        announced.note(key);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use crossbeam_channel::bounded;

    use super::*;
    use crate::key::hex;
    use crate::session::journal::{self, Announced};
    use crate::session::lines;

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
        let outlet = Outlet::start("test", Box::new(page), SharedAnnounced::default());
        (outlet.unwrap(), shown)
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

    /// A page that takes what it is shown, or is closed.
    struct Paper(bool);

    impl Screen for Paper {
        fn show(&mut self, _: Message) -> io::Result<()> {
            self.0.then_some(()).ok_or(io::ErrorKind::BrokenPipe.into())
        }
    }

    const KEY: PublicKey = [0xAB; 32];

    /// What the list of announced keys holds after these messages, each with the key that it announces.
    fn noted(takes: bool, messages: &[(Option<PublicKey>, Option<&str>)]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let announced = SharedAnnounced::default();
        announced.open(Announced::open(folder.path()).unwrap());
        let mut outlet = Outlet::start("test", Box::new(Paper(takes)), announced).unwrap();
        for (key, line) in messages {
            let line = line.map(|line| Message::Chatter(line.to_owned()));
            match key {
                Some(key) => outlet.announce(*key, line),
                None => outlet.send(line.unwrap()),
            }
        }
        outlet.close(LONG, LONG);
        lines::read(&folder.path().join(journal::ANNOUNCED))
            .unwrap()
            .lines
    }

    #[test]
    fn a_key_is_noted_before_its_line_and_again_once_it_was_written() {
        let key = hex::encode(&KEY);
        let about = format!("about {key}");
        let line = [(Some(KEY), Some("a key"))];
        assert_eq!(noted(true, &line), [about.clone(), key]);
        assert_eq!(noted(false, &line), [about]);
    }

    #[test]
    fn digits_in_a_line_are_never_taken_for_the_key_that_it_announces() {
        let other = "cd".repeat(32);
        let line = format!("Watchlist: {other}: {}\t/k/a", hex::encode(&KEY));
        let noted = noted(true, &[(None, Some(&other)), (Some(KEY), Some(&line))]);
        assert!(noted.iter().all(|note| !note.contains(&other)), "{noted:?}");
        assert_eq!(noted.last(), Some(&hex::encode(&KEY)));
    }

    #[test]
    fn a_key_that_nobody_wants_to_see_is_noted_without_a_line() {
        assert_eq!(noted(true, &[(Some(KEY), None)]), [hex::encode(&KEY)]);
    }
}
