//! What applications answer: at once, later, to everybody, to one.

use std::time::Duration;

use axum::http::Method;
use guildhall_infra::events::Audience;
use serde_json::{Value, json};

use crate::support::{halls, text};
use crate::{anonymous, answer, body_of, events, scene};

#[tokio::test]
async fn a_message_answers_a_command() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let received = scene.ping(&hall).await;
        let before = hall.head().await;
        let callback = json!({ "type": 4, "data": { "content": "pong <@&1>", "tts": false, "flags": null } });
        let answered = answer(&hall, &received.callback(), callback).await;
        assert_eq!((answered.status.as_u16(), answered.body), (204, Value::Null));
        let told = events(&hall, before).await;
        let names: Vec<_> = told.iter().map(|event| &*event.name).collect();
        assert_eq!(names, ["MESSAGE_CREATE", "INTERACTION_SUCCESS"]);
        assert!(matches!(told[0].audience, Audience::Channel(..)));
        assert_eq!(told[1].audience, Audience::Users(vec![scene.bob.user.id]));
        assert_eq!(body_of(&told[1]), json!({ "id": received.0["id"], "nonce": "n-1" }));

        let history = scene.history(&hall).await;
        assert_eq!(history.len(), 1);
        let message = &history[0];
        assert_eq!((&message["type"], &message["content"]), (&json!(20), &json!("pong <@&1>")));
        assert_eq!(message["author"]["id"], scene.bot.id);
        assert_eq!(message["application_id"], scene.bot.id);
        assert_eq!(message["webhook_id"], scene.bot.id);
        let metadata = &message["interaction_metadata"];
        assert_eq!(metadata["id"], received.0["id"]);
        assert_eq!(metadata["user"]["id"], scene.bob.id);
        assert_eq!(metadata["authorizing_integration_owners"], json!({ "0": scene.guild }));
        assert_eq!(message["interaction"]["name"], "ping");
        assert_eq!(message["interaction"]["user"]["id"], scene.bob.id);

        let original = anonymous(&hall, Method::GET, &received.original(), Value::Null).await.ok();
        assert_eq!(original["id"], message["id"]);
        // As discord.py escapes it.
        let escaped = received.original().replace('@', "%40");
        let changed = anonymous(&hall, Method::PATCH, &escaped, json!({ "content": "PONG" })).await.ok();
        assert_eq!(changed["content"], "PONG");
        assert!(changed["edited_timestamp"].is_string());
        assert_eq!(scene.history(&hall).await[0]["content"], "PONG");
        anonymous(&hall, Method::DELETE, &received.original(), Value::Null).await.ok();
        anonymous(&hall, Method::DELETE, &received.original(), Value::Null).await.refused(404, 10008);
        assert!(scene.history(&hall).await.is_empty());
    }
}

#[tokio::test]
async fn a_callback_may_be_a_form_and_may_ask_for_what_came_of_it() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let payload = json!({ "type": 4, "data": { "content": "pong", "attachments": [{ "id": 0, "description": "x" }] } });
        let boundary = format!(
            "--X\r\nContent-Disposition: form-data; name=\"payload_json\"\r\n\r\n{payload}\r\n\
             --X\r\nContent-Disposition: form-data; name=\"files[0]\"; filename=\"a.txt\"\r\n\
             Content-Type: text/plain\r\n\r\nhello\r\n--X--\r\n"
        );
        let encoded: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("payload_json", &payload.to_string())
            .finish();
        for (kind, body, files) in [
            ("multipart/form-data; boundary=X", boundary, 1),
            ("application/x-www-form-urlencoded", encoded, 0),
        ] {
            let received = scene.ping(&hall).await;
            let request = axum::http::Request::post(format!("{}?with_response=true", received.callback()))
                .header("content-type", kind)
                // serenity and others send it although nobody asks.
                .header("authorization", &scene.bot.token);
            let answered = hall.send(request.body(body.into()).unwrap()).await;
            assert_eq!(answered.status.as_u16(), 200, "{}", answered.body);
            let answered = answered.ok();
            assert_eq!(answered["interaction"]["id"], received.0["id"]);
            assert_eq!(answered["interaction"]["type"], 2);
            assert_eq!(answered["interaction"]["response_message_ephemeral"], false);
            let message = &answered["resource"]["message"];
            assert_eq!(answered["interaction"]["response_message_id"], message["id"]);
            assert_eq!(answered["resource"]["type"], 4);
            assert_eq!(message["attachments"].as_array().unwrap().len(), files);
        }
    }
}

