//! Settings from outside: from a TOML file, each with its line, so that every error names it; and from environment
//! variables, `KEYGEN_` and the name of the setting in capitals.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::table::{self, Section, Setting, Takes};
use super::{CONFIG_VARIABLE, Origin, not_a_setting};
use crate::config::Environment;
use crate::config::args::TRUST_VARIABLE;
use crate::config::error::{UsageError, refuse};
use crate::config::inputs::Inputs;
use crate::files::trust;

/// Settings that run commands or decide where messages go.
const RISKY: [&str; 6] = [
    "on-found",
    "on-alert",
    "notify",
    "notify-file",
    "heartbeat-url",
    "heartbeat-url-file",
];

/// Refuses a file that others could have written; `matters` says why that is dangerous.
///
/// # Errors
/// Another user owns or may write the file.
pub(crate) fn check_trust(path: &Path, matters: &str) -> Result<(), UsageError> {
    if let Some(why) = trust::distrust(path) {
        refuse!(
            "{} is not trusted: {matters}, and {why}. Where a file system has no permissions, give --trust-permissions.",
            path.display()
        );
    }
    Ok(())
}

/// A value of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Value {
    name: &'static str,
    text: String,
    line: usize,
}

/// The settings of a file.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    path: PathBuf,
    values: Vec<Value>,
}

impl Document {
    /// Reads a file that `option` names.
    ///
    /// # Errors
    /// It can't be read, is not TOML, or has values that can't be right: all of them, each with its line.
    pub(crate) fn read(
        option: &str,
        path: &Path,
        inputs: &Inputs<'_>,
        settings: &[Setting],
    ) -> Result<Self, UsageError> {
        let bytes = inputs.read(option, path)?.bytes;
        let mut reader = Reader {
            path,
            text: &String::from_utf8_lossy(&bytes),
            settings,
            values: Vec::new(),
            wrong: Vec::new(),
        };
        reader.document();
        UsageError::unless_empty(&reader.wrong)?;
        Ok(Self {
            path: path.to_owned(),
            values: reader.values,
        })
    }

    /// Refuses a file that others could have written, if it sets commands to run or where messages go.
    ///
    /// # Errors
    /// Another user owns or may write the file.
    pub(crate) fn check_trust(&self) -> Result<(), UsageError> {
        let Some(risky) = self.values.iter().find(|v| RISKY.contains(&v.name)) else {
            return Ok(());
        };
        check_trust(&self.path, &format!("it sets {}", risky.name))
    }

    /// The number of settings in it.
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// The value of a setting and where it stands.
    pub(super) fn value(&self, name: &str) -> Option<(String, Origin)> {
        let value = self.values.iter().find(|value| value.name == name)?;
        Some((
            value.text.clone(),
            Origin::File(self.path.clone(), value.line),
        ))
    }
}

/// Reads the tables of a file and collects values and errors.
struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    settings: &'a [Setting],
    values: Vec<Value>,
    wrong: Vec<String>,
}

