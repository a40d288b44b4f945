//! Buttons, menus and modals.

use axum::http::Method;
use guildhall_infra::events::Audience;
use serde_json::{Value, json};

use crate::support::{Hall, Somebody, halls};
use crate::{Received, Scene, answer, body_of, events, scene};

/// A message of the bot's with a button, a menu of texts, one of users, and a disabled button.
async fn panel(hall: &Hall, scene: &Scene) -> Value {
    let row = |components: Value| json!({ "type": 1, "components": components });
    let body = json!({ "content": "choose", "components": [
        row(json!([
            { "type": 2, "style": 1, "label": "Go", "custom_id": "go" },
            { "type": 2, "style": 2, "label": "No", "custom_id": "no", "disabled": true },
        ])),
        row(json!([{ "type": 3, "custom_id": "texts", "max_values": 2, "options": [
            { "label": "A", "value": "a" }, { "label": "B", "value": "b" }, { "label": "C", "value": "c" } ] }])),
        row(json!([{ "type": 5, "custom_id": "people" }])),
    ] });
    hall.post(&scene.bot, &format!("/channels/{}/messages", scene.general), body).await.ok()
}

fn press(scene: &Scene, message: &Value, data: Value) -> Value {
    json!({
        "type": 3, "application_id": scene.bot.id, "guild_id": scene.guild, "channel_id": scene.general,
        "message_id": message["id"], "message_flags": 0, "nonce": "n-2", "session_id": "abc", "data": data,
    })
}

async fn press_go(hall: &Hall, scene: &Scene, who: &Somebody, message: &Value) -> Received {
    let data = json!({ "component_type": 2, "custom_id": "go" });
    scene.interact(hall, who, press(scene, message, data)).await
}

#[tokio::test]
async fn a_button_reaches_its_application_and_its_message_is_changed() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let message = panel(&hall, &scene).await;
        let received = press_go(&hall, &scene, &scene.bob, &message).await;
        assert_eq!(received.0["type"], 3);
        assert_eq!(received.0["data"]["custom_id"], "go");
        assert_eq!(received.0["data"]["component_type"], 2);
        assert_eq!(received.0["message"]["id"], message["id"]);
        assert_eq!(received.0["message"]["components"], message["components"]);

        let before = hall.head().await;
        let change = json!({ "type": 7, "data": { "content": "chosen", "components": [] } });
        answer(&hall, &received.callback(), change).await.ok();
        let told = events(&hall, before).await;
        let names: Vec<_> = told.iter().map(|event| &*event.name).collect();
        assert_eq!(names, ["MESSAGE_UPDATE", "INTERACTION_SUCCESS"]);
        assert!(matches!(told[0].audience, Audience::Channel(..)));
        let history = scene.history(&hall).await;
        assert_eq!((history.len(), &history[0]["content"]), (1, &json!("chosen")));
        assert_eq!(history[0]["components"], json!([]));
        let original = crate::anonymous(&hall, Method::GET, &received.original(), Value::Null).await.ok();
        assert_eq!(original["id"], message["id"]);

        let message = panel(&hall, &scene).await;
        let received = press_go(&hall, &scene, &scene.bob, &message).await;
        answer(&hall, &received.callback(), json!({ "type": 6 })).await.ok();
        crate::anonymous(&hall, Method::PATCH, &received.original(), json!({ "content": "later" }))
            .await
            .ok();
        assert_eq!(scene.history(&hall).await[0]["content"], "later");
        let received = press_go(&hall, &scene, &scene.bob, &message).await;
        answer(&hall, &received.callback(), json!({ "type": 4, "data": { "content": "hi" } })).await.ok();
        let history = scene.history(&hall).await;
        assert_eq!(history[0]["interaction_metadata"]["interacted_message_id"], message["id"]);
        assert!(history[0].get("interaction").is_none());
    }
}

#[tokio::test]
async fn menus_give_what_was_chosen() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let message = panel(&hall, &scene).await;
        let texts = json!({ "component_type": 3, "custom_id": "texts", "values": ["a", "c"] });
        let received = scene.interact(&hall, &scene.bob, press(&scene, &message, texts)).await.0;
        assert_eq!(received["data"]["values"], json!(["a", "c"]));
        let people = json!({ "component_type": 5, "custom_id": "people", "values": [scene.ada.id] });
        let received = scene.interact(&hall, &scene.bob, press(&scene, &message, people)).await.0;
        assert_eq!(received["data"]["resolved"]["users"][&scene.ada.id]["username"], "ada");
        assert!(received["data"]["resolved"]["members"][&scene.ada.id].is_object());

        let before = hall.head().await;
        for bad in [
            json!({ "component_type": 3, "custom_id": "texts", "values": [] }),
            json!({ "component_type": 3, "custom_id": "texts", "values": ["a", "b", "c"] }),
            json!({ "component_type": 3, "custom_id": "texts", "values": ["a", "a"] }),
            json!({ "component_type": 3, "custom_id": "texts", "values": ["d"] }),
            json!({ "component_type": 5, "custom_id": "people", "values": ["1"] }),
            json!({ "component_type": 2, "custom_id": "no" }),
            json!({ "component_type": 3, "custom_id": "go" }),
            json!({ "component_type": 2, "custom_id": "other" }),
            json!({}),
        ] {
            hall.post(&scene.bob, "/interactions", press(&scene, &message, bad)).await.refused(400, 50035);
        }
        let go = json!({ "component_type": 2, "custom_id": "go" });
        let mut unknown = press(&scene, &message, go.clone());
        unknown["message_id"] = "1".into();
        hall.post(&scene.bob, "/interactions", unknown).await.refused(404, 10008);
        let eve = hall.person("eve").await;
        hall.post(&eve, "/interactions", press(&scene, &message, go)).await.refused(404, 10003);
        assert_eq!(hall.head().await, before);
    }
}

