//! Who may see the page: links that are good once, the token of a file, the cookie that either is exchanged for; and which
//! hosts and origins a request may name, so that no other site can use a browser that has the cookie.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use hyper::HeaderMap;
use hyper::header::{self, HeaderName};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::key::hex;

/// Bytes of a secret that is drawn.
const BYTES: usize = 32;

/// What proves that somebody may see the page. It is compared by its hash, so that no time tells how much was right.
pub(crate) type Secret = Zeroizing<String>;

/// Draws a secret.
///
/// # Errors
/// The system has no random numbers.
pub(crate) fn draw() -> std::io::Result<Secret> {
    let mut bytes = Zeroizing::new([0; BYTES]);
    getrandom::fill(&mut *bytes).map_err(std::io::Error::other)?;
    Ok(Zeroizing::new(hex::encode(&*bytes)))
}

fn is_same(one: &str, other: &str) -> bool {
    Sha256::digest(one) == Sha256::digest(other)
}

/// Who may see the page.
pub(crate) struct Access {
    /// The name of the cookie: cookies don't tell ports apart.
    name: String,
    /// The value of the cookie.
    cookie: Secret,
    /// The tokens of links that nobody has used yet.
    links: Mutex<Vec<Secret>>,
    /// The token of the file, which stays good.
    token: Option<Secret>,
    /// The host that was typed, in lower case.
    host: String,
}

impl Access {
    /// Access with a cookie that belongs to `key` and to the token: with another token, nobody has it.
    pub(crate) fn new(port: u16, host: &str, key: &str, token: Option<Secret>) -> Self {
        let mut hash = Sha256::new();
        hash.update(key);
        hash.update(token.as_ref().map_or("", |token| token.as_str()));
        Self {
            name: format!("keygen-{port}"),
            cookie: Zeroizing::new(hex::encode(&hash.finalize())),
            links: Mutex::default(),
            token,
            host: host.to_lowercase(),
        }
    }

    /// Makes the token of a link good, once.
    pub(crate) fn allow(&self, link: Secret) {
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        links.push(link);
    }

    /// Whether this is the token of a link that was not used, or that of the file.
    pub(crate) fn takes(&self, offered: &str) -> bool {
        if (self.token.as_ref()).is_some_and(|token| is_same(token, offered)) {
            return true;
        }
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        let found = links.iter().position(|link| is_same(link, offered));
        found.map(|place| links.swap_remove(place)).is_some()
    }

    /// Whether there is a token that can be typed.
    pub(crate) fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// The header that gives a browser the cookie.
    pub(crate) fn cookie(&self) -> String {
        let (name, value) = (&self.name, self.cookie.as_str());
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict")
    }

    /// Whether a request has the cookie.
    pub(crate) fn knows(&self, headers: &HeaderMap) -> bool {
        let cookies = headers.get_all(header::COOKIE).iter();
        let pairs = cookies.filter_map(|value| value.to_str().ok());
        let mut pairs = pairs.flat_map(|value| value.split(';'));
        pairs.any(|pair| {
            let pair = pair.trim().split_once('=');
            pair.is_some_and(|(name, value)| name == self.name && is_same(value, &self.cookie))
        })
    }

    /// Whether a request names a host that this is: an address, localhost, or the name that was typed. A page of another
    /// site whose name has been pointed here (DNS rebinding) names another.
    pub(crate) fn is_host(&self, headers: &HeaderMap) -> bool {
        let Some(host) = text(headers, &header::HOST) else {
            return false;
        };
        let host = without_port(host).to_lowercase();
        host == "localhost" || host == self.host || host.parse::<IpAddr>().is_ok()
    }
}

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wants {
    /// The page itself: a link in a mail or on another page may lead here, and can't read the answer.
    Page,
    /// What the page shows: no other page may use it.
    Data,
    /// To change something: the request must say that it comes from the page.
    Change,
}

