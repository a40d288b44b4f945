//! How long lists and searches take that nobody has asked for before.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use rand::RngExt as _;

use super::seed::TAGS;
use super::words::Words;
use crate::child::Load;
use crate::figures::{Samples, line};

/// Kinds of search, which take turns.
const KINDS: [&str; 5] = ["one word", "two words", "three words", "a beginning", "with a filter"];
/// Pages that are read of each list.
const PAGES: usize = 50;

pub(super) async fn measure(load: &mut Load, folder: &Path, count: usize) -> Result<()> {
    let file = folder.join("searches");
    let searches = searches(count);
    let text: String = searches.iter().map(|address| format!("{address}\n")).collect();
    std::fs::write(&file, text)?;
    // What is not asked for below: connections to the database get opened.
    load.ask("fetches 20 /v2/listings/bots?q=warm&limit=1").await?;
    let took = times(&load.ask(&format!("timed {}", file.display())).await?)?;
    line(&format!(
        "{count} searches, each for the first time, one after the other, ms: median, 95 of 100, longest"
    ));
    let mut kinds = vec![Samples::default(); KINDS.len()];
    let mut all = Samples::default();
    let mut slowest = (0.0, "");
    for (index, took) in took.iter().enumerate() {
        kinds[index % KINDS.len()].push(*took);
        all.push(*took);
        if *took > slowest.0 {
            slowest = (*took, &searches[index]);
        }
    }
    for (kind, samples) in KINDS.iter().zip(&kinds) {
        show(kind, samples);
    }
    show("all", &all);
    line(&format!("  the longest: {}", slowest.1));
    line(&format!("{PAGES} pages of each list, one after the other, each for the first time, ms"));
    for list in [
        "sort=votes",
        "sort=new",
        "sort=size",
        "tags=music",
        "tags=ai,music",
        "sort=new&tags=fun",
        "size_from=1000",
    ] {
        let order = format!("walk {PAGES} /v2/listings/bots?{list}");
        show(list, &times(&load.ask(&order).await?)?.into_iter().collect());
    }
    Ok(())
}

fn show(name: &str, samples: &Samples) {
    line(&format!("  {name:18} {:7.2} {:7.2} {:7.2}", samples.median(), samples.at(0.95), samples.at(1.0)));
}

fn times(answer: &str) -> Result<Vec<f64>> {
    Ok(serde_json::from_str(answer)?)
}

/// So many different searches, of the kinds in turn.
fn searches(count: usize) -> Vec<String> {
    let mut words = Words::new();
    let (mut addresses, mut seen) = (Vec::with_capacity(count), BTreeSet::new());
    while addresses.len() < count {
        let address = match addresses.len() % KINDS.len() {
            0 => words.text(1),
            1 => words.text(2),
            2 => words.text(3),
            3 => {
                let word = words.text(1);
                let letters = words.chance.random_range(2..=4);
                word.chars().take(letters).collect()
            }
            _ => {
                let count = words.chance.random_range(1..=2);
                let filter = match words.chance.random_bool(0.5) {
                    true => format!("&tags={}", TAGS[words.chance.random_range(0..TAGS.len())]),
                    false => format!("&size_from={}", 10_usize.pow(words.chance.random_range(1..=4))),
                };
                format!("{}{filter}", words.text(count))
            }
        };
        let address = format!("/v2/listings/bots?q={}", address.replace(' ', "+"));
        if seen.insert(address.clone()) {
            addresses.push(address);
        }
    }
    addresses
}
