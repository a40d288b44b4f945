//! Invoking commands as a member.

use serde_json::{Value, json};

use crate::support::{halls, text};
use crate::{body_of, events, plain, scene};

/// Keys that one library or another requires of INTERACTION_CREATE.
const REQUIRED: [&str; 17] = [
    "app_permissions",
    "application_id",
    "attachment_size_limit",
    "authorizing_integration_owners",
    "channel",
    "channel_id",
    "context",
    "data",
    "entitlements",
    "guild_id",
    "guild_locale",
    "id",
    "locale",
    "member",
    "token",
    "type",
    "version",
];

#[tokio::test]
async fn the_application_receives_everything_that_libraries_need() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let role = hall.get(&scene.ada, &format!("/guilds/{}", scene.guild)).await.ok()["roles"][0].clone();
        let command = json!({ "name": "all", "description": "x", "options": [
            { "type": 6, "name": "who", "description": "x", "required": true },
            { "type": 3, "name": "text", "description": "x" },
            { "type": 4, "name": "count", "description": "x", "min_value": 1, "max_value": 5 },
            { "type": 5, "name": "sure", "description": "x" },
            { "type": 7, "name": "where", "description": "x", "channel_types": [0] },
            { "type": 8, "name": "role", "description": "x" },
            { "type": 9, "name": "whom", "description": "x" },
            { "type": 10, "name": "factor", "description": "x" },
        ] });
        let command = scene.register(&hall, command).await;
        let options = json!([
            { "type": 6, "name": "who", "value": scene.ada.id },
            { "type": 3, "name": "text", "value": "hello" },
            { "type": 4, "name": "count", "value": 3 },
            { "type": 5, "name": "sure", "value": true },
            { "type": 7, "name": "where", "value": scene.general },
            { "type": 8, "name": "role", "value": role["id"] },
            { "type": 9, "name": "whom", "value": scene.bob.id },
            { "type": 10, "name": "factor", "value": 1.5 },
        ]);
        let received = scene.interact(&hall, &scene.bob, scene.invocation(&command, options.clone())).await.0;
        for key in REQUIRED {
            assert!(received.get(key).is_some_and(|value| !value.is_null()), "{key} of {received}");
        }
        assert_eq!(received["data"]["options"], options);
        assert_eq!(received["data"]["guild_id"], scene.guild);
        assert_eq!(received["type"], 2);
        assert_eq!(received["context"], 0);
        assert_eq!(received["authorizing_integration_owners"], json!({ "0": scene.guild }));
        assert_eq!(received["channel"]["id"], scene.general);
        assert!(received["channel"]["permissions"].is_string());
        assert!(received["app_permissions"].is_string());
        assert!(received.get("user").is_none());
        let member = &received["member"];
        assert_eq!(member["user"]["id"], scene.bob.id);
        for key in ["deaf", "flags", "joined_at", "mute", "permissions", "roles", "pending"] {
            assert!(member.get(key).is_some(), "{key} of {member}");
        }
        let resolved = &received["data"]["resolved"];
        assert_eq!(resolved["users"][&scene.ada.id]["username"], "ada");
        let member = &resolved["members"][&scene.ada.id];
        assert!(member["permissions"].is_string() && member.get("user").is_none(), "{member}");
        assert_eq!(resolved["users"][&scene.bob.id]["username"], "bob");
        assert_eq!(resolved["channels"][&scene.general]["name"], "general");
        assert_eq!(resolved["roles"][text(&role["id"])]["name"], "@everyone");
    }
}

