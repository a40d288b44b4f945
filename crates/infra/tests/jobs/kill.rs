//! Processes that are killed: nothing is lost, no effect is repeated.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use guildhall_base::{Clock, JobId};
use guildhall_infra::db::{Db, params, sql};
use guildhall_infra::jobs::{Ctx, Job, Jobs, NewJob, Outcome, Queue, State, Timing};
use guildhall_infra::testing::TestDb;
use proptest::prelude::*;
use tokio_util::sync::CancellationToken;

use crate::support::*;

const CHILD: &str = "GUILDHALL_TEST_JOBS_UNTIL_KILLED";
const KILLS: usize = 100;
const JOBS: usize = 120;
const STEPS: usize = 5;

/// Five steps with an effect each; says when it is in a step and when it is between two.
struct Five;

#[expect(clippy::print_stdout, reason = "tells the killer how far it is")]
impl Job for Five {
    const NAME: &'static str = "five";
    type Payload = ();
    type Output = ();

    async fn run(&self, ctx: Ctx, (): ()) -> Outcome {
        for step in 0..STEPS {
            let name = format!("step-{step}");
            ctx.step(&name, async |effects| {
                println!("\nin a step");
                effect(&ctx, &effects, &name)
            })
            .await?;
            println!("\nbetween steps");
        }
        Ok(())
    }
}

async fn node(db: &Db, url: &str) -> Jobs {
    let timing = Timing {
        lease: Duration::from_millis(500),
        beat: Duration::from_millis(100),
        poll: Duration::from_millis(50),
        rescues: 10_000,
        ..Timing::default()
    };
    let jobs = node_on(db, Clock::system(), url.len() as u16 ^ std::process::id() as u16, timing).await;
    jobs.register(Five);
    jobs.limit(Queue::new("default").slots(4));
    jobs
}

/// Not a test of its own: the process that the next test kills.
#[tokio::test]
async fn works_until_killed() {
    let Ok(url) = std::env::var(CHILD) else { return };
    let db = Db::open(&url).await.unwrap();
    node(&db, &url).await.work(CancellationToken::new()).await;
}

fn kill_after(lines: usize, url: &str) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["kill::works_until_killed", "--exact", "--nocapture"])
        .env(CHILD, url)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let said = |line: &std::io::Result<String>| {
        line.as_ref().is_ok_and(|line| line.ends_with("step") || line.ends_with("steps"))
    };
    output.lines().filter(said).take(lines).for_each(drop);
    child.kill().unwrap();
    child.wait().unwrap();
}

async fn work_off(jobs: &Jobs, ids: &[JobId]) {
    let stop = CancellationToken::new();
    let working = tokio::spawn({
        let (jobs, stop) = (jobs.clone(), stop.clone());
        async move { jobs.work(stop).await }
    });
    for id in ids {
        assert_eq!(finished(jobs, *id).await.state, State::Done);
    }
    stop.cancel();
    working.await.unwrap();
}

async fn effects_of(test: &TestDb, id: JobId) -> Vec<String> {
    let rows = sql!("SELECT name FROM effects WHERE job_id = $1 ORDER BY id");
    let rows = test.db.all(rows, params![id]).await.unwrap();
    rows.iter().map(|row| row.read().unwrap()).collect()
}

fn expected() -> Vec<String> {
    (0..STEPS).map(|step| format!("step-{step}")).collect()
}

#[tokio::test]
async fn a06_a_hundred_kills_lose_nothing_and_repeat_no_effect() {
    for bench in benches().await {
        let jobs = node(&bench.test.db, &bench.test.url).await;
        let mut ids = Vec::new();
        for _ in 0..JOBS {
            ids.push(jobs.enqueue_now(NewJob::of::<Five>(&())).await.unwrap());
        }
        let url = bench.test.url.clone();
        tokio::task::spawn_blocking(move || {
            for _ in 0..KILLS {
                kill_after(rand::random_range(1..10), &url);
            }
        })
        .await
        .unwrap();
        work_off(&jobs, &ids).await;
        let mut rescued = 0;
        for id in &ids {
            assert_eq!(effects_of(&bench.test, *id).await, expected(), "{}", bench.test.name);
            rescued += jobs.get(*id).await.unwrap().runs - 1;
        }
        assert!(rescued >= 20, "{}: only {rescued} runs were cut short", bench.test.name);
    }
}

