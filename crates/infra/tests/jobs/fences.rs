//! Who lost a job can write nothing of it.

use std::time::Duration;

use guildhall_infra::jobs::{Jobs, NewJob, State};
use tokio::task::JoinHandle;

use crate::support::*;

fn run(jobs: &Jobs) -> JoinHandle<usize> {
    let jobs = jobs.clone();
    tokio::spawn(async move { jobs.run_due().await.unwrap() })
}

#[tokio::test]
async fn a02_a_completion_after_the_lease_ran_out_is_rejected() {
    for bench in benches().await {
        let jobs = bench.node();
        let (waits, reached, go) = Waits::new();
        jobs.register(waits);
        let id = jobs.enqueue_now(NewJob::of::<Waits>(&())).await.unwrap();
        let slow = run(&jobs);
        reached.notified().await;
        bench.hand.advance(Duration::from_secs(7));
        go.notify_one();
        // It does not find the job again by itself: the same call goes on as a second run.
        reached.notified().await;
        let record = expect(&jobs, id, State::Running).await;
        assert_eq!(record.runs, 2);
        assert_eq!(bench.effects(id).await, ["first"], "the step of the late run was refused");
        go.notify_one();
        assert_eq!(slow.await.unwrap(), 2);
        expect(&jobs, id, State::Done).await;
        assert_eq!(bench.effects(id).await, ["first", "second"]);
    }
}

#[tokio::test]
async fn a03_a_delayed_ack_does_not_overwrite_a_successor() {
    for bench in benches().await {
        let (late, successor) = (bench.node(), bench.node());
        let (waits, late_reached, late_go) = Waits::new();
        late.register(waits);
        let (waits, reached, go) = Waits::new();
        successor.register(waits);
        let id = late.enqueue_now(NewJob::of::<Waits>(&())).await.unwrap();
        let late_run = run(&late);
        late_reached.notified().await;
        bench.hand.advance(Duration::from_secs(7));
        let successor_run = run(&successor);
        reached.notified().await;
        late_go.notify_one();
        assert_eq!(late_run.await.unwrap(), 1);
        let record = expect(&late, id, State::Running).await;
        assert_eq!((record.runs, record.failures), (2, 0), "the successor holds it");
        go.notify_one();
        assert_eq!(successor_run.await.unwrap(), 1);
        expect(&late, id, State::Done).await;
        assert_eq!(bench.effects(id).await, ["first", "second"]);
    }
}

#[tokio::test]
async fn a04_a_reused_worker_id_is_fenced() {
    for bench in benches().await {
        // One process, so one worker id, that holds the same job twice.
        let jobs = bench.node();
        let (waits, reached, go) = Waits::new();
        jobs.register(waits);
        let id = jobs.enqueue_now(NewJob::of::<Waits>(&())).await.unwrap();
        let first = run(&jobs);
        reached.notified().await;
        bench.hand.advance(Duration::from_secs(7));
        let second = run(&jobs);
        reached.notified().await;
        // Those who wait are let go in the order in which they came.
        go.notify_one();
        assert_eq!(first.await.unwrap(), 1);
        expect(&jobs, id, State::Running).await;
        assert_eq!(bench.effects(id).await, ["first"]);
        go.notify_one();
        second.await.unwrap();
        expect(&jobs, id, State::Done).await;
        assert_eq!(bench.effects(id).await, ["first", "second"]);
    }
}

#[tokio::test]
async fn jobs_that_kill_their_process_again_and_again_are_given_up() {
    for bench in benches().await {
        let jobs = bench.node();
        let (waits, reached, _) = Waits::new();
        jobs.register(waits);
        let id = jobs.enqueue_now(NewJob::of::<Waits>(&())).await.unwrap();
        for _ in 0..jobs_timing().rescues {
            expect_not_final(&jobs, id).await;
            let dying = bench.node();
            dying.register(Waits { reached: reached.clone(), go: std::sync::Arc::default() });
            let process = run(&dying);
            reached.notified().await;
            process.abort();
            bench.hand.advance(Duration::from_secs(7));
            dying.tick().await.unwrap();
        }
        let record = expect(&jobs, id, State::Dead).await;
        assert_eq!(record.error.unwrap().code, "job_died");
    }
}

fn jobs_timing() -> guildhall_infra::jobs::Timing {
    patient()
}

async fn expect_not_final(jobs: &Jobs, id: guildhall_base::JobId) {
    assert!(!jobs.get(id).await.unwrap().state.is_final());
}
