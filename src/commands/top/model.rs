//! What is shown, and what keys change about it; knows neither terminal nor time.

use std::collections::BTreeMap;

use ratatui::crossterm::event::{KeyCode, KeyModifiers};

use super::rates::{LONGEST, Point};
use super::source::Picture;
use crate::commands::action::Action;
use crate::overview::{Overview, Past};

/// The state of the dashboard.
#[derive(Debug)]
pub(super) struct Model {
    /// The session that the command line names.
    named: Option<String>,
    /// The latest picture; nothing before the first.
    pub picture: Option<Picture>,
    /// Rates as they were seen, by session.
    rates: BTreeMap<String, Vec<Point>>,
    /// Which session of the list.
    pub selected: usize,
    /// Whether one session fills the screen.
    pub open: bool,
    /// What was asked for and is to be confirmed, and for which session.
    pub asking: Option<(String, Action)>,
    /// What came of the last action.
    pub said: Option<Result<String, String>>,
}

/// What a key means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    Redraw,
    Quit,
    /// Do this to that session.
    Act(String, Action),
}

impl Model {
    pub(super) fn new(named: Option<String>) -> Self {
        Self {
            open: named.is_some(),
            named,
            picture: None,
            rates: BTreeMap::new(),
            selected: 0,
            asking: None,
            said: None,
        }
    }

    /// Takes in a new picture. One with a problem keeps the sessions of the last one.
    pub(super) fn see(&mut self, mut picture: Picture) {
        for session in picture.sessions.iter().flatten() {
            if let Some(rate) = session.live("rate").as_f64() {
                let points = self
                    .rates
                    .entry(session.status.session.clone())
                    .or_default();
                points.push((picture.at, rate));
                let most = LONGEST.as_secs() as usize;
                let surplus = points.len().saturating_sub(most);
                points.drain(..surplus);
            }
        }
        if picture.problem.is_some()
            && let Some(last) = self.picture.take()
        {
            picture.sessions = last.sessions;
            picture.past = last.past;
            picture.at = last.at;
        }
        self.selected = self.selected.min(picture.sessions.len().saturating_sub(1));
        self.picture = Some(picture);
    }

    /// Takes in what came of an action.
    pub(super) fn tell(&mut self, outcome: Result<String, String>) {
        self.said = Some(outcome);
    }

    /// The session that is selected or fills the screen.
    pub(super) fn session(&self) -> Option<&Overview> {
        let sessions = &self.picture.as_ref()?.sessions;
        sessions.get(self.selected)?.as_ref().ok()
    }

    /// The name of the session that fills the screen.
    pub(super) fn shown(&self) -> Option<&str> {
        let session = self.session().filter(|_| self.open);
        session
            .map(|session| session.status.session.as_str())
            .or(self.named.as_deref())
    }

    /// The history of the session that fills the screen.
    pub(super) fn past(&self) -> Option<&Past> {
        let (name, past) = self.picture.as_ref()?.past.as_ref()?;
        (Some(name.as_str()) == self.shown()).then_some(past)
    }

    /// The rates of a session: those of the history, then those that were seen.
    pub(super) fn rates(&self, session: &str) -> Vec<Point> {
        let seen = self
            .rates
            .get(session)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let begin = seen.first().map(|point| point.0);
        let past = self.past().into_iter().flat_map(|past| &past.rates);
        let past = past.filter(|point| begin.is_none_or(|begin| point.at < begin));
        past.map(|point| (point.at, point.mean))
            .chain(seen.iter().copied())
            .collect()
    }

