//! Finding listings: the beginning of the directory, lists, search, what is like something, and something by chance.

use guildhall_base::{Result, codes as base_codes};
use guildhall_infra::events::EventLog;
use rand::seq::IndexedRandom as _;

use crate::model::{Card, ListingId, ListingKind};
use crate::rules::browse::{After, Browse, Sort};
use crate::{Directory, codes, store};

/// Listings in each part of the beginning.
const PART: u16 = 12;
/// Listings that one of is chosen from by chance.
const POOL: u16 = 200;

/// The beginning of the directory.
#[derive(Debug, Clone)]
pub(crate) struct Index {
    pub(crate) random: Vec<Card>,
    pub(crate) new: Vec<Card>,
    pub(crate) top_voted: Vec<Card>,
    pub(crate) certified: Vec<Card>,
    /// The most frequent tags, and how many have each.
    pub(crate) tags: Vec<(String, u64)>,
    pub(crate) features: Vec<String>,
}

/// One page of a list.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) listings: Vec<Card>,
    pub(crate) next: Option<After>,
}

impl Directory {
    /// The beginning of the directory.
    pub(crate) async fn index(&self, kind: ListingKind) -> Result<Index> {
        let sorted = |sort| Browse { sort, limit: Some(PART), ..Browse::default() };
        let random = store::browse::random(&self.0.db, kind, rand::random(), PART).await?;
        let certified = store::browse::certified(&self.0.db, kind, PART).await?;
        let features = store::labels::all(&self.0.db, kind, store::labels::Label::Feature).await?;
        Ok(Index {
            random: store::listings::cards(&self.0.db, kind, &random).await?,
            new: self.browse(kind, &sorted(Sort::New)).await?.listings,
            top_voted: self.browse(kind, &sorted(Sort::Votes)).await?.listings,
            certified: store::listings::cards(&self.0.db, kind, &certified).await?,
            tags: store::browse::tags(&self.0.db, kind, 50).await?,
            features: features.into_iter().map(|(name, _)| name).collect(),
        })
    }

    /// A page of a list, or of a search.
    ///
    /// # Errors
    /// Wrong fields.
    pub(crate) async fn browse(&self, kind: ListingKind, browse: &Browse) -> Result<Found> {
        let after = browse.check()?;
        let (ids, next) = store::browse::page(&self.0.db, kind, browse, after).await?;
        Ok(Found { listings: store::listings::cards(&self.0.db, kind, &ids).await?, next })
    }

    /// What has the most tags in common with a listing that everybody may see.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING`.
    pub(crate) async fn similar(&self, id: ListingId) -> Result<Vec<Card>> {
        self.listing(None, id).await?;
        let ids = store::browse::similar(&self.0.db, id, PART).await?;
        store::listings::cards(&self.0.db, id.kind, &ids).await
    }

    /// One listing by chance; of bots only bots, of guilds only guilds.
    ///
    /// # Errors
    /// `UNKNOWN_LISTING` if there is none.
    pub(crate) async fn random(&self, kind: ListingKind) -> Result<ListingId> {
        let pool = store::browse::random(&self.0.db, kind, rand::random(), POOL).await?;
        let chosen = pool.choose(&mut rand::rng()).ok_or(codes::UNKNOWN_LISTING)?;
        Ok(ListingId { kind, id: *chosen })
    }

    /// Tags or features that listings of a kind may have.
    pub(crate) async fn labels(&self, kind: ListingKind) -> Result<(Vec<String>, Vec<String>)> {
        let names = |labels: Vec<(String, Option<guildhall_base::GuildId>)>| {
            labels.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
        };
        let tags = store::labels::all(&self.0.db, kind, store::labels::Label::Tag).await?;
        let features = store::labels::all(&self.0.db, kind, store::labels::Label::Feature).await?;
        Ok((names(tags), names(features)))
    }

    /// Hears what other processes change, until it is dropped.
    pub async fn follow(&self) {
        let log: &EventLog = &self.0.log;
        let mut tail = log.tail(log.head());
        loop {
            match tail.next(512).await {
                Ok(Some(events)) => {
                    for event in events {
                        self.0.shelf.hear(&event);
                        self.hear_of_hooks(&event);
                    }
                }
                Ok(None) => return,
                // What was missed is not known: nothing that is kept is believed.
                Err(error) => {
                    tracing::warn!(%error, "the directory cannot read the event log; trying again");
                    self.0.shelf.clear();
                    if error.is(base_codes::NOT_FOUND) {
                        tail = log.tail(log.head());
                    }
                    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                }
            }
        }
    }
}
