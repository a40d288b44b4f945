//! Restoring: the form, the plan, the start.

use askama::Template;
use axum::extract::{Form, Path, State};
use axum::response::{IntoResponse, Redirect};
use guildhall_accounts::{Actor, Person};
use guildhall_base::{ChannelId, Error, GuildId, JobId, Kind, RoleId};
use guildhall_infra::i18n::{FluentValue, Language};
use guildhall_infra::pages::{Page, Reply, html};

use super::Pages;
use crate::actions::{Into, Wish};
use crate::plan::{Difference, Mode, Options, word};
use crate::restore::Foretold;

/// The most operations that the page shows.
const MOST: usize = 200;

/// One operation as the page shows it.
struct Line {
    deed: String,
    what: String,
    name: String,
    count: u64,
    differences: Vec<Difference>,
}

/// A plan as the page shows it.
struct Shown {
    lines: Vec<Line>,
    more: u64,
    requests: String,
    time: String,
    left_out: Vec<(String, String, String)>,
    /// What is started, as JSON.
    told: String,
    sealed: bool,
}

#[derive(Template)]
#[template(path = "restore.html")]
struct RestorePage {
    page: Page,
    guild: GuildId,
    name: String,
    backup: JobId,
    problem: Option<String>,
    plan: Option<Shown>,
    into_new: bool,
    options: Options,
    modes: Vec<(String, String, bool)>,
    sections: Vec<(&'static str, String, bool)>,
    roles: Vec<(RoleId, String)>,
    channels: Vec<(ChannelId, String)>,
}

/// The parts of a guild that can be chosen.
fn sections(options: &mut Options) -> [(&'static str, &mut bool); 9] {
    [
        ("settings", &mut options.settings),
        ("roles", &mut options.roles),
        ("channels", &mut options.channels),
        ("emojis", &mut options.emojis),
        ("stickers", &mut options.stickers),
        ("members", &mut options.members),
        ("bans", &mut options.bans),
        ("messages", &mut options.messages),
        ("features", &mut options.features),
    ]
}

/// The form as it comes.
type Fields = Vec<(String, String)>;

fn read(fields: &Fields) -> Options {
    let mut options = Options::default();
    for (name, chosen) in sections(&mut options) {
        *chosen = fields.iter().any(|(field, _)| field == name);
    }
    for (field, value) in fields {
        match field.as_str() {
            "mode" => {
                let modes = [Mode::Full, Mode::Difference, Mode::IgnoreExisting];
                options.mode = modes.into_iter().find(|mode| word(mode) == *value).unwrap_or_default();
            }
            "per_channel" => options.per_channel = value.parse().ok(),
            "protected_roles" => options.protected_roles.extend(value.parse::<RoleId>()),
            "protected_channels" => options.protected_channels.extend(value.parse::<ChannelId>()),
            _ => {}
        }
    }
    options
}

fn text<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
}

impl Pages {
    async fn restore_page(
        &self,
        actor: &Actor,
        language: Language,
        (guild, backup): (GuildId, JobId),
        (mut options, into_new): (Options, bool),
        plan: Option<Result<Shown, Error>>,
    ) -> Reply {
        self.backups.source(actor, backup).await?;
        let words = self.site.words();
        let access = self.backups.0.chat.guild(actor, guild).await?;
        let (roles, channels, name) = {
            let state = access.room.read();
            let mut roles: Vec<_> = state.roles.values().collect();
            roles.sort_by_key(|role| std::cmp::Reverse(role.position));
            let roles = roles.into_iter().map(|role| (role.id, role.settings.name.clone())).collect();
            let named = state
                .channels
                .values()
                .map(|state| (state.channel.id, state.channel.settings.name.clone().unwrap_or_default()));
            let mut channels: Vec<_> = named.collect();
            channels.sort_by(|a, b| a.1.cmp(&b.1));
            (roles, channels, state.guild.settings.name.clone())
        };
        let mode = |mode: Mode| {
            let word = word(&mode);
            let label = words.text(language, &format!("backup-mode-{word}"));
            (word, label, mode == options.mode)
        };
        let modes = [Mode::Difference, Mode::IgnoreExisting, Mode::Full].map(mode).into();
        let section = |(name, chosen): (&'static str, &mut bool)| {
            (name, words.text(language, &format!("backup-section-{name}")), *chosen)
        };
        let sections = sections(&mut options).map(section).into();
        let (plan, problem) = match plan {
            Some(Ok(plan)) => (Some(plan), None),
            Some(Err(error)) if matches!(error.kind(), Kind::Internal) => return Err(error.into()),
            Some(Err(error)) => (None, Some(self.site.explain(language, &error))),
            None => (None, None),
        };
        let page = self.page(language, actor, "backup-restore-title");
        html(&RestorePage {
            page,
            guild,
            name,
            backup,
            problem,
            plan,
            into_new,
            options,
            modes,
            sections,
            roles,
            channels,
        })
    }

