//! What a trial came to, for people.

use std::io::{self, Write};

use super::statistic::{Statistic, THRESHOLD};
use super::{Trial, Verdict};

/// Writes a trial, its verdict last, and an empty line.
pub(super) fn text(trial: &Trial, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", trial.title)?;
    for fact in &trial.facts {
        writeln!(out, "  {fact}")?;
    }
    for statistic in &trial.statistics {
        writeln!(
            out,
            "  {}: {}, {}",
            statistic.name,
            statistic.text,
            p_text(statistic)
        )?;
    }
    for fault in &trial.faults {
        writeln!(out, "  WRONG: {fault}")?;
    }
    writeln!(out, "{}\n", verdict(trial))?;
    out.flush()
}

fn p_text(statistic: &Statistic) -> String {
    match statistic.p {
        None => "not judged: too few keys".to_owned(),
        Some(p) if p < 1e-3 => format!("p = {p:.1e}"),
        Some(p) => format!("p = {p:.3}"),
    }
}

fn verdict(trial: &Trial) -> String {
    match trial.verdict() {
        Verdict::Pass => format!("PASS: every p-value is at least {THRESHOLD:e}"),
        Verdict::Fail if trial.faults.is_empty() => format!(
            "FAIL: a p-value is below {THRESHOLD:e}, which chance alone gives once in a million times"
        ),
        Verdict::Fail => "FAIL: something is wrong that chance has no part in".to_owned(),
        Verdict::TooFew => format!(
            "PASS as far as it goes: no p-value is below {THRESHOLD:e}, but more keys are needed to judge all"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_ends_with_its_verdict_and_the_threshold() {
        let trial = Trial {
            title: "Something, 5 keys".to_owned(),
            facts: vec!["a fact".to_owned()],
            statistics: vec![Statistic {
                name: "bytes".to_owned(),
                text: "chi-square 3.0".to_owned(),
                p: Some(1e-9),
            }],
            faults: Vec::new(),
        };
        let mut out = Vec::new();
        text(&trial, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(
            text,
            "Something, 5 keys\n  a fact\n  bytes: chi-square 3.0, p = 1.0e-9\nFAIL: a p-value is below 1e-6, which \
             chance alone gives once in a million times\n\n"
        );
    }
}
