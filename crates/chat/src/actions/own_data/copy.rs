//! The copy of what the chat keeps of somebody.

use guildhall_accounts::life::Archive;
use guildhall_base::{AnyId, MessageId, Result, UserId};
use serde_json::{Value, json};

use super::{PAGE, name_in};
use crate::{Chat, store};

impl Chat {
    pub(super) async fn export_places(&self, user: UserId, archive: &mut Archive) -> Result<()> {
        let owned = store::own_data::owned(self.db(), user).await?;
        let roles = store::own_data::roles(self.db(), user).await?;
        archive.list("guilds.json").await?;
        for membership in store::own_data::memberships(self.db(), user).await? {
            let (guild, settings, joined_at, timed_out_until, member) = membership;
            let member: Value = serde_json::from_str(&member).unwrap_or_default();
            let roles = roles.iter().filter(|(of, ..)| *of == guild);
            let roles = roles.map(|(_, id, settings)| json!({ "id": id, "name": name_in(settings) }));
            let entry = json!({
                "id": guild, "name": name_in(&settings), "owner": owned.iter().any(|(id, _)| *id == guild),
                "joined_at": joined_at, "timed_out_until": timed_out_until, "roles": roles.collect::<Vec<_>>(),
                "member": member,
            });
            archive.item(&entry).await?;
        }
        archive.end_list().await?;
        self.export_departures(user, archive).await?;
        archive.list("conversations.json").await?;
        for channel in store::own_data::conversations(self.db(), user).await? {
            let (channel, users) = store::direct::get(self.db(), channel).await?;
            let others = self.parts.accounts.users(&users).await?;
            let with: Vec<_> = users
                .iter()
                .filter(|other| **other != user)
                .map(|other| json!({ "id": other, "name": others.get(other).map(|other| &other.username) }))
                .collect();
            let kind = channel.kind.number();
            let entry =
                json!({ "id": channel.id, "type": kind, "name": channel.settings.name, "with": with });
            archive.item(&entry).await?;
        }
        archive.end_list().await
    }

    pub(super) async fn export_written(&self, user: UserId, archive: &mut Archive) -> Result<()> {
        archive.list("messages.json").await?;
        let mut after = MessageId::new(0);
        loop {
            let page = store::own_data::written(self.db(), user, after, PAGE).await?;
            for (id, channel, guild, content, edited_at, body) in &page {
                let more: Value = serde_json::from_str(body).unwrap_or_default();
                let entry = json!({
                    "id": id, "timestamp": id.created_at(), "channel_id": channel, "guild_id": guild,
                    "content": content, "edited_timestamp": edited_at, "more": more,
                });
                archive.item(&entry).await?;
            }
            match page.last() {
                Some((last, ..)) if page.len() as i64 == PAGE => after = *last,
                _ => return archive.end_list().await,
            }
        }
    }

    pub(super) async fn export_marks(&self, user: UserId, archive: &mut Archive) -> Result<()> {
        archive.list("reactions.json").await?;
        let mut after = (MessageId::new(0), String::new());
        loop {
            let page = store::own_data::reactions(self.db(), user, (after.0, &after.1), PAGE).await?;
            for (message, emoji, at, channel, _) in &page {
                let entry = json!({ "message_id": message, "channel_id": channel, "emoji": emoji, "at": at });
                archive.item(&entry).await?;
            }
            match page.into_iter().last() {
                Some((message, emoji, ..)) => after = (message, emoji),
                None => break,
            }
        }
        archive.end_list().await?;
        archive.list("invites.json").await?;
        for (code, guild, channel, at) in store::own_data::invites(self.db(), user).await? {
            let entry = json!({ "code": code, "guild_id": guild, "channel_id": channel, "created_at": at });
            archive.item(&entry).await?;
        }
        archive.end_list().await?;
        archive.list("read.json").await?;
        for (channel, message) in store::reads::of(self.db(), user).await? {
            archive.item(&json!({ "channel_id": channel, "last_message_id": message })).await?;
        }
        archive.end_list().await
    }

    /// What guilds remember of them that they are not in: what they left there, and that they may not come back.
    async fn export_departures(&self, user: UserId, archive: &mut Archive) -> Result<()> {
        archive.list("left_guilds.json").await?;
        for (guild, settings, roles, nick, left_at, keep_until) in
            store::own_data::departures(self.db(), user).await?
        {
            let roles: Vec<_> = roles.split(',').filter(|id| !id.is_empty()).collect();
            let entry = json!({
                "id": guild, "name": name_in(&settings), "roles": roles, "nick": nick, "left_at": left_at,
                "kept_until": keep_until,
            });
            archive.item(&entry).await?;
        }
        archive.end_list().await?;
        archive.list("bans.json").await?;
        for (guild, settings, reason) in store::own_data::bans(self.db(), user).await? {
            archive.item(&json!({ "guild_id": guild, "name": name_in(&settings), "reason": reason })).await?;
        }
        archive.end_list().await
    }

    /// What they made in guilds, and what guilds' audit logs say that they did.
    pub(super) async fn export_made(&self, user: UserId, archive: &mut Archive) -> Result<()> {
        let db = self.db();
        archive.list("webhooks.json").await?;
        for (id, guild, channel, name) in store::own_data::webhooks(db, user).await? {
            archive
                .item(&json!({ "id": id, "guild_id": guild, "channel_id": channel, "name": name }))
                .await?;
        }
        archive.end_list().await?;
        archive.list("emojis.json").await?;
        for (id, guild, application, name) in store::own_data::emojis(db, user).await? {
            let entry = json!({ "id": id, "guild_id": guild, "application_id": application, "name": name });
            archive.item(&entry).await?;
        }
        archive.end_list().await?;
        archive.list("stickers.json").await?;
        for (id, guild, settings) in store::own_data::stickers(db, user).await? {
            archive.item(&json!({ "id": id, "guild_id": guild, "name": name_in(&settings) })).await?;
        }
        archive.end_list().await?;
        archive.list("audit_log.json").await?;
        let mut after = AnyId::new(0);
        loop {
            let page = store::own_data::deeds(db, user, after, PAGE).await?;
            for (id, guild, target, action, body) in &page {
                let more: Value = serde_json::from_str(body).unwrap_or_default();
                let entry = json!({
                    "id": id, "at": id.created_at(), "guild_id": guild, "target_id": target, "action_type": action,
                    "more": more,
                });
                archive.item(&entry).await?;
            }
            match page.last() {
                Some((last, ..)) if page.len() as i64 == PAGE => after = *last,
                _ => return archive.end_list().await,
            }
        }
    }
}
