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
const WIDE: u16 = 70;

/// The lists, as much of each as there is room for.
pub(super) fn lists(
    overview: &Overview,
    past: Option<&Past>,
    look: Look,
    (width, height): (u16, u16),
) -> Vec<Line<'static>> {
    let lists = [
        workers(overview, look, width),
        incidents(past, overview, look, width),
        keys(overview, look),
    ];
    share(lists, height.into(), look)
}

/// Lists one after another within so many lines: each is cut, from its end, to what the others leave.
fn share<const N: usize>(
    lists: [Vec<Line<'static>>; N],
    room: usize,
    look: Look,
) -> Vec<Line<'static>> {
    let mut lengths = lists.each_ref().map(Vec::len);
    while lengths.iter().sum::<usize>() > room {
        let Some(longest) = (0..N).max_by_key(|list| lengths[*list]) else {
            break;
        };
        lengths[longest] -= 1;
    }
    let cut = |(list, length): (Vec<Line<'static>>, usize)| {
        let hidden = list.len() - length;
        let mut kept: Vec<_> = list.into_iter().take(length).collect();
        // A heading alone says nothing.
        if length == 1 {
            kept.clear();
        }
        if hidden > 0
            && let Some(last) = kept.last_mut()
        {
            *last = Line::styled(
                format!("  … {} more", hidden + 1),
                look.colour(Color::DarkGray),
            );
        }
        kept
    };
    lists.into_iter().zip(lengths).flat_map(cut).collect()
}

/// A heading and a line for each worker.
fn workers(overview: &Overview, look: Look, width: u16) -> Vec<Line<'static>> {
    let none = Value::Null;
    let snapshot = overview.snapshot.as_ref().unwrap_or(&none);
    let workers: Vec<_> = snapshot["workers"]
        .as_array()
        .into_iter()
        .flatten()
        .collect();
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
        let none = Value::Null;
        let alerts = &overview.snapshot.as_ref().unwrap_or(&none)["alerts"];
        let alerts = alerts.as_array().into_iter().flatten();
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
