//! Parses and formats the supervisor's numbers.

use std::sync::Arc;

use super::layers::table::Takes;
use super::number::Decimal;
use super::workers::MOST_WORKERS;
use super::{InvalidValue, duration};
use crate::health::params::Field;
use crate::health::thresholds::{Band, RestartPolicy, Thresholds};

const OFF: &str = "off";

/// Units of bytes with their sizes. A size is written in the first unit that divides it.
const UNITS: [(&str, u64); 6] = [
    ("GiB", 1 << 30),
    ("GB", 1_000_000_000),
    ("MiB", 1 << 20),
    ("MB", 1_000_000),
    ("KiB", 1 << 10),
    ("KB", 1_000),
];

/// A kind of values, as the help, errors and the settings file know it.
pub(crate) struct Kind {
    /// The name of a value in the help.
    pub placeholder: &'static str,
    /// What an error calls a value.
    pub noun: &'static str,
    pub takes: Takes,
    /// What is allowed, as a sentence.
    pub allowed: String,
}

/// The kind of a number's values.
#[rustfmt::skip] // A table: a line each.
pub(crate) fn kind(field: Field) -> Kind {
    use Takes::{Number, NumberOrText, Text};
    let least = match field { Field::Count(_, least) => least, _ => 0 };
    let (placeholder, noun, takes, allowed) = match field {
        Field::Time(_) => ("TIME", "a time", NumberOrText, "are seconds above zero, or a text with h, m, s or ms: 5, 0.5, 250ms, 1m 30s"),
        Field::Share(_) => ("SHARE", "a share", NumberOrText, "is a share above 0 and at most 1, such as 0.7, or a text such as 70%"),
        Field::ShareOrOff(_) => ("SHARE|off", "a share", NumberOrText, "is a share above 0 and at most 1, such as 0.7 or 70%, or off"),
        Field::Figure(_) => ("N", "a number above 0", Number, "is a number above 0"),
        Field::Count(..) => ("N", "such a number", Number, &*format!("are whole numbers from {least} to 1,000,000")),
        Field::Points(_) => ("N", "a number of points", Number, "are whole numbers from 0 to 100"),
        Field::Bytes(_) => ("BYTES", "a number of bytes", NumberOrText, "are bytes, or a text with KB, MB, GB, KiB, MiB or GiB: 64MiB"),
        Field::Degrees(_) => ("DEGREES", "a temperature", Number, "are degrees Celsius above 0 and at most 200"),
        Field::DegreesOrOff(_) => ("TEMP|off", "a temperature", NumberOrText, "are degrees Celsius above 0 and at most 200, or off"),
        Field::Bits(_) => ("N|auto", "a number of bits", NumberOrText, "are whole numbers from 10 to 40, or auto"),
        Field::Policy(_) => ("auto|always", "a restart policy", Text, "are auto and always"),
        Field::Band(_) => ("MIN..MAX|off", "MIN..MAX", Text, &*format!("is MIN..MAX, whole numbers from 1 to {MOST_WORKERS} of which MIN is not above MAX, or off")),
    };
    Kind { placeholder, noun, takes, allowed: format!("Allowed {allowed}.") }
}

/// A parsed value together with the threshold that it sets.
#[derive(Clone)]
pub(crate) struct Assignment(Arc<dyn Fn(&mut Thresholds) + Send + Sync>);

impl Assignment {
    fn new<T: Clone + Send + Sync + 'static>(at: fn(&mut Thresholds) -> &mut T, value: T) -> Self {
        Self(Arc::new(move |t| *at(t) = value.clone()))
    }

    /// Sets the threshold.
    pub(crate) fn apply(&self, thresholds: &mut Thresholds) {
        (self.0)(thresholds);
    }
}

