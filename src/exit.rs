//! Every way in which the program can end, with the exit code and the name that it has in the JSON summary.

/// A signal that ends a search cleanly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Signal {
    /// SIGHUP: the terminal went away.
    HangUp,
    /// SIGINT: Ctrl-C.
    Interrupt,
    /// SIGTERM: asked to end.
    Terminate,
}

impl Signal {
    /// The number of the signal; it is the same on every system that has it.
    pub const fn number(self) -> u8 {
        match self {
            Self::HangUp => 1,
            Self::Interrupt => 2,
            Self::Terminate => 15,
        }
    }
}

/// Which limit ended a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LimitKind {
    /// `--candidates` or `--keys`.
    Candidates,
    /// `--time`.
    Time,
    /// `--until`.
    Until,
}

impl LimitKind {
    /// The option that sets this limit, as it is typed.
    pub const fn option(self) -> &'static str {
        match self {
            Self::Candidates => "--candidates",
            Self::Time => "--time",
            Self::Until => "--until",
        }
    }
}

/// How a run of the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ending {
    /// What was asked for was found or done.
    Found,
    /// Something failed on the way.
    Failed,
    /// The command line or a file that it names is wrong; nothing was done.
    BadInput,
    /// A limit came before the last key.
    Limit(LimitKind),
    /// Another process told it to stop.
    Stopped,
    /// Every worker was given up.
    NoWorkerLeft,
    /// What was asked for was found, but a key could not be saved where it should be.
    FoundInFallback,
    /// A signal ended it cleanly.
    Interrupted(Signal),
}

impl Ending {
    /// Every ending there is, in the order of the exit codes.
    pub const ALL: [Self; 12] = [
        Self::Found,
        Self::Failed,
        Self::BadInput,
        Self::Limit(LimitKind::Candidates),
        Self::Limit(LimitKind::Time),
        Self::Limit(LimitKind::Until),
        Self::Stopped,
        Self::NoWorkerLeft,
        Self::FoundInFallback,
        Self::Interrupted(Signal::HangUp),
        Self::Interrupted(Signal::Interrupt),
        Self::Interrupted(Signal::Terminate),
    ];

    /// The exit code: below 128, or 128 and the number of the signal, as shells report it.
    pub const fn code(self) -> u8 {
        match self {
            Self::Found => 0,
            Self::Failed => 1,
            Self::BadInput => 2,
            Self::Limit(_) => 3,
            Self::Stopped => 4,
            Self::NoWorkerLeft => 5,
            Self::FoundInFallback => 6,
            Self::Interrupted(signal) => 128 + signal.number(),
        }
    }

    /// The value of `ending` in the JSON summary.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Failed => "failed",
            Self::BadInput => "bad-input",
            Self::Limit(_) => "limit",
            Self::Stopped => "stopped",
            Self::NoWorkerLeft => "no-worker-left",
            Self::FoundInFallback => "found-in-fallback",
            Self::Interrupted(_) => "interrupted",
        }
    }

    /// What the exit code means, as the help, the man page and the manual print it.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Found => "found or done what was asked for",
            Self::Failed => "failure",
            Self::BadInput => "usage or bad input; nothing was done",
            Self::Limit(_) => "a limit came first",
            Self::Stopped => "stopped by command",
            Self::NoWorkerLeft => "no worker left",
            Self::FoundInFallback => "found, but a key had to go to a fallback folder",
            Self::Interrupted(Signal::HangUp) => {
                "ended cleanly by hang-up (unless ignored at start)"
            }
            Self::Interrupted(Signal::Interrupt) => "ended cleanly by interrupt",
            Self::Interrupted(Signal::Terminate) => "ended cleanly by terminate",
        }
    }
}

impl From<Ending> for std::process::ExitCode {
    fn from(ending: Ending) -> Self {
        Self::from(ending.code())
    }
}

/// The table of exit codes: each code once, ascending, with its meaning.
pub fn table() -> Vec<(u8, &'static str)> {
    let mut rows: Vec<_> = Ending::ALL
        .iter()
        .map(|ending| (ending.code(), ending.meaning()))
        .collect();
    rows.dedup();
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_the_documented_ones() {
        let codes: Vec<u8> = table().into_iter().map(|(code, _)| code).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 129, 130, 143]);
    }

    #[test]
    fn every_code_has_exactly_one_meaning() {
        for ending in Ending::ALL {
            let rows: Vec<_> = table()
                .into_iter()
                .filter(|row| row.0 == ending.code())
                .collect();
            assert_eq!(rows, [(ending.code(), ending.meaning())]);
        }
    }

    #[test]
    fn a_name_belongs_to_one_kind_of_ending() {
        assert_eq!(Ending::Found.name(), "found");
        assert_eq!(Ending::Limit(LimitKind::Until).name(), "limit");
        assert_eq!(Ending::Interrupted(Signal::Terminate).name(), "interrupted");
        assert_ne!(Ending::FoundInFallback.name(), Ending::Found.name());
    }
}
