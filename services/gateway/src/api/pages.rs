//! The pages of the city, as they were built: embedded, so that the command needs no files beside it.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::city::is_known;
use super::problem::Problem;
use super::problem_kind as kinds;

/// What `npm run build` made.
#[derive(RustEmbed)]
#[folder = "../../web/dist"]
struct Dist;

/// Said when there is nothing to embed.
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Hailstorm</title>\
    <h1>The pages are not built</h1><p>This command was compiled without them. Build them in the folder \
    <code>web</code> (<code>npm ci &amp;&amp; npm run build</code>), then compile again.</p>\
    <p>The API is here all the same: <a href=\"/openapi.json\">/openapi.json</a>.</p></html>";

/// Names of assets change with their content.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Pages are asked for again each time.
const ASK_AGAIN: &str = "no-cache";

/// Paths of pages, and their files.
const PAGES: [(&str, &str); 4] =
    [("/", "index.html"), ("/ride", "ride.html"), ("/drive", "drive.html"), ("/docs", "docs.html")];

/// Answers for a page or one of its files.
pub(crate) async fn page_or_nothing(request: Request) -> Response {
    let path = request.uri().path();
    let page = PAGES.iter().find(|(page, _)| *page == path).map(|(_, file)| *file);
    let name = page.unwrap_or_else(|| path.trim_start_matches('/'));
    let found = Dist::get(name).filter(|_| !name.ends_with('/') && !name.starts_with('.'));
    match (found, page) {
        (None, None) => nothing(request.uri()).into_response(),
        _ if !matches!(*request.method(), Method::GET | Method::HEAD) => {
            let problem = super::problem::method_not_allowed(request).await;
            ([(header::ALLOW, "GET,HEAD")], problem).into_response()
        }
        (None, Some(_)) => (StatusCode::OK, Html(NOT_BUILT)).into_response(),
        (Some(file), _) => serve(name, &file, request.headers()),
    }
}

fn nothing(uri: &Uri) -> Problem {
    Problem::new(&kinds::NOT_FOUND, format!("nothing has the path {}", uri.path()))
}

fn serve(name: &str, file: &EmbeddedFile, headers: &HeaderMap) -> Response {
    let etag = etag(file);
    let keep = if name.starts_with("assets/") { FOR_EVER } else { ASK_AGAIN };
    let caching = [(header::ETAG, etag.clone()), (header::CACHE_CONTROL, keep.to_owned())];
    if is_known(headers, &etag) {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    let body = match &file.data {
        std::borrow::Cow::Borrowed(bytes) => Body::from(*bytes),
        std::borrow::Cow::Owned(bytes) => Body::from(bytes.clone()),
    };
    (caching, [(header::CONTENT_TYPE, media_type(name))], body).into_response()
}

/// Weak, since the content may be compressed on its way.
fn etag(file: &EmbeddedFile) -> String {
    let digits: String =
        file.metadata.sha256_hash().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("W/\"{digits}\"")
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
