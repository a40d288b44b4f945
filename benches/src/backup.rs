//! A backup of a guild with many messages: how long it takes, and how much memory beyond that of the idle server.
//!
//! The guild is filled by a process of its own, so that nothing of it is in this one's memory before.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use guildhall_accounts::NewUser;
use guildhall_app::serve::Server;
use guildhall_base::{Clock, GuildId, UserId};
use guildhall_infra::jobs::State;
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::figures::line;
use crate::world::settings;

/// Channels that the messages are in.
const CHANNELS: usize = 10;
/// Messages that are sent at the same time.
const AT_ONCE: usize = 64;
/// Backups that are made.
const ROUNDS: usize = 3;

pub(crate) async fn run(messages: usize) -> Result<()> {
    let folder = tempfile::tempdir_in(".").context("cannot make a folder here")?;
    let path = folder.path().canonicalize()?;
    let filled = Command::new(std::env::current_exe()?)
        .args(["fill-backup", &path.to_string_lossy(), &messages.to_string()])
        .output()
        .await?;
    ensure!(filled.status.success(), "{}", String::from_utf8_lossy(&filled.stderr));
    let said = String::from_utf8(filled.stdout)?;
    let (user, guild) = said.trim().split_once(' ').context("no guild")?;
    let (user, guild): (UserId, GuildId) = (user.parse()?, guild.parse()?);

    let mut settings = settings(&path, None, 0)?;
    settings.backups.messages = u32::try_from(messages)?;
    settings.backups.per_channel = u32::try_from(messages)?;
    let server = Server::start(settings, Clock::system()).await?;
    server.hall().reach_database().await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let idle = memory("VmRSS")?;
    line(&format!("idle: {:.1} MiB", mebibytes(idle)));
    for sealed in (0..ROUNDS).map(|round| round == ROUNDS - 1) {
        // From here on the kernel counts the peak anew.
        std::fs::write("/proc/self/clear_refs", "5")?;
        let started = Instant::now();
        let report = back_up(&server, user, guild, sealed).await?;
        let peak = memory("VmHWM")?;
        line(&format!(
            "backup{} of {} messages in {:.1} s: {:.1} MiB file, {} parts; peak {:.1} MiB, {:.1} above idle",
            if sealed { " with a passphrase" } else { "" },
            report["messages"],
            started.elapsed().as_secs_f64(),
            mebibytes(report["size"].as_u64().unwrap_or(0)),
            report["parts"],
            mebibytes(peak),
            mebibytes(peak.saturating_sub(idle)),
        ));
    }
    server.stop().await
}

async fn back_up(server: &Server, user: UserId, guild: GuildId, sealed: bool) -> Result<Value> {
    let jobs = &server.hall().jobs;
    let passphrase = sealed.then_some("correct horse battery staple");
    let payload = json!({ "guild_id": guild, "passphrase": passphrase }).to_string();
    let id = jobs.enqueue_now(jobs.prepared("guild_backup", &payload).await?.user(user)).await?;
    loop {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let record = jobs.get(id).await?;
        if record.state.is_final() {
            ensure!(record.state == State::Done, "{record:?}");
            return Ok(serde_json::from_str(&record.result.context("no result")?)?);
        }
    }
}

/// Fills a guild with messages; says whose it is and which.
pub(crate) async fn fill(folder: &Path, messages: usize) -> Result<()> {
    let server = Server::start(settings(folder, None, 0)?, Clock::system()).await?;
    let hall = server.hall();
    let user = NewUser { username: "bench".into(), ..NewUser::default() };
    let user = hall.accounts.create_user(user).await?.id;
    let inside = hall.backups.inside(user);
    let guild = inside.post("/guilds", &json!({ "name": "Bench" }), None).await;
    let guild = guild.map_err(guildhall_base::Error::from)?["id"].as_str().context("no id")?.to_owned();
    let mut channels = Vec::new();
    for number in 0..CHANNELS {
        let body = json!({ "name": format!("channel-{number}") });
        let channel = inside.post(&format!("/guilds/{guild}/channels"), &body, None).await;
        let channel = channel.map_err(guildhall_base::Error::from)?;
        channels.push(channel["id"].as_str().context("no id")?.to_owned());
    }
    let room = Arc::new(Semaphore::new(AT_ONCE));
    let mut sending = JoinSet::new();
    for number in 0..messages {
        let permit = room.clone().acquire_owned().await?;
        let (inside, channel) = (inside.clone(), channels[number % CHANNELS].clone());
        sending.spawn(async move {
            let words = "what people say when they have something to say ".repeat(1 + number % 4);
            let body = json!({ "content": format!("message {number}: {words}") });
            let sent = inside.post(&format!("/channels/{channel}/messages"), &body, None).await;
            drop(permit);
            sent.map(drop).map_err(guildhall_base::Error::from)
        });
        while let Some(sent) = sending.try_join_next() {
            sent??;
        }
    }
    while let Some(sent) = sending.join_next().await {
        sent??;
    }
    line(&format!("{user} {guild}"));
    server.stop().await
}

/// A figure of `/proc/self/status`, in bytes.
fn memory(name: &str) -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let found = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let kibibytes: u64 =
        found.and_then(|text| text.split_whitespace().next()).context("no figure")?.parse()?;
    Ok(kibibytes * 1024)
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / (1024.0 * 1024.0)
}
