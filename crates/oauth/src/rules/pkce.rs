//! Proof Key for Code Exchange (RFC 7636), S256 only.

use subtle::ConstantTimeEq as _;

use crate::model::sha256_base64url;

/// Whether a text can be an S256 challenge: 32 bytes in base64url without padding.
pub(crate) fn is_challenge(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Whether what came to the token endpoint fits what came with the request. A verifier where there was no challenge is
/// refused too: it says that somebody took the challenge out of the request (RFC 9700 4.8.2).
pub(crate) fn fits(challenge: Option<&str>, verifier: Option<&str>) -> bool {
    match (challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) => {
            let sound = (43..=128).contains(&verifier.len())
                && verifier
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~'));
            sound && sha256_base64url(verifier).as_bytes().ct_eq(challenge.as_bytes()).into()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_rfc_fits_and_nothing_else_does() {
        let (verifier, challenge) =
            ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(is_challenge(challenge));
        assert!(fits(Some(challenge), Some(verifier)) && fits(None, None));
        assert!(!fits(Some(challenge), None) && !fits(None, Some(verifier)));
        assert!(!fits(Some(challenge), Some(challenge)) && !fits(Some("short"), Some("short")));
        assert!(!is_challenge("plain") && !is_challenge(&"=".repeat(43)));
    }
}
