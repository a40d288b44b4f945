//! Mail to a mail server, by lettre: connections are kept and used again.

use guildhall_base::{Error, Result};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::{Mail, MailConfig, NOT_SENT, REFUSED, wrong};

pub(super) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    pub(super) fn new(config: &MailConfig, from: Mailbox) -> Result<Self> {
        // A second call finds the first one's choice; both chose the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let url = config.smtp_url.as_deref().ok_or_else(|| wrong("mail.smtp_url is not set"))?;
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|_| wrong("mail.smtp_url is not an address of a mail server"))?;
        Ok(Self { transport: builder.build(), from })
    }

    pub(super) async fn send(&self, to: Address, mail: &Mail) -> Result<()> {
        let message = compose(&self.from, to, mail)?;
        let sent = self.transport.send(message).await;
        sent.map(drop).map_err(|error| {
            let code = if error.is_permanent() { REFUSED } else { NOT_SENT };
            tracing::warn!(%error, "a mail was not taken");
            Error { source: Some(std::sync::Arc::new(error)), ..code.into() }
        })
    }
}

fn compose(from: &Mailbox, to: Address, mail: &Mail) -> Result<Message> {
    let domain = from.email.domain();
    Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(mail.subject.clone())
        .message_id(Some(format!("<{}@{domain}>", mail.id)))
        // RFC 3834: nobody's absence should be answered to us.
        .raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        ))
        .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
        .map_err(Error::internal)
}
