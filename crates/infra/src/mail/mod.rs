//! Mail that leaves this server: one interface over a log for development, SMTP, Mailgun's HTTP interface and Amazon SES.
//!
//! A feature writes a [`Mail`] and hands it to the [`Mailer`] from a job, so that it is tried again where the other side
//! does not answer; what the other side refuses for good is told apart ([`REFUSED`]).

mod config;
mod log;
mod mailgun;
mod page;
mod ses;
mod signature;
mod smtp;

use std::sync::Arc;

use guildhall_base::{Clock, Code, Error, Kind, Result};
use lettre::Address;
use lettre::message::Mailbox;

use crate::fetch::{Answer, Fetch};

pub use config::{Driver, MailConfig};
pub use log::{Kept, Letters};
pub use page::{dev_routes, is_local};

/// The other side does not take this mail, and would not later: a wrong address, a wrong key.
pub const REFUSED: Code = Code::new(Kind::Invalid, 0, "mail_refused", "The mail was refused.");
/// The other side does not answer or is busy; worth trying again.
pub const NOT_SENT: Code = Code::new(Kind::Unavailable, 0, "mail_not_sent", "The mail could not be sent.");

/// The longest address, as in RFC 5321.
const LONGEST_ADDRESS: usize = 254;

/// One mail to one person, in both forms that readers may want.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The address, without a name.
    pub to: String,
    /// One line.
    pub subject: String,
    /// For readers without HTML.
    pub text: String,
    /// For the others.
    pub html: String,
    /// The same for every attempt to send the same mail, so that receivers can tell copies: letters, digits, hyphens.
    pub id: String,
}

/// Sends mails. Clones share connections.
#[derive(Clone)]
pub struct Mailer(Arc<Way>);

enum Way {
    Log(Letters),
    Smtp(smtp::Smtp),
    Mailgun(mailgun::Mailgun),
    Ses(ses::Ses),
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Nothing of the configuration: it holds keys.
        f.write_str(match &*self.0 {
            Way::Log(_) => "Mailer(log)",
            Way::Smtp(_) => "Mailer(smtp)",
            Way::Mailgun(_) => "Mailer(mailgun)",
            Way::Ses(_) => "Mailer(ses)",
        })
    }
}

impl Mailer {
    /// The way that the operator chose.
    ///
    /// # Errors
    /// A setting that is missing or wrong; the text says which.
    pub fn new(config: &MailConfig, fetch: Fetch, clock: Clock) -> Result<Self> {
        let from: Mailbox = config.from.parse().map_err(|_| wrong("mail.from is no mail address"))?;
        Ok(Self(Arc::new(match config.driver {
            Driver::Log => Way::Log(Letters::new(clock)),
            Driver::Smtp => Way::Smtp(smtp::Smtp::new(config, from)?),
            Driver::Mailgun => Way::Mailgun(mailgun::Mailgun::new(config, from, fetch)?),
            Driver::Ses => Way::Ses(ses::Ses::new(config, from, fetch, clock)?),
        })))
    }

    /// Mails that are only kept, for tests and development.
    pub fn kept(clock: Clock) -> Self {
        Self(Arc::new(Way::Log(Letters::new(clock))))
    }

    /// Sends a mail; returns when the other side has taken it.
    ///
    /// # Errors
    /// [`REFUSED`], [`NOT_SENT`].
    pub async fn send(&self, mail: &Mail) -> Result<()> {
        let to: Address = mail.to.parse().map_err(|_| REFUSED.because("The address is no mail address."))?;
        match &*self.0 {
            Way::Log(letters) => {
                letters.keep(mail);
                Ok(())
            }
            Way::Smtp(smtp) => smtp.send(to, mail).await,
            Way::Mailgun(mailgun) => mailgun.send(to, mail).await,
            Way::Ses(ses) => ses.send(to, mail).await,
        }
    }

    /// The mails that were not sent but kept, if the log driver is on.
    pub fn letters(&self) -> Option<&Letters> {
        match &*self.0 {
            Way::Log(letters) => Some(letters),
            _ => None,
        }
    }
}

/// The form in which an address is stored and looked for: its domain in small letters, or none if it cannot be one.
/// What stands before the `@` keeps its case only for the mail server; people type it as they like, so two addresses
/// that differ in case alone are one here.
pub fn normalized(address: &str) -> Option<String> {
    let address = address.trim();
    if address.len() > LONGEST_ADDRESS || !address.is_ascii() {
        return None;
    }
    let parsed: Address = address.parse().ok()?;
    // Quoted local parts and literal IP addresses are valid and nobody's.
    let plain =
        !parsed.user().contains('"') && parsed.domain().contains('.') && !parsed.domain().contains('[');
    plain.then(|| address.to_ascii_lowercase())
}

/// A setting that the driver cannot work with.
fn wrong(text: &'static str) -> Error {
    Error::internal(text)
}

/// What an HTTP interface's answer means.
fn judge(answer: &Answer) -> Result<()> {
    let status = answer.status;
    if status.is_success() {
        return Ok(());
    }
    let said: String = String::from_utf8_lossy(&answer.body).chars().take(300).collect();
    tracing::warn!(%status, said, "a mail was not taken");
    // A wrong key is the operator's to mend: the mail waits for it as long as the job is tried.
    let ours = matches!(status.as_u16(), 400 | 404 | 413 | 422);
    Err(if ours { REFUSED.into() } else { NOT_SENT.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_held_to_what_mail_servers_take() {
        for (given, kept) in [
            ("Ada@Example.ORG", "ada@example.org"),
            (" a.b+c@x.fi ", "a.b+c@x.fi"),
            ("x_y-z@sub.example.com", "x_y-z@sub.example.com"),
        ] {
            assert_eq!(normalized(given).as_deref(), Some(kept));
        }
        let long = format!("a@{}.org", "x".repeat(254));
        for bad in [
            "",
            "ada",
            "ada@",
            "@x.org",
            "a b@x.org",
            "a@x",
            "a@@x.org",
            "a@x.org\nBcc: b@x.org",
            "a@[127.0.0.1]",
            "\"a\"@x.org",
            &long,
        ] {
            assert_eq!(normalized(bad), None, "{bad}");
        }
    }
}
