//! Banners: fetched once behind the guard against private addresses, checked to be pictures, and served from here, so that
//! nobody who looks at a listing is seen elsewhere.

use axum::http::Method;
use guildhall_base::{Error, Patch, Result};
use guildhall_infra::fetch::Outgoing;
use guildhall_infra::pictures::{self, Upload};
use url::Url;

use crate::model::{Banner, Listing};
use crate::rules::draft::Draft;
use crate::{Directory, codes};

/// Bytes of a picture.
const MOST: usize = 4 * 1024 * 1024;

/// The folder of banners in the blob store, and in their addresses.
pub(crate) const FOLDER: &str = "listing-banners";

impl Directory {
    /// Fetches the banners that a draft names, where they are others than before.
    pub(super) async fn take_banners(&self, draft: &Draft, listing: &mut Listing) -> Result<()> {
        let details = &mut listing.details;
        self.take_banner("card_banner", &draft.card_banner, &mut details.card_banner).await?;
        self.take_banner("page_banner", &draft.page_banner, &mut details.page_banner).await
    }

    /// Fetches one picture, where another is wanted than before.
    pub(super) async fn take_banner(
        &self,
        field: &'static str,
        wanted: &Patch<String>,
        banner: &mut Option<Banner>,
    ) -> Result<()> {
        let Some(wanted) = wanted else { return Ok(()) };
        let Some(source) = wanted.as_ref().filter(|source| !source.is_empty()) else {
            *banner = None;
            return Ok(());
        };
        if banner.as_ref().is_some_and(|banner| banner.source == *source) {
            return Ok(());
        }
        let wrong = |error: &Error| Error::field(field, codes::NOT_A_PICTURE.name, error.detail.clone());
        let url = Url::parse(source).map_err(|_| wrong(&codes::NOT_A_PICTURE.into()))?;
        let request = Outgoing { max_bytes: Some(MOST), ..Outgoing::new(Method::GET, url) };
        let answer = self.0.fetch.send(request).await.map_err(|error| wrong(&error))?;
        if !answer.status.is_success() {
            return Err(wrong(&codes::NOT_A_PICTURE.into()));
        }
        let file = pictures::keep(&self.0.blobs, FOLDER, field, &Upload(answer.body)).await?;
        *banner = Some(Banner { source: source.clone(), file });
        Ok(())
    }
}
