//! Finds keys and environment variables that nobody reads, and says which one was probably meant.

use anyhow::{Result, bail};
use confique::Config;
use confique::meta::{Field, FieldKind, Meta};

use super::Settings;

const PREFIX: &str = "GUILDHALL_";
/// Variables that start like ours and are read elsewhere: the file's path, and settings of the test suites.
const ELSEWHERE: [&str; 2] = ["GUILDHALL_CONFIG", "GUILDHALL_TEST_"];

/// Refuses a table with a key that is not one of ours.
pub(super) fn keys(table: &toml::Table) -> Result<()> {
    within(table, &Settings::META, "")
}

fn within(table: &toml::Table, meta: &Meta, path: &str) -> Result<()> {
    for (key, value) in table {
        let here = format!("{path}{key}");
        match meta.fields.iter().find(|field| field.name == key).map(|field| field.kind) {
            None => {
                let known = leaves();
                bail!(
                    "unknown key `{here}`{}",
                    suggestion(&here, known.iter().map(|leaf| leaf.path.as_str()))
                );
            }
            Some(FieldKind::Nested { meta }) => match value.as_table() {
                Some(table) => within(table, meta, &format!("{here}."))?,
                None => bail!("`{here}` is a section: write [{here}] on a line of its own"),
            },
            Some(FieldKind::Leaf { .. }) => {}
        }
    }
    Ok(())
}

/// Refuses an environment variable that looks like ours and is not.
pub(super) fn variables(names: impl Iterator<Item = String>) -> Result<()> {
    let known = leaves();
    let known = || known.iter().filter_map(|leaf| leaf.variable);
    for name in names {
        let ours = name.starts_with(PREFIX) && !ELSEWHERE.iter().any(|other| name.starts_with(other));
        if ours && !known().any(|variable| variable == name) {
            bail!("unknown environment variable `{name}`{}", suggestion(&name, known()));
        }
    }
    Ok(())
}

/// One settable key.
pub(super) struct Leaf {
    /// With its sections, joined by dots.
    pub(super) path: String,
    /// Its environment variable.
    pub(super) variable: Option<&'static str>,
}

/// Every key there is.
pub(super) fn leaves() -> Vec<Leaf> {
    fn collect(fields: &[Field], path: &str, into: &mut Vec<Leaf>) {
        for field in fields {
            let path = format!("{path}{}", field.name);
            match field.kind {
                FieldKind::Leaf { env, .. } => into.push(Leaf { path, variable: env }),
                FieldKind::Nested { meta } => collect(meta.fields, &format!("{path}."), into),
            }
        }
    }
    let mut leaves = Vec::new();
    collect(Settings::META.fields, "", &mut leaves);
    leaves
}

/// Names the most similar of the known names, if any is similar. Where only the section is wrong, the key decides.
fn suggestion<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let last = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let similarity = |candidate: &str| {
        let whole = strsim::jaro_winkler(name, candidate);
        let key = strsim::jaro_winkler(&last(name), &last(candidate));
        whole.max(key * 0.95)
    };
    let nearest =
        known.map(|candidate| (similarity(candidate), candidate)).max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((similarity, candidate)) if similarity > 0.75 => format!("; did you mean `{candidate}`?"),
        _ => "; `guildhall config` shows those that exist".to_owned(),
    }
}
