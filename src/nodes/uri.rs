//! `meshcore://` addresses: of contacts, and the cards that are whole adverts in hex.
//!
//! An advert card is a raw packet: a header byte (bits 0 and 1 the route, bits 2 to 5 the payload's type), 4 bytes of
//! transport codes on routes 0 and 3, the path's length byte (bits 6 and 7: bytes a hop less 1, bits 0 to 5: hops), the path,
//! then the payload, which begins with the public key (MeshCore, `src/Packet.h` and `docs/qr_codes.md`).

use url::Url;

use super::{KEY_DIGITS, Node, Role, is_hex, is_whole_key};
use crate::key::{PublicKey, hex};

/// How such an address begins.
pub(super) const SCHEME: &str = "meshcore://";

/// The payload's type of an advert.
const ADVERT: u8 = 4;

/// What an address tells.
pub(super) enum Address {
    Node(Box<Node>),
    /// A channel: no node.
    Other,
    Unreadable,
}

/// Reads an address.
pub(super) fn read(text: &str) -> Address {
    let Some(rest) = text.strip_prefix(SCHEME) else {
        return Address::Unreadable;
    };
    if is_hex(rest) {
        return advert(rest).map_or(Address::Unreadable, |key| {
            Address::Node(Box::new(Node::of_key(&key)))
        });
    }
    match Url::parse(text) {
        Ok(url) if url.host_str() == Some("contact") => contact(&url),
        Ok(url) if url.host_str() == Some("channel") => Address::Other,
        _ => Address::Unreadable,
    }
}

fn contact(url: &Url) -> Address {
    let get = |wanted: &str| {
        let mut pairs = url.query_pairs();
        pairs
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.into_owned())
    };
    match get("public_key") {
        Some(key) if is_whole_key(&key) => Address::Node(Box::new(Node {
            name: get("name"),
            role: get("type").as_deref().and_then(Role::named),
            ..Node::of_key(&key)
        })),
        _ => Address::Unreadable,
    }
}

/// The address of a contact, as the app shows it in a QR code.
pub(crate) fn of_contact(name: &str, public: &PublicKey, role: Role) -> String {
    let number = Role::ALL.iter().take_while(|other| **other != role).count() + 1;
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("name", name)
        .append_pair("public_key", &hex::encode(public))
        .append_pair("type", &number.to_string())
        .finish();
    format!("{SCHEME}contact/add?{query}")
}

/// The public key of an advert's packet, as hex digits.
fn advert(digits: &str) -> Option<String> {
    let byte = |at: usize| u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok();
    let header = byte(0)?;
    if (header >> 2) & 0x0f != ADVERT {
        return None;
    }
    let length_at = match header & 0x03 {
        0 | 3 => 5,
        _ => 1,
    };
    let length = byte(length_at)?;
    let path = usize::from(length & 0x3f) * (usize::from(length >> 6) + 1);
    let key_at = 2 * (length_at + 1 + path);
    digits.get(key_at..key_at + KEY_DIGITS).map(str::to_owned)
}
