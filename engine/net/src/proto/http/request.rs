//! Requests: from line and header block to the fields of [`Request`], with the events they raise.

use super::framing::{content_length, transfer_coding};
use super::headers::{Headers, is_blank};
use super::transaction::Request;
use super::uri;

/// Names of events, gathered while a head is read.
pub(super) type Events = Vec<&'static str>;

/// Schemes of `Authorization` that are known; any other is worth a look.
const AUTH_SCHEMES: &[&str] = &["basic", "digest", "bearer", "negotiate", "ntlm"];

/// Reads a request line.
pub(super) fn parse_line(line: &[u8], events: &mut Events) -> Request {
    let start = line
        .iter()
        .position(|byte| !is_blank(*byte))
        .unwrap_or(line.len());
    if start > 0 {
        events.push("request_line_leading_whitespace");
    }
    let rest = line.get(start..).unwrap_or_default();
    let (method, rest) = rest.split_at(rest.iter().position(|byte| is_blank(*byte)).unwrap_or(rest.len()));
    if rest.first().is_some_and(|delimiter| *delimiter != b' ') {
        events.push("method_delim_non_compliant");
    }
    let rest = super::headers::trim(rest);
    let (uri_raw, protocol) = split_protocol(rest);
    let target = uri::parse(uri_raw);
    if target.double_encoded {
        events.push("double_encoded_uri");
    }
    let mut request = Request {
        line: line.to_vec(),
        method: method.to_vec(),
        uri_raw: uri_raw.to_vec(),
        uri: target.uri,
        path: target.path,
        protocol: protocol.to_vec(),
        seen: true,
        ..Request::default()
    };
    let authority = if method.eq_ignore_ascii_case(b"CONNECT") {
        Some(uri_raw.to_vec())
    } else {
        target.authority
    };
    if let Some(authority) = authority
        && !set_host(&mut request, &authority)
    {
        events.push("uri_host_invalid");
    }
    request
}

/// Target and protocol: the protocol is the last word when it begins with `HTTP/`; blanks before it belong to the target.
fn split_protocol(rest: &[u8]) -> (&[u8], &[u8]) {
    let last = rest
        .iter()
        .rposition(|byte| is_blank(*byte))
        .map_or(0, |at| at + 1);
    let (target, protocol) = rest.split_at(last);
    if protocol
        .get(..5)
        .is_some_and(|start| start.eq_ignore_ascii_case(b"HTTP/"))
    {
        (super::headers::trim(target), protocol)
    } else {
        (rest, b"")
    }
}

/// Takes host and port of an authority; `false` when it is not a valid one (the text is kept all the same).
fn set_host(request: &mut Request, authority: &[u8]) -> bool {
    request.host_raw = Some(authority.to_vec());
    let Some((host, port)) = uri::split_host(authority) else {
        request.host = Some(authority.to_ascii_lowercase());
        return false;
    };
    let valid = uri::valid_host(&host);
    request.host = Some(host);
    request.port = port;
    valid
}

/// Takes the header block in.
pub(super) fn set_headers(request: &mut Request, headers: Headers, events: &mut Events) {
    let oddities = headers.oddities;
    if oddities.no_colon {
        events.push("request_field_missing_colon");
    }
    if oddities.folded {
        events.push("invalid_request_field_folding");
    }
    if oddities.invalid_name {
        events.push("request_header_invalid");
    }
    if oddities.repeated {
        events.push("request_header_repetition");
    }
    if oddities.too_many {
        events.push("request_too_many_headers");
    }
    if let Some(length) = content_length(&headers) {
        if length.several {
            events.push("duplicate_content_length_field_in_request");
        }
        if length.invalid && !length.several {
            events.push("invalid_content_length_field_in_request");
        }
    }
    let coding = transfer_coding(&headers);
    if coding.odd {
        events.push("invalid_transfer_encoding_value_in_request");
    }
    if let Some(scheme) = headers.value("authorization") {
        let scheme = scheme.split(|byte| is_blank(*byte)).next().unwrap_or_default();
        if !AUTH_SCHEMES
            .iter()
            .any(|known| scheme.eq_ignore_ascii_case(known.as_bytes()))
        {
            events.push("request_auth_unrecognized");
        }
    }
    set_host_field(request, &headers, events);
    request.headers = headers;
}