/// Whether a request comes from the page itself, or from no page.
pub(crate) fn is_own_origin(headers: &HeaderMap, wants: Wants) -> bool {
    let site = HeaderName::from_static("sec-fetch-site");
    let foreign = text(headers, &site).is_some_and(|from| from != "same-origin" && from != "none");
    match (text(headers, &header::ORIGIN), text(headers, &header::HOST)) {
        (Some(origin), Some(host)) => !foreign && origin == format!("http://{host}"),
        (Some(_), None) => false,
        (None, _) if headers.contains_key(header::ORIGIN) => false,
        (None, _) => match wants {
            Wants::Page => true,
            Wants::Data => !foreign,
            Wants::Change => false,
        },
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().filter(|_| values.next().is_none());
    value.and_then(|value| value.to_str().ok())
}

/// The host without its port, an IPv6 address without brackets.
fn without_port(host: &str) -> &str {
    match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.rsplit_once(':').map_or(host, |(host, _)| host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), value.parse().unwrap())
        };
        pairs.iter().map(pair).collect()
    }

    fn access() -> Access {
        Access::new(80, "Search.example", "key", None)
    }

    #[test]
    fn a_link_is_good_once_and_the_token_of_a_file_always() {
        let access = Access::new(80, "", "key", Some(Zeroizing::new("of the file".into())));
        access.allow(draw().unwrap());
        access.allow(Zeroizing::new("once".into()));
        assert!(access.takes("once"));
        assert!(!access.takes("once") && !access.takes("") && !access.takes("Of the file"));
        assert!(access.takes("of the file") && access.takes("of the file"));
    }

    #[test]
    fn only_the_cookie_lets_in_and_another_token_makes_it_worthless() {
        let access = access();
        let cookie = access.cookie();
        let (pair, rest) = cookie.split_once(';').unwrap();
        assert!(rest.contains("HttpOnly") && rest.contains("SameSite=Strict"));
        assert!(access.knows(&headers(&[("cookie", &format!("a=b; {pair}"))])));
        for wrong in [
            "",
            "keygen-80=",
            "keygen-80",
            &pair.replace("80", "81"),
            &pair[..20],
        ] {
            assert!(!access.knows(&headers(&[("cookie", wrong)])), "{wrong}");
        }
        let other = Access::new(80, "", "key", Some(Zeroizing::new("new token".into())));
        assert!(!other.knows(&headers(&[("cookie", pair)])));
    }

    #[test]
    fn a_host_is_an_address_localhost_or_the_name_that_was_typed() {
        for host in [
            "127.0.0.1:80",
            "localhost",
            "localhost:9000",
            "[::1]:80",
            "192.168.1.5:80",
            "search.example:80",
        ] {
            assert!(access().is_host(&headers(&[("host", host)])), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.nip.io:80",
            "evil.example:127.0.0.1",
        ] {
            assert!(!access().is_host(&headers(&[("host", host)])), "{host}");
        }
        assert!(!access().is_host(&headers(&[("host", "localhost"), ("host", "evil.example")])));
    }

    #[test]
    fn no_other_origin_is_answered_and_what_changes_something_must_name_its_own() {
        let own = |pairs: &[(&'static str, &str)], wants| {
            let host = [("host", "localhost:80")];
            is_own_origin(&headers(&[&host[..], pairs].concat()), wants)
        };
        let (good, from) = (("origin", "http://localhost:80"), "sec-fetch-site");
        assert!(own(&[], Wants::Page) && own(&[], Wants::Data) && !own(&[], Wants::Change));
        assert!(own(&[good, (from, "same-origin")], Wants::Change));
        assert!(
            own(&[(from, "cross-site")], Wants::Page) && !own(&[(from, "same-site")], Wants::Data)
        );
        let others = [
            "http://localhost:81",
            "https://localhost:80",
            "null",
            "http://evil.example",
        ];
        for origin in others {
            for wants in [Wants::Page, Wants::Data, Wants::Change] {
                assert!(!own(&[("origin", origin)], wants), "{origin}");
            }
        }
        assert!(!own(&[good, (from, "cross-site")], Wants::Change));
        assert!(!own(&[good, good], Wants::Page));
    }
}
