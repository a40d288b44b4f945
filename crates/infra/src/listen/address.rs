//! Who is behind a reverse proxy.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

/// The client's address that a trusted proxy reports: the last entry of `X-Forwarded-For`, which is the one the
/// proxy itself added. The port is unknown then, so 0. The proxy's own address where it reports none.
pub(super) fn forwarded(headers: &HeaderMap, proxy: SocketAddr) -> SocketAddr {
    let last = headers.get_all("x-forwarded-for").iter().next_back();
    let entry = last.and_then(|value| value.to_str().ok()).and_then(|text| text.rsplit(',').next());
    match entry.map(str::trim).and_then(read) {
        Some(client) => SocketAddr::new(client, 0),
        None => proxy,
    }
}

/// An address with or without port and brackets.
fn read(text: &str) -> Option<IpAddr> {
    text.parse().or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip())).ok().or_else(|| {
        let inner = text.strip_prefix('[')?.strip_suffix(']')?;
        inner.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_entry_counts_because_clients_write_the_others() {
        let proxy: SocketAddr = "10.0.0.1:5000".parse().unwrap();
        for (header, client) in [
            ("203.0.113.9", "203.0.113.9"),
            ("1.1.1.1, 203.0.113.9", "203.0.113.9"),
            ("203.0.113.9:4711", "203.0.113.9"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("nonsense", "10.0.0.1"),
            ("", "10.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", header.parse().unwrap());
            assert_eq!(forwarded(&headers, proxy).ip().to_string(), client, "{header}");
        }
        assert_eq!(forwarded(&HeaderMap::new(), proxy), proxy);
    }
}