impl Reader<'_> {
    fn document(&mut self) {
        let text = self.text;
        match DeTable::parse(text) {
            Ok(table) => self.table(table.get_ref(), Section::Top),
            Err(error) => {
                let start = error.span().map_or(0, |span| span.start);
                let problem = error.message().replace('\n', ", ");
                let allowed = "Allowed are lines NAME = VALUE (TOML).";
                self.refuse(start, "", &problem, allowed);
            }
        }
    }

    fn table(&mut self, table: &DeTable<'_>, section: Section) {
        for (key, value) in table {
            let name = Some(key.get_ref().as_ref());
            let inner = Section::ALL
                .into_iter()
                .find(|section| section.name() == name);
            match (section, inner, value.get_ref()) {
                (Section::Top, Some(inner), DeValue::Table(table)) => self.table(table, inner),
                _ => self.entry(key.get_ref(), key.span().start, value, section),
            }
        }
    }

    fn entry(&mut self, name: &str, start: usize, value: &Spanned<DeValue<'_>>, section: Section) {
        let settings = self.settings;
        let Some(setting) = settings.iter().find(|setting| setting.name == name) else {
            let (_, problem, advice) = not_a_setting(name, settings);
            return self.refuse(start, name, &problem, &advice);
        };
        if setting.section != section {
            let advice = match setting.section.name() {
                Some(heading) => format!("Move it below [{heading}]."),
                None => "Move it above the first heading.".to_owned(),
            };
            return self.refuse(start, name, "in the wrong part of the file", &advice);
        }
        let Some(text) = text_of(value.get_ref(), setting.takes) else {
            let problem = format!("a TOML {} is not allowed here", value.get_ref().type_str());
            return self.refuse(start, name, &problem, &setting.allowed);
        };
        if let Err(refused) = setting.check(&text) {
            let shown = format!("{name} = {}", table::shown(name, &text));
            return self.refuse(start, &shown, &refused.problem, &refused.allowed);
        }
        let line = self.line(start);
        self.values.push(Value {
            name: setting.name,
            text,
            line,
        });
    }

    fn refuse(&mut self, start: usize, what: &str, problem: &str, allowed: &str) {
        let mut place = format!("{}:{}", self.path.display(), self.line(start));
        if !what.is_empty() {
            place = format!("{place}: {what}");
        }
        self.wrong.push(format!("{place}: {problem}. {allowed}"));
    }

    /// The line, from 1, of a byte.
    fn line(&self, start: usize) -> usize {
        let before = self.text.as_bytes().iter().take(start);
        before.filter(|byte| **byte == b'\n').count() + 1
    }
}

/// The value as it would be typed; `None` where a setting takes no value of this type.
fn text_of(value: &DeValue<'_>, takes: Takes) -> Option<String> {
    let number = matches!(takes, Takes::Number | Takes::NumberOrText);
    match value {
        DeValue::String(text) if !matches!(takes, Takes::Number | Takes::Flag) => {
            Some(text.to_string())
        }
        DeValue::Integer(integer) if number && integer.radix() == 10 => {
            Some(integer.as_str().replace('_', ""))
        }
        DeValue::Float(float) if number => Some(float.as_str().replace('_', "")),
        DeValue::Boolean(flag) if takes == Takes::Flag => Some(flag.to_string()),
        DeValue::Array(all) if takes == Takes::List => {
            let texts = all.iter().map(|one| text_of(one.get_ref(), Takes::Text));
            texts.collect::<Option<Vec<_>>>().map(|all| all.join(" "))
        }
        _ => None,
    }
}

/// The values of environment variables, by the name of the setting. An unknown variable is only a note, because any
/// program may have set it; an option that is no setting is an error, because the user would miss its effect.
///
/// # Errors
/// Invalid values and options that are no settings, all of them.
pub(super) fn from_environment(
    environment: &Environment<'_>,
    settings: &[Setting],
) -> Result<BTreeMap<&'static str, String>, UsageError> {
    let (mut values, mut wrong) = (BTreeMap::new(), Vec::new());
    for (variable, text) in &environment.variables {
        if [CONFIG_VARIABLE, TRUST_VARIABLE].contains(&variable.as_str()) {
            continue;
        }
        let Some(setting) = settings.iter().find(|s| s.variable() == *variable) else {
            let name = variable.strip_prefix(table::PREFIX).unwrap_or(variable);
            match not_a_setting(name, settings) {
                (true, problem, advice) => wrong.push(format!("{variable}: {problem}. {advice}")),
                (false, problem, advice) => environment.notes.push(format!(
                    "The environment variable {variable} is ignored: {problem}. {advice}"
                )),
            }
            continue;
        };
        match setting.check(text) {
            Ok(()) => _ = values.insert(setting.name, text.clone()),
            Err(refused) => {
                let shown = table::shown(setting.name, text);
                wrong.push(format!("{variable}={shown}: {refused}"));
            }
        }
    }
    UsageError::unless_empty(&wrong)?;
    Ok(values)
}
