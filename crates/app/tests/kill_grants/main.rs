//! The real program, killed again and again while applications get tokens, refresh them and give them back: what it had
//! answered holds afterwards, nothing is half, no code becomes tokens twice, and everybody may try again.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

#[path = "../support/mod.rs"]
mod support;
mod world;

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::http::StatusCode;
use guildhall_infra::db::{Db, Sql};
use guildhall_infra::testing::{TestDb, databases};
use guildhall_infra::{params, sql};
use support::process::Process;
use world::{Answer, World, found, text};

/// How often the program is killed on each database.
const KILLS: i64 = 6;
const WORKERS: usize = 6;

/// Where somebody was when the program died. `sent`: the next step was on its way, and its answer never came.
#[derive(Debug, Clone)]
enum Held {
    Nothing,
    Code {
        code: String,
        sent: bool,
    },
    Tokens {
        access: String,
        refresh: String,
        sent: bool,
    },
    Device {
        device: String,
        user: String,
        sent: bool,
    },
    Allowed {
        device: String,
        sent: bool,
    },
    Own {
        access: String,
    },
    /// A family of tokens is given back.
    Ending {
        access: String,
        refresh: String,
        sent: bool,
    },
    /// One access token is; the family lives on.
    Revoking {
        access: String,
        refresh: String,
        sent: bool,
    },
}

/// What somebody does until the program dies.
impl World {
    async fn work(self, number: usize) -> Held {
        let mut held = Held::Nothing;
        let _died = self.try_work(number, &mut held).await;
        held
    }

    async fn try_work(&self, number: usize, held: &mut Held) -> anyhow::Result<()> {
        for turn in number.. {
            *held = Held::Nothing;
            match turn % 3 {
                0 => self.by_code(held).await?,
                1 => self.by_device(held).await?,
                _ => self.by_itself(held).await?,
            }
        }
        Ok(())
    }

    /// Notes how far somebody has come, and lets another one's turn come, so that some die with nothing on its way.
    async fn at(&self, held: &mut Held, now: Held) {
        self.told.steps.fetch_add(1, Ordering::Relaxed);
        *held = now;
        tokio::task::yield_now().await;
    }

    async fn by_code(&self, held: &mut Held) -> anyhow::Result<()> {
        let (_, location, body) = self.get(&format!("/oauth2/authorize?{}", self.query())).await?;
        let code = location.split_once("code=").and_then(|(_, rest)| rest.split('&').next());
        let code = code.unwrap_or_else(|| panic!("{location} {body}")).to_owned();
        self.at(held, Held::Code { code: code.clone(), sent: false }).await;
        *held = Held::Code { code: code.clone(), sent: true };
        let mut answer = self.exchange(&code).await?;
        for _ in 0..3 {
            let (access, refresh) = (text(&answer, "access_token"), text(&answer, "refresh_token"));
            self.at(held, Held::Tokens { access: access.clone(), refresh: refresh.clone(), sent: false })
                .await;
            *held = Held::Tokens { access, refresh: refresh.clone(), sent: true };
            answer = self.refresh(&refresh).await?;
        }
        let (access, refresh) = (text(&answer, "access_token"), text(&answer, "refresh_token"));
        *held = Held::Ending { access: access.clone(), refresh: refresh.clone(), sent: true };
        assert_eq!(self.end(&refresh).await?.0, StatusCode::OK);
        self.at(held, Held::Ending { access, refresh, sent: false }).await;
        Ok(())
    }

    async fn by_device(&self, held: &mut Held) -> anyhow::Result<()> {
        let asked = self.post("/oauth2/device_authorization", "scope=identify".into()).await?;
        let (device, user) = (text(&asked, "device_code"), text(&asked, "user_code"));
        self.at(held, Held::Device { device: device.clone(), user: user.clone(), sent: false }).await;
        *held = Held::Device { device: device.clone(), user: user.clone(), sent: true };
        assert_eq!(self.allow(&user).await?.0, StatusCode::OK);
        self.at(held, Held::Allowed { device: device.clone(), sent: false }).await;
        *held = Held::Allowed { device: device.clone(), sent: true };
        let answer = self.poll(&device).await?;
        let (access, refresh) = (text(&answer, "access_token"), text(&answer, "refresh_token"));
        self.at(held, Held::Tokens { access: access.clone(), refresh: refresh.clone(), sent: false }).await;
        *held = Held::Revoking { access: access.clone(), refresh: refresh.clone(), sent: true };
        assert_eq!(self.revoke(&access).await?.0, StatusCode::OK);
        self.at(held, Held::Revoking { access, refresh, sent: false }).await;
        Ok(())
    }

