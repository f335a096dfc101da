//! Readings of the machine; what can't be read is unknown, never fine.

pub(crate) mod cards;
mod system;
pub(crate) mod thread;

use meshcore_keygen_gpu::CardReadings;

pub(crate) use self::system::SystemProbe;

/// Space in a file system or in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Bytes in all.
    pub total: u64,
    /// Bytes that can be used.
    pub free: u64,
}

impl Space {
    /// The share that is used.
    pub fn used(self) -> f64 {
        1.0 - self.free as f64 / self.total.max(1) as f64
    }
}

/// The processor's own sensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Temperature {
    /// Degrees Celsius.
    pub celsius: f64,
    /// The sensor's own critical limit, where it names one.
    pub critical: Option<f64>,
}

/// A program that uses processor time.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// Its name and process number.
    pub name: String,
    /// Processor time over wall time: 1 is one core.
    pub share: f64,
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Readings {
    /// Resident memory of this process, in bytes.
    pub resident: Option<u64>,
    /// Memory of the system.
    pub memory: Option<Space>,
    /// The output's file system.
    pub disk: Option<Space>,
    /// The processor's hottest sensor.
    pub temperature: Option<Temperature>,
    /// Other programs by the processor time that they use, the most first.
    pub users: Vec<User>,
    /// The cards that search, in the order of their workers; none before they were read.
    pub cards: Vec<CardReadings>,
}

/// A source of readings, real or simulated.
pub trait Probe: Send {
    /// Reads what is cheap: this process's memory.
    fn resident(&mut self) -> Option<u64>;

    /// Reads everything except programs.
    fn read(&mut self) -> Readings;

    /// Space for keys.
    fn disk(&mut self) -> Option<Space> {
        self.read().disk
    }

    /// The processor's own sensor.
    fn temperature(&mut self) -> Option<Temperature> {
        self.read().temperature
    }

    /// Other programs by the processor time that they used since the last call; the first call returns none.
    fn users(&mut self) -> Vec<User> {
        self.read().users
    }

    /// The cards that search, in the order of their workers.
    fn cards(&mut self) -> Vec<CardReadings> {
        Vec::new()
    }
}
