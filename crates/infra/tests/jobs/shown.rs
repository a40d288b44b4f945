//! What owners see: progress, lines, events, files; and what is kept of it through a restart.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use guildhall_base::{GuildId, Permissions, UserId, codes};
use guildhall_infra::events::Audience;
use guildhall_infra::i18n::{Language, Words};
use guildhall_infra::jobs::{Ctx, FILES_LIVE, Job, NewJob, Outcome, Phrase, Progress, State};
use tokio::sync::Notify;

use crate::support::*;

/// Sleeps, speaks, counts, and makes a file.
struct Shows(Arc<Notify>, Arc<Notify>);

impl Job for Shows {
    const NAME: &'static str = "shows";
    type Payload = ();
    type Output = Progress;

    async fn run(&self, ctx: Ctx, (): ()) -> Outcome<Progress> {
        let seen = ctx.progress_so_far();
        ctx.say(Phrase::new("site-code-conflict", "begun"));
        ctx.progress(1, 3, "counting");
        self.0.notify_one();
        self.1.notified().await;
        ctx.put_file("out.txt", "text/plain", stream::iter([Ok(Bytes::from("hello"))]), 100).await?;
        ctx.progress(3, 3, "done");
        Ok(seen)
    }
}

#[tokio::test]
async fn a12_progress_and_lines_survive_a_restart() {
    for bench in benches().await {
        let (reached, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let dying = bench.node();
        dying.register(Shows(reached.clone(), go.clone()));
        let (user, guild) = (UserId::new(5), GuildId::new(7));
        let id = dying.enqueue_now(NewJob::of::<Shows>(&()).user(user).guild(guild)).await.unwrap();
        let process = tokio::spawn({
            let dying = dying.clone();
            async move { dying.run_due().await }
        });
        reached.notified().await;
        dying.beat().await.unwrap();
        let counting = Progress { done: 1, total: Some(3), words: "counting".into() };
        assert_eq!(dying.get(id).await.unwrap().progress, counting);
        process.abort();
        bench.hand.advance(Duration::from_secs(8));

        let (other, go) = (bench.node(), Arc::new(Notify::new()));
        other.register(Shows(reached.clone(), go.clone()));
        other.tick().await.unwrap();
        assert_eq!(expect(&other, id, State::Ready).await.progress, counting, "kept without a run");
        go.notify_one();
        other.run_due().await.unwrap();
        let record = expect(&other, id, State::Done).await;
        assert_eq!(record.progress.done, 3);
        let seen: Progress = serde_json::from_str(&record.result.unwrap()).unwrap();
        assert_eq!(seen, counting, "the second run knew of it");
        let lines: Vec<_> = other.lines(id, 10).await.unwrap().into_iter().map(|line| line.words).collect();
        assert_eq!(lines, ["begun", "begun"]);
        let words = Words::new(&[]).unwrap();
        let finnish = words.find(Language::Finnish, "site-code-conflict", &[]);
        let said = lines.iter().map(|line| line.said_in(&words, Language::Finnish));
        assert!(said.map(Some).all(|line| line == finnish), "{lines:?}");

        // The managers of the guild were told.
        let mut tail = bench.log.tail(0);
        let mut events = Vec::new();
        while events.len() < 4 {
            events.extend(tail.next(100).await.unwrap().unwrap());
        }
        let told: Vec<_> = events
            .iter()
            .map(|event| {
                assert_eq!(event.audience, Audience::Permission(guild, Permissions::MANAGE_GUILD));
                let body: serde_json::Value = event.parse().unwrap();
                assert_eq!(body["id"], id.to_string());
                format!("{} {} {}", event.name, body["state"].as_str().unwrap(), body["progress"]["done"])
            })
            .collect();
        assert_eq!(
            told,
            ["JOB_CREATE ready 0", "JOB_UPDATE running 1", "JOB_UPDATE ready 1", "JOB_UPDATE done 3"]
        );
    }
}

#[tokio::test]
async fn files_are_handed_out_by_links_that_live_ten_minutes() {
    for bench in benches().await {
        let jobs = bench.node();
        let go = Arc::new(Notify::new());
        jobs.register(Shows(Arc::default(), go.clone()));
        let id = jobs.enqueue_now(NewJob::of::<Shows>(&())).await.unwrap();
        go.notify_one();
        jobs.run_due().await.unwrap();
        let files = jobs.files(id).await.unwrap();
        assert_eq!((files.len(), files[0].name.as_str(), files[0].size), (1, "out.txt", 5));

        let link = jobs.sign(id, "out.txt");
        let elsewhere = bench.node();
        let (file, blob) = elsewhere.open_signed(&link).await.unwrap();
        assert_eq!((file.content_type.as_str(), blob.bytes().await.unwrap()), ("text/plain", "hello".into()));
        let wrong = |change: fn(&mut guildhall_infra::jobs::Signed)| {
            let mut link = link.clone();
            change(&mut link);
            link
        };
        for link in [
            wrong(|link| link.name = "other.txt".to_owned()),
            wrong(|link| link.expires = link.expires.after(Duration::from_secs(1))),
            wrong(|link| link.job = guildhall_base::JobId::new(1)),
            wrong(|link| link.signature = "AAAA".to_owned()),
            wrong(|link| link.signature = "not base64!".to_owned()),
        ] {
            assert!(elsewhere.open_signed(&link).await.unwrap_err().is(codes::NOT_FOUND), "{link:?}");
        }
        bench.hand.advance(FILES_LIVE);
        assert!(jobs.open_signed(&link).await.unwrap_err().is(codes::NOT_FOUND), "too late");
        bench.hand.advance(Duration::from_secs(8 * 24 * 3600));
        jobs.tick().await.unwrap();
        let link = jobs.sign(id, "out.txt");
        assert!(jobs.open_signed(&link).await.unwrap_err().is(codes::NOT_FOUND), "gone with the job");
    }
}

/// Sleeps an hour between two effects.
struct Naps;

impl Job for Naps {
    const NAME: &'static str = "naps";
    type Payload = ();
    type Output = ();

    async fn run(&self, ctx: Ctx, (): ()) -> Outcome {
        ctx.step("before", async |effects| effect(&ctx, &effects, "before")).await?;
        ctx.sleep("nap", Duration::from_secs(3600)).await?;
        ctx.step("after", async |effects| effect(&ctx, &effects, "after")).await?;
        ctx.follow_up("next", plain("next")).await.map(drop)
    }
}

#[tokio::test]
async fn a_sleeping_job_holds_nothing_and_goes_on_where_it_was() {
    for bench in benches().await {
        let jobs = bench.node();
        jobs.register(Naps);
        let id = jobs.enqueue_now(NewJob::of::<Naps>(&())).await.unwrap();
        assert_eq!(jobs.run_due().await.unwrap(), 1);
        let record = expect(&jobs, id, State::Scheduled).await;
        assert_eq!(record.run_at, bench.now().after(Duration::from_secs(3600)));
        bench.hand.advance(Duration::from_secs(3599));
        assert_eq!(jobs.run_due().await.unwrap(), 0);
        bench.hand.advance(Duration::from_secs(1));
        assert_eq!(jobs.run_due().await.unwrap(), 2, "it and what it enqueued");
        expect(&jobs, id, State::Done).await;
        assert_eq!(bench.effects(id).await, ["before", "after"]);
    }
}

#[tokio::test]
async fn owners_hear_of_rescues_cancellations_and_retries() {
    for bench in benches().await {
        let dying = bench.node();
        let (waits, reached, _never) = Waits::new();
        dying.register(waits);
        let user = UserId::new(5);
        let lost = dying.enqueue_now(NewJob::of::<Waits>(&()).user(user)).await.unwrap();
        let unowned = dying.enqueue_now(NewJob::of::<Waits>(&())).await.unwrap();
        let process = tokio::spawn({
            let dying = dying.clone();
            async move { dying.run_due().await }
        });
        reached.notified().await;
        reached.notified().await;
        process.abort();
        bench.hand.advance(Duration::from_secs(8));
        let next = bench.node();
        let (one, two) = tokio::join!(next.tick(), dying.tick());
        one.and(two).unwrap();
        for id in [lost, unowned] {
            expect(&next, id, State::Ready).await;
        }
        assert_eq!(next.cancel(lost).await.unwrap(), State::Cancelled);
        assert!(next.cancel(lost).await.unwrap_err().is(guildhall_infra::jobs::codes::STATE));
        next.retry(lost).await.unwrap();
        assert!(next.retry(lost).await.unwrap_err().is(guildhall_infra::jobs::codes::STATE));
        let later = next.enqueue_now(plain("later").user(user).after(Duration::from_secs(60))).await.unwrap();
        assert_eq!(next.cancel(later).await.unwrap(), State::Cancelled);

        let events = bench.log.read_after(0, 100).await.unwrap();
        let told = |id: guildhall_base::JobId| -> Vec<String> {
            let bodies = events.iter().map(|event| (event, event.parse::<serde_json::Value>().unwrap()));
            let of_it = bodies.filter(|(_, body)| body["id"] == id.to_string());
            of_it.map(|(event, body)| format!("{} {}", event.name, body["state"].as_str().unwrap())).collect()
        };
        assert_eq!(
            told(lost),
            ["JOB_CREATE ready", "JOB_UPDATE ready", "JOB_UPDATE cancelled", "JOB_UPDATE ready"],
            "{}",
            bench.test.name
        );
        assert_eq!(told(later), ["JOB_CREATE ready", "JOB_UPDATE cancelled"], "{}", bench.test.name);
        assert_eq!(told(unowned), [""; 0]);
    }
}
