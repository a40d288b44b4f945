//! Commands from registration to invocation, and what applications answer.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test ends where it cannot go on")]

#[path = "../support/mod.rs"]
mod support;

mod answers;
mod commands;
mod components;
mod http;
mod invoke;

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request, header};
use guildhall_infra::events::{Audience, Event};
use serde_json::{Value, json};
use support::{Answer, Hall, Somebody, text};

/// A guild of Ada's with a bot and another member in it.
pub(crate) struct Scene {
    pub(crate) ada: Somebody,
    pub(crate) bob: Somebody,
    pub(crate) bot: Somebody,
    pub(crate) guild: String,
    pub(crate) general: String,
}

/// Sets the scene.
pub(crate) async fn scene(hall: &Hall) -> Scene {
    let (ada, bob) = (hall.person("ada").await, hall.person("bob").await);
    let bot = hall.bot(&ada, "clerk").await;
    let (guild, general) = hall.guild(&ada, "Engine").await;
    for member in [&bob, &bot] {
        hall.chat.enroll(guild.parse().unwrap(), member.user.id, Vec::new()).await.unwrap();
    }
    Scene { ada, bob, bot, guild, general }
}

impl Scene {
    /// Where the bot registers commands globally.
    pub(crate) fn global(&self) -> String {
        format!("/applications/{}/commands", self.bot.id)
    }

    /// Where the bot registers commands for the guild.
    pub(crate) fn in_guild(&self) -> String {
        format!("/applications/{}/guilds/{}/commands", self.bot.id, self.guild)
    }
}

/// A command without options.
pub(crate) fn plain(name: &str) -> Value {
    json!({ "name": name, "description": "does something" })
}

/// Reads something as twilight does, which is strict in what it takes.
#[track_caller]
pub(crate) fn strictly<T: serde::de::DeserializeOwned>(value: &Value) {
    if let Err(error) = serde_json::from_value::<T>(value.clone()) {
        panic!("{error} in {value}");
    }
}

/// An interaction as its application received it.
pub(crate) struct Received(pub(crate) Value);

impl Received {
    /// Where it is answered first.
    pub(crate) fn callback(&self) -> String {
        format!("/interactions/{}/{}/callback", text(&self.0["id"]), text(&self.0["token"]))
    }

    /// Where messages follow.
    pub(crate) fn webhook(&self) -> String {
        format!("/webhooks/{}/{}", text(&self.0["application_id"]), text(&self.0["token"]))
    }

    /// The first answer.
    pub(crate) fn original(&self) -> String {
        format!("{}/messages/@original", self.webhook())
    }
}

impl Scene {
    /// Registers a command for the guild.
    pub(crate) async fn register(&self, hall: &Hall, command: Value) -> Value {
        let command = hall.post(&self.bot, &self.in_guild(), command).await.ok();
        strictly::<twilight_model::application::command::Command>(&command);
        command
    }

    /// The body with which a client invokes a command.
    pub(crate) fn invocation(&self, command: &Value, options: Value) -> Value {
        json!({
            "type": 2, "application_id": self.bot.id, "guild_id": self.guild, "channel_id": self.general,
            "session_id": "abc", "nonce": "n-1", "data": {
                "id": command["id"], "name": command["name"], "type": command["type"],
                "version": command["version"], "options": options,
            },
        })
    }

    /// Does something as a member, and gives what the application received.
    pub(crate) async fn interact(&self, hall: &Hall, who: &Somebody, body: Value) -> Received {
        let before = hall.head().await;
        let answer = hall.post(who, "/interactions", body).await;
        assert_eq!(answer.status.as_u16(), 204, "{}", answer.body);
        let events = events(hall, before).await;
        assert_eq!(events.len(), 1);
        assert_eq!(&*events[0].name, "INTERACTION_CREATE");
        assert_eq!(events[0].audience, Audience::Users(vec![self.bot.user.id]));
        let received = body_of(&events[0]);
        strictly::<twilight_model::application::interaction::Interaction>(&received);
        Received(received)
    }

    /// Bob invokes a command `ping`.
    pub(crate) async fn ping(&self, hall: &Hall) -> Received {
        let command = self.register(hall, plain("ping")).await;
        self.interact(hall, &self.bob, self.invocation(&command, json!([]))).await
    }

    /// The channel's messages.
    pub(crate) async fn history(&self, hall: &Hall) -> Vec<Value> {
        let page = hall.get(&self.bob, &format!("/channels/{}/messages", self.general)).await.ok();
        strictly::<Vec<twilight_model::channel::Message>>(&page);
        page.as_array().unwrap().clone()
    }
}

/// The log's events after a position, with whom they are for.
pub(crate) async fn events(hall: &Hall, position: u64) -> Vec<Arc<Event>> {
    let mut tail = hall.log.tail(position);
    let mut events = Vec::new();
    while hall.head().await > tail.position() {
        events.extend(tail.next(100).await.unwrap().unwrap());
    }
    events
}

/// What an event says.
pub(crate) fn body_of(event: &Event) -> Value {
    serde_json::from_slice(&event.body).unwrap()
}

/// A request without `Authorization`, as most libraries answer interactions.
pub(crate) async fn anonymous(hall: &Hall, method: Method, path: &str, body: Value) -> Answer {
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    let request =
        Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
    hall.send(request.body(body).unwrap()).await
}

/// As [`anonymous`], posting.
pub(crate) async fn answer(hall: &Hall, path: &str, body: Value) -> Answer {
    anonymous(hall, Method::POST, path, body).await
}
