//! One session: facts and the rate over time; the lists below them are in [`super::session_lists`].

use std::time::Duration;

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Color;
use ratatui::text::Line;
use ratatui::widgets::{Sparkline, SparklineBar, Widget};

use super::super::look::Look;
use super::super::model::Model;
use super::super::rates;
use super::session_lists::{WIDE, lists};
use super::{put, wrapped};
use crate::overview::Overview;
use crate::text::number::{counted, percent, rate, thousands};
use crate::text::odds::Odds;
use crate::text::span::{seconds, span};

/// The width of the names of facts.
const NAMES: usize = 8;

/// Draws a session: facts first, then as much of the rest as there is room for.
pub(super) fn draw(
    model: &Model,
    overview: &Overview,
    look: Look,
    now: Timestamp,
    area: Rect,
    buffer: &mut Buffer,
) {
    let head = head(overview, look, area.width);
    let facts = facts(overview, look, area.width);
    put(buffer, area, &head);
    let high = if area.height >= 20 { 3 } else { 1 };
    let chart = below(area, head.len(), high);
    let points = model.rates(&overview.status.session);
    draw_chart(&points, look, now, chart, buffer);
    let rest = below(area, head.len() + usize::from(high), area.height);
    let lists = lists(overview, model.past(), look, rest.width);
    let facts = within(facts, rest.height, lists.lines());
    put(buffer, rest, &facts);
    let rest = below(rest, facts.len(), area.height);
    put(buffer, rest, &lists.within(rest.height.into(), look));
}

/// The facts that fit beside so many lines of lists, which need a third of the room at most; the last ones go first.
fn within(facts: Vec<Vec<Line<'static>>>, height: u16, lists: usize) -> Vec<Line<'static>> {
    let height = usize::from(height);
    let room = height - lists.min((height / 3).max(1)).min(height);
    let mut kept: Vec<Line<'static>> = Vec::new();
    for fact in facts {
        if kept.len() + fact.len() > room {
            break;
        }
        kept.extend(fact);
    }
    kept
}

/// What is left of an area below so many lines, at most so high.
fn below(area: Rect, lines: usize, most: u16) -> Rect {
    let lines = u16::try_from(lines).unwrap_or(u16::MAX).min(area.height);
    Rect {
        y: area.y + lines,
        height: (area.height - lines).min(most),
        ..area
    }
}

/// State, pattern and rate.
fn head(overview: &Overview, look: Look, width: u16) -> Vec<Line<'static>> {
    let status = &overview.status;
    let reason = status
        .reason
        .as_deref()
        .map_or(String::new(), |why| format!(" ({why})"));
    let live = overview.live("rate").as_f64();
    let now = match live.filter(|_| status.state == "running") {
        Some(now) => format!("{}, ", rate(now)),
        None => "not searching, ".to_owned(),
    };
    let mut lines = fact("State", &format!("{}{reason}", status.state), width);
    if let Some(first) = lines.first_mut() {
        *first = first.clone().patch_style(look.state(status.state));
    }
    lines.extend(fact("Pattern", &status.pattern, width));
    let text = format!("{now}{} on average", rate(status.rate));
    lines.extend(fact("Rate", &text, width));
    lines
}

fn draw_chart(
    points: &[rates::Point],
    look: Look,
    now: Timestamp,
    area: Rect,
    buffer: &mut Buffer,
) {
    let label = u16::try_from(NAMES).unwrap_or(u16::MAX);
    let chart = Rect {
        x: area.x + label,
        width: area.width - label,
        ..area
    };
    let (columns, shown) = rates::columns(points, now, chart.width.into());
    let shown = Duration::from_secs(shown.as_secs() / 60 * 60);
    put(buffer, area, &[Line::raw(span(shown))]);
    let most = columns.iter().flatten().copied().fold(1.0, f64::max);
    // As shares: a chart of small numbers would have few levels.
    let bars = columns.iter().map(|rate| {
        let share = rate.map(|rate| (rate / most * 1000.0) as u64);
        SparklineBar::from(share)
    });
    Sparkline::default()
        .data(bars)
        .max(1000)
        .bar_set(look.bars())
        .absent_value_symbol(" ")
        .style(look.colour(Color::Green))
        .render(chart, buffer);
}

