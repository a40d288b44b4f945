//! Who voted, for the listing that they voted for.

use std::collections::HashMap;
use std::sync::Arc;

use guildhall_accounts::User;
use guildhall_base::{Result, UserId};

use crate::access::Caller;
use crate::model::{ListingId, ListingRights, VoteId};
use crate::rules::topgg::Order;
use crate::{Directory, store};

impl Directory {
    /// Who voted for a listing, the latest first; those who keep it to themselves and those who have gone are left out.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`, `UNKNOWN_LISTING`, `MISSING_LISTING_RIGHT`.
    pub async fn voters(
        &self,
        caller: &Caller,
        id: ListingId,
        before: VoteId,
        limit: u32,
    ) -> Result<Vec<(VoteId, Arc<User>)>> {
        caller.require()?;
        self.listing_for(caller, id).await?.require(ListingRights::POST)?;
        let votes = store::votes::page(&self.0.db, id, before, limit.min(1000)).await?;
        let users = self.named_voters(&votes).await?;
        Ok(votes.into_iter().filter_map(|(id, user)| Some((id, users.get(&user)?.clone()))).collect())
    }

    /// Votes for a listing after one of them, the earliest first, and where to go on.
    ///
    /// # Errors
    /// As [`Directory::voters`].
    pub async fn votes_after(
        &self,
        caller: &Caller,
        id: ListingId,
        after: VoteId,
        limit: u32,
    ) -> Result<(Vec<(VoteId, UserId)>, Option<VoteId>)> {
        caller.require()?;
        self.listing_for(caller, id).await?.require(ListingRights::POST)?;
        let votes = store::votes::page_after(&self.0.db, id, after, limit.min(1000)).await?;
        let cursor = votes.last().map(|(id, _)| *id).filter(|_| votes.len() == limit as usize);
        let users = self.named_voters(&votes).await?;
        Ok((votes.into_iter().filter(|(_, user)| users.contains_key(user)).collect(), cursor))
    }

    async fn named_voters(&self, votes: &[(VoteId, UserId)]) -> Result<HashMap<UserId, Arc<User>>> {
        let mut ids: Vec<UserId> = votes.iter().map(|(_, user)| *user).collect();
        ids.sort_unstable();
        ids.dedup();
        let private = store::people::private(&self.0.db, &ids).await?;
        ids.retain(|id| !private.contains(id));
        self.0.accounts.users(&ids).await
    }

    /// Somebody, as everybody sees them.
    ///
    /// # Errors
    /// That there is nobody of this id.
    pub async fn person(&self, id: UserId) -> Result<Arc<User>> {
        self.0.accounts.user(id).await
    }

    /// The listed bots with this in their name, and how many there are.
    pub(crate) async fn bots_like_top_gg(
        &self,
        name: &str,
        order: Order,
        limit: u16,
        offset: u32,
    ) -> Result<(Vec<ListingId>, u64)> {
        let (ids, total) = store::topgg::bots(&self.0.db, name, order, (limit, offset)).await?;
        Ok((ids.into_iter().map(ListingId::bot).collect(), total))
    }
}
