//! What the operator may set: every key, its default and its environment variable. The sections of features become
//! the features' own configuration in [`crate::serve`].

mod load;
mod show;
mod unknown;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use confique::Config;
use guildhall_accounts::{Providers, RankSettings};
use guildhall_backup::backup::Allowance;
use guildhall_directory::VoteWindow;
use guildhall_infra::limits::LimitsConfig;
use guildhall_infra::mail::{self, Driver, MailConfig};
use guildhall_jobs::Client;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

pub use load::{Overrides, load};
pub use show::show;

/// Guildhall's configuration.
///
/// Flags are stronger than environment variables, these than the file given with --config, that than the defaults.
#[derive(Debug, Clone, Serialize, Config)]
pub struct Settings {
    /// Address and port to serve. Behind a reverse proxy leave it on the loopback interface.
    #[config(env = "GUILDHALL_LISTEN", default = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Folder for the embedded database, uploads and keys. It is created if it is not there.
    #[config(env = "GUILDHALL_DATA", default = "./data")]
    pub data: PathBuf,
    /// Where the database is: "sqlite:PATH" or "postgres://USER:PASSWORD@HOST/NAME". By default
    /// "sqlite:DATA/guildhall.db".
    #[config(env = "GUILDHALL_DATABASE_URL")]
    pub database_url: Option<String>,
    /// Where people and bots reach this server, without a slash at the end. By default "http://LISTEN".
    #[config(env = "GUILDHALL_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// People's accounts.
    #[config(nested)]
    pub accounts: AccountsSettings,
    /// How much applications may ask with the access tokens that people gave them.
    #[config(nested)]
    pub applications: ApplicationsSettings,
    /// Outgoing mail.
    #[config(nested)]
    pub mail: MailConfig,
    /// How much one client may ask of the REST API.
    #[config(nested)]
    pub limits: LimitsConfig,
    /// Requests that the server itself makes.
    #[config(nested)]
    pub outgoing: OutgoingSettings,
    /// The real-time gateway.
    #[config(nested)]
    pub gateway: GatewaySettings,
    /// The event log, from which clients that were cut off catch up.
    #[config(nested)]
    pub events: EventsSettings,
    /// Durable jobs.
    #[config(nested)]
    pub jobs: JobsSettings,
    /// How much a backup of a guild may take.
    #[config(nested)]
    pub backups: BackupsSettings,
    /// Tools of those who manage guilds.
    #[config(nested)]
    pub tools: ToolsSettings,
    /// Listings of bots and guilds.
    #[config(nested)]
    pub directory: DirectorySettings,
    /// The server's own log, on standard error.
    #[config(nested)]
    pub log: LogSettings,
    /// Measurements for Prometheus at /metrics.
    #[config(nested)]
    pub metrics: MetricsSettings,
    /// The end of the process after SIGTERM or SIGINT.
    #[config(nested)]
    pub shutdown: ShutdownSettings,
}

/// Who may register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Registration {
    /// Everybody.
    Open,
    /// Nobody; the operator adds users.
    Closed,
}

