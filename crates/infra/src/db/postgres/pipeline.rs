//! A batch as one pipeline: `BEGIN`, the statements and, where no statement has a condition, `COMMIT` are sent
//! together, so that a transaction costs one round trip.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use deadpool_postgres::ClientWrapper;

use super::super::batch::{Batch, Outcome};
use super::super::codes;
use super::failure::Failed;
use super::wire::{execute, prepare, run};

/// Runs a batch. Whether it fails or not, the connection is outside any transaction afterwards.
pub(super) async fn write(client: &ClientWrapper, batch: &Batch) -> Result<Vec<Outcome>, Failed> {
    let conditional = batch.statements.iter().any(|statement| statement.must.is_some());
    if let [statement] = batch.statements.as_slice()
        && !conditional
    {
        return Ok(vec![run(client, statement).await?]);
    }
    let mut prepared = Vec::with_capacity(batch.statements.len());
    for statement in &batch.statements {
        prepared.push(prepare(client, statement).await?);
    }
    let mut begin = Sent::start(control(client, "BEGIN"));
    let mut sent: Vec<_> = batch
        .statements
        .iter()
        .zip(prepared)
        .map(|(statement, prepared)| Sent::start(execute(client, prepared, statement)))
        .collect();
    // A parameter that cannot be written fails before anything was sent for it: nothing may be committed then.
    let refused = sent.iter().any(Sent::has_failed);
    let end = (!conditional || refused)
        .then(|| Sent::start(control(client, if refused { "ROLLBACK" } else { "COMMIT" })));

    let began = begin.answer().await;
    let mut outcomes = Vec::with_capacity(sent.len());
    let mut problem = began.err();
    for (sent, statement) in sent.iter_mut().zip(&batch.statements) {
        match (sent.answer().await, &statement.must) {
            // After the first failure the server refuses all others, which says nothing.
            (Err(failed), _) => _ = problem.get_or_insert(failed),
            (Ok(outcome), Some(otherwise)) if outcome.affected == 0 => {
                problem.get_or_insert_with(|| otherwise.clone().into());
            }
            (Ok(outcome), _) => outcomes.push(outcome),
        }
    }
    let ended = match end {
        Some(mut end) => end.answer().await,
        None => control(client, if problem.is_some() { "ROLLBACK" } else { "COMMIT" }).await,
    };
    match (problem, ended) {
        (Some(problem), _) => Err(problem),
        (None, Err(failed)) => Err(failed),
        (None, Ok(())) => Ok(outcomes),
    }
}

async fn control(client: &ClientWrapper, sql: &'static str) -> Result<(), Failed> {
    client.batch_execute(sql).await.map_err(|error| Failed::new(sql, error))
}

/// Something that was sent; its answer comes later.
enum Sent<'a, T> {
    Waiting(Pin<Box<dyn Future<Output = Result<T, Failed>> + Send + 'a>>),
    Answered(Option<Result<T, Failed>>),
}

impl<'a, T> Sent<'a, T> {
    /// The driver sends when polled for the first time.
    fn start(future: impl Future<Output = Result<T, Failed>> + Send + 'a) -> Self {
        let mut future = Box::pin(future);
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => Self::Answered(Some(result)),
            Poll::Pending => Self::Waiting(future),
        }
    }

    fn has_failed(&self) -> bool {
        matches!(self, Self::Answered(Some(Err(_))))
    }

    async fn answer(&mut self) -> Result<T, Failed> {
        match self {
            Self::Waiting(future) => future.as_mut().await,
            Self::Answered(result) => {
                result.take().unwrap_or_else(|| Err(guildhall_base::Error::from(codes::INTERNAL).into()))
            }
        }
    }
}
