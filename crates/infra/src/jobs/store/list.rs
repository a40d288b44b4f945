//! Looking at jobs, and asking for them to be cancelled or tried again.

use guildhall_base::{GuildId, JobId, Result, Timestamp, UserId};

use super::super::model::{Failure, Owner, Progress, Record, State, codes};
use crate::db::{Batch, Db, Json, Row};
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

/// The newest jobs for which this holds and that fit everything that is given. What it says names an index's columns or
/// its condition, so that a large table is not read for a few rows.
macro_rules! newest {
    ($first:literal) => {
        sql!(concat!(
            "SELECT id, name, version, queue, state, priority, run_at, user_id, guild_id, client, fence, failures,
                    cancel, done, total, words, result, error, created_at, started_at, finished_at
             FROM jobs
             WHERE ",
            $first,
            " AND (CAST($1 AS BIGINT) IS NULL OR user_id = $1) AND (CAST($2 AS BIGINT) IS NULL OR guild_id = $2)
              AND (CAST($3 AS TEXT) IS NULL OR client = $3) AND (CAST($4 AS BIGINT) IS NULL OR state = $4)
              AND (CAST($5 AS TEXT) IS NULL OR name = $5) AND (CAST($6 AS BIGINT) IS NULL OR id < $6)
             ORDER BY id DESC LIMIT $7"
        ))
    };
}

/// The newest jobs that fit.
pub(in super::super) async fn list(db: &Db, filter: &Filter, limit: i64) -> Result<Vec<Record>> {
    let text = match filter {
        Filter { user: Some(_), .. } => newest!("user_id = $1"),
        Filter { guild: Some(_), .. } => newest!("guild_id = $2"),
        Filter { client: Some(_), .. } => newest!("client = $3"),
        Filter { state: Some(State::Ready), .. } => newest!("state = 0"),
        Filter { state: Some(State::Scheduled), .. } => newest!("state = 1"),
        Filter { state: Some(State::Running), .. } => newest!("state = 2"),
        Filter { state: Some(State::Done), .. } => newest!("state = 3"),
        Filter { state: Some(State::Dead), .. } => newest!("state = 4"),
        Filter { state: Some(State::Cancelled), .. } => newest!("state = 5"),
        _ => newest!("TRUE"),
    };
    let params = params![
        filter.user,
        filter.guild,
        &filter.client,
        filter.state.map(State::number),
        &filter.name,
        filter.before,
        limit
    ];
    db.all(text, params).await?.iter().map(record).collect()
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

/// Asks for a running job to be cancelled; says whether there is one.
pub(in super::super) async fn cancel_running(db: &Db, id: JobId) -> Result<bool> {
    let text = sql!("UPDATE jobs SET cancel = TRUE WHERE id = $1 AND state = 2");
    Ok(db.run(text, params![id]).await?.affected > 0)
}

/// Cancels a job that nobody runs: the batch fails with `LOST` where somebody does.
pub(in super::super) fn cancel_waiting(batch: &mut Batch, id: JobId, now: Timestamp) {
    batch.must(
        sql!(
            "UPDATE jobs SET cancel = TRUE, state = 5, finished_at = $2, keep_until = $2 + keep,
                 payload = COALESCE(afterwards, payload)
             WHERE id = $1 AND state < 2"
        ),
        params![id, now],
        codes::LOST,
    );
}

/// Makes a dead or cancelled job ready once more; its steps stay done. The batch fails with `STATE` where it is neither.
pub(in super::super) fn retry(batch: &mut Batch, id: JobId, now: Timestamp) {
    batch.must(
        sql!(
            "UPDATE jobs SET state = 0, cancel = FALSE, failures = 0, rescues = 0, run_at = $2, finished_at = NULL,
                 keep_until = NULL
             WHERE id = $1 AND state > 3"
        ),
        params![id, now],
        codes::STATE,
    );
}
