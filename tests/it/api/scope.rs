//! Who sees what: another agency's things are as if they did not exist.

use saola::triage::Role;
use saola_event::Alert;
use serde_json::json;

use super::harness::Api;
use crate::alerts::alert;

fn at_finance(rule: &str) -> Alert {
    let mut alert = alert(rule, "203.0.113.77");
    alert.entities.dest_ip = "10.10.20.60".parse().ok();
    alert
}

#[tokio::test]
async fn another_agencys_groups_incidents_and_mails_do_not_exist() {
    let api = Api::new();
    let all = api.signed_in("tinh", Role::Responder, &["tinh"]).await;
    let finance = api.signed_in("tc", Role::Responder, &["stc"]).await;
    let none = api.signed_in("khong", Role::Responder, &[]).await;
    api.alerts(vec![alert("1", "203.0.113.66"), at_finance("2")])
        .await;
    for (who, count) in [(&all, 2), (&finance, 1), (&none, 0)] {
        assert_eq!(api.get("/groups?state=all", who).await.json()["total"], count);
        assert_eq!(api.get("/incidents", who).await.json()["total"], count);
        assert_eq!(api.get("/outbox", who).await.json()["total"], count);
    }
    let rows = api.get("/groups", &all).await.json();
    let foreign = rows["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["agency"]["id"] == "skhcn")
        .unwrap()
        .clone();
    let (id, number) = (
        foreign["id"].as_str().unwrap(),
        foreign["incident"].as_str().unwrap(),
    );
    let missing = api.get("/groups/g-00000000000000ff", &finance).await.problem();
    assert_eq!(
        api.get(&format!("/groups/{id}"), &finance).await.problem(),
        missing
    );
    let posts = [
        (format!("/groups/{id}/verdict"), json!({"verdict": "duplicate"})),
        (format!("/groups/{id}/verdict/undo"), json!({})),
        (format!("/groups/{id}/notes"), json!({"text": "x"})),
        (format!("/groups/{id}/read"), json!({})),
        (format!("/groups/{id}/assign"), json!({"user": null})),
        ("/incidents".to_owned(), json!({"group_ids": [id]})),
    ];
    for (path, body) in posts {
        assert_eq!(
            api.post(&path, &finance, body).await.problem().1,
            "group.not_found",
            "{path}"
        );
    }
    for action in ["status", "notes", "assign", "severity", "groups"] {
        let body = match action {
            "status" => json!({"status": "closed"}),
            "notes" => json!({"text": "x"}),
            "assign" => json!({"user": null}),
            "severity" => json!({"severity": "low"}),
            _ => json!({"group_ids": []}),
        };
        let reply = api
            .post(&format!("/incidents/{number}/{action}"), &finance, body)
            .await;
        assert_eq!(reply.problem().1, "incident.not_found", "{action}");
    }
    assert_eq!(
        api.get(&format!("/incidents/{number}"), &finance)
            .await
            .problem()
            .1,
        "incident.not_found"
    );
    assert_eq!(
        api.get("/outbox/m-skhcn", &finance).await.problem().1,
        "not_found"
    );
    assert_eq!(
        api.get("/outbox/m-stc", &finance).await.json()["mail"]["id"],
        "m-stc"
    );
    let bulk = api
        .post("/groups/bulk", &finance, json!({"ids": [id], "action": "read"}))
        .await
        .json();
    assert_eq!(
        (&bulk["done"], &bulk["failed"][0]["code"]),
        (&json!(0), &json!("group.not_found"))
    );
    assert_eq!(
        api.get("/agencies", &finance)
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn an_incident_over_two_agencies_shows_each_its_own_groups() {
    let api = Api::new();
    let all = api.signed_in("tinh", Role::Administrator, &[]).await;
    let science = api.signed_in("kh", Role::Viewer, &["skhcn"]).await;
    let mut second = at_finance("2");
    second.entities.src_ip = "203.0.113.66".parse().ok();
    api.alerts(vec![alert("1", "203.0.113.66")]).await;
    api.alerts(vec![second]).await;
    let number = api.get("/incidents", &all).await.json()["items"][0]["number"]
        .as_str()
        .unwrap()
        .to_owned();
    let (whole, part) = (
        api.get(&format!("/incidents/{number}"), &all).await.json(),
        api.get(&format!("/incidents/{number}"), &science).await.json(),
    );
    assert_eq!(
        (
            whole["groups"].as_array().unwrap().len(),
            part["groups"].as_array().unwrap().len()
        ),
        (2, 1)
    );
    assert_eq!(part["incident"]["group_count"], 1);
    assert!(!part.to_string().contains("stc-db01"), "{part}");
}

#[tokio::test]
async fn a_mails_html_is_shut_in() {
    let api = Api::new();
    let an = api.signed_in("an", Role::Viewer, &["stc"]).await;
    let page = api.get("/outbox/m-stc/html", &an).await;
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("default-src 'none'") && policy.contains("sandbox"),
        "{policy}"
    );
}
