//! All sessions, a line each.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::super::look::Look;
use super::super::model::Model;
use super::{put, put_text};
use crate::overview::Overview;
use crate::text::number::{percent, rate};

/// A terminal with fewer columns than this has no room for chance and pattern.
const WIDE: u16 = 70;

/// Draws the sessions, so that the selected one can be seen.
pub(super) fn draw(model: &Model, look: Look, area: Rect, buffer: &mut Buffer) {
    let Some(picture) = &model.picture else {
        return put(buffer, area, &[Line::raw("Looking …")]);
    };
    if picture.sessions.is_empty() {
        let text = "There are no sessions. keygen --session NAME begins one.";
        return put_text(buffer, area, text);
    }
    let wide = area.width >= WIDE;
    let heading = columns(
        wide,
        "session",
        ["state", "rate", "chance", "keys"],
        "pattern",
    );
    put(
        buffer,
        area,
        &[Line::styled(heading.concat(), look.heading())],
    );
    let room = usize::from(area.height - 1);
    let first = (model.selected + 1).saturating_sub(room);
    let shown = picture.sessions.iter().enumerate().skip(first).take(room);
    let lines: Vec<_> = shown
        .map(|(number, session)| {
            let line = match session {
                Ok(overview) => row(overview, wide, look),
                Err(error) => Line::styled(error.clone(), look.alarm()),
            };
            match number == model.selected {
                true => line.patch_style(Style::new().add_modifier(Modifier::REVERSED)),
                false => line,
            }
        })
        .collect();
    let below = Rect {
        y: area.y + 1,
        height: area.height - 1,
        ..area
    };
    put(buffer, below, &lines);
}

fn row(overview: &Overview, wide: bool, look: Look) -> Line<'static> {
    let status = &overview.status;
    let wanted = status.limits.count.map(|count| format!("/{count}"));
    let keys = format!("{}{}", status.found, wanted.unwrap_or_default());
    let speed = (overview.live("rate").as_f64())
        .filter(|_| status.state == "running")
        .map_or("-".to_owned(), rate);
    let chance = percent(status.chance_so_far);
    let texts = [status.state, &speed, &chance, &keys];
    let [name, state, rest, pattern] = columns(wide, &status.session, texts, &status.pattern);
    Line::from(vec![
        Span::raw(name),
        Span::styled(state, look.state(status.state)),
        Span::raw(rest),
        Span::raw(pattern),
    ])
}

/// Name, state, numbers and pattern at the width of their columns.
fn columns(wide: bool, name: &str, texts: [&str; 4], pattern: &str) -> [String; 4] {
    let [state, rate, chance, keys] = texts;
    let cut = |text: &str, width: usize| text.chars().take(width).collect::<String>();
    match wide {
        true => [
            format!("{:<16} ", cut(name, 16)),
            format!("{:<13}", cut(state, 12)),
            format!("{rate:<17}{chance:<11}{keys:<7}"),
            pattern.to_owned(),
        ],
        false => [
            format!("{:<11} ", cut(name, 11)),
            format!("{:<12}", cut(state, 11)),
            rate.to_owned(),
            String::new(),
        ],
    }
}
