//! Numbers as people type them: 500K, 2M, 1.5G, 3B, 1_000_000; exact, never rounded.

use super::error::InvalidValue;

/// What a number may look like, as a sentence.
const ALLOWED: &str = "Allowed is a whole number above zero, also with K, M, G or B (thousand, million, billion): \
                       250000, 500K, 1.5M, 2G.";

/// One million: the unit of a bare number after `--keys`.
const MILLION: u64 = 1_000_000;

/// A decimal number without sign: `digits` · 10^−`scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    /// All its digits, without the point.
    pub digits: u128,
    /// How many of them stand behind the point.
    pub scale: u32,
}

impl Decimal {
    /// Reads `12`, `1_000`, `0.5`, `1.25`; `None` if it is anything else or has more than 30 digits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text
            .split_once('.')
            .map_or((text, None), |(whole, rest)| (whole, Some(rest)));
        let fraction = fraction.unwrap_or_default();
        let digits: String = [whole, fraction]
            .concat()
            .chars()
            .filter(|&c| c != '_')
            .collect();
        let plain = digits.bytes().all(|b| b.is_ascii_digit())
            && !whole.starts_with('_')
            && !text.ends_with(['.', '_']);
        if !plain || whole.is_empty() || digits.len() > 30 {
            return None;
        }
        let scale = fraction.bytes().filter(u8::is_ascii_digit).count();
        Some(Self {
            digits: digits.parse().ok()?,
            scale: u32::try_from(scale).ok()?,
        })
    }

    /// This number times `unit`: `Ok` if that is whole, else rounded to the nearest in `Err`; `None` beyond 128 bits.
    pub(crate) fn times(self, unit: u128) -> Option<Result<u128, u128>> {
        let product = self.digits.checked_mul(unit)?;
        let divisor = 10u128.checked_pow(self.scale)?;
        let (quotient, rest) = (product / divisor, product % divisor);
        Some(if rest == 0 {
            Ok(quotient)
        } else {
            Err(quotient + u128::from(rest >= divisor.div_ceil(2)))
        })
    }
}

/// Reads a whole number from 1 to 2^64 − 1, with or without a unit.
pub(crate) fn count(text: &str) -> Result<u64, InvalidValue> {
    scaled(text, 1, ALLOWED)
}

/// Reads the number after `--keys`: without a unit it counts millions, as in the Python tool.
pub(crate) fn keys(text: &str) -> Result<u64, InvalidValue> {
    let allowed = "Allowed is a number above zero: bare it counts millions (0.5 is 500,000), with K, M, G or B it is \
                   that many: 100, 0.5, 500K, 1.5B. --candidates takes plain numbers.";
    scaled(text, MILLION, allowed)
}

/// Reads the number after `--test-distribution`: without a unit it counts millions.
pub(crate) fn millions(text: &str) -> Result<u64, InvalidValue> {
    scaled(text, MILLION, &allowed_multiple("millions"))
}

/// Reads the number after the Python tool's other self-tests: without a unit it counts thousands.
pub(crate) fn thousands(text: &str) -> Result<u64, InvalidValue> {
    scaled(text, 1_000, &allowed_multiple("thousands"))
}

fn allowed_multiple(word: &str) -> String {
    format!(
        "Allowed is a number above zero: bare it counts {word}, with K, M, G or B it is that many. Decimals are fine if \
         the result is whole."
    )
}

fn scaled(text: &str, bare: u64, allowed: &str) -> Result<u64, InvalidValue> {
    let (decimal, unit) =
        split(text.trim()).map_err(|problem| InvalidValue::new(problem, allowed))?;
    let unit = unit.unwrap_or(bare);
    let value = match decimal.times(u128::from(unit)) {
        Some(Ok(value)) => value,
        Some(Err(_)) => return Err(InvalidValue::new("not a whole number", allowed)),
        None => u128::MAX,
    };
    match u64::try_from(value) {
        Ok(0) => Err(InvalidValue::new("must be at least 1", allowed)),
        Ok(value) => Ok(value),
        Err(_) => Err(InvalidValue::new(
            "too large: at most 18,446,744,073,709,551,615",
            allowed,
        )),
    }
}

/// The number and what its unit multiplies it with; the error is what is wrong, without a full stop.
fn split(text: &str) -> Result<(Decimal, Option<u64>), String> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '_'))
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let decimal = Decimal::parse(number).ok_or_else(|| not_a_number(text))?;
    let unit = match unit.trim().to_ascii_lowercase().as_str() {
        "" => None,
        "k" => Some(1_000),
        "m" => Some(MILLION),
        "g" | "b" => Some(1_000 * MILLION),
        _ if unit.starts_with(',') => {
            return Err("a number has no commas (use 1_000_000 or 1.5M)".into());
        }
        _ => return Err(format!("\"{}\" is not a unit", unit.trim())),
    };
    Ok((decimal, unit))
}

/// Why `text` does not begin with a number.
fn not_a_number(text: &str) -> String {
    match text.chars().next() {
        None => "a number is missing".into(),
        Some('-') if text.starts_with("--") => "a number is missing".into(),
        Some('-') => "negative".into(),
        _ => "not a number".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_multiply_in_either_case() {
        for (text, number) in [
            ("1", 1),
            ("500K", 500_000),
            ("500k", 500_000),
            ("2M", 2_000_000),
            ("1.5G", 1_500_000_000),
            ("1.5b", 1_500_000_000),
            ("1_000_000", 1_000_000),
            ("0.001M", 1_000),
            ("2 M", 2_000_000),
            (" 7 ", 7),
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(count(text), Ok(number), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_above_zero_is_refused_with_a_reason() {
        for (text, reason) in [
            ("0", "at least 1"),
            ("0.0M", "at least 1"),
            ("-5", "negative"),
            ("", "missing"),
            ("--json", "missing"),
            ("five", "not a number"),
            (".5M", "not a number"),
            ("5.", "not a number"),
            ("1.2.3", "not a number"),
            ("_1", "not a number"),
            ("1e9", "\"e9\" is not a unit"),
            ("5T", "\"T\" is not a unit"),
            ("5KB", "\"KB\" is not a unit"),
            ("1,000", "comma"),
            ("1.5", "not a whole number"),
            ("0.0001K", "not a whole number"),
            ("18446744073709551616", "too large"),
            ("99999999999999999999G", "too large"),
        ] {
            let refused = count(text).unwrap_err();
            assert!(
                refused.problem.contains(reason),
                "{text}: {}",
                refused.problem
            );
            assert!(refused.allowed.contains("500K"), "{text}");
        }
    }

    #[test]
    fn bare_keys_are_millions_and_a_unit_is_that() {
        assert_eq!(keys("100"), Ok(100_000_000));
        assert_eq!(keys("0.5"), Ok(500_000));
        assert_eq!(keys("1b"), Ok(1_000_000_000));
        assert_eq!(keys("0.5B"), Ok(500_000_000));
        assert_eq!(keys("500K"), Ok(500_000));
        assert!(keys("0.0000001").unwrap_err().problem.contains("whole"));
        assert!(keys("0").unwrap_err().problem.contains("at least 1"));
    }

    #[test]
    fn rounding_is_to_the_nearest() {
        let third = Decimal {
            digits: 33,
            scale: 2,
        };
        assert_eq!(third.times(10), Some(Err(3)));
        assert_eq!(
            Decimal {
                digits: 5,
                scale: 1
            }
            .times(1),
            Some(Err(1))
        );
    }
}
