//! The views: pure functions from what is known to what is drawn.

mod list;
mod session;
mod session_lists;
#[cfg(test)]
pub(super) mod tests;

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::look::Look;
use super::model::Model;
use super::terminal::{is_too_small, too_small};
use crate::commands::action::Action;
use crate::text::number::counted;
use crate::text::span::span;

/// A picture that is older than this has its age in the title.
const OLD: Duration = Duration::from_secs(4);

/// Draws what the model has into `area`.
pub(super) fn draw(model: &Model, look: &Look, now: Timestamp, area: Rect, buffer: &mut Buffer) {
    if is_too_small((area.width, area.height)) {
        let text = too_small((area.width, area.height));
        return put_text(buffer, area, &text);
    }
    let title = Rect { height: 1, ..area };
    let foot = Rect {
        y: area.bottom() - 2,
        height: 2,
        ..area
    };
    let body = Rect {
        y: area.y + 1,
        height: area.height - 3,
        ..area
    };
    put(buffer, title, &[heading(model, *look, now, area.width)]);
    match model.session().filter(|_| model.open) {
        Some(overview) => session::draw(model, overview, *look, now, body, buffer),
        None => list::draw(model, *look, body, buffer),
    }
    put(buffer, foot, &[said(model, *look), keys(model, area.width)]);
    look.restrict(buffer);
}

/// The first line: what is shown, the time, and how old it is.
fn heading(model: &Model, look: Look, now: Timestamp, width: u16) -> Line<'static> {
    let left = match (model.session().filter(|_| model.open), &model.picture) {
        (Some(overview), _) => format!("keygen top: {}", overview.status.session),
        (None, Some(picture)) => {
            let sessions = counted(picture.sessions.len() as u64, "session");
            format!("keygen top: {sessions}")
        }
        (None, None) => "keygen top".to_owned(),
    };
    let age = model
        .picture
        .as_ref()
        .map(|picture| now.duration_since(picture.at));
    let age = age.and_then(|age| Duration::try_from(age).ok());
    let time = now
        .to_zoned(TimeZone::system())
        .strftime("%H:%M:%S")
        .to_string();
    let right = match age.filter(|age| *age > OLD) {
        Some(age) => format!("seen {} ago", span(Duration::from_secs(age.as_secs()))),
        None => time,
    };
    let room = usize::from(width).saturating_sub(right.len() + 1);
    let left: String = left.chars().take(room).collect();
    let gap = " ".repeat(room - left.chars().count() + 1);
    Line::styled(format!("{left}{gap}{right}"), look.heading())
}

/// The line above the keys: a question, or what came of the last action.
fn said(model: &Model, look: Look) -> Line<'static> {
    if let Some((session, action)) = &model.asking {
        let question = format!("{} {session}? y: yes, any other key: no", verb(*action));
        return Line::styled(question, look.alarm());
    }
    let problem = model
        .picture
        .as_ref()
        .and_then(|picture| picture.problem.clone());
    match (&model.said, problem) {
        (Some(Ok(said)), _) => Line::raw(said.clone()),
        (Some(Err(why)), _) => Line::styled(why.clone(), look.alarm()),
        (None, Some(problem)) => Line::styled(problem, look.alarm()),
        (None, None) => Line::default(),
    }
}

fn verb(action: Action) -> &'static str {
    match action {
        Action::Pause => "Pause",
        Action::Resume => "Resume",
        Action::Stop => "Stop",
        Action::RestartWorkers(_) => "Restart the workers of",
        Action::Reclaim => "Reclaim memory of",
        Action::RestartProcess => "Restart the process of",
    }
}

/// The last line: what can be typed.
fn keys(model: &Model, width: u16) -> Line<'static> {
    let narrow = width < 60;
    let moves = match (model.open, narrow) {
        (true, true) => "Esc",
        (true, false) => "Esc list",
        (false, true) => "Enter",
        (false, false) => "Enter open",
    };
    let long = [
        ("p", " pause  "),
        ("r", " resume  "),
        ("s", " stop  "),
        ("R", " restart workers  "),
        ("q", " quit  "),
    ];
    let short = [
        ("p", "ause "),
        ("r", "esume "),
        ("s", "top "),
        ("R", "estart "),
        ("q", "uit "),
    ];
    let pairs = if narrow { short } else { long };
    let bold = |key| Span::styled(key, Modifier::BOLD);
    let mut spans: Vec<_> = (pairs.into_iter())
        .flat_map(|(key, rest)| [bold(key), Span::raw(rest)])
        .collect();
    spans.push(Span::raw(moves));
    Line::from(spans)
}

/// Writes lines from the top of `area`, cut at its edges.
fn put(buffer: &mut Buffer, area: Rect, lines: &[Line<'_>]) {
    for (line, y) in lines.iter().zip(area.top()..area.bottom()) {
        buffer.set_line(area.x, y, line, area.width);
    }
}

/// A text on as many lines as it needs.
fn put_text(buffer: &mut Buffer, area: Rect, text: &str) {
    let lines = wrapped(text, area.width).into_iter().map(Line::from);
    put(buffer, area, &lines.collect::<Vec<_>>());
}

fn wrapped(text: &str, width: u16) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let joined = lines.last().map(|line| format!("{line} {word}"));
        let fits = |line: &String| Span::raw(line.as_str()).width() <= usize::from(width);
        match (joined.filter(fits), lines.last_mut()) {
            (Some(joined), Some(last)) => *last = joined,
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
