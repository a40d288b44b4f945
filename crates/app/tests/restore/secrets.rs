//! Secrets of jobs: they go when the job is over, however it ends.

use axum::body::Body;
use axum::http::Request;
use bytes::Bytes;
use guildhall_base::JobId;
use guildhall_infra::jobs::State;
use guildhall_infra::{params, sql};
use http_body_util::BodyExt as _;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::story::over;
use crate::support::{Client, Hall, halls};
use crate::things::backed_up;

const PASSPHRASE: &str = "sealing wäx and string";
const ENCODED: &str = "sealing%20w%C3%A4x%20and%20string";

/// What is kept of what a job was told.
async fn kept(hall: &Hall, job: JobId) -> Value {
    let text = sql!("SELECT payload FROM jobs WHERE id = $1");
    let payload: String = hall.database.db.one(text, params![job]).await.unwrap().read().unwrap();
    serde_json::from_str(&payload).unwrap()
}

/// Brings a file, with what it was sealed with.
async fn bring(client: &Client, guild: &str, file: Bytes, passphrase: Option<&str>) -> (u16, Value) {
    let stream = TcpStream::connect(client.address).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let mut request = Request::builder()
        .method("POST")
        .uri(format!("/v2/guilds/{guild}/backups"))
        .header("host", "hall")
        .header("content-type", "application/octet-stream")
        .header("authorization", &client.authorization);
    if let Some(passphrase) = passphrase {
        request = request.header("x-backup-passphrase", passphrase);
    }
    let response = sender.send_request(request.body(Body::from(file)).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap())
}

#[tokio::test]
async fn a_sealed_file_is_brought_and_its_passphrase_goes_with_the_job() {
    for mut hall in halls().await {
        hall.start().await;
        let ada = hall.register("ada").await;
        let (guild, _) = ada.found_guild("Observatory").await;
        let backup = backed_up(&hall, &ada, json!({ "guild_id": guild, "passphrase": PASSPHRASE })).await;
        assert_eq!(
            kept(&hall, backup.id).await["passphrase"],
            json!({ "head": "", "key": { "sealed": "" } })
        );
        let jobs = hall.server().hall().jobs.clone();
        let signed = jobs.sign(backup.id, "backup.guildhall");
        let file = jobs.open_signed(&signed).await.unwrap().1.bytes().await.unwrap();

        // While it waits the passphrase is there, sealed; when it is over it is gone, however it ended.
        jobs.pause("restores", true).await.unwrap();
        let mut brought = Vec::new();
        for passphrase in [Some(ENCODED), Some("wrong%20horse"), None, Some(ENCODED)] {
            let (status, answer) = bring(&ada, &guild, file.clone(), passphrase).await;
            assert_eq!(status, 202, "{answer}");
            let job: JobId = answer["job"].as_str().unwrap().parse().unwrap();
            let told = kept(&hall, job).await;
            assert_eq!(told["passphrase"].is_string(), passphrase.is_some(), "{told}");
            assert!(!told.to_string().contains("sealing"), "{told}");
            brought.push(job);
        }
        jobs.cancel(brought[3]).await.unwrap();
        assert_eq!(bring(&ada, &guild, file, Some("%ff")).await.0, 400);
        jobs.pause("restores", false).await.unwrap();
        let mut ends = Vec::new();
        for job in &brought {
            let record = over(&hall, &ada, *job).await;
            assert_eq!(kept(&hall, *job).await["passphrase"], Value::Null);
            ends.push((record.state, record.error.map(|error| error.code)));
        }
        let refused = |code: &str| (State::Dead, Some(code.to_owned()));
        let (wrong, none) = (refused("backup_wrong_passphrase"), refused("backup_needs_passphrase"));
        assert_eq!(ends, [(State::Done, None), wrong, none, (State::Cancelled, None)]);
        hall.stop().await;
    }
}

#[tokio::test]
async fn a_backup_that_goes_on_after_its_end_is_never_written_unsealed() {
    for mut hall in halls().await {
        hall.start().await;
        let ada = hall.register("ada").await;
        let (guild, _) = ada.found_guild("Observatory").await;
        let jobs = hall.server().hall().jobs.clone();
        jobs.pause("backups", true).await.unwrap();
        let payload = json!({ "guild_id": guild, "passphrase": PASSPHRASE });
        let job = ada.post("/v2/jobs", json!({ "name": "guild_backup", "payload": payload })).await;
        let id: JobId = job["id"].as_str().unwrap().parse().unwrap();
        jobs.cancel(id).await.unwrap();
        jobs.retry(id).await.unwrap();
        jobs.pause("backups", false).await.unwrap();
        let record = over(&hall, &ada, id).await;
        assert_eq!((record.state, record.error.unwrap().code.as_str()), (State::Dead, "backup_secrets_gone"));
        assert!(jobs.files(id).await.unwrap().is_empty());
        hall.stop().await;
    }
}
