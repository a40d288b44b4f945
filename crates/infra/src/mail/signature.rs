//! AWS Signature Version 4, as far as one request without a query needs it.
//!
//! The specification is "Signature Version 4 signing process" of the AWS documentation; the test is its own example
//! `post-vanilla`.

use std::fmt::Write as _;

use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::{HeaderName, HeaderValue};
use guildhall_base::{Error, Result, Timestamp};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use crate::fetch::Outgoing;

const DATE: HeaderName = HeaderName::from_static("x-amz-date");

/// An access key and what it is used for.
pub(super) struct Key {
    pub(super) id: String,
    pub(super) secret: String,
    pub(super) region: String,
    pub(super) service: &'static str,
}

/// Adds the date and the signature to a request that has its other headers and its body.
pub(super) fn sign(key: &Key, now: Timestamp, request: &mut Outgoing) -> Result<()> {
    // 2026-11-20T12:00:00.000Z becomes 20261120T120000Z.
    let text = now.to_string();
    let moment: String = text
        .split('.')
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|c| !matches!(c, '-' | ':' | 'Z'))
        .collect();
    let day = moment.get(..8).unwrap_or_default().to_owned();
    let moment = format!("{moment}Z");
    let header = |text: &str| HeaderValue::from_str(text).map_err(Error::internal);
    let host = match (request.url.host_str().unwrap_or_default(), request.url.port()) {
        (host, Some(port)) => format!("{host}:{port}"),
        (host, None) => host.to_owned(),
    };
    request.headers.insert(DATE, header(&moment)?);
    let mut signed: Vec<(String, String)> = request
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.trim().to_owned())))
        .chain([(HOST.as_str().to_owned(), host)])
        .collect();
    signed.sort();
    let names = signed.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";");
    let mut canonical = format!("{}\n{}\n\n", request.method, request.url.path());
    for (name, value) in &signed {
        // Writing to a string cannot fail.
        let _ = writeln!(canonical, "{name}:{value}");
    }
    let _ = write!(canonical, "\n{names}\n{}", hex(&Sha256::digest(&request.body)));
    let scope = format!("{day}/{}/{}/aws4_request", key.region, key.service);
    let to_sign = format!("AWS4-HMAC-SHA256\n{moment}\n{scope}\n{}", hex(&Sha256::digest(&canonical)));
    let mut secret = format!("AWS4{}", key.secret).into_bytes();
    for part in [day.as_str(), &key.region, key.service, "aws4_request"] {
        secret = mac(&secret, part)?;
    }
    let signature = hex(&mac(&secret, &to_sign)?);
    let mut value = header(&format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
        key.id
    ))?;
    value.set_sensitive(true);
    request.headers.insert(AUTHORIZATION, value);
    Ok(())
}

fn mac(key: &[u8], text: &str) -> Result<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|error| Error::internal(error.to_string()))?;
    mac.update(text.as_bytes());
    Ok(mac.finalize().into_bytes().to_vec())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Method;

    #[test]
    fn the_published_example_is_signed_as_published() {
        let key = Key {
            id: "AKIDEXAMPLE".into(),
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
            region: "us-east-1".into(),
            service: "service",
        };
        let now: Timestamp = "2015-08-30T12:36:00Z".parse().unwrap();
        for (method, signature) in [
            (Method::GET, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
            (Method::POST, "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        ] {
            let mut request = Outgoing::new(method, "https://example.amazonaws.com/".parse().unwrap());
            sign(&key, now, &mut request).unwrap();
            let expected = format!(
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
                 SignedHeaders=host;x-amz-date, Signature={signature}"
            );
            assert_eq!(request.headers[AUTHORIZATION].to_str().unwrap(), expected);
        }
    }
}
