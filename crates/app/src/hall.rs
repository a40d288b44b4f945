//! The features, opened over one database: what the server and the commands have in common.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use guildhall_accounts::life::OwnData;
use guildhall_accounts::{Accounts, Post, Ranks, SessionScopes, check_providers};
use guildhall_backup::Backups;
use guildhall_base::{Clock, Ids};
use guildhall_chat::{Chat, Parts};
use guildhall_directory::Directory;
use guildhall_directory::platform::Here;
use guildhall_gateway::Gateway;
use guildhall_infra::blobs::Blobs;
use guildhall_infra::db::{Db, Migration};
use guildhall_infra::events::{self, EventLog};
use guildhall_infra::fetch::{self, Fetch};
use guildhall_infra::i18n::{Texts, Words};
use guildhall_infra::jobs::{self, Jobs};
use guildhall_infra::mail::Mailer;
use guildhall_infra::seal::Seal;
use guildhall_jobs::{Clients, Desk};
use guildhall_oauth::{Applications, OAuth};
use tokio_util::sync::CancellationToken;

use crate::config::{Registration, Settings};

/// Everything that lives as long as the process. Clones share it.
#[derive(Clone)]
pub struct Hall {
    /// The effective configuration.
    pub settings: Settings,
    /// Where the time comes from.
    pub clock: Clock,
    /// The database, with all migrations applied.
    pub db: Db,
    /// Where ids come from.
    pub ids: Ids,
    /// What has happened.
    pub events: EventLog,
    /// Work that survives.
    pub jobs: Jobs,
    /// What pages and mails are written in.
    pub words: Words,
    /// The way to other servers.
    pub fetch: Fetch,
    /// The way to people's mailboxes.
    pub mailer: Mailer,
    /// Who is who.
    pub accounts: Accounts,
    /// Which applications bots act for.
    pub applications: Applications,
    /// What applications may do in whose name.
    pub oauth: OAuth,
    /// Guilds and what is said in them.
    pub chat: Chat,
    /// Who is told of it.
    pub gateway: Gateway,
    /// Who may ask for work.
    pub desk: Desk,
    /// Backups of guilds.
    pub backups: Backups,
    /// Bots and guilds get found.
    pub directory: Directory,
}

impl Hall {
    /// Makes the data folder, opens the database, applies what is missing of the schema and opens the features.
    /// Their tasks end with `stop`.
    ///
    /// # Errors
    /// If the folder cannot be made, or the database cannot be opened or migrated.
    pub async fn open(settings: Settings, clock: Clock, stop: CancellationToken) -> Result<Self> {
        let data = &settings.data;
        std::fs::create_dir_all(data)
            .with_context(|| format!("cannot make the folder {}", data.display()))?;
        let db = Db::open(settings.database_url()).await.context("cannot open the database")?;
        db.migrate(&migrations()).await.context("cannot bring the database up to date")?;
        // A command may write beside the server: a random node keeps their ids apart.
        let ids = Ids::new(clock.clone(), rand::random_range(0..1024));
        let events = EventLog::open(db.clone(), clock.clone(), stop.clone())
            .await
            .context("cannot open the event log")?;
        let files = format!("file:{}", data.join("blobs").display());
        let blobs = Blobs::open(&files).context("cannot open the place for files")?;
        let seal = Seal::open(&data.join("secrets.key")).context("cannot open the key of secrets")?;
        let jobs = Jobs::new(jobs::Parts {
            db: db.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            log: events.clone(),
            blobs: blobs.clone(),
            seal: seal.clone(),
            timing: jobs::Timing {
                lease: Duration::from_secs(settings.jobs.lease_seconds.into()),
                beat: Duration::from_secs(settings.jobs.lease_seconds.into()) / 6,
                drain: Duration::from_secs(settings.shutdown.seconds.into()),
                ..jobs::Timing::default()
            },
        });
        let words = Words::new(TEXTS).context("cannot read the texts of pages")?;
        let fetch = Fetch::new(fetch_config(&settings)).context("cannot prepare outgoing requests")?;
        let mailer = Mailer::new(&settings.mail, fetch.clone(), clock.clone()).context("cannot send mail")?;
        let post = Post {
            jobs: jobs.clone(),
            mailer: mailer.clone(),
            words: words.clone(),
            site: SITE.to_owned(),
            public_url: settings.public_url().to_owned(),
        };
        // A log that nobody can read but the operator sends nobody a code.
        let post = Some(post).filter(|_| mailer.letters().is_none() || settings.keeps_mail());
        let mut config = accounts_config(&settings, blobs.clone(), seal.clone(), fetch.clone(), post)?;
        config.on_ended = Some(guildhall_oauth::tell_of_ended(jobs.clone()));
        let accounts = Accounts::new(db.clone(), clock.clone(), ids.clone(), events.clone(), config);
        let following = accounts.clone();
        tokio::spawn(async move { stop.run_until_cancelled(following.follow()).await });
        let applications = Applications::new(db.clone(), clock.clone(), ids.clone(), accounts.clone());
        let oauth = OAuth::open(guildhall_oauth::Parts {
            db: db.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            accounts: accounts.clone(),
            applications: applications.clone(),
            seal: seal.clone(),
            fetch: fetch.clone(),
            jobs: jobs.clone(),
            config: oauth_config(&settings),
        });
        let oauth = oauth.await.context("cannot open the authorization server")?;
        let chat = Chat::new(Parts {
            db: db.clone(),
            log: events.clone(),
            blobs: blobs.clone(),
            jobs: jobs.clone(),
            accounts: accounts.clone(),
            applications: applications.clone(),
            seal: seal.clone(),
            fetch: fetch.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            config: chat_config(&settings),
        });
        let gateway = Gateway::new(guildhall_gateway::Parts {
            db: db.clone(),
            log: events.clone(),
            chat: chat.clone(),
            accounts: accounts.clone(),
            applications: applications.clone(),
            clock: clock.clone(),
            config: gateway_config(&settings),
        });
        accounts.register_jobs();
        oauth.register_jobs();
        let clients = Clients::new(&settings.jobs.clients).context("in the configuration")?;
        let desk = Desk::new(guildhall_jobs::Parts {
            jobs: jobs.clone(),
            chat: chat.clone(),
            accounts: accounts.clone(),
            clients,
            public_url: settings.public_url().to_owned(),
        });
        let directory = Directory::new(guildhall_directory::Parts {
            db: db.clone(),
            log: events.clone(),
            blobs: blobs.clone(),
            jobs: jobs.clone(),
            seal: seal.clone(),
            fetch: fetch.clone(),
            accounts: accounts.clone(),
            applications: applications.clone(),
            chat: chat.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            platforms: vec![Arc::new(Here::new(chat.clone(), applications.clone()))],
            config: directory_config(&settings),
        });
        let backups = Backups::new(guildhall_backup::Parts {
            jobs: jobs.clone(),
            chat: chat.clone(),
            accounts: accounts.clone(),
            blobs,
            seal,
            fetch: fetch.clone(),
            inside: crate::inside::open(&accounts, &chat, &oauth, &fetch, settings.public_url()),
            allowance: settings.backups.allowance(),
            features: Vec::new(),
        });
        let hall = Self {
            settings,
            clock,
            db,
            ids,
            events,
            jobs,
            words,
            fetch,
            mailer,
            accounts,
            applications,
            oauth,
            chat,
            gateway,
            desk,
            backups,
            directory,
        };
        crate::jobs::register(&hall)?;
        hall.accounts.offer_life(&hall.jobs, &hall.words, hall.own_data());
        Ok(hall)
    }

