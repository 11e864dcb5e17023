//! The span of whoever calls, as its `traceparent` header tells.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use traces::TraceParent;

/// The caller's span, if it has one that is recorded. The trip's own trace begins here and links to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller(pub(crate) Option<TraceParent>);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    /// As W3C asks for, a header that is none is ignored, and so are several.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let mut headers = parts.headers.get_all(TraceParent::HEADER).iter();
        let only = headers.next().filter(|_| headers.next().is_none());
        Ok(Self(only.and_then(|header| TraceParent::read(header.as_bytes()))))
    }
}