    async fn by_itself(&self, held: &mut Held) -> anyhow::Result<()> {
        for _ in 0..3 {
            let form = "grant_type=client_credentials&scope=identify".to_owned();
            let answer = self.post("/oauth2/token", form).await?;
            self.at(held, Held::Own { access: text(&answer, "access_token") }).await;
        }
        Ok(())
    }
}

/// What is found after the restart.
impl World {
    /// What was answered before the kill must hold; what was on its way has happened or has not.
    async fn check(&self, held: Held) {
        match held.clone() {
            Held::Nothing => {}
            Held::Own { access } => assert!(self.opens(&access).await, "{held:?}"),
            Held::Code { code, sent } => {
                let answer = self.exchange(&code).await.unwrap();
                self.once(&held, 0, sent, &answer).await;
                self.is_spent(self.exchange(&code).await.unwrap()).await;
            }
            Held::Tokens { access, refresh, sent } => {
                assert!(self.opens(&access).await, "{held:?}");
                let answer = self.refresh(&refresh).await.unwrap();
                self.once(&held, 1, sent, &answer).await;
                self.is_spent(self.refresh(&refresh).await.unwrap()).await;
                assert!(!self.opens(&access).await, "{held:?}: what came twice ends the family");
            }
            Held::Device { device, user, sent } => {
                let allowed = self.allow(&user).await.unwrap().0;
                assert!(allowed == StatusCode::OK || sent && allowed == StatusCode::BAD_REQUEST, "{held:?}");
                // Allowed it is, whoever was told of it.
                let answer = self.poll(&device).await.unwrap();
                self.once(&held, 2, false, &answer).await;
                self.is_spent(self.poll(&device).await.unwrap()).await;
            }
            Held::Allowed { device, sent } => {
                let answer = self.poll(&device).await.unwrap();
                self.once(&held, 2, sent, &answer).await;
                self.is_spent(self.poll(&device).await.unwrap()).await;
            }
            Held::Ending { access, refresh, sent } => {
                if sent {
                    // As a client does that was not told.
                    assert_eq!(self.revoke(&refresh).await.unwrap().0, StatusCode::OK);
                    self.told.ends_told.fetch_add(1, Ordering::Relaxed);
                }
                assert!(!self.opens(&access).await, "{held:?}");
                assert_eq!(text(&self.refresh(&refresh).await.unwrap(), "error"), "invalid_grant");
            }
            Held::Revoking { access, refresh, sent } => {
                if sent {
                    assert_eq!(self.revoke(&access).await.unwrap().0, StatusCode::OK);
                }
                assert!(!self.opens(&access).await, "{held:?}");
                self.once(&held, 1, false, &self.refresh(&refresh).await.unwrap()).await;
            }
        }
    }

