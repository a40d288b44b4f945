//! Enqueuing, running, failing, cancelling.

use std::time::Duration;

use guildhall_base::{Error, codes};
use guildhall_infra::db::{Batch, params, sql};
use guildhall_infra::jobs::{self, NewJob, State};
use guildhall_infra::testing::misunderstood;
use tokio_util::sync::CancellationToken;

use crate::support::*;

#[tokio::test]
async fn statements_are_understood() {
    for bench in benches().await {
        let complaints: Vec<_> = misunderstood(&bench.test.db).await;
        let complaints: Vec<_> = complaints.into_iter().filter(|c| c.contains("/jobs/")).collect();
        assert!(complaints.is_empty(), "{complaints:#?}");
    }
}

#[tokio::test]
async fn a01_enqueue_joins_the_callers_transaction() {
    for bench in benches().await {
        let jobs = bench.node();
        let mut batch = Batch::new();
        let id = jobs.enqueue(&mut batch, plain("kept")).unwrap();
        bench.test.db.write(batch).await.unwrap();
        expect(&jobs, id, State::Ready).await;

        let mut batch = Batch::new();
        let lost = jobs.enqueue(&mut batch, plain("lost")).unwrap();
        let nothing = sql!("DELETE FROM effects WHERE id = $1");
        batch.must(nothing, params![-1], codes::CONFLICT);
        assert!(bench.test.db.write(batch).await.is_err());
        assert!(jobs.get(lost).await.unwrap_err().is(codes::NOT_FOUND));

        let kept = bench.test.db.tx(|tx| {
            let jobs = jobs.clone();
            async move { jobs.enqueue_in(&tx, plain("in a transaction")).await }
        });
        expect(&jobs, kept.await.unwrap(), State::Ready).await;
        let undone = bench.test.db.tx(|tx| {
            let jobs = jobs.clone();
            async move {
                jobs.enqueue_in(&tx, plain("undone")).await?;
                Err::<(), _>(Error::from(codes::CONFLICT))
            }
        });
        assert!(undone.await.is_err());
        assert_eq!(jobs.run_due().await.unwrap(), 2);
        let record = expect(&jobs, id, State::Done).await;
        assert_eq!(record.result.as_deref(), Some("\"kept\""));
        assert_eq!(bench.effects(id).await, ["kept"]);
    }
}

#[tokio::test]
async fn a05_a_failure_is_tried_again_with_growing_pauses_and_never_stranded() {
    for bench in benches().await {
        let jobs = bench.node();
        let id = jobs.enqueue_now(NewJob::of::<Fails>(&2)).await.unwrap();
        assert_eq!(jobs.run_due().await.unwrap(), 1);
        let record = expect(&jobs, id, State::Scheduled).await;
        let pause = record.run_at.since(bench.now()).as_secs_f64();
        assert!((7.5..=12.5).contains(&pause), "{pause}");
        assert_eq!(record.error.unwrap().cause.as_deref(), Some("not yet"));
        bench.hand.advance(Duration::from_secs(13));
        assert_eq!(jobs.run_due().await.unwrap(), 1);
        let record = expect(&jobs, id, State::Scheduled).await;
        let pause = record.run_at.since(bench.now()).as_secs_f64();
        assert!((15.0..=25.0).contains(&pause), "{pause}");
        bench.hand.advance(Duration::from_secs(25));
        assert_eq!(jobs.run_due().await.unwrap(), 1);
        assert_eq!(expect(&jobs, id, State::Done).await.result.as_deref(), Some("2"));

        let hopeless = jobs.enqueue_now(NewJob::of::<Fails>(&99)).await.unwrap();
        for _ in 0..4 {
            assert_eq!(jobs.run_due().await.unwrap(), 1);
            bench.hand.advance(Duration::from_secs(100));
        }
        assert_eq!(expect(&jobs, hopeless, State::Dead).await.failures, 4);
        assert_eq!(jobs.run_due().await.unwrap(), 0);
        jobs.retry(hopeless).await.unwrap();
        assert_eq!(jobs.run_due().await.unwrap(), 1, "tried again because somebody wanted it");
        assert!(jobs.retry(id).await.unwrap_err().is(jobs::codes::STATE), "done is done");
    }
}

