//! What a process does now and then with what only it holds, and so is no job: overdue connections are closed, sessions
//! that nobody came back to end, what is worth saving is saved. And what is done once: saying goodbye. What was left by
//! processes that are gone is swept up by a job, [`ForgetSessions`](crate::ForgetSessions).

use std::sync::Arc;
use std::time::Duration;

use guildhall_base::{Result, UserId};

use crate::Gateway;
use crate::link::{LINGER, Link};
use crate::protocol::{Close, Outgoing};
use crate::session::Session;

/// How often.
const EVERY: Duration = Duration::from_millis(250);
/// How many rounds lie between two cleanings of the tables.
const ROUNDS: u32 = 4 * 60 * 10;
/// How long clients have to go by themselves when the server stops.
const GOODBYE: Duration = Duration::from_secs(2);

impl Gateway {
    /// Sweeps for ever.
    pub(crate) async fn sweep(&self) {
        let mut interval = tokio::time::interval(EVERY);
        let mut round = 0_u32;
        loop {
            interval.tick().await;
            self.close_overdue();
            self.end_abandoned().await;
            if round.is_multiple_of(ROUNDS) {
                self.start_limits().tidy(self.now());
            }
            if let Err(error) = self.write_down().await {
                tracing::warn!(%error, "sessions could not be saved");
            }
            round = round.wrapping_add(1);
        }
    }

    fn close_overdue(&self) {
        let now = self.now();
        for link in self.links().overdue(now) {
            if link.is_open() {
                link.close(Close::TimedOut, now.after(LINGER));
            } else {
                link.cut();
            }
        }
    }

    async fn end_abandoned(&self) {
        let (now, life) = (self.now(), self.config().session_life);
        let is_over =
            |session: &&Arc<Session>| session.alone_since().is_some_and(|since| now.since(since) >= life);
        let (count, over): (usize, Vec<_>) = {
            let hub = self.hub().lock();
            (hub.sessions().count(), hub.sessions().filter(is_over).cloned().collect())
        };
        metrics::gauge!("gateway_sessions").set(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
        for session in over {
            self.end_session(&session, Close::TimedOut);
        }
    }

    /// A connection of a session is over; the session waits for the next one.
    pub(crate) fn link_lost(&self, session: &Arc<Session>, link: &Arc<Link>) {
        if session.let_go_of(link, self.now()) && !self.is_draining() {
            self.may_have_gone(session);
        }
    }

    /// A session is over. Its connection is closed, now or, if it is still catching up, as soon as it has.
    pub(crate) fn end_session(&self, session: &Arc<Session>, close: Close) {
        if let Some(link) = session.end(close, self.now()) {
            link.close(close, self.now().after(LINGER));
        }
        self.may_have_gone(session);
        self.hub().lock().leave(session);
        self.forget(&session.record);
        let (gateway, session) = (self.clone(), session.clone());
        tokio::spawn(async move {
            gateway.hang_up(&session).await;
            if !session.record.bot {
                gateway.leave_temporary(session.record.user).await;
            }
        });
    }

    /// Somebody who has no session any more leaves the guilds to which they were invited for only so long.
    async fn leave_temporary(&self, user: UserId) {
        if !self.hub().lock().sessions_of(user).is_empty() {
            return;
        }
        if let Err(error) = self.chat().leave_temporary(user).await {
            tracing::warn!(%error, %user, "a temporary member could not be taken out");
        }
    }

    /// Forgets sessions that nobody came back to, and takes out the temporary members among those they were of.
    pub(crate) async fn forget_sessions(&self) -> Result<()> {
        self.store().forget(self.expired()).await?;
        for user in self.chat().temporary_members().await? {
            if !self.store().has_session(user).await? {
                self.leave_temporary(user).await;
            }
        }
        Ok(())
    }

    /// Says goodbye: takes no new connections, asks every client to come again (op 7), and closes what is left after
    /// a moment. Sessions stay: their clients RESUME with the next process.
    pub async fn drain(&self) {
        self.begin_draining();
        for link in self.links().all() {
            self.say(&link, Outgoing::Reconnect);
        }
        let gone = async {
            while !self.links().all().is_empty() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if tokio::time::timeout(GOODBYE, gone).await.is_err() {
            for link in self.links().all() {
                link.close(Close::Leaving, self.now().after(Duration::from_secs(1)));
            }
        }
        if let Err(error) = self.write_down().await {
            tracing::warn!(%error, "sessions could not be saved");
        }
    }
}
