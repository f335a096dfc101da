//! The OpenCL devices of a search: made ready before it begins, and anew for each replacement.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use meshcore_keygen_gpu::{Device, GpuError, GpuSweeper, Size};

use crate::batch::WorkerId;
use crate::config::SearchSettings;
use crate::config::error::{UsageError, refuse};
use crate::engine::EngineError;
use crate::engine::coarse::Coarse;
use crate::health::probe::cards::CardProbe;
use crate::search::card::{Card, engine_error};

/// Devices that have passed their known answers, each with its first search.
#[derive(Default)]
pub(super) struct Cards {
    devices: Vec<Device>,
    first: Mutex<Vec<Option<GpuSweeper>>>,
    coarse: Coarse,
}

impl Cards {
    /// Makes the devices of these settings ready for what is looked for; one that was not named by itself and fails is left out
    /// with a note.
    ///
    /// # Errors
    /// One that was named fails, or computes wrong results.
    pub(super) fn open(settings: &mut SearchSettings) -> Result<Self, UsageError> {
        let mut cards = Self::default();
        if settings.devices.is_empty() {
            return Ok(cards);
        }
        cards.coarse = super::environment::coarse(settings);
        let first = cards
            .first
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        for chosen in std::mem::take(&mut settings.devices) {
            let device = &chosen.device;
            match open(device, &cards.coarse) {
                Ok(sweeper) => {
                    first.push(Some(sweeper));
                    cards.devices.push(device.clone());
                    settings.devices.push(chosen);
                }
                Err(error) if chosen.optional => settings.notes.push(format!(
                    "Device gpu:{} ({}) is left out: {error}",
                    device.number, device.name
                )),
                Err(error) => {
                    refuse!(
                        "--device gpu:{} ({}): {error}. Remove --device: the processors search without it.",
                        device.number,
                        device.name
                    );
                }
            }
        }
        Ok(cards)
    }

    /// What reads the devices while they search.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(super) fn probe(&self) -> io::Result<Option<CardProbe>> {
        let devices = (!self.devices.is_empty()).then(|| self.devices.clone());
        devices.map(CardProbe::start).transpose()
    }

    /// Number of devices.
    pub(super) fn len(&self) -> usize {
        self.devices.len()
    }

    /// The engine of a worker whose place is `index` among the devices'.
    ///
    /// # Errors
    /// The device fails, or computes wrong results.
    pub(super) fn engine(&self, index: usize, id: WorkerId) -> Result<Card, EngineError> {
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        let made = first.get_mut(index).and_then(Option::take);
        drop(first);
        if let Some(sweeper) = made.filter(|_| id.generation == 0) {
            return Ok(Card(sweeper));
        }
        let device = self.devices.get(index);
        let device = device.ok_or_else(|| EngineError::Device("no such device".to_owned()))?;
        open(device, &self.coarse).map(Card).map_err(engine_error)
    }
}

fn open(device: &Device, coarse: &Coarse) -> Result<GpuSweeper, GpuError> {
    GpuSweeper::new(device, Size::of(device)?, coarse)
}

/// Expected seconds from which on a card is mentioned.
const LONG: f64 = 60.0;

/// Candidates a second of a worker, roughly.
const A_WORKER: f64 = 5e7;

/// Names a card that could help a long search that uses none, from what NVIDIA's driver tells in `drivers`: no library is loaded
/// for that.
pub(super) fn hint(settings: &SearchSettings, drivers: &Path) -> Option<String> {
    let expected = 1.0 / settings.odds().0 / (settings.workers.max(1) as f64 * A_WORKER);
    if !settings.devices.is_empty() || expected < LONG {
        return None;
    }
    let mut cards = fs::read_dir(drivers).ok()?.flatten();
    let told = cards.find_map(|card| fs::read_to_string(card.path().join("information")).ok())?;
    let model = told.lines().find_map(|line| line.strip_prefix("Model:"))?;
    Some(format!(
        "{} could search, too, and faster than the processors: --device gpu.",
        model.trim()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::search;

    #[test]
    fn a_card_is_named_for_a_long_search_without_one() {
        let folder = tempfile::tempdir().unwrap();
        let card = folder.path().join("0000:01:00.0");
        let hint = |line: &str| hint(&search(line), folder.path());
        assert_eq!(hint("--prefix C0FFEE1234"), None);
        fs::create_dir(&card).unwrap();
        fs::write(
            card.join("information"),
            "Model: \t\t NVIDIA RTX 3070\nIRQ: 1\n",
        )
        .unwrap();
        let words =
            "NVIDIA RTX 3070 could search, too, and faster than the processors: --device gpu.";
        assert_eq!(hint("--prefix C0FFEE1234").as_deref(), Some(words));
        assert_eq!(hint("--prefix F8"), None);
    }
}
