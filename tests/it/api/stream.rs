//! The live stream: what changed arrives, in scope, resumable, and the server's stop ends it.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{Request, StatusCode, header};
use futures_util::StreamExt as _;
use saola::triage::Role;
use tower::ServiceExt as _;

use super::harness::{Api, Signed};
use crate::alerts::alert;

async fn open(api: &Api, who: &Signed, last: Option<&str>) -> BodyDataStream {
    let mut request = Request::get("/api/v1/stream").header(header::COOKIE, who.cookie());
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    let response = api
        .router()
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    response.into_body().into_data_stream()
}

/// Reads until the text holds `mark`.
async fn until(stream: &mut BodyDataStream, mark: &str) -> String {
    let mut text = String::new();
    let read = async {
        while !text.contains(mark) {
            let part = stream.next().await.expect("the stream goes on").unwrap();
            text.push_str(&String::from_utf8_lossy(&part));
        }
    };
    tokio::time::timeout(Duration::from_secs(20), read)
        .await
        .unwrap_or_else(|_| panic!("no {mark}"));
    text
}

fn run_hub(api: &Api) {
    let (hub, board, stop) = (
        api.state.hub.clone(),
        api.state.board.clone(),
        api.state.stop.clone(),
    );
    tokio::spawn(async move { hub.run(board, stop).await });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_arrive_in_scope_and_are_caught_up_with() {
    let api = Api::new();
    run_hub(&api);
    let an = api.signed_in("an", Role::Viewer, &["skhcn"]).await;
    let other = api.signed_in("tc", Role::Viewer, &["stc"]).await;
    let (mut seen, mut unseen) = (open(&api, &an, None).await, open(&api, &other, None).await);
    api.alerts(vec![alert("live", "203.0.113.66")]).await;
    let text = until(&mut seen, "event: counts").await;
    assert!(
        text.contains("event: group") && text.contains("event: incident"),
        "{text}"
    );
    assert!(
        text.contains(r#"data: {"inbox_open":1,"incidents_open":1}"#),
        "{text}"
    );
    let foreign = until(&mut unseen, "event: counts").await;
    assert!(
        !foreign.contains("203.0.113.66") && foreign.contains(r#"{"inbox_open":0,"incidents_open":0}"#),
        "{foreign}"
    );

    let id = text
        .lines()
        .rfind(|line| line.starts_with("id: "))
        .unwrap()
        .trim_start_matches("id: ")
        .to_owned();
    drop(seen);
    api.alerts(vec![alert("missed", "203.0.113.66")]).await;
    let mut back = open(&api, &an, Some(&id)).await;
    let caught_up = until(&mut back, "event: counts").await;
    assert!(caught_up.contains("rule missed"), "{caught_up}");
    assert_eq!(
        caught_up.matches("event: group").count(),
        1,
        "what was seen does not come again: {caught_up}"
    );
    let mut lost = open(&api, &an, Some("00000000-5")).await;
    until(&mut lost, "event: reset").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_servers_stop_ends_open_streams() {
    let api = Api::new();
    let an = api.signed_in("an", Role::Viewer, &["tinh"]).await;
    let stream = open(&api, &an, None).await;
    api.state.stop.cancel();
    let rest = stream.collect::<Vec<_>>();
    tokio::time::timeout(Duration::from_secs(20), rest)
        .await
        .expect("the stream ends");
}
