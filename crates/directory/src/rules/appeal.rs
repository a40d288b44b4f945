//! What staff may be asked about a listing. Limits are those of Fates List.

use std::time::Duration;

use guildhall_base::{AnyId, Error, Form, Result, Timestamp};

use crate::codes;
use crate::model::{AppealKind, Listing, ListingKind, State};

/// Guilds that a bot is in, or members of a guild, before it can be certified.
const SIZE: u64 = 100;
/// Time between two questions of one person.
pub(crate) const PAUSE: Duration = Duration::from_secs(30);

/// Refuses what is no question.
///
/// # Errors
/// The wrong field.
pub(crate) fn check_text(text: &str) -> Result<()> {
    let mut form = Form::new();
    form.length("text", text.trim(), 7..=4000);
    if text.contains('\0') {
        form.refuse("text", "BASE_TYPE_BAD", "Must not contain the character U+0000.");
    }
    form.finish()
}

/// Refuses to ask for what cannot be given to a listing as it stands.
///
/// # Errors
/// `NOTHING_TO_APPEAL`, `NOT_CERTIFIABLE` with what is missing.
pub(crate) fn check(kind: AppealKind, listing: &Listing) -> Result<()> {
    match kind {
        AppealKind::Report => Ok(()),
        AppealKind::Appeal => match listing.state {
            State::Denied | State::Banned => Ok(()),
            _ => Err(codes::NOTHING_TO_APPEAL.into()),
        },
        AppealKind::Certification => match missing(listing) {
            None => Ok(()),
            Some(what) => Err(codes::NOT_CERTIFIABLE.because(what)),
        },
    }
}

fn missing(listing: &Listing) -> Option<&'static str> {
    let size = match listing.id.kind {
        ListingKind::Bot => listing.counts.guilds,
        ListingKind::Guild => listing.counts.users,
    };
    let details = &listing.details;
    if listing.state != State::Approved {
        Some("Only approved listings can be certified.")
    } else if details.card_banner.is_none() || details.page_banner.is_none() {
        Some("It needs both banners before it can be certified.")
    } else if size < SIZE {
        Some("It must be in 100 guilds, or a guild must have 100 members, before it can be certified.")
    } else {
        None
    }
}

/// Refuses who asked a moment ago.
///
/// # Errors
/// `ASKED_A_MOMENT_AGO`, with the time to wait.
pub(crate) fn check_pause(latest: Option<AnyId>, now: Timestamp) -> Result<()> {
    let Some(latest) = latest else { return Ok(()) };
    let since = now.since(latest.created_at());
    if since >= PAUSE {
        return Ok(());
    }
    Err(Error { retry_after: Some(PAUSE.saturating_sub(since)), ..Error::from(codes::ASKED_A_MOMENT_AGO) })
}