/// Parses a number.
pub(crate) fn read(field: Field, text: &str) -> Result<Assignment, InvalidValue> {
    let text = text.trim();
    let refuse = |problem: String| InvalidValue::new(problem, kind(field).allowed);
    let assigned = match field {
        Field::Time(at) => {
            let time = duration::seconds(text).map_err(|wrong| refuse(wrong.problem))?;
            Some(Assignment::new(at, time))
        }
        Field::Band(at) => {
            let band = or_off(text, band).ok_or_else(|| refuse(wrong_band(text)))?;
            Some(Assignment::new(at, band))
        }
        Field::Share(at) => share(text).map(|share| Assignment::new(at, share)),
        Field::Figure(at) => figure(text)
            .filter(|f| *f > 0.0)
            .map(|figure| Assignment::new(at, figure)),
        Field::Count(at, least) => (text.replace('_', "").parse().ok())
            .filter(|n| (least..=1_000_000).contains(n))
            .map(|count| Assignment::new(at, count)),
        Field::Points(at) => (text.parse().ok())
            .filter(|n| *n <= 100)
            .map(|points| Assignment::new(at, points)),
        Field::Bytes(at) => bytes(text).map(|bytes| Assignment::new(at, bytes)),
        Field::Degrees(at) => degrees(text).map(|degrees| Assignment::new(at, degrees)),
        Field::DegreesOrOff(at) => or_off(text, degrees).map(|d| Assignment::new(at, d)),
        Field::ShareOrOff(at) => or_off(text, share).map(|share| Assignment::new(at, share)),
        Field::Bits(at) => bits(text).map(|bits| Assignment::new(at, bits)),
        Field::Policy(at) => policy(text).map(|policy| Assignment::new(at, policy)),
    };
    assigned.ok_or_else(|| refuse(format!("not {}", kind(field).noun)))
}

/// Formats a number so that [`read`] parses it.
pub(crate) fn write(place: Field, t: &Thresholds) -> String {
    let t = &mut t.clone();
    match place {
        Field::Time(at) => humantime::format_duration(*at(t)).to_string(),
        Field::Share(at) | Field::Figure(at) | Field::Degrees(at) => at(t).to_string(),
        Field::Count(at, _) | Field::Points(at) => at(t).to_string(),
        Field::Bytes(at) => bytes_text(*at(t)),
        Field::DegreesOrOff(at) | Field::ShareOrOff(at) => {
            at(t).map_or_else(|| OFF.to_owned(), |number| number.to_string())
        }
        Field::Bits(at) => at(t).map_or_else(|| "auto".to_owned(), |bits| bits.to_string()),
        Field::Policy(at) => match at(t) {
            RestartPolicy::Auto => "auto".to_owned(),
            RestartPolicy::Always => "always".to_owned(),
        },
        Field::Band(at) => at(t).map_or_else(
            || OFF.to_owned(),
            |band| format!("{}..{}", band.least, band.most),
        ),
    }
}

fn figure(text: &str) -> Option<f64> {
    text.parse().ok().filter(|f: &f64| f.is_finite())
}

fn share(text: &str) -> Option<f64> {
    let share = match text.strip_suffix('%') {
        Some(percent) => figure(percent.trim()).map(|p| p / 100.0),
        None => figure(text),
    };
    share.filter(|share| *share > 0.0 && *share <= 1.0)
}

fn degrees(text: &str) -> Option<f64> {
    figure(text).filter(|d| *d > 0.0 && *d <= 200.0)
}

/// `None`: malformed; `Some(None)`: off.
fn or_off<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    if text.eq_ignore_ascii_case(OFF) {
        return Some(None);
    }
    read(text).map(Some)
}

/// `None`: malformed; `Some(None)`: auto.
fn bits(text: &str) -> Option<Option<u32>> {
    if text.eq_ignore_ascii_case("auto") {
        return Some(None);
    }
    let bits = text.parse().ok();
    bits.filter(|bits| (10..=40).contains(bits)).map(Some)
}

fn policy(text: &str) -> Option<RestartPolicy> {
    match text.to_ascii_lowercase().as_str() {
        "auto" => Some(RestartPolicy::Auto),
        "always" => Some(RestartPolicy::Always),
        _ => None,
    }
}