fn set_host_field(request: &mut Request, headers: &Headers, events: &mut Events) {
    let Some(field) = headers.value("host") else {
        if request.protocol.eq_ignore_ascii_case(b"HTTP/1.1") && request.host.is_none() {
            events.push("missing_host_header");
        }
        return;
    };
    let field = field.to_vec();
    if let Some(of_target) = request.host.clone() {
        // The target decides (RFC 9112 section 3.2.2); a different field is how gateways are fooled.
        if uri::split_host(&field).is_none_or(|(host, _)| host != of_target) {
            events.push("host_header_ambiguous");
        }
    } else if !set_host(request, &field) {
        events.push("request_header_host_invalid");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> (Request, Events) {
        let mut events = Events::new();
        let request = parse_line(text.as_bytes(), &mut events);
        (request, events)
    }

    #[test]
    fn lines() {
        for (text, method, target, protocol) in [
            ("GET / HTTP/1.1", "GET", "/", "HTTP/1.1"),
            (
                "GET /uri afterspace HTTP/1.1",
                "GET",
                "/uri afterspace",
                "HTTP/1.1",
            ),
            ("GET  /x   HTTP/1.0 ", "GET", "/x", "HTTP/1.0"),
            ("GET\t/x\tHTTP/1.0", "GET", "/x", "HTTP/1.0"),
            ("GET /", "GET", "/", ""),
            ("GET / http/1.1", "GET", "/", "http/1.1"),
            ("GET", "GET", "", ""),
            ("", "", "", ""),
        ] {
            let (request, _) = line(text);
            assert_eq!(request.method, method.as_bytes(), "{text:?}");
            assert_eq!(request.uri_raw, target.as_bytes(), "{text:?}");
            assert_eq!(request.protocol, protocol.as_bytes(), "{text:?}");
        }
    }

    #[test]
    fn hosts_of_target_and_field() {
        let (mut request, mut events) = line("GET http://A.example:81/x HTTP/1.1");
        set_headers(
            &mut request,
            Headers::parse(b"Host: b.example\r\n".to_vec()),
            &mut events,
        );
        assert_eq!(request.host.as_deref(), Some(b"a.example".as_slice()));
        assert_eq!(request.port, Some(81));
        assert_eq!(events, ["host_header_ambiguous"]);
    }

    #[test]
    fn heads_raise_events() {
        for (headers, event) in [
            ("", Some("missing_host_header")),
            ("Host: a..b\r\n", Some("request_header_host_invalid")),
            ("Host: [::1]:8000\r\n", None),
            ("Host: a\r\nnothing\r\n", Some("request_field_missing_colon")),
            (
                "Host: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
                Some("duplicate_content_length_field_in_request"),
            ),
            (
                "Host: a\r\nAuthorization: Turbo x\r\n",
                Some("request_auth_unrecognized"),
            ),
            ("Host: a\r\nAuthorization: Bearer x\r\n", None),
            (
                "Host: a\r\nTransfer-Encoding: xx\r\n",
                Some("invalid_transfer_encoding_value_in_request"),
            ),
        ] {
            let (mut request, mut events) = line("GET / HTTP/1.1");
            set_headers(
                &mut request,
                Headers::parse(headers.as_bytes().to_vec()),
                &mut events,
            );
            match event {
                Some(event) => assert!(events.contains(&event), "{headers:?}: {events:?}"),
                None => assert!(events.is_empty(), "{headers:?}: {events:?}"),
            }
        }
    }
}
