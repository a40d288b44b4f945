//! Mail through Mailgun's HTTP interface, which others imitate: a form with basic authentication.

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderValue, Method};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guildhall_base::{Error, Result};
use lettre::Address;
use lettre::message::Mailbox;
use url::Url;
use url::form_urlencoded::Serializer;

use super::{Mail, MailConfig, NOT_SENT, judge, wrong};
use crate::fetch::{Fetch, Outgoing};

pub(super) struct Mailgun {
    fetch: Fetch,
    url: Url,
    authorization: HeaderValue,
    from: Mailbox,
}

impl Mailgun {
    pub(super) fn new(config: &MailConfig, from: Mailbox, fetch: Fetch) -> Result<Self> {
        let url = config.mailgun_url.as_deref().ok_or_else(|| wrong("mail.mailgun_url is not set"))?;
        let url = format!("{}/messages", url.trim_end_matches('/'));
        let url = url.parse().map_err(|_| wrong("mail.mailgun_url is no address"))?;
        let key = config.mailgun_key.as_deref().ok_or_else(|| wrong("mail.mailgun_key is not set"))?;
        let basic = format!("Basic {}", STANDARD.encode(format!("api:{key}")));
        let mut authorization = HeaderValue::from_str(&basic).map_err(Error::internal)?;
        authorization.set_sensitive(true);
        Ok(Self { fetch, url, authorization, from })
    }

    pub(super) async fn send(&self, to: Address, mail: &Mail) -> Result<()> {
        let form = Serializer::new(String::new())
            .append_pair("from", &self.from.to_string())
            .append_pair("to", to.as_ref())
            .append_pair("subject", &mail.subject)
            .append_pair("text", &mail.text)
            .append_pair("html", &mail.html)
            .append_pair("h:Auto-Submitted", "auto-generated")
            .append_pair("h:Message-Id", &format!("<{}@{}>", mail.id, self.from.email.domain()))
            // Links of ours hold secrets; nobody in between may rewrite them.
            .append_pair("o:tracking", "no")
            .finish();
        let mut request = Outgoing::new(Method::POST, self.url.clone());
        request.headers.insert(AUTHORIZATION, self.authorization.clone());
        request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        request.body = form.into();
        let answer = self
            .fetch
            .send(request)
            .await
            .map_err(|error| Error { source: error.source, ..NOT_SENT.into() })?;
        judge(&answer)
    }
}