    /// What a key does.
    pub(super) fn press(&mut self, key: KeyCode, modifiers: KeyModifiers) -> Step {
        let control = modifiers.contains(KeyModifiers::CONTROL);
        if let Some((session, action)) = self.asking.take() {
            return match key {
                KeyCode::Char('y' | 'Y') if !control => Step::Act(session, action),
                KeyCode::Char('c') if control => Step::Quit,
                _ => Step::Redraw,
            };
        }
        self.said = None;
        match key {
            KeyCode::Char('c') if control => return Step::Quit,
            KeyCode::Char(_) if control => {}
            KeyCode::Char('q') => return Step::Quit,
            KeyCode::Char('p') => self.ask(Action::Pause),
            KeyCode::Char('r') => self.ask(Action::Resume),
            KeyCode::Char('s') => self.ask(Action::Stop),
            KeyCode::Char('R') => self.ask(Action::RestartWorkers(None)),
            KeyCode::Up | KeyCode::Char('k') => self.selected = self.selected.saturating_sub(1),
            KeyCode::Down | KeyCode::Char('j') => {
                self.selected = (self.selected + 1).min(self.last())
            }
            KeyCode::Home => self.selected = 0,
            KeyCode::End => self.selected = self.last(),
            KeyCode::Enter | KeyCode::Right => self.open = true,
            KeyCode::Esc | KeyCode::Left | KeyCode::Backspace => self.open = self.named.is_some(),
            _ => {}
        }
        Step::Redraw
    }

    fn ask(&mut self, action: Action) {
        let session = self.session().map(|session| session.status.session.clone());
        self.asking = session.map(|session| (session, action));
    }

    fn last(&self) -> usize {
        let sessions = self
            .picture
            .as_ref()
            .map_or(0, |picture| picture.sessions.len());
        sessions.saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::super::view::tests::{model, model_of, night};
    use super::*;

    fn press(model: &mut Model, key: char) -> Step {
        model.press(KeyCode::Char(key), KeyModifiers::NONE)
    }

    #[test]
    fn nothing_is_done_before_it_is_confirmed() {
        let mut model = model();
        for (key, action) in [
            ('p', Action::Pause),
            ('r', Action::Resume),
            ('s', Action::Stop),
            ('R', Action::RestartWorkers(None)),
        ] {
            assert_eq!(press(&mut model, key), Step::Redraw);
            assert_eq!(press(&mut model, 'n'), Step::Redraw);
            assert_eq!(press(&mut model, 'y'), Step::Redraw);
            press(&mut model, key);
            assert_eq!(
                press(&mut model, 'y'),
                Step::Act("night".to_owned(), action)
            );
            assert_eq!(model.asking, None);
        }
    }

    #[test]
    fn q_and_control_c_quit_but_q_does_not_answer_a_question() {
        let mut model = model();
        assert_eq!(press(&mut model, 'q'), Step::Quit);
        press(&mut model, 's');
        assert_eq!(press(&mut model, 'q'), Step::Redraw);
        press(&mut model, 's');
        let control_c = model.press(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(control_c, Step::Quit);
    }

    #[test]
    fn arrows_choose_a_session_and_enter_opens_it() {
        let mut model = model_of(vec![Ok(night("day")), Ok(night("night"))]);
        for (key, selected, shown) in [
            (KeyCode::Down, 1, None),
            (KeyCode::Down, 1, None),
            (KeyCode::Enter, 1, Some("night")),
            (KeyCode::Up, 0, Some("day")),
            (KeyCode::Esc, 0, None),
        ] {
            model.press(key, KeyModifiers::NONE);
            assert_eq!(
                (model.selected, model.shown()),
                (selected, shown),
                "{key:?}"
            );
        }
    }

    #[test]
    fn a_session_that_is_named_stays_open_and_a_problem_keeps_the_last_picture() {
        let mut model = Model::new(Some("night".to_owned()));
        assert_eq!(model.shown(), Some("night"));
        model.see(model_of(vec![Ok(night("night"))]).picture.unwrap());
        model.press(KeyCode::Esc, KeyModifiers::NONE);
        assert!(model.open);
        let at = model.picture.as_ref().unwrap().at;
        model.see(Picture {
            at: at + std::time::Duration::from_secs(9),
            sessions: Vec::new(),
            past: None,
            problem: Some("gone".to_owned()),
        });
        let picture = model.picture.as_ref().unwrap();
        assert_eq!((picture.sessions.len(), picture.at), (1, at));
        // 59 of the history, and one that was seen.
        assert_eq!(model.rates("night").len(), 60);
    }
}
