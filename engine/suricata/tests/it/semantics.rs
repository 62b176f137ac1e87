//! What rules do together and over time: flow memory, thresholds, limits, pass, reload, diagnostics.

use saola_net::Engine;
use saola_suricata::{
    CompiledRules, Detector, GlobalThresholds, RuleConfig, RuleSet, RuleText, Thresholds, Variables,
};

use super::wire::*;

#[test]
fn flowbits_join_the_two_directions_and_silent_rules_do_not_alert() {
    let rules = "alert http any any -> any any (http.uri; content:\"/a\"; flowbits:set,asked; noalert; sid:1;)\n\
        alert http any any -> any any (flowbits:isset,asked; http.stat_code; content:\"200\"; sid:2;)\n\
        alert http any any -> any any (flowbits:isnotset,asked; http.stat_code; content:\"200\"; sid:3;)\n\
        alert http any any -> any any (flowbits:isset,other|asked; http.stat_code; content:\"200\"; sid:4;)";
    let packets = http(
        b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    );
    assert_eq!(sids(rules, &packets), [2, 4]);
}

#[test]
fn flowint_counts() {
    let rules = "alert tcp any any -> any any (flow:to_server; content:\"try\"; flowint:tries,+,1; noalert; no_stream; sid:1;)"
        .replace(" no_stream;", "");
    let rules = format!(
        "{rules}\nalert tcp any any -> any any (flow:to_server; content:\"try\"; flowint:tries,>=,3; sid:2;)"
    );
    let says: Vec<Say<'_>> = (0..4).map(|_| Say::Client(b"try ")).collect();
    assert!(!sids(&rules, &conversation(40_000, 7, &says)).is_empty());
    assert!(sids(&rules, &conversation(40_000, 7, &says[..2])).is_empty());
}

fn burst(count: u16) -> Vec<Vec<u8>> {
    (0..count)
        .map(|port| udp((CLIENT, 1000 + port), (SERVER, 53_000), b"knock"))
        .collect()
}

#[test]
fn thresholds_count_over_flows() {
    let fired = |threshold: &str, packets: u16| {
        count(
            "udp any any -> any any",
            &format!("content:\"knock\"; {threshold}"),
            &burst(packets),
        )
    };
    assert_eq!(
        fired("threshold:type limit, track by_src, count 2, seconds 60;", 10),
        2
    );
    assert_eq!(
        fired("threshold:type threshold, track by_src, count 3, seconds 60;", 10),
        3
    );
    assert_eq!(
        fired("threshold:type both, track by_dst, count 3, seconds 60;", 10),
        1
    );
    assert_eq!(
        fired("detection_filter:track by_src, count 8, seconds 60;", 10),
        2
    );
    assert_eq!(
        fired("threshold:type limit, track by_flow, count 1, seconds 60;", 10),
        10
    );
    assert_eq!(
        fired(
            "threshold:type backoff, track by_rule, count 1, multiplier 10;",
            20
        ),
        2
    );
    assert_eq!(
        fired("threshold:type limit, track by_src, count 1, seconds 4;", 10),
        2
    );
}

#[test]
fn host_bits_join_flows() {
    let rules = "alert udp any any -> any any (content:\"one\"; xbits:set,seen,track ip_src,expire 60; noalert; sid:1;)\n\
        alert udp any any -> any any (content:\"two\"; xbits:isset,seen,track ip_src; sid:2;)\n\
        alert udp any any -> any any (content:\"two\"; hostbits:isset,seen; sid:3;)";
    let one = udp((CLIENT, 1), (SERVER, 2), b"one");
    let two = udp((CLIENT, 3), (SERVER, 4), b"two");
    assert_eq!(sids(rules, &[one.clone(), two.clone()]), [2]);
    assert_eq!(sids(rules, &[two, one]), Vec::<u64>::new());
}

