//! A server in this process with one person, one guild and one channel in it, and the child that loads it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use guildhall_accounts::NewUser;
use guildhall_app::config::{Overrides, Settings, load};
use guildhall_app::serve::Server;
use guildhall_base::{Clock, UserId};
use serde_json::json;
use tempfile::TempDir;

use crate::http::Client;

/// The server and whom to speak as.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) token: String,
    pub(crate) guild: String,
    pub(crate) channel: String,
    folder: TempDir,
}

/// Bots that one person may own.
const BOTS_EACH: usize = 100;

/// Settings without the limits that protect a real server from a benchmark.
pub(crate) fn settings(folder: &Path, database: Option<String>, slow: u64) -> Result<Settings> {
    let overrides = Overrides {
        listen: Some(SocketAddr::from(([127, 0, 0, 1], 0))),
        database_url: Some(database.unwrap_or_else(|| {
            let file = folder.join("data/bench.db");
            format!("sqlite:{}?commits_take={slow}", file.display())
        })),
        data: Some(folder.join("data")),
        ..Overrides::default()
    };
    let mut settings = load(overrides)?;
    // The load sends no heartbeats.
    settings.gateway.heartbeat_seconds = 3600;
    settings.gateway.connections_per_address = 0;
    settings.gateway.identifies_per_day = u32::MAX;
    settings.limits.connections_per_address = 0;
    settings.limits.requests_per_bucket = 0;
    settings.limits.requests_per_second = 0;
    let of_applications = &mut settings.applications;
    (of_applications.per_second, of_applications.per_day) = (0, 0);
    (of_applications.user_per_second, of_applications.user_per_day) = (0, 0);
    Ok(settings)
}

impl World {
    pub(crate) async fn start() -> Result<Self> {
        Self::start_on(None, 0).await
    }

    /// Over another database than a new SQLite file, or over one whose commits take so many milliseconds more.
    pub(crate) async fn start_on(database: Option<String>, slow: u64) -> Result<Self> {
        // In the working directory, so that it lies on a real disk and not in memory.
        let folder = tempfile::tempdir_in(".").context("cannot make a folder here")?;
        let server = Server::start(settings(folder.path(), database, slow)?, Clock::system()).await?;
        let accounts = &server.hall().accounts;
        let user = NewUser { username: "bench".into(), ..NewUser::default() };
        let token = accounts.new_token(accounts.create_user(user).await?.id).await?;
        let mut client = Client::connect(server.address(), &token).await?;
        let guild = client.call("POST", "/guilds", Some(json!({ "name": "Bench" }))).await?;
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let (guild, channel) = (text(&guild["id"]), text(&guild["system_channel_id"]));
        Ok(Self { server, token, guild, channel, folder })
    }

    /// Makes so many bots, members of the guild; answers with a file of their tokens, one per line.
    pub(crate) async fn bots(&self, count: usize) -> Result<PathBuf> {
        let hall = self.server.hall();
        let guild = self.guild.parse()?;
        let mut tokens = String::new();
        for group in 0..count.div_ceil(BOTS_EACH) {
            let owner = NewUser { username: format!("owner{group}"), ..NewUser::default() };
            let owner = hall.accounts.create_user(owner).await?.id;
            for _ in 0..BOTS_EACH.min(count - group * BOTS_EACH) {
                let (_, bot, token) = hall.applications.create(owner, "robot").await?;
                hall.chat.enroll(guild, bot.id, Vec::new()).await?;
                tokens.push_str(&token);
                tokens.push('\n');
            }
        }
        let file = self.folder.path().join("tokens");
        std::fs::write(&file, tokens)?;
        Ok(file)
    }

    /// The one person.
    pub(crate) async fn owner(&self) -> Result<UserId> {
        Ok(self.server.hall().accounts.user_by_name("bench").await?.context("no user")?.id)
    }

    /// Where everything of the server lies.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) async fn client(&self) -> Result<Client> {
        Client::connect(self.server.address(), &self.token).await
    }
}
