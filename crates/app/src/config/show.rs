//! Writes a configuration as a TOML file that explains itself.

use std::fmt::Write;

use anyhow::{Context, Result};
use confique::Config;
use confique::meta::{Field, FieldKind, Meta};

use super::Settings;

/// The settings as TOML: each key with what it means and its environment variable. What is not set stands
/// commented out. Reading the text back gives the same settings.
pub fn show(settings: &Settings) -> Result<String> {
    let values = toml::Table::try_from(settings).context("a setting does not fit into TOML")?;
    let mut text = String::new();
    comment(&mut text, Settings::META.doc);
    section(&mut text, &Settings::META, &values, "")?;
    Ok(text)
}

fn section(text: &mut String, meta: &Meta, values: &toml::Table, path: &str) -> Result<()> {
    // Keys before sections: in TOML a section ends only where the next begins.
    for field in meta.fields {
        if let FieldKind::Leaf { env, .. } = field.kind {
            key(text, field, env, values.get(field.name))?;
        }
    }
    for field in meta.fields {
        let FieldKind::Nested { meta } = field.kind else { continue };
        let path = format!("{path}{}", field.name);
        text.push('\n');
        comment(text, field.doc);
        writeln!(text, "[{path}]")?;
        let empty = toml::Table::new();
        let inner = values.get(field.name).and_then(toml::Value::as_table).unwrap_or(&empty);
        section(text, meta, inner, &format!("{path}."))?;
    }
    Ok(())
}

fn key(text: &mut String, field: &Field, env: Option<&str>, value: Option<&toml::Value>) -> Result<()> {
    text.push('\n');
    comment(text, field.doc);
    if let Some(env) = env {
        writeln!(text, "# Environment variable: {env}")?;
    }
    match value {
        Some(value) => writeln!(text, "{} = {value}", field.name)?,
        None => writeln!(text, "# {} is not set", field.name)?,
    }
    Ok(())
}

fn comment(text: &mut String, lines: &[&str]) {
    for line in lines {
        text.push('#');
        // Documentation lines begin with the blank that follows the slashes.
        text.push_str(line.trim_end());
        text.push('\n');
    }
}