#[test]
fn addresses_ports_and_direction_are_held() {
    let packets = vec![udp((CLIENT, 4000), (SERVER, 5000), b"x")];
    let hit = |header: &str| count(header, "dsize:1;", &packets);
    assert_eq!(hit("udp $HOME_NET any -> $EXTERNAL_NET 5000"), 1);
    assert_eq!(hit("udp $EXTERNAL_NET any -> $HOME_NET any"), 0);
    assert_eq!(hit("udp $EXTERNAL_NET 5000 <> $HOME_NET any"), 1);
    assert_eq!(hit("udp any 4000:4001 -> any !53"), 1);
    assert_eq!(hit("ip any any -> any any"), 1);
    assert_eq!(hit("tcp any any -> any any"), 0);
}

#[test]
fn address_rules_alert_once_per_direction_of_a_flow() {
    let packets = conversation(
        40_000,
        7,
        &[Say::Client(b"a"), Say::Client(b"b"), Say::Server(b"c")],
    );
    assert_eq!(count("ip 10.0.0.1 any -> any any", "", &packets), 1);
    assert_eq!(count("ip any any -> any any", "", &packets), 2);
}

#[test]
fn a_pattern_over_two_segments_is_found_and_reported_once() {
    let packets = conversation(
        40_000,
        7,
        &[Say::Client(b"..att"), Say::Client(b"ack.."), Say::Client(b"more")],
    );
    let found = alerts(
        "alert tcp any any -> any any (flow:to_server; content:\"attack\"; sid:1;)",
        &packets,
    );
    assert_eq!(found.len(), 1);
    let evidence = &found[0].evidence[0];
    assert_eq!(
        (
            evidence.place.as_str(),
            evidence.offset,
            evidence.pattern.as_str()
        ),
        ("pkt_data", 2, "attack")
    );
    assert_eq!(
        count("tcp-pkt any any -> any any", "content:\"attack\";", &packets),
        0
    );
}

#[test]
fn pass_ends_alerts_of_the_flow() {
    let rules = "pass http any any -> any any (http.host; content:\"good\"; sid:1;)\n\
        alert http any any -> any any (http.uri; content:\"/x\"; sid:2;)\n\
        alert http any any -> any any (http.stat_code; content:\"200\"; sid:3;)";
    let response = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(
        sids(rules, &http(b"GET /x HTTP/1.1\r\nHost: bad\r\n\r\n", response)),
        [2, 3]
    );
    assert!(sids(rules, &http(b"GET /x HTTP/1.1\r\nHost: good\r\n\r\n", response)).is_empty());
}

#[test]
fn one_packet_raises_at_most_the_limit() {
    let rules: Vec<String> = (1..=40)
        .map(|sid| format!("alert udp any any -> any any (content:\"x\"; sid:{sid};)"))
        .collect();
    let rules = compile(&rules.join("\n"));
    let (mut engine, alerts) = engine(&rules);
    feed(&mut engine, &[udp((CLIENT, 1), (SERVER, 2), b"x")], 1);
    assert_eq!(alerts.lock().unwrap().len(), 15);
    assert_eq!(engine.observer().counters().alerts_over_limit, 25);
}

#[test]
fn a_reload_keeps_the_flow_and_its_bits() {
    let first = compile(
        "alert tcp any any -> any any (flow:to_server; content:\"one\"; flowbits:set,b; noalert; sid:1;)",
    );
    let second = compile(
        "alert tcp any any -> any any (flow:to_client; content:\"zzz\"; flowbits:set,another; sid:7;)\n\
         alert tcp any any -> any any (flow:to_server; content:\"two\"; flowbits:isset,b; sid:2;)",
    );
    let packets = conversation(
        40_000,
        7,
        &[Say::Client(b"one"), Say::Server(b"ok"), Say::Client(b"two")],
    );
    let (mut engine, alerts): (Engine<Detector>, _) = engine(&first);
    feed(&mut engine, &packets[..7], 1);
    engine.observer_mut().swap(second);
    feed(&mut engine, &packets[7..], 8);
    engine.finish();
    let found: Vec<_> = alerts
        .lock()
        .unwrap()
        .iter()
        .map(|alert| alert.event["alert"]["signature_id"].clone())
        .collect();
    assert_eq!(found, [2]);
}

