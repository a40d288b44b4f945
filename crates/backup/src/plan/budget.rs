//! How long a plan takes at least, by what is known of the target's limits.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Deed, Operation, Plan, What};

/// What a target allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// A name for people.
    pub name: &'static str,
    /// Requests a second over everything; 0 means no limit.
    pub per_second: u64,
    /// What single requests take.
    pub latency: Duration,
    /// So many of a sort within a time.
    pub rules: &'static [Rule],
}

/// So many requests of a sort within a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Of which sort.
    pub deed: Deed,
    /// Of which sort.
    pub what: What,
    /// How many.
    pub count: u64,
    /// Within so many seconds.
    pub seconds: u64,
    /// Whether each channel counts by itself, so that several are worked on at once.
    pub each: bool,
}

const fn rule(deed: Deed, what: What, count: u64, seconds: u64) -> Rule {
    Rule { deed, what, count, seconds, each: matches!(what, What::Messages) }
}

/// How many channels get their messages back at once.
pub(crate) const LANES: u64 = 8;

impl Limits {
    /// Discord. It documents only the 50 requests a second and that headers tell the rest; these are what bots have seen
    /// in headers and refusals, and they change. A restore goes by the headers, the table only foretells.
    pub const DISCORD: Self = Self {
        name: "Discord",
        per_second: 50,
        latency: Duration::from_millis(150),
        rules: &[
            rule(Deed::Create, What::Role, 250, 172_800),
            rule(Deed::Alter, What::Role, 1000, 86_400),
            rule(Deed::Create, What::Channel, 500, 86_400),
            rule(Deed::Alter, What::Channel, 5, 15),
            rule(Deed::Create, What::Emoji, 50, 3600),
            rule(Deed::Create, What::Sticker, 50, 3600),
            rule(Deed::Fill, What::Members, 10, 10),
            rule(Deed::Fill, What::Bans, 5, 5),
            rule(Deed::Fill, What::Messages, 5, 2),
        ],
    };
    /// Guildhall over HTTP, as it comes: a hundred requests in five seconds to each bucket.
    pub const GUILDHALL: Self = Self {
        name: "Guildhall",
        per_second: 500,
        latency: Duration::from_millis(5),
        rules: &[
            rule(Deed::Create, What::Role, 100, 5),
            rule(Deed::Alter, What::Role, 100, 5),
            rule(Deed::Delete, What::Role, 100, 5),
            rule(Deed::Create, What::Channel, 100, 5),
            rule(Deed::Alter, What::Channel, 100, 5),
            rule(Deed::Create, What::Emoji, 100, 5),
            rule(Deed::Create, What::Sticker, 100, 5),
            rule(Deed::Fill, What::Members, 100, 5),
            rule(Deed::Fill, What::Bans, 100, 5),
            rule(Deed::Fill, What::Messages, 100, 5),
        ],
    };
    /// This process itself.
    pub const INSIDE: Self =
        Self { name: "Guildhall", per_second: 0, latency: Duration::from_millis(4), rules: &[] };
}

/// What a restore will cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Budget {
    /// How many requests.
    pub requests: u64,
    /// How long they take at least, in seconds.
    pub seconds: u64,
    /// The same by sort.
    pub lines: Vec<Line>,
}

/// One sort of requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Line {
    /// What is done.
    pub deed: Deed,
    /// To what.
    pub what: What,
    /// How many requests.
    pub requests: u64,
    /// How long they take at least, in seconds.
    pub seconds: u64,
}

/// How long a plan takes.
pub fn budget(plan: &Plan, limits: &Limits) -> Budget {
    let mut sorts: Vec<(Deed, What)> = Vec::new();
    for operation in &plan.operations {
        if !sorts.contains(&(operation.deed, operation.what)) {
            sorts.push((operation.deed, operation.what));
        }
    }
    let lines: Vec<Line> = sorts
        .into_iter()
        .map(|(deed, what)| {
            let these = plan.operations.iter().filter(|one| (one.deed, one.what) == (deed, what));
            let counts: Vec<u64> = these.map(requests).collect();
            Line {
                deed,
                what,
                requests: counts.iter().sum(),
                seconds: time(deed, what, &counts, limits).as_secs(),
            }
        })
        .collect();
    Budget {
        requests: lines.iter().map(|line| line.requests).sum(),
        // Nothing takes no time.
        seconds: lines.iter().map(|line| line.seconds).sum::<u64>() + u64::from(!plan.is_empty()),
        lines,
    }
}

/// How many requests an operation takes.
fn requests(operation: &Operation) -> u64 {
    match (operation.deed, operation.what) {
        // A webhook is made and removed, and the channel is looked at.
        (Deed::Fill, What::Messages) => operation.count + 3,
        (Deed::Fill, _) => operation.count,
        _ => 1 + operation.pictures.len() as u64,
    }
}

fn time(deed: Deed, what: What, counts: &[u64], limits: &Limits) -> Duration {
    let total: u64 = counts.iter().sum();
    let lanes = if what == What::Messages { LANES.min(counts.len() as u64).max(1) } else { 1 };
    let mut longest = limits.latency.saturating_mul(u32::try_from(total / lanes).unwrap_or(u32::MAX));
    if let Some(seconds) = total.checked_div(limits.per_second) {
        longest = longest.max(Duration::from_secs(seconds));
    }
    let rule = limits.rules.iter().find(|rule| (rule.deed, rule.what) == (deed, what));
    if let Some(rule) = rule {
        // The last window need not be waited for.
        let windows = |count: u64| count.div_ceil(rule.count).saturating_sub(1) * rule.seconds;
        let waiting = match rule.each {
            true => {
                let each = counts.iter().map(|count| windows(*count));
                each.clone().max().unwrap_or(0).max(each.sum::<u64>() / lanes)
            }
            false => windows(total),
        };
        longest = longest.max(Duration::from_secs(waiting));
    }
    longest
}
