//! Signing in, setting up, and what stands in the way of others.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use saola::triage::Role;
use serde_json::json;

use super::harness::{Api, PASSWORD};

#[tokio::test]
async fn the_setup_link_sets_a_password_once() {
    let api = Api::new();
    api.account("admin", Role::Administrator, &[]).await;
    let token = api.setup_link("admin").await;
    let path = format!("/api/v1/setup/{}", token.as_text());
    let shown = api.send(Method::GET, &path, None, None).await;
    assert_eq!(
        (shown.status, shown.json()["name"].as_str()),
        (StatusCode::OK, Some("admin"))
    );
    let weak = api
        .send(Method::POST, &path, None, Some(json!({"password": "ngắn"})))
        .await;
    assert_eq!(weak.problem(), (422, "auth.weak_password".to_owned()));
    let set = api
        .send(
            Method::POST,
            &path,
            None,
            Some(json!({"password": "mật khẩu mới đủ dài"})),
        )
        .await;
    assert_eq!(set.status, StatusCode::NO_CONTENT);
    assert_eq!(
        api.sign_in("admin", "mật khẩu mới đủ dài").await.status,
        StatusCode::OK
    );
    assert_eq!(
        api.sign_in("admin", PASSWORD).await.problem().1,
        "auth.bad_credentials"
    );
    let again = api
        .send(
            Method::POST,
            &path,
            None,
            Some(json!({"password": "mật khẩu khác nữa"})),
        )
        .await;
    assert_eq!(again.problem(), (404, "auth.setup_invalid".to_owned()));
}

#[tokio::test]
async fn a_new_password_ends_sessions_of_the_old_one() {
    let api = Api::new();
    let an = api.signed_in("an", Role::Responder, &["tinh"]).await;
    assert_eq!(api.get("/session", &an).await.status, StatusCode::OK);
    let token = api.setup_link("an").await;
    let path = format!("/api/v1/setup/{}", token.as_text());
    api.send(
        Method::POST,
        &path,
        None,
        Some(json!({"password": "mật khẩu mới đủ dài"})),
    )
    .await;
    assert_eq!(api.get("/session", &an).await.problem().1, "auth.required");
}

#[tokio::test]
async fn known_and_unknown_names_get_the_same_answer_and_wrong_passwords_lock() {
    let api = Api::new();
    api.account("an", Role::Viewer, &[]).await;
    let (known, unknown) = (
        api.sign_in("an", "sai rồi").await,
        api.sign_in("ai-đó", "sai rồi").await,
    );
    assert_eq!(known.problem(), unknown.problem());
    for _ in 0..4 {
        api.sign_in("an", "sai rồi").await;
    }
    let locked = api.sign_in("an", PASSWORD).await;
    assert_eq!(locked.problem(), (429, "auth.locked".to_owned()));
    assert!(locked.json()["retry_after_s"].as_u64().unwrap() > 0);
    assert!(locked.headers.contains_key(header::RETRY_AFTER));
    assert!(!locked.headers.contains_key(header::SET_COOKIE));
}

#[tokio::test]
async fn nothing_changes_without_the_csrf_token() {
    let api = Api::new();
    let an = api.signed_in("an", Role::Responder, &["tinh"]).await;
    let refused = api
        .post("/groups/g-0000000000000001/read", &an.without_csrf(), json!({}))
        .await;
    assert_eq!(refused.problem(), (403, "auth.csrf".to_owned()));
    let out = api
        .send(Method::DELETE, "/api/v1/session", Some(&an.without_csrf()), None)
        .await;
    assert_eq!(out.problem().1, "auth.csrf");
    let out = api.send(Method::DELETE, "/api/v1/session", Some(&an), None).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert!(
        out.headers[header::SET_COOKIE]
            .to_str()
            .unwrap()
            .contains("Max-Age=0")
    );
    assert_eq!(api.get("/session", &an).await.problem().1, "auth.required");
}

