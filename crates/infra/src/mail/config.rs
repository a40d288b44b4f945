//! Settings of outgoing mail.

use confique::Config;
use serde::{Deserialize, Serialize};

/// How mails leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Driver {
    /// Not at all: they are written to the log, and shown at /dev/mail where the server is on this machine only.
    Log,
    /// To a mail server.
    Smtp,
    /// Through Mailgun's HTTP interface, or one that is like it.
    Mailgun,
    /// Through Amazon SES.
    Ses,
}

/// Outgoing mail. Keep secrets in the environment rather than in the file.
#[derive(Debug, Clone, Serialize, Config)]
pub struct MailConfig {
    /// "log" (nothing is sent; for development), "smtp", "mailgun" or "ses".
    #[config(env = "GUILDHALL_MAIL_DRIVER", default = "log")]
    pub driver: Driver,
    /// Whom mails are from: "Name <address>" or an address alone.
    #[config(env = "GUILDHALL_MAIL_FROM", default = "Guildhall <guildhall@localhost>")]
    pub from: String,
    /// The mail server: "smtps://USER:PASSWORD@HOST" (TLS from the start), "smtp://USER:PASSWORD@HOST:587?tls=required"
    /// (STARTTLS), or "smtp://127.0.0.1:25" for one on this machine.
    #[config(env = "GUILDHALL_MAIL_SMTP_URL")]
    pub smtp_url: Option<String>,
    /// Mailgun's address with the domain: "https://api.mailgun.net/v3/DOMAIN".
    #[config(env = "GUILDHALL_MAIL_MAILGUN_URL")]
    pub mailgun_url: Option<String>,
    /// Mailgun's sending key.
    #[config(env = "GUILDHALL_MAIL_MAILGUN_KEY")]
    pub mailgun_key: Option<String>,
    /// The AWS region of SES, such as "eu-north-1".
    #[config(env = "GUILDHALL_MAIL_SES_REGION")]
    pub ses_region: Option<String>,
    /// The id of an access key that may send mail.
    #[config(env = "GUILDHALL_MAIL_SES_ACCESS_KEY")]
    pub ses_access_key: Option<String>,
    /// Its secret.
    #[config(env = "GUILDHALL_MAIL_SES_SECRET_KEY")]
    pub ses_secret_key: Option<String>,
    /// Another address than the region's, for tests.
    #[config(env = "GUILDHALL_MAIL_SES_URL")]
    pub ses_url: Option<String>,
}