#[test]
fn suppressions_and_thresholds_by_number() {
    let mut thresholds = GlobalThresholds::default();
    let mut diagnostics = Vec::new();
    let text = "suppress gen_id 1, sig_id 1, track by_src, ip 10.0.0.0/8\n\
        threshold gen_id 1, sig_id 2, type limit, track by_src, count 1, seconds 60\n";
    thresholds.parse("t", text, &Variables::default(), &mut diagnostics);
    let config = RuleConfig {
        thresholds,
        ..RuleConfig::default()
    };
    let text = "alert udp any any -> any any (content:\"k\"; sid:1;)\nalert udp any any -> any any (content:\"k\"; sid:2;)";
    let (set, found) = RuleSet::load(&[RuleText { path: "r", text }], &config);
    assert!(diagnostics.is_empty() && found.is_empty());
    let rules = CompiledRules::compile(set);
    let (mut engine, alerts) = engine(&rules);
    feed(&mut engine, &burst(5), 1);
    engine.finish();
    let mut merge = Thresholds::new();
    let kept = alerts
        .lock()
        .unwrap()
        .iter()
        .filter(|alert| merge.pass(&rules, alert))
        .count();
    assert_eq!(kept, 1);
    assert_eq!((merge.counters().suppressed, merge.counters().held_back), (5, 4));
}

