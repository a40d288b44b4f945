//! Tells an application of an interaction.

use std::time::Duration;

use guildhall_accounts::{Actor, User};
use guildhall_base::{Error, InteractionId, Permissions, Result, UserId};
use guildhall_infra::events::{Audience, NewEvent};
use guildhall_oauth::Application;
use serde_json::{Map, Value, json};

use super::resolve::{MemberHere, partial_channel};
use super::token::{hash, new_token};
use super::{Act, NewInteraction};
use crate::access::{ChannelAccess, Place};
use crate::actions::Change;
use crate::store;
use crate::store::interactions::{InteractionBody, State, StoredInteraction};
use crate::{Chat, codes};

/// How long the token of an interaction holds.
const TOKEN_LIFE: Duration = Duration::from_secs(15 * 60);

impl Chat {
    /// Stores an interaction and its event, which only the application's bot receives.
    pub(super) async fn deliver(
        &self,
        actor: &Actor,
        access: &ChannelAccess,
        application: &Application,
        new: NewInteraction,
        act: Act,
    ) -> Result<()> {
        let id: InteractionId = self.parts.ids.next();
        let token = new_token(id, &mut rand::rng());
        let mut metadata = Map::from_iter([
            ("id".to_owned(), json!(id)),
            ("type".to_owned(), json!(new.kind)),
            ("user".to_owned(), json!(*actor.user)),
            ("authorizing_integration_owners".to_owned(), owners(access)),
        ]);
        metadata.extend(act.metadata);
        let interaction = StoredInteraction {
            id,
            application: application.id,
            user: access.user,
            channel: access.id,
            kind: new.kind,
            state: State::Waiting,
            answer_by: access.at.after(self.parts.config.interaction_answer),
            expires_at: access.at.after(TOKEN_LIFE),
            original: None,
            body: InteractionBody {
                nonce: new.nonce,
                metadata: metadata.into(),
                source: act.message.as_ref().map(|message| message.id),
                message_kind: act.message_kind,
                focused: act.focused,
                modal: None,
            },
        };
        let mut body = place(access, &actor.user, application.bot())?;
        body.extend([
            ("id".to_owned(), json!(id)),
            ("application_id".to_owned(), json!(application.id)),
            ("type".to_owned(), json!(new.kind)),
            ("token".to_owned(), token.as_str().into()),
            ("version".to_owned(), json!(1)),
            ("data".to_owned(), act.data.into()),
            ("locale".to_owned(), self.parts.accounts.settings(access.user).await?.locale.into()),
            ("authorizing_integration_owners".to_owned(), owners(access)),
            ("attachment_size_limit".to_owned(), json!(self.parts.config.upload_bytes)),
        ]);
        if let Some(message) = &act.message {
            body.insert("message".to_owned(), serde_json::to_value(message).map_err(Error::internal)?);
        }
        let mut change = Change::new();
        store::interactions::insert(&mut change.batch, &interaction, hash(&token))?;
        if application.interactions_endpoint_url.is_some() {
            self.commit_leaf(change).await?;
            // If the process dies meanwhile, the interaction is overdue in three seconds and fails.
            let (chat, application, body) = (self.clone(), application.clone(), Value::Object(body));
            tokio::spawn(async move { chat.post_interaction(&application, id, &token, &body).await });
            return Ok(());
        }
        let audience = Audience::Users(vec![application.bot()]);
        change.push(NewEvent::new("INTERACTION_CREATE", audience, &body)?.by(access.user));
        self.commit_leaf(change).await?;
        Ok(())
    }
}

/// By whose leave the application is where it is: the guild's, or in direct messages its user's.
fn owners(access: &ChannelAccess) -> Value {
    json!({ "0": access.guild_id().map_or("0".to_owned(), |guild| guild.to_string()) })
}

/// What an interaction says about where it happens and who does it.
fn place(access: &ChannelAccess, user: &User, bot: UserId) -> Result<Map<String, Value>> {
    let fields = match &access.place {
        Place::Guild(guild) => {
            let state = guild.room.read();
            let member = state.members.get(&access.user).ok_or(codes::UNKNOWN_CHANNEL)?;
            let member =
                MemberHere { member: member.clone().with_user(user), permissions: access.permissions };
            let channel = state.channels.get(&access.id).ok_or(codes::UNKNOWN_CHANNEL)?;
            let settings = &state.guild.settings;
            json!({
                "entitlements": [],
                "context": 0,
                "channel_id": access.id,
                "guild_id": guild.id(),
                "guild_locale": settings.preferred_locale,
                "guild": {
                    "id": guild.id(), "locale": settings.preferred_locale, "features": settings.features,
                },
                "member": member,
                "channel": partial_channel(channel, access.permissions)?,
                "app_permissions": state.channel_permissions(bot, access.id, access.at),
            })
        }
        Place::Direct(room) => json!({
            "entitlements": [],
            "channel_id": room.id,
            "context": if room.users.len() == 2 { 1 } else { 2 },
            "user": user,
            "channel": { "id": room.id, "type": room.kind, "flags": 0, "last_message_id": null },
            "app_permissions": access.permissions | Permissions::VIEW_CHANNEL,
        }),
    };
    match fields {
        Value::Object(fields) => Ok(fields),
        _ => Ok(Map::new()),
    }
}