/// People's accounts.
#[derive(Debug, Clone, Serialize, Config)]
pub struct AccountsSettings {
    /// "open": everybody may register. "closed": users are added with `guildhall user add`.
    #[config(env = "GUILDHALL_ACCOUNTS_REGISTRATION", default = "open")]
    pub registration: Registration,
    /// Days after which a browser that was not used is signed out.
    #[config(env = "GUILDHALL_ACCOUNTS_SESSION_DAYS", default = 30)]
    pub session_days: u32,
    /// Other sites that people may sign in by, such as { google = { address = "https://accounts.google.com", client_id = "...",
    /// client_secret = "..." }, discord = { kind = "discord", client_id = "...", client_secret = "..." } }. They send people
    /// back to PUBLIC_URL/login/with/NAME/callback. By environment as here: a TOML table in one line.
    #[config(env = "GUILDHALL_ACCOUNTS_PROVIDERS", default = {}, parse_env = load::table)]
    pub providers: Providers,
    /// The ranks that staff may hold, such as { helper = { level = 1, rights = ["staff.view"] } }. The highest has the
    /// rights ["*"]. By default the seven of the operator guide.
    #[config(env = "GUILDHALL_ACCOUNTS_RANKS", default = {}, parse_env = load::table)]
    pub ranks: BTreeMap<String, RankSettings>,
    /// Seconds after which a program that signed in through /v2 and was not used since is signed out.
    #[config(env = "GUILDHALL_ACCOUNTS_API_SESSION_SECONDS", default = 960)]
    pub api_session_seconds: u32,
    /// What sessions of programs may be used for, at most, such as ["read", "write", "guilds", "profile", "account",
    /// "applications"]; rights of staff are scopes too. "*" is everything that their owner may do. By environment,
    /// joined by commas.
    #[config(
        env = "GUILDHALL_ACCOUNTS_API_SESSION_SCOPES",
        default = ["*"],
        parse_env = confique::env::parse::list_by_comma
    )]
    pub api_session_scopes: Vec<String>,
    /// Days in which who asked for the deletion of their account may still keep it.
    #[config(env = "GUILDHALL_ACCOUNTS_DELETION_DELAY", default = 14)]
    pub deletion_delay: u32,
    /// Whether the names of deleted accounts may be taken by others.
    #[config(env = "GUILDHALL_ACCOUNTS_FREE_NAMES", default = true)]
    pub free_names: bool,
}

/// Limits of an application, unless staff gave it others; 0 turns one off.
#[derive(Debug, Clone, Serialize, Config)]
pub struct ApplicationsSettings {
    /// Requests a second with all its tokens together.
    #[config(env = "GUILDHALL_APPLICATIONS_PER_SECOND", default = 100)]
    pub per_second: u32,
    /// The same, a day (UTC).
    #[config(env = "GUILDHALL_APPLICATIONS_PER_DAY", default = 1_000_000)]
    pub per_day: u32,
    /// Requests a second in one user's name.
    #[config(env = "GUILDHALL_APPLICATIONS_USER_PER_SECOND", default = 20)]
    pub user_per_second: u32,
    /// The same, a day (UTC).
    #[config(env = "GUILDHALL_APPLICATIONS_USER_PER_DAY", default = 100_000)]
    pub user_per_day: u32,
}

/// Requests to other servers, where somebody else may have said where they go.
#[derive(Debug, Clone, Serialize, Config)]
pub struct OutgoingSettings {
    /// Private networks that may be asked, such as ["127.0.0.0/8"] in development; by environment, joined by commas.
    #[config(env = "GUILDHALL_OUTGOING_ALLOW", default = [], parse_env = confique::env::parse::list_by_comma)]
    pub allow: Vec<IpNet>,
}

/// The gateway.
#[derive(Debug, Clone, Serialize, Config)]
pub struct GatewaySettings {
    /// Seconds between two heartbeats of a client.
    #[config(
        env = "GUILDHALL_GATEWAY_HEARTBEAT_SECONDS",
        default = 41,
        validate(*heartbeat_seconds > 0, "must be at least 1")
    )]
    pub heartbeat_seconds: u32,
    /// Seconds after the loss of its socket during which a session can be resumed.
    #[config(env = "GUILDHALL_GATEWAY_SESSION_SECONDS", default = 300)]
    pub session_seconds: u32,
    /// Bytes that may wait for a slow reader before it is cut off.
    #[config(env = "GUILDHALL_GATEWAY_QUEUE_BYTES", default = 1_048_576)]
    pub queue_bytes: usize,
    /// WebSockets that one address may hold open. 0 turns the limit off.
    #[config(env = "GUILDHALL_GATEWAY_CONNECTIONS_PER_ADDRESS", default = 1000)]
    pub connections_per_address: u32,
    /// Identifies that one account may do per day; resuming is free.
    #[config(env = "GUILDHALL_GATEWAY_IDENTIFIES_PER_DAY", default = 1000)]
    pub identifies_per_day: u32,
    /// Shards of one bot that may identify within the same 5 seconds.
    #[config(
        env = "GUILDHALL_GATEWAY_MAX_CONCURRENCY",
        default = 16,
        validate(*max_concurrency > 0, "must be at least 1")
    )]
    pub max_concurrency: u32,
}