    /// The features that keep something of people, in the order in which they forget them.
    pub fn own_data(&self) -> Vec<Arc<dyn OwnData>> {
        vec![
            Arc::new(self.chat.clone()),
            Arc::new(self.gateway.clone()),
            Arc::new(self.oauth.clone()),
            Arc::new(self.desk.clone()),
            Arc::new(self.directory.clone()),
        ]
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// If it does not.
    pub async fn reach_database(&self) -> Result<()> {
        self.events.trimmed_to().await?;
        Ok(())
    }
}

/// What the installation is called.
pub(crate) const SITE: &str = "Guildhall";

/// What the features' pages and mails say.
const TEXTS: &[Texts] = &[
    guildhall_jobs::TEXTS,
    guildhall_backup::TEXTS,
    guildhall_chat::TEXTS,
    guildhall_chat::SETTINGS_TEXTS,
    guildhall_accounts::TEXTS,
    guildhall_accounts::MAIL_TEXTS,
    guildhall_accounts::SECURITY_TEXTS,
    guildhall_accounts::LIFE_TEXTS,
    guildhall_oauth::TEXTS,
];

/// The tables of all features, in the order in which they refer to one another.
pub fn migrations() -> Vec<Migration> {
    [
        events::migrations(),
        jobs::migrations(),
        Accounts::migrations(),
        Applications::migrations(),
        guildhall_chat::migrations(),
        guildhall_gateway::migrations(),
        guildhall_directory::migrations(),
    ]
    .concat()
}

fn accounts_config(
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

fn oauth_config(settings: &Settings) -> guildhall_oauth::Config {
    let limits = &settings.applications;
    guildhall_oauth::Config {
        per_second: limits.per_second,
        per_day: limits.per_day,
        user_per_second: limits.user_per_second,
        user_per_day: limits.user_per_day,
        ..guildhall_oauth::Config::new(settings.public_url())
    }
}

fn fetch_config(settings: &Settings) -> fetch::Config {
    fetch::Config { allow: settings.outgoing.allow.clone(), ..fetch::Config::default() }
}

fn chat_config(settings: &Settings) -> guildhall_chat::Config {
    guildhall_chat::Config {
        public_url: settings.public_url().to_owned(),
        upload_bytes: settings.limits.upload_bytes,
        webhook_messages: settings.limits.webhook_messages,
        ..guildhall_chat::Config::default()
    }
}

fn directory_config(settings: &Settings) -> guildhall_directory::Config {
    guildhall_directory::Config {
        public_url: settings.public_url().to_owned(),
        review_guilds: settings.directory.review_guilds,
    }
}

fn gateway_config(settings: &Settings) -> guildhall_gateway::Config {
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
