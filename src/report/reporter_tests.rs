//! Tests of the reporter on pages instead of streams.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use super::*;
use crate::batch::BatchReport;
use crate::status::Totals;
use crate::text::odds::Odds;

/// Keeps what it is shown.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<Message>>>);

impl Screen for Page {
    fn show(&mut self, message: Message) -> io::Result<()> {
        self.0.lock().unwrap().push(message);
        Ok(())
    }
}

fn reporter(style: Style) -> (Reporter, Page) {
    let page = Page::default();
    let outlet = || {
        let announced = SharedAnnounced::default();
        Outlet::start("test", Box::new(page.clone()), announced).unwrap()
    };
    let (chatter, results) = (outlet(), outlet());
    (Reporter::with_outlets(style, chatter, Some(results)), page)
}

fn style(detail: Detail) -> Style {
    Style {
        detail,
        ..Style::default()
    }
}

fn found(kind: FoundKind) -> Event {
    Event::Found(Box::new(Found {
        kind,
        pattern: "prefix F8".to_owned(),
        public: [0xF8; 32],
        files: vec![PathBuf::from("/k/a")],
        mode_kept: true,
        candidates: 10,
        at: Duration::from_secs(1),
        ..Found::default()
    }))
}

fn finish(reporter: Reporter, page: &Page) -> (Vec<String>, Vec<String>) {
    let summary = Summary {
        totals: Totals {
            found: 1,
            candidates: 10,
            ..Totals::default()
        },
        count: Some(1),
        ..Summary::default()
    };
    reporter.finish(&summary, false);
    let mut streams = (Vec::new(), Vec::new());
    for message in page.0.lock().unwrap().iter() {
        match message {
            Message::Result(line) => streams.0.push(line.clone()),
            Message::Chatter(line) => streams.1.push(line.clone()),
            Message::Status(_) => {}
        }
    }
    streams
}

#[test]
fn quiet_output_is_results_only() {
    let (mut reporter, page) = reporter(style(Detail::Quiet));
    reporter.say("Searching");
    reporter.event(&found(FoundKind::Wanted));
    let (results, chatter) = finish(reporter, &page);
    assert_eq!(results, [format!("{}\t/k/a", "f8".repeat(32))]);
    assert_eq!(chatter, Vec::<String>::new());
}

#[test]
fn watched_keys_do_not_stand_among_the_wanted_ones() {
    let (mut reporter, page) = reporter(style(Detail::Normal));
    reporter.event(&found(FoundKind::Watched));
    let (results, chatter) = finish(reporter, &page);
    assert!(results.is_empty());
    assert!(chatter[0].starts_with("Watchlist: prefix F8: f8f8"));
}

#[test]
fn json_output_ends_with_the_summary() {
    let (mut reporter, page) = reporter(Style {
        json: true,
        ..Style::default()
    });
    reporter.event(&found(FoundKind::Watched));
    reporter.event(&found(FoundKind::Wanted));
    let (results, _) = finish(reporter, &page);
    let kind = |line: &String| {
        serde_json::from_str::<serde_json::Value>(line).unwrap()["kind"]
            .as_str()
            .map(str::to_owned)
    };
    let kinds: Vec<_> = results.iter().filter_map(kind).collect();
    assert_eq!(kinds, ["watchlist", "found", "summary"]);
}

#[test]
fn a_file_system_that_does_not_keep_the_mode_is_told_once() {
    let (mut reporter, page) = reporter(style(Detail::Normal));
    reporter.mode_not_kept();
    for _ in 0..2 {
        let Event::Found(mut key) = found(FoundKind::Wanted) else {
            unreachable!()
        };
        key.mode_kept = false;
        reporter.event(&Event::Found(key));
    }
    let (_, chatter) = finish(reporter, &page);
    let said = chatter.iter().filter(|line| line.contains("0600")).count();
    assert_eq!(said, 1, "{chatter:?}");
}

#[test]
fn on_a_terminal_the_last_key_comes_with_a_guide() {
    let terminal = Style {
        terminal: true,
        ..Style::default()
    };
    for (style, expected) in [(terminal, true), (Style::default(), false)] {
        let (mut reporter, page) = reporter(style);
        reporter.event(&found(FoundKind::Wanted));
        let (_, chatter) = finish(reporter, &page);
        assert_eq!(
            chatter.iter().any(|line| line.contains("set prv.key")),
            expected
        );
    }
}

#[test]
fn the_same_trouble_is_told_once_until_it_is_over() {
    let (mut reporter, page) = reporter(style(Detail::Quiet));
    let unsaved = |held| Event::Unsaved {
        reason: "disk full".to_owned(),
        held,
        retry: Duration::from_secs(5),
    };
    for event in [
        unsaved(1),
        unsaved(1),
        unsaved(2),
        Event::AllSaved,
        unsaved(2),
    ] {
        reporter.event(&event);
    }
    let (_, chatter) = finish(reporter, &page);
    assert_eq!(chatter.len(), 4);
}

#[test]
fn an_engine_error_is_told_once_a_lane() {
    let (mut reporter, page) = reporter(style(Detail::Quiet));
    let id = WorkerId {
        worker: 1,
        generation: 0,
    };
    for lane in [3, 3, 4] {
        reporter.event(&Event::EngineError { id, lane, count: 1 });
    }
    assert_eq!(finish(reporter, &page).1.len(), 2);
}

#[test]
fn workers_are_heard_only_in_verbose_mode() {
    for (detail, expected) in [(Detail::Verbose, 1), (Detail::Normal, 0)] {
        let (mut reporter, page) = reporter(style(detail));
        reporter.event(&Event::Batch(BatchReport {
            id: WorkerId {
                worker: 1,
                generation: 0,
            },
            batches: 1,
            batch_size: Some(10),
            candidates: 10,
            sweeps: 1,
            wall: Duration::from_secs(1),
            processor: None,
            lanes: Vec::new(),
            skipped: 0,
            buffer_bytes: 0,
            calibration: Vec::new(),
            repeats: Vec::new(),
        }));
        let (_, chatter) = finish(reporter, &page);
        let completed = chatter.iter().filter(|line| line.contains("Completed"));
        assert_eq!(completed.count(), expected);
    }
}

#[test]
fn a_search_of_more_than_a_day_is_said_once_as_soon_as_the_rate_is_known() {
    let (mut reporter, page) = reporter(style(Detail::Normal));
    for milliseconds in [100, 400, 800] {
        reporter.progress(&Snapshot {
            totals: Totals {
                candidates: 100,
                working_seconds: milliseconds as f64 / 1e3,
                ..Totals::default()
            },
            count: Some(1),
            odds: Odds(1e-15),
            rate: 1e8,
            ..Snapshot::default()
        });
    }
    let (_, chatter) = finish(reporter, &page);
    assert_eq!(
        chatter
            .iter()
            .filter(|line| line.contains("more than a day"))
            .count(),
        1
    );
}
