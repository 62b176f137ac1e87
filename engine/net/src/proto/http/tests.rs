//! The two state machines together: whole conversations in, transactions out.

use proptest::prelude::*;

use super::*;
use crate::app::{AppEvent, FileState, Transactions};
use crate::proto::testing::Talk;

/// What of a transaction must not depend on how the bytes were cut.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    line: String,
    status: Option<u16>,
    request_body: Vec<u8>,
    response_body: Vec<u8>,
    files: Vec<(String, u64, FileState)>,
    complete: [bool; 2],
}

fn seen(transactions: &Transactions) -> Vec<Seen> {
    let http = |tx: &AppTransaction| match &tx.data {
        TxData::Http(http) => Seen {
            line: String::from_utf8_lossy(&http.request.line).into_owned(),
            status: http.response.status,
            request_body: http.request.body.window.bytes().to_vec(),
            response_body: http.response.body.window.bytes().to_vec(),
            files: tx
                .files
                .iter()
                .map(|file| {
                    (
                        String::from_utf8_lossy(&file.name).into_owned(),
                        file.size(),
                        file.state,
                    )
                })
                .collect(),
            complete: tx.complete,
        },
        _ => panic!("not HTTP"),
    };
    transactions.iter().map(http).collect()
}

/// Plays request and answer, cut into pieces of `step` bytes, and closes.
fn play(request: &[u8], response: &[u8], step: usize) -> Talk {
    let mut talk = Talk::new(Box::new(HttpParser::default()));
    for piece in request.chunks(step) {
        talk.data(Direction::ToServer, piece);
    }
    for piece in response.chunks(step) {
        talk.data(Direction::ToClient, piece);
    }
    talk.end(Direction::ToServer);
    talk.end(Direction::ToClient);
    talk
}

const GET: &[u8] = b"GET /dir/a.txt HTTP/1.1\r\nHost: h.example\r\n\r\n";

/// The body that a response to a GET carries, whatever the cuts.
fn body_of(response: &[u8]) -> Vec<u8> {
    let mut bodies: Vec<Vec<u8>> = [1, 3, 50, 100_000]
        .into_iter()
        .map(|step| {
            let talk = play(GET, response, step);
            let all = seen(&talk.transactions);
            assert_eq!(all.len(), 1, "{all:?}");
            all.into_iter().next().unwrap().response_body
        })
        .collect();
    bodies.dedup();
    assert_eq!(
        bodies.len(),
        1,
        "cuts differ: {:?}",
        String::from_utf8_lossy(response)
    );
    bodies.pop().unwrap()
}

/// Text that no encoding could be mistaken for, like the test file of virus scanners.
const TEXT: &[u8] = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$SAOLA-TEST-TEXT!$H+H*";

fn chunked(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for piece in text.chunks(4) {
        out.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        out.extend_from_slice(piece);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"0\r\n\r\n");
    out
}

