//! Files whose owner is gone: pictures of deleted emojis, stickers, roles and guilds, files of deleted channels, and what a
//! process left that died between a file and its row. One look notes them, a later one removes them.

use std::time::Duration;

use guildhall_base::{AnyId, Result};
use guildhall_infra::db::Batch;

use crate::Chat;
use crate::store::gone_files::{self, Keeper};

const DAY: Duration = Duration::from_secs(24 * 3600);
/// Messages show emojis and stickers a while after those were deleted.
const SHOWN: Duration = Duration::from_secs(30 * 24 * 3600);
/// Owners are asked for this many at a time.
const TOGETHER: usize = 500;

/// Folders with one file or folder for each owner, named by its id, and how long these stay after their owner. Not
/// here: `avatars` and `banners`, which guilds and webhooks share with people.
const SHELVES: [(&str, Keeper, Duration); 8] = [
    ("emojis", Keeper::Emoji, SHOWN),
    ("stickers", Keeper::Sticker, SHOWN),
    ("attachments", Keeper::Channel, DAY),
    ("icons", Keeper::Guild, DAY),
    ("splashes", Keeper::Guild, DAY),
    ("discovery-splashes", Keeper::Guild, DAY),
    ("guilds", Keeper::Guild, DAY),
    ("role-icons", Keeper::Role, DAY),
];

impl Chat {
    /// Looks through all shelves; says of how many owners files were removed.
    ///
    /// # Errors
    /// If the database or the blob store cannot be read or written.
    pub(crate) async fn forget_gone_files(&self) -> Result<u64> {
        let mut removed = 0;
        for (shelf, keeper, stay) in SHELVES {
            let names = self.parts.blobs.names(shelf).await?;
            let ids: Vec<AnyId> = names.iter().filter_map(|name| name.parse().ok()).collect();
            for ids in ids.chunks(TOGETHER) {
                let living = gone_files::living(self.db(), keeper, ids).await?;
                let gone: Vec<AnyId> = ids.iter().filter(|id| !living.contains(id)).copied().collect();
                let mut batch = Batch::new();
                // An emoji's picture is there before its row.
                gone_files::forget(&mut batch, shelf, &living);
                gone_files::note(&mut batch, shelf, &gone, self.now());
                self.db().write(batch).await?;
            }
            for id in gone_files::gone_at(self.db(), shelf, self.now().before(stay)).await? {
                let place = format!("{shelf}/{id}");
                match keeper {
                    Keeper::Emoji | Keeper::Sticker => self.parts.blobs.delete(&place).await?,
                    Keeper::Channel | Keeper::Guild | Keeper::Role => {
                        self.parts.blobs.delete_all(&place).await?
                    }
                }
                let mut batch = Batch::new();
                gone_files::forget(&mut batch, shelf, &[id]);
                self.db().write(batch).await?;
                removed += 1;
            }
        }
        Ok(removed)
    }
}
