//! Work of the gateway that comes by the calendar.

use std::time::Duration;

use guildhall_infra::jobs::{Ctx, Job, Outcome, Rules};

use crate::Gateway;

/// Forgets the sessions that processes left that are gone, and takes those out of guilds who were there only for as long
/// as they were connected.
pub struct ForgetSessions(
    /// The gateway whose sessions they are.
    pub Gateway,
);

impl Job for ForgetSessions {
    const NAME: &'static str = "gateway.forget_sessions";
    const RULES: Rules = Rules::new().keep(Duration::from_secs(24 * 3600));
    type Payload = ();
    type Output = ();

    async fn run(&self, _ctx: Ctx, (): ()) -> Outcome {
        Ok(self.0.forget_sessions().await?)
    }
}
