//! What is read from the machine; what can't be read is unknown, never fine.

mod system;
pub(crate) mod thread;

pub(crate) use self::system::SystemProbe;

/// Room in a file system or in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Bytes in all.
    pub total: u64,
    /// Bytes that can be used.
    pub free: u64,
}

/// The processor's own sensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Temperature {
    /// Degrees Celsius.
    pub celsius: f64,
    /// The sensor's own critical limit, where it names one.
    pub critical: Option<f64>,
}

/// A program that takes processor time.
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
    /// The file system where keys go.
    pub disk: Option<Space>,
    /// The processor's hottest sensor.
    pub temperature: Option<Temperature>,
    /// Other programs that take processor time, the greatest first.
    pub users: Vec<User>,
}

/// Something that reads the machine, or pretends to.
pub trait Probe: Send {
    /// Reads what is cheap: this process's memory.
    fn resident(&mut self) -> Option<u64>;

    /// Reads everything but who takes the processor.
    fn read(&mut self) -> Readings;

    /// Room where keys go.
    fn disk(&mut self) -> Option<Space> {
        self.read().disk
    }

    /// The processor's own sensor.
    fn temperature(&mut self) -> Option<Temperature> {
        self.read().temperature
    }

    /// Other programs by the processor time that they took since the last call; none at the first one.
    fn users(&mut self) -> Vec<User> {
        self.read().users
    }
}
