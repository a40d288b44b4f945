//! A process that restores is killed, again and again, at moments that nobody chose; what comes out is what a restore
//! that was left alone makes.
//!
//! `GUILDHALL_TEST_RESTORE_KILLS=200` does it with a guild of 250 roles, 500 channels and 20,000 messages.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use guildhall_app::config::{Overrides, Settings, load};
use guildhall_app::serve::Server;
use guildhall_backup::plan::{Mode, Options};
use guildhall_backup::restore::{GuildRestore, Restore, Source, Target};
use guildhall_base::{Clock, JobId, UserId};
use guildhall_infra::jobs::{NewJob, State};

use crate::story::{brought, id_of, over, report};
use crate::support::halls;
use crate::tree::{self, Size};

const CHILD: &str = "GUILDHALL_TEST_RESTORES_UNTIL_KILLED";
const READY: &str = "\nit works";

/// Not a test of its own: the process that the next test kills.
#[tokio::test]
async fn restores_until_killed() {
    let Ok(place) = std::env::var(CHILD) else { return };
    let (data, database) = place.split_once('\n').unwrap();
    let overrides = Overrides {
        listen: Some("127.0.0.1:0".parse().unwrap()),
        data: Some(data.into()),
        database_url: Some(database.to_owned()),
        ..Overrides::default()
    };
    let mut settings = load(overrides).unwrap();
    hasten(&mut settings);
    let _server = Server::start(settings, Clock::system()).await.unwrap();
    println!("{READY}");
    std::future::pending::<()>().await;
}

/// Who is killed so often should be missed soon.
fn hasten(settings: &mut Settings) {
    settings.jobs.lease_seconds = 1;
}

fn start(place: &str) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["kill::restores_until_killed", "--exact", "--nocapture"])
        .env(CHILD, place)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let ready = |line: &std::io::Result<String>| line.as_ref().is_ok_and(|line| line.contains(READY.trim()));
    assert!(output.lines().any(|line| ready(&line)), "the process that is to be killed does not start");
    child
}

/// How often, how large, and the longest that a process lives.
fn measure() -> (usize, Size, Duration) {
    match std::env::var("GUILDHALL_TEST_RESTORE_KILLS").ok().and_then(|text| text.parse().ok()) {
        Some(kills) => {
            (kills, Size { roles: 250, channels: 500, messages: 20_000 }, Duration::from_millis(3500))
        }
        None => (5, Size { roles: 12, channels: 30, messages: 240 }, Duration::from_millis(1700)),
    }
}

#[tokio::test]
async fn kills_change_nothing_of_what_a_restore_makes() {
    let (kills, size, longest) = measure();
    for mut hall in halls().await {
        hall.configure(hasten);
        hall.start().await;
        let ada = hall.register("ada").await;
        let (user, source) = (id_of(&ada).await, brought(&hall, &ada, size).await);
        let (other, _) = ada.found_guild("Other").await;
        let jobs = hall.server().hall().jobs.clone();
        let mut restores =
            vec![ask(&jobs, user, &source, Target::Here { guild: other.parse().unwrap() }).await];
        hall.stop().await;

        let place = format!("{}\n{}", hall.folder.path().join("data").display(), hall.database.url);
        let (began, mut killed) = (Instant::now(), 0);
        while killed < kills {
            let mut child = tokio::task::spawn_blocking({
                let place = place.clone();
                move || start(&place)
            })
            .await
            .unwrap();
            // At a moment that nobody knows: that is what is tested.
            let life = rand::random_range(Duration::from_millis(20)..longest);
            tokio::time::sleep(life).await;
            child.kill().unwrap();
            child.wait().unwrap();
            killed += 1;
            let last = jobs.get(*restores.last().unwrap()).await.unwrap();
            assert_ne!(last.state, State::Dead, "{last:?}");
            if last.state == State::Done {
                restores.push(ask(&jobs, user, &source, Target::New { name: None }).await);
            }
        }
        hall.start().await;
        let ada = hall.client(ada.authorization.clone());
        let mut runs = 0;
        for id in &restores {
            let record = over(&hall, &ada, *id).await;
            runs += record.runs;
            let answer = report(&record);
            assert_eq!(answer["refused"], 0, "{answer}");
            let guild = tree::read(&ada, answer["guild"].as_str().unwrap()).await;
            assert_eq!(tree::shape(&guild), tree::shape(&tree::guild(size)), "{}", hall.database.name);
            assert_eq!(tree::said(&ada, &guild).await, tree::expected(size), "{}", hall.database.name);
        }
        eprintln!(
            "{}: {kills} kills, {} restores in {runs} runs, {:?}",
            hall.database.name,
            restores.len(),
            began.elapsed()
        );
        hall.stop().await;
    }
}

async fn ask(jobs: &guildhall_infra::jobs::Jobs, user: UserId, source: &Source, target: Target) -> JobId {
    let options = Options { mode: Mode::Full, ..Options::default() };
    let restore = Restore { source: source.clone(), passphrase: None, target, options };
    let mut job = NewJob::of::<GuildRestore>(&restore).user(user);
    if let Target::Here { guild } = restore.target {
        job = job.guild(guild).limited_by(guild.to_string());
    }
    jobs.enqueue_now(job).await.unwrap()
}
