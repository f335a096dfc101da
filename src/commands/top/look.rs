//! How a terminal may be drawn on: with colours or without, with Unicode or plain ASCII.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::bar;

/// The means of a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    pub colour: bool,
    pub unicode: bool,
}

/// The levels of a chart in ASCII.
const ASCII: bar::Set<'_> = bar::Set {
    full: "#",
    seven_eighths: "#",
    three_quarters: "#",
    five_eighths: "=",
    half: "=",
    three_eighths: "-",
    one_quarter: "-",
    one_eighth: ".",
    empty: " ",
};

impl Look {
    /// As the environment variables of this process say.
    pub(super) fn of_process() -> Self {
        Self::of(|name| std::env::var(name).ok())
    }

    fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name| variable(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
        let locale = locale.unwrap_or_default().to_ascii_lowercase();
        let is_utf8 = cfg!(windows) || locale.contains("utf-8") || locale.contains("utf8");
        let is_console = set("TERM").is_some_and(|term| term == "linux");
        Self {
            colour: set("NO_COLOR").is_none(),
            unicode: is_utf8 && !is_console,
        }
    }

    /// This colour, where there are colours.
    pub(super) fn colour(self, colour: Color) -> Style {
        match self.colour {
            true => Style::new().fg(colour),
            false => Style::new(),
        }
    }

    /// How a heading looks.
    pub(super) fn heading(self) -> Style {
        self.colour(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// How something looks that needs attention.
    pub(super) fn alarm(self) -> Style {
        self.colour(Color::Red).add_modifier(Modifier::BOLD)
    }

    /// How a state of a session or worker looks: what is not as it should be is bold, also without colours.
    pub(super) fn state(self, state: &str) -> Style {
        match state {
            "running" | "healthy" | "finished" | "info" => self.colour(Color::Green),
            "paused" | "starting" | "degraded" | "warning" | "restarting" => {
                self.colour(Color::Yellow).add_modifier(Modifier::BOLD)
            }
            _ => self.alarm(),
        }
    }

    /// The levels of a chart.
    pub(super) fn bars(self) -> bar::Set<'static> {
        match self.unicode {
            true => bar::NINE_LEVELS,
            false => ASCII,
        }
    }

    /// Replaces what the terminal can't show.
    pub(super) fn restrict(self, buffer: &mut Buffer) {
        if self.unicode {
            return;
        }
        for cell in &mut buffer.content {
            if !cell.symbol().is_ascii() {
                let plain = match cell.symbol() {
                    "…" => "~",
                    "×" => "x",
                    _ => "?",
                };
                cell.set_symbol(plain);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(variables: &[(&str, &str)]) -> (bool, bool) {
        let find = |name: &str| {
            let pair = variables.iter().find(|(of, _)| *of == name);
            pair.map(|(_, value)| (*value).to_owned())
        };
        let look = Look::of(find);
        (look.colour, look.unicode)
    }

    #[cfg(unix)]
    #[test]
    fn the_environment_says_what_the_terminal_can_show() {
        assert_eq!(look(&[("LANG", "de_DE.UTF-8")]), (true, true));
        assert_eq!(
            look(&[("LANG", "de_DE.UTF-8"), ("LC_ALL", "C")]),
            (true, false)
        );
        assert_eq!(look(&[("LANG", "C.utf8"), ("LC_ALL", "")]), (true, true));
        assert_eq!(look(&[]), (true, false));
        let console = [("LANG", "C.UTF-8"), ("TERM", "linux"), ("NO_COLOR", "1")];
        assert_eq!(look(&console), (false, false));
        assert_eq!(look(&[("NO_COLOR", ""), ("LANG", "C.UTF-8")]), (true, true));
    }
}
