//! Jobs that are asked for by name: refused before they exist, looked at before, and undone afterwards.

use guildhall_base::UserId;
use guildhall_base::codes::NOT_FOUND;
use guildhall_base::{Error, Result};
use guildhall_infra::jobs::{Ctx, Job, NewJob, Outcome, Owner, Rules, State, Undo, codes};
use serde_json::{Value, json};

use super::support::{benches, effect, expect};

/// Paints what it is told, for everybody but user 13.
struct Paints;

impl Job for Paints {
    const NAME: &'static str = "paints";
    const RULES: Rules = Rules::new().undone_by(Washes::NAME);
    type Payload = Vec<String>;
    type Output = ();

    async fn admit(&self, owner: Owner, _: Vec<String>) -> Result<()> {
        if owner.user == Some(UserId::new(13)) { Err(NOT_FOUND.into()) } else { Ok(()) }
    }

    async fn preview(&self, _: Owner, walls: Vec<String>) -> Result<Value> {
        Ok(json!({ "walls": walls.len() }))
    }

    async fn run(&self, ctx: Ctx, walls: Vec<String>) -> Outcome {
        for wall in walls {
            ctx.step(&wall, async |effects| {
                effect(&ctx, &effects, &wall)?;
                Ok(format!("old {wall}"))
            })
            .await?;
        }
        Ok(())
    }
}

/// Takes back what was painted.
struct Washes;

impl Job for Washes {
    const NAME: &'static str = "washes";
    type Payload = Undo;
    type Output = ();

    async fn run(&self, ctx: Ctx, undo: Undo) -> Outcome {
        let mut steps: Vec<_> = ctx.jobs().steps(undo.job).await?.into_iter().collect();
        steps.sort_unstable();
        for (wall, was) in steps {
            let was: String = serde_json::from_str(&was).map_err(Error::internal)?;
            ctx.step(&wall, async |effects| effect(&ctx, &effects, &was)).await?;
        }
        Ok(())
    }
}

#[tokio::test]
async fn what_a_job_did_is_undone_once_however_often_it_is_asked_for() {
    for bench in benches().await {
        let jobs = bench.node();
        jobs.register(Paints);
        jobs.register(Washes);
        let id = jobs.enqueue_now(NewJob::of::<Paints>(&vec!["north".into(), "south".into()])).await.unwrap();
        let owner = Owner::default();
        assert!(jobs.undo(id, owner).await.unwrap_err().is(codes::STATE), "it has not ended");
        jobs.run_due().await.unwrap();
        let (first, second) = tokio::join!(jobs.undo(id, owner), jobs.undo(id, owner));
        assert_eq!(first.unwrap().id, second.unwrap().id);
        jobs.run_due().await.unwrap();
        let undoing = jobs.undo(id, owner).await.unwrap();
        assert_eq!((undoing.state, jobs.undone_by(id).await.unwrap()), (State::Done, Some(undoing.id)));
        assert_eq!(bench.effects(undoing.id).await, ["old north", "old south"]);
        assert!(
            jobs.undo(undoing.id, owner).await.unwrap_err().is(codes::STATE),
            "nothing undoes an undoing"
        );
    }
}

#[tokio::test]
async fn a_cancelled_job_that_was_undone_does_not_go_on() {
    for bench in benches().await {
        let jobs = bench.node();
        jobs.register(Paints);
        jobs.register(Washes);
        let never = jobs.enqueue_now(NewJob::of::<Paints>(&vec!["north".into()])).await.unwrap();
        jobs.cancel(never).await.unwrap();
        assert!(jobs.undo(never, Owner::default()).await.unwrap_err().is(codes::STATE), "it did nothing");
        jobs.retry(never).await.unwrap();
        jobs.run_due().await.unwrap();
        jobs.undo(never, Owner::default()).await.unwrap();
        assert!(jobs.retry(never).await.unwrap_err().is(codes::STATE));
        expect(&jobs, never, State::Done).await;
    }
}

#[tokio::test]
async fn a_kind_refuses_and_tells_before_a_job_exists() {
    for bench in benches().await {
        let jobs = bench.node();
        jobs.register(Paints);
        let unlucky = Owner { user: Some(UserId::new(13)), guild: None };
        let (lucky, walls) = (Owner::default(), "[\"north\"]");
        assert_eq!(jobs.preview("paints", lucky, walls).await.unwrap(), json!({ "walls": 1 }));
        assert!(jobs.preview("paints", unlucky, walls).await.unwrap_err().is(NOT_FOUND));
        assert!(jobs.admit("paints", unlucky, walls).await.unwrap_err().is(NOT_FOUND));
        assert!(jobs.preview("paints", lucky, "{}").await.is_err());
        assert!(jobs.admit("nothing", lucky, walls).await.unwrap_err().is(codes::UNKNOWN_NAME));
        assert_eq!(jobs.preview("plain", lucky, "\"x\"").await.unwrap(), Value::Null);
    }
}