#[tokio::test]
async fn options_that_do_not_fit_are_refused() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let command = json!({ "name": "set", "description": "x", "options": [
            { "type": 4, "name": "count", "description": "x", "required": true, "min_value": 1, "max_value": 5 },
            { "type": 3, "name": "text", "description": "x", "min_length": 2, "max_length": 4 },
            { "type": 3, "name": "pick", "description": "x", "choices": [{ "name": "A", "value": "a" }] },
            { "type": 6, "name": "who", "description": "x" },
            { "type": 7, "name": "where", "description": "x", "channel_types": [2] },
            { "type": 11, "name": "file", "description": "x" },
        ] });
        let command = scene.register(&hall, command).await;
        let before = hall.head().await;
        let count = json!({ "type": 4, "name": "count", "value": 2 });
        let bad: [Value; 12] = [
            json!([]),
            json!([{ "type": 4, "name": "count", "value": 6 }]),
            json!([{ "type": 4, "name": "count", "value": 0 }]),
            json!([{ "type": 4, "name": "count", "value": "many" }]),
            json!([{ "type": 3, "name": "count", "value": "2" }]),
            json!([count, count]),
            json!([count, { "type": 3, "name": "text", "value": "x" }]),
            json!([count, { "type": 3, "name": "pick", "value": "b" }]),
            json!([count, { "type": 3, "name": "other", "value": "b" }]),
            json!([count, { "type": 6, "name": "who", "value": "1" }]),
            json!([count, { "type": 7, "name": "where", "value": scene.general }]),
            json!([count, { "type": 11, "name": "file", "value": "0" }]),
        ];
        for options in bad {
            let answer = hall.post(&scene.bob, "/interactions", scene.invocation(&command, options)).await;
            answer.refused(400, 50035);
        }
        let mut outdated = scene.invocation(&command, json!([count]));
        outdated["data"]["version"] = "1".into();
        hall.post(&scene.bob, "/interactions", outdated).await.refused(400, 50035);
        let mut unknown = scene.invocation(&command, json!([count]));
        unknown["type"] = 1.into();
        hall.post(&scene.bob, "/interactions", unknown).await.refused(400, 50035);
        assert_eq!(hall.head().await, before);
    }
}

#[tokio::test]
async fn only_members_who_may_can_invoke() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let command = scene.register(&hall, plain("ping")).await;
        let body = scene.invocation(&command, json!([]));
        let eve = hall.person("eve").await;
        hall.post(&eve, "/interactions", body.clone()).await.refused(404, 10003);
        hall.post(&scene.bot, "/interactions", body.clone()).await.refused(403, 20001);
        let nobody = crate::support::Somebody { token: "abc".into(), ..eve };
        hall.post(&nobody, "/interactions", body.clone()).await.refused(401, 0);

        let mut wrong = body.clone();
        wrong["guild_id"] = scene.bob.id.clone().into();
        hall.post(&scene.bob, "/interactions", wrong).await.refused(404, 10003);
        let mut wrong = body.clone();
        wrong["data"]["id"] = "1".into();
        hall.post(&scene.bob, "/interactions", wrong).await.refused(404, 10063);
        let absent = hall.bot(&scene.ada, "absent").await;
        let mut wrong = body;
        wrong["application_id"] = absent.id.into();
        hall.post(&scene.bob, "/interactions", wrong).await.refused(404, 10002);

        let mut admins = plain("admins");
        admins["default_member_permissions"] = "0".into();
        let admins = scene.register(&hall, admins).await;
        let body = scene.invocation(&admins, json!([]));
        hall.post(&scene.bob, "/interactions", body.clone()).await.refused(403, 50013);
        scene.interact(&hall, &scene.ada, body).await;

        let mut direct = plain("direct");
        direct["contexts"] = json!([1]);
        let direct = hall.post(&scene.bot, &scene.global(), direct).await.ok();
        let body = scene.invocation(&direct, json!([]));
        hall.post(&scene.bob, "/interactions", body).await.refused(404, 10063);
    }
}

