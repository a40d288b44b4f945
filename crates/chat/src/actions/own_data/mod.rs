//! What the chat keeps of people. What somebody wrote stays when they go, by a "Deleted User"; so do the conversations
//! of others with them.

mod copy;

use guildhall_accounts::life::{Archive, Hindrance, Later, OwnData, UserColumn};
use guildhall_base::{MessageId, Result, UserId, codes as base_codes};
use guildhall_infra::events::{Audience, NewEvent};
use guildhall_infra::jobs::{Ctx, Effects, Outcome, Stop};
use serde_json::{Value, json};

use super::Change;
use super::messages::emoji_body;
use crate::model::ChannelType;
use crate::{Chat, codes, store};

/// Rows that are read, or removed and told of, together.
const PAGE: i64 = 200;

const WRITTEN: &str = "what was written stays, by Deleted User";
const OTHERS: &str = "a conversation is the others' too";
const GUILDS: &str = "it is the guild's, and says a number behind which nobody is";

const COLUMNS: &[UserColumn] = &[
    UserColumn::gone("guilds", "owner_id"),
    UserColumn::gone("members", "user_id"),
    UserColumn::gone("member_roles", "user_id"),
    UserColumn::gone("message_nonces", "author_id"),
    UserColumn::gone("reactions", "user_id"),
    UserColumn::gone("invites", "inviter_id"),
    UserColumn::gone("interactions", "user_id"),
    UserColumn::gone("private_messages", "user_id"),
    UserColumn::gone("private_messages", "author_id"),
    UserColumn::gone("read_states", "user_id"),
    UserColumn::gone("mentions", "target_id"),
    UserColumn::gone("departed_members", "user_id"),
    UserColumn::nameless("departed_members", "by_user_id", GUILDS),
    UserColumn::nameless("guild_memories", "user_id", GUILDS),
    UserColumn::nameless("messages", "author_id", WRITTEN),
    UserColumn::nameless("recipients", "user_id", OTHERS),
    UserColumn::nameless("direct_pairs", "low_user_id", OTHERS),
    UserColumn::nameless("direct_pairs", "high_user_id", OTHERS),
    UserColumn::nameless("overwrites", "target_id", GUILDS),
    UserColumn::nameless("bans", "user_id", GUILDS),
    UserColumn::nameless("audit_entries", "user_id", GUILDS),
    UserColumn::nameless("audit_entries", "target_id", GUILDS),
    UserColumn::nameless("webhooks", "creator_id", GUILDS),
    UserColumn::nameless("emojis", "creator_id", GUILDS),
    UserColumn::nameless("stickers", "creator_id", GUILDS),
];

impl OwnData for Chat {
    fn name(&self) -> &'static str {
        "chat"
    }

    fn columns(&self) -> &'static [UserColumn] {
        COLUMNS
    }

    fn export<'a>(&'a self, user: UserId, archive: &'a mut Archive) -> Later<'a, Result<()>> {
        Box::pin(async move {
            self.export_places(user, archive).await?;
            self.export_written(user, archive).await?;
            self.export_marks(user, archive).await?;
            self.export_made(user, archive).await
        })
    }

    fn hindrances(&self, user: UserId) -> Later<'_, Result<Vec<Hindrance>>> {
        Box::pin(async move {
            let owned = store::own_data::owned(self.db(), user).await?;
            let hindrance = |(id, settings): (guildhall_base::GuildId, String)| Hindrance {
                kind: "guild",
                id: id.to_string(),
                name: name_in(&settings),
            };
            Ok(owned.into_iter().map(hindrance).collect())
        })
    }

    fn forget<'a>(&'a self, _ctx: &'a Ctx, user: UserId, effects: Effects) -> Later<'a, Outcome> {
        Box::pin(async move {
            if !store::own_data::owned(self.db(), user).await?.is_empty() {
                // Somebody handed them a guild in the very moment in which they went.
                return Err(Stop::from(base_codes::CONFLICT.because("They own a guild.")));
            }
            self.leave_everything(user).await?;
            self.take_reactions_back(user).await?;
            self.take_invites_back(user).await?;
            effects.batch(|batch| {
                store::own_data::forget(batch, user);
                store::own_data::forget_application(batch, user.cast());
            });
            Ok(())
        })
    }
}

/// The name in a guild's settings.
fn name_in(settings: &str) -> String {
    let settings: Value = serde_json::from_str(settings).unwrap_or_default();
    settings.get("name").and_then(Value::as_str).unwrap_or_default().to_owned()
}

impl Chat {
    /// Leaves every guild and every group.
    async fn leave_everything(&self, id: UserId) -> Result<()> {
        let user = self.parts.accounts.user(id).await?;
        for guild in store::snapshots::guild_ids(self.db(), id).await?.0 {
            match self.dismiss(guild, &user, store::departed::Departure::Left, None).await {
                // An earlier try got so far, or the guild went.
                Err(error) if error.is(codes::UNKNOWN_MEMBER) || error.is(codes::UNKNOWN_GUILD) => {}
                other => other?,
            }
        }
        for channel in store::own_data::conversations(self.db(), id).await? {
            let (channel, users) = store::direct::get(self.db(), channel).await?;
            if channel.kind == ChannelType::GroupDirect {
                match self.leave_group(channel, users, &user).await {
                    Err(error) if error.is(codes::UNKNOWN_CHANNEL) => {}
                    other => other?,
                }
            }
        }
        Ok(())
    }

    /// Takes back somebody's reactions, so that everybody who looks sees it.
    async fn take_reactions_back(&self, user: UserId) -> Result<()> {
        loop {
            let page = store::own_data::reactions(self.db(), user, (MessageId::new(0), ""), PAGE).await?;
            if page.is_empty() {
                return Ok(());
            }
            let mut change = Change::new();
            for (message, emoji, _, channel, guild) in page {
                store::reactions::remove(&mut change.batch, message, &emoji, user);
                let audience = match guild {
                    Some(guild) => Audience::Channel(guild, channel),
                    None => Audience::Users(store::direct::get(self.db(), channel).await?.1),
                };
                let mut body = json!({
                    "channel_id": channel, "message_id": message, "user_id": user, "emoji": emoji_body(&emoji),
                    "burst": false, "type": 0,
                });
                if let (Some(guild), Some(body)) = (guild, body.as_object_mut()) {
                    body.insert("guild_id".to_owned(), json!(guild));
                }
                change.push(NewEvent::new("MESSAGE_REACTION_REMOVE", audience, &body)?.by(user));
            }
            self.commit_leaf(change).await?;
        }
    }

    async fn take_invites_back(&self, user: UserId) -> Result<()> {
        let mut change = Change::new();
        for (code, guild, channel, _) in store::own_data::invites(self.db(), user).await? {
            store::own_data::remove_invite(&mut change.batch, &code);
            let body = json!({ "code": code, "guild_id": guild, "channel_id": channel });
            change.emit("INVITE_DELETE", super::invites::audience(guild), &body)?;
        }
        if change.is_silent() { Ok(()) } else { self.commit(change).await.map(drop) }
    }
}
