//! Readings of the cards, by a thread of its own: a driver in trouble may keep who asks it waiting.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::{Builder, sleep};
use std::time::{Duration, Instant};

use meshcore_keygen_gpu::{CardReadings, Device, Sensor};

/// Where Linux shows devices.
pub(crate) const SYS: &str = "/sys";

/// Time between two readings.
const INTERVAL: Duration = Duration::from_secs(1);

/// Readings that are older are unknown.
const STALE: Duration = Duration::from_secs(10);

/// What was read last, and when.
type Latest = Mutex<Option<(Instant, Vec<CardReadings>)>>;

/// The cards of a search.
pub(crate) struct CardProbe {
    latest: Arc<Latest>,
}

impl CardProbe {
    /// Begins to read these devices.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub(crate) fn start(devices: Vec<Device>) -> io::Result<Self> {
        let latest = Arc::<Latest>::default();
        let place = Arc::downgrade(&latest);
        let read = move || {
            let sensors: Vec<_> = devices
                .iter()
                .map(|device| Sensor::new(device, Path::new(SYS)))
                .collect();
            keep_reading(&sensors, &place);
        };
        Builder::new().name("cards".to_owned()).spawn(read)?;
        Ok(Self { latest })
    }

    /// What was read last; nothing before the first time.
    pub(crate) fn latest(&self) -> Vec<CardReadings> {
        let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((at, readings)) = &*latest else {
            return Vec::new();
        };
        if at.elapsed() < STALE {
            return readings.clone();
        }
        let silent = |card: &CardReadings| {
            let why = "its driver does not answer".to_owned();
            CardReadings::unreadable(card.device.clone(), why)
        };
        readings.iter().map(silent).collect()
    }
}

/// Reads until nobody wants to know any more.
fn keep_reading(sensors: &[Sensor], place: &Weak<Latest>) {
    while place.strong_count() > 0 {
        let readings = sensors.iter().map(Sensor::read).collect();
        if let Some(latest) = place.upgrade() {
            let mut latest = latest.lock().unwrap_or_else(PoisonError::into_inner);
            *latest = Some((Instant::now(), readings));
        }
        sleep(INTERVAL);
    }
}
