//! Many approved listings, straight into the tables.

use anyhow::Result;
use guildhall_base::{Timestamp, UserId};
use guildhall_infra::db::{Batch, Db, Rows, folded};
use guildhall_infra::{params, sql};
use rand::RngExt as _;

use super::words::Words;

/// Listings that one transaction adds.
const AT_ONCE: usize = 2_000;
/// The first listing's id; the others follow.
pub(super) const FIRST: i64 = 1_200_000_000_000_000_000;
/// As the migration of the directory names them.
pub(super) const TAGS: [&str; 25] = [
    "moderation",
    "fun",
    "music",
    "utility",
    "games",
    "economy",
    "multipurpose",
    "leveling",
    "logging",
    "memes",
    "social",
    "anime",
    "roleplay",
    "giveaways",
    "welcome",
    "automod",
    "reaction-roles",
    "tickets",
    "verification",
    "web-dashboard",
    "polls",
    "stream",
    "translation",
    "minecraft",
    "ai",
];
/// One of so many listings is certified.
const CERTIFIED: usize = 100;
const YEARS_IN_MILLISECONDS: i64 = 3 * 365 * 24 * 3_600_000;

/// The rows of one transaction.
#[derive(Default)]
struct Rowful {
    listings: Vec<Vec<guildhall_infra::db::Value>>,
    counts: Vec<Vec<guildhall_infra::db::Value>>,
    labelled: Vec<Vec<guildhall_infra::db::Value>>,
    words: Vec<Vec<guildhall_infra::db::Value>>,
}

/// Adds so many bots that this person owns.
pub(super) async fn fill(db: &Db, owner: UserId, count: usize, now: Timestamp) -> Result<()> {
    let mut words = Words::new();
    let numbers: Vec<usize> = (0..count).collect();
    for numbers in numbers.chunks(AT_ONCE) {
        let mut rows = Rowful::default();
        for number in numbers {
            rows.add(&mut words, *number, now);
        }
        db.write(rows.batch(owner)).await?;
    }
    db.run(sql!("ANALYZE"), params![]).await?;
    Ok(())
}

impl Rowful {
    fn add(&mut self, words: &mut Words, number: usize, now: Timestamp) {
        let id = FIRST + number as i64;
        let name_length = words.chance.random_range(1..=2);
        let name = words.text(name_length);
        let short_length = words.chance.random_range(6..=14);
        let short = words.text(short_length);
        let long_length = words.chance.random_range(40..=160);
        let long = words.text(long_length);
        let language = ["en", "en", "en", "en", "fi", "de", "fr", "es"][words.chance.random_range(0..8)];
        let state = if number.is_multiple_of(CERTIFIED) { 6 } else { 0 };
        let at = now.millis() - words.chance.random_range(0..YEARS_IN_MILLISECONDS);
        let mut tags: Vec<&str> =
            (0..words.chance.random_range(1..=5)).map(|_| TAGS[words.zipf(TAGS.len())]).collect();
        tags.sort_unstable();
        tags.dedup();
        let body = folded(&format!("{short} {} {long}", tags.join(" ")));
        self.words.push(params![id * 2, folded(&name), body]);
        self.listings.push(params![id, name, state, language, short, long, at]);
        let (votes, guilds) =
            (1_000_000 / (words.zipf(1_000_000) + 1), 5_000_000 / (words.zipf(5_000_000) + 1));
        self.counts.push(params![id, votes, guilds, guilds * 90]);
        self.labelled.extend(tags.into_iter().map(|tag| params![id, tag]));
    }

    fn batch(self, owner: UserId) -> Batch {
        let mut batch = Batch::new();
        let rows = |rows: Vec<_>| rows.into_iter().collect::<Rows>();
        batch.run(
            sql!(
                "INSERT INTO listings (kind, id, platform, name, owner_id, state, flags, version, language, short_text,
                                       long_text, style, details, created_at, changed_at, approved_at)
                 SELECT 0, l.id, '', l.name, $2, l.state, 0, 1, l.language, l.short, l.long, '', '{}', l.at, l.at, l.at
                 FROM {rows $1: id bigint, name text, state bigint, language text, short text, long text, at bigint} AS l"
            ),
            params![rows(self.listings), owner],
        );
        batch.run(
            sql!(
                "INSERT INTO listing_counts (kind, id, votes, total_votes, guilds, users)
                 SELECT 0, c.id, c.votes, c.votes * 3, c.guilds, c.users
                 FROM {rows $1: id bigint, votes bigint, guilds bigint, users bigint} AS c"
            ),
            params![rows(self.counts)],
        );
        batch.run(
            sql!(
                "INSERT INTO listing_labelled (kind, id, label_kind, name)
                 SELECT 0, l.id, 0, l.name FROM {rows $1: id bigint, name text} AS l"
            ),
            params![rows(self.labelled)],
        );
        batch.run(
            sql!(
                "INSERT INTO listing_words (rowid, title, body)
                 SELECT w.id, w.title, w.body FROM {rows $1: id bigint, title text, body text} AS w"
            ),
            params![rows(self.words)],
        );
        batch
    }
}