/// The event log.
#[derive(Debug, Clone, Serialize, Config)]
pub struct EventsSettings {
    /// Hours that events are kept; clients that were away for longer start a new session.
    #[config(
        env = "GUILDHALL_EVENTS_KEEP_HOURS",
        default = 24,
        validate(*keep_hours > 0, "must be at least 1")
    )]
    pub keep_hours: u32,
}

/// Durable jobs.
#[derive(Debug, Clone, Serialize, Config)]
pub struct JobsSettings {
    /// Programs that may ask for jobs under /v2/jobs: a section [jobs.clients.NAME] each, with the hash of its secret
    /// as `secret`; `guildhall jobs secret` makes both. While a secret is being replaced: a list of two.
    #[config(env = "GUILDHALL_JOBS_CLIENTS", default = {}, parse_env = load::table)]
    pub clients: BTreeMap<String, Client>,
    /// A process that has not said for so many seconds that it lives has lost its jobs to others.
    #[config(
        env = "GUILDHALL_JOBS_LEASE_SECONDS",
        default = 6,
        validate(*lease_seconds > 0, "a lease lasts at least one second")
    )]
    pub lease_seconds: u32,
}

/// Backups of guilds.
#[derive(Debug, Clone, Serialize, Config)]
pub struct BackupsSettings {
    /// Messages that one backup may have.
    #[config(env = "GUILDHALL_BACKUPS_MESSAGES", default = 500)]
    pub messages: u32,
    /// Messages of each channel, where nothing else is asked for.
    #[config(env = "GUILDHALL_BACKUPS_PER_CHANNEL", default = 100)]
    pub per_channel: u32,
    /// The fewest messages of each channel that may be asked for.
    #[config(env = "GUILDHALL_BACKUPS_LEAST_PER_CHANNEL", default = 50)]
    pub least_per_channel: u32,
    /// Bytes of an attachment; larger ones are left out.
    #[config(env = "GUILDHALL_BACKUPS_ATTACHMENT_BYTES", default = 8_000_000)]
    pub attachment_bytes: u64,
    /// Bytes of all attachments of one backup; further ones are left out.
    #[config(env = "GUILDHALL_BACKUPS_ATTACHMENTS_BYTES", default = 50_000_000)]
    pub attachments_bytes: u64,
}

/// Tools of those who manage guilds.
#[derive(Debug, Clone, Serialize, Config)]
pub struct ToolsSettings {
    /// Messages that one job may delete; also how many it deletes where nothing else is asked for.
    #[config(env = "GUILDHALL_TOOLS_PRUNE_MESSAGES", default = 1000)]
    pub prune_messages: u32,
    /// The fewest messages of each channel that may be asked for.
    #[config(env = "GUILDHALL_TOOLS_PRUNE_LEAST_PER_CHANNEL", default = 10)]
    pub prune_least_per_channel: u32,
}

