//! Lists and sets: what rules look up, add and take away.

use super::wire::*;

const HTTP: &str = "http any any -> any any";

fn request(host: &str, path: &str) -> Vec<Vec<u8>> {
    let text = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: probe\r\n\r\n");
    http(
        text.as_bytes(),
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nevil body",
    )
}

#[test]
fn lists_are_looked_up() {
    let packets = request("evil.example", "/");
    for options in [
        "http.host; dataset:isset,hosts,type string,load hosts.lst;",
        "http.host; dataset:isnotset,others,type string;",
        "http.host; datarep:hosts, >, 50, load hosts.lst, type string;",
        "http.host; dotprefix; dataset:isset,sub,type string,match subdomain,load hosts.lst;",
        "filemd5:bodies.md5;",
        "filemagic:\"ASCII\";",
    ] {
        assert_eq!(count(HTTP, options, &packets), 1, "should hit: {options}");
    }
    for options in [
        "http.host; dataset:isnotset,hosts,type string,load hosts.lst;",
        "http.host; datarep:hosts, <, 50, load hosts.lst, type string;",
        "http.user_agent; dataset:isset,hosts,type string,load hosts.lst;",
        "filemd5:!bodies.md5; http.stat_code; content:\"200\";",
    ] {
        assert_eq!(count(HTTP, options, &packets), 0, "should miss: {options}");
    }
}

#[test]
fn a_list_of_objects_gives_its_object_to_the_alert() {
    let rule = "alert http any any -> any any (http.host; dataset:isset,hosts,type string,load hosts.json,\
        format json,value_key host,context_key who,remove_key; sid:1;)";
    let alerts = alerts(rule, &request("evil.example", "/"));
    assert_eq!(
        alerts[0].event["alert"]["context"]["who"],
        serde_json::json!({ "since": 2020 })
    );
}

#[test]
fn what_a_rule_adds_another_finds_and_a_third_takes_away() {
    let rules = "alert http any any -> any any (http.uri; content:\"/add\"; http.user_agent; dataset:set,agents,type string; sid:1;)\n\
        alert http any any -> any any (http.uri; content:\"/ask\"; http.user_agent; dataset:isset,agents,type string; sid:2;)\n\
        alert http any any -> any any (http.uri; content:\"/drop\"; http.user_agent; dataset:unset,agents,type string; sid:3;)";
    let mut all = Vec::new();
    for (port, path) in [
        (1, "/ask"),
        (2, "/add"),
        (3, "/add"),
        (4, "/ask"),
        (5, "/drop"),
        (6, "/ask"),
    ] {
        let text = format!("GET {path} HTTP/1.1\r\nHost: a\r\nUser-Agent: probe\r\n\r\n");
        all.extend(conversation(40_000 + port, 80, &[Say::Client(text.as_bytes())]));
    }
    assert_eq!(sids(rules, &all), [1, 2, 3]);
}

#[test]
fn addresses_are_values_too() {
    let rules = "alert udp any any -> any any (ip.src; dataset:set,talkers,type ip; sid:1;)";
    let packets: Vec<_> = (0..4)
        .map(|port| udp((CLIENT, 4000 + port), (SERVER, 5000), b"x"))
        .collect();
    assert_eq!(sids(rules, &packets), [1]);
}

#[test]
fn entropy_tells_text_from_noise() {
    let noise: Vec<u8> = (0..=255).collect();
    let packet = |bytes: &[u8]| vec![udp((CLIENT, 4000), (SERVER, 5000), bytes)];
    let udp = "udp any any -> any any";
    assert_eq!(count(udp, "entropy:value >= 7.9;", &packet(&noise)), 1);
    assert_eq!(count(udp, "entropy:bytes 4, value < 2.1;", &packet(&noise)), 1);
    assert_eq!(count(udp, "entropy:value >= 1;", &packet(b"aaaaaaaa")), 0);
}
