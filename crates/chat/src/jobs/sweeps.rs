//! What is over by itself and is swept up now and then.

use std::time::Duration;

use guildhall_infra::jobs::{Ctx, Job, Outcome, Rules};

use crate::Chat;

/// Forgets what was remembered long enough of those who went, invites that have ended, and by what senders would have
/// known their messages again.
pub struct ForgetEnded(
    /// The chat that forgets them.
    pub Chat,
);

impl Job for ForgetEnded {
    const NAME: &'static str = "chat.forget_ended";
    const RULES: Rules = Rules::new().keep(Duration::from_secs(24 * 3600));
    type Payload = ();
    type Output = ();

    async fn run(&self, _ctx: Ctx, (): ()) -> Outcome {
        Ok(self.0.forget_ended().await?)
    }
}

/// Removes files whose owner is gone: pictures of deleted emojis and stickers after a month, others after a day.
pub struct ForgetFiles(
    /// The chat whose files they were.
    pub Chat,
);

impl Job for ForgetFiles {
    const NAME: &'static str = "chat.forget_files";
    const RULES: Rules = Rules::new().keep(Duration::from_secs(24 * 3600));
    type Payload = ();
    /// Of how many owners files were removed.
    type Output = u64;

    async fn run(&self, _ctx: Ctx, (): ()) -> Outcome<u64> {
        Ok(self.0.forget_gone_files().await?)
    }
}
