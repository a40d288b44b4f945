//! Carrying a plan out.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use futures_util::{FutureExt as _, StreamExt as _, TryStreamExt as _, stream};
use guildhall_base::{ChannelId, Error, GuildId, RoleId, UserId};
use guildhall_infra::jobs::{Ctx, Outcome, Phrase, Stop};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::prepare::{self, Prepared};
use super::{File, Report, Restore, Target, folder, lasting, open_in_steps};
use crate::Backups;
use crate::archive::{Archive, Work};
use crate::parts::Part;
use crate::plan::{self, Deed, Operation, Options, Resolve, What};
use crate::remote::{Fault, Remote};

/// What the target's audit log says.
pub(super) const REASON: &str = "Restored from a backup";
/// The step after which only tidying up is left.
const LAST: &str = "report";

/// What has been made so far.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) roles: BTreeMap<RoleId, RoleId>,
    pub(super) channels: BTreeMap<ChannelId, ChannelId>,
    /// The ids in the target of everything that this restore has made.
    pub(super) ids: BTreeSet<String>,
}

impl Resolve for Made {
    fn role(&self, from: RoleId) -> Option<RoleId> {
        self.roles.get(&from).copied()
    }
    fn channel(&self, from: ChannelId) -> Option<ChannelId> {
        self.channels.get(&from).copied()
    }
}

/// How one operation ended.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Done {
    /// What was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) refused: Option<String>,
}

/// Which way a guild is brought.
#[derive(Debug)]
pub(super) enum Way {
    /// To what somebody wants of a backup; how it was is kept before.
    There,
    /// Back to how it was.
    Back {
        /// Whom the restore that is taken back has banned or found banned.
        banned: BTreeSet<UserId>,
    },
}

/// One run.
pub(super) struct Carrier<'a> {
    pub(super) ctx: &'a Ctx,
    pub(super) remote: Remote,
    pub(super) guild: GuildId,
    pub(super) archive: &'a Archive,
    pub(super) options: &'a Options,
    pub(super) prepared: &'a Prepared,
    pub(super) features: &'a [Arc<dyn Part>],
    pub(super) made: Mutex<Made>,
    pub(super) report: Mutex<Report>,
    /// Of which kinds this run has looked whether a dead run made one.
    pub(super) looked: HashMap<What, AtomicBool>,
    done: AtomicU64,
    total: u64,
}

/// Runs a restore from wherever an earlier run of it came to.
pub(crate) async fn run(
    backups: &Backups,
    ctx: &Ctx,
    user: UserId,
    restore: &Restore,
    way: Way,
) -> Outcome<Report> {
    let work = Work::new(backups.0.blobs.clone(), folder(ctx.id()));
    if let Some(report) = ctx.jobs().steps(ctx.id()).await?.get(LAST) {
        let report = serde_json::from_str(report).map_err(Error::internal)?;
        work.clear().await?;
        return Ok(report);
    }
    let passphrase = restore.passphrase.as_deref().map(|sealed| backups.unseal(sealed)).transpose()?;
    ctx.progress(0, None, Phrase::new("backup-job-opening", "Opening the backup"));
    let file = File::Made(&restore.source);
    let archive = open_in_steps(backups, ctx, file, passphrase.as_deref(), &work).await?;
    let remote = backups.remote(user, &restore.target).map_err(lasting)?;
    let options = match &restore.target {
        // What a new guild begins with is not part of the backup.
        Target::New { .. } => Options { mode: plan::Mode::Full, ..restore.options.clone() },
        _ => restore.options.clone(),
    };
    let guild = target_guild(ctx, &remote, &archive, &restore.target).await?;
    if matches!(way, Way::There) && !matches!(restore.target, Target::New { .. }) {
        let place = (format!("{}/before", folder(ctx.id())), super::BEFORE);
        crate::backup::keep(backups, ctx, &remote, guild, place).await?;
    }
    ctx.progress(0, None, Phrase::new("backup-job-planning", "Making the plan"));
    let exact = matches!(way, Way::Back { .. });
    let prepared: Prepared = ctx
        .step("plan", async |_| Ok(prepare::prepare(&remote, guild, &archive, &options, exact).await?))
        .await?;
    let made = Made {
        roles: prepared.plan.roles.clone(),
        channels: prepared.plan.channels.clone(),
        ids: BTreeSet::new(),
    };
    let report = Report {
        guild: Some(guild),
        left_out: prepared.plan.left_out.iter().take(super::MOST_NAMED).cloned().collect(),
        ..Report::default()
    };
    let kinds = [What::Role, What::Channel, What::Emoji, What::Sticker];
    let carrier = Carrier {
        ctx,
        remote,
        guild,
        archive: &archive,
        options: &options,
        prepared: &prepared,
        features: &backups.0.features,
        made: Mutex::new(made),
        report: Mutex::new(report),
        looked: kinds.into_iter().map(|what| (what, AtomicBool::new(false))).collect(),
        done: AtomicU64::new(0),
        total: prepared.plan.operations.iter().map(weight).sum(),
    };
    carrier.all().await?;
    if let Way::Back { banned } = way {
        carrier.lift(banned).await?;
    }
    let report = std::mem::take(&mut *carrier.report.lock());
    let report = ctx.step(LAST, async |_| Ok(report)).await?;
    ctx.progress(carrier.total, carrier.total, "");
    say(ctx, &report);
    work.clear().await?;
    Ok(report)
}