    fn shown(&self, language: Language, foretold: Foretold, wish: &Wish) -> Result<Shown, Error> {
        let words = self.site.words();
        let text = |key: String| words.text(language, &key);
        let Foretold { plan, budget, limits } = foretold;
        let total = plan.operations.len();
        let line = |operation: crate::plan::Operation| Line {
            deed: text(format!("backup-deed-{}", word(&operation.deed))),
            what: text(format!("backup-what-{}", word(&operation.what))),
            name: operation.name,
            count: operation.count,
            differences: operation.differences,
        };
        let left = |left: crate::plan::LeftOut| {
            let what = text(format!("backup-what-{}", word(&left.what)));
            (what, left.name, text(format!("backup-why-{}", left.why)))
        };
        let time =
            [("time", FluentValue::from(duration(budget.seconds))), ("limits", FluentValue::from(limits))];
        let told = Wish { passphrase: None, ..wish.clone() };
        Ok(Shown {
            lines: plan.operations.into_iter().take(MOST).map(line).collect(),
            more: total.saturating_sub(MOST) as u64,
            requests: words.text_with(language, "backup-plan-requests", &[("count", budget.requests.into())]),
            time: words.text_with(language, "backup-plan-time", &time),
            left_out: plan.left_out.into_iter().take(MOST).map(left).collect(),
            told: serde_json::to_string(&told).map_err(Error::internal)?,
            sealed: wish.passphrase.is_some(),
        })
    }
}

/// As a clock says it: 1:02:03.
fn duration(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{}:{:02} min", seconds / 60, seconds % 60),
        _ => format!("{}:{:02} h", seconds / 3600, seconds / 60 % 60),
    }
}

pub(super) async fn blank(
    State(pages): State<Pages>,
    language: Language,
    Person(actor): Person,
    Path(place): Path<(GuildId, JobId)>,
) -> Reply {
    pages.restore_page(&actor, language, place, (Options::default(), false), None).await
}

pub(super) async fn sent(
    State(pages): State<Pages>,
    language: Language,
    Person(actor): Person,
    Path((guild, backup)): Path<(GuildId, JobId)>,
    Form(fields): Form<Fields>,
) -> Reply {
    let passphrase = Some(text(&fields, "passphrase").to_owned()).filter(|text| !text.is_empty());
    if text(&fields, "step") == "start" {
        let told: Wish = serde_json::from_str(text(&fields, "told"))
            .map_err(|_| Error::field("told", "BASE_TYPE_BAD", "The form cannot be read"))?;
        let wish = Wish { backup, passphrase, ..told };
        let job = pages.backups.restore(&actor, &wish).await?;
        return Ok(Redirect::to(&format!("/jobs/{job}")).into_response());
    }
    let options = read(&fields);
    let into_new = text(&fields, "into") == "new";
    let into = if into_new { Into::New { name: None } } else { Into::Here { guild } };
    let wish = Wish { backup, passphrase, into, options: options.clone() };
    let foretold = pages.backups.foretell(&actor, &wish).await;
    let plan = foretold.and_then(|foretold| pages.shown(language, foretold, &wish));
    pages.restore_page(&actor, language, (guild, backup), (options, into_new), Some(plan)).await
}
