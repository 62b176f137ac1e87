//! Rules over both sides of a transaction, at its stages, on frames; what comes after an alert.

use super::wire::*;

fn exchange() -> Vec<Vec<u8>> {
    http(
        b"GET /load?id=7 HTTP/1.1\r\nHost: www.example\r\nConnection: ask\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nServer: Own\r\nConnection: answer\r\nContent-Length: 4\r\n\r\nbody",
    )
}

fn two_sided(options: &str) -> usize {
    count("http any any => any any", options, &exchange())
}

#[test]
fn a_rule_over_both_sides_matches_once() {
    assert_eq!(
        two_sided("http.uri; content:\"/load\"; http.stat_code; content:\"200\";"),
        1
    );
    assert_eq!(
        two_sided("http.uri; content:\"/load\"; http.server; content:\"Own\"; fast_pattern;"),
        1
    );
    assert_eq!(
        two_sided("http.uri; content:\"/load\"; http.stat_code; content:\"404\";"),
        0
    );
    assert_eq!(
        two_sided("http.uri; content:\"/save\"; http.stat_code; content:\"200\";"),
        0
    );
}

#[test]
fn buffers_of_both_sides_say_whose_they_are() {
    assert_eq!(
        two_sided(
            "http.connection: to_server; content:\"ask\"; http.connection: to_client; content:\"answer\";"
        ),
        1
    );
    assert_eq!(
        two_sided("http.uri; content:\"load\"; http.connection: to_client; content:\"ask\";"),
        0
    );
    assert_eq!(
        two_sided("http.uri; content:\"load\"; file.data: to_client; content:\"body\";"),
        1
    );
}

#[test]
fn hooks_fire_when_their_stage_is_reached() {
    for hook in [
        "request_started",
        "request_line",
        "request_headers",
        "request_complete",
        "response_complete",
    ] {
        let header = format!("http1:{hook} any any -> any any");
        assert_eq!(count(&header, "", &exchange()), 1, "{hook}");
    }
}

#[test]
fn frames_are_looked_at_whole() {
    let header = "http any any -> any any";
    assert_eq!(
        count(
            header,
            "frame:http1.request; content:\"GET /load\"; startswith;",
            &exchange()
        ),
        1
    );
    assert_eq!(
        count(header, "frame:response; content:\"body\"; endswith;", &exchange()),
        1
    );
    assert_eq!(count(header, "frame:request; content:\"body\";", &exchange()), 0);
    let alerts = alerts(
        "alert tcp any any -> any any (frame:http.response; content:\"200\"; sid:1;)",
        &exchange(),
    );
    let frame = &alerts[0].event["frame"];
    assert_eq!(
        (frame["type"].as_str(), frame["complete"].as_bool()),
        (Some("response"), Some(true))
    );
}

#[test]
fn texts_that_groups_catch_stand_in_the_record() {
    let rule = "alert http any any -> any any (pcre:\"/id=(\\d+)/U, flow:number\"; sid:1;)";
    let alerts = alerts(rule, &exchange());
    assert_eq!(
        alerts[0].event["metadata"]["flowvars"],
        serde_json::json!([{ "number": "7" }])
    );
}

#[test]
fn a_pass_rule_may_announce_itself() {
    let rules = "pass http any any -> any any (alert; http.uri; content:\"/load\"; sid:1;)\n\
        alert http any any -> any any (http.uri; content:\"/load\"; sid:2;)";
    assert_eq!(sids(rules, &exchange()), [1]);
}

#[test]
fn certificates_and_gzip_are_read_where_they_should() {
    let refused = [
        "tls.sni; content:\"a\"; tls_cert_notafter:tomorrow;",
        "http.uri; gunzip:max-size 0; content:\"a\";",
        "dataset:isset,nothing,type string;",
        "http.host; dataset:isset,unheard;",
        "http.host; dataset:isset,gone,type string,load gone.lst;",
        "frame:pdu; content:\"a\";",
    ];
    for options in refused {
        let text = format!("alert tcp any any -> any any ({options} sid:1;)");
        let texts = [saola_suricata::RuleText {
            path: "t",
            text: &text,
        }];
        let (set, diagnostics) =
            saola_suricata::RuleSet::load(&texts, &saola_suricata::RuleConfig::default());
        assert!(set.rules.is_empty() && diagnostics.len() == 1, "{options}");
    }
}

#[test]
fn a_rule_without_keywords_is_about_every_packet_of_its_protocol() {
    let all = sids(
        "alert http any any -> any any (flow:to_server; sid:1;)",
        &exchange(),
    )
    .len();
    assert!(all > 1, "{all}");
    let size = |options: &str| count("tcp any any -> any any", options, &exchange());
    assert_eq!(size("dsize:!1;"), 2);
}

#[test]
fn known_classes_have_their_words_without_a_file() {
    let rule = "alert http any any -> any any (http.uri; content:\"load\"; classtype:bad-unknown; sid:1;)";
    let alert = &alerts(rule, &exchange())[0].event["alert"];
    assert_eq!(
        (alert["category"].as_str(), alert["severity"].as_u64()),
        (Some("Potentially Bad Traffic"), Some(2))
    );
}
