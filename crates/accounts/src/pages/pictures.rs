//! `/avatars/{user}/{hash}.png` and `/banners/...`: public, for ever the same, safe to show.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use guildhall_base::UserId;
use guildhall_infra::pictures;

use crate::Accounts;
use crate::picture::Role;

pub(super) fn routes() -> Router<Accounts> {
    Router::new()
        .route("/avatars/{user}/{file}", get(|state, path| serve(Role::Avatar, state, path)))
        .route("/banners/{user}/{file}", get(|state, path| serve(Role::Banner, state, path)))
}

async fn serve(
    role: Role,
    State(accounts): State<Accounts>,
    Path((user, file)): Path<(UserId, String)>,
) -> Response {
    pictures::show(accounts.config().pictures.as_ref(), &role.folder(user), &file).await
}
