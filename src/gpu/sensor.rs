//! Who reads a card: its vendor decides.

use std::path::Path;

use crate::amdgpu::Amd;
use crate::nvml::Nvidia;
use crate::readings::CardReadings;
use crate::{Device, Vendor};

/// What reads a card.
enum Source {
    Nvidia(Nvidia),
    Amd(Amd),
    /// Nothing, for this reason.
    None(String),
}

/// A card that can be asked how it is. Its driver may take long to answer: only a thread of its own should ask.
pub struct Sensor {
    device: String,
    source: Source,
}

impl Sensor {
    /// What reads this device; `sys` is /sys.
    pub fn new(device: &Device, sys: &Path) -> Self {
        let (address, number) = (device.address, device.among_vendor);
        let source = match device.vendor() {
            Vendor::Nvidia => Nvidia::open(address, number).map(Source::Nvidia),
            Vendor::Amd => Amd::open(sys, address, number).map(Source::Amd),
            Vendor::Other => Err(format!("nothing reads devices of {}", device.made_by)),
        };
        Self {
            device: device.word(),
            source: source.unwrap_or_else(Source::None),
        }
    }

    /// How the card is now.
    pub fn read(&self) -> CardReadings {
        let device = self.device.clone();
        match &self.source {
            Source::Nvidia(card) => CardReadings {
                device,
                ..card.read()
            },
            Source::Amd(card) => CardReadings {
                device,
                ..card.read()
            },
            Source::None(why) => CardReadings::unreadable(device, why.clone()),
        }
    }
}
