//! A batch as one pipeline: `BEGIN`, the statements and `COMMIT` are sent together, so that a transaction costs one
//! round trip. Where statements have conditions, those up to the last of them are sent and judged first and the rest
//! goes with the `COMMIT`: so what comes last (the event log's counter, which everybody waits for) is never locked
//! while an answer travels.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use deadpool_postgres::ClientWrapper;

use super::super::batch::{Batch, Outcome, Statement};
use super::super::codes;
use super::failure::Failed;
use super::wire::{execute, prepare, run};

/// Runs a batch. Whether it fails or not, the connection is outside any transaction afterwards.
pub(super) async fn write(client: &ClientWrapper, batch: &Batch) -> Result<Vec<Outcome>, Failed> {
    let judged =
        batch.statements.iter().rposition(|statement| statement.must.is_some()).map_or(0, |last| last + 1);
    if let [statement] = batch.statements.as_slice()
        && judged == 0
    {
        return Ok(vec![run(client, statement).await?]);
    }
    let mut prepared = Vec::with_capacity(batch.statements.len());
    for statement in &batch.statements {
        prepared.push(prepare(client, statement).await?);
    }
    let mut waiting = batch.statements.iter().zip(prepared);
    let start = |(statement, prepared)| (statement, Sent::start(execute(client, prepared, statement)));
    let mut begin = Sent::start(control(client, "BEGIN"));
    let mut outcomes = Vec::with_capacity(batch.statements.len());
    let mut problem = None;
    if judged > 0 {
        let first: Vec<_> = waiting.by_ref().take(judged).map(start).collect();
        problem = begin.answer().await.err();
        begin = Sent::Answered(Some(Ok(())));
        answers(first, &mut outcomes, &mut problem).await;
        if let Some(problem) = problem {
            control(client, "ROLLBACK").await.ok();
            return Err(problem);
        }
    }
    let rest: Vec<_> = waiting.map(start).collect();
    // A parameter that cannot be written fails before anything was sent for it: nothing may be committed then.
    let refused = rest.iter().any(|(_, sent)| sent.has_failed());
    let mut end = Sent::start(control(client, if refused { "ROLLBACK" } else { "COMMIT" }));
    if let Err(failed) = begin.answer().await {
        problem = Some(failed);
    }
    answers(rest, &mut outcomes, &mut problem).await;
    let ended = end.answer().await;
    match (problem, ended) {
        (Some(problem), _) => Err(problem),
        (None, Err(failed)) => Err(failed),
        (None, Ok(())) => Ok(outcomes),
    }
}

/// Waits for what was sent. After the first failure the server refuses all others, which says nothing.
pub(super) async fn answers(
    sent: Vec<(&Statement, Sent<'_, Outcome>)>,
    outcomes: &mut Vec<Outcome>,
    problem: &mut Option<Failed>,
) {
    for (statement, mut sent) in sent {
        match (sent.answer().await, &statement.must) {
            (Err(failed), _) => _ = problem.get_or_insert(failed),
            (Ok(outcome), Some(otherwise)) if outcome.affected == 0 => {
                problem.get_or_insert_with(|| otherwise.clone().into());
            }
            (Ok(outcome), _) => outcomes.push(outcome),
        }
    }
}

pub(super) async fn control(client: &ClientWrapper, sql: &'static str) -> Result<(), Failed> {
    client.batch_execute(sql).await.map_err(|error| Failed::new(sql, error))
}

/// Something that was sent; its answer comes later.
pub(super) enum Sent<'a, T> {
    Waiting(Pin<Box<dyn Future<Output = Result<T, Failed>> + Send + 'a>>),
    Answered(Option<Result<T, Failed>>),
}

impl<'a, T> Sent<'a, T> {
    /// The driver sends when polled for the first time.
    pub(super) fn start(future: impl Future<Output = Result<T, Failed>> + Send + 'a) -> Self {
        let mut future = Box::pin(future);
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => Self::Answered(Some(result)),
            Poll::Pending => Self::Waiting(future),
        }
    }

    pub(super) fn has_failed(&self) -> bool {
        matches!(self, Self::Answered(Some(Err(_))))
    }

    pub(super) async fn answer(&mut self) -> Result<T, Failed> {
        match self {
            Self::Waiting(future) => future.as_mut().await,
            Self::Answered(result) => {
                result.take().unwrap_or_else(|| Err(guildhall_base::Error::from(codes::INTERNAL).into()))
            }
        }
    }
}
