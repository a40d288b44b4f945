//! The whole server, end to end, over real connections.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

mod support;

use serde_json::json;
use support::halls;
use support::socket::Socket;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_is_there_after_a_restart() {
    for mut hall in halls().await {
        hall.start().await;
        let ada = hall.register("ada").await;
        let (guild, channel) = ada.found_guild("Workshop").await;
        let messages = format!("/channels/{channel}/messages");
        let sent = ada.post(&messages, json!({ "content": "still here?" })).await;
        hall.stop().await;

        hall.start().await;
        let ada = hall.client(&ada.authorization);
        let read = ada.get(&messages).await;
        assert_eq!(read[0]["id"], sent["id"], "{}", hall.database.name);
        assert_eq!(read[0]["content"], "still here?");
        assert_eq!(ada.get(&format!("/guilds/{guild}")).await["name"], "Workshop");
        hall.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_prefix_is_the_same_api_and_nothing_else_is() {
    for mut hall in halls().await {
        hall.start().await;
        let ada = hall.register("ada").await;
        for prefix in ["/api", "/api/v9", "/api/v10"] {
            assert_eq!(ada.get(&format!("{prefix}/users/@me")).await["username"], "ada");
        }
        let (status, body) = ada.send("GET", "/api/v10/nonsense", None).await;
        assert_eq!((status.as_u16(), &body["message"]), (404, &json!("404: Not Found")));
        let (status, body) = ada.send("DELETE", "/api/v10/users/@me/guilds", None).await;
        assert_eq!((status.as_u16(), &body["message"]), (405, &json!("405: Method Not Allowed")));
        hall.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_as_configured() {
    for mut hall in halls().await {
        hall.configure(|settings| {
            settings.limits.requests_per_bucket = 2;
            settings.limits.bucket_seconds = 3600;
        });
        hall.start().await;
        let ada = hall.register("ada").await;
        for expected in [200, 200, 429] {
            let (status, body) = ada.send("GET", "/users/@me", None).await;
            assert_eq!(status.as_u16(), expected, "{body}");
        }
        hall.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_tells_what_happens_and_goes_on_after_a_restart() {
    for mut hall in halls().await {
        hall.start().await;
        let ada = hall.register("ada").await;
        let (_, channel) = ada.found_guild("Workshop").await;
        let messages = format!("/channels/{channel}/messages");
        let url = hall.gateway_url().await;
        let mut socket = Socket::identify(&url, &ada.authorization).await;
        let guild = socket.until("GUILD_CREATE").await;
        assert_eq!(guild["name"], "Workshop");
        let sent = ada.post(&messages, json!({ "content": "one" })).await;
        assert_eq!(socket.until("MESSAGE_CREATE").await["id"], sent["id"]);

        // The server is asked to end: it says so, and waits for its clients to go.
        let stopping = tokio::spawn(async move {
            hall.stop().await;
            hall
        });
        socket.until_op(7).await;
        let (session, last) = (socket.session.clone(), socket.last);
        drop(socket);
        let mut hall = stopping.await.unwrap();

        hall.start().await;
        let ada = hall.client(&ada.authorization);
        ada.post(&messages, json!({ "content": "two" })).await;
        let url = hall.gateway_url().await;
        let mut socket = Socket::resume(&url, &ada.authorization, &session, last).await;
        let missed = socket.next().await.unwrap();
        assert_eq!((&missed["t"], &missed["s"]), (&json!("MESSAGE_CREATE"), &json!(last + 1)), "{missed}");
        assert_eq!(missed["d"]["content"], "two");
        socket.until("RESUMED").await;
        drop(socket);
        hall.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn monitoring_is_told_how_it_is() {
    for mut hall in halls().await {
        hall.start().await;
        let anybody = hall.client("");
        assert_eq!(anybody.get("/healthz").await, "alive\n");
        assert_eq!(anybody.get("/readyz").await, "ready\n");
        let measured = anybody.get("/metrics").await;
        assert!(measured.as_str().unwrap().contains("http_requests_total{"), "{measured}");
        hall.stop().await;

        hall.configure(|settings| settings.metrics.token = Some("only-me".to_owned()));
        hall.start().await;
        for (authorization, expected) in [("", 404), ("Bearer somebody", 404), ("Bearer only-me", 200)] {
            let (status, _) = hall.client(authorization).send("GET", "/metrics", None).await;
            assert_eq!(status.as_u16(), expected, "{authorization}");
        }
        hall.stop().await;
    }
}
