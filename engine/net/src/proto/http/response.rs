//! Responses: from status line and header block to the fields of [`Response`], with the events they raise.

use super::framing::{content_length, transfer_coding};
use super::headers::{Headers, is_blank, trim};
use super::request::Events;
use super::transaction::Response;

/// Reads a status line.
pub(super) fn parse_line(line: &[u8], events: &mut Events) -> Response {
    let mut rest = trim(line);
    let protocol = word(&mut rest);
    let status_raw = word(&mut rest);
    let status = std::str::from_utf8(status_raw)
        .ok()
        .filter(|text| text.len() <= 4)
        .and_then(|text| text.parse::<u16>().ok());
    let well_formed = [&b"HTTP/1.0"[..], b"HTTP/1.1"].contains(&protocol);
    if !well_formed {
        events.push("response_invalid_protocol");
    }
    if !status.is_some_and(|status| (100..1000).contains(&status)) {
        events.push("response_invalid_status");
    }
    Response {
        line: line.to_vec(),
        protocol: protocol.to_vec(),
        status_raw: status_raw.to_vec(),
        status,
        message: trim(rest).to_vec(),
        seen: true,
        ..Response::default()
    }
}

/// Takes a word and the blanks before it off the front.
fn word<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let start = rest
        .iter()
        .position(|byte| !is_blank(*byte))
        .unwrap_or(rest.len());
    let text = rest.get(start..).unwrap_or_default();
    let end = text.iter().position(|byte| is_blank(*byte)).unwrap_or(text.len());
    let (word, after) = text.split_at(end);
    *rest = after;
    word
}

/// Takes the header block in.
pub(super) fn set_headers(response: &mut Response, headers: Headers, events: &mut Events) {
    let oddities = headers.oddities;
    if oddities.no_colon {
        events.push("response_field_missing_colon");
    }
    if oddities.folded {
        events.push("invalid_response_field_folding");
    }
    if oddities.invalid_name {
        events.push("response_header_invalid");
    }
    if oddities.too_many {
        events.push("response_too_many_headers");
    }
    if let Some(length) = content_length(&headers) {
        if length.several {
            events.push("duplicate_content_length_field_in_response");
        }
        if length.invalid && !length.several {
            events.push("invalid_content_length_field_in_response");
        }
    }
    let coding = transfer_coding(&headers);
    if coding.odd {
        events.push("invalid_transfer_encoding_value_in_response");
    }
    if coding.chunked && !response.protocol.eq_ignore_ascii_case(b"HTTP/1.1") {
        events.push("response_chunked_old_proto");
    }
    if headers.value("content-type").is_some_and(|kind| {
        kind.get(..20)
            .is_some_and(|kind| kind.eq_ignore_ascii_case(b"multipart/byteranges"))
    }) {
        events.push("response_multipart_byteranges");
    }
    response.headers = headers;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        for (line, protocol, raw, status, message, events) in [
            ("HTTP/1.1 200 OK", "HTTP/1.1", "200", Some(200), "OK", 0),
            (
                "HTTP/1.0 404 Not Found",
                "HTTP/1.0",
                "404",
                Some(404),
                "Not Found",
                0,
            ),
            ("HTTP/1.1\r 200 ok", "HTTP/1.1", "200", Some(200), "ok", 0),
            ("HTTP/1.1\x0b200\x0bok", "HTTP/1.1", "200", Some(200), "ok", 0),
            ("HTTP/1.0 2XX OK", "HTTP/1.0", "2XX", None, "OK", 1),
            ("HTTP/1.1", "HTTP/1.1", "", None, "", 1),
            ("HTTP/1.1 2000 ok", "HTTP/1.1", "2000", Some(2000), "ok", 1),
            ("HTTP/0.9 200 ok", "HTTP/0.9", "200", Some(200), "ok", 1),
            ("HTTP/1.1foobar", "HTTP/1.1foobar", "", None, "", 2),
        ] {
            let mut found = Events::new();
            let response = parse_line(line.as_bytes(), &mut found);
            assert_eq!(response.protocol, protocol.as_bytes(), "{line:?}");
            assert_eq!(response.status_raw, raw.as_bytes(), "{line:?}");
            assert_eq!(response.status, status, "{line:?}");
            assert_eq!(response.message, message.as_bytes(), "{line:?}");
            assert_eq!(found.len(), events, "{line:?}: {found:?}");
        }
    }
}
