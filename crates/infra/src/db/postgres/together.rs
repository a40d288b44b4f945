//! A group of batches as one transaction. All go well nearly always, so their ordinary statements are sent at once and
//! judged; then the ends that all queue for are sent with the `COMMIT`. Where a member is refused, everything is undone
//! and done again with a savepoint around each, so that those who are refused are undone alone.

use deadpool_postgres::ClientWrapper;
use guildhall_base::Error;

use super::super::batch::{Batch, Outcome, Statement};
use super::failure::Failed;
use super::pipeline::{Sent, answers, control};
use super::wire::{execute, prepare};

/// A row that somebody else holds for longer is not waited for: the whole group would.
const BEGIN: &str = "BEGIN; SET LOCAL lock_timeout = '100ms'";
/// Takes back what a refused member did.
const TAKE_BACK: &str = "ROLLBACK TO member; RELEASE member";
/// The same for one that somebody was in the way of; the others, who may be after the same row, hardly wait.
const STEP_ASIDE: &str = "ROLLBACK TO member; RELEASE member; SET LOCAL lock_timeout = '5ms'";
/// The counter is waited for as long as need be: other processes hold it for a commit each.
const WAIT: &str = "SET LOCAL lock_timeout TO DEFAULT";

/// What became of one batch of a group.
#[derive(Debug)]
pub(super) enum Fate {
    /// It is committed.
    Written(Vec<Outcome>),
    /// Nothing of it happened.
    Refused(Error),
    /// Nothing of it happened because somebody was in its way: it is to be written alone.
    Alone,
}

/// A group that came to nothing.
#[derive(Debug)]
pub(super) enum Broken {
    /// Nothing of it happened; its members may be tried alone.
    Undone(Failed),
    /// Nobody may try again: the connection was lost during the commit, so nobody knows whether it happened, or there
    /// is no connection to be had.
    Hopeless(Failed),
}

type Prepared = Vec<tokio_postgres::Statement>;

/// Writes a group. Unless it fails, the connection is outside any transaction afterwards.
pub(super) async fn write(client: &ClientWrapper, group: &[Batch]) -> Result<Vec<Fate>, Broken> {
    let mut prepared = Vec::with_capacity(group.len());
    for batch in group {
        prepared.push(all_prepared(client, batch).await.map_err(Broken::Undone)?);
    }
    let members: Vec<Member<'_>> = group.iter().zip(prepared).filter_map(Member::new).collect();
    let mut fates = at_once(client, &members).await.map_err(Broken::Undone)?;
    if let [fate] = fates.as_mut_slice()
        && !matches!(fate, Fate::Written(_))
    {
        rollback(client).await.map_err(Broken::Undone)?;
        return Ok(fates);
    }
    if fates.iter().any(|fate| !matches!(fate, Fate::Written(_))) {
        rollback(client).await.map_err(Broken::Undone)?;
        fates = one_by_one(client, &members).await.map_err(Broken::Undone)?;
    }
    finish(client, &members, &mut fates).await?;
    Ok(fates)
}

/// A batch with its statements prepared.
struct Member<'a> {
    ordinary: Vec<(&'a Statement, tokio_postgres::Statement)>,
    queued: Vec<(&'a Statement, tokio_postgres::Statement)>,
}

impl<'a> Member<'a> {
    fn new((batch, mut prepared): (&'a Batch, Prepared)) -> Option<Self> {
        let (ordinary, queued) = batch.parts()?;
        let rest = prepared.split_off(ordinary.len().min(prepared.len()));
        Some(Self {
            ordinary: ordinary.iter().zip(prepared).collect(),
            queued: queued.iter().zip(rest).collect(),
        })
    }
}

type Waiting<'a> = Vec<(&'a Statement, Sent<'a, Outcome>)>;

/// Sends statements.
fn start<'a>(
    client: &'a ClientWrapper,
    statements: &[(&'a Statement, tokio_postgres::Statement)],
) -> Waiting<'a> {
    let send = |(statement, prepared): &(&'a Statement, tokio_postgres::Statement)| {
        (*statement, Sent::start(execute(client, prepared.clone(), statement)))
    };
    statements.iter().map(send).collect()
}

async fn all_prepared(client: &ClientWrapper, batch: &Batch) -> Result<Prepared, Failed> {
    let mut prepared = Vec::with_capacity(batch.len());
    for statement in &batch.statements {
        prepared.push(prepare(client, statement).await?);
    }
    Ok(prepared)
}

/// The ordinary statements of all. After the first failure the others' fates say nothing.
async fn at_once(client: &ClientWrapper, members: &[Member<'_>]) -> Result<Vec<Fate>, Failed> {
    let mut begin = Sent::start(control(client, BEGIN));
    let sent: Vec<_> = members.iter().map(|member| start(client, &member.ordinary)).collect();
    begin.answer().await?;
    let mut fates = Vec::with_capacity(members.len());
    for waiting in sent {
        fates.push(fate(waiting).await?);
    }
    Ok(fates)
}

/// The ordinary statements of one after the other; who is refused leaves nothing behind.
async fn one_by_one(client: &ClientWrapper, members: &[Member<'_>]) -> Result<Vec<Fate>, Failed> {
    control(client, BEGIN).await?;
    let mut fates = Vec::with_capacity(members.len());
    for member in members {
        let mut savepoint = Sent::start(control(client, "SAVEPOINT member"));
        let waiting = start(client, &member.ordinary);
        savepoint.answer().await?;
        let fate = fate(waiting).await?;
        let end = match fate {
            Fate::Written(_) => "RELEASE member",
            Fate::Refused(_) => TAKE_BACK,
            Fate::Alone => STEP_ASIDE,
        };
        control(client, end).await?;
        fates.push(fate);
    }
    Ok(fates)
}

/// What becomes of a member whose ordinary statements were sent.
async fn fate(waiting: Waiting<'_>) -> Result<Fate, Failed> {
    let (mut outcomes, mut problem) = (Vec::with_capacity(waiting.len() + 2), None);
    answers(waiting, &mut outcomes, &mut problem).await;
    match problem {
        None => Ok(Fate::Written(outcomes)),
        Some(failed) if failed.is_lost() => Err(failed),
        Some(failed) if failed.again() => Ok(Fate::Alone),
        Some(failed) => Ok(Fate::Refused(failed.into_error())),
    }
}

/// The ends of those whose ordinary statements went well, and the commit.
async fn finish(client: &ClientWrapper, members: &[Member<'_>], fates: &mut [Fate]) -> Result<(), Broken> {
    let mut wait = Sent::start(control(client, WAIT));
    let mut sent = Vec::with_capacity(members.len());
    for (member, fate) in members.iter().zip(fates) {
        if let Fate::Written(outcomes) = fate {
            sent.push((start(client, &member.queued), outcomes));
        }
    }
    // A parameter that cannot be written fails before anything was sent for it: nothing may be committed then.
    let refused = sent.iter().any(|(waiting, _)| waiting.iter().any(|(_, sent)| sent.has_failed()));
    let mut end = Sent::start(control(client, if refused { "ROLLBACK" } else { "COMMIT" }));
    let mut problem = wait.answer().await.err();
    for (waiting, outcomes) in sent {
        answers(waiting, outcomes, &mut problem).await;
    }
    match problem.or(end.answer().await.err()) {
        None => Ok(()),
        Some(failed) if failed.is_lost() && !refused => Err(Broken::Hopeless(failed)),
        Some(failed) => Err(Broken::Undone(failed)),
    }
}

async fn rollback(client: &ClientWrapper) -> Result<(), Failed> {
    control(client, "ROLLBACK").await
}
