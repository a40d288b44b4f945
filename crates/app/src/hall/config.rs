//! What each feature is told of the configuration.

use std::time::Duration;

use anyhow::{Result, anyhow};
use guildhall_accounts::{Post, Ranks, SessionScopes, check_providers};
use guildhall_infra::blobs::Blobs;
use guildhall_infra::fetch::{self, Fetch};
use guildhall_infra::seal::Seal;

use crate::config::{Registration, Settings};

pub(super) fn accounts_config(
    settings: &Settings,
    blobs: Blobs,
    seal: Seal,
    fetch: Fetch,
    post: Option<Post>,
) -> Result<guildhall_accounts::Config> {
    let day = Duration::from_secs(24 * 3600);
    let ranks = Ranks::new(&settings.accounts.ranks).map_err(|text| anyhow!("accounts.ranks: {text}"))?;
    let providers = settings.accounts.providers.clone();
    check_providers(&providers).map_err(|text| anyhow!("accounts.providers: {text}"))?;
    let api_scopes = SessionScopes::named(settings.accounts.api_session_scopes.iter().map(String::as_str))
        .map_err(|text| anyhow!("accounts.api_session_scopes: {text}"))?;
    Ok(guildhall_accounts::Config {
        api_scopes,
        ranks,
        providers,
        fetch: Some(fetch),
        registration: settings.accounts.registration == Registration::Open,
        secure: settings.public_url().starts_with("https://"),
        session_life: day * settings.accounts.session_days,
        api_session_life: Duration::from_secs(settings.accounts.api_session_seconds.into()),
        pictures: Some(blobs),
        deletion_delay: day * settings.accounts.deletion_delay,
        free_names: settings.accounts.free_names,
        public_url: settings.public_url().parse().ok(),
        seal: Some(seal),
        post,
        ..guildhall_accounts::Config::default()
    })
}

pub(super) fn oauth_config(settings: &Settings) -> guildhall_oauth::Config {
    let limits = &settings.applications;
    guildhall_oauth::Config {
        per_second: limits.per_second,
        per_day: limits.per_day,
        user_per_second: limits.user_per_second,
        user_per_day: limits.user_per_day,
        ..guildhall_oauth::Config::new(settings.public_url())
    }
}

pub(super) fn fetch_config(settings: &Settings) -> fetch::Config {
    fetch::Config { allow: settings.outgoing.allow.clone(), ..fetch::Config::default() }
}

pub(super) fn chat_config(settings: &Settings) -> guildhall_chat::Config {
    let mut config = guildhall_chat::Config::default();
    config.prune.total = settings.tools.prune_messages;
    config.prune.min_per_channel = settings.tools.prune_least_per_channel;
    guildhall_chat::Config {
        public_url: settings.public_url().to_owned(),
        upload_bytes: settings.limits.upload_bytes,
        webhook_messages: settings.limits.webhook_messages,
        ..config
    }
}

pub(super) fn directory_config(settings: &Settings) -> guildhall_directory::Config {
    guildhall_directory::Config {
        public_url: settings.public_url().to_owned(),
        review_guilds: settings.directory.review_guilds,
        sources: settings.directory.sources.clone(),
        vote_hours: settings.directory.vote_hours,
        vote_window: settings.directory.vote_window,
        vote_verified_mail: settings.directory.vote_verified_mail,
        vote_account_hours: settings.directory.vote_account_hours,
    }
}

pub(super) fn gateway_config(settings: &Settings) -> guildhall_gateway::Config {
    let gateway = &settings.gateway;
    // http becomes ws, https becomes wss.
    let url = format!("ws{}/gateway", settings.public_url().trim_start_matches("http"));
    guildhall_gateway::Config {
        heartbeat: Duration::from_secs(gateway.heartbeat_seconds.into()),
        session_life: Duration::from_secs(gateway.session_seconds.into()),
        queue_bytes: gateway.queue_bytes,
        connections_per_address: gateway.connections_per_address,
        identifies_per_day: gateway.identifies_per_day,
        max_concurrency: gateway.max_concurrency,
        ..guildhall_gateway::Config::new(url)
    }
}