#[tokio::test]
async fn only_the_first_of_many_answers_counts() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let received = scene.ping(&hall).await;
        let path = received.callback();
        let answers = (0..8).map(|n| {
            let kind = if n % 2 == 0 { 4 } else { 5 };
            answer(&hall, &path, json!({ "type": kind, "data": { "content": format!("{n}") } }))
        });
        let answers = futures_util::future::join_all(answers).await;
        let taken = answers.iter().filter(|answer| answer.status.is_success()).count();
        assert_eq!(taken, 1);
        for refused in answers.iter().filter(|answer| !answer.status.is_success()) {
            refused.refused(400, 40060);
        }
        assert_eq!(scene.history(&hall).await.len(), 1);
    }
}

#[tokio::test]
async fn what_is_late_unknown_or_wrong_is_refused() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let pong = json!({ "type": 4, "data": { "content": "pong" } });
        let received = scene.ping(&hall).await;
        let before = hall.head().await;
        for body in [
            json!({ "type": 1 }),
            json!({ "type": 6 }),
            json!({ "type": 8, "data": { "choices": [] } }),
            json!({ "type": 10 }),
            json!({ "type": 4, "data": { "content": "x".repeat(2001) } }),
            json!({ "data": {} }),
        ] {
            answer(&hall, &received.callback(), body).await.refused(400, 50035);
        }
        let long = json!({ "type": 4, "data": { "content": "x".repeat(2001) } });
        let long = answer(&hall, &received.callback(), long).await;
        assert!(long.body["errors"]["data"]["content"]["_errors"].is_array(), "{}", long.body);
        answer(&hall, &received.callback(), json!({ "type": 4 })).await.refused(400, 50006);
        let token = text(&received.0["token"]);
        answer(&hall, &format!("/interactions/1/{token}/callback"), pong.clone()).await.refused(404, 10062);
        let wrong = received.callback().replace(&token, "abc");
        answer(&hall, &wrong, pong.clone()).await.refused(404, 10062);
        // Nothing can follow before the first answer.
        answer(&hall, &received.webhook(), json!({ "content": "early" })).await.refused(404, 10015);
        assert_eq!(hall.head().await, before);

        hall.hand.advance(Duration::from_millis(3001));
        answer(&hall, &received.callback(), pong.clone()).await.refused(404, 10062);
        let before = hall.head().await;
        assert_eq!(hall.chat.fail_overdue_interactions().await.unwrap(), 1);
        assert_eq!(hall.chat.fail_overdue_interactions().await.unwrap(), 0);
        let told = events(&hall, before).await;
        assert_eq!((told.len(), &*told[0].name), (1, "INTERACTION_FAILURE"));
        assert_eq!(told[0].audience, Audience::Users(vec![scene.bob.user.id]));
        assert_eq!(body_of(&told[0])["nonce"], "n-1");
        answer(&hall, &received.callback(), pong.clone()).await.refused(404, 10062);

        let received = scene.ping(&hall).await;
        answer(&hall, &received.callback(), pong).await.ok();
        let follow_up = json!({ "content": "more" });
        hall.hand.advance(Duration::from_secs(15 * 60));
        answer(&hall, &received.webhook(), follow_up.clone()).await.ok();
        hall.hand.advance(Duration::from_millis(1));
        answer(&hall, &received.webhook(), follow_up.clone()).await.refused(401, 50027);
        anonymous(&hall, Method::GET, &received.original(), Value::Null).await.refused(401, 50027);
        let wrong = received.webhook().replace(&text(&received.0["token"]), "abc");
        answer(&hall, &wrong, follow_up.clone()).await.refused(404, 10015);
        let other = format!("/webhooks/{}/{}", scene.ada.id, text(&received.0["token"]));
        answer(&hall, &other, follow_up).await.refused(404, 10015);

        hall.hand.advance(Duration::from_secs(2 * 24 * 3600));
        hall.chat.forget_old_interactions().await.unwrap();
        anonymous(&hall, Method::GET, &received.original(), Value::Null).await.refused(404, 10015);
    }
}