    /// The step happens now, and what comes of it is whole; or it had happened when the program died, unseen.
    async fn once(&self, held: &Held, kind: usize, sent: bool, answer: &Answer) {
        if answer.0 == StatusCode::OK {
            assert!(self.opens(&text(answer, "access_token")).await, "{held:?}");
            let next = self.refresh(&text(answer, "refresh_token")).await.unwrap();
            assert!(self.opens(&text(&next, "access_token")).await, "{held:?}");
        } else {
            assert!(sent && text(answer, "error") == "invalid_grant", "{held:?} {answer:?}");
            self.told.lost[kind].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A code, a refresh token, a device that came before: nobody gets anything for it, and its family has ended.
    async fn is_spent(&self, answer: Answer) {
        assert_eq!(text(&answer, "error"), "invalid_grant");
        self.told.ends_asked.fetch_add(1, Ordering::Relaxed);
        self.told.ends_told.fetch_add(1, Ordering::Relaxed);
    }

    /// What must be true of the tables whenever the program is not there.
    async fn is_consistent(&self, db: &Db) {
        for (what, text) in NEVER {
            let count: i64 = db.one(*text, params![]).await.unwrap().get(0).unwrap();
            assert_eq!(count, 0, "{what}");
        }
        // What was spent has become a family, and only those are gone that were ended.
        let gone = sql!(
            "SELECT (SELECT COUNT(*) FROM authorization_codes WHERE used IS NOT NULL)
                  + (SELECT COUNT(*) FROM device_codes WHERE state = 3) - (SELECT COUNT(*) FROM grants)"
        );
        let gone: i64 = db.one(gone, params![]).await.unwrap().get(0).unwrap();
        let told = self.told.ends_told.load(Ordering::Relaxed);
        let asked = self.told.ends_asked.load(Ordering::Relaxed);
        assert!((told..=asked).contains(&gone), "{told} to {asked} families were ended, {gone} are gone");
    }
}

const NEVER: &[(&str, Sql)] = &[
    (
        "a family has two live refresh tokens",
        sql!(
            "SELECT COUNT(*) FROM (SELECT grant_id FROM refresh_tokens WHERE used IS NULL
             GROUP BY grant_id HAVING COUNT(*) > 1) AS twice"
        ),
    ),
    (
        "a family has no live refresh token",
        sql!(
            "SELECT COUNT(*) FROM grants WHERE NOT EXISTS (SELECT 1 FROM refresh_tokens AS tokens
             WHERE tokens.grant_id = grants.id AND tokens.used IS NULL)"
        ),
    ),
    (
        "a family came of nothing that was spent",
        sql!(
            "SELECT COUNT(*) FROM grants
             WHERE NOT EXISTS (SELECT 1 FROM authorization_codes AS codes
                               WHERE codes.grant_id = grants.id AND codes.used IS NOT NULL)
               AND NOT EXISTS (SELECT 1 FROM device_codes AS devices
                               WHERE devices.grant_id = grants.id AND devices.state = 3)"
        ),
    ),
    (
        "a device was half allowed",
        sql!("SELECT COUNT(*) FROM device_codes WHERE (state = 0) <> (user_id IS NULL)"),
    ),
];

async fn killed_often(db: &TestDb) {
    let folder = tempfile::tempdir().unwrap();
    let world = found(folder.path(), db).await;
    let mut on_its_way = 0;
    for kill in 0..KILLS {
        let process = Process::start(folder.path(), db, world.address).await;
        let workers: Vec<_> = (0..WORKERS).map(|number| tokio::spawn(world.clone().work(number))).collect();
        // Killed while all of them are at it, each time a little later.
        let wanted = world.told.steps.load(Ordering::Relaxed) + 20 + 7 * kill;
        let enough = async {
            while world.told.steps.load(Ordering::Relaxed) < wanted {
                assert!(workers.iter().all(|worker| !worker.is_finished()), "somebody was refused");
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), enough).await.unwrap();
        process.kill();
        let mut all = Vec::new();
        for worker in workers {
            all.push(worker.await.unwrap());
        }
        world.is_consistent(&db.db).await;
        let process = Process::start(folder.path(), db, world.address).await;
        for held in all {
            on_its_way += usize::from(format!("{held:?}").contains("sent: true"));
            world.check(held).await;
        }
        // Whoever comes now is let in.
        let mut held = Held::Nothing;
        world.by_code(&mut held).await.unwrap();
        world.by_device(&mut held).await.unwrap();
        process.kill();
        world.is_consistent(&db.db).await;
    }
    let lost = world.told.lost.each_ref().map(|count| count.load(Ordering::Relaxed));
    assert!(on_its_way > 0, "{}: nothing was on its way; answers lost, by kind: {lost:?}", db.name);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_granted_or_taken_back_is_so_after_every_kill_and_nothing_is_half() {
    for db in databases().await {
        killed_often(&db).await;
    }
}
