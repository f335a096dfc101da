//! The serial ports of this machine, and what they seem to be.

use serialport::{SerialPortInfo, SerialPortType};

use super::shown;

/// A serial port.
#[derive(Clone, Debug)]
pub(crate) struct Port {
    /// What `--port` takes.
    pub name: String,
    /// The USB vendor id, if it is on USB.
    pub vendor: Option<u16>,
    /// What it calls itself.
    pub product: Option<String>,
}

/// USB vendors of MeshCore boards, and what a port of theirs is likely to be.
const VENDORS: [(u16, &str); 8] = [
    (0x10c4, "CP2102 bridge, often a Heltec or LilyGo board"),
    (0x1a86, "CH340 bridge, often an ESP32 board"),
    (0x0403, "FTDI bridge"),
    (0x239a, "nRF52 board, such as a RAK4631"),
    (0x303a, "ESP32-S3 with USB of its own"),
    (0x2886, "Seeed board, such as a T1000-E or XIAO"),
    (0x1915, "Nordic nRF52 board"),
    (0x2e8a, "RP2040 board"),
];

impl Port {
    fn of(info: SerialPortInfo) -> Self {
        let usb = match info.port_type {
            SerialPortType::UsbPort(usb) => Some(usb),
            _ => None,
        };
        Self {
            name: info.port_name,
            vendor: usb.as_ref().map(|usb| usb.vid),
            product: usb
                .and_then(|usb| usb.product)
                .map(|text| shown(text.as_bytes())),
        }
    }

    /// What it seems to be, for people.
    pub(crate) fn seems(&self) -> String {
        let Some(vendor) = self.vendor else {
            return "not on USB".to_owned();
        };
        let known = VENDORS.iter().find(|(known, _)| *known == vendor);
        let known = known.map_or("USB, unknown maker", |(_, words)| words);
        match &self.product {
            Some(product) => format!("{known} ({product})"),
            None => known.to_owned(),
        }
    }
}

/// The serial ports, those on USB first.
pub(crate) fn ports() -> Vec<Port> {
    // The library panics where Linux has no /sys.
    if cfg!(target_os = "linux") && !std::path::Path::new("/sys/class/tty").exists() {
        return Vec::new();
    }
    let found = serialport::available_ports().unwrap_or_default();
    // On macOS each port is there twice; /dev/tty.* waits for a carrier that a node never gives.
    let usable = |info: &SerialPortInfo| !info.port_name.starts_with("/dev/tty.");
    let mut ports: Vec<_> = found.into_iter().filter(usable).map(Port::of).collect();
    ports.sort_by(|a, b| (a.vendor.is_none(), &a.name).cmp(&(b.vendor.is_none(), &b.name)));
    ports
}

/// The USB vendor id of the port with this name, also where the name is a link to it.
pub(super) fn vendor_of(name: &str) -> Option<u16> {
    let real = std::fs::canonicalize(name).ok();
    let is_it = |port: &Port| {
        port.name == name || real.as_deref() == Some(std::path::Path::new(&port.name))
    };
    ports().into_iter().find(is_it)?.vendor
}

/// A sentence that names the ports there are.
pub(super) fn sentence() -> String {
    let names: Vec<_> = ports()
        .iter()
        .map(|port| format!("{} ({})", port.name, port.seems()))
        .collect();
    if names.is_empty() {
        "No serial port was found: connect the node with a cable that carries data.".to_owned()
    } else {
        format!("Serial ports here: {}.", names.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_says_what_it_seems_to_be() {
        let port = |vendor, product: Option<&str>| Port {
            name: "/dev/ttyACM0".into(),
            vendor,
            product: product.map(str::to_owned),
        };
        let rak = port(Some(0x239a), Some("WisCore RAK4631 Board")).seems();
        assert_eq!(
            rak,
            "nRF52 board, such as a RAK4631 (WisCore RAK4631 Board)"
        );
        assert_eq!(port(Some(1), None).seems(), "USB, unknown maker");
        assert_eq!(port(None, None).seems(), "not on USB");
    }
}
