//! Payloads that somebody sends: what may not be kept of them is sealed, and one job at a time is about the same thing.

use guildhall_base::{Error, JobId, Result, codes::NOT_FOUND};
use guildhall_infra::db::{params, sql};
use guildhall_infra::jobs::{Ctx, Job, Jobs, NewJob, Outcome, Record, State, codes};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::support::{Bench, benches, expect};

#[derive(Serialize, Deserialize)]
struct Errand {
    place: String,
    secret: String,
}

/// Goes to a place with a secret, which is sealed as long as the job is active and forgotten afterwards.
struct Hides;

impl Job for Hides {
    const NAME: &'static str = "hides";
    type Payload = Errand;
    type Output = String;

    async fn prepare(&self, Errand { place, secret }: Errand) -> Result<Errand> {
        if secret.is_empty() {
            return Err(NOT_FOUND.into());
        }
        Ok(Errand { place, secret: secret.replace("open", "sealed") })
    }

    fn afterwards(errand: &Errand) -> Option<Errand> {
        Some(Errand { place: errand.place.clone(), secret: String::new() })
    }

    fn unique(errand: &Errand) -> Option<String> {
        Some(errand.place.clone())
    }

    async fn run(&self, _: Ctx, errand: Errand) -> Outcome<String> {
        Ok(errand.secret)
    }
}

async fn hidden(jobs: &Jobs, place: &str, secret: &str) -> Result<NewJob> {
    jobs.prepared(Hides::NAME, &json!({ "place": place, "secret": secret }).to_string()).await
}

async fn asked(jobs: &Jobs, place: &str, key: &str) -> Result<Record> {
    jobs.request(hidden(jobs, place, "open 1").await?.request("program", Some(key.to_owned()))).await
}

async fn kept(bench: &Bench, id: JobId) -> String {
    let payload = sql!("SELECT payload FROM jobs WHERE id = $1");
    bench.test.db.one(payload, params![id]).await.unwrap().read().unwrap()
}

fn code(outcome: Result<Record>) -> Error {
    outcome.map(|record| record.id).unwrap_err()
}

#[tokio::test]
async fn secrets_are_sealed_before_a_job_is_kept_and_go_with_its_end() {
    for bench in benches().await {
        let jobs = bench.node();
        jobs.register(Hides);
        assert!(hidden(&jobs, "mill", "").await.unwrap_err().is(NOT_FOUND), "the kind refuses it");
        let first = asked(&jobs, "mill", "a").await.unwrap();
        assert_eq!(kept(&bench, first.id).await, r#"{"place":"mill","secret":"sealed 1"}"#);
        jobs.run_due().await.unwrap();
        let done = expect(&jobs, first.id, State::Done).await;
        assert_eq!(done.result.as_deref(), Some("\"sealed 1\""));
        assert_eq!(kept(&bench, first.id).await, r#"{"place":"mill","secret":""}"#);
        // Nothing is hidden of what has nothing to hide: it is kept as it was sent, and what was cancelled forgets too.
        let sent = r#"{ "place": "inn",  "secret": "1" }"#;
        let plain = jobs.enqueue_now(jobs.prepared(Hides::NAME, sent).await.unwrap()).await.unwrap();
        assert_eq!(kept(&bench, plain).await, sent);
        jobs.cancel(plain).await.unwrap();
        expect(&jobs, plain, State::Cancelled).await;
        assert_eq!(kept(&bench, plain).await, r#"{"place":"inn","secret":""}"#);
    }
}

#[tokio::test]
async fn one_job_that_somebody_asks_for_is_about_the_same_thing() {
    for bench in benches().await {
        let jobs = bench.node();
        jobs.register(Hides);
        let first = asked(&jobs, "mill", "a").await.unwrap();
        assert_eq!(asked(&jobs, "mill", "a").await.unwrap().id, first.id, "asked again with the same key");
        assert!(code(asked(&jobs, "mill", "b").await).is(codes::STATE));
        let elsewhere = asked(&jobs, "inn", "c").await.unwrap();
        assert_eq!(jobs.run_due().await.unwrap(), 2);
        expect(&jobs, first.id, State::Done).await;
        expect(&jobs, elsewhere.id, State::Done).await;
        let next = asked(&jobs, "mill", "d").await.unwrap();
        assert_ne!(next.id, first.id);
        assert_eq!(jobs.run_due().await.unwrap(), 1, "what is over is not in the way");
    }
}
