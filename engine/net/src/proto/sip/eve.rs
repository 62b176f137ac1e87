//! The `sip` object of EVE.

use serde_json::{Map, Value};

use super::{StartLine, Transaction};
use crate::proto::text;

/// The object for one message.
pub fn object(tx: &Transaction) -> Value {
    let mut object = Map::new();
    let mut put = |key: &str, bytes: &[u8]| {
        object.insert(key.to_owned(), text(bytes).into());
    };
    match &tx.start {
        StartLine::Request { method, uri, version } => {
            put("method", method);
            put("uri", uri);
            put("version", version);
            put("request_line", &tx.line);
        }
        StartLine::Response {
            version,
            code,
            reason,
        } => {
            put("version", version);
            put("code", code);
            put("reason", reason);
            put("response_line", &tx.line);
        }
    }
    if let Some(sdp) = &tx.sdp {
        object.insert("sdp".to_owned(), sdp.object());
    }
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::flow::Direction;
    use crate::proto::http::Headers;

    #[test]
    fn a_response() {
        let tx = Transaction {
            direction: Direction::ToClient,
            line: b"SIP/2.0 401 Unauthorized".to_vec(),
            start: StartLine::Response {
                version: b"SIP/2.0".to_vec(),
                code: b"401".to_vec(),
                reason: b"Unauthorized".to_vec(),
            },
            headers: Headers::default(),
            body: Vec::new(),
            sdp: None,
        };
        assert_eq!(
            object(&tx),
            json!({
                "version": "SIP/2.0", "code": "401", "reason": "Unauthorized",
                "response_line": "SIP/2.0 401 Unauthorized",
            })
        );
    }
}
