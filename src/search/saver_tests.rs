//! Tests of the saver with a store that fails when told to.

use std::path::PathBuf;
use std::sync::Mutex;

use crossbeam_channel::unbounded;

use super::*;
use crate::batch::WorkerId;
use crate::clock::SimulatedClock;
use crate::key::Start;
use crate::search::fakes::OneAnswer;
use crate::search::hit::HitSink;
use crate::search::watchlist_counters::WatchlistCounters;

/// A store that refuses the first so many keys and notes the labels of the others.
#[derive(Clone, Default)]
struct Shelf {
    refuse: Arc<Mutex<u32>>,
    labels: Arc<Mutex<Vec<Label>>>,
}

impl KeySink for Shelf {
    fn keep(&mut self, _key: &Checked, label: &Label, _: &Found) -> Result<Saved, SaveError> {
        let mut refuse = self.refuse.lock().unwrap();
        if *refuse > 0 {
            *refuse -= 1;
            return Err(SaveError::BeforeMove(io::Error::other("disk full")));
        }
        self.labels.lock().unwrap().push(label.clone());
        Ok(Saved {
            files: vec![PathBuf::from("key.txt")],
            fallback: false,
            mode_kept: true,
            trouble: Vec::new(),
        })
    }
}

struct Setup {
    saver: Saver<Shelf>,
    shelf: Shelf,
    shared: Arc<Shared>,
    clock: Arc<SimulatedClock>,
    events: Receiver<Event>,
}

fn setup(count: Option<u64>, refuse: u32) -> Setup {
    let shelf = Shelf {
        refuse: Arc::new(Mutex::new(refuse)),
        ..Shelf::default()
    };
    let shared = Arc::new(Shared::new(None, WatchlistCounters::new(1, 1)));
    let clock = Arc::new(SimulatedClock::new());
    let (sender, events) = unbounded();
    let terms = SaverSettings {
        count,
        show_private: false,
        retry: Duration::from_secs(5),
    };
    let crew = PoolContext {
        target: Arc::new(OneAnswer::wanted()),
        shared: Arc::clone(&shared),
        sink: HitSink::Discard,
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        batch_size: None,
    };
    let saver = Saver::new(shelf.clone(), terms, &crew, sender);
    Setup {
        saver,
        shelf,
        shared,
        clock,
        events,
    }
}

fn hit(kind: HitKind) -> Hit {
    let start = Start::fresh().unwrap();
    let good = |key: &crate::key::PrivateKey| !matches!(key.public()[0], 0 | 0xff);
    let key = (0..).map(|k| start.key(k).unwrap()).find(good).unwrap();
    Hit {
        id: WorkerId {
            worker: 1,
            generation: 0,
        },
        kind,
        public: key.public(),
        found: Unchecked::Key(key),
        candidates: 7,
        at: Duration::from_secs(1),
    }
}

fn wanted() -> Hit {
    hit(HitKind::Wanted {
        pattern: "prefix A".to_owned(),
    })
}

fn names(events: &Receiver<Event>) -> Vec<&'static str> {
    let name = |event| match event {
        Event::Found(_) => "found",
        Event::Refused { .. } => "refused",
        Event::Unsaved { .. } => "unsaved",
        Event::AllSaved => "all saved",
        Event::Enough => "enough",
        Event::SaverDone { .. } => "done",
        _ => "other",
    };
    events.try_iter().map(name).collect()
}

#[test]
fn exactly_as_many_keys_as_asked_for_are_saved_and_the_workers_stop() {
    let mut s = setup(Some(2), 0);
    for _ in 0..5 {
        s.saver.take(wanted());
    }
    assert_eq!(names(&s.events), ["found", "found", "enough"]);
    assert_eq!(s.shelf.labels.lock().unwrap().len(), 2);
    assert!(s.shared.is_stopped());
}

#[test]
fn without_a_count_every_key_is_saved() {
    let mut s = setup(None, 0);
    (0..5).for_each(|_| s.saver.take(wanted()));
    assert_eq!(names(&s.events), ["found"; 5]);
    assert!(!s.shared.is_stopped());
}

#[test]
fn keys_on_the_watchlist_do_not_count() {
    let mut s = setup(Some(1), 0);
    s.saver.take(hit(HitKind::Watched { line: 0 }));
    s.saver.take(wanted());
    s.saver.take(hit(HitKind::Watched { line: 0 }));
    assert_eq!(names(&s.events), ["found", "found", "enough", "found"]);
    let labels = s.shelf.labels.lock().unwrap().clone();
    assert!(matches!(
        labels[..],
        [
            Label::Watchlist { .. },
            Label::Found,
            Label::Watchlist { .. }
        ]
    ));
}

#[test]
fn a_key_that_fails_the_check_is_said_and_neither_saved_nor_counted() {
    let mut s = setup(Some(1), 0);
    let mut bad = wanted();
    bad.public[5] ^= 1;
    s.saver.take(bad);
    s.saver.take(wanted());
    assert_eq!(names(&s.events), ["refused", "found", "enough"]);
}

#[test]
fn a_key_that_no_folder_takes_is_held_and_saved_later_and_counts_once() {
    let mut s = setup(Some(1), 2);
    s.saver.take(wanted());
    s.saver.take(wanted());
    assert_eq!(names(&s.events), ["unsaved"]);
    assert_eq!(s.saver.until_retry(), Duration::from_secs(5));
    s.clock.advance(Duration::from_secs(5));
    assert_eq!(s.saver.until_retry(), Duration::ZERO);
    s.saver.retry();
    s.saver.retry();
    assert_eq!(
        names(&s.events),
        ["unsaved", "found", "all saved", "enough"]
    );
}

