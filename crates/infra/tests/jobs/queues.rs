//! Order, uniqueness, limits, pauses.

use std::sync::Arc;
use std::time::Duration;

use guildhall_base::{GuildId, Result, UserId};
use guildhall_infra::db::Batch;
use guildhall_infra::jobs::{Ctx, Filter, Job, Jobs, NewJob, Outcome, Queue, Record, Rules, State};
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use crate::support::*;

/// Says in which order its jobs ran.
struct Ordered(Arc<Mutex<Vec<String>>>);

impl Job for Ordered {
    const NAME: &'static str = "ordered";
    const RULES: Rules = Rules::new().queue("narrow");
    type Payload = String;
    type Output = ();

    async fn run(&self, _ctx: Ctx, payload: String) -> Outcome {
        self.0.lock().push(payload);
        Ok(())
    }
}

fn ordered(words: &str) -> NewJob {
    NewJob::of::<Ordered>(&words.to_owned())
}

fn with_order(jobs: &Jobs) -> Arc<Mutex<Vec<String>>> {
    let order = Arc::<Mutex<Vec<String>>>::default();
    jobs.register(Ordered(order.clone()));
    order
}

#[tokio::test]
async fn larger_priorities_and_earlier_times_come_first() {
    for bench in benches().await {
        let jobs = bench.node();
        let order = with_order(&jobs);
        jobs.limit(Queue::new("narrow").running(1));
        jobs.enqueue_now(ordered("third")).await.unwrap();
        bench.hand.advance(Duration::from_millis(1));
        jobs.enqueue_now(ordered("fourth")).await.unwrap();
        jobs.enqueue_now(ordered("last").priority(-1)).await.unwrap();
        jobs.enqueue_now(ordered("first").priority(7)).await.unwrap();
        jobs.enqueue_now(ordered("second").priority(7)).await.unwrap();
        let later =
            jobs.enqueue_now(ordered("later").after(Duration::from_secs(60)).priority(9)).await.unwrap();
        assert_eq!(jobs.run_due().await.unwrap(), 5);
        assert_eq!(*order.lock(), ["first", "second", "third", "fourth", "last"]);
        expect(&jobs, later, State::Scheduled).await;
        bench.hand.advance(Duration::from_secs(60));
        assert_eq!(jobs.run_due().await.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_unique_key_admits_one_active_job() {
    for bench in benches().await {
        let jobs = bench.node();
        let first = jobs.enqueue_now(plain("one").unique("key")).await.unwrap();
        let second = jobs.enqueue_now(plain("two").unique("key")).await.unwrap();
        assert!(jobs.get(second).await.is_err());
        jobs.enqueue_now(plain("three").unique("other")).await.unwrap();
        jobs.enqueue_now(NewJob::of::<Fails>(&0).unique("key")).await.unwrap();
        assert_eq!(jobs.run_due().await.unwrap(), 3, "another key and another kind are not in the way");
        expect(&jobs, first, State::Done).await;
        jobs.enqueue_now(plain("four").unique("key")).await.unwrap();
        assert_eq!(jobs.run_due().await.unwrap(), 1, "what is finished is not in the way");
        let all: Vec<Result<_>> = futures_util::future::join_all(
            (0..20).map(|n| jobs.enqueue_now(plain(&format!("{n}")).unique("crowd"))),
        )
        .await;
        assert!(all.iter().all(Result::is_ok));
        assert_eq!(jobs.run_due().await.unwrap(), 1);
    }
}

#[tokio::test]
async fn limits_of_a_queue_hold_over_processes() {
    for bench in benches().await {
        let (one, two) = (bench.node(), bench.node());
        let (waits, reached, go) = Waits::new();
        one.register(Waits { reached, go: go.clone() });
        two.register(waits);
        for jobs in [&one, &two] {
            jobs.limit(Queue::new("default").running(3));
        }
        for _ in 0..7 {
            one.enqueue_now(NewJob::of::<Waits>(&())).await.unwrap();
        }
        let stop = CancellationToken::new();
        let workers = [&one, &two].map(|jobs| {
            let (jobs, stop) = (jobs.clone(), stop.clone());
            tokio::spawn(async move { jobs.work(stop).await })
        });
        for left in (0..=4).rev() {
            loop {
                let queues = one.queues().await.unwrap();
                let state = queues.into_iter().find(|queue| queue.name == "default").unwrap();
                assert!(state.running <= 3 && state.ready >= left, "{state:?}");
                if (state.running, state.ready) == (3, left) {
                    break;
                }
                tokio::task::yield_now().await;
            }
            go.notify_one();
        }
        stop.cancel();
        futures_util::future::join_all(workers).await;
    }
}

/// Counts how many of it run at the same time.
struct Crowd(Arc<Mutex<(usize, usize)>>);

impl Job for Crowd {
    const NAME: &'static str = "waits";
    type Payload = ();
    type Output = ();

    async fn run(&self, ctx: Ctx, (): ()) -> Outcome {
        {
            let mut crowd = self.0.lock();
            crowd.0 += 1;
            crowd.1 = crowd.1.max(crowd.0);
        }
        ctx.step("only", async |_| Ok(())).await?;
        self.0.lock().0 -= 1;
        Ok(())
    }
}

#[tokio::test]
async fn limits_of_a_queue_hold_through_a_restart() {
    for bench in benches().await {
        let dying = bench.node();
        let (waits, reached, _never) = Waits::new();
        dying.register(waits);
        dying.limit(Queue::new("default").running(2));
        for _ in 0..6 {
            dying.enqueue_now(NewJob::of::<Waits>(&())).await.unwrap();
        }
        let process = tokio::spawn({
            let dying = dying.clone();
            async move { dying.run_due().await }
        });
        reached.notified().await;
        reached.notified().await;
        process.abort();

        let next = bench.node();
        let crowd = Arc::<Mutex<(usize, usize)>>::default();
        next.register(Crowd(crowd.clone()));
        next.limit(Queue::new("default").running(2));
        assert_eq!(next.run_due().await.unwrap(), 0, "{}: who died still counts", bench.test.name);
        bench.hand.advance(Duration::from_secs(8));
        assert_eq!(next.run_due().await.unwrap(), 6, "{}", bench.test.name);
        assert_eq!(crowd.lock().1, 2, "{}", bench.test.name);
    }
}

/// More than a claim looks at.
const BACKLOG: usize = 300;

#[tokio::test]
async fn the_backlog_of_one_key_is_not_in_the_way_of_others() {
    for bench in benches().await {
        let jobs = bench.node();
        let order = with_order(&jobs);
        jobs.limit(Queue::new("narrow").running_per_key(1).slots(4));
        let mut batch = Batch::new();
        for n in 0..BACKLOG {
            jobs.enqueue(&mut batch, ordered(&format!("a{n}")).limited_by("a")).unwrap();
        }
        bench.test.db.write(batch).await.unwrap();
        bench.hand.advance(Duration::from_millis(1));
        for key in ["b", "c"] {
            jobs.enqueue_now(ordered(key).limited_by(key)).await.unwrap();
        }
        let (stop, all) = (CancellationToken::new(), order.clone());
        let working = tokio::spawn({
            let (jobs, stop) = (jobs.clone(), stop.clone());
            async move { jobs.work(stop).await }
        });
        while !all.lock().iter().any(|ran| ran == "c") {
            tokio::task::yield_now().await;
        }
        stop.cancel();
        working.await.unwrap();
        let order = order.lock();
        let place = |key: &str| order.iter().position(|ran| ran == key).unwrap();
        assert!(place("b") < 100 && place("c") < 100, "{}: {} {}", bench.test.name, place("b"), place("c"));
        let of_a: Vec<_> = order.iter().filter(|ran| ran.starts_with('a')).collect();
        let expected: Vec<_> = (0..of_a.len()).map(|n| format!("a{n}")).collect();
        assert!(of_a.into_iter().eq(&expected), "{}: one after the other", bench.test.name);
    }
}

#[tokio::test]
async fn lists_hold_what_fits_newest_first() {
    for bench in benches().await {
        let jobs = bench.node();
        let (user, guild) = (UserId::new(5), GuildId::new(7));
        for n in 0..3 {
            jobs.enqueue_now(plain(&format!("{n}")).user(user)).await.unwrap();
            jobs.enqueue_now(plain(&format!("{n}")).guild(guild).request("program", None)).await.unwrap();
        }
        jobs.enqueue_now(NewJob::of::<Fails>(&99)).await.unwrap();
        assert_eq!(jobs.run_due().await.unwrap(), 7);
        let cancelled = jobs.enqueue_now(plain("no")).await.unwrap();
        jobs.cancel(cancelled).await.unwrap();
        jobs.enqueue_now(plain("ready").user(user)).await.unwrap();
        let all = jobs.list(&Filter::default(), 100).await.unwrap();
        assert!(all.len() == 9 && all.is_sorted_by(|a, b| a.id > b.id), "{all:?}");
        let none = Filter::default();
        let mut filters = vec![
            Filter { user: Some(user), ..none.clone() },
            Filter { guild: Some(guild), ..none.clone() },
            Filter { client: Some("program".to_owned()), ..none.clone() },
            Filter { name: Some("fails".to_owned()), ..none.clone() },
            Filter { user: Some(user), state: Some(State::Ready), ..none.clone() },
            Filter { guild: Some(guild), before: Some(all[4].id), ..none.clone() },
        ];
        for state in
            [State::Ready, State::Scheduled, State::Running, State::Done, State::Dead, State::Cancelled]
        {
            filters.push(Filter { state: Some(state), ..none.clone() });
        }
        for filter in filters {
            let fits = |job: &&Record| {
                filter.user.is_none_or(|user| job.owner.user == Some(user))
                    && filter.guild.is_none_or(|guild| job.owner.guild == Some(guild))
                    && filter.client.as_ref().is_none_or(|client| job.client.as_ref() == Some(client))
                    && filter.name.as_ref().is_none_or(|name| job.name == *name)
                    && filter.state.is_none_or(|state| job.state == state)
                    && filter.before.is_none_or(|before| job.id < before)
            };
            let expected: Vec<_> = all.iter().filter(fits).map(|job| job.id).collect();
            let found = jobs.list(&filter, 100).await.unwrap();
            assert_eq!(found.iter().map(|job| job.id).collect::<Vec<_>>(), expected, "{filter:?}");
        }
    }
}

#[tokio::test]
async fn rates_of_a_queue_and_of_a_key_hold() {
    for bench in benches().await {
        let jobs = bench.node();
        let order = with_order(&jobs);
        let minute = Duration::from_secs(60);
        jobs.limit(Queue::new("narrow").rate(5, minute).rate_per_key(2, minute).running_per_key(1));
        for n in 0..4 {
            jobs.enqueue_now(ordered(&format!("a{n}")).limited_by("a")).await.unwrap();
            jobs.enqueue_now(ordered(&format!("b{n}")).limited_by("b")).await.unwrap();
        }
        assert_eq!(jobs.run_due().await.unwrap(), 4, "two of each key");
        bench.hand.advance(Duration::from_secs(30));
        assert_eq!(jobs.run_due().await.unwrap(), 0);
        jobs.enqueue_now(ordered("free")).await.unwrap();
        jobs.enqueue_now(ordered("too many")).await.unwrap();
        assert_eq!(jobs.run_due().await.unwrap(), 1, "five in all");
        bench.hand.advance(Duration::from_secs(30));
        assert_eq!(jobs.run_due().await.unwrap(), 4, "one was started half a minute ago");
        bench.hand.advance(Duration::from_secs(61));
        jobs.run_due().await.unwrap();
        let mut order = order.lock().clone();
        order.sort();
        assert_eq!(order, ["a0", "a1", "a2", "a3", "b0", "b1", "b2", "b3", "free", "too many"]);
    }
}

#[tokio::test]
async fn a_paused_queue_gives_out_nothing_anywhere() {
    for bench in benches().await {
        let (one, two) = (bench.node(), bench.node());
        for limited in [false, true] {
            if limited {
                two.limit(Queue::new("default").running(10));
            }
            one.pause("default", true).await.unwrap();
            let id = one.enqueue_now(plain("held back")).await.unwrap();
            assert_eq!(two.run_due().await.unwrap(), 0);
            let state =
                one.queues().await.unwrap().into_iter().find(|queue| queue.name == "default").unwrap();
            assert!(state.paused);
            assert_eq!(state.ready, 1);
            one.pause("default", false).await.unwrap();
            assert_eq!(two.run_due().await.unwrap(), 1);
            expect(&one, id, State::Done).await;
        }
    }
}

#[tokio::test]
async fn finished_jobs_are_forgotten_in_time() {
    for bench in benches().await {
        let jobs = bench.node();
        let done = jobs.enqueue_now(plain("done")).await.unwrap();
        let dead = jobs.enqueue_now(NewJob::of::<Fails>(&99)).await.unwrap();
        for _ in 0..4 {
            jobs.run_due().await.unwrap();
            bench.hand.advance(Duration::from_secs(100));
        }
        bench.hand.advance(Duration::from_secs(8 * 24 * 3600));
        jobs.tick().await.unwrap();
        assert!(jobs.get(done).await.is_err());
        expect(&jobs, dead, State::Dead).await;
        bench.hand.advance(Duration::from_secs(23 * 24 * 3600));
        jobs.tick().await.unwrap();
        assert!(jobs.get(dead).await.is_err());
    }
}
