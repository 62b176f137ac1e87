//! The outermost layer: request id, security headers, problem bodies.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::{ApiError, Language};

/// The nonce of one answer's content security policy; the console's page carries it for its style elements.
#[derive(Clone, Debug)]
pub struct Nonce(pub String);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request an id and a nonce, runs it, and finishes the answer.
pub async fn guard(mut request: Request, next: Next) -> Response {
    let id = format!("{:016x}", rand::random::<u64>());
    let nonce = Nonce(STANDARD_NO_PAD.encode(rand::random::<[u8; 16]>()));
    let language = Language::of(request.headers());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let api = path.starts_with("/api/");
    request.extensions_mut().insert(nonce.clone());
    let mut response = next.run(request).await;
    if let Some(error) = problem_in(&response, api) {
        response = problem_answer(&response, &error, language, &id);
    }
    tracing::debug!(request_id = id, %method, path, status = response.status().as_u16(), "request answered");
    let headers = response.headers_mut();
    secure(headers, &nonce, api);
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    response
}

/// The problem that an answer stands for: one of ours, or what axum and its layers answer by themselves.
fn problem_in(response: &Response, api: bool) -> Option<ApiError> {
    if let Some(error) = response.extensions().get::<ApiError>() {
        return Some(error.clone());
    }
    let ours = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/"));
    if !api || ours {
        return None;
    }
    let code = match response.status() {
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::METHOD_NOT_ALLOWED => "request.method",
        StatusCode::PAYLOAD_TOO_LARGE => "request.too_large",
        StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => "request.timeout",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "request.media_type",
        StatusCode::INTERNAL_SERVER_ERROR => "server.internal",
        status if status.is_client_error() => "request.invalid",
        _ => return None,
    };
    Some(ApiError::new(code))
}

fn problem_answer(before: &Response, error: &ApiError, language: Language, id: &str) -> Response {
    let body = serde_json::to_vec(&error.body(language, id)).unwrap_or_default();
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    let mut response = (error.status(), kind, body).into_response();
    for name in [header::ALLOW, header::SET_COOKIE] {
        for value in before.headers().get_all(&name) {
            response.headers_mut().append(&name, value.clone());
        }
    }
    if let Some(seconds) = error.retry_after_s {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Security headers of every answer. Styles need the nonce because Mantine writes style elements; scripts come from
/// files alone.
fn secure(headers: &mut HeaderMap, nonce: &Nonce, api: bool) {
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{}'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; manifest-src 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; \
         form-action 'self'; object-src 'none'",
        nonce.0
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=()",
        ),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if api && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