/// A name and a text, which goes on below itself.
fn fact(name: &str, text: &str, width: u16) -> Vec<Line<'static>> {
    let indent = " ".repeat(NAMES);
    let lines = wrapped(text, width.saturating_sub(NAMES as u16));
    let named = lines
        .into_iter()
        .enumerate()
        .map(|(number, line)| match number {
            0 => format!("{name:<NAMES$}{line}"),
            _ => format!("{indent}{line}"),
        });
    named.map(Line::from).collect()
}

/// What there is to know in words, what matters most first; on a narrow terminal in fewer words.
fn facts(overview: &Overview, look: Look, width: u16) -> Vec<Vec<Line<'static>>> {
    let status = &overview.status;
    let runs = counted(status.runs.into(), "run");
    let gaps = match status.gap_count {
        0 => String::new(),
        gaps => format!(", {}", counted(gaps, "gap")),
    };
    let wide = width >= WIDE;
    let time = seconds(status.working_seconds);
    let work = match wide {
        true => format!(
            "{} candidates in {time}, {runs}{gaps}",
            thousands(status.candidates)
        ),
        false => format!("{time}, {runs}{gaps}"),
    };
    let wanted = status
        .limits
        .count
        .map_or(String::new(), |count| format!(" of {count}"));
    let band = 2.0 * status.spot_checks_expected.sqrt();
    let wrong = match status.refuted {
        0 => String::new(),
        wrong => format!(", {wrong} WRONG"),
    };
    let right = thousands(status.spot_checks);
    let expected = thousands(status.spot_checks_expected.round() as u64);
    let proof = match wide {
        true => {
            format!("{right} spot checks right, {expected} expected, give or take {band:.0}{wrong}")
        }
        false => format!("{right} checks right of {expected}{wrong}"),
    };
    let is_well = |health: &str| matches!(health, "healthy" | "ok");
    let health = status.health.as_deref().filter(|health| !is_well(health));
    let warned = |health| {
        let lines = fact("Health", health, width).into_iter();
        lines
            .map(|line| line.patch_style(look.state("warning")))
            .collect()
    };
    let found = format!("{}{wanted} found", status.found);
    let facts = [
        Some(fact("Chance", &chance(overview), width)),
        Some(fact("Keys", &found, width)),
        health.map(warned),
        Some(fact("Work", &work, width)),
        Some(fact("Proof", &proof, width)),
        Some(fact("Process", &process(overview, wide), width)),
    ];
    facts.into_iter().flatten().collect()
}

fn chance(overview: &Overview) -> String {
    let status = &overview.status;
    let by_now = format!("{} by now", percent(status.chance_so_far));
    match status.rate > 0.0 && status.state != "finished" {
        true => format!(
            "{by_now}, {}",
            Odds(overview.probability).times_from_now(status.rate)
        ),
        false => by_now,
    }
}

fn process(overview: &Overview, wide: bool) -> String {
    let Some(process) = &overview.status.process else {
        return "none".to_owned();
    };
    let usage = process.usage;
    let state = format!("{:?}", process.state).to_lowercase();
    let parts = [
        Some(
            process
                .id
                .map_or(state.clone(), |id| format!("{id} {state}")),
        ),
        usage
            .memory
            .map(|bytes| format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))),
        usage
            .processor
            .map(|share| format!("{share:.2} processors")),
        usage.threads.map(|threads| format!("{threads} threads")),
        usage
            .uptime_seconds
            .map(|up| format!("up {}", span(Duration::from_secs(up)))),
        process
            .response_ms
            .map(|ms| format!("answers in {ms:.1} ms")),
    ];
    let [id, memory, ..] = &parts;
    let shown = match wide {
        true => &parts[..],
        false => &[id.clone(), memory.clone()],
    };
    let shown: Vec<_> = shown.iter().flatten().cloned().collect();
    shown.join(", ")
}