#[tokio::test]
async fn a_button_under_a_private_answer_works_for_its_reader_only() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let received = scene.ping(&hall).await;
        let button = json!({ "type": 2, "style": 1, "label": "Go", "custom_id": "go" });
        let private =
            json!({ "content": "psst", "flags": 64, "components": [{ "type": 1, "components": [button] }] });
        answer(&hall, &received.callback(), json!({ "type": 4, "data": private })).await.ok();
        let message = crate::anonymous(&hall, Method::GET, &received.original(), Value::Null).await.ok();
        let go = press(&scene, &message, json!({ "component_type": 2, "custom_id": "go" }));
        hall.post(&scene.ada, "/interactions", go).await.refused(404, 10008);
        let received = press_go(&hall, &scene, &scene.bob, &message).await;
        assert_eq!(received.0["message"]["flags"], 64);
        let before = hall.head().await;
        answer(&hall, &received.callback(), json!({ "type": 7, "data": { "content": "done" } })).await.ok();
        let told = events(&hall, before).await;
        assert_eq!(told[0].audience, Audience::Users(vec![scene.bob.user.id]));
        assert_eq!(body_of(&told[0])["content"], "done");
    }
}

#[tokio::test]
async fn a_modal_is_shown_filled_in_and_answered() {
    for hall in halls().await {
        let scene = scene(&hall).await;
        let message = panel(&hall, &scene).await;
        let received = press_go(&hall, &scene, &scene.bob, &message).await;
        let input = |id: &str, required: bool| {
            let input = json!({ "type": 4, "style": 1, "label": id, "custom_id": id, "required": required, "max_length": 9 });
            json!({ "type": 1, "components": [input] })
        };
        let modal = json!({ "custom_id": "form", "title": "Form", "components": [input("name", true), input("note", false)] });
        let before = hall.head().await;
        answer(&hall, &received.callback(), json!({ "type": 9, "data": { "title": "x" } }))
            .await
            .refused(400, 50035);
        answer(&hall, &received.callback(), json!({ "type": 9, "data": modal })).await.ok();
        let told = events(&hall, before).await;
        let names: Vec<_> = told.iter().map(|event| &*event.name).collect();
        assert_eq!(names, ["INTERACTION_MODAL_CREATE", "INTERACTION_SUCCESS"]);
        assert_eq!(told[0].audience, Audience::Users(vec![scene.bob.user.id]));
        let shown = body_of(&told[0]);
        assert_eq!((&shown["title"], &shown["nonce"]), (&json!("Form"), &json!("n-2")));
        assert_eq!(shown["application"]["id"], scene.bot.id);

        let submit = |values: Value| {
            let row = |(id, value): (&String, &Value)| json!({ "type": 1, "components": [{ "type": 4, "custom_id": id, "value": value }] });
            let rows: Vec<_> = values.as_object().unwrap().iter().map(row).collect();
            json!({
                "type": 5, "application_id": scene.bot.id, "guild_id": scene.guild, "channel_id": scene.general,
                "nonce": "n-3", "data": { "id": shown["id"], "custom_id": "form", "components": rows },
            })
        };
        hall.post(&scene.bob, "/interactions", submit(json!({ "note": "x" }))).await.refused(400, 50035);
        let long = submit(json!({ "name": "0123456789" }));
        hall.post(&scene.bob, "/interactions", long).await.refused(400, 50035);
        let good = submit(json!({ "name": "Bob" }));
        hall.post(&scene.ada, "/interactions", good.clone()).await.refused(404, 10062);
        let submitted = scene.interact(&hall, &scene.bob, good).await;
        assert_eq!(submitted.0["type"], 5);
        assert_eq!(submitted.0["data"]["custom_id"], "form");
        assert_eq!(submitted.0["data"]["components"][0]["components"][0]["value"], "Bob");
        assert_eq!(submitted.0["data"]["components"][1]["components"][0]["value"], "");
        assert_eq!(submitted.0["message"]["id"], message["id"]);
        answer(&hall, &submitted.callback(), json!({ "type": 9, "data": modal })).await.refused(400, 50035);
        answer(&hall, &submitted.callback(), json!({ "type": 4, "data": { "content": "thanks" } }))
            .await
            .ok();
        let thanks = &scene.history(&hall).await[0];
        assert_eq!(thanks["content"], "thanks");
        let metadata = &thanks["interaction_metadata"];
        assert_eq!(metadata["triggering_interaction_metadata"]["id"], received.0["id"]);
    }
}
