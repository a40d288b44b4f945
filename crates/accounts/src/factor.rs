//! Second factors, without a database: codes of an app (TOTP, RFC 6238: SHA-1, six digits, 30 seconds, one step of
//! skew either way) and recovery codes.

use guildhall_base::{Error, Result, Timestamp, UserId};
use rand::{CryptoRng, RngExt as _};
use sha2::{Digest as _, Sha256};
use totp_rs::{Builder, Totp};

/// Bytes of an app's secret, as RFC 4226 recommends.
const SECRET_BYTES: usize = 20;
/// How many recovery codes there are.
pub(crate) const RECOVERY_CODES: usize = 10;
/// Random bytes of a recovery code: 16 letters and digits.
const RECOVERY_BYTES: usize = 10;
/// Letters and digits that nobody takes for one another (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A new secret to share with an app.
pub(crate) fn new_secret(random: &mut impl CryptoRng) -> Vec<u8> {
    let secret: [u8; SECRET_BYTES] = random.random();
    secret.to_vec()
}

/// The app's half, as this server knows it.
pub(crate) struct App(Totp);

impl App {
    /// Of a secret; what the app shows it as is the site's and the person's name.
    pub(crate) fn new(secret: &[u8], site: &str, name: &str) -> Result<Self> {
        // A colon separates the two in the address; neither may contain one.
        let clean = |text: &str| text.replace(':', " ");
        let app = Builder::new()
            .with_secret(secret.to_vec())
            .with_issuer(Some(clean(site)))
            .with_account_name(clean(name))
            .build();
        app.map(Self).map_err(|error| Error::internal(error.to_string()))
    }

    /// Of a secret, to compare codes only.
    pub(crate) fn of(secret: &[u8]) -> Result<Self> {
        Self::new(secret, "site", "name")
    }

    /// `otpauth://totp/...`, which apps read from a QR code.
    pub(crate) fn address(&self) -> Result<String> {
        self.0.to_url().map_err(|error| Error::internal(error.to_string()))
    }

    /// The secret in base 32, for typing in.
    pub(crate) fn secret_text(&self) -> String {
        self.0.secret().to_base32()
    }

    /// The time step whose code this is, if it is that of now or of a step beside it. Compared in constant time.
    pub(crate) fn step_of(&self, code: &str, now: Timestamp) -> Option<i64> {
        let seconds = u64::try_from(now.millis() / 1000).ok()?;
        let step = self.0.check(code, seconds)?;
        i64::try_from(step).ok()
    }

    /// The code of a moment, for tests.
    #[cfg(test)]
    fn code(&self, now: Timestamp) -> String {
        self.0.generate(u64::try_from(now.millis() / 1000).unwrap_or_default()).to_string()
    }
}

/// A QR code as SVG: black on white with a quiet zone, whatever the page's colours.
pub(crate) fn qr(text: &str) -> Result<String> {
    let code = qrcode::QrCode::new(text).map_err(|error| Error::internal(error.to_string()))?;
    let svg = code.render::<qrcode::render::svg::Color<'_>>().min_dimensions(200, 200).build();
    // Only the element itself: what comes before it is for files.
    Ok(svg.find("<svg").and_then(|begin| svg.get(begin..)).unwrap_or_default().to_owned())
}

/// What somebody typed: six digits, or a recovery code, whatever separators they wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Typed {
    /// Of an app.
    Digits(String),
    /// A recovery code, as it is hashed.
    Recovery(String),
}

impl Typed {
    /// None if it can be neither.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let signs: String = text.chars().filter(|sign| !matches!(sign, ' ' | '-')).take(33).collect();
        let signs = signs.to_ascii_lowercase();
        if signs.len() == 6 && signs.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Self::Digits(signs));
        }
        // Letters that the alphabet leaves out are meant as what they look like.
        let signs: String = signs
            .chars()
            .map(|sign| match sign {
                'o' => '0',
                'i' | 'l' => '1',
                other => other,
            })
            .collect();
        let known = signs.bytes().all(|byte| ALPHABET.contains(&byte));
        (known && signs.len() == RECOVERY_BYTES * 8 / 5).then_some(Self::Recovery(signs))
    }
}

/// New recovery codes, as their owner writes them down: `xxxx-xxxx-xxxx-xxxx`.
pub(crate) fn new_recovery_codes(random: &mut impl CryptoRng) -> Vec<String> {
    (0..RECOVERY_CODES).map(|_| new_recovery_code(random)).collect()
}

fn new_recovery_code(random: &mut impl CryptoRng) -> String {
    let mut code = String::new();
    for index in 0..RECOVERY_BYTES * 8 / 5 {
        if index > 0 && index % 4 == 0 {
            code.push('-');
        }
        let place = usize::from(random.random::<u8>() & 31);
        code.extend(ALPHABET.get(place).map(|byte| char::from(*byte)));
    }
    code
}

/// What is stored of a recovery code. It has 80 random bits: nothing slow is needed.
pub(crate) fn recovery_hash(user: UserId, signs: &str) -> Vec<u8> {
    Sha256::digest(format!("recovery:{user}:{signs}").as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Seconds of a time step.
    const STEP: u64 = 30;

    #[test]
    fn a_code_is_good_for_its_step_and_those_beside_it() {
        let app = App::new(&new_secret(&mut rand::rng()), "Hall: One", "ada").unwrap();
        let now = Timestamp::from_millis(1_790_000_000_000);
        let code = app.code(now);
        let step = app.step_of(&code, now).unwrap();
        let seconds = Duration::from_secs;
        assert_eq!(app.step_of(&code, now.after(seconds(STEP))), Some(step));
        assert_eq!(app.step_of(&code, now.before(seconds(STEP))), Some(step));
        assert_ne!(app.step_of(&code, now.after(seconds(3 * STEP))), Some(step));
        assert_eq!(app.step_of("12345", now), None);
        assert_eq!(app.step_of("x", now), None);
        assert!(app.address().unwrap().starts_with("otpauth://totp/Hall%20%20One:ada?secret="));
    }

    #[test]
    fn the_code_is_the_one_of_the_specification() {
        // RFC 6238, appendix B: this secret shows 94287082 at 59 seconds; six digits are its last six.
        let app = App::new(b"12345678901234567890", "x", "y").unwrap();
        assert_eq!(app.code(Timestamp::from_millis(59_000)), "287082");
    }

    #[test]
    fn a_recovery_code_is_read_however_it_is_written() {
        let codes = new_recovery_codes(&mut rand::rng());
        assert_eq!(codes.len(), RECOVERY_CODES);
        let code = codes.first().unwrap();
        assert_eq!(code.len(), 19);
        let typed = Typed::of(code).unwrap();
        assert_eq!(Typed::of(&code.to_uppercase().replace('-', " ")), Some(typed));
        assert_eq!(Typed::of("oooo-iiii-llll-0000"), Some(Typed::Recovery("0000111111110000".into())));
        assert_eq!(Typed::of("123 456"), Some(Typed::Digits("123456".into())));
        for bad in ["", "12345", "1234567", "ä23456", "u000-0000-0000-0000", &"0".repeat(1000)] {
            assert_eq!(Typed::of(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_qr_code_is_one_svg_element() {
        let svg = qr("otpauth://totp/x:y?secret=ABC").unwrap();
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"), "{svg}");
    }
}
