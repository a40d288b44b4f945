//! Friends and blocks.

use guildhall_base::{Result, UserId, codes};
use guildhall_infra::db::Batch;
use guildhall_infra::events::NewEvent;

use super::person;
use crate::codes::{BOTS_HAVE_NO_FRIENDS, NO_SUCH_NAME, NOT_YOURSELF};
use crate::model::{Bond, Relationship};
use crate::rules::{self, Pair};
use crate::{Accounts, Actor, Always, events, store};

/// Two who act on each other at the same time make each other try again; more often than this is a fight.
const TRIES: usize = 8;

impl Accounts {
    /// Everybody the actor has something to do with.
    ///
    /// # Errors
    /// `NOT_FOR_BOTS`.
    pub async fn relationships(&self, actor: &Actor) -> Result<Vec<Relationship>> {
        person(actor)?;
        let list = store::bonds::list(&self.0.db, actor.id()).await?;
        let ids: Vec<_> = list.iter().map(|(target, ..)| *target).collect();
        let users = self.users(&ids).await?;
        let entry = |(target, bond, since): (UserId, Bond, _)| {
            let user = users.get(&target)?.clone();
            Some(Relationship { id: target, r#type: bond.number(), nickname: Always, user, since })
        };
        Ok(list.into_iter().filter_map(entry).collect())
    }

    /// A user's friends.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn friends(&self, id: UserId) -> Result<Vec<UserId>> {
        let list = store::bonds::list(&self.0.db, id).await?;
        Ok(list.into_iter().filter(|(_, bond, _)| *bond == Bond::Friend).map(|(user, ..)| user).collect())
    }

    /// Asks somebody to be friends, or agrees.
    ///
    /// # Errors
    /// Friends already, blocked, a bot, oneself, nobody.
    pub async fn befriend(&self, actor: &Actor, target: UserId) -> Result<()> {
        self.bond(actor, target, rules::befriend).await
    }

    /// The same by name.
    ///
    /// # Errors
    /// As [`Accounts::befriend`]; [`NO_SUCH_NAME`].
    pub async fn befriend_by_name(&self, actor: &Actor, name: &str) -> Result<()> {
        person(actor)?;
        let target = self.user_by_name(name).await?.ok_or(NO_SUCH_NAME)?;
        self.befriend(actor, target.id).await
    }

    /// Blocks somebody; what else there was between the two ends.
    ///
    /// # Errors
    /// Oneself, nobody.
    pub async fn block(&self, actor: &Actor, target: UserId) -> Result<()> {
        self.bond(actor, target, |pair| Ok(rules::block(pair))).await
    }

    /// Ends a friendship, a request or a block; nothing happens if there is none.
    ///
    /// # Errors
    /// Oneself, nobody.
    pub async fn part(&self, actor: &Actor, target: UserId) -> Result<()> {
        self.bond(actor, target, |pair| Ok(rules::part(pair))).await
    }

    async fn bond(&self, actor: &Actor, target: UserId, rule: impl Fn(Pair) -> Result<Pair>) -> Result<()> {
        person(actor)?;
        let me = actor.id();
        if me == target {
            return Err(NOT_YOURSELF.into());
        }
        let other = self.user(target).await?;
        for _ in 0..TRIES {
            let before = store::bonds::between(&self.0.db, me, target).await?;
            let after = rule(before)?;
            if other.bot && matches!(after.0, Some(Bond::Outgoing | Bond::Friend)) {
                return Err(BOTS_HAVE_NO_FRIENDS.into());
            }
            if after == before {
                return Ok(());
            }
            match self.write_bond(actor, target, before, after).await {
                Err(error) if error.is(codes::CONFLICT) => {}
                other => return other,
            }
        }
        Err(codes::CONFLICT.into())
    }

    async fn write_bond(&self, actor: &Actor, target: UserId, before: Pair, after: Pair) -> Result<()> {
        let me = actor.id();
        let now = self.0.clock.now();
        let mut sides = [((me, target), before.0, after.0), ((target, me), before.1, after.1)];
        // Always the smaller id first, so that two who act on each other do not wait for each other's rows.
        sides.sort_by_key(|(side, ..)| *side);
        let mut batch = Batch::new();
        let mut news: Vec<NewEvent> = Vec::new();
        for ((who, whom), was, is) in sides {
            if was == is {
                continue;
            }
            store::bonds::turn(&mut batch, (who, whom), was, is, now);
            let user = self.user(whom).await?;
            match (was, is) {
                (_, Some(is)) => {
                    let entry =
                        Relationship { id: whom, r#type: is.number(), nickname: Always, user, since: now };
                    news.push(events::relationship_add(who, &entry, me)?);
                }
                (Some(was), None) => news.push(events::relationship_remove(who, &user, was, me)?),
                (None, None) => {}
            }
        }
        self.0.events.commit_leaf(batch, &news).await?;
        Ok(())
    }
}