fn say(ctx: &Ctx, report: &Report) {
    for (word, count) in &report.done {
        let (deed, what) = word.split_once(' ').unwrap_or((word, ""));
        let words = Phrase::new("backup-job-done", format!("{word}: {count}")).with("count", *count);
        ctx.say(words.with("deed", deed).with_text("what", &format!("backup-what-{what}")));
    }
    for refused in &report.refusals {
        let (what, name, why) = (plan::word(&refused.what), refused.name.clone(), refused.why.clone());
        let words = Phrase::new("backup-job-refused", format!("Refused: {what} {name}: {why}"));
        let words = words.with_text("what", &format!("backup-what-{what}"));
        ctx.say(words.with("name", name).with("why", why));
    }
    for left in &report.left_out {
        let (what, name, why) = (plan::word(&left.what), left.name.clone(), &left.why);
        let words = Phrase::new("backup-job-left-out", format!("Left out: {what} {name} ({why})"));
        let words = words.with_text("what", &format!("backup-what-{what}")).with("name", name);
        ctx.say(words.with_text("why", &format!("backup-why-{why}")));
    }
}

/// The guild that is restored into; made now where a new one is wanted.
async fn target_guild(ctx: &Ctx, remote: &Remote, archive: &Archive, target: &Target) -> Outcome<GuildId> {
    let name = match target {
        Target::Here { guild } | Target::Elsewhere { guild, .. } => return Ok(*guild),
        Target::New { name } => name.clone().unwrap_or_else(|| archive.guild().settings.name.clone()),
    };
    let mine = async || -> Result<Vec<(String, String)>, Fault> {
        let guilds: Vec<Value> = remote.get("/users/@me/guilds").await?;
        let text =
            |guild: &Value, key: &str| guild.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(guilds.iter().map(|guild| (text(guild, "id"), text(guild, "name"))).collect())
    };
    let before: Vec<(String, String)> = ctx.step("guilds", async |_| Ok(mine().await?)).await?;
    ctx.step("guild", async |_| {
        let fresh =
            mine().await?.into_iter().find(|(id, of)| *of == name && before.iter().all(|(old, _)| old != id));
        let id = match fresh {
            Some((id, _)) => id,
            None => {
                let made = remote.post("/guilds", &json!({ "name": name }), Some(REASON)).await?;
                made.get("id").and_then(Value::as_str).unwrap_or_default().to_owned()
            }
        };
        id.parse().map_err(|_| Stop::Retry(Box::new(crate::remote::fault::UNREADABLE.into())))
    })
    .await
}

/// How much of the progress an operation is.
fn weight(operation: &Operation) -> u64 {
    match operation.deed {
        Deed::Fill => operation.count.max(1),
        _ => 1,
    }
}