#[test]
fn heads_that_some_peer_forgives_do_not_hide_the_body() {
    for head in [
        "HTTP/1.1 200 ok\r\nContent-Length: 49\r\n\r\n",
        "HTTP/1.1 200 ok\nContent-Length: 49\n\n",
        "HTTP/1.1 200 ok\rContent-Length: 49\r\n\r\n",
        "HTTP/1.1 200 ok\n\rContent-Length: 49\r\n\r\n",
        "HTTP/1.1 200 ok\r\nContent-Length: 49\n\r\r\n",
        "HTTP/1.1 200 ok\r\nContent-Length: 49\n \n",
        "HTTP/1.1 200 ok\r\nContent-Length: 49\r\n\t\r\n\r\n",
        "HTTP/1.1 200 ok\r\nContent-Length: 12\r\n 49\r\n\r\n",
        "HTTP/1.1 200 ok\r\nContent-Length: (49) 12\r\n\r\n",
        "HTTP/1.1 200 ok\r\nContent-Length: 999\r\n\r\n",
        "HTTP/1.1 200 ok\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.0 200 ok\r\nTransfer-Encoding: chunked\r\nContent-Length: 49\r\n\r\n",
        "HTTP/1.1 200 ok\r\nContent-Encoding: gzip\r\nContent-Encoding: deflate\r\n\r\n",
        "HTTP/1.1 200 ok\r\njunk line\r\n: x\r\n\x7f\r\nContent-Length: 49\r\n\r\n",
        "HTTP/1.1 200 ok\r\n\r\r\nContent-Length: 49\r\n\r\n",
        "HTTP/1.1 100 ok\r\nContent-Length: 49\r\n\r\n",
        "HTTP/1.1 204 ok\r\nContent-Length: 49\r\n\r\n",
        "HTTP/1.1 700 ok\r\nContent-Length: 49\r\n\r\n",
        "HTTP/1.1\r\nContent-Length: 49\r\n\r\n",
        "HTTP/1.1\n 200 ok\r\nContent-Length: 49\r\n\r\n",
        "HTTP/1.1\x00200\x00ok\r\nContent-Length: 49\r\n\r\n",
        "\r\n \t\r\nHTTP/1.1 200 ok\r\nContent-Length: 49\r\n\r\n",
        "foobar\r\nHTTP/1.1 200 ok\r\nContent-Length: 49\r\n\r\n",
        "http/1.1 200 ok\r\n\r\n",
        "",
    ] {
        let body = body_of(&[head.as_bytes(), TEXT].concat());
        assert_eq!(
            String::from_utf8_lossy(&body),
            String::from_utf8_lossy(TEXT),
            "{head:?}"
        );
    }
}

#[test]
fn every_disguise_of_chunked_is_undone() {
    for field in [
        "Transfer-Encoding: chunked",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding:: chunked",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: x\r\n chunked",
        "Transfer-Encoding:\r\n \r\n chunked\r\n ",
        "Transfer-Encoding\r\n :\r\n chunked",
        "Transfer-Encoding:chu\0nked",
        "Transfer\0-Encoding:chunked",
        "Transfer-Encoding:\x0bchunked",
        "Transfer-Encoding:\n\0chunked",
        "Transfer-Encoding: lalala\r\nTransfer-Encoding: chunked",
        "Content-Length: 10\r\nTransfer-Encoding: chunked",
        "X-Foo: bar\r\n Transfer-Encoding: chunked",
        "X-Foo: bar\rTransfer-Encoding: chunked",
        "\r \rTransfer-Encoding: chunked",
    ] {
        let head = format!("HTTP/1.1 200 ok\r\n{field}\r\nY: z\r\n\r\n");
        let body = body_of(&[head.as_bytes(), &chunked(TEXT)].concat());
        assert_eq!(
            String::from_utf8_lossy(&body),
            String::from_utf8_lossy(TEXT),
            "{field:?}"
        );
    }
}

#[test]
fn pipelined_requests_find_their_answers() {
    let requests = b"GET /1 HTTP/1.0\r\n\r\nGET /2 HTTP/1.0\r\n\r\nHEAD /3 HTTP/1.1\r\n\r\nPOST /4 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /5 HTTP/1.1\r\n\r\n";
    let answers = b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\naaHTTP/1.0 404 no\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nb\r\n0\r\n\r\nHTTP/1.1 304 x\r\n\r\n";
    for step in [1, 2, 7, 10_000] {
        let talk = play(requests, answers, step);
        let all = seen(&talk.transactions);
        let short: Vec<_> = all
            .iter()
            .map(|tx| (tx.line.as_str(), tx.status, tx.response_body.as_slice()))
            .collect();
        assert_eq!(
            short,
            [
                ("GET /1 HTTP/1.0", Some(200), &b"aa"[..]),
                ("GET /2 HTTP/1.0", Some(404), b""),
                ("HEAD /3 HTTP/1.1", Some(200), b""),
                ("POST /4 HTTP/1.1", Some(201), b"b"),
                ("GET /5 HTTP/1.1", Some(304), b""),
            ],
            "by {step}"
        );
        assert_eq!(all[3].request_body, b"abc");
        assert!(all.iter().all(|tx| tx.complete == [true; 2]));
    }
}

