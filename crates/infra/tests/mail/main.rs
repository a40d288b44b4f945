//! Mails against servers that listen: one that speaks SMTP, one that answers like the HTTP interfaces.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

mod sink;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::routing::post;
use confique::Config as _;
use guildhall_base::{Clock, Timestamp};
use guildhall_infra::fetch::{Config, Fetch};
use guildhall_infra::mail::{Driver, Mail, MailConfig, Mailer, NOT_SENT, REFUSED};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use sink::{Behaviour, Sink};

fn config(driver: Driver) -> MailConfig {
    let defaults = MailConfig::builder().load().unwrap();
    MailConfig { driver, from: "The Hall <hall@example.org>".into(), ..defaults }
}

fn mailer(config: &MailConfig) -> guildhall_base::Result<Mailer> {
    let fetch =
        Fetch::new(Config { allow: vec!["127.0.0.0/8".parse().unwrap()], ..Config::default() }).unwrap();
    let (clock, _) = Clock::manual("2026-11-20T12:00:00Z".parse::<Timestamp>().unwrap());
    Mailer::new(config, fetch, clock)
}

fn mail() -> Mail {
    Mail {
        to: "ada@example.net".into(),
        subject: "Kirjautuminen – äö".into(),
        text: "Koodisi on 123456.\n.\nEi muuta.".into(),
        html: "<p>Koodisi on <b>123456</b>.</p>".into(),
        id: "mail-7".into(),
    }
}

fn smtp(sink: &Sink) -> MailConfig {
    MailConfig { smtp_url: Some(format!("smtp://{}", sink.address)), ..config(Driver::Smtp) }
}

#[tokio::test]
async fn a_mail_server_gets_both_forms() {
    let mut sink = Sink::start(Behaviour::Takes).await;
    let mailer = mailer(&smtp(&sink)).unwrap();
    for _ in 0..3 {
        mailer.send(&mail()).await.unwrap();
        let got = sink.next().await;
        assert_eq!((got.from.as_str(), got.to.as_str()), ("hall@example.org", "ada@example.net"));
        for part in [
            "From: \"The Hall\" <hall@example.org>",
            "To: ada@example.net",
            "Subject: Kirjautuminen =?utf-8?b?",
            "Message-ID: <mail-7@example.org>",
            "Auto-Submitted: auto-generated",
            "multipart/alternative",
            "text/plain",
            "text/html",
        ] {
            assert!(got.data.contains(part), "{part}: {}", got.data);
        }
    }
}

#[tokio::test]
async fn what_may_pass_is_told_apart_from_what_will_not() {
    let busy = Sink::start(Behaviour::Busy).await;
    assert!(mailer(&smtp(&busy)).unwrap().send(&mail()).await.unwrap_err().is(NOT_SENT));
    let strict = Sink::start(Behaviour::Refuses).await;
    assert!(mailer(&smtp(&strict)).unwrap().send(&mail()).await.unwrap_err().is(REFUSED));
    let nobody = MailConfig { smtp_url: Some("smtp://127.0.0.1:1".into()), ..config(Driver::Smtp) };
    assert!(mailer(&nobody).unwrap().send(&mail()).await.unwrap_err().is(NOT_SENT));
    let sink = Sink::start(Behaviour::Takes).await;
    let bad = Mail { to: "ada@example.net\r\nRCPT TO:<eve@example.net>".into(), ..mail() };
    assert!(mailer(&smtp(&sink)).unwrap().send(&bad).await.unwrap_err().is(REFUSED));
}

#[tokio::test]
async fn a_setting_that_is_missing_is_named() {
    for (driver, key) in
        [(Driver::Smtp, "smtp_url"), (Driver::Mailgun, "mailgun_url"), (Driver::Ses, "ses_region")]
    {
        let error = mailer(&config(driver)).unwrap_err();
        assert!(error.to_string().contains(key), "{error}");
    }
    let nameless = MailConfig { from: "no address".into(), ..config(Driver::Log) };
    assert!(mailer(&nameless).unwrap_err().to_string().contains("mail.from"));
}

type Asked = (String, HeaderMap, String);

/// An HTTP interface that answers with this status and tells what it was asked.
async fn interface(status: StatusCode) -> (String, mpsc::UnboundedReceiver<Asked>) {
    let (asked, asks) = mpsc::unbounded_channel();
    let answer = move |State(asked): State<mpsc::UnboundedSender<Asked>>,
                       uri: Uri,
                       headers: HeaderMap,
                       body: Bytes| async move {
        asked.send((uri.path().to_owned(), headers, String::from_utf8(body.to_vec()).unwrap())).unwrap();
        status
    };
    let router = Router::new().route("/{*path}", post(answer)).with_state(asked);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, asks)
}

#[tokio::test]
async fn mailgun_gets_a_form_with_its_key() {
    let (url, mut asks) = interface(StatusCode::OK).await;
    let config = MailConfig {
        mailgun_url: Some(format!("{url}/v3/example.org/")),
        mailgun_key: Some("key-1".into()),
        ..config(Driver::Mailgun)
    };
    mailer(&config).unwrap().send(&mail()).await.unwrap();
    let (path, headers, body) = asks.recv().await.unwrap();
    assert_eq!(path, "/v3/example.org/messages");
    assert_eq!(headers["authorization"], "Basic YXBpOmtleS0x");
    let fields: Vec<(String, String)> =
        url::form_urlencoded::parse(body.as_bytes()).map(|(k, v)| (k.into(), v.into())).collect();
    let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    assert_eq!(field("to"), Some("ada@example.net"));
    assert_eq!(field("subject"), Some("Kirjautuminen – äö"));
    assert_eq!(field("o:tracking"), Some("no"));
    assert!(field("text").unwrap().contains("123456") && field("html").unwrap().contains("<b>"));
}

#[tokio::test]
async fn ses_gets_a_signed_request() {
    let (url, mut asks) = interface(StatusCode::OK).await;
    let config = MailConfig {
        ses_url: Some(url),
        ses_region: Some("eu-north-1".into()),
        ses_access_key: Some("AKID".into()),
        ses_secret_key: Some("secret".into()),
        ..config(Driver::Ses)
    };
    mailer(&config).unwrap().send(&mail()).await.unwrap();
    let (path, headers, body) = asks.recv().await.unwrap();
    assert_eq!(path, "/v2/email/outbound-emails");
    assert_eq!(headers["x-amz-date"], "20261120T120000Z");
    let authorization = headers["authorization"].to_str().unwrap();
    let head = "AWS4-HMAC-SHA256 Credential=AKID/20261120/eu-north-1/ses/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=";
    assert!(authorization.starts_with(head), "{authorization}");
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["Destination"]["ToAddresses"][0], "ada@example.net");
    assert_eq!(body["Content"]["Simple"]["Subject"]["Data"], "Kirjautuminen – äö");
}

#[tokio::test]
async fn http_interfaces_that_refuse_and_that_are_busy_are_told_apart() {
    for (status, code) in [
        (StatusCode::BAD_REQUEST, REFUSED),
        (StatusCode::UNAUTHORIZED, NOT_SENT),
        (StatusCode::TOO_MANY_REQUESTS, NOT_SENT),
        (StatusCode::INTERNAL_SERVER_ERROR, NOT_SENT),
    ] {
        let (url, _asks) = interface(status).await;
        let config =
            MailConfig { mailgun_url: Some(url), mailgun_key: Some("k".into()), ..config(Driver::Mailgun) };
        assert!(mailer(&config).unwrap().send(&mail()).await.unwrap_err().is(code), "{status}");
    }
}
