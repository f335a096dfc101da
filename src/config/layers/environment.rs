//! Settings from environment variables: `KEYGEN_` and the name of the setting in capitals.

use std::collections::BTreeMap;

use super::super::UsageError;
use super::table::{self, Setting};
use super::{CONFIG_VARIABLE, NotASetting, not_a_setting};
use crate::config::args::TRUST_VARIABLE;

/// What the variables say, by the name of the setting. What is no setting is a note, because any program may have
/// set it; what says what is searched is an error, because it would be missed.
///
/// # Errors
/// Values that can't be right, and options that are no settings, all of them.
pub(super) fn read(
    variables: &BTreeMap<String, String>,
    settings: &[Setting],
    notes: &mut Vec<String>,
) -> Result<BTreeMap<&'static str, String>, UsageError> {
    let (mut values, mut wrong) = (BTreeMap::new(), Vec::new());
    for (variable, text) in variables
        .iter()
        .filter(|(name, _)| ![CONFIG_VARIABLE, TRUST_VARIABLE].contains(&name.as_str()))
    {
        let setting = settings.iter().find(|s| s.variable() == *variable);
        match setting.map(|setting| (setting, setting.check(text))) {
            Some((setting, Ok(()))) => {
                values.insert(setting.name, text.clone());
            }
            Some((setting, Err(refused))) => {
                let shown = table::shown(setting.name, text);
                wrong.push(format!("{variable}={shown}: {refused}"));
            }
            None => unknown(variable, settings, notes, &mut wrong),
        }
    }
    if wrong.is_empty() {
        Ok(values)
    } else {
        Err(UsageError::all(&wrong))
    }
}

fn unknown(variable: &str, settings: &[Setting], notes: &mut Vec<String>, wrong: &mut Vec<String>) {
    let name = variable.strip_prefix(table::PREFIX).unwrap_or(variable);
    let (problem, allowed) = not_a_setting(name, settings);
    match problem {
        NotASetting::Unknown => notes.push(format!(
            "The environment variable {variable} is ignored: {problem}. {allowed}"
        )),
        NotASetting::Known(problem) => wrong.push(format!("{variable}: {problem}. {allowed}")),
    }
}
