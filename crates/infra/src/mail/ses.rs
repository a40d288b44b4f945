//! Mail through Amazon SES, version 2 of its interface (`SendEmail`).

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Method};
use guildhall_base::{Clock, Error, Result};
use lettre::Address;
use lettre::message::Mailbox;
use serde_json::json;
use url::Url;

use super::signature::{Key, sign};
use super::{Mail, MailConfig, NOT_SENT, judge, wrong};
use crate::fetch::{Fetch, Outgoing};

pub(super) struct Ses {
    fetch: Fetch,
    clock: Clock,
    url: Url,
    key: Key,
    from: Mailbox,
}

impl Ses {
    pub(super) fn new(config: &MailConfig, from: Mailbox, fetch: Fetch, clock: Clock) -> Result<Self> {
        let set = |value: &Option<String>, text| value.clone().ok_or_else(|| wrong(text));
        let region = set(&config.ses_region, "mail.ses_region is not set")?;
        let base = config.ses_url.clone().unwrap_or_else(|| format!("https://email.{region}.amazonaws.com"));
        let url = format!("{}/v2/email/outbound-emails", base.trim_end_matches('/'));
        let key = Key {
            id: set(&config.ses_access_key, "mail.ses_access_key is not set")?,
            secret: set(&config.ses_secret_key, "mail.ses_secret_key is not set")?,
            region,
            service: "ses",
        };
        let url = url.parse().map_err(|_| wrong("mail.ses_url is no address"))?;
        Ok(Self { fetch, clock, url, key, from })
    }

    pub(super) async fn send(&self, to: Address, mail: &Mail) -> Result<()> {
        let text = |data: &str| json!({ "Data": data, "Charset": "UTF-8" });
        let body = json!({
            "FromEmailAddress": self.from.to_string(),
            "Destination": { "ToAddresses": [to.to_string()] },
            "Content": { "Simple": {
                "Subject": text(&mail.subject),
                "Body": { "Text": text(&mail.text), "Html": text(&mail.html) },
                "Headers": [{ "Name": "Auto-Submitted", "Value": "auto-generated" }],
            } },
        });
        let mut request = Outgoing::new(Method::POST, self.url.clone());
        request.body = body.to_string().into();
        request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        sign(&self.key, self.clock.now(), &mut request)?;
        let answer = self
            .fetch
            .send(request)
            .await
            .map_err(|error| Error { source: error.source, ..NOT_SENT.into() })?;
        judge(&answer)
    }
}
