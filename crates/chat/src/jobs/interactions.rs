//! Work of the chat that comes by the calendar.

use std::time::Duration;

use guildhall_infra::jobs::{Ctx, Job, Outcome, Rules};

use crate::Chat;

/// Forgets interactions that are over, and as old answers that only one user saw, with their files.
pub struct ForgetInteractions(
    /// The chat that forgets them.
    pub Chat,
);

impl Job for ForgetInteractions {
    const NAME: &'static str = "chat.forget_interactions";
    const RULES: Rules = Rules::new().keep(Duration::from_secs(24 * 3600));
    type Payload = ();
    type Output = ();

    async fn run(&self, _ctx: Ctx, (): ()) -> Outcome {
        Ok(self.0.forget_old_interactions().await?)
    }
}
