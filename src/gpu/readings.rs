//! What a card tells of itself; what can't be read is unknown, never fine.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

/// Why a card's driver slows it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Throttle {
    /// It is too hot.
    Heat,
    /// Its supply of power asks for less.
    PowerBrake,
    /// Its hardware does not say why.
    Hardware,
    /// Its power limit, which a card that works hard reaches: no trouble.
    PowerCap,
}

impl Throttle {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::Heat, Self::PowerBrake, Self::Hardware, Self::PowerCap];

    /// The name in metrics and messages, as in JSON.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Readings of a card at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CardReadings {
    /// The device, such as "gpu:0".
    pub device: String,
    /// Why nothing is read.
    pub unreadable: Option<String>,
    /// Degrees Celsius.
    pub celsius: Option<f64>,
    /// Degrees Celsius at which the driver slows the card.
    pub slowdown_celsius: Option<f64>,
    /// Clock of the arithmetic in MHz.
    pub clock_mhz: Option<f64>,
    /// The highest clock in MHz.
    pub most_mhz: Option<f64>,
    /// Power in watts.
    pub watts: Option<f64>,
    /// The driver's power limit in watts.
    pub limit_watts: Option<f64>,
    /// Bytes of the card's memory that all programs use.
    pub memory_used: Option<u64>,
    /// Bytes of the card's memory.
    pub memory_total: Option<u64>,
    /// Bytes of the card's memory that this process uses.
    pub own_memory: Option<u64>,
    /// Why the driver slows the card; empty: it does not.
    pub throttled: Option<Vec<Throttle>>,
}

impl CardReadings {
    /// A card of which nothing can be read.
    #[must_use]
    pub fn unreadable(device: String, why: String) -> Self {
        Self {
            device,
            unreadable: Some(why),
            ..Self::default()
        }
    }

    /// Why the card is slower than it could be, apart from its power limit.
    pub fn slowed_by(&self) -> Option<Throttle> {
        let reasons = self.throttled.iter().flatten().copied();
        reasons.filter(|reason| *reason != Throttle::PowerCap).min()
    }

    /// Its clock as a share of the highest one.
    pub fn clock_share(&self) -> Option<f64> {
        let (now, most) = self.clock_mhz.zip(self.most_mhz)?;
        (most > 0.0).then(|| now / most)
    }

    /// What is known, for people: "57 °C, 1980 of 1980 MHz, 513 of 700 W, 2200 of 143155 MiB used".
    #[must_use]
    pub fn text(&self) -> String {
        if let Some(why) = &self.unreadable {
            return format!("readings unknown: {why}");
        }
        let of = |most: Option<f64>| most.map_or(String::new(), |most| format!(" of {most:.0}"));
        let mib = |bytes: u64| (bytes >> 20) as f64;
        let known = [
            self.celsius.map(|celsius| format!("{celsius:.0} °C")),
            (self.clock_mhz).map(|mhz| format!("{mhz:.0}{} MHz", of(self.most_mhz))),
            (self.watts).map(|watts| format!("{watts:.0}{} W", of(self.limit_watts))),
            (self.memory_used).map(|used| {
                let total = of(self.memory_total.map(mib));
                format!("{:.0}{total} MiB used", mib(used))
            }),
            (self.slowed_by()).map(|reason| format!("slowed: {}", reason.name())),
        ];
        known.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_limit_is_no_trouble_and_heat_is_named_first() {
        let throttled = |reasons: &[Throttle]| CardReadings {
            throttled: Some(reasons.to_vec()),
            ..CardReadings::default()
        };
        assert_eq!(throttled(&[Throttle::PowerCap]).slowed_by(), None);
        let both = [Throttle::PowerCap, Throttle::Hardware, Throttle::Heat];
        assert_eq!(throttled(&both).slowed_by(), Some(Throttle::Heat));
        assert_eq!(CardReadings::default().slowed_by(), None);
    }

    #[test]
    fn only_what_is_known_is_told() {
        let card = CardReadings {
            celsius: Some(57.4),
            clock_mhz: Some(1980.0),
            memory_used: Some(3 << 20),
            memory_total: Some(8 << 20),
            ..CardReadings::default()
        };
        assert_eq!(card.text(), "57 °C, 1980 MHz, 3 of 8 MiB used");
        assert_eq!(card.clock_share(), None);
    }
}
