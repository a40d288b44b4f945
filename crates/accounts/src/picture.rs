//! Avatars and banners: where they are kept.

use guildhall_base::{Error, Result, UserId};
use guildhall_infra::blobs::Blobs;
use guildhall_infra::pictures;

/// A picture as somebody sends it. In JSON a data URI: `data:image/png;base64,...`.
pub use guildhall_infra::pictures::Upload as PictureUpload;
pub(crate) use guildhall_infra::pictures::{MAX_BODY, MAX_BYTES};

/// Which of a user's pictures it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Avatar,
    Banner,
}

impl Role {
    /// The field's name.
    fn field(self) -> &'static str {
        match self {
            Self::Avatar => "avatar",
            Self::Banner => "banner",
        }
    }

    /// What it is called in a copy of somebody's data.
    pub(crate) fn file(self) -> &'static str {
        self.field()
    }

    /// Where the blobs are. A hash names one picture for ever.
    pub(crate) fn folder(self, user: UserId) -> String {
        format!("{}s/{user}", self.field())
    }
}

/// Keeps a picture; gives its hash.
pub(crate) async fn keep(
    blobs: Option<&Blobs>,
    user: UserId,
    role: Role,
    upload: &PictureUpload,
) -> Result<String> {
    let missing = || Error::field(role.field(), "IMAGE_INVALID", "This server keeps no pictures.");
    pictures::keep(blobs.ok_or_else(missing)?, &role.folder(user), role.field(), upload).await
}
