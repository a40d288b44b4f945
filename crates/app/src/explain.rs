//! Errors as the operator reads them on the terminal: every cause once, without codes meant for programs.

use std::error::Error as StdError;

use guildhall_base::{Error, Kind};

/// One line that says what was being done and why it failed.
pub fn explain(error: &anyhow::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in error.chain() {
        let Some(ours) = cause.downcast_ref::<Error>() else {
            add(&mut parts, cause.to_string());
            continue;
        };
        // Its own text repeats what is below it.
        if ours.fields.is_empty() && ours.kind() != Kind::Internal {
            add(&mut parts, ours.detail.to_string());
        }
        for field in &ours.fields {
            add(&mut parts, format!("{}: {}", field.path, field.message));
        }
        let mut below = ours.source();
        while let Some(cause) = below {
            add(&mut parts, cause.to_string());
            below = cause.source();
        }
        break;
    }
    parts.join(": ")
}

/// Adds a cause unless the one above it has told it already.
fn add(parts: &mut Vec<String>, text: String) {
    let told = parts.last().is_some_and(|above| above.ends_with(&text));
    if !told {
        parts.push(text);
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context;
    use guildhall_base::codes;

    use super::*;

    #[test]
    fn causes_are_told_once_and_codes_not_at_all() {
        let inner = anyhow::Error::from(Error::internal("a database is sqlite:PATH or postgres://..."));
        let error = Err::<(), _>(inner).context("cannot open the database").unwrap_err();
        assert_eq!(explain(&error), "cannot open the database: a database is sqlite:PATH or postgres://...");

        let error = Error::field("username", "TAKEN", "This name is not available.").into();
        assert_eq!(explain(&error), "username: This name is not available.");

        let error = codes::CONFLICT.because("This token belongs to somebody else.").into();
        assert_eq!(explain(&error), "This token belongs to somebody else.");

        let error = anyhow::anyhow!("unknown key").context("in the file");
        assert_eq!(explain(&error), "in the file: unknown key");
    }
}
