//! Each view as it is drawn, at two sizes, with and without colours and Unicode.

use std::time::Duration;

use jiff::Timestamp;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyModifiers};
use ratatui::style::{Color, Modifier};
use serde_json::{Value, json};

use super::super::look::Look;
use super::super::model::Model;
use super::super::source::Picture;
use super::draw;
use crate::history::query::{AlertRow, Point};
use crate::history::summary::Summary;
use crate::overview::{Overview, Past};
use crate::session::inspect::look_at;
use crate::session::inspect::tests::place_with;
use crate::session::process::{Condition, ProcessLook, Usage};

fn now() -> Timestamp {
    "2026-11-22T02:20:00Z".parse().unwrap()
}

/// A search in its third hour, with two workers of which one is in trouble.
pub fn night(name: &str) -> Overview {
    let (_top, place) = place_with(name);
    let mut overview = Overview::of(&look_at(&place, name, now()).unwrap(), &place, now());
    let status = &mut overview.status;
    (status.state, status.reason) = ("running", None);
    (status.candidates, status.rate) = (1_800_000_000_000, 201.3e6);
    (status.working_seconds, status.runs, status.gap_count) = (8940.0, 3, 2);
    status.chance_so_far = 0.42;
    status.process = Some(ProcessLook {
        id: Some(4711),
        usage: Usage {
            memory: Some(13_002_342),
            processor: Some(1.98),
            threads: Some(6),
            uptime_seconds: Some(8040),
        },
        response_ms: Some(0.31),
        ..ProcessLook::unknown(Condition::Healthy)
    });
    overview.probability = 16f64.powi(-10);
    overview.snapshot = Some(snapshot());
    overview
}

fn snapshot() -> Value {
    let worker = |number: u32, state: &str, score: u32, restarts: Value| {
        json!({
            "worker": number, "state": state, "score": score, "rate": 100.65e6, "performance": 1.004,
            "processor": 0.987, "restarts": restarts,
        })
    };
    let restarts = json!({"worker-slow": 2});
    json!({
        "rate": 198.7e6,
        "workers": [worker(1, "healthy", 100, json!({})), worker(2, "degraded", 61, restarts)],
        "alerts": [],
    })
}

fn past() -> Past {
    let at = |minute: u64| now() - Duration::from_secs(60 * minute);
    let incident = |minute, severity: &str, message: &str| AlertRow {
        id: 1,
        resource_type: "worker".to_owned(),
        resource_id: "night/worker-2".to_owned(),
        alert_type: "worker-slow".to_owned(),
        severity: severity.to_owned(),
        message: message.to_owned(),
        timestamp: at(minute),
        metadata: Value::Null,
        resolved: false,
        resolved_at: None,
    };
    let rate = |minute: u64| {
        let mean = 150e6 + 50e6 * (minute as f64 / 9.0).sin();
        let at = at(minute);
        Point {
            at,
            mean,
            least: mean,
            most: mean,
        }
    };
    Past {
        summary: Summary {
            since: at(60),
            runs: Vec::new(),
            measured: Vec::new(),
            restarts: Default::default(),
            incidents: vec![
                incident(50, "warning", "worker 2 is slow: 61 % of its usual rate"),
                incident(
                    9,
                    "critical",
                    "worker 2 was restarted: it was slow for 5 min",
                ),
            ],
        },
        rates: (0..60).rev().map(rate).collect(),
    }
}

/// A dashboard that has seen these sessions.
pub fn model_of(sessions: Vec<Result<Overview, String>>) -> Model {
    let mut model = Model::new(None);
    model.see(Picture {
        at: now(),
        sessions,
        past: Some(("night".to_owned(), past())),
        problem: None,
    });
    model
}

/// A dashboard with one session that fills the screen.
pub fn model() -> Model {
    let mut model = model_of(vec![Ok(night("night"))]);
    model.press(KeyCode::Enter, KeyModifiers::NONE);
    model
}

const PLAIN: Look = Look {
    colour: false,
    unicode: true,
};

fn terminal(model: &Model, look: Look, size: (u16, u16)) -> Terminal<TestBackend> {
    let mut terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
    let drawn = terminal.draw(|frame| {
        let area = frame.area();
        draw(model, &look, now(), area, frame.buffer_mut());
    });
    drawn.unwrap();
    terminal
}

/// What is seen, without the time, which is local.
fn seen(model: &Model, look: Look, size: (u16, u16)) -> String {
    let text = terminal(model, look, size).backend().to_string();
    let local = now().to_zoned(jiff::tz::TimeZone::system());
    text.replace(&local.strftime("%H:%M:%S").to_string(), "HH:MM:SS")
}

