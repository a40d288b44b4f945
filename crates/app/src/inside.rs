//! The Discord-compatible API and the files that it names, for the program's own use: the same routes as the server's,
//! without what stands before them against strangers (limits of requests, access tokens).

use std::sync::Arc;

use axum::{Extension, Router};
use guildhall_accounts::Accounts;
use guildhall_backup::remote::Inside;
use guildhall_chat::Chat;
use guildhall_infra::fetch::Fetch;
use guildhall_oauth::{Guilds, OAuth};

/// The API from within.
pub(crate) fn open(
    accounts: &Accounts,
    chat: &Chat,
    oauth: &OAuth,
    fetch: &Fetch,
    public_url: &str,
) -> Inside {
    let guilds: Guilds = Arc::new(chat.clone());
    let api = Router::new()
        .merge(guildhall_accounts::api_routes(accounts.clone()))
        .merge(guildhall_chat::api_routes(chat.clone()).layer(Extension(oauth.clone())))
        .merge(guildhall_oauth::api_routes(oauth.clone(), guilds));
    let routes = Router::new()
        .nest("/api/v10", api)
        .merge(guildhall_chat::file_routes(chat.clone()))
        .merge(guildhall_accounts::picture_routes(accounts.clone()));
    Inside { routes, accounts: accounts.clone(), fetch: fetch.clone(), public_url: public_url.to_owned() }
}