#[test]
fn after_a_command_to_stop_a_flood_of_hits_is_skipped_but_not_at_once() {
    let mut s = setup(None, 0);
    s.saver.hurry();
    s.saver.take(wanted());
    s.clock.advance(HURRY_WINDOW * 2);
    s.saver.take(wanted());
    assert_eq!(names(&s.events), ["found"]);
    assert_eq!(s.saver.skipped, 1);
}

#[test]
fn the_thread_ends_after_the_last_worker_when_nothing_is_held() {
    let s = setup(None, 0);
    let (hits, receiver) = unbounded();
    let (_orders, orders) = unbounded();
    s.shared.key_departs();
    hits.send(wanted()).unwrap();
    drop(hits);
    s.saver.start(receiver, orders).unwrap().join().unwrap();
    assert_eq!(names(&s.events), ["found", "done"]);
    assert_eq!(s.shared.keys_in_flight(), 0);
}

#[test]
fn the_thread_stays_while_keys_are_held_and_ends_once_they_are_saved() {
    let s = setup(None, 2);
    let (hits, receiver) = unbounded();
    let (orders, order_receiver) = unbounded();
    s.shared.key_departs();
    hits.send(wanted()).unwrap();
    drop(hits);
    let thread = s.saver.start(receiver, order_receiver).unwrap();
    assert!(matches!(
        s.events.recv(),
        Ok(Event::Unsaved { held: 1, .. })
    ));
    orders.send(Hurry).unwrap();
    assert!(matches!(
        s.events.recv(),
        Ok(Event::Unsaved { held: 1, .. })
    ));
    orders.send(Hurry).unwrap();
    thread.join().unwrap();
    assert_eq!(names(&s.events), ["found", "all saved", "done"]);
}

#[test]
fn a_private_key_is_revealed_only_on_request_and_never_to_debugging_output() {
    let mut s = setup(None, 0);
    s.saver.take(wanted());
    s.saver.terms.show_private = true;
    s.saver.take(wanted());
    let events: Vec<_> = s.events.try_iter().collect();
    let revealed = |event: &Event| matches!(event, Event::Found(found) if found.private.is_some());
    assert_eq!(
        events.iter().map(revealed).collect::<Vec<_>>(),
        [false, true]
    );
    assert!(format!("{:?}", events[1]).contains("(secret)"));
}

/// A quota for what every key fits, with IDs of one byte that differ.
fn distinct() -> Option<Quota> {
    let request = crate::pattern::Request {
        any_beginning: true,
        ..Default::default()
    };
    let (wanted, _) = crate::pattern::Wanted::new(request).unwrap();
    let spread = crate::pattern::Spread {
        each: None,
        id_bytes: Some(1),
    };
    Quota::new(&Arc::new(wanted), spread, [])
}

/// Another key whose public key begins with the same byte.
fn collides_with(first: &Hit) -> Hit {
    std::iter::repeat_with(wanted)
        .find(|hit| hit.public[0] == first.public[0])
        .unwrap()
}

#[test]
fn of_two_keys_with_one_id_that_come_at_once_exactly_one_is_kept() {
    let mut s = setup(None, 0);
    s.saver = s.saver.with_quota(distinct());
    let first = wanted();
    let second = collides_with(&first);
    let (hits, receiver) = unbounded();
    let (_orders, orders) = unbounded();
    for hit in [first, second] {
        s.shared.key_departs();
        hits.send(hit).unwrap();
    }
    drop(hits);
    s.saver.start(receiver, orders).unwrap().join().unwrap();
    assert_eq!(names(&s.events), ["found", "done"]);
    assert_eq!(
        (
            s.shelf.labels.lock().unwrap().len(),
            s.shared.keys_in_flight()
        ),
        (1, 0)
    );
}

#[test]
fn a_key_that_fails_its_check_takes_no_id() {
    let mut s = setup(None, 0);
    s.saver = s.saver.with_quota(distinct());
    let mut bad = wanted();
    let good = collides_with(&bad);
    bad.public[5] ^= 1;
    s.saver.take(bad);
    s.saver.take(good);
    assert_eq!(names(&s.events), ["refused", "found"]);
}

#[test]
fn a_watched_key_with_an_id_that_is_taken_gives_its_place_back() {
    let mut s = setup(None, 0);
    s.saver = s.saver.with_quota(distinct());
    let first = wanted();
    let second = collides_with(&first);
    s.saver.take(first);
    assert!(s.shared.watch.claim(0));
    let kind = HitKind::Watched { line: 0 };
    s.saver.take(Hit { kind, ..second });
    assert_eq!(names(&s.events), ["found"]);
    assert!(!s.shared.watch.is_full(0));
}

#[test]
fn when_no_id_is_left_the_workers_stop_and_this_is_said_once() {
    let mut s = setup(None, 0);
    s.saver = s.saver.with_quota(distinct());
    while !s.shared.is_stopped() {
        s.saver.take(wanted());
    }
    s.saver.take(wanted());
    let events: Vec<Event> = s.events.try_iter().collect();
    let (last, found) = events.split_last().unwrap();
    assert_eq!(found.len(), 254);
    assert!(matches!(last, Event::NothingLeft), "{last:?}");
}