#[tokio::test]
async fn a_private_answer_is_for_one_alone() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let received = scene.ping(&hall).await;
        let before = hall.head().await;
        let callback = json!({ "type": 4, "data": { "content": "psst", "flags": 64 } });
        answer(&hall, &received.callback(), callback).await.ok();
        let told = events(&hall, before).await;
        let bob = Audience::Users(vec![scene.bob.user.id]);
        assert_eq!((&*told[0].name, &told[0].audience), ("MESSAGE_CREATE", &bob));
        let created = body_of(&told[0]);
        assert_eq!((&created["flags"], &created["guild_id"]), (&json!(64), &json!(scene.guild)));
        assert!(scene.history(&hall).await.is_empty());
        let id = text(&created["id"]);
        let direct = format!("/channels/{}/messages/{id}", scene.general);
        hall.get(&scene.bob, &direct).await.refused(404, 10008);

        let original = anonymous(&hall, Method::GET, &received.original(), Value::Null).await.ok();
        assert_eq!(original["content"], "psst");
        let before = hall.head().await;
        let by_id = format!("{}/messages/{id}", received.webhook());
        let changed = anonymous(&hall, Method::PATCH, &by_id, json!({ "content": "hush" })).await.ok();
        assert_eq!((&changed["content"], &changed["flags"]), (&json!("hush"), &json!(64)));
        let follow_up = json!({ "content": "and this", "flags": 64 });
        let follow_up = answer(&hall, &received.webhook(), follow_up).await.ok();
        anonymous(&hall, Method::DELETE, &received.original(), Value::Null).await.ok();
        anonymous(&hall, Method::GET, &received.original(), Value::Null).await.refused(404, 10008);
        let told = events(&hall, before).await;
        let names: Vec<_> = told.iter().map(|event| &*event.name).collect();
        assert_eq!(names, ["MESSAGE_UPDATE", "MESSAGE_CREATE", "MESSAGE_DELETE"]);
        assert!(told.iter().all(|event| event.audience == bob));
        assert!(scene.history(&hall).await.is_empty());
        // Another interaction's token is not good for it.
        let other = scene.ping(&hall).await;
        answer(&hall, &other.callback(), json!({ "type": 4, "data": { "content": "x" } })).await.ok();
        let foreign = format!("{}/messages/{}", other.webhook(), text(&follow_up["id"]));
        anonymous(&hall, Method::GET, &foreign, Value::Null).await.refused(404, 10008);
    }
}

#[tokio::test]
async fn a_promised_answer_comes_later() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        for private in [false, true] {
            let received = scene.ping(&hall).await;
            let flags = if private { 64 } else { 0 };
            let before = hall.head().await;
            let promise = json!({ "type": 5, "data": { "flags": flags } });
            let promised =
                answer(&hall, &format!("{}?with_response=1", received.callback()), promise).await.ok();
            assert_eq!(promised["interaction"]["response_message_loading"], true);
            let thinking = body_of(&events(&hall, before).await[0]);
            assert_eq!((&thinking["flags"], &thinking["content"]), (&json!(128 | flags), &json!("")));

            hall.hand.advance(Duration::from_secs(60));
            let edited = anonymous(&hall, Method::PATCH, &received.original(), json!({ "content": "done" }))
                .await
                .ok();
            assert_eq!(edited["id"], thinking["id"]);
            assert_eq!((&edited["flags"], &edited["content"]), (&json!(flags), &json!("done")));
            assert!(edited["edited_timestamp"].is_null());
            let more = answer(&hall, &received.webhook(), json!({ "content": "more" })).await.ok();
            assert_ne!(more["id"], thinking["id"]);
            assert_eq!(more["interaction_metadata"]["id"], received.0["id"]);
        }
        assert_eq!(scene.history(&hall).await.len(), 3);
    }
}

#[tokio::test]
async fn the_first_of_many_follow_ups_keeps_the_promise() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let received = scene.ping(&hall).await;
        answer(&hall, &received.callback(), json!({ "type": 5 })).await.ok();
        let path = received.webhook();
        let sends = (0..5).map(|n| answer(&hall, &path, json!({ "content": format!("part {n}") })));
        let sent = futures_util::future::join_all(sends).await;
        let original = anonymous(&hall, Method::GET, &received.original(), Value::Null).await.ok();
        let sent: Vec<_> = sent.into_iter().map(|answer| answer.ok()).collect();
        let kept: Vec<_> = sent.iter().filter(|message| message["id"] == original["id"]).collect();
        assert_eq!(kept.len(), 1);
        assert_eq!(original["content"], kept[0]["content"]);
        let history = scene.history(&hall).await;
        assert_eq!(history.len(), 5);
        assert!(history.iter().all(|message| message["flags"] == 0));
    }
}
