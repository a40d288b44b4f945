//! The page on which a bot is added to a guild.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a test that cannot go on should stop"
)]

mod support;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use guildhall_chat::pages;
use guildhall_infra::i18n::Words;
use guildhall_infra::pages::{Assets, Site};
use http_body_util::BodyExt as _;
use support::{Hall, Somebody, halls};
use tower::ServiceExt as _;

/// Asks for a page as a signed-in browser does. Gives its status and text.
async fn visit(hall: &Hall, who: &Somebody, method: Method, path: &str, form: &str) -> (StatusCode, String) {
    let site =
        Site::new("Guildhall", Assets::builder().folder::<pages::Files>().build(), Words::new(&[]).unwrap());
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, &who.token)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin");
    let request = request.body(Body::from(form.to_owned())).unwrap();
    let response = pages::page_routes(hall.chat.clone(), site).oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8_lossy(&bytes).into_owned())
}

#[tokio::test]
async fn a_bot_is_added_by_its_link() {
    for hall in halls().await {
        let (ada, bob) = (hall.person("ada").await, hall.person("bob").await);
        let (guild, _) = hall.guild(&ada, "Engine &amp; Co").await;
        hall.chat.enroll(guild.parse().unwrap(), bob.user.id, Vec::new()).await.unwrap();
        let robot = hall.bot(&bob, "robot").await;
        let id = hall.applications.of_bot(robot.user.id).await.unwrap().id;
        let link =
            format!("/oauth2/authorize?client_id={id}&scope=bot%20applications.commands&permissions=2");
        let (status, page) = visit(&hall, &ada, Method::GET, &link, "").await;
        assert_eq!(status, 200);
        assert!(page.contains("Kick members") && page.contains("Engine &#38;amp; Co"), "{page}");
        // Who manages no guild can choose none, and cannot by a made-up form either.
        let (status, page) = visit(&hall, &bob, Method::GET, &link, "").await;
        assert!(status == 200 && !page.contains("<form"));
        let form = format!("client_id={id}&permissions=2&guild_id={guild}");
        let (status, _) = visit(&hall, &bob, Method::POST, "/oauth2/authorize", &form).await;
        assert_eq!(status, 400);
        let (status, page) = visit(&hall, &ada, Method::POST, "/oauth2/authorize", &form).await;
        assert!(status == 200 && page.contains("robot is in"), "{page}");
        let member = hall.get(&ada, &format!("/guilds/{guild}/members/{}", robot.id)).await.ok();
        assert_eq!(member["roles"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_bad_link_says_what_is_wrong_with_it() {
    for hall in halls().await {
        let ada = hall.person("ada").await;
        let robot = hall.bot(&ada, "robot").await;
        let id = hall.applications.of_bot(robot.user.id).await.unwrap().id;
        for (query, status) in [
            ("scope=bot".to_owned(), 400),
            ("client_id=1&scope=bot".to_owned(), 404),
            (format!("client_id={id}&scope=identify"), 400),
            (format!("client_id={id}&scope=bot&permissions=many"), 400),
        ] {
            let (answer, _) =
                visit(&hall, &ada, Method::GET, &format!("/oauth2/authorize?{query}"), "").await;
            assert_eq!(answer, status, "{query}");
        }
        let (status, _) =
            visit(&hall, &robot, Method::GET, &format!("/oauth2/authorize?client_id={id}"), "").await;
        assert_eq!(status, 403);
        let foreign = Request::post("/oauth2/authorize")
            .header(header::AUTHORIZATION, &ada.token)
            .header("sec-fetch-site", "cross-site")
            .body(Body::empty())
            .unwrap();
        let site = Site::new(
            "Guildhall",
            Assets::builder().folder::<pages::Files>().build(),
            Words::new(&[]).unwrap(),
        );
        let answer = pages::page_routes(hall.chat.clone(), site).oneshot(foreign).await.unwrap();
        assert_eq!(answer.status(), 403);
    }
}