/// Every route of the document, called by nobody: all but the few that are meant to be open answer 401.
#[tokio::test]
async fn every_route_wants_a_session_except_the_door_itself() {
    let api = Api::new();
    let document: serde_json::Value = serde_json::from_str(&saola::api::openapi_json()).unwrap();
    let (mut open, mut tried) = (Vec::new(), 0);
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let filled = path
                .replace("{id}", "g-0000000000000001")
                .replace("{number}", "SC-2026-0001")
                .replace("{token}", "x");
            let method: Method = method.to_uppercase().parse().unwrap();
            let body = (method == Method::POST).then(|| json!({}));
            let reply = api
                .send(method.clone(), &format!("/api/v1{filled}"), None, body)
                .await;
            tried += 1;
            if reply.status != StatusCode::UNAUTHORIZED {
                open.push(format!("{method} {path}"));
            }
        }
    }
    assert!(tried > 25, "{tried}");
    assert_eq!(
        open,
        ["POST /session", "GET /setup/{token}", "POST /setup/{token}"]
    );
}

/// Every route that changes something, called by somebody who may only read.
#[tokio::test]
async fn a_viewer_changes_nothing() {
    let api = Api::new();
    let viewer = api.signed_in("xem", Role::Viewer, &["tinh"]).await;
    let document: serde_json::Value = serde_json::from_str(&saola::api::openapi_json()).unwrap();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let changes = methods.get("post").is_some() && !path.starts_with("/setup") && path != "/session";
        if changes {
            let filled = path
                .replace("{id}", "g-0000000000000001")
                .replace("{number}", "SC-2026-0001");
            let reply = api.post(&filled, &viewer, json!({})).await;
            assert_eq!(reply.problem(), (403, "auth.forbidden".to_owned()), "{path}");
        }
    }
}

#[tokio::test]
async fn answers_carry_the_security_headers_and_problems_speak_two_languages() {
    let api = Api::new();
    let request = |language: &str| {
        Request::get("/api/v1/session")
            .header(header::ACCEPT_LANGUAGE, language)
            .body(Body::empty())
            .unwrap()
    };
    let (vi, en) = (api.raw(request("vi")).await, api.raw(request("en-US,en")).await);
    assert_eq!(
        (vi.json()["title"].as_str(), en.json()["title"].as_str()),
        (Some("Chưa đăng nhập"), Some("Not signed in"))
    );
    let policy = vi.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(
        policy.contains("script-src 'self';") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert_ne!(
        policy,
        en.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap(),
        "a nonce of its own"
    );
    for name in [
        "x-content-type-options",
        "x-frame-options",
        "referrer-policy",
        "cross-origin-opener-policy",
    ] {
        assert!(vi.headers.contains_key(name), "{name}");
    }
    assert_eq!(vi.headers[header::CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn bad_requests_are_problems_with_codes() {
    let api = Api::new();
    let an = api.signed_in("an", Role::Responder, &["tinh"]).await;
    let code = |reply: super::harness::Reply| reply.problem();
    assert_eq!(
        code(api.get("/nothing", &an).await),
        (404, "not_found".to_owned())
    );
    assert_eq!(
        code(api.get("/groups?limit=x", &an).await),
        (400, "request.invalid".to_owned())
    );
    assert_eq!(
        code(api.get("/groups?cursor=x", &an).await),
        (400, "request.invalid".to_owned())
    );
    assert_eq!(
        code(api.get("/groups?colour=red", &an).await),
        (400, "request.invalid".to_owned())
    );
    assert_eq!(code(api.get("/groups/../../etc", &an).await).0, 404);
    assert_eq!(
        code(api.send(Method::PUT, "/api/v1/groups", Some(&an), None).await),
        (405, "request.method".to_owned())
    );
    assert_eq!(
        code(api.post("/incidents", &an, json!({"group_ids": ["x"]})).await),
        (400, "request.invalid".to_owned())
    );
    let large = json!({"text": "x".repeat(2 << 20)});
    assert_eq!(
        code(api.post("/groups/g-0000000000000001/notes", &an, large).await),
        (413, "request.too_large".to_owned())
    );
    let plain = Request::post("/api/v1/session")
        .body(Body::from("name=an"))
        .unwrap();
    assert_eq!(code(api.raw(plain).await), (415, "request.media_type".to_owned()));
}
