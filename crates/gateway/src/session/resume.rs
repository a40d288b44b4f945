//! RESUME: of a session of this process exactly by its ring; of one from before a restart by counting through the log.

use crate::link::Connection;
use crate::protocol::{Close, Outgoing, Resume};

impl Connection {
    /// Op 6.
    pub(crate) async fn resume(&mut self, resume: Resume) -> Result<(), Close> {
        let gateway = self.gateway.clone();
        let token = self.token(resume.token.as_deref())?;
        let actor = gateway.authenticate(&token).await?;
        let seq = resume.seq.ok_or(Close::Decode)?;
        let known = gateway.hub().lock().session(&resume.session_id);
        let session = match known {
            Some(session) => Some(session),
            None => {
                gateway.revive(&resume.session_id, actor.id()).await.map_err(|error| Close::fault(&error))?
            }
        };
        let Some(session) = session.filter(|session| session.record.user == actor.id()) else {
            gateway.say(&self.link, Outgoing::InvalidSession(false));
            return Ok(());
        };
        if seq > session.latest().0 {
            return Err(Close::InvalidSequence);
        }
        let missed = session.missed_since(seq);
        let first = missed.as_ref().and_then(|missed| missed.first().copied());
        let is_trimmed = match first {
            Some(first) => gateway.log().trimmed_to().await.map_err(|error| Close::fault(&error))? >= first,
            None => false,
        };
        if missed.is_none() || is_trimmed {
            gateway.say(&self.link, Outgoing::InvalidSession(false));
            return Ok(());
        }
        session.sign_in(&actor);
        gateway.authenticate(&token).await?;
        if let Some(other) = session.let_go(gateway.now()) {
            other.cut();
        }
        self.session = Some(session.clone());
        self.link.expect_by(gateway.next_beat());
        self.catch_up(&session, seq, true).await?;
        gateway.came_online(&session);
        metrics::counter!("gateway_resumes_total").increment(1);
        Ok(())
    }
}