#[test]
fn records_tell_rule_flow_and_protocol() {
    let rules = "alert http $HOME_NET any -> any any (msg:\"say \\\"hi\\\"\"; http.uri; content:\"/a\"; classtype:none; \
        metadata:mitre_technique_id T1190, signature_severity Major, tag a, tag b; target:dest_ip; rev:3; sid:9;)";
    let packets = http(
        b"GET /a HTTP/1.1\r\nHost: x.example\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    );
    let found = alerts(rules, &packets);
    assert_eq!(found.len(), 1);
    let event = &found[0].event;
    assert_eq!(event["alert"]["signature"], "say \"hi\"");
    assert_eq!(event["alert"]["metadata"]["tag"], serde_json::json!(["a", "b"]));
    assert_eq!(
        (&event["alert"]["rev"], &event["alert"]["severity"]),
        (&3.into(), &3.into())
    );
    assert_eq!(
        (event["app_proto"].as_str(), event["tx_id"].as_u64()),
        (Some("http"), Some(0))
    );
    assert_eq!(event["http"]["hostname"], "x.example");
    assert_eq!(event["src_ip"], "10.0.0.1");
    assert_eq!(found[0].domain.as_deref(), Some("x.example"));
}

#[test]
fn diagnostics_name_place_keyword_and_reason() {
    let text = "alert tcp any any -> any any (content:\"ok\"; sid:1;)\n\
        alert tcp any any -> any any (msg:\"x\"; kontent:\"a\"; sid:2;)\n\
        alert tcp any any -> any any (content:\"|zz|\"; sid:3;)\n\
        alert tcp any any -> $NOWHERE any (sid:4;)\n\
        alert tcp any any -> any any (lua:x.lua; sid:5;)\n\
        alert tcp any any -> any any (nocase; sid:6;)\n\
        alert tcp any any -> any any (content:\"a\";)\n\
        alert http any any -> any any (http.uri; content:\"a\"; http.stat_code; content:\"2\"; sid:8;)\n\
        alert tcp any any -> any any (requires: version >= 99; sid:9;)\n\
        nonsense\n";
    let (set, diagnostics) = RuleSet::load(
        &[RuleText {
            path: "d.rules",
            text,
        }],
        &RuleConfig::default(),
    );
    assert_eq!(set.rules.len(), 1);
    let shown: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
    let expected = [
        "d.rules:2:40: sid 2: unknown keyword `kontent`",
        "d.rules:3:31: sid 3: `content`: not a hex digit between `|`",
        "d.rules:4:1: sid 4: variable `$NOWHERE` is not set",
        "d.rules:5:31: sid 5: keyword `lua` is not supported: scripts in rules are refused",
        "d.rules:6:31: sid 6: `nocase` out of place: there is no content before it",
        "d.rules:7:1: rule has no sid",
        "d.rules:8:1: sid 8: `http.stat_code` out of place: the rule looks at both directions",
        "d.rules:9:31: sid 9: left out by its own `requires`: version >= 99",
        "d.rules:10:1: not a rule: no options",
    ];
    for (shown, expected) in shown.iter().zip(expected) {
        assert!(shown.starts_with(expected), "{shown}\n  wanted {expected}");
    }
    assert_eq!(shown.len(), expected.len());
}

#[test]
fn hostile_rules_are_bounded() {
    let huge = format!(
        "alert tcp any any -> any any (content:\"{}\"; sid:1;)\n",
        "a".repeat(100_000)
    );
    let many = format!(
        "alert tcp any any -> any any ({} sid:2;)\n",
        "content:\"a\";".repeat(3000)
    );
    let deep = format!(
        "alert tcp {}10.0.0.1{} any -> any any (sid:3;)\n",
        "[".repeat(500),
        "]".repeat(500)
    );
    let slots: Vec<String> = (0..200)
        .map(|number| format!("byte_extract:1,0,v{number};"))
        .collect();
    let slots = format!("alert tcp any any -> any any ({} sid:4;)\n", slots.concat());
    let nested = format!(
        "alert tcp any any -> any any (pcre:\"/{}a{}/\"; sid:5;)\n",
        "(".repeat(2000),
        ")".repeat(2000)
    );
    let text = [huge, many, deep, slots, nested].concat();
    let (set, diagnostics) = RuleSet::load(
        &[RuleText {
            path: "h",
            text: &text,
        }],
        &RuleConfig::default(),
    );
    assert_eq!((set.rules.len(), diagnostics.len()), (0, 5), "{diagnostics:?}");
}

/// A DNS query for `a.example`.
fn query(id: u8) -> Vec<u8> {
    let mut message = vec![0, id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    message.extend(b"\x01a\x07example\x00\x00\x01\x00\x01");
    udp((CLIENT, 4000), (SERVER, 53), &message)
}

#[test]
fn dns_queries_that_nobody_answers_alert_and_do_not_pile_up() {
    let rules = "alert dns any any -> any any (dns.query; content:\"a.example\"; bsize:9; sid:1;)\n\
        alert dns any any -> any any (dns.query; dotprefix; content:\".example\"; endswith; sid:2;)\n\
        alert dns any any -> any any (dns.query; content:\"b.example\"; sid:3;)\n\
        alert dns any any -> any any (dns.rrtype:A; dns.opcode:0; sid:4;)\n\
        alert dns any any -> any any (dns.rcode:!0; sid:5;)";
    let packets: Vec<_> = (0..3).map(query).collect();
    let found = sids(rules, &packets);
    assert_eq!(found, [1, 2, 4, 1, 2, 4, 1, 2, 4]);
}

#[test]
fn statistics_tell_checks_and_matches() {
    let rules = compile(
        "alert udp any any -> any any (content:\"k\"; content:\"zqx\"; sid:1;)\nalert udp any any -> any any (content:\"k\"; sid:2;)",
    );
    let (mut engine, _) = engine(&rules);
    feed(&mut engine, &burst(3), 1);
    let statistics: Vec<_> = rules
        .statistics()
        .map(|rule| (rule.sid, rule.checks > 0, rule.matches))
        .collect();
    assert_eq!(statistics, [(1, false, 0), (2, true, 3)]);
}
