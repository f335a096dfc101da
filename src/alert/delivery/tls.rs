//! Trusted certificate authorities: those of this system, which may include a company's own, or those that browsers
//! trust where the system has none.

use std::sync::OnceLock;

use lettre::transport::smtp::client::CertificateStore;
use rustls_native_certs::load_native_certs;
use ureq::tls::{Certificate, RootCerts};

/// Added to the library's message about a certificate that is not accepted.
const ADVICE: &str = "SSL_CERT_FILE=FILE names your own certificate authorities; a self-signed certificate must be \
                      CA:FALSE";

/// Read once, when the first message is sent to a server that needs it.
static ROOTS: OnceLock<RootCerts> = OnceLock::new();

pub(crate) fn for_web() -> RootCerts {
    ROOTS.get_or_init(read).clone()
}

pub(super) fn for_mail() -> CertificateStore {
    match for_web() {
        RootCerts::Specific(_) => CertificateStore::Default,
        _ => CertificateStore::WebpkiRoots,
    }
}

/// The error, with advice where a certificate is the reason.
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
