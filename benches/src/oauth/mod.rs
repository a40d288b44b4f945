//! The token endpoint and what reads tokens, beside npm `oidc-provider`, in one interleaved run.
//!
//! Both servers are processes of their own on the loopback interface and get the same requests from the same
//! connections of this process; what they cost is read from `/proc`.

mod load;
mod ours;
mod servers;

use std::path::PathBuf;

use anyhow::Result;

use self::load::{Load, What};
use self::servers::Running;
use crate::figures::{Samples, line};

pub(crate) use self::ours::run as serve;

/// Connections that ask at the same time.
const CLIENTS: usize = 8;

pub(crate) async fn run(requests: usize, rounds: usize, cache: Option<PathBuf>) -> Result<()> {
    let folder = servers::install(cache).await?;
    line(&format!(
        "{CLIENTS} connections, {requests} requests a measurement, {rounds} rounds: median (min to max)"
    ));
    for algorithm in ["EdDSA", "RS256"] {
        compare(algorithm, requests, rounds, &folder).await?;
    }
    Ok(())
}

async fn compare(algorithm: &str, requests: usize, rounds: usize, folder: &std::path::Path) -> Result<()> {
    let ours = Running::ours(algorithm).await?;
    let theirs = Running::theirs(folder, algorithm).await?;
    line(&format!(
        "ID tokens {algorithm}, access tokens EdDSA; µs of CPU per answer, answers per CPU second"
    ));
    let sign = |running: &Running, name| running.about.signing.get(name).copied().unwrap_or(f64::NAN);
    for name in ["EdDSA", "RS256"] {
        line(&format!(
            "  one {name} signature alone: {:.1} and {:.1} µs",
            sign(&ours, name),
            sign(&theirs, name)
        ));
    }
    let mut sides = [(ours, Load::default()), (theirs, Load::default())];
    for (running, load) in &mut sides {
        load.connect(running, CLIENTS).await?;
    }
    // What does not sign an ID token is measured once.
    let all = if algorithm == "EdDSA" { What::ALL.as_slice() } else { &[What::Code, What::Refresh] };
    let mut samples = vec![[Samples::default(), Samples::default()]; all.len()];
    // The first round warms up: a just-in-time compiler has to see the code first.
    for round in 0..=rounds {
        for (what, samples) in all.iter().zip(&mut samples) {
            for side in [round % 2, 1 - round % 2] {
                let (running, load) = &mut sides[side];
                let spent = load.measure(running, *what, requests).await?;
                if round > 0 {
                    samples[side].push(spent.as_secs_f64() * 1e6 / requests as f64);
                }
            }
        }
    }
    for (what, [ours, theirs]) in all.iter().zip(&samples) {
        let per_second = |cost: &Samples| 1e6 / cost.median();
        line(&format!(
            "  {:28} ours {} µs, {:.0}/s; oidc-provider {} µs, {:.0}/s; {} times",
            what.name(),
            ours.text(),
            per_second(ours),
            theirs.text(),
            per_second(theirs),
            theirs.over(ours).text()
        ));
    }
    Ok(())
}
