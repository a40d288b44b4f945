//! How long single requests take, one after the other.

use std::time::Instant;

use anyhow::Result;
use serde_json::Value;

use crate::http::Client;

/// Asks for each address in a file once; answers with the milliseconds of each.
pub(super) async fn each(client: &mut Client, file: &str) -> Result<String> {
    let mut took = Vec::new();
    for address in std::fs::read_to_string(file)?.lines() {
        let began = Instant::now();
        client.page(address).await?;
        took.push(began.elapsed().as_secs_f64() * 1e3);
    }
    Ok(serde_json::to_string(&took)?)
}

/// Reads so many pages of a list, one after the other; answers with the milliseconds of each.
pub(super) async fn walk(client: &mut Client, pages: usize, list: &str) -> Result<String> {
    let mut took = Vec::new();
    let mut address = list.to_owned();
    while took.len() < pages {
        let began = Instant::now();
        let page = client.page(&address).await?;
        took.push(began.elapsed().as_secs_f64() * 1e3);
        let page: Value = serde_json::from_slice(&page)?;
        let Some(next) = page["next"].as_str() else { break };
        address = format!("{list}&after={next}");
    }
    Ok(serde_json::to_string(&took)?)
}
