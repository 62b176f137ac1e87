//! The console: the built files of `web/dist` inside the binary, with the feature `console`.

use axum::Router;

/// The console's routes; none without the feature.
#[cfg(not(feature = "console"))]
pub(super) fn routes() -> Router {
    Router::new()
}

#[cfg(feature = "console")]
pub(super) use embedded::routes;

#[cfg(feature = "console")]
mod embedded {
    use axum::extract::Extension;
    use axum::http::{StatusCode, Uri, header};
    use axum::response::{IntoResponse, Response};
    use rust_embed::{EmbeddedFile, RustEmbed};

    use super::Router;
    use crate::api::http::Nonce;

    #[derive(RustEmbed)]
    #[folder = "web/dist"]
    struct Dist;

    /// What stands for the nonce in the built page.
    const NONCE_PLACE: &str = "__CSP_NONCE__";

    pub(in crate::api) fn routes() -> Router {
        Router::new().fallback(serve)
    }

    /// A file of the console; for paths without a file name the page itself, which routes by itself.
    async fn serve(Extension(nonce): Extension<Nonce>, uri: Uri) -> Response {
        let path = uri.path().trim_start_matches('/');
        if path.starts_with("api/") {
            return StatusCode::NOT_FOUND.into_response();
        }
        match Dist::get(path).filter(|_| path != "index.html") {
            Some(file) => asset(path, file),
            None if is_file_name(path) => StatusCode::NOT_FOUND.into_response(),
            None => page(&nonce),
        }
    }

    fn is_file_name(path: &str) -> bool {
        path.rsplit('/').next().is_some_and(|name| name.contains('.')) && path != "index.html"
    }

    /// Files under `assets/` carry a hash in their name and never change.
    fn asset(path: &str, file: EmbeddedFile) -> Response {
        let cache = if path.starts_with("assets/") {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        let kind = file.metadata.mimetype().to_owned();
        (
            [
                (header::CONTENT_TYPE, kind),
                (header::CACHE_CONTROL, cache.to_owned()),
            ],
            file.data,
        )
            .into_response()
    }

    fn page(nonce: &Nonce) -> Response {
        let Some(file) = Dist::get("index.html") else {
            return StatusCode::NOT_FOUND.into_response();
        };
        let page = String::from_utf8_lossy(&file.data).replace(NONCE_PLACE, &nonce.0);
        (
            [
                (header::CONTENT_TYPE, "text/html; charset=utf-8"),
                (header::CACHE_CONTROL, "no-store"),
            ],
            page,
        )
            .into_response()
    }
}