#[tokio::test]
async fn workers_hear_of_jobs_at_once_and_drain() {
    for bench in benches().await {
        let jobs = bench.node();
        let stop = CancellationToken::new();
        let working = tokio::spawn({
            let (jobs, stop) = (jobs.clone(), stop.clone());
            async move { jobs.work(stop).await }
        });
        // Nobody polls here: the commit wakes the worker.
        for words in ["one", "two"] {
            let id = jobs.enqueue_now(plain(words)).await.unwrap();
            assert_eq!(finished(&jobs, id).await.state, State::Done);
        }
        stop.cancel();
        working.await.unwrap();
        let left = jobs.enqueue_now(plain("later")).await.unwrap();
        expect(&jobs, left, State::Ready).await;
    }
}

#[tokio::test]
async fn a08_a_dead_process_is_noticed_within_ten_seconds_and_a_slow_one_is_not_disturbed() {
    for bench in benches().await {
        let (dying, other) = (bench.node(), bench.node());
        let (waits, reached, _go) = Waits::new();
        dying.register(waits);
        let (waits, _, go) = Waits::new();
        other.register(waits);
        let id = dying.enqueue_now(NewJob::of::<Waits>(&())).await.unwrap();
        let process = tokio::spawn({
            let dying = dying.clone();
            async move { dying.run_due().await }
        });
        reached.notified().await;
        for _ in 0..20 {
            bench.hand.advance(Duration::from_secs(3));
            dying.beat().await.unwrap();
            assert_eq!(other.run_due().await.unwrap(), 0, "a job that takes a minute is left alone");
        }
        process.abort();
        bench.hand.advance(Duration::from_secs(8));
        go.notify_one();
        assert_eq!(other.run_due().await.unwrap(), 1, "within ten seconds");
        expect(&other, id, State::Done).await;
        assert_eq!(bench.effects(id).await, ["first", "second"], "the first step was not repeated");
    }
}

#[tokio::test]
async fn a09_cancel_reaches_a_running_job_and_discards_a_late_result() {
    for bench in benches().await {
        let (here, elsewhere) = (bench.node(), bench.node());
        let (waits, reached, _) = Waits::new();
        here.register(waits);
        for asked in [&here, &elsewhere] {
            let id = here.enqueue_now(NewJob::of::<Waits>(&())).await.unwrap();
            let running = tokio::spawn({
                let here = here.clone();
                async move { here.run_due().await }
            });
            reached.notified().await;
            assert_eq!(asked.cancel(id).await.unwrap(), State::Running);
            here.beat().await.unwrap();
            running.await.unwrap().unwrap();
            let record = expect(&here, id, State::Cancelled).await;
            assert_eq!((record.result, record.finished_at), (None, Some(bench.now())));
            assert_eq!(bench.effects(id).await, ["first"]);
            assert!(asked.cancel(id).await.unwrap_err().is(jobs::codes::STATE));
        }
        let waiting = here.enqueue_now(plain("never")).await.unwrap();
        assert_eq!(here.cancel(waiting).await.unwrap(), State::Cancelled);
        assert_eq!(here.run_due().await.unwrap(), 0);
        here.retry(waiting).await.unwrap();
        here.run_due().await.unwrap();
        assert_eq!(bench.effects(waiting).await, ["never"]);
    }
}

#[tokio::test]
async fn a_job_can_be_run_here_and_now_through_its_failures() {
    for bench in benches().await {
        let jobs = bench.node();
        let mut told = Vec::new();
        let hand = bench.hand.clone();
        let record = jobs.run_here(NewJob::of::<Fails>(&2), |record| {
            told.push(record.failures);
            hand.advance(Duration::from_secs(60));
        });
        let record = record.await.unwrap();
        assert_eq!((record.state, record.result.as_deref()), (State::Done, Some("2")));
        assert_eq!(told, [1, 2, 2]);
    }
}
