//! Addresses without secrets: only scheme, host and port are shown.

use url::Url;

/// Shown instead of a command or an invalid address.
const HIDDEN: &str = "(set, not shown)";

/// Shown instead of user, password, path and query.
const REST: &str = "…";

/// `scheme://host:port/…`; `scheme` is the one that was typed.
pub(super) fn of(scheme: &str, url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url
        .port()
        .map_or_else(String::new, |port| format!(":{port}"));
    let has_rest = url.path().len() > 1 || url.query().is_some() || !url.username().is_empty();
    let rest = if has_rest { REST } else { "" };
    format!("{scheme}://{host}{port}/{rest}")
}

/// A value of a setting that may hold secrets: each address reduced to its host, everything else hidden.
#[must_use]
pub(crate) fn redact(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().map(redact_one).collect();
    match &words[..] {
        [] => HIDDEN.to_owned(),
        words if words.iter().all(Option::is_some) => words
            .iter()
            .flatten()
            .cloned()
            .collect::<Vec<_>>()
            .join(" "),
        _ => HIDDEN.to_owned(),
    }
}

fn redact_one(word: &str) -> Option<String> {
    let (scheme, rest) = word.split_once("://")?;
    let plain = scheme
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || c == '+');
    let url = Url::parse(&format!("https://{rest}")).ok()?;
    (plain && url.host_str().is_some()).then(|| {
        let hides = url.fragment().is_some_and(|f| !f.is_empty());
        let shown = of(scheme, &url);
        let severity = url.fragment().and_then(crate::alert::Severity::named);
        match severity {
            Some(severity) => format!("{shown}#{severity}"),
            None if hides => format!("{shown}#{REST}"),
            None => shown,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_stays_and_all_that_can_be_a_secret_goes() {
        for (text, shown) in [
            (
                "https://hooks.slack.com/services/T0/B0/xyz",
                "https://hooks.slack.com/…",
            ),
            (
                "smtps://me:pass@mail.example.org:465/?to=a@b.c#critical",
                "smtps://mail.example.org:465/…#critical",
            ),
            (
                "ntfy://ntfy.sh/topic ntfy://[::1]:80/x",
                "ntfy://ntfy.sh/… ntfy://[::1]:80/…",
            ),
            ("https://host?token=1", "https://host/…"),
            ("https://host/#token", "https://host/#…"),
            ("https://host", "https://host/"),
            ("token", HIDDEN),
            ("https://host/ token", HIDDEN),
            ("tok en://host", HIDDEN),
            ("curl -H 'X: y' https://host/", HIDDEN),
            ("", HIDDEN),
        ] {
            assert_eq!(redact(text), shown, "{text}");
        }
    }
}
