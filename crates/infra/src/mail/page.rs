//! `/dev/mail`: the mails that the log driver kept. For development only: they hold secrets, so a request must come from
//! this machine and ask for it by a name of this machine (another site's name may be made to lead here).

use std::net::{IpAddr, SocketAddr};

use askama::Template;
use axum::Router;
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use guildhall_base::codes::NOT_FOUND;

use super::{Kept, Letters};
use crate::pages::{Failure, Page, Reply, Site, html};

#[derive(Clone)]
struct Mailbox {
    letters: Letters,
    site: Site,
}

#[derive(Template)]
#[template(path = "dev_mail.html")]
struct MailboxPage {
    page: Page,
    letters: Vec<Kept>,
}

#[derive(Template)]
#[template(path = "dev_letter.html")]
struct LetterPage {
    page: Page,
    letter: Kept,
}

impl LetterPage {
    /// The addresses in the text, to be clicked.
    fn links(&self) -> impl Iterator<Item = &str> {
        let words = self.letter.mail.text.split_whitespace();
        words.filter(|word| word.starts_with("http://") || word.starts_with("https://"))
    }
}

/// The mailbox's routes.
pub fn dev_routes(letters: Letters, site: &Site) -> Router {
    let routes = Router::new()
        .route("/dev/mail", get(list))
        .route("/dev/mail/{number}", get(letter))
        .route("/dev/mail/{number}/html", get(letter_html))
        .with_state(Mailbox { letters, site: site.clone() });
    site.wrap(routes.layer(middleware::from_fn(only_here)))
}

async fn only_here(request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let from_here = peer.is_some_and(|peer| peer.0.ip().to_canonical().is_loopback());
    if from_here && asked_here(request.headers()) {
        return next.run(request).await;
    }
    Failure(NOT_FOUND.into()).into_response()
}

/// Whether the name that was asked for is one of this machine, and no proxy handed the request on.
fn asked_here(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    !headers.contains_key("x-forwarded-for") && !headers.contains_key(header::FORWARDED) && is_local(host)
}

/// Whether `HOST[:PORT]` is this machine.
pub fn is_local(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

async fn list(State(mailbox): State<Mailbox>) -> Reply {
    html(&MailboxPage { page: mailbox.site.page("Mailbox"), letters: mailbox.letters.all() })
}

async fn letter(State(mailbox): State<Mailbox>, Path(number): Path<u64>) -> Reply {
    let letter = mailbox.letters.get(number).ok_or(NOT_FOUND).map_err(guildhall_base::Error::from)?;
    html(&LetterPage { page: mailbox.site.page(letter.mail.subject.clone()), letter })
}

/// As a mail program would show it: nothing runs, nothing is loaded.
async fn letter_html(State(mailbox): State<Mailbox>, Path(number): Path<u64>) -> Reply {
    let letter = mailbox.letters.get(number).ok_or(NOT_FOUND).map_err(guildhall_base::Error::from)?;
    let mut response = Html(letter.mail.html).into_response();
    let policy =
        "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-top-navigation-by-user-activation";
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::{Request, StatusCode};
    use guildhall_base::{Clock, Timestamp};
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::*;
    use crate::i18n::Words;
    use crate::mail::{Mail, Mailer};
    use crate::pages::Assets;

    async fn ask(peer: &str, host: &str, extra: Option<(&str, &str)>, path: &str) -> (StatusCode, String) {
        let mailer = Mailer::kept(Clock::manual(Timestamp::from_millis(0)).0);
        let mail = Mail {
            to: "ada@example.org".into(),
            subject: "Your <code>".into(),
            text: "Open http://localhost/x?a=1&b=2 now".into(),
            html: "<p style='color:red'>Hi</p>".into(),
            id: "1".into(),
        };
        mailer.send(&mail).await.unwrap();
        let site = Site::new("Hall", Assets::builder().build(), Words::new(&[]).unwrap());
        let routes = dev_routes(mailer.letters().unwrap().clone(), &site);
        let peer: SocketAddr = peer.parse().unwrap();
        let mut request = Request::get(path).header(header::HOST, host).extension(ConnectInfo(peer));
        if let Some((name, value)) = extra {
            request = request.header(name, value);
        }
        let answer = routes.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let status = answer.status();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn only_this_machine_reads_the_mailbox_and_only_by_its_own_name() {
        for (peer, host) in
            [("127.0.0.1:9", "localhost:8080"), ("[::1]:9", "[::1]:8080"), ("127.0.0.1:9", "127.0.0.1")]
        {
            let (status, text) = ask(peer, host, None, "/dev/mail").await;
            assert_eq!(status, StatusCode::OK);
            assert!(text.contains("Your &#60;code&#62;") && text.contains("ada@example.org"), "{text}");
        }
        for (peer, host, extra) in [
            ("192.0.2.1:9", "localhost", None),
            ("127.0.0.1:9", "hall.example", None),
            ("127.0.0.1:9", "localhost.evil.example", None),
            ("127.0.0.1:9", "localhost", Some(("x-forwarded-for", "192.0.2.1"))),
        ] {
            for path in ["/dev/mail", "/dev/mail/1", "/dev/mail/1/html"] {
                assert_eq!(
                    ask(peer, host, extra, path).await.0,
                    StatusCode::NOT_FOUND,
                    "{peer} {host} {path}"
                );
            }
        }
        let (_, text) = ask("127.0.0.1:9", "localhost", None, "/dev/mail/1").await;
        assert!(text.contains("href=\"http://localhost/x?a=1&#38;b=2\""), "{text}");
        assert_eq!(ask("127.0.0.1:9", "localhost", None, "/dev/mail/2").await.0, StatusCode::NOT_FOUND);
    }
}
