//! Emails as a black box, against a real mail server: plain, encrypted, refused.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::common::program::{Place, Run, has};
use crate::common::telling::{SECRET, assert_public, command, run};

/// A real mail server that takes everything from `me` with the right password, and prints it: plain, or with
/// certificate and key encrypted from the start (`smtps`) or after the greeting and never without (`starttls`).
const MAIL_SERVER: &str = r#"
import asyncio, ssl, sys
from aiosmtpd.smtp import SMTP, AuthResult
class Taker:
    async def handle_DATA(self, server, session, envelope):
        print("FROM", envelope.mail_from, "TO", ",".join(envelope.rcpt_tos))
        print(envelope.content.decode(), "\nEND", flush=True)
        return "250 taken"
def check(server, session, envelope, mechanism, data):
    return AuthResult(success=data.login == b"me" and data.password == b"TOPSECRET", handled=False)
async def main():
    kind, *certificate = sys.argv[1:]
    tls = None
    if certificate:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(*certificate)
    later = kind == "starttls"
    smtp = lambda: SMTP(Taker(), authenticator=check, auth_required=True, auth_require_tls=later,
                        require_starttls=later, tls_context=tls if later else None)
    server = await asyncio.get_running_loop().create_server(
        smtp, "127.0.0.1", 0, ssl=None if later else tls)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
asyncio.run(main())
"#;

/// The system's own Python: the one that the system's packages are for.
const PYTHON: &str = "/usr/bin/python3";

/// A mail server that ends with its standard input.
struct MailServer {
    child: Child,
    input: Option<ChildStdin>,
    lines: BufReader<ChildStdout>,
    port: u16,
}

impl MailServer {
    fn start(kind: &[&str]) -> Self {
        let mut command = Command::new(PYTHON);
        let command = command.args(["-c", MAIL_SERVER]).args(kind);
        let command = command.stdin(Stdio::piped());
        let command = command.stderr(Stdio::null());
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut port = String::new();
        lines.read_line(&mut port).unwrap();
        Self {
            input: child.stdin.take(),
            child,
            lines,
            port: port.trim().parse().unwrap(),
        }
    }

    /// The next email.
    fn next(&mut self) -> String {
        let mut text = String::new();
        while !text.ends_with("END\n") {
            assert!(self.lines.read_line(&mut text).unwrap() > 0, "{text}");
        }
        text
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.input = None;
        let _ = self.child.wait();
    }
}

#[test]
fn emails_reach_a_real_mail_server() {
    if !has(
        "emails_reach_a_real_mail_server",
        PYTHON,
        &["-c", "import aiosmtpd"],
    ) {
        return;
    }
    let place = Place::new();
    let mut server = MailServer::start(&["plain"]);
    let to = "to=you%40example.org,them+keys@example.org";
    let url = |password: &str| {
        let port = server.port;
        format!("smtp://me:{password}@127.0.0.1:{port}/?from=keygen@example.org&{to}")
    };
    let (right, wrong) = (url(SECRET), url("WRONGPASS"));
    let refused = run(&place, &["alert", "test", "--notify", &wrong]);
    assert_eq!(refused.code, Some(1), "{}", refused.err);
    assert!(
        refused.out.contains("FAILED: permanent error (535)"),
        "{}",
        refused.out
    );
    assert!(!refused.out.contains("WRONGPASS") && !refused.out.contains("example.org"));
    let words = ["--prefix", "A", "--session", "night", "--notify", &right];
    let found = run(&place, &words);
    assert_eq!(found.code, Some(0), "{}", found.err);
    let email = server.next();
    let public = &found.publics()[0];
    for part in [
        "FROM keygen@example.org TO you@example.org,them+keys@example.org",
        "Subject: keygen: found (night on",
        public.as_str(),
    ] {
        assert!(email.replace("=\r\n", "").contains(part), "{part}: {email}");
    }
    assert!(server.next().contains("Subject: keygen: ended"));
    assert_public(&place, [email.as_str()]);
}

/// What a certificate is made from that proves the address of this machine and is its own issuer.
const CERTIFICATE: &str = "[req]\ndistinguished_name=name\nx509_extensions=more\nprompt=no\n[name]\nCN=NAME\n\
                           [more]\nbasicConstraints=critical,CA:FALSE\nsubjectAltName=IP:127.0.0.1\n";

/// The files of a new certificate and its key, as arguments.
fn certificate(place: &Place, name: &str) -> [String; 2] {
    let config = place.write("certificate.cnf", CERTIFICATE.replace("NAME", name));
    let file = |kind| place.path(&format!("{name}.{kind}"));
    let files = ["crt", "key"].map(|kind| file(kind).to_str().unwrap().to_owned());
    let made = Command::new("openssl")
        .args(["req", "-x509", "-nodes", "-days", "2", "-newkey", "ec"])
        .args(["-pkeyopt", "ec_paramgen_curve:P-256", "-config", &config])
        .args(["-out", &files[0], "-keyout", &files[1]])
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    files
}

#[test]
fn encrypted_emails_reach_a_server_that_proves_who_it_is_and_no_other() {
    let test = "encrypted_emails_reach_a_server_that_proves_who_it_is_and_no_other";
    let python = has(test, PYTHON, &["-c", "import aiosmtpd"]);
    if !python || !has(test, "openssl", &["version"]) {
        return;
    }
    let place = Place::new();
    let [ours, key] = certificate(&place, "ours");
    let [other, _] = certificate(&place, "other");
    for (kind, scheme, more) in [
        ("smtps", "smtps", ""),
        ("starttls", "smtp", "&tls=required"),
    ] {
        let mut server = MailServer::start(&[kind, &ours, &key]);
        let url = format!(
            "{scheme}://me:{SECRET}@127.0.0.1:{}/?from=keygen@example.org&to=you@example.org{more}",
            server.port
        );
        let told = |issuer: &str| -> Run {
            let mut command = command(&place, &["alert", "test", "--notify", &url]);
            command
                .env("SSL_CERT_FILE", issuer)
                .env_remove("SSL_CERT_DIR");
            let told = place.finish(command);
            assert!(!(told.out.clone() + &told.err).contains(SECRET));
            told
        };
        let refused = told(&other);
        assert_eq!(refused.code, Some(1), "{kind}: {}", refused.err);
        assert!(
            refused
                .out
                .contains("peer certificate: UnknownIssuer; SSL_CERT_FILE=FILE"),
            "{kind}: {}",
            refused.out
        );
        let taken = told(&ours);
        assert_eq!(taken.code, Some(0), "{kind}: {}{}", taken.out, taken.err);
        // The first that came is the one by which the server was known.
        assert!(server.next().contains("Subject: keygen: test"), "{kind}");
    }
}