impl Carrier<'_> {
    async fn all(&self) -> Outcome {
        let (messages, others): (Vec<_>, Vec<_>) =
            self.prepared.plan.operations.iter().partition(|operation| operation.what == What::Messages);
        for operation in others {
            self.words(operation);
            match (operation.deed, operation.what) {
                (Deed::Fill, What::Members) => self.members().await?,
                (Deed::Fill, What::Feature) => self.feature(operation).await?,
                (Deed::Fill, _) => self.bans().await?,
                _ => self.one(operation).await?,
            }
        }
        let lanes = usize::try_from(crate::plan::LANES).unwrap_or(1);
        let channels: Vec<_> = messages.into_iter().map(|operation| self.fill(operation).boxed()).collect();
        stream::iter(channels).buffer_unordered(lanes).try_collect().await
    }

    /// Does one thing and writes down how it ended.
    async fn one(&self, operation: &Operation) -> Outcome {
        let done: Done = self
            .ctx
            .step(&operation.key(), async |_| match operation.deed {
                Deed::Create => self.create(operation).await,
                _ => self.change(operation).await,
            })
            .await?;
        if let (Some(id), Some(from)) = (&done.id, operation.from) {
            let mut made = self.made.lock();
            made.ids.insert(id.clone());
            match operation.what {
                What::Role => drop(id.parse().map(|id| made.roles.insert(from.cast(), id))),
                What::Channel => drop(id.parse().map(|id| made.channels.insert(from.cast(), id))),
                _ => {}
            }
        }
        self.ended(operation, done);
        Ok(())
    }

    /// Puts into the report how one thing ended.
    pub(super) fn ended(&self, operation: &Operation, done: Done) {
        let mut report = self.report.lock();
        match done.refused {
            Some(why) => report.refuse(operation.what, &operation.name, why),
            None => report.count(sort(operation), 1),
        }
        drop(report);
        self.progressed(1, operation);
    }

    /// What can be repeated: changes, deletions, orders.
    async fn change(&self, operation: &Operation) -> Outcome<Done> {
        let id = operation.id.map(|id| id.to_string()).unwrap_or_default();
        let guild = self.guild;
        let path = match operation.what {
            What::Settings => format!("/guilds/{guild}"),
            What::Role => format!("/guilds/{guild}/roles/{id}"),
            What::Channel => format!("/channels/{id}"),
            What::Emoji => format!("/guilds/{guild}/emojis/{id}"),
            _ => format!("/guilds/{guild}/stickers/{id}"),
        };
        let answer = match operation.deed {
            Deed::Delete => self.remote.delete(&path, Some(REASON)).await,
            Deed::Order => self.order(operation).await,
            _ => self.alter(operation, &path).await,
        };
        refusable(answer.map(|()| Done::default()))
    }

    async fn alter(&self, operation: &Operation, path: &str) -> Result<(), Fault> {
        let body = plan::resolve(&operation.body, &*self.made.lock());
        if !body.is_empty() {
            self.remote.patch(path, &body, Some(REASON)).await?;
        }
        let dress = self.dress(operation).await?;
        if !dress.is_empty() {
            self.remote.patch(path, &dress, Some(REASON)).await?;
        }
        Ok(())
    }

    async fn order(&self, operation: &Operation) -> Result<(), Fault> {
        let places: Vec<Value> = {
            let made = self.made.lock();
            let place = |(name, position): &(String, u64)| {
                plan::find(name, &*made).map(|id| json!({ "id": id, "position": position }))
            };
            operation.order.iter().filter_map(place).collect()
        };
        let kind = if operation.what == What::Role { "roles" } else { "channels" };
        self.remote.patch(&format!("/guilds/{}/{kind}", self.guild), &places, Some(REASON)).await.map(drop)
    }

    pub(super) fn words(&self, operation: &Operation) {
        let english = format!("{} {}", sort(operation), operation.name);
        let words = Phrase::new("backup-job-at", english.trim_end()).with("name", operation.name.clone());
        let words = words.with("what", plan::word(&operation.what));
        self.ctx.progress(self.done.load(Ordering::Relaxed), self.total, words);
    }

    pub(super) fn progressed(&self, number: u64, operation: &Operation) {
        self.done.fetch_add(number, Ordering::Relaxed);
        self.words(operation);
    }

    /// The body's pictures, as they are sent.
    async fn dress(&self, operation: &Operation) -> Result<Map<String, Value>, Fault> {
        let mut dress = Map::new();
        for (field, picture) in &operation.pictures {
            if let Some(content) = self.picture(picture).await? {
                dress.insert(field.clone(), super::dress::data_uri(&content).into());
            }
        }
        Ok(dress)
    }

    pub(super) async fn picture(&self, name: &crate::model::FileRef) -> Result<Option<bytes::Bytes>, Error> {
        match self.prepared.parts.get(&name.0) {
            Some(part) => self.archive.file(part, crate::backup::tree::PICTURE as u64).await.map(Some),
            None => Ok(None),
        }
    }
}

/// What is done to what, in words.
pub(super) fn sort(operation: &Operation) -> String {
    format!("{} {}", plan::word(&operation.deed), plan::word(&operation.what))
}

/// A no of the target is a result; everything else ends the run.
pub(super) fn refusable(answer: Result<Done, Fault>) -> Outcome<Done> {
    match answer {
        Ok(done) => Ok(done),
        Err(fault) => match fault.refusal() {
            Some(refusal) => Ok(Done { id: None, refused: Some(refusal.to_string()) }),
            None => Err(fault.into()),
        },
    }
}
