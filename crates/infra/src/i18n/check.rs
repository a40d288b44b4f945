//! Finds texts that are missing, superfluous or filled in differently. For tests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::{Language, Texts};

/// What is wrong with a feature's texts; empty if nothing is. `folder` is the crate's own
/// (`env!("CARGO_MANIFEST_DIR")`): its sources and templates are searched for quoted keys that begin with `prefix`.
/// Keys that are composed while running are named in `composed` by how they begin.
///
/// # Errors
/// If the folder cannot be read.
pub fn check(texts: Texts, folder: &str, prefix: &str, composed: &[&str]) -> std::io::Result<Vec<String>> {
    let mut wrong = Vec::new();
    let languages: Vec<_> = texts.0.iter().map(|text| variables_by_key(text)).collect();
    let Some(first) = languages.first() else { return Ok(wrong) };
    for (language, keys) in Language::ALL.iter().zip(&languages).skip(1) {
        for (key, variables) in first {
            if keys.get(key) != Some(variables) {
                wrong.push(format!("{key} has other variables in {language:?}"));
            }
        }
    }
    wrong.extend(
        first.keys().filter(|key| !key.starts_with(prefix)).map(|key| format!("{key} lacks its prefix")),
    );
    let used = used_keys(Path::new(folder), prefix)?;
    for key in used.iter().filter(|key| !composed.contains(&key.as_str()) && !first.contains_key(*key)) {
        wrong.push(format!("{key} is used and not written"));
    }
    let is_composed = |key: &str| composed.iter().any(|begin| key.starts_with(begin));
    for key in first.keys().filter(|key| !used.contains(*key) && !is_composed(key)) {
        wrong.push(format!("{key} is written and not used"));
    }
    Ok(wrong)
}

fn variables_by_key(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut key = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if line.starts_with(|first: char| first.is_ascii_alphabetic()) {
            key = name(line).to_owned();
            keys.entry(key.clone()).or_default();
        }
        let variables = line.split('$').skip(1).map(|rest| name(rest).to_owned());
        if let Some(known) = keys.get_mut(&key) {
            known.extend(variables);
        }
    }
    keys
}

fn name(text: &str) -> &str {
    let end = text.find(|sign: char| !sign.is_ascii_alphanumeric() && sign != '-' && sign != '_');
    text.split_at(end.unwrap_or(text.len())).0
}

fn used_keys(folder: &Path, prefix: &str) -> std::io::Result<BTreeSet<String>> {
    let mut used = BTreeSet::new();
    let mut folders: Vec<PathBuf> = ["src", "templates"].map(|name| folder.join(name)).to_vec();
    while let Some(folder) = folders.pop() {
        if !folder.is_dir() {
            continue;
        }
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                let quoted = text.split('"').filter(|part| {
                    part.len() > prefix.len() && part.starts_with(prefix) && name(part) == *part
                });
                used.extend(quoted.map(str::to_owned));
            }
        }
    }
    Ok(used)
}