fn ends(text: &str) -> Option<(usize, usize)> {
    let (least, most) = text.split_once("..")?;
    Some((least.trim().parse().ok()?, most.trim().parse().ok()?))
}

fn band(text: &str) -> Option<Band> {
    let (least, most) = ends(text)?;
    (least >= 1 && least <= most && most <= MOST_WORKERS).then_some(Band { least, most })
}

fn wrong_band(text: &str) -> String {
    match ends(text) {
        Some((least, most)) if least > most => format!("MIN {least} is above MAX {most}"),
        _ => "not MIN..MAX".to_owned(),
    }
}

fn bytes(text: &str) -> Option<u64> {
    let end = text.find(|c: char| c.is_ascii_alphabetic());
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let mut units = UNITS.iter().chain(&[("", 1), ("B", 1)]);
    let (_, factor) = units.find(|(name, _)| name.eq_ignore_ascii_case(unit))?;
    let product = Decimal::parse(number.trim())?.times(u128::from(*factor))?;
    product.ok().and_then(|bytes| u64::try_from(bytes).ok())
}

fn bytes_text(bytes: u64) -> String {
    let fits = |(_, size): &&(&str, u64)| bytes > 0 && bytes.is_multiple_of(*size);
    match UNITS.iter().find(fits) {
        Some((name, size)) => format!("{}{name}", bytes / size),
        None => bytes.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::health::params::PARAMS;

    fn field(name: &str) -> Field {
        PARAMS.iter().find(|n| n.name == name).unwrap().field
    }

    /// What a text comes to at this place, written back.
    fn round(name: &str, text: &str) -> Result<String, String> {
        let mut t = Thresholds::default();
        read(field(name), text)
            .map_err(|refused| refused.problem)?
            .apply(&mut t);
        Ok(write(field(name), &t))
    }

    #[test]
    fn every_default_can_be_written_and_read_again() {
        let defaults = Thresholds::default();
        for number in PARAMS {
            let text = write(number.field, &defaults);
            let mut t = defaults.clone();
            read(number.field, &text)
                .unwrap_or_else(|r| panic!("{}: {r:?}", number.name))
                .apply(&mut t);
            assert_eq!(t, defaults, "{}: {text}", number.name);
        }
    }

    #[test]
    fn values_are_read_in_the_ways_that_people_write_them() {
        for (name, text, value) in [
            ("window", "0.5", "500ms"),
            ("window", "1m 30s", "1m 30s"),
            ("degraded-share", "60%", "0.6"),
            ("disk-pause", "100MB", "100MB"),
            ("disk-pause", "64 MiB", "64MiB"),
            ("disk-pause", "1000", "1KB"),
            ("pause-above", "OFF", "off"),
            ("pause-above", "82.5", "82.5"),
            ("adaptive", "1..4", "1..4"),
            ("restart-policy", "Always", "always"),
            ("canary-bits", "20", "20"),
            ("canary-bits", "AUTO", "auto"),
            ("restarts", "0", "0"),
        ] {
            assert_eq!(round(name, text).as_deref(), Ok(value), "{name} {text}");
        }
    }

    #[test]
    fn what_can_not_be_right_is_refused() {
        for (name, text, problem) in [
            ("window", "0", "longer than zero"),
            ("window", "-1", "negative"),
            ("degraded-share", "1.01", "not a share"),
            ("degraded-share", "NaN", "not a share"),
            ("silent-expected", "inf", "not a number"),
            ("degraded-windows", "0", "not such a number"),
            ("canary-bits", "41", "bits"),
            ("restarts", "2.5", "not such a number"),
            ("score-slow", "101", "points"),
            ("disk-pause", "10 apples", "bytes"),
            ("pause-above", "hot", "temperature"),
            ("adaptive", "4..2", "MIN 4 is above MAX 2"),
            ("adaptive", "0..2", "MIN..MAX"),
            ("restart-policy", "never", "policy"),
        ] {
            let said = round(name, text).unwrap_err();
            assert!(said.contains(problem), "{name} {text}: {said}");
        }
    }
}
