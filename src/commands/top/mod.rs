//! `keygen top`: sessions live in a terminal, and keys to steer them.
//!
//! ```text
//! source (a thread that looks every second) -> model <- keys, ticks -> view (pure) -> terminal
//!                                                |-> action (a thread for each)
//! ```

mod look;
mod model;
mod rates;
mod source;
mod terminal;
mod view;

use std::time::{Duration, Instant};

use anyhow::bail;
use crossbeam_channel::{Receiver, Sender, TryRecvError, unbounded};
use ratatui::crossterm::event::{self, Event, KeyEventKind};

use self::look::Look;
use self::model::{Model, Step};
use self::source::Source;
use crate::app::signals::{Command, Signals};
use crate::commands::action::{Action, act};
use crate::config::UsageError;
use crate::config::args::{PlaceArgs, TopArgs};
use crate::config::session::place;
use crate::exit::Ending;
use crate::overview::gather;
use crate::report::streams::Streams;

/// Between two looks at keys, signals and news.
const TICK: Duration = Duration::from_millis(100);

/// Between two drawings without news: the clock and ages go on.
const REDRAW: Duration = Duration::from_secs(1);

/// Shows sessions until the user or a signal ends it.
///
/// # Errors
/// The session does not exist, or the terminal can't show anything; before anything is drawn.
pub(crate) fn run(args: &TopArgs, _: &mut Streams<'_>) -> anyhow::Result<Ending> {
    let own = place(&args.place)?;
    if args.name.is_some() {
        gather(own.clone(), args.name.as_deref()).map_err(UsageError::refused)?;
    }
    terminal::check()?;
    let signals = Signals::new()?;
    let source = Source::start(own, args.name.clone())?;
    let dashboard = Dashboard {
        model: Model::new(args.name.clone()),
        look: Look::of_process(),
        place: args.place.clone(),
        source,
        done: unbounded(),
        panic: args.panic,
    };
    terminal::with(|terminal| dashboard.run(terminal, signals))
}

/// All that the loop needs.
struct Dashboard {
    model: Model,
    look: Look,
    place: PlaceArgs,
    source: Source,
    /// What came of actions.
    done: (Sender<Outcome>, Receiver<Outcome>),
    panic: bool,
}

/// What came of an action, in a sentence.
type Outcome = Result<String, String>;

impl Dashboard {
    fn run(
        mut self,
        terminal: &mut terminal::Terminal,
        mut signals: Signals,
    ) -> anyhow::Result<Ending> {
        let begin = Instant::now();
        let mut drawn: Option<Instant> = None;
        loop {
            if let Some(Command::Stop(signal) | Command::Quit(signal)) =
                signals.poll(begin.elapsed())
            {
                return Ok(Ending::Interrupted(signal));
            }
            let news = self.take_news()?;
            if news || drawn.is_none_or(|at| at.elapsed() >= REDRAW) {
                self.draw(terminal)?;
                drawn = Some(Instant::now());
                #[expect(clippy::panic, reason = "a test asks for it")]
                if self.panic {
                    panic!("as --panic asks");
                }
            }
            if !terminal::wait(TICK)? {
                break;
            }
            while event::poll(Duration::ZERO)? {
                match self.handle(&event::read()?) {
                    Step::Quit => return Ok(Ending::Found),
                    Step::Act(session, action) => self.act(session, action),
                    Step::Redraw => {}
                }
                drawn = None;
            }
        }
        match signals.poll(begin.elapsed()) {
            Some(Command::Stop(signal) | Command::Quit(signal)) => Ok(Ending::Interrupted(signal)),
            None => bail!("the terminal is gone"),
        }
    }

    /// Takes what source and actions have to tell; whether it was anything.
    fn take_news(&mut self) -> anyhow::Result<bool> {
        let mut news = false;
        loop {
            match self.source.pictures.try_recv() {
                Ok(picture) => self.model.see(picture),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => bail!("the thread that looks at sessions ended"),
            }
            news = true;
        }
        while let Ok(outcome) = self.done.1.try_recv() {
            self.model.tell(outcome);
            news = true;
        }
        self.source.choose(self.model.shown());
        Ok(news)
    }

    fn draw(&mut self, terminal: &mut terminal::Terminal) -> std::io::Result<()> {
        let now = jiff::Timestamp::now();
        terminal.draw(|frame| {
            let area = frame.area();
            view::draw(&self.model, &self.look, now, area, frame.buffer_mut());
        })?;
        Ok(())
    }

    fn handle(&mut self, event: &Event) -> Step {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => {
                self.model.press(key.code, key.modifiers)
            }
            _ => Step::Redraw,
        }
    }

    /// Carries out an action on a thread of its own: it may take seconds.
    fn act(&mut self, session: String, action: Action) {
        let (done, args) = (self.done.0.clone(), self.place.clone());
        self.model.tell(Ok(format!("{session}: asked …")));
        let work = move || {
            let own = place(&args).map_err(|error| error.to_string());
            let outcome = own.and_then(|own| act(own, &session, action, args.trust));
            let _ = done.send(match outcome {
                Ok(said) => Ok(format!("{session} {said}.")),
                Err(why) => Err(format!("{session}: {why}.")),
            });
        };
        let spawned = std::thread::Builder::new()
            .name("action".to_owned())
            .spawn(work);
        if let Err(error) = spawned {
            self.model.tell(Err(error.to_string()));
        }
    }
}
