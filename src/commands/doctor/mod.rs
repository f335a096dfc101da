//! `keygen doctor`: what the program is, what machine and settings it finds, and what to do about what is not fine.

mod folders;
mod machine;

use std::io::{self, Write};

use serde::Serialize;

use super::{Call, ending_of, self_test, write_json};
use crate::config::args::{CommandLine, DoctorArgs, version};
use crate::config::{self, Environment};
use crate::device;
use crate::exit::Ending;
use crate::session::state::Purpose;

/// Everything that was found, as JSON has it.
#[derive(Serialize)]
struct Examination {
    version: &'static str,
    commit: &'static str,
    target: String,
    /// Whether nothing is wrong.
    fine: bool,
    findings: Vec<Finding>,
}

/// Examines everything; exit code 1 if something is wrong.
///
/// # Errors
/// Standard output does not take the answer.
pub(crate) fn run(args: &DoctorArgs, call: &mut Call<'_>) -> anyhow::Result<Ending> {
    let line = call.line;
    let (environment, streams) = call.parts();
    let findings = findings(line, environment);
    let fine = findings.iter().all(|found| found.grade != Grade::Wrong);
    if args.json {
        let examination = Examination {
            version: version::VERSION,
            commit: version::COMMIT,
            target: version::target(),
            fine,
            findings,
        };
        write_json(&examination, streams)?;
    } else {
        render(&findings, streams.out)?;
    }
    Ok(ending_of(fine))
}

fn findings(line: &CommandLine, environment: &Environment<'_>) -> Vec<Finding> {
    let mut all = vec![program()];
    all.extend(machine::processor(environment.processors));
    all.extend(self_test::checks().into_iter().map(known_answers));
    all.extend(machine::devices());
    all.push(machine::rate());
    let settings = config::searching(line, Purpose::Search, environment);
    all.extend(settings_found(line, environment, settings.as_ref().err()));
    if let Ok(settings) = &settings {
        all.extend(machine::resources(settings));
        all.extend(folders::all(settings));
    }
    all.extend(ports());
    all.extend([machine::clock(&environment.now), machine::sleep()]);
    all.extend(folders::service(&environment.service));
    all
}

fn program() -> Finding {
    let (version, commit) = (version::VERSION, version::COMMIT);
    let without = version::absent().map_or_else(String::new, |parts| format!(", without {parts}"));
    Finding::fine(
        "program",
        format!(
            "keygen {version}, commit {commit}, {}{without}",
            version::target()
        ),
    )
}

/// A check of the self-test.
fn known_answers((name, outcome): self_test::Check) -> Finding {
    use self_test::Outcome::{Right, Skipped, Wrong};
    match outcome {
        Right(text) => Finding::fine(name, text),
        Skipped(text) => Finding::new(name, Grade::Unknown, text),
        Wrong(text) => Finding::wrong(
            name,
            text,
            "Do not search with this program on this machine: test its memory, undo overclocking, install keygen again.",
        ),
    }
}

/// The settings that are not the default ones, and where each comes from; or why they can't be used.
fn settings_found(
    line: &CommandLine,
    environment: &Environment<'_>,
    error: Option<&anyhow::Error>,
) -> Vec<Finding> {
    if let Some(error) = error {
        let advice = "A search would be refused for the same reason: keygen config show and check tell more.";
        return vec![Finding::wrong("settings", format!("{error:#}"), advice)];
    }
    let rows = super::config::rows(line, environment).unwrap_or_default();
    let set = rows
        .into_iter()
        .filter(|row| row.origin != config::layers::Origin::Default);
    let set = set.map(|row| format!("{} = {} ({})", row.name, row.value, row.origin));
    let mut found: Vec<_> = set.map(|text| Finding::fine("setting", text)).collect();
    if found.is_empty() {
        found.push(Finding::fine("settings", "all at their defaults"));
    }
    let note = |note| Finding::new("settings", Grade::Attention, note);
    found.extend(environment.notes.take().into_iter().map(note));
    found
}

/// The serial ports on USB, and whether this user may open them.
fn ports() -> Vec<Finding> {
    let ports = device::ports().into_iter();
    let usb: Vec<_> = ports.filter(|port| port.vendor.is_some()).collect();
    if usb.is_empty() {
        return vec![Finding::fine("serial port", "none on USB")];
    }
    let found = usb.into_iter().map(|port| {
        let what = format!("{}: {}", port.name, port.seems());
        if folders::may_use(port.name.as_ref()) {
            return Finding::fine("serial port", what);
        }
        let advice = "This user may not open it. On Linux: sudo usermod -aG dialout $USER, then log in again.";
        Finding::new("serial port", Grade::Attention, what).advise(advice)
    });
    found.collect()
}

/// A line for each finding, and below it what to do.
fn render(findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    for Finding {
        about,
        grade,
        found,
        advice,
    } in findings
    {
        writeln!(out, "{:<10}{about:<19}{found}", grade.word())?;
        if let Some(advice) = advice {
            writeln!(out, "{:29}{advice}", "")?;
        }
    }
    let count = |grade| findings.iter().filter(|found| found.grade == grade).count();
    let (wrong, attention) = (count(Grade::Wrong), count(Grade::Attention));
    writeln!(
        out,
        "\n{wrong} wrong, {attention} to look at, {} in all",
        findings.len()
    )
}

/// How a thing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Grade {
    /// As it should be.
    Fine,
    /// A search runs, but this is worth a look.
    Attention,
    /// A search fails, or its keys are not safe.
    Wrong,
    /// It can't be told here.
    Unknown,
}

impl Grade {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Fine => "ok",
            Self::Attention => "look",
            Self::Wrong => "WRONG",
            Self::Unknown => "unknown",
        }
    }
}

/// What was found of one thing, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    pub about: String,
    pub grade: Grade,
    pub found: String,
    /// A sentence.
    pub advice: Option<&'static str>,
}

impl Finding {
    pub(super) fn new(about: impl Into<String>, grade: Grade, found: impl Into<String>) -> Self {
        Self {
            about: about.into(),
            grade,
            found: found.into(),
            advice: None,
        }
    }

    pub(super) fn fine(about: impl Into<String>, found: impl Into<String>) -> Self {
        Self::new(about, Grade::Fine, found)
    }

    pub(super) fn wrong(
        about: impl Into<String>,
        found: impl Into<String>,
        advice: &'static str,
    ) -> Self {
        Self::new(about, Grade::Wrong, found).advise(advice)
    }

    /// The same with what to do.
    pub(super) fn advise(self, advice: &'static str) -> Self {
        Self {
            advice: Some(advice),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_has_its_advice_on_the_next_line() {
        let mut out = Vec::new();
        let findings = [
            Finding::fine("clock", "right"),
            Finding::wrong("keys", "read-only", "Name another folder."),
        ];
        render(&findings, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        assert!(lines[0].starts_with("ok") && lines[1].starts_with("WRONG"));
        assert_eq!(lines[2], "Name another folder.");
        assert_eq!(lines[4], "1 wrong, 0 to look at, 2 in all");
    }

    #[test]
    fn a_wrong_answer_of_the_self_test_says_not_to_search() {
        let check = |outcome| {
            let name = "engine avx2".to_owned();
            known_answers((name, outcome))
        };
        let wrong = check(self_test::Outcome::Wrong("lane 3".to_owned()));
        assert!(wrong.grade == Grade::Wrong && wrong.advice.unwrap().contains("Do not search"));
        let skipped = check(self_test::Outcome::Skipped("not here"));
        assert_eq!(skipped.grade, Grade::Unknown);
    }
}
