//! Opens each feature over the [`Ground`] and the features below it.

use std::sync::Arc;

use anyhow::{Context, Result};
use guildhall_accounts::{Accounts, Post};
use guildhall_backup::Backups;
use guildhall_chat::Chat;
use guildhall_directory::Directory;
use guildhall_directory::platform::Here;
use guildhall_gateway::Gateway;
use guildhall_infra::fetch::Fetch;
use guildhall_infra::i18n::Words;
use guildhall_infra::mail::Mailer;
use guildhall_jobs::{Clients, Desk};
use guildhall_oauth::{Applications, OAuth};

use super::SITE;
use super::config::{accounts_config, chat_config, directory_config, gateway_config, oauth_config};
use super::ground::Ground;
use crate::config::Settings;

impl Ground {
    /// Who is who.
    pub(super) fn accounts(
        &self,
        settings: &Settings,
        fetch: &Fetch,
        mailer: &Mailer,
        words: &Words,
    ) -> Result<Accounts> {
        let post = Post {
            jobs: self.jobs.clone(),
            mailer: mailer.clone(),
            words: words.clone(),
            site: SITE.to_owned(),
            public_url: settings.public_url().to_owned(),
        };
        // A log that nobody can read but the operator sends nobody a code.
        let post = Some(post).filter(|_| mailer.letters().is_none() || settings.keeps_mail());
        let mut config =
            accounts_config(settings, self.blobs.clone(), self.seal.clone(), fetch.clone(), post)?;
        config.on_ended = Some(guildhall_oauth::tell_of_ended(self.jobs.clone()));
        let (db, clock, ids) = (self.db.clone(), self.clock.clone(), self.ids.clone());
        Ok(Accounts::new(db, clock, ids, self.events.clone(), config))
    }

    /// Applications, and what they may do in whose name.
    pub(super) async fn oauth(
        &self,
        settings: &Settings,
        accounts: &Accounts,
        fetch: &Fetch,
    ) -> Result<(Applications, OAuth)> {
        let (db, clock, ids) = (self.db.clone(), self.clock.clone(), self.ids.clone());
        let applications = Applications::new(db.clone(), clock.clone(), ids.clone(), accounts.clone());
        let oauth = OAuth::open(guildhall_oauth::Parts {
            db,
            clock,
            ids,
            accounts: accounts.clone(),
            applications: applications.clone(),
            seal: self.seal.clone(),
            fetch: fetch.clone(),
            jobs: self.jobs.clone(),
            config: oauth_config(settings),
        });
        Ok((applications, oauth.await.context("cannot open the authorization server")?))
    }

    /// Guilds and what is said in them.
    pub(super) fn chat(
        &self,
        settings: &Settings,
        accounts: &Accounts,
        applications: &Applications,
        fetch: &Fetch,
    ) -> Chat {
        Chat::new(guildhall_chat::Parts {
            db: self.db.clone(),
            log: self.events.clone(),
            blobs: self.blobs.clone(),
            jobs: self.jobs.clone(),
            accounts: accounts.clone(),
            applications: applications.clone(),
            seal: self.seal.clone(),
            fetch: fetch.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            config: chat_config(settings),
        })
    }

    /// Who is told of it.
    pub(super) fn gateway(
        &self,
        settings: &Settings,
        chat: &Chat,
        accounts: &Accounts,
        applications: &Applications,
    ) -> Gateway {
        Gateway::new(guildhall_gateway::Parts {
            db: self.db.clone(),
            log: self.events.clone(),
            chat: chat.clone(),
            accounts: accounts.clone(),
            applications: applications.clone(),
            clock: self.clock.clone(),
            config: gateway_config(settings),
        })
    }

    /// Who may ask for work.
    pub(super) fn desk(
        &self,
        settings: &Settings,
        chat: &Chat,
        accounts: &Accounts,
        words: &Words,
    ) -> Result<Desk> {
        let clients = Clients::new(&settings.jobs.clients).context("in the configuration")?;
        Ok(Desk::new(guildhall_jobs::Parts {
            jobs: self.jobs.clone(),
            chat: chat.clone(),
            accounts: accounts.clone(),
            clients,
            words: words.clone(),
            public_url: settings.public_url().to_owned(),
        }))
    }

    /// Where bots and guilds get found.
    pub(super) fn directory(
        &self,
        settings: &Settings,
        chat: &Chat,
        oauth: &OAuth,
        fetch: &Fetch,
    ) -> Directory {
        let applications = oauth.applications();
        Directory::new(guildhall_directory::Parts {
            db: self.db.clone(),
            log: self.events.clone(),
            blobs: self.blobs.clone(),
            jobs: self.jobs.clone(),
            seal: self.seal.clone(),
            fetch: fetch.clone(),
            accounts: oauth.accounts().clone(),
            applications: applications.clone(),
            chat: chat.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            platforms: vec![Arc::new(Here::new(chat.clone(), applications.clone()))],
            config: directory_config(settings),
        })
    }

    /// Backups of guilds.
    pub(super) fn backups(&self, settings: &Settings, chat: &Chat, oauth: &OAuth, fetch: &Fetch) -> Backups {
        let accounts = oauth.accounts();
        Backups::new(guildhall_backup::Parts {
            jobs: self.jobs.clone(),
            chat: chat.clone(),
            accounts: accounts.clone(),
            blobs: self.blobs.clone(),
            seal: self.seal.clone(),
            fetch: fetch.clone(),
            inside: crate::inside::open(accounts, chat, oauth, fetch, settings.public_url()),
            allowance: settings.backups.allowance(),
            features: Vec::new(),
        })
    }
}
