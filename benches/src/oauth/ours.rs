//! Guildhall as one of the two servers: its own process, with SQLite on disk.

use std::hint::black_box;

use anyhow::{Context, Result};
use guildhall_accounts::Visit;
use guildhall_base::Scopes;
use guildhall_oauth::{EditClient, OAuth, SigningAlg};
use serde_json::json;
use tokio::io::AsyncReadExt as _;

use crate::figures::{Cpu, line};
use crate::world::World;

/// How often a signature is made to see what it costs.
const SIGNATURES: u32 = 500;

/// Serves until standard input ends.
pub(crate) async fn run(algorithm: &str) -> Result<()> {
    let world = World::start().await?;
    let hall = world.server.hall();
    let (application, ..) = hall.applications.create(world.owner().await?, "Bench").await?;
    let actor = hall.accounts.authenticate(&world.token).await?;
    let edit = EditClient {
        redirect_uris: vec!["https://app.test/callback".into()],
        scopes: Scopes::all(),
        eddsa: algorithm == "EdDSA",
        ..EditClient::default()
    };
    hall.applications.edit_client(&actor, application.id, edit).await?;
    let secret = hall.applications.rotate_secret(&actor, application.id, Default::default()).await?;
    let id = application.id.to_string();
    let about = json!({
        "address": world.server.address().to_string(),
        "authorize": "/oauth2/authorize",
        "token": "/oauth2/token",
        "introspect": "/oauth2/introspect",
        "userinfo": "/oauth2/userinfo",
        "clients": [id, id],
        "secret": secret,
        "cookie": format!("guildhall_session={}", world.token),
        "signing": {
            "EdDSA": signing(&hall.oauth, SigningAlg::EdDsa)?,
            "RS256": signing(&hall.oauth, SigningAlg::Rs256)?,
            "password": password(&world).await?,
        },
    });
    line(&about.to_string());
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    world.server.stop().await
}

/// µs of CPU for one signature.
fn signing(server: &OAuth, algorithm: SigningAlg) -> Result<f64> {
    let claims = json!({ "text": "x".repeat(400) });
    let cpu = Cpu::start();
    for _ in 0..SIGNATURES {
        black_box(server.keys().sign(algorithm, "JWT", &claims)?);
    }
    Ok(cpu.spent().as_secs_f64() * 1e6 / f64::from(SIGNATURES))
}

/// µs of CPU for one sign-in with a password, which nothing else here needs.
async fn password(world: &World) -> Result<f64> {
    let accounts = &world.server.hall().accounts;
    let new = guildhall_accounts::NewUser {
        username: "somebody".into(),
        password: Some("correct horse battery".into()),
        ..Default::default()
    };
    accounts.create_user(new).await.context("no user")?;
    let cpu = Cpu::start();
    for _ in 0..5 {
        accounts.sign_in("somebody", "correct horse battery", &Visit::default()).await?;
    }
    Ok(cpu.spent().as_secs_f64() * 1e6 / 5.0)
}