/// The same without the times of incidents.
fn snap(model: &Model, look: Look, size: (u16, u16)) -> String {
    let text = seen(model, look, size);
    let hide = |line: &str| match line.get(1..9) {
        Some(time) if time.chars().all(|c| c.is_ascii_digit() || c == ':') => {
            line.replacen(time, "HH:MM:SS", 1)
        }
        _ => line.to_owned(),
    };
    text.lines().map(hide).collect::<Vec<_>>().join("\n")
}

#[test]
fn one_session_on_80_columns() {
    insta::assert_snapshot!(snap(&model(), PLAIN, (80, 24)));
}

#[test]
fn one_session_on_40_columns() {
    insta::assert_snapshot!(snap(&model(), PLAIN, (40, 24)));
}

#[test]
fn one_session_in_ascii() {
    let ascii = Look {
        unicode: false,
        ..PLAIN
    };
    let text = snap(&model(), ascii, (80, 24));
    insta::assert_snapshot!(text);
    assert!(text.is_ascii(), "{text}");
}

#[test]
fn one_session_on_the_smallest_terminal() {
    insta::assert_snapshot!(snap(&model(), PLAIN, (40, 12)));
}

fn three() -> Model {
    let (mut day, mut ended) = (night("day"), night("a name that is longer than its column"));
    (day.status.state, day.snapshot) = ("interrupted", None);
    (ended.status.state, ended.snapshot) = ("finished", None);
    let broken = "the session bad can't be used: its checkpoint is damaged".to_owned();
    let sessions = vec![Ok(ended), Ok(day), Err(broken), Ok(night("night"))];
    let mut model = model_of(sessions);
    model.press(KeyCode::End, KeyModifiers::NONE);
    model
}

#[test]
fn all_sessions_on_80_columns() {
    insta::assert_snapshot!(snap(&three(), PLAIN, (80, 12)));
}

#[test]
fn all_sessions_on_40_columns() {
    insta::assert_snapshot!(snap(&three(), PLAIN, (40, 12)));
}

#[test]
fn a_question_names_the_session_and_what_would_be_done() {
    let mut model = model();
    model.press(KeyCode::Char('R'), KeyModifiers::NONE);
    let text = seen(&model, PLAIN, (80, 24));
    assert!(
        text.contains("Restart the workers of night? y: yes, any other key: no"),
        "{text}"
    );
}

#[test]
fn no_sessions_and_a_first_look_are_told() {
    let text = seen(&model_of(Vec::new()), PLAIN, (40, 12));
    assert!(text.contains("There are no sessions."), "{text}");
    let text = seen(&Model::new(None), PLAIN, (40, 12));
    assert!(text.contains("Looking"), "{text}");
}

#[test]
fn an_old_picture_says_how_old_it_is() {
    let mut model = model();
    model.picture.as_mut().unwrap().at = now() - Duration::from_secs(75);
    let text = seen(&model, PLAIN, (80, 24));
    assert!(text.contains("seen 1 min 15 s ago"), "{text}");
}

#[test]
fn the_selected_session_can_be_seen_however_many_there_are() {
    let sessions = (0..50).map(|number| Ok(night(&format!("s{number}"))));
    let mut model = model_of(sessions.collect());
    model.press(KeyCode::End, KeyModifiers::NONE);
    let text = seen(&model, PLAIN, (80, 24));
    assert!(text.contains("s49") && !text.contains("s0 "), "{text}");
}

#[test]
fn a_terminal_that_was_made_too_small_says_so() {
    for size in [(39, 24), (80, 11), (1, 1), (10, 3)] {
        let text = seen(&model(), PLAIN, size);
        assert!(size.0 < 10 || text.contains("The"), "{text}");
    }
}

/// Foregrounds and modifiers that were used.
fn styles(look: Look) -> (Vec<Color>, bool) {
    let terminal = terminal(&model(), look, (80, 24));
    let cells = &terminal.backend().buffer().content;
    let mut colours: Vec<_> = cells.iter().map(|cell| cell.fg).collect();
    colours.dedup();
    let bold = cells
        .iter()
        .any(|cell| cell.modifier.contains(Modifier::BOLD));
    (colours, bold)
}

#[test]
fn without_colours_there_are_none_and_what_needs_attention_is_bold() {
    assert_eq!(styles(PLAIN), (vec![Color::Reset], true));
    let coloured = Look {
        colour: true,
        ..PLAIN
    };
    let (colours, _) = styles(coloured);
    for colour in [Color::Green, Color::Yellow, Color::Cyan] {
        assert!(colours.contains(&colour), "{colour}: {colours:?}");
    }
}
