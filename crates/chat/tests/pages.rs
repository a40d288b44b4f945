//! The front page, the chat's shell and the page behind an invite, as a browser asks for them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that cannot go on should stop"
)]

mod support;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use guildhall_chat::pages;
use guildhall_infra::i18n::Words;
use guildhall_infra::pages::{Assets, Site};
use http_body_util::BodyExt as _;
use serde_json::json;
use support::{Hall, Somebody, halls, text};
use tower::ServiceExt as _;

struct Seen {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Seen {
    fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |place| place.to_str().unwrap())
    }
}

async fn ask(hall: &Hall, who: Option<&Somebody>, method: Method, path: &str, from: &str) -> Seen {
    let mut request = Request::builder().method(method).uri(path).header("sec-fetch-site", from);
    if let Some(who) = who {
        request = request.header(header::AUTHORIZATION, &who.token);
    }
    answer(hall, request.body(Body::empty()).unwrap()).await
}

async fn answer(hall: &Hall, request: Request<Body>) -> Seen {
    let site =
        Site::new("Guildhall", Assets::builder().folder::<pages::Files>().build(), Words::new(&[]).unwrap());
    let router = pages::page_routes(hall.chat.clone(), site.clone())
        .merge(pages::writing_routes(hall.chat.clone(), site));
    let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    Seen { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
}

async fn see(hall: &Hall, who: Option<&Somebody>, path: &str) -> Seen {
    ask(hall, who, Method::GET, path, "same-origin").await
}

#[tokio::test]
async fn strangers_see_the_front_page_and_sign_in_before_the_chat() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let front = see(&hall, None, "/").await;
        assert!(front.status == 200 && front.text.contains("Create an account"), "{}", front.text);
        assert!(front.headers.contains_key(header::CONTENT_SECURITY_POLICY));
        assert_eq!(see(&hall, Some(&ada), "/").await.location(), "/channels/@me");
        let sent = see(&hall, None, "/channels/1/2").await;
        assert_eq!(sent.location(), "/login?next=%2Fchannels%2F1%2F2");
        let shell = see(&hall, Some(&ada), "/channels/1/2").await;
        assert!(shell.status == 200 && shell.text.contains("/assets/chat/app."), "{}", shell.text);
    }
}

#[tokio::test]
async fn an_invite_says_where_it_leads_and_is_used_by_a_form() {
    for hall in halls().await {
        let (ada, bob) = (hall.person("ada").await, hall.person("bob").await);
        let (guild, general) = hall.guild(&ada, "Engine <b>").await;
        let made = hall.post(&ada, &format!("/channels/{general}/invites"), json!({})).await.ok();
        let path = format!("/invite/{}", text(&made["code"]));
        let shown = see(&hall, None, &path).await;
        assert_eq!(shown.status, 200);
        for part in
            ["Engine &#60;b&#62;", "ada invites you to", "1 member ", "#general", "/login?next=%2Finvite%2F"]
        {
            assert!(shown.text.contains(part), "{part} is missing: {}", shown.text);
        }
        let foreign = ask(&hall, Some(&bob), Method::POST, &path, "cross-site").await;
        assert_eq!(foreign.status, 403);
        assert_eq!(ask(&hall, None, Method::POST, &path, "same-origin").await.status, 401);
        assert!(!hall.get(&ada, &format!("/guilds/{guild}/members/{}", bob.id)).await.status.is_success());
        // Twice is once.
        for _ in 0..2 {
            let joined = ask(&hall, Some(&bob), Method::POST, &path, "same-origin").await;
            assert_eq!(joined.location(), format!("/channels/{guild}/{general}"));
        }
        hall.get(&ada, &format!("/guilds/{guild}/members/{}", bob.id)).await.ok();
    }
}

#[tokio::test]
async fn invites_that_do_not_hold_say_so() {
    for hall in halls().await {
        let (ada, eve) = (hall.person("ada").await, hall.person("eve").await);
        let (guild, general) = hall.guild(&ada, "Engine").await;
        let gone = see(&hall, Some(&eve), "/invite/nothing").await;
        assert!(gone.status == 404 && gone.text.contains("not valid"), "{}", gone.text);
        let made = hall.post(&ada, &format!("/channels/{general}/invites"), json!({})).await.ok();
        hall.put(&ada, &format!("/guilds/{guild}/bans/{}", eve.id), json!({})).await.ok();
        let path = format!("/invite/{}", text(&made["code"]));
        let refused = ask(&hall, Some(&eve), Method::POST, &path, "same-origin").await;
        assert!(refused.status == 403 && refused.text.contains("role=\"alert\""), "{}", refused.text);
    }
}

/// The page with a form that was filled in.
async fn write(hall: &Hall, who: &Somebody, path: &str, form: &'static str) -> Seen {
    let request = Request::post(path)
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::AUTHORIZATION, &who.token);
    answer(hall, request.body(Body::from(form)).unwrap()).await
}

#[tokio::test]
async fn a_place_is_readable_and_written_in_without_scripts() {
    for hall in halls().await {
        let (ada, bob) = (hall.person("ada").await, hall.person("bob").await);
        let (guild, general) = hall.guild(&ada, "Engine <b>").await;
        let messages = format!("/channels/{general}/messages");
        let content = format!("<script>alert(1)</script> for <@{}> in <#{general}> 1 < 2", ada.id);
        hall.post(&ada, &messages, json!({ "content": content })).await.ok();
        let path = format!("/channels/{guild}/{general}");
        let page = see(&hall, Some(&ada), &path).await;
        assert_eq!(page.status, 200);
        for part in [
            "<title>#general · Engine &#60;b&#62; · Guildhall</title>",
            "&#60;script&#62;alert(1)&#60;/script&#62; for @ada in #general 1 &#60; 2",
            &format!("href=\"/channels/{guild}\""),
            &format!("data-served=\"{general}\""),
        ] {
            assert!(page.text.contains(part), "{part} is missing: {}", page.text);
        }

        let sent = write(&hall, &ada, &path, "content=By+hand%0D%0Aand+more").await;
        assert_eq!((sent.status.as_u16(), sent.location()), (303, &*format!("{path}#latest")));
        assert_eq!(hall.get(&ada, &messages).await.ok()[0]["content"], "By hand\nand more");
        assert!(see(&hall, Some(&ada), &path).await.text.contains("message grouped"));

        // Who does not belong there sees the chat, but nothing of the place, and cannot write.
        let other = see(&hall, Some(&bob), &path).await;
        assert!(other.status == 200 && !other.text.contains("By hand") && !other.text.contains("Engine"));
        assert_eq!(write(&hall, &bob, &path, "content=hello").await.status, 404);
        // The channel of one guild is not found under another.
        assert!(!see(&hall, Some(&ada), &format!("/channels/@me/{general}")).await.text.contains("By hand"));
    }
}
