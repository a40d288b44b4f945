//! Reading what [`super::audit`] wrote down.

use std::sync::Arc;

use guildhall_accounts::{Actor, User};
use guildhall_base::{Error, Form, GuildId, Permissions, Result, UserId};
use serde::Serialize;
use serde_json::Value;

use crate::Chat;
use crate::model::Webhook;
use crate::store::{self, audit::Filter};

/// A page of the audit log, with what its entries name. Libraries want every list, be it empty.
#[derive(Serialize)]
pub(crate) struct AuditLog {
    audit_log_entries: Vec<Value>,
    users: Vec<Arc<User>>,
    application_commands: [u8; 0],
    auto_moderation_rules: [u8; 0],
    guild_scheduled_events: [u8; 0],
    integrations: [u8; 0],
    threads: [u8; 0],
    webhooks: Vec<Webhook>,
}

impl Chat {
    /// A page of a guild's audit log, newest first; oldest first where the filter says after which entry.
    pub(crate) async fn audit_log(
        &self,
        actor: &Actor,
        guild: GuildId,
        filter: Filter,
        limit: Option<i64>,
    ) -> Result<AuditLog> {
        self.guild(actor, guild).await?.require(Permissions::VIEW_AUDIT_LOG)?;
        let limit = limit.unwrap_or(50);
        let mut form = Form::new();
        form.range("limit", limit, 1..=100);
        form.finish()?;
        let entries = store::audit::page(self.db(), guild, filter, limit).await?;
        // Targets of other kinds are no users and not found.
        let targets = entries.iter().filter_map(|entry| entry.target);
        let mut named: Vec<UserId> = targets.map(guildhall_base::AnyId::cast).collect();
        named.extend(entries.iter().map(|entry| entry.user));
        named.sort_unstable();
        named.dedup();
        let users = self.parts.accounts.users(&named).await?;
        let about_webhooks = entries.iter().any(|entry| (50..=52).contains(&entry.action));
        let webhooks = if about_webhooks { self.webhooks_of_log(guild, &named).await? } else { Vec::new() };
        let body = |body: &str| serde_json::from_str(body).map_err(Error::internal);
        Ok(AuditLog {
            audit_log_entries: entries.iter().map(|entry| body(&entry.body)).collect::<Result<_>>()?,
            users: named.iter().filter_map(|id| users.get(id).cloned()).collect(),
            application_commands: [],
            auto_moderation_rules: [],
            guild_scheduled_events: [],
            integrations: [],
            threads: [],
            webhooks,
        })
    }
}