#[tokio::test]
async fn subcommands_arrive_nested_and_are_named_in_the_answer() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let command = json!({ "name": "config", "description": "x", "options": [
            { "type": 2, "name": "limits", "description": "x", "options": [
                { "type": 1, "name": "set", "description": "x", "options": [
                    { "type": 5, "name": "on", "description": "x", "required": true } ] },
                { "type": 1, "name": "show", "description": "x" } ] },
        ] });
        let command = scene.register(&hall, command).await;
        let options = json!([{ "type": 2, "name": "limits", "options": [
            { "type": 1, "name": "set", "options": [{ "type": 5, "name": "on", "value": false }] } ] }]);
        let received = scene.interact(&hall, &scene.bob, scene.invocation(&command, options.clone())).await;
        assert_eq!(received.0["data"]["options"], options);
        crate::answer(&hall, &received.callback(), json!({ "type": 4, "data": { "content": "done" } }))
            .await
            .ok();
        let message = &scene.history(&hall).await[0];
        assert_eq!(message["interaction"]["name"], "config limits set");
        let none = scene.invocation(&command, json!([{ "type": 2, "name": "limits", "options": [] }]));
        hall.post(&scene.bob, "/interactions", none).await.refused(400, 50035);
        let show = json!([{ "type": 2, "name": "limits", "options": [{ "type": 1, "name": "show" }] }]);
        scene.interact(&hall, &scene.bob, scene.invocation(&command, show)).await;
    }
}

#[tokio::test]
async fn commands_on_users_and_messages_get_their_target() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let sent = format!("/channels/{}/messages", scene.general);
        let sent = hall.post(&scene.ada, &sent, json!({ "content": "quote me" })).await.ok();
        let on_user = scene.register(&hall, json!({ "name": "Look up", "type": 2 })).await;
        let mut body = scene.invocation(&on_user, Value::Null);
        body["data"]["target_id"] = scene.ada.id.clone().into();
        let received = scene.interact(&hall, &scene.bob, body.clone()).await;
        assert_eq!(received.0["data"]["target_id"], scene.ada.id);
        assert_eq!(received.0["data"]["resolved"]["users"][&scene.ada.id]["username"], "ada");
        crate::answer(&hall, &received.callback(), json!({ "type": 4, "data": { "content": "Ada" } }))
            .await
            .ok();
        assert_eq!(scene.history(&hall).await[0]["type"], 23);
        body["data"]["target_id"] = "1".into();
        hall.post(&scene.bob, "/interactions", body).await.refused(400, 50035);

        let on_message = scene.register(&hall, json!({ "name": "Quote", "type": 3 })).await;
        let mut body = scene.invocation(&on_message, Value::Null);
        body["data"]["target_id"] = sent["id"].clone();
        let received = scene.interact(&hall, &scene.bob, body.clone()).await.0;
        let id = text(&sent["id"]);
        assert_eq!(received["data"]["resolved"]["messages"][&id]["content"], "quote me");
        body["data"]["target_id"] = "1".into();
        hall.post(&scene.bob, "/interactions", body).await.refused(404, 10008);
    }
}

#[tokio::test]
async fn suggestions_reach_the_one_who_types() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let command = json!({ "name": "find", "description": "x", "options": [
            { "type": 3, "name": "what", "description": "x", "required": true, "autocomplete": true },
            { "type": 4, "name": "count", "description": "x", "required": true },
        ] });
        let command = scene.register(&hall, command).await;
        let mut body = scene.invocation(
            &command,
            json!([
                { "type": 3, "name": "what", "value": "be", "focused": true },
            ]),
        );
        body["type"] = 4.into();
        let received = scene.interact(&hall, &scene.bob, body.clone()).await;
        assert_eq!(received.0["type"], 4);
        assert_eq!(received.0["data"]["options"][0]["focused"], true);
        let message = json!({ "type": 4, "data": { "content": "no" } });
        crate::answer(&hall, &received.callback(), message).await.refused(400, 50035);
        let before = hall.head().await;
        let choices = json!([{ "name": "Bear", "value": "bear" }, { "name": "Bee", "value": "bee" }]);
        let suggest = json!({ "type": 8, "data": { "choices": choices } });
        crate::answer(&hall, &received.callback(), suggest.clone()).await.ok();
        crate::answer(&hall, &received.callback(), suggest).await.refused(400, 40060);
        let told = events(&hall, before).await;
        assert_eq!(told.len(), 1);
        assert_eq!(&*told[0].name, "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE");
        let told = body_of(&told[0]);
        assert_eq!((&told["choices"], &told["nonce"]), (&choices, &json!("n-1")));

        body["data"]["options"] = json!([{ "type": 4, "name": "count", "value": "1", "focused": true }]);
        hall.post(&scene.bob, "/interactions", body.clone()).await.refused(400, 50035);
        body["data"]["options"] = json!([{ "type": 3, "name": "what", "value": "be" }]);
        hall.post(&scene.bob, "/interactions", body).await.refused(400, 50035);
    }
}

