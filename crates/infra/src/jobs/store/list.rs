//! Looking at jobs, and asking for them to be cancelled or tried again.

use guildhall_base::{GuildId, JobId, Result, Timestamp, UserId};

use super::super::model::{Failure, Owner, Progress, Record, State};
use crate::db::{Db, Json, Row};
use crate::{params, sql};

/// One job.
pub(in super::super) async fn get(db: &Db, id: JobId) -> Result<Option<Record>> {
    let row = db
        .opt(
            sql!(
                "SELECT id, name, version, queue, state, priority, run_at, user_id, guild_id, client, fence, failures,
                        cancel, done, total, words, result, error, created_at, started_at, finished_at
                 FROM jobs WHERE id = $1"
            ),
            params![id],
        )
        .await?;
    row.as_ref().map(record).transpose()
}

/// Reads the columns that [`get`] selects.
pub(in super::super) fn record(row: &Row) -> Result<Record> {
    let mut columns = row.columns();
    Ok(Record {
        id: columns.next()?,
        name: columns.next()?,
        version: columns.next()?,
        queue: columns.next()?,
        state: State::from_number(columns.next()?),
        priority: columns.next()?,
        run_at: columns.next()?,
        owner: Owner { user: columns.next()?, guild: columns.next()? },
        client: columns.next()?,
        runs: columns.next()?,
        failures: columns.next()?,
        cancel: columns.next()?,
        progress: Progress { done: columns.next()?, total: columns.next()?, words: columns.next()? },
        result: columns.next()?,
        error: columns.next::<Option<Json<Failure>>>()?.map(|Json(error)| error),
        created_at: columns.next()?,
        started_at: columns.next()?,
        finished_at: columns.next()?,
    })
}

/// Which jobs are wanted: those that fit everything that is given.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Started by or for this person.
    pub user: Option<UserId>,
    /// Of this guild.
    pub guild: Option<GuildId>,
    /// Started by this program.
    pub client: Option<String>,
    /// In this state.
    pub state: Option<State>,
    /// Of this kind.
    pub name: Option<String>,
    /// Before this one.
    pub before: Option<JobId>,
}

/// The newest jobs that fit.
pub(in super::super) async fn list(db: &Db, filter: &Filter, limit: i64) -> Result<Vec<Record>> {
    let rows = db
        .all(
            sql!(
                "SELECT id, name, version, queue, state, priority, run_at, user_id, guild_id, client, fence, failures,
                        cancel, done, total, words, result, error, created_at, started_at, finished_at
                 FROM jobs
                 WHERE (CAST($1 AS BIGINT) IS NULL OR user_id = $1) AND (CAST($2 AS BIGINT) IS NULL OR guild_id = $2)
                   AND (CAST($3 AS TEXT) IS NULL OR client = $3) AND (CAST($4 AS BIGINT) IS NULL OR state = $4)
                   AND (CAST($5 AS TEXT) IS NULL OR name = $5) AND (CAST($6 AS BIGINT) IS NULL OR id < $6)
                 ORDER BY id DESC LIMIT $7"
            ),
            params![
                filter.user,
                filter.guild,
                &filter.client,
                filter.state.map(State::number),
                &filter.name,
                filter.before,
                limit
            ],
        )
        .await?;
    rows.iter().map(record).collect()
}

/// The job that a program has asked for with this key, and its payload.
pub(in super::super) async fn requested(
    db: &Db,
    client: &str,
    key: &str,
) -> Result<Option<(JobId, String, String)>> {
    let text = sql!("SELECT id, name, payload FROM jobs WHERE client = $1 AND request_key = $2");
    db.opt(text, params![client, key]).await?.map(|row| row.read()).transpose()
}

/// Asks for a job to be cancelled; one that nobody holds is cancelled at once. Gives its state, or None if there is no
/// active one.
pub(in super::super) async fn cancel(db: &Db, id: JobId, now: Timestamp) -> Result<Option<State>> {
    let outcome = db
        .run(
            sql!(
                "UPDATE jobs SET cancel = TRUE,
                     state = CASE WHEN state = 2 THEN 2 ELSE 5 END,
                     finished_at = CASE WHEN state = 2 THEN NULL ELSE CAST($2 AS BIGINT) END,
                     keep_until = CASE WHEN state = 2 THEN NULL ELSE CAST($2 AS BIGINT) + keep END
                 WHERE id = $1 AND state < 3 RETURNING state"
            ),
            params![id, now],
        )
        .await?;
    outcome.rows.first().map(|row| Ok(State::from_number(row.read()?))).transpose()
}

/// Makes a dead or cancelled job ready once more; its steps stay done. Gives its queue.
pub(in super::super) async fn retry(db: &Db, id: JobId, now: Timestamp) -> Result<Option<String>> {
    let outcome = db
        .run(
            sql!(
                "UPDATE jobs SET state = 0, cancel = FALSE, failures = 0, rescues = 0, run_at = $2, finished_at = NULL,
                     keep_until = NULL
                 WHERE id = $1 AND state > 3 RETURNING queue"
            ),
            params![id, now],
        )
        .await?;
    outcome.rows.first().map(Row::read).transpose()
}
