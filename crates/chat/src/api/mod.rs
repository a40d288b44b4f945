//! The Discord-compatible routes, without the prefix `/api/v10`: one file per resource. Handlers parse, call one
//! action, and answer.

mod channels;
mod guilds;
mod messages;
mod reason;
mod users;

use axum::Router;

use crate::Chat;

/// All of the chat's routes. The program nests them under `/api/v10`, `/api/v9` and `/api`.
pub fn routes(chat: Chat) -> Router {
    Router::new()
        .merge(guilds::routes())
        .merge(channels::routes())
        .merge(messages::routes())
        .merge(users::routes())
        .with_state(chat)
}
