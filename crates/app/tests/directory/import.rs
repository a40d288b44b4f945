//! Bringing a listing from another list, whose place a listener of the test takes.

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use guildhall_directory::import::{Shape, Source};
use serde_json::json;

use crate::support::halls;
use crate::world::{bot_of, history};

#[tokio::test]
async fn a_bot_is_brought_from_another_list() {
    for mut hall in halls().await {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/api", listener.local_addr().unwrap());
        let listing = json!({
            "shortdesc": "Keeps your guild quiet and tidy.", "longdesc": "It does what it says. ".repeat(20),
            "tags": ["Moderation", "Unheard Of"], "prefix": "!", "website": "https://example.com",
        });
        let answer = move |headers: HeaderMap| async move {
            let known = headers.get("authorization").is_some_and(|value| value == "secret");
            let status = if known { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
            (status, axum::Json(listing))
        };
        let list = Router::new().route("/api/bots/{id}", get(answer));
        let serving = tokio::spawn(async move { axum::serve(listener, list).await.unwrap() });
        hall.configure(|settings| {
            settings.outgoing.allow = vec!["127.0.0.0/8".parse().unwrap()];
            let source = |token: &str| Source {
                shape: Shape::Topgg,
                address: address.clone(),
                token: token.to_owned(),
            };
            settings.directory.sources =
                [("other".to_owned(), source("secret")), ("locked".to_owned(), source("wrong"))].into();
        });
        hall.start().await;
        let (owner, stranger) = (hall.register("owner").await, hall.register("stranger").await);
        let (bot, _) = bot_of(&hall, &owner, "Tidy").await;
        assert_eq!(owner.get("/v2/directory/sources").await, json!(["locked", "other"]));
        let path = format!("/v2/listings/bots/{bot}/import");
        let from = |name: &str| Some(json!({ "source": name }));
        assert_eq!(stranger.send("POST", &path, from("other")).await.0, StatusCode::FORBIDDEN);
        assert_eq!(owner.send("POST", &path, from("nowhere")).await.0, StatusCode::NOT_FOUND);
        let (status, refused) = owner.send("POST", &path, from("locked")).await;
        assert_eq!((status, &refused["code"]), (StatusCode::BAD_REQUEST, &json!("not_there")));
        let (status, brought) = owner.send("POST", &path, from("other")).await;
        assert_eq!(status, StatusCode::CREATED, "{brought}");
        assert_eq!((&brought["tags"], &brought["state"]), (&json!(["moderation"]), &json!("pending")));
        assert_eq!(brought["links"], json!([{ "name": "Website", "url": "https://example.com" }]));
        assert_eq!(owner.send("POST", &path, from("other")).await.0, StatusCode::CONFLICT);
        assert_eq!(history(&hall, &bot).await, ["add"]);
        serving.abort();
    }
}