#[tokio::test]
async fn a_file_can_be_an_option() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let option = json!({ "type": 11, "name": "file", "description": "x", "required": true });
        let command = json!({ "name": "keep", "description": "x", "options": [option] });
        let command = scene.register(&hall, command).await;
        let options = json!([{ "type": 11, "name": "file", "value": "0" }]);
        let payload = scene.invocation(&command, options);
        let body = format!(
            "--X\r\nContent-Disposition: form-data; name=\"payload_json\"\r\n\r\n{payload}\r\n\
             --X\r\nContent-Disposition: form-data; name=\"files[0]\"; filename=\"a.txt\"\r\n\
             Content-Type: text/plain\r\n\r\nhello\r\n--X--\r\n"
        );
        let before = hall.head().await;
        let request = axum::http::Request::post("/interactions")
            .header("content-type", "multipart/form-data; boundary=X")
            .header("authorization", &scene.bob.token);
        assert_eq!(hall.send(request.body(body.into()).unwrap()).await.status.as_u16(), 204);
        let received = body_of(&events(&hall, before).await[0]);
        let id = text(&received["data"]["options"][0]["value"]);
        let file = &received["data"]["resolved"]["attachments"][&id];
        assert_eq!((&file["filename"], &file["size"]), (&json!("a.txt"), &json!(5)));
    }
}

#[tokio::test]
async fn a_command_works_in_direct_messages_with_its_bot() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let mut guilds_only = plain("guilds-only");
        guilds_only["dm_permission"] = false.into();
        let guilds_only = hall.post(&scene.bot, &scene.global(), guilds_only).await.ok();
        let ping = hall.post(&scene.bot, &scene.global(), plain("ping")).await.ok();
        let channel =
            hall.post(&scene.bob, "/users/@me/channels", json!({ "recipient_id": scene.bot.id })).await.ok();
        let index = format!("/channels/{}/application-command-index", text(&channel["id"]));
        let index = hall.get(&scene.bob, &index).await.ok();
        assert_eq!(index["application_commands"].as_array().unwrap().len(), 1);
        assert_eq!(index["application_commands"][0]["name"], "ping");
        let invocation = |command: &Value| {
            let mut body = scene.invocation(command, json!([]));
            body["channel_id"] = channel["id"].clone();
            body["guild_id"] = Value::Null;
            body
        };
        hall.post(&scene.bob, "/interactions", invocation(&guilds_only)).await.refused(404, 10063);
        let received = scene.interact(&hall, &scene.bob, invocation(&ping)).await;
        assert_eq!(received.0["context"], 1);
        assert_eq!(received.0["user"]["id"], scene.bob.id);
        assert!(received.0.get("member").is_none() && received.0.get("guild_id").is_none());
        assert_eq!(received.0["authorizing_integration_owners"], json!({ "0": "0" }));
        for key in ["channel", "channel_id", "app_permissions", "entitlements", "locale"] {
            assert!(received.0.get(key).is_some_and(|value| !value.is_null()), "{key}");
        }
        let pong = json!({ "type": 4, "data": { "content": "pong" } });
        crate::answer(&hall, &received.callback(), pong).await.ok();
        let page = format!("/channels/{}/messages", text(&channel["id"]));
        assert_eq!(hall.get(&scene.bob, &page).await.ok()[0]["content"], "pong");
    }
}