/// What becomes of one run of the job in the property test.
#[derive(Debug, Clone, Copy)]
enum Fate {
    /// The process dies within this step.
    DiesIn(usize),
    /// The process dies after this step.
    DiesAfter(usize),
    /// This step fails.
    FailsIn(usize),
    /// The lease runs out within this step, unnoticed.
    StallsIn(usize),
    /// The process is told to stop within this step.
    StopsIn(usize),
}

fn fates() -> impl Strategy<Value = Vec<Fate>> {
    let fate = (0..STEPS, 0..5_u8).prop_map(|(step, kind)| match kind {
        0 => Fate::DiesIn(step),
        1 => Fate::DiesAfter(step),
        2 => Fate::FailsIn(step),
        3 => Fate::StallsIn(step),
        _ => Fate::StopsIn(step),
    });
    proptest::collection::vec(fate, 0..8)
}

/// The same five steps, at the mercy of a fate.
struct Doomed {
    fate: parking_lot::Mutex<Option<Fate>>,
    doom: tokio::sync::mpsc::UnboundedSender<()>,
    hand: guildhall_base::Hand,
}

impl Job for Doomed {
    const NAME: &'static str = "doomed";
    const RULES: guildhall_infra::jobs::Rules =
        guildhall_infra::jobs::Rules::new().attempts(100, Duration::from_millis(1), Duration::from_millis(1));
    type Payload = ();
    type Output = ();

    async fn run(&self, ctx: Ctx, (): ()) -> Outcome {
        for step in 0..STEPS {
            let name = format!("step-{step}");
            let fate = self.fate_in(step);
            let dies_after = matches!(fate, Some(Fate::DiesAfter(_)));
            ctx.step(&name, async |effects| {
                effect(&ctx, &effects, &name)?;
                match fate {
                    Some(Fate::DiesIn(_) | Fate::StopsIn(_)) => self.die().await,
                    Some(Fate::FailsIn(_)) => Err(guildhall_base::Error::internal("bad luck").into()),
                    Some(Fate::StallsIn(_)) => {
                        self.hand.advance(Duration::from_secs(7));
                        Ok(())
                    }
                    _ => Ok(()),
                }
            })
            .await?;
            if dies_after {
                self.die().await?;
            }
        }
        Ok(())
    }
}

impl Doomed {
    /// What befalls this step; nothing befalls a process twice.
    fn fate_in(&self, step: usize) -> Option<Fate> {
        let mut fate = self.fate.lock();
        let here = fate.is_some_and(|fate| match fate {
            Fate::DiesIn(at)
            | Fate::DiesAfter(at)
            | Fate::FailsIn(at)
            | Fate::StallsIn(at)
            | Fate::StopsIn(at) => at == step,
        });
        if here { fate.take() } else { None }
    }

    async fn die(&self) -> Outcome {
        let _ = self.doom.send(());
        std::future::pending().await
    }
}

async fn suffer(bench: &Bench, fates: &[Fate]) {
    let first = bench.node();
    let id = first.enqueue_now(NewJob::of::<Doomed>(&())).await.unwrap();
    for fate in fates.iter().copied().map(Some).chain([None]) {
        let (doom, mut doomed) = tokio::sync::mpsc::unbounded_channel();
        let jobs = bench.node();
        jobs.register(Doomed { fate: parking_lot::Mutex::new(fate), doom, hand: bench.hand.clone() });
        if let Some(Fate::StopsIn(_)) = fate {
            let stop = CancellationToken::new();
            let working = tokio::spawn({
                let (jobs, stop) = (jobs.clone(), stop.clone());
                async move { jobs.work(stop).await }
            });
            // It may have come past that step before; then it ends by itself.
            tokio::select! {
                _ = doomed.recv() => {}
                _ = finished(&jobs, id) => {}
            }
            stop.cancel();
            working.await.unwrap();
        } else {
            let process = jobs.run_due();
            tokio::select! {
                runs = process => drop(runs.unwrap()),
                _ = doomed.recv() => {}
            }
            // Its task is left hanging: nobody renews its lease.
        }
        bench.hand.advance(Duration::from_secs(7));
    }
    expect(&first, id, State::Done).await;
    assert_eq!(bench.effects(id).await, expected(), "{}", bench.test.name);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a06_whatever_befalls_a_job_every_step_happens_once(fates in fates()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            for bench in benches().await {
                suffer(&bench, &fates).await;
            }
        });
    }
}
