//! Events in words: what, why, what was done, and what the user can do.

use jiff::tz::TimeZone;

use crate::batch::{WorkerEnd, WorkerId};
use crate::clock::gap::GapKind;
use crate::event::{Event, Found};
use crate::key::hex;

use crate::event::health_message as health;
use crate::text::span::span;

/// The lines for an event on standard error; none for those that are shown in another way.
pub(crate) fn lines(event: &Event) -> Vec<String> {
    match event {
        Event::EngineError { id, lane, count } => vec![engine_error(*id, *lane, *count)],
        Event::WorkerEnded { id, end } => worker_ended(*id, end).into_iter().collect(),
        Event::Found(found) => found_lines(found),
        Event::Refused { id, reason } => vec![format!(
            "ERROR: {}: a found key failed its check and was not saved: {reason}. The engine computed a wrong result; \
             the search continues. Try --backend portable, and please report this.",
            name(*id)
        )],
        Event::Unsaved {
            reason,
            held,
            retry,
        } => vec![format!(
            "ERROR: saving failed, held in memory: {}. {reason}. Next attempt in {}; free some space or permit \
             writing, and do not end the program.",
            keys(*held as u64),
            span(*retry)
        )],
        Event::AllSaved => vec!["All keys that were held in memory are now saved.".to_owned()],
        Event::NothingLeft => vec![
            "Every node ID that a wanted key can have is taken now, so the search ends. Compare longer IDs with \
             --id-bytes 2 (or 3), or ask for other beginnings; keygen ids shows which are taken."
                .to_owned(),
        ],
        Event::Repeated { id, repeats } => vec![health::repeated(&name(*id), repeats)],
        Event::Health(finding) => vec![health::finding(finding)],
        Event::ReplacedByUser { worker } => {
            vec![format!("Worker {worker} is being replaced, as requested.")]
        }
        Event::Batch(_)
        | Event::Suspected { .. }
        | Event::Checkup(_)
        | Event::Resources(_)
        | Event::Vitals(_)
        | Event::Glance(_)
        | Event::RestartWanted
        | Event::HealthSummary(_)
        | Event::WorkersDone
        | Event::Enough
        | Event::SaverDone { .. }
        | Event::PausesChanged(_)
        | Event::Command(_) => Vec::new(),
        Event::Gap(gap) if gap.kind == GapKind::Paused || !gap.is_worth_telling() => Vec::new(),
        Event::Gap(gap) => {
            let gap = gap.describe(&TimeZone::system());
            vec![format!("Nothing was searched: {gap}.")]
        }
    }
}

/// The line of a key on standard output: `PUBLIC_HEX<tab>FILE`, hex in lower case as in the files; the file is the
/// one with the private key. A claim is followed by its start and by its offset, in decimal and hex. If the user asked to see the private key, it is a third field.
pub(crate) fn result_line(found: &Found) -> String {
    let mut line = format!("{}\t{}", hex::encode(&found.public), found.file());
    if let Some(claim) = &found.claim {
        let offset = claim.offset;
        line += &format!(
            "\t{}\t{offset}\t{}",
            hex::encode(&claim.start),
            offset.hex()
        );
    }
    if let Some(private) = &found.private {
        line.push('\t');
        line.push_str(private.0.expose());
    }
    line
}

/// The line of a key of the watchlist: the line that it matches, and the key as on standard output.
pub(crate) fn watched_line(found: &Found) -> String {
    format!("Watchlist: {}: {}", found.pattern, result_line(found))
}

/// "1 key", "2 keys".
pub(crate) fn keys(count: u64) -> String {
    crate::text::number::counted(count, "key")
}

/// "Worker 1", or "Worker 1 (generation 2)" for a replacement.
pub(crate) fn name(id: WorkerId) -> String {
    match id.generation {
        0 => format!("Worker {}", id.worker),
        generation => format!("Worker {} (generation {generation})", id.worker),
    }
}

fn engine_error(id: WorkerId, lane: usize, count: u64) -> String {
    format!(
        "ERROR: {}: {count} of its hits in lane {lane} differ from the exact recomputation and were dropped. The \
         processor or its memory computes wrong results (overclocked, overheated?) or the engine has a bug. Try \
         --backend portable and keygen self-test.",
        name(id)
    )
}

