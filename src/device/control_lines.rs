//! DTR and RTS of a serial port. Some boards are reset or held by them, others send nothing without DTR: which it is
//! follows from who made the USB side.

use serialport::SerialPort;

/// Bridges from USB to the serial pins of an ESP32, whose DTR and RTS are wired to reset and boot mode: Silicon Labs
/// (CP2102), WCH (CH340), FTDI.
const BRIDGES: [u16; 3] = [0x10c4, 0x1a86, 0x0403];

/// How DTR and RTS are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ControlLines {
    /// Both low: the board behind a bridge keeps running.
    Low,
    /// DTR high: a processor with USB of its own (nRF52, ESP32-S3) sends only to a terminal that is ready.
    DtrHigh,
}

impl ControlLines {
    /// What suits an adapter with this USB vendor id; most boards whose vendor is unknown have USB of their own.
    pub(super) fn of_vendor(vendor: Option<u16>) -> Self {
        match vendor {
            Some(vendor) if BRIDGES.contains(&vendor) => Self::Low,
            _ => Self::DtrHigh,
        }
    }

    /// The other way.
    pub(super) fn other(self) -> Self {
        match self {
            Self::Low => Self::DtrHigh,
            Self::DtrHigh => Self::Low,
        }
    }

    /// Sets a port's lines. What has none, such as a pseudo-terminal, is left at that.
    pub(super) fn apply(self, port: &mut dyn SerialPort) {
        match self {
            Self::Low => {
                // RTS first: DTR low with RTS high is how these boards are reset.
                let _ = port.write_request_to_send(false);
                let _ = port.write_data_terminal_ready(false);
            }
            Self::DtrHigh => {
                let _ = port.write_data_terminal_ready(true);
            }
        }
    }

    /// For "… with DTR …".
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Low => "DTR and RTS low",
            Self::DtrHigh => "DTR high",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bridges_get_low_lines_and_processors_with_usb_get_dtr() {
        for bridge in [0x10c4, 0x1a86, 0x0403] {
            assert_eq!(ControlLines::of_vendor(Some(bridge)), ControlLines::Low);
        }
        for own in [Some(0x239a), Some(0x303a), Some(0x2886), None] {
            assert_eq!(ControlLines::of_vendor(own), ControlLines::DtrHigh);
        }
        assert_eq!(ControlLines::Low.other().other(), ControlLines::Low);
    }
}
