//! The supervisor's numbers as people write them: read with a reason for what can't be right, and written back.

use std::sync::Arc;
use std::time::Duration;

use super::number::Decimal;
use super::workers::MOST_WORKERS;
use super::{InvalidValue, duration};
use crate::health::params::Field;
use crate::health::thresholds::{Band, RestartPolicy, Thresholds};

/// What switches something off.
const OFF: &str = "off";

/// Units of bytes with how many they are, the greatest first; text is written in the first one that fits.
const UNITS: [(&str, u64); 6] = [
    ("GiB", 1 << 30),
    ("GB", 1_000_000_000),
    ("MiB", 1 << 20),
    ("MB", 1_000_000),
    ("KiB", 1 << 10),
    ("KB", 1_000),
];

/// What may stand there, as a sentence.
#[must_use]
pub(crate) fn allowed(place: Field) -> String {
    match place {
        Field::Time(_) => {
            "Allowed are seconds above zero, or a text with h, m, s or ms: 5, 0.5, 250ms, 1m 30s."
                .into()
        }
        Field::Share(_) => {
            "Allowed is a share above 0 and at most 1, such as 0.7, or a text such as 70%.".into()
        }
        Field::Figure(_) => "Allowed is a number above 0.".into(),
        Field::Count(_, least) => format!("Allowed are whole numbers from {least} to 1,000,000."),
        Field::Points(_) => "Allowed are whole numbers from 0 to 100.".into(),
        Field::Bytes(_) => {
            "Allowed are bytes, or a text with KB, MB, GB, KiB, MiB or GiB: 64MiB.".into()
        }
        Field::Degrees(_) => "Allowed are degrees Celsius above 0 and at most 200.".into(),
        Field::DegreesOrOff(_) => {
            "Allowed are degrees Celsius above 0 and at most 200, or off.".into()
        }
        Field::ShareOrOff(_) => {
            "Allowed is a share above 0 and at most 1, such as 0.7 or 70%, or off.".into()
        }
        Field::Bits(_) => "Allowed are whole numbers from 10 to 40, or auto.".into(),
        Field::Policy(_) => "Allowed are auto and always.".into(),
        Field::Band(_) => format!(
            "Allowed is MIN..MAX, whole numbers from 1 to {MOST_WORKERS} of which MIN is not above MAX, or off."
        ),
    }
}

/// A value that was read, on its way to its place among the supervisor's numbers.
#[derive(Clone)]
pub(crate) struct Assignment(Arc<dyn Fn(&mut Thresholds) + Send + Sync>);

impl Assignment {
    fn new<T: Clone + Send + Sync + 'static>(at: fn(&mut Thresholds) -> &mut T, value: T) -> Self {
        Self(Arc::new(move |t| *at(t) = value.clone()))
    }

    /// Puts the value in its place.
    pub(crate) fn carry_out(&self, thresholds: &mut Thresholds) {
        (self.0)(thresholds);
    }
}

/// Reads a number.
pub(crate) fn read(field: Field, text: &str) -> Result<Assignment, InvalidValue> {
    let text = text.trim();
    let refuse = |problem: String| InvalidValue::new(problem, allowed(field));
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
    assigned.ok_or_else(|| refuse(format!("not {}", what(field))))
}

fn what(field: Field) -> &'static str {
    match field {
        Field::Time(_) => "a time",
        Field::Share(_) | Field::ShareOrOff(_) => "a share",
        Field::Figure(_) => "a number above 0",
        Field::Count(..) => "such a number",
        Field::Points(_) => "a number of points",
        Field::Bytes(_) => "a number of bytes",
        Field::Degrees(_) | Field::DegreesOrOff(_) => "a temperature",
        Field::Bits(_) => "a number of bits",
        Field::Policy(_) => "a restart policy",
        Field::Band(_) => "MIN..MAX",
    }
}

/// A number as [`read`] takes it.
#[must_use]
pub(crate) fn write(place: Field, t: &Thresholds) -> String {
    let t = &mut t.clone();
    match place {
        Field::Time(at) => time_text(*at(t)),
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

/// `None`: it can't be read; `Some(None)`: off.
fn or_off<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    if text.eq_ignore_ascii_case(OFF) {
        return Some(None);
    }
    read(text).map(Some)
}

/// `None`: it can't be read; `Some(None)`: auto.
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
    let end = text
        .find(|c: char| c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let known = UNITS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(unit));
    let factor = match (unit, known) {
        ("" | "B", _) => 1,
        (_, known) => known?.1,
    };
    let product = Decimal::parse(number.trim())?.times(u128::from(factor))?;
    product.ok().and_then(|bytes| u64::try_from(bytes).ok())
}

fn bytes_text(bytes: u64) -> String {
    let fits = |(_, size): &&(&str, u64)| bytes > 0 && bytes.is_multiple_of(*size);
    match UNITS.iter().find(fits) {
        Some((name, size)) => format!("{}{name}", bytes / size),
        None => bytes.to_string(),
    }
}

fn time_text(time: Duration) -> String {
    humantime::format_duration(time).to_string()
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
            .carry_out(&mut t);
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
                .carry_out(&mut t);
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