#[test]
fn only_answers_are_transactions_too() {
    let talk = play(
        b"",
        b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.0 404 x\r\n\r\n",
        1000,
    );
    let all = seen(&talk.transactions);
    assert_eq!(
        all.iter().map(|tx| tx.status).collect::<Vec<_>>(),
        [Some(200), Some(404)]
    );
}

#[test]
fn a_head_without_end_counts_when_the_peer_closes() {
    let talk = play(GET, b"HTTP/1.0 200 OK\nServer:ng1nx\r\n", 1000);
    let all = &talk.transactions;
    let Some(TxData::Http(http)) = all.iter().next().map(|tx| &tx.data) else {
        panic!("no transaction");
    };
    assert_eq!(http.response.headers.value("server"), Some(b"ng1nx".as_slice()));
}

#[test]
fn connect_and_upgrade_hand_the_flow_over() {
    for (request, response) in [
        ("CONNECT a:443 HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"),
        (
            "GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n",
            "HTTP/1.1 101 Switching\r\n\r\n",
        ),
    ] {
        let mut talk = Talk::new(Box::new(HttpParser::default()));
        talk.data(Direction::ToServer, request.as_bytes());
        assert!(!talk.probe_again);
        talk.data(Direction::ToClient, response.as_bytes());
        assert!(talk.probe_again && talk.parser.is_done(Direction::ToServer));
        assert!(talk.transactions.iter().all(AppTransaction::is_complete));
    }
}

#[test]
fn a_refused_connect_goes_on_with_http() {
    let mut talk = Talk::new(Box::new(HttpParser::default()));
    talk.data(Direction::ToServer, b"CONNECT a:443 HTTP/1.1\r\n\r\n");
    talk.data(
        Direction::ToClient,
        b"HTTP/1.1 403 no\r\nContent-Length: 0\r\n\r\n",
    );
    talk.data(Direction::ToServer, b"GET / HTTP/1.1\r\n\r\n");
    assert!(!talk.probe_again);
    assert_eq!(talk.transactions.len(), 2);
}

#[test]
fn uploads_become_files() {
    let body = b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nv\r\n--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"don.pdf\"\r\n\r\n%PDF-1.4 rest of it\r\n--x--\r\n";
    let request = [
        format!("POST /nop HTTP/1.1\r\nHost: h\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: {}\r\n\r\n", body.len()).as_bytes(),
        body,
    ]
    .concat();
    for step in [1, 9, 10_000] {
        let talk = play(&request, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", step);
        let all = seen(&talk.transactions);
        assert_eq!(
            all[0].files,
            [("don.pdf".to_owned(), 19, FileState::Closed)],
            "by {step}"
        );
        assert_eq!(all[0].request_body, body);
    }
}

#[test]
fn names_and_ends_of_files() {
    for (response, name, size, state) in [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
            "/dir/a.txt",
            3,
            FileState::Closed,
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
            "/dir/a.txt",
            3,
            FileState::Truncated,
        ),
        ("HTTP/1.1 200 OK\r\n\r\nabc", "/dir/a.txt", 3, FileState::Closed),
        (
            "HTTP/1.1 200 OK\r\nContent-Disposition: attachment; filename=\"b\"\r\n\r\nabc",
            "b",
            3,
            FileState::Closed,
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nHello World!\r\n",
            "/dir/a.txt",
            14,
            FileState::Closed,
        ),
    ] {
        let talk = play(GET, response.as_bytes(), 10_000);
        assert_eq!(
            seen(&talk.transactions)[0].files,
            [(name.to_owned(), size, state)],
            "{response:?}"
        );
    }
}

#[test]
fn holes_are_counted_and_the_next_answer_is_found() {
    let mut talk = Talk::new(Box::new(HttpParser::default()));
    talk.data(
        Direction::ToServer,
        b"GET /1 HTTP/1.0\r\n\r\nGET /2 HTTP/1.0\r\n\r\n",
    );
    talk.data(
        Direction::ToClient,
        b"HTTP/1.0 200 OK\r\nContent-Length: 70\r\n\r\nAAAA",
    );
    talk.gap(Direction::ToClient, 60);
    talk.data(Direction::ToClient, b"AAAAAA");
    talk.data(
        Direction::ToClient,
        b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nb",
    );
    let all = seen(&talk.transactions);
    assert_eq!(all[0].files, [("/1".to_owned(), 70, FileState::Truncated)]);
    assert_eq!(all[1].files, [("/2".to_owned(), 1, FileState::Closed)]);
}