/// Listings of bots and guilds.
#[derive(Debug, Clone, Serialize, Config)]
pub struct DirectorySettings {
    /// Whether staff look at guilds, as at bots, before they are in lists.
    #[config(env = "GUILDHALL_DIRECTORY_REVIEW_GUILDS", default = false)]
    pub review_guilds: bool,
    /// Other lists from which people bring their listings: by name their `shape` (`topgg`, `fates_list`), `address` and,
    /// where they want one, `token`.
    #[config(env = "GUILDHALL_DIRECTORY_SOURCES", default = {}, parse_env = load::table)]
    pub sources: guildhall_directory::import::Sources,
    /// Hours until somebody may vote again.
    #[config(
        env = "GUILDHALL_DIRECTORY_VOTE_HOURS",
        default = 8,
        validate(*vote_hours > 0, "must be at least 1")
    )]
    pub vote_hours: u32,
    /// For what they may not vote until then: "kind": for any bot, or for any guild; "listing": for the same listing.
    #[config(env = "GUILDHALL_DIRECTORY_VOTE_WINDOW", default = "kind")]
    pub vote_window: VoteWindow,
    /// Whether who votes must have confirmed their mail address, where this server sends mails.
    #[config(env = "GUILDHALL_DIRECTORY_VOTE_VERIFIED_MAIL", default = true)]
    pub vote_verified_mail: bool,
    /// Hours that the account of who votes must be old.
    #[config(env = "GUILDHALL_DIRECTORY_VOTE_ACCOUNT_HOURS", default = 1)]
    pub vote_account_hours: u32,
}

impl BackupsSettings {
    /// The same, as backups are told it.
    pub(crate) fn allowance(&self) -> Allowance {
        Allowance {
            messages: self.messages,
            per_channel: self.per_channel,
            least_per_channel: self.least_per_channel,
            attachment_bytes: self.attachment_bytes,
            attachments_bytes: self.attachments_bytes,
        }
    }
}

/// How the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object per line.
    Json,
}

/// The server's own log.
#[derive(Debug, Clone, Serialize, Config)]
pub struct LogSettings {
    /// "text" for people or "json" for programs.
    #[config(env = "GUILDHALL_LOG_FORMAT", default = "text")]
    pub format: LogFormat,
    /// What is logged: a level (error, warn, info, debug, trace), or levels by module as in
    /// "info,guildhall_gateway=debug".
    #[config(env = "GUILDHALL_LOG_LEVEL", default = "info")]
    pub level: String,
}

/// Measurements.
#[derive(Debug, Clone, Serialize, Config)]
pub struct MetricsSettings {
    /// Who sends "Authorization: Bearer TOKEN" reads /metrics from anywhere; without a token only this machine may.
    #[config(env = "GUILDHALL_METRICS_TOKEN")]
    pub token: Option<String>,
}

/// The end of the process.
#[derive(Debug, Clone, Serialize, Config)]
pub struct ShutdownSettings {
    /// Seconds that running requests and connected clients have to finish.
    #[config(env = "GUILDHALL_SHUTDOWN_SECONDS", default = 10)]
    pub seconds: u32,
}

impl Settings {
    /// Fills in what follows from other settings.
    fn resolve(mut self) -> Self {
        let sqlite = || format!("sqlite:{}", self.data.join("guildhall.db").display());
        self.database_url.get_or_insert_with(sqlite);
        let public = self.public_url.get_or_insert_with(|| format!("http://{}", self.listen));
        public.truncate(public.trim_end_matches('/').len());
        self
    }

    /// Replaces the port that was asked for by the one that was got; they differ where 0 was asked for.
    pub fn bound_to(&mut self, address: SocketAddr) {
        if self.public_url() == format!("http://{}", self.listen) {
            self.public_url = Some(format!("http://{address}"));
        }
        self.listen = address;
    }

    /// Whether mails are kept for this machine to read, as in development: nothing is sent, and nobody else reaches
    /// the server.
    pub fn keeps_mail(&self) -> bool {
        let authority = self.public_url().split_once("://").map_or("", |(_, rest)| rest);
        self.mail.driver == Driver::Log && mail::is_local(authority)
    }

    /// Where the database is.
    pub fn database_url(&self) -> &str {
        self.database_url.as_deref().unwrap_or_default()
    }

    /// Where clients reach the server; no slash at the end.
    pub fn public_url(&self) -> &str {
        self.public_url.as_deref().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
