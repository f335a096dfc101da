//! The lists of a session below its facts: workers, incidents, keys.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::style::Color;
use ratatui::text::{Line, Span};
use serde_json::Value;

use super::super::look::Look;
use crate::overview::{Overview, Past};
use crate::text::number::{percent, rate};

/// A terminal with fewer columns than this has no room for all columns of the workers.
pub(super) const WIDE: u16 = 70;

/// The lists of a session, each with its heading; an empty one has none.
pub(super) struct Lists([(&'static str, Vec<Line<'static>>); 3]);

/// The workers, incidents and keys of a session.
pub(super) fn lists(overview: &Overview, past: Option<&Past>, look: Look, width: u16) -> Lists {
    Lists([
        ("workers", workers(overview, look, width)),
        ("incidents", incidents(past, overview, look, width)),
        ("keys", keys(overview, look)),
    ])
}

impl Lists {
    /// Lines of all.
    pub(super) fn lines(&self) -> usize {
        self.0.iter().map(|(_, lines)| lines.len()).sum()
    }

    /// As much of each as there is room for, with what is hidden in numbers.
    pub(super) fn within(self, room: usize, look: Look) -> Vec<Line<'static>> {
        let mut lengths = self.shared(room);
        if self.hidden(&lengths).is_some() {
            lengths = self.shared(room.saturating_sub(1));
        }
        let quiet = look.colour(Color::DarkGray);
        let note = self.hidden(&lengths);
        let note = note.map(|hidden| Line::styled(format!("… not shown: {hidden}"), quiet));
        let cut = |((_, mut lines), length): ((_, Vec<Line<'static>>), usize)| {
            let hidden = lines.len() - length;
            lines.truncate(length);
            if let Some(last) = lines.last_mut().filter(|_| hidden > 0) {
                let more = format!("  … {} more", hidden + 1);
                *last = Line::styled(more, quiet);
            }
            lines
        };
        let lists = self.0.into_iter().zip(lengths).flat_map(cut);
        lists.chain(note).collect()
    }

    /// The length of each within so many lines: the longest is cut first, and one of which only the heading is left goes.
    fn shared(&self, room: usize) -> [usize; 3] {
        let mut lengths = self.0.each_ref().map(|(_, lines)| lines.len());
        while lengths.iter().sum::<usize>() > room {
            let Some(longest) = lengths.iter_mut().max() else {
                break;
            };
            *longest -= 1;
        }
        lengths.map(|length| if length == 1 { 0 } else { length })
    }

    /// How many entries are in lists that have no line at all.
    fn hidden(&self, lengths: &[usize; 3]) -> Option<String> {
        let hidden = self.0.iter().zip(lengths);
        let hidden = hidden.filter(|((_, lines), length)| **length == 0 && !lines.is_empty());
        let hidden = hidden.map(|((name, lines), _)| format!("{name} {}", lines.len() - 1));
        let hidden: Vec<_> = hidden.collect();
        (!hidden.is_empty()).then(|| hidden.join(", "))
    }
}

/// A heading and a line for each worker.
fn workers(overview: &Overview, look: Look, width: u16) -> Vec<Line<'static>> {
    let workers = overview.live("workers").as_array();
    let workers: Vec<_> = workers.into_iter().flatten().collect();
    if workers.is_empty() {
        return Vec::new();
    }
    let names = [
        "worker", "state", "score", "rate", "of usual", "cpu", "restarts",
    ];
    let heading = worker_row(width, names.map(str::to_owned)).concat();
    let mut lines = vec![Line::styled(heading, look.heading())];
    lines.extend(
        workers
            .into_iter()
            .map(|worker| worker_line(worker, look, width)),
    );
    lines
}

fn worker_line(worker: &Value, look: Look, width: u16) -> Line<'static> {
    let number = |name: &str| worker[name].as_f64();
    let share = |name: &str| number(name).map_or("-".to_owned(), percent);
    let state = worker["state"].as_str().unwrap_or("unknown").to_owned();
    let style = look.state(&state);
    let causes = worker["restarts"].as_object().into_iter().flatten();
    let causes: Vec<_> = causes
        .map(|(cause, count)| format!("{count} {cause}"))
        .collect();
    let [name, state, rest] = worker_row(
        width,
        [
            worker["worker"].to_string(),
            state,
            worker["score"].to_string(),
            number("rate").map_or("-".to_owned(), rate),
            share("performance"),
            share("processor"),
            causes.join(", "),
        ],
    );
    Line::from(vec![
        Span::raw(name),
        Span::styled(state, style),
        Span::raw(rest),
    ])
}

/// Number, state, and the rest of the columns at their widths.
fn worker_row(width: u16, texts: [String; 7]) -> [String; 3] {
    let [name, state, score, rate, usual, cpu, restarts] = texts;
    let rest = match width >= WIDE {
        true => format!("{score:<7}{rate:<17}{usual:<10}{cpu:<10}{restarts}"),
        false => rate,
    };
    [format!("{name:<8}"), format!("{state:<12}"), rest]
}

/// A heading, the alerts that are not over, and the latest incidents, newest first.
fn incidents(
    past: Option<&Past>,
    overview: &Overview,
    look: Look,
    width: u16,
) -> Vec<Line<'static>> {
    let rows = past
        .map(|past| past.summary.incidents.as_slice())
        .unwrap_or_default();
    let zone = TimeZone::system();
    let line = |at: Timestamp, severity: &str, text: &str| {
        let time = at.to_zoned(zone.clone()).strftime("%H:%M:%S").to_string();
        let room = usize::from(width).saturating_sub(time.len() + 2);
        let text: String = text.chars().take(room).collect();
        Line::from(vec![
            Span::raw(format!("{time}  ")),
            Span::styled(text, look.state(severity)),
        ])
    };
    let of_history = rows.iter().rev();
    let mut lines: Vec<_> = of_history
        .map(|row| line(row.timestamp, &row.severity, &row.message))
        .collect();
    if lines.is_empty() {
        let alerts = overview.live("alerts").as_array().into_iter().flatten();
        lines.extend(alerts.filter_map(|alert| {
            let since = alert["since"].as_str()?.parse().ok()?;
            Some(line(
                since,
                alert["severity"].as_str()?,
                alert["message"].as_str()?,
            ))
        }));
    }
    headed("incidents of the last hour", lines, look)
}

/// A heading and the latest keys, newest first.
fn keys(overview: &Overview, look: Look) -> Vec<Line<'static>> {
    let keys = overview.status.keys.iter().rev();
    let line = |key: &crate::session::status::KeyStatus| {
        let digits: String = key.public_key.chars().take(16).collect();
        let file = key.files.first().map_or("", String::as_str);
        Line::raw(format!("{digits}…  {file}"))
    };
    headed("keys found", keys.map(line).collect(), look)
}

fn headed(heading: &'static str, mut lines: Vec<Line<'static>>, look: Look) -> Vec<Line<'static>> {
    if !lines.is_empty() {
        lines.insert(0, Line::styled(heading, look.heading()));
    }
    lines
}