#[test]
fn a_bare_line_is_old_http_unless_fields_follow() {
    let events = |request: &[u8]| -> Vec<&'static str> {
        let talk = play(request, b"<html>hello</html>", 10_000);
        let tx = talk.transactions.iter().next().unwrap();
        tx.events.iter().map(|event: &AppEvent| event.name).collect()
    };
    assert!(!events(b"GET /\n").contains(&"request_line_missing_protocol"));
    assert!(events(b"GET /\nHost: x\n\n").contains(&"request_line_missing_protocol"));
    assert!(events(b"GET /\n \n \n \n\n").contains(&"request_line_missing_protocol"));
}

#[test]
fn a_flood_of_requests_is_bounded() {
    let mut talk = Talk::new(Box::new(HttpParser::default()));
    talk.data(Direction::ToServer, &b"GET / HTTP/1.1\r\n\r\n".repeat(10_000));
    let open = talk.transactions.iter().filter(|tx| !tx.is_complete()).count();
    assert!(open <= talk.config.max_open_transactions + 1, "{open}");
}

#[test]
fn probes() {
    for (direction, bytes, verdict) in [
        (Direction::ToServer, &b"GET / HTTP/1.1\r\n"[..], Probe::Yes),
        (Direction::ToServer, b"\r\nPOST /", Probe::Yes),
        (Direction::ToServer, b"GE", Probe::Unsure),
        (Direction::ToServer, b"OPTIONS * HTTP/1.1\r\n", Probe::Yes),
        (Direction::ToServer, b"OPTIONS rtsp://a RTSP/1.0\r\n", Probe::No),
        (Direction::ToServer, b"PRI * HTTP/2.0\r\n", Probe::No),
        (Direction::ToServer, b"FOO /x HTTP/1.1\r\n", Probe::Yes),
        (Direction::ToServer, b"EHLO me\r\n", Probe::No),
        (Direction::ToServer, b"\x16\x03\x01", Probe::No),
        (Direction::ToClient, b"HTTP/1.1 200", Probe::Yes),
        (Direction::ToClient, b"HT", Probe::Unsure),
        (Direction::ToClient, b"220 hi", Probe::No),
    ] {
        assert_eq!(
            probe(direction, bytes),
            verdict,
            "{:?}",
            String::from_utf8_lossy(bytes)
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// However a conversation is cut, the transactions are the same.
    #[test]
    fn cuts_do_not_matter(seed in 1_usize..400, steps in prop::collection::vec(1_usize..60, 1..30)) {
        let request = [GET, b"POST /p HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"].concat();
        let response = [
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec(),
            chunked(&TEXT.repeat(seed % 5 + 1)),
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".to_vec(),
        ]
        .concat();
        let whole = play(&request, &response, usize::MAX);
        let mut talk = Talk::new(Box::new(HttpParser::default()));
        for (direction, bytes) in [(Direction::ToServer, request), (Direction::ToClient, response)] {
            let mut rest = bytes.as_slice();
            let mut steps = steps.iter().cycle();
            while !rest.is_empty() {
                let (piece, after) = rest.split_at((*steps.next().unwrap()).min(rest.len()));
                talk.data(direction, piece);
                rest = after;
            }
        }
        talk.end(Direction::ToServer);
        talk.end(Direction::ToClient);
        prop_assert_eq!(seen(&whole.transactions), seen(&talk.transactions));
    }

    /// Damaged conversations never panic and keep what they hold bounded.
    #[test]
    fn damage_does_no_harm(mut bytes in prop::collection::vec(any::<u8>(), 0..600), at in 0_usize..200, step in 1_usize..90) {
        let mut conversation = [b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n".as_slice(), TEXT].concat();
        conversation.splice(at.min(conversation.len()).., bytes.drain(..));
        let talk = play(&conversation, &conversation, step);
        prop_assert!(talk.transactions.iter().all(|tx| tx.events.len() < 100));
    }
}
