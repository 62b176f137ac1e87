//! Elasticsearch's bulk interface, as far as shippers write to it.
//!
//! A body is pairs of lines: what to do, and the document. The document is handed on as it came: rsyslog's
//! omelasticsearch sends whatever its template makes, which need not be JSON.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::ingest::{Ingest, Peer, Refused};
use crate::split::{self, SplitError};

/// The version that shippers are told: they ask before they send, and refuse what they do not know.
const VERSION: &str = "8.17.0";

/// What a line says is to be done with the next.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Action {
    verb: &'static str,
    index: Option<String>,
}

#[derive(Deserialize)]
struct Target {
    #[serde(rename = "_index")]
    index: Option<String>,
}

/// `POST /_bulk` and its longer paths.
pub(crate) async fn bulk(
    State(ingest): State<Arc<Ingest>>,
    Extension(Peer(peer)): Extension<Peer>,
    path: Option<Path<Vec<(String, String)>>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let index = path.and_then(|Path(names)| names.into_iter().next());
    let taken = async {
        let source = ingest.of_token(&headers)?;
        let body = ingest.body(&headers, body).await?;
        let (actions, documents) = pairs(&body)?;
        let documents = documents.into_iter().map(Cow::Borrowed).collect();
        ingest.take(source, peer, documents).await?;
        Ok::<_, Refused>(actions)
    };
    match taken.await {
        Ok(actions) => product(Json(done(
            &actions,
            index.as_ref().map(|(_, name)| name.as_str()),
        ))),
        Err(refused) => {
            ingest.count(&refused);
            let kind = if refused.status() == StatusCode::UNAUTHORIZED {
                "security_exception"
            } else {
                "illegal_argument_exception"
            };
            let error = json!({ "type": kind, "reason": refused.to_string() });
            product(refused.response(Json(
                json!({ "error": error, "status": refused.status().as_u16() }),
            )))
        }
    }
}

/// The actions of a body, and its documents.
fn pairs(body: &[u8]) -> Result<(Vec<Action>, Vec<&[u8]>), SplitError> {
    let (mut actions, mut documents) = (Vec::new(), Vec::new());
    let mut lines = split::lines(body).into_iter().enumerate();
    while let Some((number, line)) = lines.next() {
        let action = action(line).ok_or(SplitError::Action(number + 1))?;
        if action.verb != "delete" {
            let (_, document) = lines.next().ok_or(SplitError::Action(number + 2))?;
            documents.push(document);
        }
        actions.push(action);
    }
    Ok((actions, documents))
}

fn action(line: &[u8]) -> Option<Action> {
    let line: Map<String, Value> = serde_json::from_slice(line).ok()?;
    let (verb, target) = line.into_iter().next()?;
    let verb = ["index", "create", "update", "delete"]
        .into_iter()
        .find(|known| *known == verb)?;
    let target: Target = serde_json::from_value(target).ok()?;
    Some(Action {
        verb,
        index: target.index,
    })
}

fn done(actions: &[Action], index: Option<&str>) -> Value {
    let item = |action: &Action| {
        let created = matches!(action.verb, "index" | "create");
        let (status, result) = if created { (201, "created") } else { (200, "noop") };
        let index = action.index.as_deref().or(index).unwrap_or("logs");
        json!({ action.verb: { "_index": index, "status": status, "result": result } })
    };
    let items: Vec<_> = actions.iter().map(item).collect();
    json!({ "took": 0, "errors": false, "items": items })
}

/// `GET /` and `HEAD /`: what shippers ask first.
pub(crate) async fn root() -> Response {
    product(Json(json!({
        "name": "saola",
        "cluster_name": "saola",
        "cluster_uuid": "saola",
        "version": { "number": VERSION, "build_flavor": "default", "minimum_wire_compatibility_version": "7.17.0",
                     "minimum_index_compatibility_version": "7.0.0" },
        "tagline": "You Know, for Search",
    })))
}

/// `GET /_license`: Beats want to see one that is active.
pub(crate) async fn license() -> Response {
    let license = json!({ "uid": "saola", "type": "basic", "mode": "basic", "status": "active" });
    product(Json(json!({ "license": license })))
}

/// What shippers set up in their store before they write. There is nothing to set up here: reads find nothing, writes
/// are acknowledged and mean nothing.
pub(crate) async fn acknowledged(request: Request) -> Response {
    match *request.method() {
        Method::GET | Method::HEAD => product((StatusCode::NOT_FOUND, Json(json!({})))),
        _ => product(Json(json!({ "acknowledged": true }))),
    }
}

/// The header without which the official clients refuse an answer.
fn product(response: impl IntoResponse) -> Response {
    let mut response = response.into_response();
    response.headers_mut().insert(
        HeaderName::from_static("x-elastic-product"),
        HeaderValue::from_static("Elasticsearch"),
    );
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_need_not_be_json() {
        let body = b"{\"index\":{\"_index\":\"a\"}}\n<13>plain text\n{\"create\":{}}\r\n{\"b\":1}\n{\"delete\":{\"_id\":\"1\"}}\n{\"update\":{\"_id\":\"2\"}}\n{\"doc\":{}}\n";
        let (actions, documents) = pairs(body).unwrap();
        assert_eq!(
            documents,
            [b"<13>plain text".as_slice(), b"{\"b\":1}", b"{\"doc\":{}}"]
        );
        let answer = done(&actions, Some("way"));
        assert_eq!(answer["items"][0]["index"]["_index"], "a");
        assert_eq!(answer["items"][1]["create"]["_index"], "way");
        assert_eq!(answer["items"].as_array().unwrap().len(), 4);
    }

    #[test]
    fn bodies_that_are_none() {
        for (body, line) in [
            ("{\"a\":1}\n{}", 1),
            ("{\"index\":{}}\n", 2),
            ("{\"index\":{}}\n{}\nx\n", 3),
        ] {
            assert_eq!(
                pairs(body.as_bytes()).unwrap_err(),
                SplitError::Action(line),
                "{body}"
            );
        }
    }
}
