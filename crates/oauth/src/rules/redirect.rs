//! Addresses that people are sent back to.

use url::{Host, Url};

/// Whether an application may register an address. The text says what is wrong with it.
pub(crate) fn check(text: &str) -> Result<(), &'static str> {
    if text.len() > 2000 || !text.bytes().all(|byte| byte.is_ascii_graphic()) || text.contains('\\') {
        return Err("It must be at most 2000 visible ASCII characters.");
    }
    let Ok(url) = Url::parse(text) else { return Err("This is not an absolute address.") };
    if url.fragment().is_some() || text.contains('#') {
        return Err("It must not have a fragment (#).");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("It must not contain a name or a password.");
    }
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(&url) => Ok(()),
        "http" => Err("Without TLS (https) only addresses of the same machine will do."),
        // RFC 8252 7.1: a private-use scheme is a domain name in reverse.
        scheme if scheme.contains('.') => Ok(()),
        _ => Err("A scheme of an app's own must contain a period, as in com.example.app:/callback."),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether an address is one of those registered: the same text, or the same but for the port at a loopback address,
/// where an app gets whichever port is free (RFC 8252 7.3).
pub(crate) fn is_registered(registered: &[String], given: &str) -> bool {
    registered.iter().any(|one| one == given || same_but_port(one, given))
}

fn same_but_port(one: &str, other: &str) -> bool {
    match (loopback_tail(one), loopback_tail(other)) {
        (Some(one), Some(other)) => one == other,
        _ => false,
    }
}

/// Which loopback address it is, and what comes after the port; compared as texts, so that no two readings differ.
fn loopback_tail(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("http://")?;
    let host = ["127.0.0.1", "[::1]"].into_iter().find(|host| rest.starts_with(host))?;
    let rest = rest.strip_prefix(host)?;
    let rest = match rest.strip_prefix(':') {
        Some(rest) => {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (port, rest) = rest.split_at_checked(digits)?;
            port.parse::<u16>().ok()?;
            rest
        }
        None => rest,
    };
    (rest.is_empty() || rest.starts_with(['/', '?'])).then_some((host, rest))
}

/// Whether an answer to this address can only reach the application itself. Nobody owns a port or a private scheme,
/// so there a consent is asked for every time (RFC 8252 8.6).
pub(crate) fn is_owned(text: &str) -> bool {
    text.starts_with("https://")
}

/// An address with parameters added to its query; what it has already stays.
pub(crate) fn with(address: &str, parameters: &[(&str, &str)]) -> String {
    let mut text = address.to_owned();
    text.push(if address.contains('?') { '&' } else { '?' });
    let pairs = parameters.iter().filter(|(_, value)| !value.is_empty());
    text + &url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The part of an address that a person recognises: its host, or its scheme where it has none.
pub(crate) fn shown(address: &str) -> String {
    let Ok(url) = Url::parse(address) else { return address.to_owned() };
    match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => format!("{}:", url.scheme()),
    }
}

/// What `form-action` must allow so that a browser follows the answer there.
pub(crate) fn source(address: &str) -> String {
    let Ok(url) = Url::parse(address) else { return String::new() };
    match url.host_str() {
        Some(_) if matches!(url.scheme(), "http" | "https") => url.origin().ascii_serialization(),
        _ => format!("{}:", url.scheme()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_are_safe_can_be_registered() {
        for good in [
            "https://app.example/cb?x=1",
            "http://127.0.0.1/cb",
            "http://[::1]:99/",
            "http://localhost:3000/cb",
            "com.example.app:/cb",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "/cb",
            "//evil.example",
            "http://app.example/cb",
            "https://app.example/cb#x",
            "https://app.example/#",
            "https://user@app.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "app:/cb",
            "https://app.example/a b",
            "https://app.example\\@evil.example/",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses_are_the_same_only_as_texts_and_at_loopback_but_for_the_port() {
        let registered = ["https://app.example/cb".to_owned(), "http://127.0.0.1/cb?x=1".to_owned()];
        for good in ["https://app.example/cb", "http://127.0.0.1/cb?x=1", "http://127.0.0.1:49152/cb?x=1"] {
            assert!(is_registered(&registered, good), "{good}");
        }
        for bad in [
            "https://app.example/cb/",
            "https://app.example/cb?",
            "https://app.example/cb/../cb",
            "https://APP.example/cb",
            "https://app.example:443/cb",
            "https://app.example.evil.example/cb",
            "https://app.example/cb%2f",
            "https://app.example@evil.example/cb",
            "http://127.0.0.1.evil.example/cb?x=1",
            "http://127.0.0.1:80@evil.example/cb?x=1",
            "http://127.0.0.1:99999/cb?x=1",
            "http://[::1]:1/cb?x=1",
            "http://localhost:1/cb?x=1",
            "https://127.0.0.1:1/cb?x=1",
            "http://127.0.0.1:1/cb?x=2",
        ] {
            assert!(!is_registered(&registered, bad), "{bad}");
        }
    }

    #[test]
    fn parameters_are_added_to_what_is_there() {
        assert_eq!(
            with("https://a.example/", &[("code", "x y"), ("state", "")]),
            "https://a.example/?code=x+y"
        );
        assert_eq!(with("https://a.example/?q=1", &[("a", "b")]), "https://a.example/?q=1&a=b");
        assert_eq!(source("https://a.example:8443/x"), "https://a.example:8443");
        assert_eq!(source("com.example.app:/x"), "com.example.app:");
        assert_eq!(shown("https://a.example/x"), "a.example");
    }
}
