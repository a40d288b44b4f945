//! The Autobahn test suite's cases for servers (groups 1 to 7, 9 and 10; its numbers), against an echo endpoint
//! over real TCP. Groups 12 and 13 are about permessage-deflate, which is not offered.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on should stop")]

mod client;
mod control;
mod echo;
mod fragments;
mod framing;
mod limits;
mod texts;

use client::{Expect, Step, run};

/// One case: its number, what the client does, what it must see.
struct Case {
    id: String,
    steps: Vec<Step>,
    expect: Vec<Expect>,
}

fn case(id: impl Into<String>, steps: Vec<Step>, expect: Vec<Expect>) -> Case {
    Case { id: id.into(), steps, expect }
}

async fn run_all(cases: Vec<Case>) {
    let address = echo::serve().await;
    for case in cases {
        if let Err(wrong) = run(address, &case.steps, &case.expect).await {
            panic!("case {}: {wrong}", case.id);
        }
    }
}

#[tokio::test]
async fn groups_1_and_2_framing_and_pings() {
    run_all(framing::cases()).await;
}

#[tokio::test]
async fn groups_3_and_4_reserved_bits_and_opcodes() {
    run_all(framing::reserved()).await;
}

#[tokio::test]
async fn group_5_fragmentation() {
    run_all(fragments::cases()).await;
}

#[tokio::test]
async fn group_6_utf8() {
    run_all(texts::cases()).await;
}

#[tokio::test]
async fn group_7_closing() {
    run_all(control::cases()).await;
}

#[tokio::test]
async fn groups_9_and_10_limits() {
    run_all(limits::cases()).await;
}

#[tokio::test]
async fn a_message_above_the_limit_is_refused() {
    let too_large = Step::text(&vec![b'*'; echo::LIMIT + 1]);
    run_all(vec![case("limit", vec![too_large], vec![Expect::Close(Some(1009))])]).await;
}