fn worker_ended(id: WorkerId, end: &WorkerEnd) -> Option<String> {
    let why = match end {
        WorkerEnd::Stopped | WorkerEnd::BudgetSpent => return None,
        WorkerEnd::NoRandomness(reason) => format!("{reason}. The search ends."),
        WorkerEnd::EngineFailed(reason) => {
            format!("{reason}. The search continues with the other workers, if any.")
        }
        WorkerEnd::WrongAnswers(reason) => {
            format!(
                "its engine computed a wrong result ({reason}). The search continues with the other workers, if any."
            )
        }
        WorkerEnd::Panicked(reason) => format!(
            "it panicked: {reason}. The search continues with the other workers, if any. Please report this."
        ),
    };
    Some(format!("ERROR: {} died: {why}", name(id)))
}

fn found_lines(found: &Found) -> Vec<String> {
    let mut lines = Vec::new();
    if found.again {
        lines.push(format!(
            "The previous process was killed while it announced {}: its line may have been written twice.",
            hex::encode(&found.public)
        ));
    }
    if found.fallback {
        lines.push(format!(
            "WARNING: the key was saved in a fallback folder: {}. It could not be saved in the chosen folder: {}.",
            found.file(),
            found.trouble.join("; ")
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;
    use crate::event::{FoundKind, Revealed};
    use crate::key::secret::SecretText;

    const FIRST: WorkerId = WorkerId {
        worker: 1,
        generation: 0,
    };

    fn found(kind: FoundKind) -> Found {
        Found {
            kind,
            pattern: "ABCD...EF12 (a name)".to_owned(),
            public: [0xAB; 32],
            files: vec![
                PathBuf::from("/k/a_private.txt"),
                PathBuf::from("/k/a_public.txt"),
            ],
            mode_kept: true,
            candidates: 10,
            at: Duration::from_secs(1),
            ..Found::default()
        }
    }

    #[test]
    fn a_key_is_one_line_with_its_private_file() {
        let line = result_line(&found(FoundKind::Wanted));
        assert_eq!(line, format!("{}\t/k/a_private.txt", "ab".repeat(32)));
    }

    #[test]
    fn a_private_key_is_in_the_line_only_when_it_was_asked_for() {
        let mut found = found(FoundKind::Wanted);
        let mut text = SecretText::with_capacity(8);
        text.push_str("5ec2e7");
        found.private = Some(Revealed(text));
        assert!(result_line(&found).ends_with("/k/a_private.txt\t5ec2e7"));
    }

    #[test]
    fn a_wanted_key_has_no_line_on_standard_error_and_a_watched_one_names_the_line_it_matches() {
        assert!(lines(&Event::Found(Box::new(found(FoundKind::Wanted)))).is_empty());
        let watched = watched_line(&found(FoundKind::Watched));
        assert!(watched.starts_with("Watchlist: ABCD...EF12 (a name): abab"));
    }

    #[test]
    fn a_fallback_folder_is_named_with_the_reason() {
        let mut found = found(FoundKind::Wanted);
        found.fallback = true;
        found.trouble = vec!["/full: no space left".to_owned()];
        let text = &lines(&Event::Found(Box::new(found)))[0];
        assert!(text.contains("/k/a_private.txt") && text.contains("/full: no space left"));
    }

    #[test]
    fn only_a_worker_that_died_is_worth_a_line() {
        let ended = |end| lines(&Event::WorkerEnded { id: FIRST, end });
        assert!(ended(WorkerEnd::Stopped).is_empty());
        assert!(ended(WorkerEnd::BudgetSpent).is_empty());
        assert!(ended(WorkerEnd::Panicked("oh".to_owned()))[0].contains("Worker 1 died"));
    }

    #[test]
    fn replacements_are_told_apart() {
        let second = WorkerId {
            generation: 1,
            ..FIRST
        };
        assert_eq!(name(FIRST), "Worker 1");
        assert_eq!(name(second), "Worker 1 (generation 1)");
    }
}
