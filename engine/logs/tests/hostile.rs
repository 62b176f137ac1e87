//! Hostile records: whatever is done to a line, one event comes out, with the whole text and a time.

#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::Arc;

use proptest::prelude::*;
use saola_event::{RawRecord, Timestamp};
use saola_logs::{Config, Parsers, UNPARSED};

const SAMPLES: &str = include_str!("samples.log");
const RECEIVED: i64 = 1_795_400_000;

fn record(bytes: impl Into<Vec<u8>>, parser: Option<&str>) -> RawRecord {
    RawRecord {
        source: Arc::from("test"),
        agency: Arc::from("so-tttt"),
        parser: parser.map(Arc::from),
        peer: None,
        received_at: Timestamp::from_secs_micros(RECEIVED, 0),
        seq: 7,
        bytes: bytes.into(),
    }
}

/// Parses, and checks what must hold of every record.
fn check(parsers: &Parsers, bytes: &[u8], hint: Option<&str>) -> &'static str {
    let record = record(bytes, hint);
    let event = parsers.parse(&record);
    let whole = String::from_utf8_lossy(bytes);
    let utf16 = matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    let trimmed = whole
        .trim_start_matches('\u{feff}')
        .trim_end_matches(['\r', '\n', '\0']);
    assert!(utf16 || event.raw == trimmed, "the text is kept whole: {whole:?}");
    assert_eq!((event.seq, &*event.agency), (7, "so-tttt"));
    serde_json::to_vec(&event).unwrap();
    event.parser
}

#[test]
fn every_sample_is_known_and_the_last_is_not() {
    let parsers = Parsers::new(Config::default());
    let lines: Vec<&str> = SAMPLES.lines().collect();
    let (last, known) = lines.split_last().unwrap();
    for line in known {
        let parser = check(&parsers, line.as_bytes(), None);
        assert!(parser != UNPARSED, "{line}");
        assert!(
            Parsers::names().any(|name| name == parser),
            "{parser} is a name that a hint may have"
        );
    }
    assert_eq!(check(&parsers, last.as_bytes(), None), UNPARSED);
}

#[test]
fn a_wrong_hint_loses_nothing() {
    let parsers = Parsers::new(Config::default());
    for hint in Parsers::names().chain(["no-such-parser"]) {
        for line in SAMPLES.lines() {
            check(&parsers, line.as_bytes(), Some(hint));
        }
    }
}

#[test]
fn a_hint_is_obeyed_where_it_fits() {
    let parsers = Parsers::new(Config::default());
    let access = br#"10.0.0.7 - - [22/Nov/2026:07:30:00 +0700] "GET / HTTP/1.1" 200 5"#;
    assert_eq!(check(&parsers, access, Some("nginx")), "nginx");
    assert_eq!(check(&parsers, access, Some("apache")), "apache");
    assert_eq!(check(&parsers, access, None), "access");
}

#[test]
fn monsters() {
    let parsers = Parsers::new(Config::default());
    let keys: String = (0..10_000)
        .map(|n| format!("k{n}=v "))
        .collect::<Vec<_>>()
        .concat();
    let json_keys = (0..10_000)
        .map(|n| format!("\"k{n}\":{n}"))
        .collect::<Vec<_>>()
        .join(",");
    for monster in [
        Vec::new(),
        vec![0; 1 << 20],
        vec![b'x'; 1 << 20],
        b"<13>".repeat(100_000),
        b"[".repeat(1 << 20),
        b"2026-11-22T07:30:00Z stdout F ".repeat(40_000),
        b"\"".repeat(1 << 20),
        b"=".repeat(1 << 20),
        b"|".repeat(1 << 20),
        b",".repeat(1 << 20),
        format!("date=1 devid=x type=y {keys}").into_bytes(),
        format!("CEF:0|a|b|c|d|e|f|{keys}").into_bytes(),
        format!("{{{json_keys}}}").into_bytes(),
        format!(r#"{{"a":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000)).into_bytes(),
        format!(r#"{{"a":{}1{}}}"#, r#"{"a":"#.repeat(10_000), "}".repeat(10_000)).into_bytes(),
        b"{\"a\":\""
            .iter()
            .copied()
            .chain(b"\\u".repeat(100_000))
            .collect(),
        b"\x1b[2J\x1b]0;x\x07".to_vec(),
        b"\xff\xfe\x00".to_vec(),
        b"\xfe\xff".to_vec(),
    ] {
        check(&parsers, &monster, None);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn mutations(
        line in proptest::sample::select(SAMPLES.lines().collect::<Vec<_>>()),
        cut in any::<proptest::sample::Index>(),
        at in any::<proptest::sample::Index>(),
        with in proptest::collection::vec(any::<u8>(), 0..12),
        kind in 0..6,
    ) {
        let parsers = Parsers::new(Config::default());
        let mut bytes = line.as_bytes().to_vec();
        let (cut, at) = (cut.index(bytes.len() + 1), at.index(bytes.len() + 1));
        match kind {
            0 => bytes.truncate(cut),
            1 => { bytes.drain(..cut); }
            2 => { bytes.splice(at..at, with); }
            3 => { let end = (at + with.len()).min(bytes.len()); bytes.splice(at..end, with); }
            4 => { let copy = bytes.clone(); bytes.extend(copy); }
            _ => { let (from, to) = (cut.min(at), cut.max(at)); bytes.drain(from..to); }
        }
        check(&parsers, &bytes, None);
    }

    #[test]
    fn noise(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        check(&Parsers::new(Config::default()), &bytes, None);
    }
}
