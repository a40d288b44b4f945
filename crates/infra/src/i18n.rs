//! Languages: what people read is written in Fluent files, one folder per language, and chosen per reader.
//!
//! A feature names its files with [`texts!`], which does not compile where a translation is missing:
//!
//! ```ignore
//! pub const TEXTS: Texts = texts!("../locales/en/accounts.ftl", "../locales/fi/accounts.ftl");
//! ```
//!
//! The application joins all features' texts into one [`Words`], so keys begin with their feature's name. Templates
//! say `{{ page.t("accounts-sign-in") }}`. A test that calls [`check`] finds keys that are used and not written,
//! written and not used, and variables that one language forgot.

mod check;
mod keys;
mod language;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use guildhall_base::{Error, FieldError, Result};

pub use check::check;
pub use fluent_bundle::FluentValue;
pub use keys::same_keys;
pub use language::Language;

/// The texts of one feature in every language, in the order of [`Language::ALL`].
#[derive(Debug, Clone, Copy)]
pub struct Texts(pub [&'static str; Language::ALL.len()]);

/// [`Texts`](crate::i18n::Texts) from files: the English one, the Finnish one. Does not compile unless both have the
/// same keys in the same order.
#[macro_export]
macro_rules! texts {
    ($english:literal, $finnish:literal $(,)?) => {{
        const ENGLISH: &str = include_str!($english);
        const FINNISH: &str = include_str!($finnish);
        const { assert!($crate::i18n::same_keys(ENGLISH, FINNISH), "the languages differ in their keys") };
        $crate::i18n::Texts([ENGLISH, FINNISH])
    }};
}
pub use crate::texts;

/// The texts of the layout and of error pages.
pub const TEXTS: Texts = texts!("../locales/en/site.ftl", "../locales/fi/site.ftl");

/// All texts in all languages. Clones share everything.
#[derive(Clone)]
pub struct Words(Arc<Inner>);

struct Inner {
    bundles: Vec<FluentBundle<FluentResource>>,
    /// The keys that explain a code, by what follows the feature's name: `field-base-type-required`.
    codes: HashMap<&'static str, &'static str>,
}

impl Words {
    /// Joins the texts of features; those of the layout are always there.
    ///
    /// # Errors
    /// If a file is not Fluent, or a key is there twice.
    pub fn new(features: &[Texts]) -> Result<Self> {
        let bundle = |(index, language): (usize, &Language)| {
            let mut bundle = FluentBundle::new_concurrent(vec![language.identifier()]);
            // The marks around values are for mixed writing directions; they would be in the way of copying a code.
            bundle.set_use_isolating(false);
            for texts in std::iter::once(&TEXTS).chain(features) {
                let text = texts.0.get(index).copied().unwrap_or_default();
                let resource = FluentResource::try_new(text.to_owned())
                    .map_err(|(_, errors)| Error::internal(format!("{language:?}: {errors:?}")))?;
                bundle
                    .add_resource(resource)
                    .map_err(|errors| Error::internal(format!("{language:?}: {errors:?}")))?;
            }
            Ok(bundle)
        };
        Language::ALL.iter().enumerate().map(bundle).collect::<Result<_>>().map(|bundles| {
            let all = std::iter::once(&TEXTS).chain(features);
            let codes = all.flat_map(|texts| texts.0.first().copied()).flat_map(keys_of_codes).collect();
            Self(Arc::new(Inner { bundles, codes }))
        })
    }

    /// What is wrong with a field: the text `FEATURE-field-CODE`, in small letters with hyphens, otherwise the
    /// English message of the protocol.
    pub fn field(&self, language: Language, field: &FieldError) -> String {
        let bounds = [("min", field.min), ("max", field.max)];
        let values: Vec<_> =
            bounds.into_iter().filter_map(|(name, bound)| Some((name, FluentValue::from(bound?)))).collect();
        self.code(language, "field-", field.code, &values).unwrap_or_else(|| field.message.clone())
    }

    /// What went wrong: the text `FEATURE-code-NAME`, if one is written. It may say `$seconds`, after which it is worth
    /// trying again.
    pub fn error(&self, language: Language, error: &Error) -> Option<String> {
        let seconds = error.retry_after.map_or(1, |wait| wait.as_secs_f64().ceil() as u64);
        self.code(language, "code-", error.code.name, &[("seconds", seconds.into())])
    }

    /// Why something failed of which only the code and the English words were kept: those for who reads English, because
    /// they may say more.
    pub fn failure(&self, language: Language, code: &str, detail: &str) -> String {
        let translated = || self.code(language, "code-", code, &[("seconds", 1.into())]);
        let written = if language == Language::English { None } else { translated() };
        written.unwrap_or_else(|| detail.to_owned())
    }

    fn code(
        &self,
        language: Language,
        kind: &str,
        code: &str,
        values: &[(&str, FluentValue<'_>)],
    ) -> Option<String> {
        let name = format!("{kind}{}", code.to_lowercase().replace('_', "-"));
        self.find(language, self.0.codes.get(name.as_str())?, values)
    }

    /// A text. One that does not exist is its key; [`check`] keeps that from happening.
    pub fn text(&self, language: Language, key: &str) -> String {
        self.text_with(language, key, &[])
    }

    /// A text with values for its variables.
    pub fn text_with(&self, language: Language, key: &str, values: &[(&str, FluentValue<'_>)]) -> String {
        self.find(language, key, values).unwrap_or_else(|| {
            tracing::error!(key, ?language, "a text is missing");
            key.to_owned()
        })
    }

    /// A text, if there is one of this key.
    pub fn find(&self, language: Language, key: &str, values: &[(&str, FluentValue<'_>)]) -> Option<String> {
        let bundle = self.0.bundles.get(language.index())?;
        let pattern = bundle.get_message(key)?.value()?;
        let args: FluentArgs<'_> =
            values.iter().map(|(name, value)| (Cow::Borrowed(*name), value.clone())).collect();
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned();
        if !errors.is_empty() {
            tracing::error!(key, ?language, ?errors, "a text could not be filled in");
        }
        Some(text)
    }
}

/// The keys `FEATURE-field-CODE` and `FEATURE-code-NAME` of a file, by what follows the feature's name.
fn keys_of_codes(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    text.lines().filter_map(|line| {
        let (key, _) = line.split_once(" =")?;
        let (_, name) = key.split_once('-')?;
        (name.starts_with("field-") || name.starts_with("code-")).then_some((name, key))
    })
}
