//! Web servers and proxies that write JSON: Caddy, Traefik, Envoy; and Envoy's own text format.

use saola_event::{Fields, Value};

use super::{Json, Text, json};
use crate::draft::Draft;
use crate::kinds;
use crate::part::clf;
use crate::part::pattern::{row, table};

pub(crate) static CADDY: Json = Json {
    name: "caddy",
    probe: |fields| fields.find_path("request.uri").is_some() && fields.find_path("request.method").is_some(),
    parse: |fields, draft, _| {
        draft.stamp(json::time_of(&fields));
        json::mapped(
            fields,
            draft,
            &[
                ("request.client_ip", "c-ip"),
                ("request.remote_ip", "c-ip"),
                ("request.remote_port", "c-port"),
                ("request.host", "cs-host"),
                ("request.method", "cs-method"),
                ("request.proto", "cs-version"),
                ("request.uri", "cs-uri"),
                ("status", "sc-status"),
                ("size", "sc-bytes"),
                ("request.headers.User-Agent", "cs-user-agent"),
                ("request.headers.Referer", "cs-referer"),
                ("user_id", "cs-username"),
            ],
        );
        finish(draft);
    },
};

pub(crate) static TRAEFIK: Json = Json {
    name: "traefik",
    probe: |fields| fields.find("RequestPath").is_some() && fields.find("ClientHost").is_some(),
    parse: |fields, draft, _| {
        draft.stamp(json::time_of(&fields));
        json::mapped(
            fields,
            draft,
            &[
                ("ClientHost", "c-ip"),
                ("ClientPort", "c-port"),
                ("RequestHost", "cs-host"),
                ("RequestMethod", "cs-method"),
                ("RequestProtocol", "cs-version"),
                ("RequestPath", "cs-uri"),
                ("DownstreamStatus", "sc-status"),
                ("DownstreamContentSize", "sc-bytes"),
                ("request_User-Agent", "cs-user-agent"),
                ("request_Referer", "cs-referer"),
                ("ClientUsername", "cs-username"),
            ],
        );
        finish(draft);
    },
};

pub(crate) static ENVOY: Json = Json {
    name: "envoy",
    probe: |fields| fields.find(":authority").is_some() || fields.find("downstream_remote_address").is_some(),
    parse: |mut fields, draft, _| {
        draft.stamp(json::time_of(&fields));
        let client = ["x-forwarded-for", "downstream_remote_address"]
            .iter()
            .find_map(|name| {
                let list = fields.find(name).and_then(Value::as_borrowed)?;
                list.split(',')
                    .next()
                    .map(str::trim)
                    .filter(|client| !client.is_empty())
            });
        if let Some(client) = client {
            draft.set("@client", client);
        }
        fields.append(std::mem::take(&mut draft.fields));
        json::mapped(
            fields,
            draft,
            &[
                (":authority", "cs-host"),
                ("method", "cs-method"),
                ("protocol", "cs-version"),
                ("x-envoy-origin-path", "cs-uri"),
                ("path", "cs-uri"),
                ("response_code", "sc-status"),
                ("bytes_sent", "sc-bytes"),
                ("bytes_received", "cs-bytes"),
                ("user-agent", "cs-user-agent"),
            ],
        );
        finish(draft);
    },
};

table!(ENVOY_LINE:
    row("] \"", r#"^\[[^\]]+\] "(\S+ \S+(?: HTTP/[\d.]+)?)" (\d{3}) \S+ (\d+) (\d+) \d+ \S+ "([^",]*)[^"]*" "([^"]*)" "[^"]*" "([^"]*)" "([^"]*)""#,
        &["@request", "sc-status", "cs-bytes", "sc-bytes", "@client", "cs-user-agent", "cs-host", "upstream"], &[]),
);

/// Envoy's default text format.
pub(crate) static ENVOY_TEXT: Text = Text {
    name: "envoy",
    programs: &["envoy"],
    probe: |input| {
        let body = input.body;
        body.starts_with("[20") && body.get(11..12) == Some("T") && body.contains("Z] \"")
    },
    parse: |input, draft| {
        let body = input.body;
        let known = ENVOY_LINE.first(body, draft);
        draft.stamp(
            body.get(1..)
                .and_then(crate::time::prefix)
                .map(|(stamp, _)| stamp),
        );
        draft.sources = kinds::webserver();
        known.then_some(())
    },
};

/// The parts of the target, and the log source.
fn finish(draft: &mut Draft<'_>) {
    // A header is a list of its values.
    for (_, value) in draft
        .fields
        .iter_mut()
        .filter(|(name, _)| name.starts_with("cs-"))
    {
        if let Value::List(items) = value
            && let Some(first) = items.first()
        {
            *value = first.clone();
        }
    }
    split_target(draft);
    draft.sources = kinds::webserver();
}

/// Adds the parts of `cs-uri`, when there is one.
pub(crate) fn split_target(draft: &mut Draft<'_>) {
    if let Some(target) = draft.fields.find("cs-uri").and_then(Value::as_borrowed) {
        clf::target(target, draft);
    } else if let Some(target) = draft.fields.text("cs-uri").map(str::to_owned) {
        split_owned(&target, &mut draft.fields);
    }
}

fn split_owned(target: &str, fields: &mut Fields<'_>) {
    let (stem, query) = target
        .split_once('?')
        .map_or((target, None), |(stem, query)| (stem, Some(query)));
    fields.push("cs-uri-stem", stem.to_owned());
    fields.push_some("cs-uri-query", query.map(str::to_owned));
}

#[cfg(test)]
mod tests {
    use crate::source::tests::event;

    #[test]
    fn each_is_found_and_read() {
        for (parser, line) in [
            (
                "caddy",
                r#"{"ts":1795307400.5,"request":{"client_ip":"10.0.0.7","method":"GET","uri":"/a?b=1","host":"x","headers":{"User-Agent":["curl"]}},"status":200}"#,
            ),
            (
                "traefik",
                r#"{"ClientHost":"10.0.0.7","RequestMethod":"GET","RequestPath":"\/a?b=1","DownstreamStatus":200,"request_User-Agent":"curl"}"#,
            ),
            (
                "envoy",
                r#"2026-11-22T07:30:00+07:00 stdout F {":authority":"x","downstream_remote_address":"10.0.0.7:1","method":"GET","x-envoy-origin-path":"/a?b=1","response_code":200,"user-agent":"curl"}"#,
            ),
            (
                "envoy",
                r#"[2026-11-22T00:30:00.310Z] "GET /a?b=1 HTTP/2" 200 - 1 0 2 1 "10.0.0.7, 10.0.0.8" "curl" "id" "x" "tcp://10.0.2.1:80""#,
            ),
        ] {
            let event = event(line);
            assert_eq!(event.parser, parser, "{line}");
            for (name, value) in [
                ("c-ip", "10.0.0.7"),
                ("cs-method", "GET"),
                ("cs-uri", "/a?b=1"),
                ("cs-uri-stem", "/a"),
                ("cs-uri-query", "b=1"),
                ("cs-user-agent", "curl"),
            ] {
                assert_eq!(event.fields.text(name), Some(value), "{name} of {line}");
            }
            assert_eq!(
                event
                    .fields
                    .find("sc-status")
                    .and_then(saola_event::Value::as_i64),
                Some(200),
                "{line}"
            );
        }
    }
}
