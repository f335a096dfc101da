//! Whose word on certificates is taken: that of this system, so that a company's own issuer counts, or where the system
//! names nobody, that of browsers.

use std::sync::OnceLock;

use lettre::transport::smtp::client::CertificateStore;
use rustls_native_certs::load_native_certs;
use ureq::tls::{Certificate, RootCerts};

/// What is to be done about a server's certificate that is not accepted, behind what the library says.
const ADVICE: &str = "SSL_CERT_FILE=FILE names issuers of your own; a certificate that is its own issuer must not be \
                      marked as one (CA:FALSE)";

/// Read once, when the first message is sent to a server that needs it.
static ROOTS: OnceLock<RootCerts> = OnceLock::new();

/// For web servers.
pub(crate) fn for_web() -> RootCerts {
    ROOTS.get_or_init(read).clone()
}

/// For mail servers.
pub(super) fn for_mail() -> CertificateStore {
    match for_web() {
        RootCerts::Specific(_) => CertificateStore::Default,
        _ => CertificateStore::WebpkiRoots,
    }
}

/// An error in words, with advice where a certificate is the reason.
pub(super) fn advise(error: String) -> String {
    if error.contains("peer certificate") {
        format!("{error}; {ADVICE}")
    } else {
        error
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
