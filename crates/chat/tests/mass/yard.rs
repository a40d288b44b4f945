//! A guild with people in it, and mass jobs asked for as the desk of jobs does.

use std::sync::atomic::{AtomicUsize, Ordering};

use guildhall_base::{GuildId, JobId, Result};
use guildhall_infra::jobs::{Ctx, Job, NewJob, Outcome, Owner, Record, Stop};
use serde::Serialize;
use serde_json::{Value, json};

use crate::support::{Hall, Somebody, text};

pub struct Yard {
    pub hall: Hall,
    pub ada: Somebody,
    pub guild: String,
    pub general: String,
    pub people: Vec<Somebody>,
}

/// Ada's guild with so many people.
pub async fn yard(hall: Hall, people: usize) -> Yard {
    let ada = hall.person("ada").await;
    let (guild, general) = hall.guild(&ada, "Engine").await;
    let mut yard = Yard { hall, ada, guild, general, people: Vec::new() };
    for index in 0..people {
        let person = yard.hall.person(&format!("person{index}")).await;
        yard.enroll(&person).await;
        yard.people.push(person);
    }
    yard
}

impl Yard {
    pub fn id(&self) -> GuildId {
        self.guild.parse().unwrap()
    }

    pub async fn enroll(&self, who: &Somebody) {
        self.hall.chat.enroll(self.id(), who.user.id, Vec::new()).await.unwrap();
    }

    /// Comes by an invite, as people do.
    pub async fn join(&self, who: &Somebody) {
        let invite =
            self.hall.post(&self.ada, &format!("/channels/{}/invites", self.general), json!({})).await;
        let path = format!("/invites/{}", text(&invite.ok()["code"]));
        self.hall.post(who, &path, Value::Null).await.ok();
    }

    /// A new role: its id. Later ones stand below earlier ones.
    pub async fn role(&self, name: &str, permissions: &str) -> String {
        let body = json!({ "name": name, "permissions": permissions });
        text(&self.hall.post(&self.ada, &format!("/guilds/{}/roles", self.guild), body).await.ok()["id"])
    }

    pub async fn give(&self, who: &Somebody, role: &str) {
        let path = format!("/guilds/{}/members/{}/roles/{role}", self.guild, who.id);
        assert_eq!(self.hall.put(&self.ada, &path, Value::Null).await.status, 204);
    }

    pub async fn roles_of(&self, who: &Somebody) -> Value {
        let path = format!("/guilds/{}/members/{}", self.guild, who.id);
        self.hall.get(&self.ada, &path).await.body["roles"].clone()
    }

    pub async fn is_banned(&self, who: &Somebody) -> bool {
        let path = format!("/guilds/{}/bans/{}", self.guild, who.id);
        self.hall.get(&self.ada, &path).await.status == 200
    }

    pub fn owner(&self, who: &Somebody) -> Owner {
        Owner { user: Some(who.user.id), guild: Some(self.id()) }
    }

    pub async fn preview<J: Job>(&self, who: &Somebody, payload: &J::Payload) -> Result<Value> {
        let payload = serde_json::to_string(payload).unwrap();
        self.hall.jobs.preview(J::NAME, self.owner(who), &payload).await
    }

    /// Asks for a job, which is refused or enqueued.
    pub async fn ask<J: Job>(&self, who: &Somebody, payload: &J::Payload) -> Result<JobId>
    where
        J::Payload: Serialize,
    {
        let owner = self.owner(who);
        self.hall.jobs.admit(J::NAME, owner, &serde_json::to_string(payload).unwrap()).await?;
        let job = NewJob::of::<J>(payload).user(who.user.id).guild(self.id());
        self.hall.jobs.enqueue_now(job.limited_by(self.guild.clone())).await
    }

    /// Asks for a job and has it run.
    pub async fn done<J: Job>(&self, who: &Somebody, payload: &J::Payload) -> Record {
        let id = self.ask::<J>(who, payload).await.unwrap();
        self.ran(id).await
    }

    /// Runs what is due, and says how a job is then.
    pub async fn ran(&self, id: JobId) -> Record {
        self.hall.jobs.run_due().await.unwrap();
        self.hall.jobs.get(id).await.unwrap()
    }

    /// Has a job undone, and that run.
    pub async fn undone(&self, who: &Somebody, id: JobId) -> Record {
        let record = self.hall.jobs.undo(id, self.owner(who)).await.unwrap();
        self.ran(record.id).await
    }
}

/// What a finished mass job says: done, unchanged, failed.
#[track_caller]
pub fn tally(record: &Record) -> (u64, u64, u64) {
    let result = record.result.as_ref().unwrap_or_else(|| panic!("{:?} {:?}", record.state, record.error));
    let tally: Value = serde_json::from_str(result).unwrap();
    let count = |key: &str| tally[key].as_u64().unwrap();
    (count("done"), count("unchanged"), count("failed"))
}

/// A job whose every run dies right after some event was told: after the first, the next time after the second, and so on.
/// It is dropped wherever it is then.
pub struct Dying<J> {
    pub job: J,
    pub log: guildhall_infra::events::EventLog,
    pub event: &'static str,
    deaths: AtomicUsize,
}

impl<J> Dying<J> {
    pub fn new(job: J, hall: &Hall, event: &'static str) -> Self {
        Self { job, log: hall.log.clone(), event, deaths: AtomicUsize::new(0) }
    }
}

impl<J: Job> Job for Dying<J> {
    const NAME: &'static str = J::NAME;
    const VERSION: u32 = J::VERSION;
    const RULES: guildhall_infra::jobs::Rules = J::RULES;
    type Payload = J::Payload;
    type Output = J::Output;

    async fn run(&self, ctx: Ctx, payload: J::Payload) -> Outcome<J::Output> {
        let now = ctx.now();
        let told = async {
            let mut tail = self.log.tail(self.log.head());
            while let Ok(Some(events)) = tail.next(1).await {
                if events.iter().any(|event| &*event.name == self.event) {
                    break;
                }
            }
        };
        tokio::select! {
            biased;
            () = told => {
                assert!(self.deaths.fetch_add(1, Ordering::SeqCst) < 1000, "it gets nowhere");
                Err(Stop::Until(now))
            }
            done = self.job.run(ctx, payload) => done,
        }
    }
}
