//! HTTP/1.x buffers.

use std::borrow::Cow;

use saola_net::Direction;
use saola_net::app::Transaction as AppTransaction;
use saola_net::proto::http::{Body, Headers, Transaction, progress};

use super::Values;
use crate::rule::{Buffer, Stage};

/// Stages of the parser's progress.
pub(super) fn stage(reached: u8) -> Stage {
    match reached {
        progress::NONE => Stage::Started,
        progress::LINE => Stage::Line,
        progress::HEADERS => Stage::Headers,
        progress::BODY => Stage::Body,
        _ => Stage::Complete,
    }
}

fn some(bytes: &[u8]) -> Values<'_> {
    std::iter::once(Cow::Borrowed(bytes)).collect()
}

fn made<'a>(bytes: Vec<u8>) -> Values<'a> {
    std::iter::once(Cow::Owned(bytes)).collect()
}

fn present(bytes: &[u8]) -> Values<'_> {
    if bytes.is_empty() {
        Values::new()
    } else {
        some(bytes)
    }
}

fn optional(bytes: Option<&[u8]>) -> Values<'_> {
    bytes.map(some).unwrap_or_default()
}

fn body(body: &Body) -> Values<'_> {
    present(body.window.bytes())
}

/// `name: value` of each field, for the buffers that show one header a time.
fn fields(headers: &Headers) -> Values<'_> {
    headers
        .iter()
        .map(|(name, value)| Cow::Owned([name, b": ", value].concat()))
        .collect()
}

/// The values of a buffer.
pub(super) fn bytes<'a>(
    tx: &'a Transaction,
    whole: &'a AppTransaction,
    buffer: Buffer,
    direction: Direction,
) -> Values<'a> {
    let (request, response) = (&tx.request, &tx.response);
    let to_server = direction == Direction::ToServer;
    let seen = if to_server { request.seen } else { response.seen };
    if !seen {
        return Values::new();
    }
    let headers = if to_server {
        &request.headers
    } else {
        &response.headers
    };
    match buffer {
        Buffer::HttpUri => some(&request.uri),
        Buffer::HttpUriRaw => some(&request.uri_raw),
        Buffer::HttpMethod => present(&request.method),
        Buffer::HttpProtocol => present(if to_server {
            &request.protocol
        } else {
            &response.protocol
        }),
        Buffer::HttpRequestLine => present(&request.line),
        Buffer::HttpResponseLine => present(&response.line),
        Buffer::HttpHeader => present(headers.normalised()),
        Buffer::HttpHeaderRaw => present(&headers.raw),
        Buffer::HttpHeaderNames if headers.is_empty() => Values::new(),
        Buffer::HttpHeaderNames => made(headers.names()),
        Buffer::HttpRequestHeader | Buffer::HttpResponseHeader => fields(headers),
        Buffer::HttpCookie => optional(headers.value(if to_server { "cookie" } else { "set-cookie" })),
        Buffer::HttpUserAgent => optional(headers.value("user-agent")),
        Buffer::HttpHost => optional(request.host.as_deref()),
        Buffer::HttpHostRaw => optional(request.host_raw.as_deref()),
        Buffer::HttpReferer => optional(headers.value("referer")),
        Buffer::HttpAccept => optional(headers.value("accept")),
        Buffer::HttpAcceptEncoding => optional(headers.value("accept-encoding")),
        Buffer::HttpAcceptLanguage => optional(headers.value("accept-language")),
        Buffer::HttpConnection => optional(headers.value("connection")),
        Buffer::HttpContentType => optional(headers.value("content-type")),
        Buffer::HttpContentLength => optional(headers.value("content-length")),
        Buffer::HttpLocation => optional(headers.value("location")),
        Buffer::HttpServer => optional(headers.value("server")),
        Buffer::HttpStart => made(if to_server {
            request.start()
        } else {
            response.start()
        }),
        Buffer::HttpRequestBody => body(&request.body),
        Buffer::HttpResponseBody => body(&response.body),
        Buffer::HttpStatCode => present(&response.status_raw),
        Buffer::HttpStatMsg => present(&response.message),
        Buffer::FileData if to_server => {
            let files = super::file_contents(whole, direction);
            // A body that is sent as it is, is a file without being told so.
            if files.is_empty() {
                body(&request.body)
            } else {
                files
            }
        }
        Buffer::FileData => body(&response.body),
        _ => Values::new(),
    }
}
