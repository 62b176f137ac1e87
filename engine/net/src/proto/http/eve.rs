//! The `http` object of EVE.

use serde_json::{Map, Value, json};

use super::framing::content_range;
use super::headers::Headers;
use super::transaction::Transaction;
use crate::proto::text;

/// What the record holds besides the basics (`eve.types.http.*`).
#[derive(Clone, Debug)]
pub struct Options {
    /// Method, protocol, status, length, referrer, redirect (`extended`).
    pub extended: bool,
    /// All request header fields (`dump-all-headers: request` or `both`).
    pub request_headers: bool,
    /// All response header fields (`dump-all-headers: response` or `both`).
    pub response_headers: bool,
    /// Further fields by name (`custom`), logged in lower case with underscores.
    pub custom: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            extended: true,
            request_headers: false,
            response_headers: false,
            custom: Vec::new(),
        }
    }
}

/// The object for one transaction.
pub fn object(tx: &Transaction, options: &Options) -> Value {
    let mut object = Map::new();
    basics(tx, &mut object);
    if options.extended {
        extended(tx, &mut object);
    }
    for name in &options.custom {
        let value = tx
            .request
            .headers
            .value(name)
            .or_else(|| tx.response.headers.value(name));
        if let Some(value) = value {
            let key = name.to_ascii_lowercase().replace('-', "_");
            object.entry(key).or_insert_with(|| text(value).into());
        }
    }
    if options.request_headers && tx.request.seen {
        object.insert("request_headers".to_owned(), all(&tx.request.headers));
    }
    if options.response_headers && tx.response.seen {
        object.insert("response_headers".to_owned(), all(&tx.response.headers));
    }
    Value::Object(object)
}

fn basics(tx: &Transaction, object: &mut Map<String, Value>) {
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            object.insert(key.to_owned(), value);
        }
    };
    let request = &tx.request;
    put("hostname", request.host.as_ref().map(|host| text(host).into()));
    put("http_port", request.port.map(Value::from));
    put("url", request.seen.then(|| text(&request.uri_raw).into()));
    put(
        "http_user_agent",
        request
            .headers
            .value("user-agent")
            .map(|agent| text(agent).into()),
    );
    let content_type = tx.response.headers.value("content-type").map(|kind| {
        let kind = kind.split(|byte| *byte == b';').next().unwrap_or_default();
        text(kind.trim_ascii()).into()
    });
    put("http_content_type", content_type);
    put(
        "content_range",
        tx.response.headers.value("content-range").map(range),
    );
}

fn range(raw: &[u8]) -> Value {
    let mut object = Map::new();
    object.insert("raw".to_owned(), text(raw).into());
    if let Some((first, last, total)) = content_range(raw) {
        object.insert("start".to_owned(), first.into());
        object.insert("end".to_owned(), last.into());
        if let Some(total) = total {
            object.insert("size".to_owned(), total.into());
        }
    }
    Value::Object(object)
}

fn extended(tx: &Transaction, object: &mut Map<String, Value>) {
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            object.insert(key.to_owned(), value);
        }
    };
    let (request, response) = (&tx.request, &tx.response);
    put(
        "http_refer",
        request
            .headers
            .value("referer")
            .map(|referer| text(referer).into()),
    );
    put("http_method", request.seen.then(|| text(&request.method).into()));
    let protocol = [&request.protocol, &response.protocol]
        .into_iter()
        .find(|protocol| !protocol.is_empty());
    put("protocol", protocol.map(|protocol| text(protocol).into()));
    match response.status {
        Some(status) => put("status", Some(status.into())),
        None if !response.status_raw.is_empty() => {
            put("status_string", Some(text(&response.status_raw).into()));
        }
        None => {}
    }
    let redirect = response
        .headers
        .value("location")
        .filter(|_| response.status.is_some_and(|status| (300..400).contains(&status)));
    put("redirect", redirect.map(|location| text(location).into()));
    put("length", Some(response.body.sent_bytes.into()));
}

fn all(headers: &Headers) -> Value {
    headers
        .iter()
        .map(|(name, value)| json!({ "name": text(name), "value": text(value) }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::http::{Request, Response};

    fn transaction() -> Transaction {
        Transaction {
            request: Request {
                method: b"GET".to_vec(),
                uri_raw: b"/a?b".to_vec(),
                protocol: b"HTTP/1.1".to_vec(),
                host: Some(b"h.example".to_vec()),
                headers: Headers::parse(b"User-Agent: x\r\nReferer: r\r\n".to_vec()),
                seen: true,
                ..Request::default()
            },
            response: Response {
                status: Some(302),
                headers: Headers::parse(
                    b"Content-Type: text/html; charset=utf-8\r\nLocation: /l\r\nContent-Range: bytes 1-2/9\r\n".to_vec(),
                ),
                seen: true,
                ..Response::default()
            },
        }
    }

    #[test]
    fn extended_record() {
        let options = Options {
            response_headers: true,
            custom: vec!["Content-Range".to_owned()],
            ..Options::default()
        };
        let expected = json!({
            "hostname": "h.example", "url": "/a?b", "http_user_agent": "x", "http_content_type": "text/html",
            "content_range": {"raw": "bytes 1-2/9", "start": 1, "end": 2, "size": 9},
            "http_refer": "r", "http_method": "GET", "protocol": "HTTP/1.1", "status": 302, "redirect": "/l", "length": 0,
            "response_headers": [
                {"name": "Content-Type", "value": "text/html; charset=utf-8"},
                {"name": "Location", "value": "/l"},
                {"name": "Content-Range", "value": "bytes 1-2/9"},
            ],
        });
        assert_eq!(object(&transaction(), &options), expected);
    }

    #[test]
    fn short_record_has_no_method() {
        let options = Options {
            extended: false,
            ..Options::default()
        };
        let record = object(&transaction(), &options);
        assert!(record.get("http_method").is_none() && record.get("url").is_some());
        assert_eq!(
            record["content_range"],
            json!({"raw": "bytes 1-2/9", "start": 1, "end": 2, "size": 9})
        );
    }
}
