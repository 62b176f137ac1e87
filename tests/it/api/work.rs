//! An analyst's day: inbox, panel, verdict, undo, incident, notes, status.

use axum::http::StatusCode;
use saola::triage::Role;
use serde_json::json;

use super::harness::Api;
use crate::alerts::alert;

#[tokio::test]
async fn from_the_alert_to_the_closed_incident() {
    let api = Api::new();
    let an = api.signed_in("an", Role::Responder, &["tinh"]).await;
    api.alerts(vec![
        alert("2001", "203.0.113.66"),
        alert("2001", "203.0.113.66"),
        alert("2002", "203.0.113.66"),
    ])
    .await;

    let inbox = api.get("/groups", &an).await.json();
    assert_eq!(inbox["total"], 2);
    let row = inbox["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["rule"]["id"] == "2001")
        .unwrap();
    assert_eq!(
        (&row["count"], &row["severity"], &row["unread"]),
        (&json!(2), &json!("high"), &json!(true))
    );
    assert_eq!(row["target"]["asset"]["title"], "Cổng dịch vụ công");
    assert_eq!(row["agency"], json!({"id": "skhcn", "name": "Cơ quan skhcn"}));
    assert_eq!(row["spark_24h"].as_array().unwrap().len(), 24);
    let (id, number) = (row["id"].as_str().unwrap(), row["incident"].as_str().unwrap());

    let panel = api.get(&format!("/groups/{id}"), &an).await.json();
    assert_eq!(panel["alerts"].as_array().unwrap().len(), 2);
    assert_eq!(panel["alerts"][0]["event"]["number"], json!(u64::MAX));
    assert_eq!(panel["other_groups_24h"].as_array().unwrap().len(), 1);

    let verdict = json!({"verdict": "true_positive", "reason": "đúng là tấn công"});
    let closed = api
        .post(&format!("/groups/{id}/verdict"), &an, verdict)
        .await
        .json();
    assert_eq!(
        (&closed["state"], &closed["verdict"]["by"]),
        (&json!("closed"), &json!("an"))
    );
    assert_eq!(api.get("/groups", &an).await.json()["total"], 1);
    let back = api
        .post(&format!("/groups/{id}/verdict/undo"), &an, json!({}))
        .await
        .json();
    assert_eq!(
        (&back["state"], back["verdict"].is_null()),
        (&json!("open"), true)
    );
    assert_eq!(
        api.post(&format!("/groups/{id}/verdict/undo"), &an, json!({}))
            .await
            .problem()
            .1,
        "group.nothing_to_undo"
    );

    api.post(
        &format!("/groups/{id}/notes"),
        &an,
        json!({"text": "<script>alert(1)</script>"}),
    )
    .await;
    api.post(&format!("/groups/{id}/assign"), &an, json!({"user": "an"}))
        .await;
    assert_eq!(
        api.post(&format!("/groups/{id}/assign"), &an, json!({"user": "ma"}))
            .await
            .problem()
            .1,
        "user.not_found"
    );
    let panel = api.get(&format!("/groups/{id}"), &an).await.json();
    assert_eq!(panel["notes"][0]["text"], "<script>alert(1)</script>");
    assert_eq!(panel["group"]["assignee"], "an");

    for (action, body) in [
        ("status", json!({"status": "investigating", "reason": "bắt đầu"})),
        ("assign", json!({"user": "an"})),
        ("notes", json!({"text": "đã gọi đơn vị"})),
        (
            "severity",
            json!({"severity": "critical", "reason": "lộ dữ liệu"}),
        ),
        ("status", json!({"status": "closed"})),
    ] {
        let reply = api
            .post(&format!("/incidents/{number}/{action}"), &an, body)
            .await;
        assert_eq!(reply.status, StatusCode::OK, "{action}: {}", reply.text);
    }
    let page = api.get(&format!("/incidents/{number}"), &an).await.json();
    let incident = &page["incident"];
    assert_eq!(
        (&incident["status"], &incident["severity"], &incident["owner"]),
        (&json!("closed"), &json!("critical"), &json!("an"))
    );
    assert_eq!(
        (&incident["group_count"], &incident["alert_count"]),
        (&json!(2), &json!(3))
    );
    assert_eq!(
        page["notes"].as_array().unwrap().len(),
        3,
        "status reason, note, severity reason"
    );
    let codes: Vec<_> = page["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["code"].as_str().unwrap())
        .collect();
    assert!(
        codes.starts_with(&["why.shared_actor"]) || codes.starts_with(&["why.severity"]),
        "{codes:?}"
    );
    assert!(
        codes.ends_with(&["timeline.severity", "timeline.status"]),
        "{codes:?}"
    );
    assert_eq!(page["clocks"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn groups_are_made_into_an_incident_and_added_to_it() {
    let api = Api::new();
    let an = api.signed_in("an", Role::Responder, &["tinh"]).await;
    let low = |rule: &str, src: &str| saola_event::Alert {
        severity: saola_event::Severity::Low,
        ..alert(rule, src)
    };
    api.alerts(vec![
        low("1", "203.0.113.1"),
        low("2", "203.0.113.2"),
        low("3", "203.0.113.3"),
    ])
    .await;
    let ids: Vec<String> = api.get("/groups", &an).await.json()["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect();
    let made = api
        .post(
            "/incidents",
            &an,
            json!({"group_ids": [ids[0], ids[1]], "title": "Theo dõi"}),
        )
        .await;
    assert_eq!(made.status, StatusCode::CREATED);
    let number = made.json()["number"].as_str().unwrap().to_owned();
    assert!(number.starts_with("SC-2026-0001"), "{number}");
    assert_eq!(
        (made.json()["title"].clone(), made.json()["why"]["code"].clone()),
        (json!("Theo dõi"), json!("why.person"))
    );
    let added = api
        .post(
            &format!("/incidents/{number}/groups"),
            &an,
            json!({"group_ids": [ids[2]]}),
        )
        .await;
    assert_eq!(added.json()["group_count"], 3);
    let taken = api.post("/incidents", &an, json!({"group_ids": [ids[2]]})).await;
    assert_eq!(taken.problem(), (409, "group.taken".to_owned()));
    assert_eq!(api.get("/incidents?status=open", &an).await.json()["total"], 1);
    assert_eq!(api.get("/incidents?status=closed", &an).await.json()["total"], 0);
}

#[tokio::test]
async fn bulk_actions_say_what_became_of_each() {
    let api = Api::new();
    let an = api.signed_in("an", Role::Responder, &["tinh"]).await;
    api.alerts((0..30).map(|n| alert(&format!("r{n}"), "203.0.113.1")).collect())
        .await;
    let page = api.get("/groups?limit=200", &an).await.json();
    let mut ids: Vec<_> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["id"].clone())
        .collect();
    ids.push(json!("g-00000000000000ff"));
    let action = json!({"verdict": {"verdict": "benign_positive", "reason": "diễn tập"}});
    let done = api
        .post("/groups/bulk", &an, json!({"ids": ids, "action": action}))
        .await
        .json();
    assert_eq!(done["done"], 30);
    assert_eq!(
        done["failed"],
        json!([{"id": "g-00000000000000ff", "code": "group.not_found"}])
    );
    assert_eq!(api.get("/groups?state=closed", &an).await.json()["total"], 30);
}

#[tokio::test]
async fn the_inbox_filters_and_pages() {
    let api = Api::new();
    let an = api.signed_in("an", Role::Viewer, &["tinh"]).await;
    api.alerts(
        (0..25)
            .map(|n| alert(&format!("rule-{n:02}"), "203.0.113.1"))
            .collect(),
    )
    .await;
    let (mut seen, mut cursor) = (std::collections::BTreeSet::new(), String::new());
    loop {
        let page = api.get(&format!("/groups?limit=10{cursor}"), &an).await.json();
        seen.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| row["id"].as_str().unwrap().to_owned()),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 25);
    for (query, total) in [
        ("q=rule-07", 1),
        ("q=203.0.113.1", 25),
        ("q=LUẬT", 25),
        ("min_severity=critical", 0),
        ("agency=tinh", 25),
        ("agency=stc", 0),
        ("since=2030-01-01T00:00:00Z", 0),
    ] {
        assert_eq!(
            api.get(&format!("/groups?{}", query.replace('Ậ', "%E1%BA%AC")), &an)
                .await
                .json()["total"],
            total,
            "{query}"
        );
    }
}
