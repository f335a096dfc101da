//! Whose word on certificates is taken: that of this system, so that a company's own issuer counts, or where the system
//! names nobody, that of browsers.

use std::sync::OnceLock;

use lettre::transport::smtp::client::CertificateStore;
use rustls_native_certs::load_native_certs;
use ureq::tls::{Certificate, RootCerts};

/// Read once, when the first message is sent to a server that needs it.
static ROOTS: OnceLock<RootCerts> = OnceLock::new();

/// For web servers.
pub(super) fn for_web() -> RootCerts {
    ROOTS.get_or_init(read).clone()
}

/// For mail servers.
pub(super) fn for_mail() -> CertificateStore {
    match for_web() {
        RootCerts::Specific(_) => CertificateStore::Default,
        _ => CertificateStore::WebpkiRoots,
    }
}

fn read() -> RootCerts {
    let certificates = load_native_certs().certs;
    if certificates.is_empty() {
        return RootCerts::WebPki;
    }
    let own = |der: &[u8]| Certificate::from_der(der).to_owned();
    RootCerts::from(certificates.iter().map(|certificate| own(certificate)))
}
