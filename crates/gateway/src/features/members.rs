//! Op 8: members of a guild, in chunks.

use std::sync::Arc;

use guildhall_base::{Result, UserId};
use guildhall_chat::GuildRoom;
use guildhall_chat::model::Member;
use serde_json::{Value, json};

use crate::Gateway;
use crate::hub::Spread;
use crate::intents::Intents;
use crate::protocol::{Close, MembersQuery};
use crate::session::Session;

/// Members in one chunk.
const CHUNK: usize = 1000;
/// Members that a query by name or by ids gives at most.
const MOST: usize = 100;
/// Members that are read at once.
const PAGE: i64 = 1000;
/// Longer ones are not repeated.
const NONCE_BYTES: usize = 32;

impl Gateway {
    /// Answers op 8. What the session may not ask is ignored, as Discord does.
    pub(crate) async fn send_members(&self, session: &Session, query: MembersQuery) -> Result<(), Close> {
        let intents = session.record.intents;
        let room = self.world().loaded(query.guild_id);
        let Some(room) = room.filter(|room| room.read().members.contains_key(&session.record.user)) else {
            return Ok(());
        };
        let all = query.user_ids.is_none()
            && query.query.as_deref().unwrap_or_default().is_empty()
            && query.limit == 0;
        if (all && !intents.has_members()) || (query.presences && !intents.contain(Intents::PRESENCES)) {
            return Ok(());
        }
        let (members, missing) =
            self.find_members(&room, &query).await.map_err(|error| Close::fault(&error))?;
        let chunks: Vec<&[Member]> =
            if members.is_empty() { vec![&[]] } else { members.chunks(CHUNK).collect() };
        let nonce = query.nonce.filter(|nonce| nonce.len() <= NONCE_BYTES);
        for (index, chunk) in chunks.iter().enumerate() {
            let mut body = json!({
                "guild_id": room.id, "members": chunk, "chunk_index": index, "chunk_count": chunks.len(),
            });
            let Some(fields) = body.as_object_mut() else { break };
            if !missing.is_empty() && index == 0 {
                fields.insert("not_found".to_owned(), json!(missing));
            }
            if query.presences {
                let users: Vec<_> =
                    chunk.iter().filter_map(|member| member.user.as_ref()).map(|user| user.id).collect();
                fields.insert("presences".to_owned(), Value::Array(self.presences_of(&users, Some(room.id))));
            }
            if let Some(nonce) = &nonce {
                fields.insert("nonce".to_owned(), json!(nonce));
            }
            let mut spread = Spread::of(Arc::from("GUILD_MEMBERS_CHUNK"), body.to_string().into());
            session.tell(&mut spread, usize::MAX);
        }
        Ok(())
    }

    /// The members asked for, and the ids asked for that are no members.
    async fn find_members(
        &self,
        room: &GuildRoom,
        query: &MembersQuery,
    ) -> Result<(Vec<Member>, Vec<UserId>)> {
        if let Some(ids) = &query.user_ids {
            let (mut found, mut missing) = (Vec::new(), Vec::new());
            for id in ids.iter().take(MOST) {
                match self.chat().member(room, *id).await? {
                    Some(member) => found.push(member),
                    None => missing.push(*id),
                }
            }
            return Ok((found, missing));
        }
        let prefix = query.query.as_deref().unwrap_or_default().to_lowercase();
        let most = match (usize::try_from(query.limit), prefix.is_empty()) {
            (Ok(0), true) => usize::MAX,
            (Ok(limit @ 1..=MOST), _) => limit,
            _ => MOST,
        };
        let mut found = Vec::new();
        let mut after = UserId::new(0);
        while found.len() < most {
            let page = self.chat().members_after(room, after, PAGE).await?;
            let Some(last) = page.last().and_then(|member| member.user.as_ref()) else { break };
            after = last.id;
            found.extend(page.into_iter().filter(|member| is_called(member, &prefix)));
        }
        found.truncate(most);
        Ok((found, Vec::new()))
    }
}

fn is_called(member: &Member, prefix: &str) -> bool {
    let user = member.user.as_ref();
    let names = [
        user.map(|user| user.username.as_str()),
        user.and_then(|user| user.global_name.as_deref()),
        member.settings.nick.as_deref(),
    ];
    names.into_iter().flatten().any(|name| name.to_lowercase().starts_with(prefix))
}
