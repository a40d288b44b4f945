//! The Discord-compatible routes, without the prefix `/api/v10`: one file per resource. Handlers parse, call one
//! action, and answer.

mod audit_log;
mod bans;
mod channels;
mod commands;
mod direct;
mod emojis;
mod files;
mod follow_ups;
mod guilds;
mod interactions;
mod invites;
mod members;
mod memory;
mod messages;
mod nothing;
mod pins;
mod prune;
mod reactions;
mod reads;
mod reason;
mod roles;
mod stickers;
mod users;
mod webhooks;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use guildhall_infra::pictures;

pub use memory::own_routes;

use crate::Chat;

/// All of the chat's routes. The program nests them under `/api/v10`, `/api/v9` and `/api`.
pub fn routes(chat: Chat) -> Router {
    let upload_limit = DefaultBodyLimit::max(chat.parts.config.request_bytes());
    let picture_limit = DefaultBodyLimit::max(pictures::MAX_BODY);
    Router::new()
        .merge(guilds::routes().merge(roles::routes()).merge(members::routes()).layer(picture_limit))
        .merge(emojis::routes().merge(stickers::routes()).layer(picture_limit))
        .merge(channels::routes())
        .merge(commands::routes())
        .merge(interactions::routes().merge(webhooks::routes()).layer(upload_limit))
        .merge(bans::routes())
        .merge(audit_log::routes())
        .merge(prune::routes())
        .merge(invites::routes())
        .merge(messages::routes().layer(upload_limit))
        .merge(nothing::routes())
        .merge(pins::routes())
        .merge(reactions::routes())
        .merge(reads::routes())
        .merge(direct::routes())
        .merge(users::routes())
        .with_state(chat)
}

/// Uploaded files, at the root of the site.
pub fn file_routes(chat: Chat) -> Router {
    files::routes().with_state(chat)
}
